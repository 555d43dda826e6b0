//! Words of a policy on their way into the page's Markdown, and lists and dates as people read them.

/// `words` so that nothing in them becomes markup.
pub(super) fn plain(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for sign in words.chars() {
        if matches!(sign, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            plain.push('\\');
        }
        plain.push(if sign.is_control() { ' ' } else { sign });
    }
    plain
}

/// With a capital letter first.
pub(super) fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., end] => format!("{} {last} {end}", all.join(", ")),
    }
}

/// A day of every year: `October 15`.
pub(super) fn day_of_year((month, day): (i8, i8)) -> String {
    // A leap year, so that February 29 can be told.
    jiff::civil::Date::new(2024, month, day).map_or_else(|_| String::new(), |date| date.strftime("%B %-d").to_string())
}

/// A time of day, in minutes from midnight: `8:00 am`.
pub(super) fn time_of_day(minutes: u16) -> String {
    let (hour, minute) = (minutes / 60, minutes % 60);
    let half = if hour % 24 < 12 { "am" } else { "pm" };
    format!("{}:{minute:02} {half}", if hour % 12 == 0 { 12 } else { hour % 12 })
}

/// A sentence of the desk's, with its full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', ')']) { text.to_owned() } else { format!("{text}.") }
}
