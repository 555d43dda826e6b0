//! Commands that correct a case: its line, a field, its priority; and what could be better next time.

use super::people::who_does;
use super::{Done, Hands, refused};
use crate::case::commands::OpportunityKind;
use crate::case::{Case, EventKind};
use crate::desk::{Desk, FieldRole};
use crate::intake::complete::canonical_subject;
use crate::intake::request::{Source, read_parts};
use crate::intake::{Worth, complete};
use crate::words::LineId;

impl Hands<'_> {
    /// `#priority`
    pub(super) fn priority(&mut self, word: &str) -> Done {
        let urgent = crate::case::commands::priorities(self.trigger.desk).first() == Some(&word);
        let work = self.work()?;
        work.case.priority = Some(word.to_owned());
        if urgent && !work.case.urgent {
            work.event(EventKind::MarkedUrgent, &[], None);
        }
        work.case.urgent = urgent;
        let case = work.case.clone();
        if case.is_open() {
            work.clocks().assign_at_once(&case);
        }
        work.event(EventKind::Corrected, &[("what", "priority".to_owned())], None);
        Ok(format!("The priority is `{word}`."))
    }

    /// `#opportunity`
    pub(super) fn opportunity(&mut self, kind: OpportunityKind, text: &str) -> Done {
        let by = self.mail.sender.email.clone();
        let work = self.work()?;
        let content = serde_json::json!({
            "kind": kind.as_str(), "text": text.trim(), "agent": work.case.requester, "by": by,
        });
        work.event(EventKind::Opportunity, &[("kind", kind.to_string())], Some(content));
        Ok(format!("The opportunity for {kind} is recorded."))
    }

    /// `#line`
    pub(super) fn line(&mut self, line: &LineId) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let name = desk.line(line).map_or_else(|| line.0.clone(), |line| line.name.clone());
        let work = self.work()?;
        if work.case.line.as_ref() == Some(line) && work.case.version == 0 {
            return Ok(format!("The case is of {name}."));
        }
        if work.case.line.as_ref() == Some(line) {
            return refused(format!("The case is of {name} already."));
        }
        work.case.line = Some(line.clone());
        work.event(EventKind::Corrected, &[("what", "line".to_owned()), ("line", line.0.clone())], None);
        let subject = retitle(desk, &mut work.case);
        let today = desk.calendar.local(now).date();
        let offer = offer(desk, &work.case, today);
        Ok(format!("The case is of {name} now{subject}, and its supervisor with it.{offer}"))
    }

    /// `#field`
    pub(super) fn field(&mut self, id: &str, value: &str) -> Done {
        let desk = self.trigger.desk;
        let Some(field) = desk.fields.iter().find(|field| field.id == id) else {
            return refused("The desk has no such field.");
        };
        let text = format!("{}: {value}", field.label);
        let source = Source { subject: "", visible: &text, quoted: "", signature: "", forwarded: &[] };
        let request = read_parts(desk, source);
        let worth = request.given.get(id).map(|given| (given.worth, given.value.clone()));
        let value = match worth {
            Some((Worth::Usable, value)) => value,
            Some((Worth::Placeholder, _)) | None => {
                return refused(format!("That says nothing about {}.", field.label));
            }
            Some((Worth::Invalid, _)) => {
                let hint = field.hint.as_ref().map(|hint| format!(" It has {hint}.")).unwrap_or_default();
                return refused(format!("That cannot be used as {}.{hint}", field.label));
            }
        };
        let member = complete(desk, &request).member;
        let is_name = field.role == FieldRole::MemberName;
        if is_name && member.is_none() {
            return refused(format!("No name can be read in that: write it as `#field {}=Last, First`.", field.id));
        }
        let work = self.work()?;
        if work.case.entries.is_empty() {
            work.case.entries.push(crate::case::Entry::default());
        }
        if let Some(entry) = work.case.entries.first_mut() {
            entry.fields.insert(id.to_owned(), value);
            if let (true, Some(member)) = (is_name, member) {
                entry.member = member;
            }
        }
        work.event(EventKind::Corrected, &[("what", "field".to_owned()), ("field", id.to_owned())], None);
        let subject = if is_name { retitle(desk, &mut work.case) } else { String::new() };
        Ok(format!("{} is corrected{subject}.", field.label))
    }
}

/// The subject follows member and line; tells so where it changed.
fn retitle(desk: &Desk, case: &mut Case) -> String {
    let canonical = case.line.as_ref().and_then(|line| canonical_subject(desk, &case.member(), line));
    match canonical {
        Some(subject) if subject != case.subject => {
            case.subject = subject;
            ", and so says its subject".to_owned()
        }
        _ => String::new(),
    }
}

/// An offer to give the case to somebody else.
fn offer(desk: &Desk, case: &Case, today: jiff::civil::Date) -> String {
    let theirs = case.specialist.as_ref().and_then(|email| desk.staff_member(email));
    let fits = theirs
        .is_none_or(|staff| staff.lines.is_empty() || case.line.as_ref().is_none_or(|line| staff.lines.contains(line)));
    let who = who_does(desk, case, today);
    if theirs.is_none() {
        return String::new();
    }
    let why = if fits { "" } else { " Whoever has it does not work this line." };
    format!("{why} To give it to somebody else, write `#assign NAME`.{who}")
}
