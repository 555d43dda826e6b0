//! Desks that let no personal data out: what is planted in a request stands in no reply to it, wherever its sender is.

use mailclerk::cli::desk::guide;
use mailclerk::desk::{Desk, FieldRole, shipped};
use mailclerk::effects::explained::explain;
use mailclerk::settings::Trust;
use std::collections::BTreeSet;

/// Words that no reply would hold by itself.
const FIRST: &str = "Quillona";
const LAST: &str = "Zebrafeld";
const MATTER: &str = "heliotrope";

/// The example of a desk, with a name and a word in its summary that nobody else uses.
fn planted(desk: &Desk) -> String {
    let mail = guide::example::accepted(desk).expect("an example");
    let label = |role| desk.field_of(role).map(|field| format!("{}: ", field.label)).unwrap_or_default();
    let (name, summary) = (label(FieldRole::MemberName), label(FieldRole::Summary));
    let lines = mail.text.lines().filter(|line| !line.starts_with(&name)).map(|line| {
        let tail = if line.starts_with(&summary) { format!(" It is the {MATTER} one.") } else { String::new() };
        format!("{line}{tail}\n")
    });
    format!("{name}{FIRST} {LAST}\n{}", lines.collect::<String>())
}

#[test]
fn what_is_planted_in_a_request_stands_in_no_reply_of_a_plain_desk() {
    let now = "2026-11-18T15:00:00Z".parse().expect("an instant");
    let mut desks = 0;
    for desk in shipped::all().expect("desks").into_values().filter(|desk| desk.privacy.is_plain) {
        desks += 1;
        let text = planted(&desk);
        let inside = format!("pat@{}", desk.internal_domains[0]);
        let mut templates = BTreeSet::new();
        for from in ["pat@partner.example", inside.as_str()] {
            // Whole, and without each of its lines: accepted, and returned in every way.
            let lacking = (0..text.lines().count()).map(|gone| {
                text.lines().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| format!("{line}\n")).collect()
            });
            for body in std::iter::once(text.clone()).chain(lacking) {
                let subject = format!("{FIRST} {LAST}, {MATTER}");
                let raw = format!("From: {from}\r\nTo: {}\r\nSubject: {subject}\r\n\r\n{body}", desk.address);
                let explained = explain(&desk, raw.as_bytes(), &Trust::None, false, now).expect("explained");
                let Some(reply) = explained.reply else { continue };
                templates.insert(reply.template.to_string());
                for word in [FIRST, LAST, MATTER] {
                    for part in [&reply.subject, &reply.text, &reply.html] {
                        let said = part.to_lowercase();
                        assert!(!said.contains(&word.to_lowercase()), "{} {from}: {word} in {part}", desk.id);
                    }
                }
            }
        }
        assert!(templates.contains("receipt") && templates.contains("return"), "{templates:?}");
    }
    assert!(desks > 0, "no desk is plain");
}
