//! Commands that open a case: by hand for a call, or out of another case's newest message.

use super::{Done, Hands, Stop, refused};
use crate::address::{EmailAddress, Mailbox};
use crate::case::course::Course;
use crate::case::standing::Target;
use crate::case::{Case, EventKind, LinkRole};
use crate::desk::promises::Sort;
use crate::effects::MessageLink;
use crate::effects::case_work::CaseWork;
use crate::effects::clocks::{Clocks, in_words};
use crate::effects::of_message::{entries_of, is_inquiry};
use crate::intake::complete::canonical_subject;
use crate::intake::request::{self, Source, read_parts};
use crate::intake::{Completeness, complete};
use crate::words::numbers::CaseNumber;
use crate::words::{Status, Template};
use uuid::Uuid;

impl Hands<'_> {
    /// `#for`: the mail's text is the request.
    pub(super) fn open_for(&mut self, address: &EmailAddress, name: Option<&str>) -> Done {
        let (desk, row) = (self.trigger.desk, self.trigger.row);
        let Some(number) = self.numbers.pop() else { return refused("No case number is left: send the mail again.") };
        if desk.is_own_address(address) {
            return refused("That is the desk's own address.");
        }
        let Some(text) = self.text.take() else {
            return refused("The request is missing: write it below the command, in the words of the desk's form.");
        };
        let subject = crate::intake::same::bare_subject(desk, &self.trigger.message.subject);
        let source = Source { subject: &subject, visible: &text, quoted: "", signature: "", forwarded: &[] };
        let known = complete(desk, &read_parts(desk, source));
        let line = self.line.clone().or_else(|| known.line.clone()).or_else(|| match desk.lines.as_slice() {
            [only] => Some(only.id.clone()),
            _ => None,
        });
        let lines = || desk.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(" or ");
        // A request of no type waits in no queue, as one that came by mail.
        if line.is_none() && !desk.has_queues {
            return refused(format!("The line is missing: add `#line NAME` below the command ({}).", lines()));
        }
        let requester = Mailbox { name: name.map(str::to_owned), address: address.clone() };
        let mut case = self.blank(number.clone(), requester, &known);
        case.line = line.clone();
        let canonical = match desk.subject.is_template {
            true => line.as_ref().and_then(|line| canonical_subject(desk, &case.member(), line)),
            false => known.canonical_subject.clone(),
        };
        case.subject = canonical.or(Some(subject).filter(|s| !s.is_empty())).unwrap_or_else(|| desk.name.clone());
        case.urgent = crate::intake::urgency::urgent(desk, &case.subject, &text).is_some();
        self.settle();
        self.open(case, row, None)?;
        Ok(format!("Case {number} is open for {address}, and the receipt has gone there."))
    }

    /// `#split`: the newest message of the case becomes a case of its own.
    pub(super) fn split(&mut self) -> Done {
        let desk = self.trigger.desk;
        let Some(newest) = &self.mail.newest else {
            return refused("The case has no message of its requester that could stand alone.");
        };
        if self.mail.newest_is_opening {
            return refused(
                "The case has one message of its requester, the request itself: there is nothing to split off.",
            );
        }
        let Some(number) = self.numbers.pop() else { return refused("No case number is left: send the mail again.") };
        let known = complete(desk, &request::read(desk, &newest.message));
        let work = self.work()?;
        let old = work.case.clone();
        work.event(EventKind::Split, &[("into", number.0.clone())], None);
        let requester = Mailbox { name: old.requester_name.clone(), address: old.requester.clone() };
        let mut case = self.blank(number.clone(), requester, &known);
        // What the message does not say itself, it has from the case that it stood in.
        let says_who = known.member.is_some();
        if !says_who {
            case.entries.clone_from(&old.entries);
        }
        case.line = known.line.clone().or_else(|| old.line.clone());
        case.participants.clone_from(&old.participants);
        let canonical = match desk.subject.is_template {
            true => case.line.as_ref().and_then(|line| canonical_subject(desk, &case.member(), line)),
            false => known.canonical_subject.clone(),
        };
        case.subject = canonical.unwrap_or_else(|| old.subject.clone());
        case.links = vec![old.id];
        self.settle();
        self.open(case, newest.row, Some(&old.number))?;
        Ok(format!(
            "The newest message is case {number} now, linked with {}; the requester has its receipt.",
            old.number
        ))
    }

    /// A new case of what is known.
    fn blank(&mut self, number: CaseNumber, requester: Mailbox, known: &Completeness) -> Case {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        Case {
            id: self.chance.id(now),
            version: 0,
            desk: desk.id.clone(),
            number,
            line: None,
            kind: known.kind.clone(),
            priority: known.priority.clone(),
            status: Status::New,
            urgent: false,
            external: desk.is_external(&requester.address),
            participants: vec![requester.address.clone()],
            requester: requester.address,
            requester_name: requester.name,
            specialist: None,
            assigned_at: None,
            entries: entries_of(desk, known),
            subject: String::new(),
            opened_at: now,
            resolved_at: None,
            links: Vec::new(),
            next_words: None,
            paused: None,
            waits_until: None,
            merged_into: None,
            course: Course { is_inquiry: is_inquiry(desk, known.kind.as_deref()), ..Course::default() },
        }
    }

    /// Opens `case` with its clocks and its receipt; it is what later commands of the mail are about.
    fn open(&mut self, case: Case, row: Uuid, out_of: Option<&CaseNumber>) -> Result<(), Stop> {
        let (desk, keys, now) = (self.trigger.desk, self.trigger.keys, self.trigger.now);
        let mut work = CaseWork::new((desk, keys), case, self.nothing, (now, self.chance));
        let id = work.case.id;
        work.event(EventKind::CaseOpened, &[("number", work.case.number.0.clone())], None);
        if let Some(old) = out_of {
            work.event(EventKind::Linked, &[("case", old.0.clone())], None);
        }
        work.effects.links.push(MessageLink { message: row, target: Target::Case(id), role: LinkRole::Opened });
        let kind = work.case.kind.clone();
        let priority = work.case.priority.clone();
        let sort = Sort { kind: kind.as_deref(), priority: priority.as_deref() };
        let mut clocks = Clocks { desk, now, chance: &mut work.chance, effects: &mut work.effects };
        let respond = clocks.respond(id, sort, now);
        let update = clocks.update(id, kind.as_deref());
        clocks.begin(&work.case);
        let mut context = work.context();
        context.promise = Some(in_words((desk, sort), now, Some(&respond), &update, now));
        context.season = desk.clocks_at(now).notice;
        context.priority.clone_from(&work.case.priority);
        context.kind = kind;
        context.is_inquiry = work.case.course.is_inquiry;
        work.case.course.number_told = !work.case.course.is_inquiry;
        work.case.course.time_told = true;
        let case = work.case.clone();
        work.clocks().next_step(&case);
        work.send_automatic(Template::Receipt, &context)?;
        self.work = Some(work);
        Ok(())
    }
}
