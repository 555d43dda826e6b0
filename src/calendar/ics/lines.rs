//! The lines of an .ics file: checked one by one before the parser sees them, so that errors name the line.

use super::IcsError;

/// Components inside components deeper than this are refused, so that no file can exhaust the parser's stack.
const DEEPEST: usize = 8;

/// Where an event and its properties stand in the file.
#[derive(Debug)]
pub(super) struct EventLines {
    /// The line of `BEGIN:VEVENT`.
    pub begin: usize,
    properties: Vec<(String, usize)>,
}

impl EventLines {
    /// An error on the line of the property called `name`, or on the event's first line.
    pub fn error(&self, name: &str, reason: &str) -> IcsError {
        let found = self.properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        IcsError { line: found.map_or(self.begin, |(_, line)| *line), reason: reason.to_owned() }
    }
}

/// Checks that each line is a content line (RFC 5545, section 3.1) and that components are closed in order; gives
/// the lines of each event, in the order in which they begin.
pub(super) fn check(text: &str) -> Result<Vec<EventLines>, IcsError> {
    let mut open: Vec<String> = Vec::new();
    let mut events: Vec<EventLines> = Vec::new();
    let mut last_line = 1;
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        let refuse = |reason: String| IcsError { line: number, reason };
        last_line = number;
        // A line that starts with white space goes on from the one before.
        if line.trim().is_empty() || line.starts_with([' ', '\t']) {
            continue;
        }
        let name = name_of(line).ok_or_else(|| refuse("a line must be a name, a colon and a value".to_owned()))?;
        let value = line.get(name.len() + 1..).unwrap_or_default().trim().to_uppercase();
        if name.eq_ignore_ascii_case("BEGIN") {
            if open.is_empty() && value != "VCALENDAR" {
                return Err(refuse("the file must begin with `BEGIN:VCALENDAR`".to_owned()));
            }
            if open.len() >= DEEPEST {
                return Err(refuse(format!("components are nested more than {DEEPEST} deep")));
            }
            if value == "VEVENT" {
                if open.len() != 1 {
                    return Err(refuse("an event must stand directly in the calendar".to_owned()));
                }
                events.push(EventLines { begin: number, properties: Vec::new() });
            }
            open.push(value);
        } else if name.eq_ignore_ascii_case("END") {
            match open.pop() {
                Some(begun) if begun == value => {}
                Some(begun) => return Err(refuse(format!("`END:{begun}` was expected here"))),
                None => return Err(refuse("something ends here that did not begin".to_owned())),
            }
        } else if open.is_empty() {
            return Err(refuse("the file must begin with `BEGIN:VCALENDAR`".to_owned()));
        } else if let (Some(event), Some("VEVENT")) = (events.last_mut(), open.last().map(String::as_str)) {
            event.properties.push((name.to_owned(), number));
        }
    }
    match open.pop() {
        Some(begun) => Err(IcsError {
            line: last_line,
            reason: format!("the file ends before `END:{begun}`: it may be cut short"),
        }),
        None => Ok(events),
    }
}

/// The name at the start of a content line: letters, digits and dashes up to a colon or semicolon.
fn name_of(line: &str) -> Option<&str> {
    let end = line.find([':', ';'])?;
    let name = line.get(..end)?;
    let right =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (right && line.contains(':')).then_some(name)
}
