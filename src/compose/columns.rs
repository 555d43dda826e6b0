//! Columns of plain text: what tables and bars are in a text part, where every letter is as wide as every other.

use minijinja::{Environment, Value};

/// Nothing is padded or drawn wider.
const WIDEST: usize = 200;

/// Filters for templates of plain text: `left` and `right` pad to a width (and `left` cuts), `bar` draws percent of a
/// width, `rule` a line, `wrapped` breaks lines at a width.
pub(super) fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter("left", |value: Value, width: usize| left(&value.to_string(), width.min(WIDEST)));
    environment.add_filter("right", |value: Value, width: usize| right(&value.to_string(), width.min(WIDEST)));
    environment.add_filter("bar", |percent: usize, width: usize| bar(percent, width.min(WIDEST)));
    environment.add_filter("rule", |_: String, width: usize| "-".repeat(width.min(WIDEST)));
    environment.add_filter("wrapped", |value: String, width: usize| wrapped(&value, width.min(WIDEST)));
}

fn left(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length >= width {
        // One place stays free before the next column.
        let cut: String = text.chars().take(width.saturating_sub(2)).collect();
        return format!("{}… ", cut);
    }
    format!("{text}{}", " ".repeat(width - length))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.chars().count())))
}

/// A bar of at least one mark where there is anything.
fn bar(percent: usize, width: usize) -> String {
    let marks = (percent.min(100) * width).div_ceil(100);
    "#".repeat(marks)
}

fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_are_told() {
        for (text, width, expected) in
            [("ab", 4, "ab  "), ("ab", 2, "… "), ("abcdef", 5, "abc… "), ("", 3, "   "), ("ąęć", 4, "ąęć ")]
        {
            assert_eq!(left(text, width), expected, "{text:?}");
        }
        assert_eq!((right("7", 3), right("1234", 3)), ("  7".to_owned(), "1234".to_owned()));
        assert_eq!(
            (bar(0, 10), bar(1, 10), bar(50, 10), bar(300, 10)),
            ("".into(), "#".into(), "#####".into(), "#".repeat(10))
        );
        assert_eq!(wrapped("one two  three four", 9), "one two\nthree\nfour");
    }
}
