//! Mails as a whole: every template in every variant, what they must say, and what they must never say.

use super::samples::{full, samples};
use super::*;
use crate::desk::Desk;
use crate::words::numbers::{PendingToken, Tag};
use crate::words::{Decision, LineId, Reason, ReasonCode};
use std::sync::LazyLock;

mod hostile;
mod own;

/// A desk with words of its own, for tests that no shipped desk should sway.
pub(super) fn desk() -> Desk {
    test_desk::desk()
}

fn outward() -> impl Iterator<Item = Template> {
    Template::ALL.iter().copied().filter(|template| template.is_outward())
}

fn letter(template: Template, variant: Variant, context: &Context) -> Letter {
    // Templates are read once for all tests.
    static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| templates::environment(&desk(), true));
    render_with(&TEMPLATES, &desk(), template, variant, context)
        .unwrap_or_else(|error| panic!("{template} {variant}: {error}"))
}

/// A return to a requester whose subject was read.
fn returned() -> Context {
    let desk = desk();
    Context {
        tag: Some(Tag::Pending(PendingToken::from_bits(&desk.prefix, 77))),
        reasons: vec![
            Reason::field(ReasonCode::MissingField, "agent_number"),
            Reason::field(ReasonCode::InvalidField, "member_id"),
        ],
        urgent: false,
        topics: Vec::new(),
        words: None,
        ..full(&desk)
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[test]
fn every_template_and_variant_renders_every_sample() {
    let desk = desk();
    let mut rendered = 0;
    for template in Template::ALL.iter().filter(|template| **template != Template::Digest) {
        for variant in Variant::ALL {
            if !template.is_outward() && *variant == Variant::Plain {
                let refused = render(&desk, *template, *variant, &full(&desk));
                assert!(matches!(refused, Err(ComposeError::Missing(_))), "{template} has no plain variant");
                continue;
            }
            for sample in samples(&desk) {
                let letter = letter(*template, *variant, &sample);
                assert!(!letter.subject.trim().is_empty() && !letter.text.trim().is_empty());
                for mark in ["**", "{{", "{%", "](", "\\", "\n\n\n", " \n"] {
                    assert!(!letter.text.contains(mark), "{template} {variant} has {mark:?}:\n{}", letter.text);
                }
                assert!(!letter.html.contains("**") && !letter.html.contains("<script"), "{}", letter.html);
                rendered += 1;
            }
        }
    }
    assert!(rendered > 1000, "{rendered}");
}

#[test]
fn the_digest_is_no_markdown() {
    let desk = desk();
    let error = render(&desk, Template::Digest, Variant::Full, &full(&desk)).expect_err("two files of its own");
    assert!(error.to_string().contains("digest.md"), "{error}");
}

#[test]
fn the_shipped_templates_have_no_fault() {
    assert_eq!(check(&desk()), Vec::new());
}

#[test]
fn the_receipt_says_what_is_promised() {
    let desk = desk();
    for variant in Variant::ALL {
        let context = Context { urgent: false, ..full(&desk) };
        let letter = letter(Template::Receipt, *variant, &context);
        let mut facts =
            vec!["received", &desk.specialist_title, "72 business hours", "every five business days", "until"];
        facts.extend([
            "Tuesday, December 1, 10:15 am ET",
            "subject of our emails unchanged",
            "brings your mail to the right person",
        ]);
        facts.extend(["Answers may take longer", "TEST-100001", "you also asked", "moon@example.com"]);
        facts.extend(desk.lines.iter().filter_map(|line| line.phone.as_deref()));
        if *variant == Variant::Full {
            facts.push("Sample, Sam Alpha");
        }
        for fact in facts {
            assert!(letter.text.to_lowercase().contains(&fact.to_lowercase()), "{fact:?} in\n{}", letter.text);
        }
        assert!(first_line(&letter.text).contains("received"), "{}", letter.text);
    }
}

#[test]
fn urgent_mail_opens_with_the_phone_number() {
    let desk = desk();
    for template in outward() {
        for variant in Variant::ALL {
            for line in [None, Some(LineId("alpha".into()))] {
                let context = Context { urgent: true, line: line.clone(), ..full(&desk) };
                let letter = letter(template, *variant, &context);
                let opening = first_line(&letter.text);
                assert!(opening.contains("555-0100"), "{template}: {opening}");
                assert_eq!(opening.contains("555-0200"), line.is_none(), "{template}: {opening}");
            }
        }
    }
}

#[test]
fn a_return_names_what_is_asked_and_nothing_that_was_given() {
    let context = returned();
    let letter = letter(Template::Return, Variant::Full, &context);
    assert_eq!(first_line(&letter.text), "Reply with these two, and we start on your request:");
    let words = &letter.text;
    let (_, link) = letter.html.split_once("href=\"mailto:").expect("the HTML part has the link");
    let link = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
    assert!(!words.contains("mailto:") && !words.contains("[1]"), "{words}");
    for asked in ["Agent Number", "4 to 10 digits", "Member ID #", "6 to 15 letters or digits"] {
        assert!(words.contains(asked), "{asked} in\n{words}");
    }
    for given in ["Agent Name", "value of", "Summary", "Reference"] {
        assert!(!words.contains(given), "{given} in\n{words}");
    }
    assert!(link.contains("Agent%20Name%3A%20value%20of%20agent_name%0D%0A"), "{link}");
    assert!(link.contains("Agent%20Number%3A%20%0D%0A"), "{link}");
    assert!(link.contains("subject=Sample%2C%20Sam%20Alpha%20%5BTEST-P"), "{link}");
    assert_eq!(letter.subject, "Sample, Sam Alpha [TEST-P0000002D]");
}

#[test]
fn every_reason_of_a_return_is_worded() {
    let desk = desk();
    for (code, words) in [
        (ReasonCode::SubjectUnreadable, "last and first name, and the policy (Alpha or Beta)"),
        (ReasonCode::LineUnknown, "policy (Alpha or Beta)"),
        (ReasonCode::LineConflict, "name different ones"),
        (ReasonCode::MemberUnknown, "Member's last and first name"),
        (ReasonCode::MemberMismatch, "two different members"),
        (ReasonCode::SeveralMembers, "one email for each member"),
        (ReasonCode::Empty, "without any text"),
    ] {
        for variant in Variant::ALL {
            let context = Context { reasons: vec![Reason::of(code)], urgent: false, ..full(&desk) };
            let letter = letter(Template::Return, *variant, &context);
            assert!(letter.text.contains(words), "{code}: {words:?} in\n{}", letter.text);
        }
    }
}

#[test]
fn an_empty_message_is_asked_for_the_whole_form() {
    let desk = desk();
    let context =
        Context { reasons: vec![Reason::of(ReasonCode::Empty)], original_subject: String::new(), ..Context::default() };
    let letter = letter(Template::Return, Variant::Full, &context);
    for field in desk.fields.iter().filter(|field| field.required && field.id != "member_name") {
        assert!(letter.text.contains(&field.label), "{} in\n{}", field.label, letter.text);
    }
    assert!(letter.text.contains("Alpha or Beta"), "{}", letter.text);
}

#[test]
fn mixed_mail_is_told_both_exact_subjects() {
    let desk = desk();
    let letter = letter(Template::RejectMixed, Variant::Full, &full(&desk));
    assert!(letter.text.contains("- Sample, Sam Alpha\n- Sample, Sam Beta\n"), "{}", letter.text);
    let plain = render(&desk, Template::RejectMixed, Variant::Plain, &full(&desk)).unwrap();
    assert!(plain.text.contains("- Last, First Alpha\n- Last, First Beta\n"), "{}", plain.text);
}

#[test]
fn subjects_follow_the_rules() {
    let desk = desk();
    let case = full(&desk);
    let unread = Context {
        original_subject: "RE: [EXTERNAL] Fw: help\u{202e} me [TEST-P0000002D]".into(),
        canonical_subject: None,
        ..returned()
    };
    let untagged = Context {
        tag: None,
        original_subject: "x\r\nBcc: a@example.com".into(),
        canonical_subject: None,
        ..case.clone()
    };
    let bare = Context::default();
    for (context, variant, subject) in [
        (&case, Variant::Full, "Sample, Sam Alpha [TEST-100001]"),
        (&case, Variant::Plain, "[TEST-100001]"),
        (&unread, Variant::Full, "Re: help me [TEST-P0000002D]"),
        (&unread, Variant::Plain, "[TEST-P0000002D]"),
        (&untagged, Variant::Full, "Re: x Bcc: a@example.\u{2060}com"),
        (&untagged, Variant::Plain, "Your message to Test Support"),
        (&bare, Variant::Full, "Your message to Test Support"),
    ] {
        assert_eq!(subject::subject(&desk, variant, context), subject);
    }
}

#[test]
fn the_link_keeps_values_whole_or_leaves_them_out() {
    let desk = desk();
    let mut context = returned();
    context.fields.insert("summary".into(), "word ".repeat(1000));
    context.fields.insert("agent_name".into(), "Pat\r\nO'Brien & Co".into());
    context.fields.insert("reference".into(), "SSN 123-45-6789".into());
    let link = mailto(&desk, Variant::Full, &context);
    assert!(link.url.len() <= mailto::LINK_CHARACTERS && link.url.is_ascii(), "{}", link.url);
    assert_eq!(link.left_out, ["Reference #", "Summary of issue"]);
    assert!(!link.url.contains("Summary") && !link.url.contains("6789"), "{}", link.url);
    let letter = letter(Template::Return, Variant::Full, &context);
    assert!(letter.text.contains("there is no need to send it again"), "{}", letter.text);
    let plain = mailto(&desk, Variant::Plain, &context);
    assert!(plain.url.contains("subject=%5BTEST-P0000002D%5D&body=Agent%20Name%3A%20%0D%0A"), "{}", plain.url);
    assert_eq!(plain.left_out, Vec::<String>::new());
}

#[test]
fn staff_are_told_what_happened() {
    let desk = desk();
    for (about, words) in [
        (About::Urgent, "care may be blocked"),
        (About::Held, "has been held"),
        (About::Bounced, "came back (status 5.1.1)"),
        (About::Delayed, "is delayed"),
        (About::Unassigned, "nobody"),
        (About::Worklist, "You have 8 open cases"),
    ] {
        let context = Context { about: Some(about), ..full(&desk) };
        let letter = letter(Template::Notice, Variant::Full, &context);
        assert!(letter.text.contains(words), "{about}: {}", letter.text);
    }
    let relay = letter(Template::Relay, Variant::Full, &Context { decision: Some(Decision::Attach), ..full(&desk) });
    assert!(first_line(&relay.text).contains("goes to the requester"), "{}", relay.text);
    assert!(relay.text.contains("    Please look at this claim.\n\n    Thank you\n"), "{}", relay.text);
}
