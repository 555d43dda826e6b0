//! Contexts that between them give every variable a value and take every branch of the templates: what `check` and
//! the tests render.

use super::context::{
    About, Bounce, CommandOutcome, CommandUsage, Context, Escalation, Promise, Silence, StageState, WorklistCase,
};
use crate::address::{EmailAddress, Mailbox};
use crate::case::Entry;
use crate::case::worklist::Awaits;
use crate::desk::Desk;
use crate::words::numbers::{PendingToken, Tag};
use crate::words::{Decision, MemberName, Reason, ReasonCode, Status};

/// Contexts for `desk`: the barest, the fullest, and one for each reason, status, decision and kind of notice.
pub fn samples(desk: &Desk) -> Vec<Context> {
    let full = full(desk);
    let mut samples = vec![Context::default(), full.clone()];
    let with = |change: &dyn Fn(&mut Context)| {
        let mut context = full.clone();
        change(&mut context);
        context
    };
    samples.push(with(&|context| context.line = None));
    samples.push(with(&|context| context.urgent = false));
    samples.push(with(&|context| context.is_inquiry = true));
    samples.push(with(&|context| context.escalation = None));
    let escalated = |change: &dyn Fn(&mut Escalation)| {
        with(&|context| {
            if let Some(escalation) = context.escalation.as_mut() {
                change(escalation);
            }
        })
    };
    samples.push(escalated(&|one| (one.is_new, one.available) = (false, false)));
    samples.push(escalated(&|one| (one.asked, one.by_time) = (false, true)));
    samples.push(escalated(&|one| (one.asked, one.tell, one.step) = (false, None, None)));
    samples.push(with(&|context| context.portal = None));
    samples.push(with(&|context| context.words = None));
    samples.push(with(&|context| (context.words, context.portal) = (None, None)));
    samples.push(with(&|context| context.topics = desk.topics.iter().take(1).map(|topic| topic.id.clone()).collect()));
    samples.push(with(&|context| (context.topics, context.member) = (Vec::new(), None)));
    samples.push(with(&|context| context.tag = Some(Tag::Pending(PendingToken::from_bits(&desk.prefix, 1)))));
    for code in ReasonCode::ALL {
        samples.push(with(&|context| context.reasons = reasons(desk, *code)));
    }
    for about in About::ALL {
        samples.push(with(&|context| (context.about, context.words) = (Some(*about), None)));
    }
    for decision in Decision::ALL {
        samples.push(with(&|context| (context.about, context.decision) = (Some(About::Urgent), Some(*decision))));
    }
    for status in Status::ALL {
        samples.push(with(&|context| {
            (context.status, context.words, context.portal) = (Some(*status), None, None);
        }));
    }
    samples
}

/// A day on which a sample case was opened.
const SAMPLE_DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

/// A context in which everything is known.
pub fn full(desk: &Desk) -> Context {
    let member = MemberName { last: "Sample".into(), first: "Sam".into() };
    let line = desk.lines.first();
    Context {
        entries: vec![Entry::default(), Entry::default()],
        told_number: Some("HELP-100002".to_owned()),
        warns_of_pii: true,
        tag: Some(Tag::Case(desk.numbering.number(100_001, SAMPLE_DAY))),
        original_subject: "Re: sample, sam".into(),
        canonical_subject: line.map(|line| format!("Sample, Sam {}", line.name)),
        repaired: true,
        line: line.map(|line| line.id.clone()),
        member: Some(member),
        fields: desk.fields.iter().map(|field| (field.id.clone(), format!("value of {}", field.id))).collect(),
        reasons: reasons(desk, ReasonCode::MissingField),
        kind: desk.types.list.first().map(|kind| kind.id.clone()),
        priority: desk.priorities.list.last().map(|level| level.id.clone()),
        lowered_from: desk.priorities.list.first().map(|level| level.id.clone()),
        right_type: desk.types.list.last().map(|kind| kind.id.clone()),
        urgent: true,
        topics: desk.topics.iter().map(|topic| topic.id.clone()).collect(),
        promise: Some(Promise {
            respond_within: "72 business hours".into(),
            respond_by: "Tuesday, December 1, 10:15 am ET".into(),
            update_every: "5 business days".into(),
            next_update: Some("Tuesday, December 8".into()),
        }),
        waits_until: Some("Friday, December 4".into()),
        sent_on: Some("Monday, November 23, 10:15 am ET".into()),
        is_inquiry: false,
        escalation: Some(Escalation {
            is_new: true,
            asked: true,
            by_time: false,
            available: true,
            step: Some("Supervisor".into()),
            tell: Some("It takes two days more.".into()),
        }),
        step: Some("Supervisor".into()),
        reviewed: Some("Supervisor".into()),
        stages: vec![StageState { name: "Number told".into(), done: true, told: true }],
        list: desk.lists.first().map(|list| list.id.clone()),
        season: Some("Answers may take longer at this time of the year.".into()),
        status: Some(Status::InReview),
        portal: Some("https://desk.example.com/portal/sample".into()),
        specialist: Some("Chris Sample".into()),
        words: Some("The claim was sent again.\nPlease allow three days.".into()),
        requester: EmailAddress::parse("agent@example.com")
            .ok()
            .map(|address| Mailbox { name: Some("Pat Agent".into()), address }),
        request: Some("Please look at this claim.\n\nThank you".into()),
        attachments: vec!["claim.pdf".into()],
        decision: Some(Decision::Accept),
        arrived: Some("Monday, November 23, 10:15 am ET".into()),
        due: Some("Tuesday, December 1, 10:15 am ET".into()),
        silence: Some(Silence {
            window: "2 business days".into(),
            last: "a note was written".into(),
            at: "Monday, November 23, 10:15 am ET".into(),
        }),
        about: Some(About::Urgent),
        bounce: Some(Bounce { address: "agent@example.com".into(), status: Some("5.1.1".into()) }),
        commands: vec![CommandOutcome { command: "#update".into(), done: true, outcome: "The update is set.".into() }],
        kept: true,
        confirm: true,
        refused: true,
        help: vec![CommandUsage {
            usage: "#note TEXT".into(),
            does: "keeps a note".into(),
            example: "#note Called.".into(),
        }],
        commands_in_line: Some("#note TEXT, #resolve [TEXT]".into()),
        worklist: worklist(desk),
        worklist_more: 3,
    }
}

/// A case for each thing that may come next.
fn worklist(desk: &Desk) -> Vec<WorklistCase> {
    let line = desk.lines.first().map(|line| line.name.as_str()).unwrap_or_default();
    let cases = (100_001..).zip(Awaits::ALL).map(|(number, awaits)| {
        let (status, when) = match awaits {
            Awaits::Answer => (Status::InReview, Some("Tuesday, December 1, 10:15 am ET")),
            Awaits::Update => (Status::WaitingExternal, Some("Tuesday, December 8, 9:00 am ET")),
            Awaits::PauseEnd => (Status::Paused, Some("Monday, December 14, 8:00 am ET")),
            Awaits::PauseWithoutEnd => (Status::Paused, None),
            Awaits::Nothing => (Status::New, None),
        };
        WorklistCase {
            number: desk.numbering.number(number, SAMPLE_DAY).0,
            subject: format!("Sample, Sam {line}"),
            status,
            urgent: *awaits == Awaits::Answer,
            awaits: *awaits,
            when: when.map(str::to_owned),
        }
    });
    cases.collect()
}

fn reasons(desk: &Desk, code: ReasonCode) -> Vec<Reason> {
    match code {
        ReasonCode::MissingField | ReasonCode::InvalidField => {
            desk.fields.iter().filter(|field| field.required).map(|field| Reason::field(code, &field.id)).collect()
        }
        code => vec![Reason::of(code)],
    }
}
