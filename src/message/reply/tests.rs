//! Cases of the split, and properties that hold for any text.

use super::*;
use crate::message::lines::MarkedLine;
use proptest::prelude::*;

mod clients;
mod forms;
mod signatures;

/// A text with its expected new words; white space is folded before they are compared.
type Case = (&'static str, &'static str, &'static str);

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (name, text, visible) in cases {
        let split = split(text);
        if folded(&split.visible) != folded(visible) {
            wrong.push(format!(
                "{name}:\n  expected {visible:?}\n  found    {:?}\n  signature {:?}",
                split.visible, split.signature
            ));
        }
        let again = super::split(&split.visible);
        if again.visible != split.visible {
            wrong.push(format!("{name}: split again, {:?} becomes {:?}", split.visible, again.visible));
        }
        if super::split(&text.replace('\n', "\r\n")).visible.replace('\r', "") != split.visible {
            wrong.push(format!("{name}: reads otherwise with CRLF"));
        }
        nothing_is_lost(text, &split);
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn lines_with_something(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| line.chars().any(pattern::is_seen))
        .map(|line| line.trim_end_matches('\r').to_string())
        .collect();
    lines.sort();
    lines
}

fn nothing_is_lost(text: &str, split: &Split) {
    let parts = format!("{}\n{}\n{}", split.visible, split.quoted, split.signature);
    assert_eq!(lines_with_something(text), lines_with_something(&parts));
}

/// Lines that mail is made of, so that arbitrary mail meets the rules more often than arbitrary text does.
fn mail_line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("> quoted words".to_string()),
        Just("-- ".to_string()),
        Just("-----".to_string()),
        Just("Thanks,".to_string()),
        Just("Jane Doe".to_string()),
        Just("502-555-0142".to_string()),
        Just("jane@example.com".to_string()),
        Just("From: Jane Doe <jane@example.com>".to_string()),
        Just("Sent: Monday, January 1, 2024 10:00 AM".to_string()),
        Just("Subject: card".to_string()),
        Just("On Mon, Jan 1, 2024 at 10:00 AM Jane <jane@example.com> wrote:".to_string()),
        Just("---------- Forwarded message ---------".to_string()),
        Just("Sent from my iPhone".to_string()),
        Just("[EXTERNAL]".to_string()),
        Just("Member Name: John Smith".to_string()),
        Just("Her card never came.".to_string()),
        Just("This e-mail is confidential and privileged.".to_string()),
        "\\PC{0,40}",
        ".{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_split_without_loss(text in "(?s).{0,400}") {
        nothing_is_lost(&text, &split(&text));
    }

    #[test]
    fn any_mail_is_split_without_loss(lines in prop::collection::vec(mail_line(), 0..40)) {
        let text = lines.join("\n");
        nothing_is_lost(&text, &split(&text));
    }

    #[test]
    fn marked_lines_are_split_without_loss(lines in prop::collection::vec((mail_line(), 0..3u8), 0..40)) {
        let lines: Vec<MarkedLine> = lines.into_iter().map(|(text, mark)| {
            let mark = match mark { 0 => LineMark::None, 1 => LineMark::Quoted, _ => LineMark::Signature };
            MarkedLine { text, mark }
        }).collect();
        let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
        nothing_is_lost(&text, &split_marked(&lines));
    }

    #[test]
    fn a_form_is_never_a_signature(before in prop::collection::vec(mail_line(), 0..4), after in prop::collection::vec(mail_line(), 0..6)) {
        let form = ["Member Name: John Smith", "Member ID: H12345678", "Summary of issue: her card never came"];
        let text = [before.join("\n"), form.join("\n"), after.join("\n")].join("\n");
        let split = split(&text);
        for field in form {
            prop_assert!(!split.signature.lines().any(|line| line == field), "{field:?} is a signature in {text:?}");
        }
    }
}

/// Prints how time grows with the size of hostile texts; a person reads it, nothing is asserted.
#[test]
fn time_grows_with_the_size() {
    let kinds: [(&str, String); 9] = [
        ("quote headers", "On Mon, Jan 1, 2024 at 10:00 AM Jane <jane@example.com wrote\n".to_string()),
        ("header blocks", "From: a@example.com\nSent: 2024\nTo: b\n\nwords\n".to_string()),
        ("inner headers", "From: a@example.com\n".to_string()),
        ("closings", "Thanks,\n\nJane\n".to_string()),
        ("delimiters", "-- \nI ask you for it?\n".to_string()),
        ("inline answers", "> asked\nanswered\n".to_string()),
        ("open brackets", "<<<<<<<<".to_string()),
        ("contact", "502-555-0142\n\n".to_string()),
        ("boilerplate", "This e-mail is confidential ".to_string()),
    ];
    for (name, unit) in kinds {
        let times: Vec<_> = [1_000, 2_000, 4_000]
            .iter()
            .map(|lines| {
                let text = unit.repeat(*lines);
                let begun = std::time::Instant::now();
                let split = split(&text);
                (begun.elapsed().as_millis(), split.visible.len())
            })
            .collect();
        println!("{name}: {times:?} (milliseconds, bytes of new words) for 1, 2 and 4 thousand");
    }
}

#[test]
fn lines_that_are_not_told_apart_go_with_the_last_that_was() {
    let own = format!("first\n{}last", "more\n".repeat(LINES));
    assert_eq!(split(&own).visible, own);
    let quoted = format!("first\n\n{}> last", "> more\n".repeat(LINES));
    let found = split(&quoted);
    assert_eq!(found.visible, "first");
    assert!(found.quoted.ends_with("> more\n> last"), "the end of the quotation is kept");
    let blank = format!("{}last", "\n".repeat(LINES));
    assert_eq!(split(&blank).visible, "last");
}
