//! What one decided message writes: its case or pending request, links, clocks, mails and events.

use super::letters::{Letters, outward_context};
use super::{Chain, ClockChoice, ClockEnd, Decided, Effects, EventWrite, Folder, MailState, RequesterWrite};
use crate::address::EmailAddress;
use crate::case::standing::{Standing, Target};
use crate::case::{Case, ClockKind, ClockOf, ClockRow, ClockState, Entry, EventKind, LinkRole, Pending, PendingState};
use crate::compose::ComposeError;
use crate::compose::context::{About, Bounce, Context, Promise};
use crate::desk::Desk;
use crate::effects::MessageLink;
use crate::intake::decide::Judgement;
use crate::message::{Message, Report, ReportedRecipient};
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::{CaseNumber, PendingToken, Tag};
use crate::words::token;
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
    /// What earlier delivery reports said of the mail of ours that this one is about; `None`: it is the first.
    pub reported_before: Option<Reported>,
    /// Now.
    pub now: Timestamp,
}

/// What a delivery report said of a mail of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// That its address takes no mail.
    Gone,
    /// That it waits, or was given up for now.
    Soft,
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

/// What a delivery report says of the mail, the worst of its recipients first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The address takes no mail (status 5, or a failure without status).
    Gone,
    /// It was given up for now (status 4).
    Failed,
    /// It is tried again.
    Delayed,
    /// It arrived, or was handed on.
    Arrived,
}

impl Outcome {
    fn of(recipients: &[ReportedRecipient]) -> Self {
        let one = |recipient: &ReportedRecipient| {
            let status = recipient.status.as_deref().and_then(|status| status.chars().next());
            match (recipient.action.as_deref(), status) {
                (Some("delayed"), _) => Self::Delayed,
                (Some("delivered" | "relayed" | "expanded"), _) | (None, Some('2')) => Self::Arrived,
                (Some("failed") | None, None | Some('5')) => Self::Gone,
                _ => Self::Failed,
            }
        };
        let all: Vec<Self> = recipients.iter().map(one).collect();
        [Self::Gone, Self::Failed, Self::Delayed, Self::Arrived]
            .into_iter()
            .find(|outcome| all.contains(outcome))
            .unwrap_or(Self::Failed)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Gone | Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Arrived => "delivered",
        }
    }
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
        let start = if trigger.releases_held { trigger.now } else { trigger.arrived };
        let promise = self.start_clocks(id, start);
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
        context.season = trigger.desk.clocks_at(start).notice;
        context.status = Some(case.status);
        if old.is_some() {
            context.line = case.line.clone();
            context.member = Some(case.member());
            context.fields = case.fields().clone();
            context.repaired = false;
        }
        self.effects.cases.push(case);
        self.reply(Template::Receipt, &context, Some(Target::Case(id)))
    }

    /// Starts the response clock with the request and the update clock with the receipt, and words both promises.
    ///
    /// `start` is the message's arrival, or the release of what was held: only then was it accepted.
    fn start_clocks(&mut self, case: Uuid, start: Timestamp) -> Promise {
        let trigger = self.trigger;
        let desk = trigger.desk;
        let clocks = desk.clocks_at(start);
        let respond = desk.promise(start, clocks.respond, trigger.now);
        let update = desk.promise(trigger.now, clocks.update, trigger.now);
        let promise = Promise {
            respond_within: clocks.respond.to_string(),
            respond_by: desk.calendar.promise(&respond, trigger.now),
            update_every: clocks.update.to_string(),
            next_update: Some(desk.calendar.promise(&update, trigger.now)),
        };
        self.clock(ClockOf::Case(case), ClockKind::Respond, start, &respond);
        self.clock(ClockOf::Case(case), ClockKind::Update, trigger.now, &update);
        promise
    }

    /// The pending request that this completes becomes the case; others of the same member are closed silently.
    fn complete_pendings(&mut self, case_id: Uuid, case: &Case) {
        let standing = self.trigger.standing;
        let completed = self.own_pending().map(|pending| pending.id);
        for pending in standing.pendings.iter().map(|facts| &facts.pending) {
            let same_member = pending.requester == case.requester && self.is_about_member_of(pending, case);
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

    /// Whether a pending request asks about the member of `case`, on no other line.
    fn is_about_member_of(&self, pending: &Pending, case: &Case) -> bool {
        let desk = self.trigger.desk;
        let Ok(request) = serde_json::from_value::<crate::intake::Request>(pending.request.clone()) else {
            return false;
        };
        let known = crate::intake::complete(desk, &request);
        if known.line.is_some() && known.line != case.line {
            return false;
        }
        let id = desk.field_of(crate::desk::FieldRole::MemberId).map(|field| &field.id);
        let identifier = |fields: &crate::words::Fields| -> Option<String> {
            let written = id.and_then(|id| fields.get(id))?;
            Some(written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect())
        };
        match (identifier(&known.fields), identifier(case.fields())) {
            (Some(one), Some(other)) => one == other,
            _ => pending.member.as_ref().is_some_and(|m| crate::intake::same::same_member(desk, m, &case.member())),
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
        if author.address == row.requester {
            join(&mut row.participants, participants(trigger.desk, trigger.message));
        }
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
        let mut joined = case.participants.clone();
        if by_requester && trigger.message.author().is_some_and(|author| author.address == case.requester) {
            join(&mut joined, participants(trigger.desk, trigger.message));
        }
        if role == LinkRole::Internal {
            self.note(case.id, &trigger.message.body.visible);
        }
        if newly_urgent || self.judgement.reopens || joined != case.participants {
            let mut row = case.clone();
            row.participants = joined;
            if newly_urgent {
                row.urgent = true;
                self.event(Chain::Case(case.id), EventKind::MarkedUrgent, &[]);
            }
            if self.judgement.reopens {
                row.status = if row.specialist.is_some() { Status::InReview } else { Status::New };
                row.resolved_at = None;
                self.event(Chain::Case(case.id), EventKind::Reopened, &[]);
                self.start_clocks(case.id, trigger.arrived);
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

    /// A delivery report about mail of ours: the case shows it, staff is told, and an address that is gone is not
    /// written to again.
    fn bounce(&mut self) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some((target, _)) = self.judgement.belongs else { return Ok(()) };
        let Some(report) = &trigger.message.report else { return Ok(()) };
        self.link(target, LinkRole::Bounce);
        let outcome = Outcome::of(&report.recipients);
        let case = match target {
            Target::Case(id) => trigger.standing.case(id).map(|facts| &facts.case),
            Target::Pending(_) => None,
        };
        let chain = case.map_or(Chain::Desk, |case| Chain::Case(case.id));
        self.event(chain, EventKind::Bounced, &[("action", outcome.as_str().to_owned())]);
        if outcome == Outcome::Arrived {
            return Ok(());
        }
        let hard = outcome == Outcome::Gone;
        let ours = report.original_ids.iter().filter(|id| self.token_of(id).is_some());
        self.effects.bounced_mails = ours.map(|id| (id.clone(), hard)).collect();
        let address = self.who_was_missed(target, report);
        if let (true, Some(address)) = (hard, &address) {
            self.effects.requesters.push(RequesterWrite { address: address.clone(), bounced_hard: true });
        }
        let is_known = match (outcome, trigger.reported_before) {
            (Outcome::Gone, Some(before)) => before == Reported::Gone,
            (Outcome::Delayed, Some(_)) => true,
            _ => false,
        };
        if is_known {
            return Ok(());
        }
        let named =
            address.or_else(|| report.recipients.iter().find_map(|r| EmailAddress::parse(r.address.as_deref()?).ok()));
        let status = report.recipients.iter().find_map(|r| r.status.clone());
        let mut context = self.staff_context(case);
        context.about = Some(if outcome == Outcome::Delayed { About::Delayed } else { About::Bounced });
        context.bounce = named.map(|address| Bounce { address: address.to_string(), status });
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

    /// The participant to whom the mail went that the report is about: its token says so. Nobody where it went to staff.
    fn who_was_missed(&self, target: Target, report: &Report) -> Option<EmailAddress> {
        let trigger = self.trigger;
        let (desk, standing) = (trigger.desk, trigger.standing);
        let participants = match target {
            Target::Case(id) => standing.case(id).map(|facts| facts.case.participants.as_slice()),
            Target::Pending(id) => standing.pending(id).map(|facts| facts.pending.participants.as_slice()),
        };
        let reported = report.recipients.iter().filter_map(|r| EmailAddress::parse(r.address.as_deref()?).ok());
        let known: Vec<EmailAddress> = participants.unwrap_or_default().iter().cloned().chain(reported).collect();
        let tokens: Vec<token::MailToken> = report.original_ids.iter().filter_map(|id| self.token_of(id)).collect();
        let is_missed = |address: &EmailAddress| {
            desk.staff_member(address).is_none() && tokens.iter().any(|token| token.went_to(trigger.keys, address))
        };
        known.into_iter().find(is_missed)
    }

    fn token_of(&self, id: &str) -> Option<token::MailToken> {
        token::read(self.trigger.keys, &self.trigger.desk.id, &self.trigger.desk.prefix, id)
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
        let decision = self.judgement.decision;
        self.note(id, &format!("not a participant of this case; the mail was judged on its own: {decision}"));
        Ok(())
    }

    /// A note for staff, beginning with who wrote the message.
    fn note(&mut self, case: Uuid, text: &str) {
        let who = self.trigger.message.from.first().map(|one| one.address.to_string()).unwrap_or_default();
        let ids = std::collections::BTreeMap::from([("message".to_owned(), self.trigger.row.to_string())]);
        let content = Some(serde_json::json!({ "text": format!("{who}: {}", text.trim()) }));
        self.effects.events.push(EventWrite { chain: Chain::Case(case), kind: EventKind::Note, ids, content });
    }

    /// The line's supervisor, both where the line is unknown, is told of an urgent request at once, whatever was decided.
    fn tell_of_urgency(&mut self) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let by_nobody_who_asks = matches!(judgement.belongs, Some((_, LinkRole::Automatic | LinkRole::Staff)));
        let is_noise = matches!(judgement.decision, Decision::Bounce | Decision::Ignore) || by_nobody_who_asks;
        if !judgement.urgent || is_noise {
            return Ok(());
        }
        let existing = judgement.repeats.or(match judgement.belongs {
            Some((Target::Case(id), role)) if role != LinkRole::Stranger => Some(id),
            _ => None,
        });
        let case = existing.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case);
        let new = self.effects.cases.iter().find(|row| row.version == 0).map(|row| (row.id, row.number.clone()));
        let line = case.and_then(|case| case.line.clone()).or_else(|| judgement.completeness.line.clone());
        // A mixed message is about every line that it names.
        let line = line.filter(|_| judgement.decision != Decision::RejectMixed);
        let mut context = self.staff_context(case);
        context.about = Some(About::Urgent);
        context.request = Some(trigger.message.body.visible.clone());
        context.line = line.clone();
        let about = case.map(|case| (case.id, case.number.clone())).or(new);
        let about = about.map(|(id, number)| (Target::Case(id), Tag::Case(number)));
        let today = trigger.desk.calendar.local(trigger.now).date();
        for mailbox in trigger.desk.told_of_urgency(line.as_ref(), today) {
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
        let external = judgement.external || trigger.desk.is_external(&to.address);
        let state = if judgement.reply_withheld {
            MailState::Withheld
        } else if external && trigger.desk.secure.automatic_secure {
            MailState::WaitingSecure
        } else {
            MailState::Queued
        };
        let about = about.zip(context.tag.clone());
        let answered = (trigger.row, trigger.message);
        self.letters().reply(template, external, &to, context, about, answered, state)
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
    // Whoever completes a request that another made does not become its requester.
    let pending = trigger.judgement.belongs.and_then(|belongs| match belongs {
        (_, LinkRole::Stranger) | (Target::Case(_), _) => None,
        (Target::Pending(id), _) => trigger.standing.pending(id).map(|facts| &facts.pending),
    });
    let requester = pending.map_or_else(|| author.address.clone(), |pending| pending.requester.clone());
    if let Some(pending) = pending {
        let newer = if requester == author.address { std::mem::take(&mut all) } else { Vec::new() };
        all = pending.participants.clone();
        join(&mut all, newer);
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
        requester_name: named.cloned().or_else(|| author.name.clone().filter(|_| requester == author.address)),
        requester,
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

fn join(all: &mut Vec<EmailAddress>, newer: Vec<EmailAddress>) {
    for address in newer {
        if !all.contains(&address) {
            all.push(address);
        }
    }
}

/// The author and whom they had on Cc, without the desk itself and its staff.
fn participants(desk: &Desk, message: &Message) -> Vec<EmailAddress> {
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
