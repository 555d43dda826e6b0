//! Words to a requester, without the addresses of staff: the desk's is the only one that a requester knows (POLICY.md,
//! Threads and trust).

use crate::desk::Desk;

/// `text` without addresses of staff: the requester knows the desk's alone.
pub(super) fn without_staff(desk: &Desk, text: &str) -> String {
    let ours = desk.address.to_string();
    desk.staff.iter().fold(text.to_owned(), |text, staff| replaced(&text, &staff.email.to_string(), &ours))
}

/// `text` with `what`, in any case of its ASCII letters, replaced.
fn replaced(text: &str, what: &str, with: &str) -> String {
    let (lower, what) = (text.to_ascii_lowercase(), what.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find(&what)).map(|at| at + from) {
        let end = at + what.len();
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(if stands_alone(text, at, end) { with } else { text.get(at..end).unwrap_or_default() });
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether the address at these bytes is no part of a longer one.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let before = text.get(..start).unwrap_or_default().chars().next_back();
    let mut after = text.get(end..).unwrap_or_default().chars();
    let goes_on = match after.next() {
        // The stop behind an address ends the sentence; one with more behind it belongs to the domain.
        Some('.' | '-') => after.next().is_some_and(char::is_alphanumeric),
        next => next.is_some_and(char::is_alphanumeric),
    };
    !before.is_some_and(joins) && !goes_on
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn addresses_are_replaced_in_any_case() {
        let text = "Write to Jo@Desk.example or <jo@desk.example>; not to mojo@desk.example.org";
        let out = replaced(text, "jo@desk.example", "desk@example");
        assert_eq!(out, "Write to desk@example or <desk@example>; not to mojo@desk.example.org");
    }
}
