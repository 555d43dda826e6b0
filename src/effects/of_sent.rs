//! What a mail of the Sent folder writes: an answer given by hand stands in its case and moves its clocks. Nothing is
//! sent to anybody, and the case's status stays as it is: what is new is still assigned.

use super::clocks::{Clocks, answered_by_hand};
use super::{Chain, ClockChoice, ClockEnd, Decided, Effects, EventWrite, Folder, MessageLink};
use crate::case::standing::{Standing, Target};
use crate::case::{Case, ClockKind, ClockOf, ClockState, EventKind, LinkRole, Pending, PendingState};
use crate::desk::Desk;
use crate::intake::by_hand::SentJudgement;
use crate::message::Message;
use crate::words::Status;
use crate::words::chance::Chance;
use jiff::Timestamp;
use uuid::Uuid;

/// How many of the texts that we sent a pending request keeps.
const SENT_KEPT: usize = 5;

/// A judged mail of the Sent folder with all that its effects are made from.
#[derive(Debug)]
pub struct SentTrigger<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The mail.
    pub message: &'a Message,
    /// Its row.
    pub row: Uuid,
    /// When it was sent, as the folder has it.
    pub arrived: Timestamp,
    /// What was decided.
    pub judgement: &'a SentJudgement,
    /// What it was decided from.
    pub standing: &'a Standing,
    /// The update that is promised already in the case that it answers.
    pub promised: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// What `trigger` writes.
pub fn of_sent(trigger: &SentTrigger<'_>, chance: &mut Chance) -> Effects {
    let mut effects = Effects { desk: trigger.desk.id.clone(), at: trigger.now, ..Effects::default() };
    match trigger.judgement.answers {
        Some(target @ Target::Case(id)) => {
            if let Some(facts) = trigger.standing.case(id) {
                link(trigger, &mut effects, target);
                to_case(trigger, &mut effects, &facts.case, chance);
            }
        }
        Some(target @ Target::Pending(id)) => {
            if let Some(facts) = trigger.standing.pending(id) {
                link(trigger, &mut effects, target);
                to_pending(trigger, &mut effects, &facts.pending, chance);
            }
        }
        None => {}
    }
    let decision = trigger.judgement.decision.to_string();
    let ids = [("decision", decision), ("desk_version", trigger.desk.version.clone())];
    effects.events.push(event(trigger, Chain::Desk, EventKind::Decided, &ids));
    effects.decided = Some(decided(trigger));
    effects
}

fn to_case(trigger: &SentTrigger<'_>, effects: &mut Effects, case: &Case, chance: &mut Chance) {
    let by = [("by", "hand".to_owned())];
    effects.events.push(event(trigger, Chain::Case(case.id), EventKind::Answered, &by));
    let (desk, now) = (trigger.desk, trigger.now);
    if case.course.is_inquiry && case.is_open() && case.status != Status::Paused {
        // The first answer closes an inquiry, whoever gave it.
        let mut closed = Case { status: Status::Resolved, resolved_at: Some(now), next_words: None, ..case.clone() };
        closed.course.answered = true;
        let how = [("how", "first_contact".to_owned())];
        effects.events.push(event(trigger, Chain::Case(case.id), EventKind::Resolved, &how));
        effects.cases.push(closed);
        let mut clocks = Clocks { desk, now, chance, effects };
        clocks.answered(case.id);
        clocks.end_all(case.id);
        return;
    }
    answered_by_hand(&mut Clocks { desk, now, chance, effects }, case, trigger.arrived, trigger.promised);
}

/// The thread is not silent: it waits anew from this mail, and what stands in it is known as ours when it is quoted.
fn to_pending(trigger: &SentTrigger<'_>, effects: &mut Effects, pending: &Pending, chance: &mut Chance) {
    let ids = [("pending", pending.id.to_string()), ("role", LinkRole::ByHand.to_string())];
    effects.events.push(event(trigger, Chain::Desk, EventKind::MessageAttached, &ids));
    if pending.state != PendingState::Open {
        return;
    }
    let mut row = Pending { newest_at: pending.newest_at.max(trigger.arrived), ..pending.clone() };
    row.sent.push(trigger.message.body.text.clone());
    let surplus = row.sent.len().saturating_sub(SENT_KEPT);
    row.sent.drain(..surplus);
    if row.newest_at > pending.newest_at {
        let of = ClockOf::Pending(pending.id);
        effects.clocks_ended.push(ClockEnd { which: ClockChoice::AllOf(of), state: ClockState::Ended });
        let until = trigger.desk.pending_until(row.newest_at);
        let (desk, now) = (trigger.desk, trigger.now);
        Clocks { desk, now, chance, effects }.start(of, ClockKind::PendingClose, row.newest_at, &until);
    }
    effects.pendings.push(row);
}

fn link(trigger: &SentTrigger<'_>, effects: &mut Effects, target: Target) {
    effects.links.push(MessageLink { message: trigger.row, target, role: LinkRole::ByHand });
}

fn event(trigger: &SentTrigger<'_>, chain: Chain, kind: EventKind, ids: &[(&str, String)]) -> EventWrite {
    let ids = ids.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let ids = ids.chain([("message".to_owned(), trigger.row.to_string())]).collect();
    EventWrite { chain, kind, ids, content: None }
}

/// The mail's own row. It has no author and no hashes: nobody wrote to us, so that no sender's limit counts it.
fn decided(trigger: &SentTrigger<'_>) -> Decided {
    let (judgement, message) = (trigger.judgement, trigger.message);
    Decided {
        message: trigger.row,
        releases_held: false,
        overrules: None,
        decision: judgement.decision,
        reasons: judgement.reasons.clone(),
        trace: judgement.trace.clone(),
        automatic: judgement.automatic,
        line: None,
        topics: Vec::new(),
        warnings: Vec::new(),
        urgent: false,
        arrived: trigger.arrived,
        content_hash: (message.bytes > 0).then_some(message.content_hash),
        message_id: message.message_id.clone(),
        author_version: None,
        author: None,
        subject: message.subject.clone(),
        visible_text: message.body.visible.clone(),
        attachments: message.attachments.clone(),
        request: serde_json::Value::Null,
        words_hash: String::new(),
        subject_hash: String::new(),
        gets_reply: false,
        from_stranger: false,
        // The store keeps no folder for it: a mail of the Sent folder is never filed.
        folder: Folder::of(judgement.decision),
    }
}
