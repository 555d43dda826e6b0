//! What one decided message writes: its case or pending request, links, clocks, mails and events.

use super::letters::{Letters, outward_context};
use super::{Chain, ClockChoice, ClockEnd, Decided, Effects, EventWrite, Folder, MailState, RequesterWrite};
use crate::case::standing::{Standing, Target};
use crate::case::{Case, ClockKind, ClockOf, ClockRow, ClockState, Entry, EventKind, LinkRole, Pending, PendingState};
use crate::compose::ComposeError;
use crate::compose::context::{About, Bounce, Context, Promise};
use crate::desk::Desk;
use crate::effects::MessageLink;
use crate::intake::decide::Judgement;
use crate::message::Message;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::{CaseNumber, PendingToken, Tag};
use crate::words::{Decision, Status, Template};
use jiff::Timestamp;
use uuid::Uuid;

/// How many of the texts that we sent a pending request keeps.
const SENT_KEPT: usize = 5;

/// A decided message with all that its effects are made from.
#[derive(Debug)]
pub struct MessageTrigger<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The installation's keys.
    pub keys: &'a Keys,
    /// The message.
    pub message: &'a Message,
    /// Its row.
    pub row: Uuid,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What was decided.
    pub judgement: &'a Judgement,
    /// What it was decided from.
    pub standing: &'a Standing,
    /// Whether a person releases it from `hold`.
    pub releases_held: bool,
    /// Now.
    pub now: Timestamp,
}

/// What `trigger` writes. `number` is the case number reserved for an `accept`.
///
/// Fails only where a template cannot be rendered, which `check` finds beforehand.
pub fn of_message(
    trigger: &MessageTrigger<'_>,
    number: Option<CaseNumber>,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let mut build = Build::new(trigger, chance);
    match trigger.judgement.decision {
        Decision::Accept => build.accept(number)?,
        Decision::Return => build.returned()?,
        Decision::Redirect | Decision::RejectMixed => build.sent_away()?,
        Decision::Duplicate => build.duplicate()?,
        Decision::Attach => build.attach()?,
        Decision::Bounce => build.bounce()?,
        Decision::Hold => build.hold(),
        Decision::Ignore => {}
    }
    build.note_stranger()?;
    build.tell_of_urgency()?;
    Ok(build.finish())
}

struct Build<'a, 'b> {
    trigger: &'a MessageTrigger<'a>,
    judgement: &'a Judgement,
    chance: &'b mut Chance,
    effects: Effects,
}

impl<'a, 'b> Build<'a, 'b> {
    fn new(trigger: &'a MessageTrigger<'a>, chance: &'b mut Chance) -> Self {
        let effects = Effects { desk: trigger.desk.id.clone(), at: trigger.now, ..Effects::default() };
        Self { trigger, judgement: trigger.judgement, chance, effects }
    }

    fn letters(&mut self) -> Letters<'_> {
        Letters {
            desk: self.trigger.desk,
            keys: self.trigger.keys,
            now: self.trigger.now,
            chance: self.chance,
            mails: &mut self.effects.mails,
            events: &mut self.effects.events,
        }
    }

    fn accept(&mut self, number: Option<CaseNumber>) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let Some(author) = trigger.message.author() else { return Ok(()) };
        let number = number.unwrap_or_else(|| CaseNumber::from_sequence(&trigger.desk.prefix, 0));
        let old = judgement.follows.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case);
        let id = self.chance.id(trigger.now);
        let case = new_case(trigger, id, &number, author, old);
        let promise = self.start_clocks(id);
        self.complete_pendings(id, &case);
        self.link(Target::Case(id), LinkRole::Opened);
        self.event(Chain::Case(id), EventKind::CaseOpened, &[("number", number.0.clone())]);
        if let Some(old) = old {
            self.event(Chain::Case(id), EventKind::Linked, &[("case", old.number.0.clone())]);
            self.event(Chain::Case(old.id), EventKind::Linked, &[("case", number.0.clone())]);
        }
        let mut context = outward_context(trigger);
        context.canonical_subject = Some(case.subject.clone());
        context.tag = Some(Tag::Case(number));
        context.promise = Some(promise);
        context.season = trigger.desk.clocks_at(trigger.now).notice;
        context.status = Some(case.status);
        self.effects.cases.push(case);
        self.reply(Template::Receipt, &context, Some(Target::Case(id)))
    }

    /// Starts the response clock with the request and the update clock with the receipt, and words both promises.
    fn start_clocks(&mut self, case: Uuid) -> Promise {
        let trigger = self.trigger;
        let desk = trigger.desk;
        let clocks = desk.clocks_at(trigger.arrived);
        let respond = desk.promise(trigger.arrived, clocks.respond, trigger.now);
        let update = desk.promise(trigger.now, clocks.update, trigger.now);
        let promise = Promise {
            respond_within: clocks.respond.to_string(),
            respond_by: desk.calendar.promise(&respond, trigger.now),
            update_every: clocks.update.to_string(),
            next_update: Some(desk.calendar.promise(&update, trigger.now)),
        };
        self.clock(ClockOf::Case(case), ClockKind::Respond, trigger.arrived, &respond);
        self.clock(ClockOf::Case(case), ClockKind::Update, trigger.now, &update);
        promise
    }

    /// The pending request that this completes becomes the case; others of the same member are closed silently.
    fn complete_pendings(&mut self, case_id: Uuid, case: &Case) {
        let standing = self.trigger.standing;
        let completed = self.own_pending().map(|pending| pending.id);
        let member = case.member();
        for pending in standing.pendings.iter().map(|facts| &facts.pending) {
            let same_member = pending.requester == case.requester && pending.member.as_ref() == Some(&member);
            let (state, kind) = if completed == Some(pending.id) {
                (PendingState::Completed, EventKind::PendingCompleted)
            } else if same_member && pending.state == PendingState::Open {
                (PendingState::Superseded, EventKind::PendingClosed)
            } else {
                continue;
            };
            self.end_pending(pending, state, kind, Some(case_id));
        }
    }

    fn end_pending(&mut self, pending: &Pending, state: PendingState, kind: EventKind, case: Option<Uuid>) {
        self.effects.pendings.push(Pending { state, case, ..pending.clone() });
        let which = ClockChoice::AllOf(ClockOf::Pending(pending.id));
        self.effects.clocks_ended.push(ClockEnd { which, state: ClockState::Ended });
        self.event(Chain::Desk, kind, &[("pending", pending.id.to_string()), ("state", state.to_string())]);
    }

    fn returned(&mut self) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let Some(author) = trigger.message.author() else { return Ok(()) };
        let earlier = self.own_pending().cloned();
        let mut row = match &earlier {
            Some(pending) => pending.clone(),
            None => {
                let id = self.chance.id(trigger.now);
                let token = PendingToken::from_bits(&trigger.desk.prefix, self.chance.bits());
                Pending {
                    id,
                    version: 0,
                    desk: trigger.desk.id.clone(),
                    token,
                    requester: author.address.clone(),
                    participants: participants(trigger.desk, trigger.message),
                    request: serde_json::Value::Null,
                    missing: Vec::new(),
                    sent: Vec::new(),
                    subject: String::new(),
                    member: None,
                    urgent: false,
                    state: PendingState::Open,
                    case: None,
                    opened_at: trigger.now,
                    newest_at: trigger.now,
                }
            }
        };
        row.request = serde_json::to_value(&judgement.request).unwrap_or_default();
        row.missing = judgement.reasons.iter().map(|r| r.field.clone().unwrap_or_else(|| r.code.to_string())).collect();
        row.subject = crate::intake::same::bare_subject(trigger.desk, &trigger.message.subject);
        row.member = judgement.completeness.member.clone();
        row.urgent |= judgement.urgent;
        row.state = PendingState::Open;
        row.newest_at = trigger.now;
        let until = trigger.desk.pending_until(trigger.now);
        let which = ClockChoice::AllOf(ClockOf::Pending(row.id));
        self.effects.clocks_ended.push(ClockEnd { which, state: ClockState::Ended });
        self.clock(ClockOf::Pending(row.id), ClockKind::PendingClose, trigger.now, &until);
        let (kind, role) = match earlier {
            Some(_) => (EventKind::PendingChanged, LinkRole::Participant),
            None => (EventKind::PendingOpened, LinkRole::Opened),
        };
        self.link(Target::Pending(row.id), role);
        self.event(Chain::Desk, kind, &[("pending", row.id.to_string())]);
        let mut context = outward_context(trigger);
        context.tag = Some(Tag::Pending(row.token.clone()));
        context.waits_until = Some(trigger.desk.calendar.date_only(&until, trigger.now));
        self.reply(Template::Return, &context, Some(Target::Pending(row.id)))?;
        if let Some(mail) = self.effects.mails.first() {
            row.sent.push(mail.text.clone());
            let surplus = row.sent.len().saturating_sub(SENT_KEPT);
            row.sent.drain(..surplus);
        }
        self.effects.pendings.push(row);
        Ok(())
    }

    /// Redirected or mixed: nothing stays pending, not even what was returned before.
    fn sent_away(&mut self) -> Result<(), ComposeError> {
        if let Some(pending) = self.own_pending().cloned() {
            self.link(Target::Pending(pending.id), LinkRole::Participant);
            self.end_pending(&pending, PendingState::Closed, EventKind::PendingClosed, None);
        }
        let template = self.judgement.reply.unwrap_or(Template::Redirect);
        let context = outward_context(self.trigger);
        self.reply(template, &context, None)
    }

    fn duplicate(&mut self) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some(case) = self.judgement.repeats.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case)
        else {
            return Ok(());
        };
        if let Some(pending) = self.own_pending().cloned() {
            self.end_pending(&pending, PendingState::Completed, EventKind::PendingCompleted, Some(case.id));
        }
        self.add_to_case(case, LinkRole::Duplicate)?;
        let mut context = outward_context(trigger);
        context.canonical_subject = Some(case.subject.clone());
        context.tag = Some(Tag::Case(case.number.clone()));
        self.reply(Template::Duplicate, &context, Some(Target::Case(case.id)))
    }

    fn attach(&mut self) -> Result<(), ComposeError> {
        let Some((target, role)) = self.judgement.belongs else { return Ok(()) };
        match target {
            Target::Pending(_) => self.link(target, role),
            Target::Case(id) => {
                let Some(facts) = self.trigger.standing.case(id) else { return Ok(()) };
                self.add_to_case(&facts.case, role)?;
            }
        }
        Ok(())
    }

    /// Adds the message to a case: its new words reach the specialist, and urgency the whole case.
    fn add_to_case(&mut self, case: &Case, role: LinkRole) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        self.link(Target::Case(case.id), role);
        self.event(Chain::Case(case.id), EventKind::MessageAttached, &[("role", role.to_string())]);
        let by_requester = matches!(role, LinkRole::Participant | LinkRole::Duplicate);
        let newly_urgent = by_requester && self.judgement.urgent && !case.urgent;
        if newly_urgent || self.judgement.reopens {
            let mut row = case.clone();
            if newly_urgent {
                row.urgent = true;
                self.event(Chain::Case(case.id), EventKind::MarkedUrgent, &[]);
            }
            if self.judgement.reopens {
                row.status = if row.specialist.is_some() { Status::InReview } else { Status::New };
                row.resolved_at = None;
                self.event(Chain::Case(case.id), EventKind::Reopened, &[]);
                self.start_clocks(case.id);
            }
            self.effects.cases.push(row);
        }
        let to_specialist = matches!(role, LinkRole::Participant | LinkRole::Duplicate | LinkRole::Internal);
        if let (true, Some(specialist)) = (to_specialist, &case.specialist) {
            let mut context = self.staff_context(Some(case));
            context.request = Some(trigger.message.body.visible.clone());
            let to = trigger.desk.staff_mailbox(specialist);
            let about = (Target::Case(case.id), Tag::Case(case.number.clone()));
            self.letters().staff(Template::Relay, &to, &context, Some(about))?;
        }
        Ok(())
    }

    fn bounce(&mut self) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some((target, _)) = self.judgement.belongs else { return Ok(()) };
        let Some(report) = &trigger.message.report else { return Ok(()) };
        self.link(target, LinkRole::Bounce);
        let failed: Vec<_> = report.recipients.iter().filter(|r| r.action.as_deref() != Some("delayed")).collect();
        let hard = failed.iter().find(|r| r.status.as_deref().is_none_or(|status| status.starts_with('5')));
        let chain = match target {
            Target::Case(id) => Chain::Case(id),
            Target::Pending(_) => Chain::Desk,
        };
        let action = if failed.is_empty() { "delayed" } else { "failed" };
        let is_first_word = !trigger.standing.sender.bounced_hard;
        self.event(chain, EventKind::Bounced, &[("action", action.to_owned())]);
        self.effects.bounced_mails = report.original_ids.iter().map(|id| (id.clone(), hard.is_some())).collect();
        let requester = match target {
            Target::Case(id) => trigger.standing.case(id).map(|facts| facts.case.requester.clone()),
            Target::Pending(id) => trigger.standing.pending(id).map(|facts| facts.pending.requester.clone()),
        };
        if let (Some(_), Some(address)) = (hard, requester.clone()) {
            self.effects.requesters.push(RequesterWrite { address, bounced_hard: true });
        }
        let case = match target {
            Target::Case(id) => trigger.standing.case(id).map(|facts| &facts.case),
            Target::Pending(_) => None,
        };
        let (Some(address), true) = (requester, is_first_word) else { return Ok(()) };
        let status = report.recipients.iter().find_map(|r| r.status.clone());
        let mut context = self.staff_context(case);
        context.about = Some(if failed.is_empty() { About::Delayed } else { About::Bounced });
        context.bounce = Some(Bounce { address: address.to_string(), status });
        let about = case.map(|case| (Target::Case(case.id), Tag::Case(case.number.clone())));
        let line = case.and_then(|case| case.line.clone());
        let to = match case.and_then(|case| case.specialist.as_ref()) {
            Some(specialist) => vec![trigger.desk.staff_mailbox(specialist)],
            None => trigger.desk.supervisors(line.as_ref(), trigger.desk.calendar.local(trigger.now).date()),
        };
        for mailbox in to {
            self.letters().staff(Template::Notice, &mailbox, &context, about.clone())?;
        }
        Ok(())
    }

    /// What is held is in the supervisor's list; untouched at the next business day's opening, it is told.
    fn hold(&mut self) {
        let trigger = self.trigger;
        let calendar = &trigger.desk.calendar;
        let today = calendar.local(trigger.now).date();
        let due = calendar.due(calendar.opening(calendar.next_business_day(today)));
        self.clock(ClockOf::Message(trigger.row), ClockKind::HeldUntouched, trigger.now, &due);
    }

    fn note_stranger(&mut self) -> Result<(), ComposeError> {
        let Some((target @ Target::Case(id), LinkRole::Stranger)) = self.judgement.belongs else { return Ok(()) };
        self.link(target, LinkRole::Stranger);
        self.event(Chain::Case(id), EventKind::Note, &[("about", "stranger".to_owned())]);
        Ok(())
    }

    /// The line's supervisor, both where the line is unknown, is told of an urgent request at once, whatever was decided.
    fn tell_of_urgency(&mut self) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        if !judgement.urgent || matches!(judgement.decision, Decision::Bounce | Decision::Ignore) {
            return Ok(());
        }
        let existing = judgement.repeats.or(match judgement.belongs {
            Some((Target::Case(id), role)) if role != LinkRole::Stranger => Some(id),
            _ => None,
        });
        let case = existing.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case);
        let new = self.effects.cases.iter().find(|row| row.version == 0).map(|row| (row.id, row.number.clone()));
        let line = case.and_then(|case| case.line.clone()).or_else(|| judgement.completeness.line.clone());
        let mut context = self.staff_context(case);
        context.about = Some(About::Urgent);
        context.request = Some(trigger.message.body.visible.clone());
        context.line = line.clone();
        let about = case.map(|case| (case.id, case.number.clone())).or(new);
        let about = about.map(|(id, number)| (Target::Case(id), Tag::Case(number)));
        let today = trigger.desk.calendar.local(trigger.now).date();
        for mailbox in trigger.desk.supervisors(line.as_ref(), today) {
            self.letters().staff(Template::Notice, &mailbox, &context, about.clone())?;
        }
        Ok(())
    }

    fn staff_context(&self, case: Option<&Case>) -> Context {
        let trigger = self.trigger;
        let mut context = outward_context(trigger);
        context.requester = trigger.message.from.first().cloned();
        context.attachments = trigger.message.attachments.iter().filter_map(|a| a.name.clone()).collect();
        context.decision = Some(self.judgement.decision);
        context.arrived = Some({
            let calendar = &trigger.desk.calendar;
            calendar.promise(&calendar.due(trigger.arrived), trigger.now)
        });
        if let Some(case) = case {
            context.canonical_subject = Some(case.subject.clone());
            context.line = case.line.clone();
            context.member = Some(case.member());
            context.status = Some(case.status);
        }
        context
    }

    /// The one automatic reply to this message.
    fn reply(&mut self, template: Template, context: &Context, about: Option<Target>) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let Some(to) = judgement.answer_to.clone() else { return Ok(()) };
        let state = if judgement.reply_withheld {
            MailState::Withheld
        } else if judgement.external && trigger.desk.secure.automatic_secure {
            MailState::WaitingSecure
        } else {
            MailState::Queued
        };
        let about = about.zip(context.tag.clone());
        let answered = (trigger.row, trigger.message);
        self.letters().reply(template, judgement.external, &to, context, about, answered, state)
    }

    fn own_pending(&self) -> Option<&'a Pending> {
        match self.judgement.belongs {
            Some((Target::Pending(id), role)) if role != LinkRole::Stranger => {
                self.trigger.standing.pending(id).map(|facts| &facts.pending)
            }
            _ => None,
        }
    }

    fn link(&mut self, target: Target, role: LinkRole) {
        self.effects.links.push(MessageLink { message: self.trigger.row, target, role });
    }

    fn event(&mut self, chain: Chain, kind: EventKind, ids: &[(&str, String)]) {
        let mut all: std::collections::BTreeMap<String, String> =
            ids.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        all.insert("message".into(), self.trigger.row.to_string());
        self.effects.events.push(EventWrite { chain, kind, ids: all, content: None });
    }

    fn clock(&mut self, of: ClockOf, kind: ClockKind, started: Timestamp, due: &crate::calendar::Due) {
        let calendar = &self.trigger.desk.calendar;
        self.effects.clocks.push(ClockRow {
            id: self.chance.id(self.trigger.now),
            desk: self.trigger.desk.id.clone(),
            of,
            kind,
            started,
            due_local: due.local,
            zone: calendar.zone_name().to_owned(),
            due: due.at,
            calendar_version: calendar.version().to_owned(),
            state: ClockState::Running,
        });
    }

    fn finish(mut self) -> Effects {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let ids = [("decision", judgement.decision.to_string()), ("desk_version", trigger.desk.version.clone())];
        self.event(Chain::Desk, EventKind::Decided, &ids);
        let lookups = crate::intake::lookups::lookups(trigger.desk, trigger.keys, trigger.message, trigger.row);
        self.effects.decided = Some(Decided {
            message: trigger.row,
            releases_held: trigger.releases_held,
            decision: judgement.decision,
            reasons: judgement.reasons.clone(),
            trace: judgement.trace.clone(),
            automatic: judgement.automatic,
            line: judgement.completeness.line.clone(),
            topics: judgement.topics.clone(),
            warnings: judgement.warnings.clone(),
            urgent: judgement.urgent,
            arrived: trigger.arrived,
            content_hash: (trigger.message.bytes > 0).then_some(trigger.message.content_hash),
            message_id: trigger.message.message_id.clone(),
            author_version: trigger.message.author().map(|_| trigger.standing.sender.version),
            author: trigger.message.from.first().cloned(),
            subject: trigger.message.subject.clone(),
            visible_text: trigger.message.body.visible.clone(),
            request: serde_json::to_value(&judgement.request).unwrap_or_default(),
            words_hash: lookups.words_hash,
            subject_hash: lookups.subject_hash,
            gets_reply: judgement.reply.is_some(),
            folder: Folder::of(judgement.decision),
        });
        self.effects
    }
}

fn new_case(
    trigger: &MessageTrigger<'_>,
    id: Uuid,
    number: &CaseNumber,
    author: &crate::address::Mailbox,
    old: Option<&Case>,
) -> Case {
    let known = &trigger.judgement.completeness;
    let entries = match old {
        Some(old) => old.entries.clone(),
        None => vec![Entry { member: known.member.clone().unwrap_or_default(), fields: known.fields.clone() }],
    };
    let subject = match old {
        Some(old) => old.subject.clone(),
        None => known.canonical_subject.clone().unwrap_or_else(|| trigger.message.subject.clone()),
    };
    let named =
        trigger.desk.field_of(crate::desk::FieldRole::RequesterName).and_then(|field| known.fields.get(&field.id));
    let mut all = participants(trigger.desk, trigger.message);
    if let Some(pending) = trigger.judgement.belongs.and_then(|(target, _)| match target {
        Target::Pending(id) => trigger.standing.pending(id).map(|facts| &facts.pending),
        Target::Case(_) => None,
    }) {
        all.extend(pending.participants.iter().filter(|p| !all.contains(p)).cloned().collect::<Vec<_>>());
    }
    Case {
        id,
        version: 0,
        desk: trigger.desk.id.clone(),
        number: number.clone(),
        line: old.map_or_else(|| known.line.clone(), |old| old.line.clone()),
        kind: None,
        priority: None,
        status: Status::New,
        urgent: trigger.judgement.urgent,
        requester: author.address.clone(),
        requester_name: named.cloned().or_else(|| author.name.clone()),
        participants: all,
        external: trigger.judgement.external,
        specialist: None,
        entries,
        subject,
        opened_at: trigger.now,
        resolved_at: None,
        links: old.map(|old| old.id).into_iter().collect(),
    }
}

/// The author and whom they had on Cc, without the desk itself and its staff.
fn participants(desk: &Desk, message: &Message) -> Vec<crate::address::EmailAddress> {
    let mut all = Vec::new();
    let author = message.author().into_iter();
    for mailbox in author.chain(message.cc.iter()) {
        let address = &mailbox.address;
        let is_ours = desk.is_own_address(address) || desk.staff_member(address).is_some();
        if (all.is_empty() || !is_ours) && !all.contains(address) {
            all.push(address.clone());
        }
    }
    all
}
