//! A desk with neutral words, for tests.

use crate::address::EmailAddress;
use crate::calendar::{Calendar, CalendarParts, Span};
use crate::desk::*;
use crate::words::LineId;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn line(id: &str, name: &str, phone: &str) -> Line {
    Line {
        id: LineId(id.into()),
        name: name.into(),
        synonyms: vec![],
        words: vec![],
        title: format!("{name} plans"),
        phone: Some(phone.into()),
        supervisors: vec![],
    }
}

fn field(id: &str, label: &str, role: FieldRole, required: bool, hint: Option<&str>) -> Field {
    Field {
        id: id.into(),
        label: label.into(),
        role,
        required,
        aliases: vec![],
        pattern: None,
        drop: vec![],
        min_digits: 0,
        min_words: 0,
        choices: vec![],
        phrases: vec![],
        behind: Vec::new(),
        when: None,
        hint: hint.map(str::to_owned),
        private: true,
        example: None,
        tells: true,
        gives_words: false,
    }
}

fn topic(id: &str, title: &str, guidance: &str) -> Topic {
    Topic {
        note_to: crate::desk::NoteTo::default(),
        log: None,
        id: id.into(),
        title: title.into(),
        guidance: guidance.into(),
        address: None,
        plan: false,
        neutral: false,
        phrases: vec![],
        except: vec![],
        names: vec![],
    }
}

/// Two lines, six fields, two topics.
pub fn desk() -> Desk {
    Desk {
        ladder: crate::desk::Ladder::default(),
        stages: Vec::new(),
        lists: Vec::new(),
        id: "test".into(),
        name: "Test Support".into(),
        specialist_title: "Support Person".into(),
        address: address("desk@example.com"),
        own_addresses: vec![],
        internal_domains: vec!["example.com".into()],
        own_lists: vec![],
        prefix: "TEST".into(),
        numbering: crate::words::numbers::Numbering::standard("TEST"),
        attaches_duplicates: true,
        numbers_returns: false,
        identified_by: vec![vec!["member_id".to_owned()]],
        privacy: crate::desk::Privacy::default(),
        spam_header: None,
        calendar: Calendar::new(CalendarParts::new("America/New_York", "08:00-17:00")).unwrap(),
        assign_at: jiff::civil::time(9, 0, 0, 0),
        digest_at: jiff::civil::time(7, 30, 0, 0),
        digest_shows: crate::desk::DigestShows::Numbers,
        clocks: Clocks {
            respond: Span::parse("72 business hours").unwrap(),
            update: Span::parse("5 business days").unwrap(),
        },
        seasons: vec![],
        status_needs_note: false,
        limits: Limits::default(),
        lines: vec![line("alpha", "Alpha", "1-800-555-0100"), line("beta", "Beta", "1-800-555-0200")],
        has_queues: false,
        types: IssueTypes::default(),
        priorities: Priorities::default(),
        one_of: vec![],
        issues: Issues::default(),
        associations: Associations::default(),
        pointers: std::collections::BTreeMap::new(),
        subject: SubjectPolicy {
            is_template: true,
            mail: None,
            tolerance: Tolerance::Repair,
            reply_marks: ["re", "fw", "fwd", "aw"].map(str::to_owned).to_vec(),
            gateway_tags: vec!["[EXTERNAL]".into()],
            own_tags: Vec::new(),
            suffixes: vec![],
            noise: vec![],
            line_labels: vec!["Line".into()],
            nicknames: vec![],
        },
        fields: vec![
            field("agent_name", "Agent Name", FieldRole::RequesterName, true, None),
            field("agent_number", "Agent Number", FieldRole::RequesterId, true, Some("4 to 10 digits")),
            field("member_id", "Member ID #", FieldRole::MemberId, true, Some("6 to 15 letters or digits")),
            field("member_name", "Member Name in question", FieldRole::MemberName, true, None),
            field("reference", "Reference #", FieldRole::Reference, false, None),
            field("summary", "Summary of issue", FieldRole::Summary, true, Some("at least three words")),
        ],
        placeholders: vec![],
        prose: false,
        topics: vec![
            topic("moon", "moon questions", "Please write to <moon@example.com>."),
            topic("sun", "SUN issues", "Please ask your manager."),
        ],
        scope: ScopeWords::default(),
        urgency: Urgency::default(),
        staff: vec![],
        secure: Secure::default(),
        sides: crate::desk::Sides::default(),
        breaker: crate::desk::Breaker::default(),
        templates: None,
        portal: None,
        version: "test".into(),
    }
}
