//! The mails of the shipped desks as people get them: `fixtures/letters/DESK/NAME.txt`, read by eye before they were
//! kept. `MAILCLERK_BLESS=1 cargo test letters` writes them anew after a wording has changed; read them again then.

use super::samples;
use super::*;
use crate::desk::{Desk, FieldRole, shipped};
use crate::words::numbers::{PendingToken, Tag};
use crate::words::{Decision, MemberName, Reason, ReasonCode};
use std::path::Path;

/// An everyday request to `desk` about a member of its first line.
fn request(desk: &Desk) -> Context {
    let line = desk.lines.first().expect("a desk has a line");
    let value = |role| match role {
        FieldRole::RequesterName => Some("Pat Rivera"),
        FieldRole::RequesterId => Some("1234567"),
        FieldRole::MemberId => Some("H12345678"),
        FieldRole::MemberName => Some("Jane Smith"),
        FieldRole::Summary => Some("Her claim of October 3 was denied twice, and the office needs to know why."),
        FieldRole::Reference | FieldRole::Other | FieldRole::Type | FieldRole::Priority | FieldRole::PriorityReason => {
            None
        }
    };
    Context {
        tag: Some(Tag::Case(desk.numbering.number(100_001, jiff::civil::date(2026, 11, 23)))),
        original_subject: format!("Smith, Jane {}", line.name),
        canonical_subject: Some(format!("Smith, Jane {}", line.name)),
        line: Some(line.id.clone()),
        member: Some(MemberName { last: "Smith".into(), first: "Jane".into() }),
        fields: desk
            .fields
            .iter()
            .filter_map(|field| Some((field.id.clone(), value(field.role)?.to_owned())))
            .collect(),
        promise: Some(Promise {
            respond_within: desk.clocks.respond.to_string(),
            respond_by: "Tuesday, December 1, 10:15 am ET".into(),
            update_every: desk.clocks.update.to_string(),
            next_update: None,
        }),
        requester: samples::full(desk).requester,
        request: Some("Please look at this claim again.\n\nPat".into()),
        arrived: Some("Tuesday, November 24, 10:15 am ET".into()),
        ..Context::default()
    }
}

/// A request that was returned for `reasons`.
fn returned(desk: &Desk, reasons: Vec<Reason>) -> Context {
    let mut context = request(desk);
    for reason in &reasons {
        context.fields.remove(reason.field.as_deref().unwrap_or_default());
    }
    let tag = Tag::Pending(PendingToken::from_bits(&desk.prefix, 123_456_789));
    Context { tag: Some(tag), reasons, waits_until: Some("Wednesday, December 9".into()), promise: None, ..context }
}

type Scene = (&'static str, Template, Variant, Context);

fn scenes(desk: &Desk) -> Vec<Scene> {
    use Template::*;
    use Variant::{Full, Plain};
    let id = |role| desk.field_of(role).map_or("", |field| field.id.as_str());
    let two = vec![
        Reason::field(ReasonCode::MissingField, id(FieldRole::RequesterId)),
        Reason::field(ReasonCode::InvalidField, id(FieldRole::MemberId)),
    ];
    let first_topic: Vec<String> = desk.topics.iter().take(1).map(|topic| topic.id.clone()).collect();
    let topics: Vec<String> = desk.topics.iter().take(2).map(|topic| topic.id.clone()).collect();
    let plain = request(desk);
    let urgent = Context { urgent: true, ..request(desk) };
    let repaired = Context { repaired: true, topics: first_topic.clone(), ..request(desk) };
    let season = Context { season: desk.seasons.iter().find_map(|season| season.notice.clone()), ..request(desk) };
    let unread = |code| {
        let mut context = returned(desk, vec![Reason::of(code)]);
        context.canonical_subject = None;
        context.original_subject = "RE: [EXTERNAL] please help".into();
        if code != ReasonCode::LineUnknown {
            context.member = None;
        }
        if code != ReasonCode::MemberUnknown {
            context.line = None;
        }
        context
    };
    let mut empty = unread(ReasonCode::Empty);
    empty.fields.clear();
    let untagged = Context { tag: None, canonical_subject: None, ..request(desk) };
    let mixed = Context { original_subject: "Smith, Jane - both plans".into(), line: None, ..untagged.clone() };
    vec![
        ("receipt", Receipt, Full, plain.clone()),
        ("receipt_plain", Receipt, Plain, plain.clone()),
        ("receipt_repaired_with_second_topic", Receipt, Full, repaired),
        ("receipt_season", Receipt, Full, season),
        ("receipt_urgent", Receipt, Full, urgent.clone()),
        ("return_two", Return, Full, returned(desk, two.clone())),
        ("return_two_plain", Return, Plain, returned(desk, two.clone())),
        ("return_urgent", Return, Full, Context { urgent: true, ..returned(desk, two.clone()) }),
        ("return_line_unknown", Return, Full, unread(ReasonCode::LineUnknown)),
        ("return_member_unknown", Return, Full, unread(ReasonCode::MemberUnknown)),
        ("return_subject_unreadable", Return, Full, unread(ReasonCode::SubjectUnreadable)),
        ("return_mismatch", Return, Full, returned(desk, vec![Reason::of(ReasonCode::MemberMismatch)])),
        ("return_line_conflict", Return, Full, returned(desk, vec![Reason::of(ReasonCode::LineConflict)])),
        ("return_several_members", Return, Full, returned(desk, vec![Reason::of(ReasonCode::SeveralMembers)])),
        ("return_empty", Return, Full, empty),
        ("reject_mixed", RejectMixed, Full, mixed.clone()),
        ("reject_mixed_urgent_plain", RejectMixed, Plain, Context { urgent: true, ..mixed }),
        ("redirect_one", Redirect, Full, Context { topics: first_topic, ..untagged.clone() }),
        ("redirect_two_plain", Redirect, Plain, Context { topics, ..untagged }),
        ("duplicate", Duplicate, Full, plain.clone()),
        ("pending_closed", PendingClosed, Full, returned(desk, two)),
        ("acknowledgement", Acknowledgement, Full, plain.clone()),
        ("assignment_urgent", Assignment, Full, urgent.clone()),
        ("relay", Relay, Full, plain.clone()),
        (
            "notice_urgent",
            Notice,
            Full,
            Context { about: Some(About::Urgent), decision: Some(Decision::Accept), ..urgent },
        ),
        (
            "notice_held",
            Notice,
            Full,
            Context { about: Some(About::Held), reasons: vec![Reason::of(ReasonCode::FitsTwoCases)], ..plain.clone() },
        ),
        ("notice_worklist", Notice, Full, Context { about: Some(About::Worklist), words: None, ..samples::full(desk) }),
        (
            "notice_bounced",
            Notice,
            Full,
            Context { about: Some(About::Bounced), bounce: samples::full(desk).bounce, ..plain },
        ),
    ]
}

#[test]
fn letters_of_the_shipped_desks_are_as_reviewed() {
    let bless = std::env::var_os("MAILCLERK_BLESS").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters");
    let mut compared = 0;
    for id in shipped::ids() {
        let folder = root.join(&id);
        if !folder.is_dir() {
            continue;
        }
        let desk = shipped::desk(&id).expect("the shipped desk loads");
        assert_eq!(check(&desk), Vec::new());
        for (name, template, variant, context) in scenes(&desk) {
            let letter = render(&desk, template, variant, &context).expect("the mail is written");
            let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
            let file = folder.join(format!("{name}.txt"));
            if bless {
                std::fs::write(&file, &text).unwrap();
            }
            let expected = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
            assert_eq!(text, expected, "{id}: {name} differs from {}", file.display());
            compared += 1;
        }
    }
    assert!(compared > 20, "letters were compared: {compared}");
}
