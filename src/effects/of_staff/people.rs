//! Commands about people: who gets a case, who is away.

use super::{Done, Hands, refused};
use crate::address::EmailAddress;
use crate::case::Case;
use crate::compose::context::{About, Context};
use crate::desk::{Desk, Role, Staff};
use crate::effects::AbsenceWrite;
use crate::effects::case_work::CaseWork;
use crate::effects::of_assignment::{Handover, hand_over};
use crate::words::Template;
use jiff::Timestamp;
use jiff::civil::Date;

impl Hands<'_> {
    /// `#assign NAME`
    pub(super) fn assign(&mut self, to: &EmailAddress) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let sender = self.mail.sender.clone();
        let work = self.work()?;
        let colleague = taker(desk, to, &work.case, now)?;
        if !work.case.is_open() {
            return refused("The case is resolved: there is nothing to work on.");
        }
        if work.case.specialist.as_ref() == Some(to) {
            return refused(format!("{} has the case already.", colleague.name));
        }
        let before = work.case.specialist.clone();
        hand_over(work, &colleague, Handover::ByHand)?;
        tell_former(work, before.as_ref(), &colleague, &sender)?;
        Ok(format!("{} has the case now, with the request whole.", colleague.name))
    }

    /// `#assign NAME all from OTHER`
    pub(super) fn assign_all(&mut self, to: &EmailAddress, from: &EmailAddress) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let mail = self.mail;
        let former = desk.staff_mailbox(from).name.unwrap_or_else(|| from.to_string());
        let mut moved = 0usize;
        let mut left: Vec<String> = Vec::new();
        for (case, around) in &mail.colleagues_cases {
            let colleague = match taker(desk, to, case, now) {
                Ok(colleague) => colleague,
                Err(super::Stop::Refused(_)) if works_other_lines(desk, to, case) => {
                    left.push(case.number.0.clone());
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            moved += 1;
            // The case that the mail is about is in work already: it is written once.
            if let Some(work) = self.work.as_mut().filter(|work| work.case.id == case.id) {
                hand_over(work, &colleague, Handover::ByHand)?;
                continue;
            }
            let keys = self.trigger.keys;
            let mut work = CaseWork::new((desk, keys), case.clone(), around, (now, self.chance));
            hand_over(&mut work, &colleague, Handover::ByHand)?;
            self.carried.effects.join(work.finish());
        }
        let name = desk.staff_mailbox(to).name.unwrap_or_else(|| to.to_string());
        if moved == 0 && left.is_empty() {
            return refused(format!("{former} has no open case."));
        }
        let rest = if left.is_empty() {
            String::new()
        } else {
            format!(" {name} does not work the line of {}: they stay with {former}.", left.join(", "))
        };
        let cases = if moved == 1 { "case has".to_owned() } else { "cases have".to_owned() };
        Ok(format!("{moved} open {cases} gone from {former} to {name}.{rest}"))
    }

    /// `#out FROM..TO`, and `#out for NAME FROM..TO`
    pub(super) fn out(&mut self, who: Option<&EmailAddress>, from: Date, to: Date) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let email = who.unwrap_or(&self.mail.sender.email).clone();
        let day = |date| desk.calendar.date_in_words(date, now);
        let (first, last) = (day(from), day(to));
        let rest = "no new case comes to";
        let told = match who.and_then(|who| desk.staff_member(who)) {
            None if desk.staff_member(&email).is_none() => {
                return refused("You are not of the staff of this desk: nothing is ever assigned to you.");
            }
            None => format!(
                "You are away from {first} to {last}: {rest} you on these days. Open cases stay yours; a supervisor can \
                 give them to somebody else."
            ),
            Some(colleague) => format!(
                "{} is away from {first} to {last}: {rest} them on these days. Their open cases stay theirs until you \
                 give them to somebody else.",
                colleague.name
            ),
        };
        self.carried.effects.set_absence(AbsenceWrite { email, from, to });
        Ok(told)
    }
}

/// The colleague with this address, if they may take `case` now.
fn taker(desk: &Desk, to: &EmailAddress, case: &Case, now: Timestamp) -> Result<Staff, super::Stop> {
    let Some(colleague) = desk.staff_member(to) else { return refused("Nobody of the staff has this address.") };
    let today = desk.calendar.local(now).date();
    if colleague.is_absent(today) {
        return refused(format!("{} is away today.", colleague.name));
    }
    if works_other_lines(desk, to, case) {
        let line = case.line.as_ref().and_then(|line| desk.line(line)).map_or("this line", |line| line.name.as_str());
        return refused(format!("{} does not work {line}.{}", colleague.name, who_does(desk, case, today)));
    }
    Ok(colleague.clone())
}

fn works_other_lines(desk: &Desk, to: &EmailAddress, case: &Case) -> bool {
    let Some(colleague) = desk.staff_member(to) else { return false };
    let is_theirs = |line| colleague.lines.contains(line);
    colleague.role == Role::Specialist && !colleague.lines.is_empty() && !case.line.as_ref().is_none_or(is_theirs)
}

/// Who works the line of `case` today, for whoever looks for somebody: a sentence, or nothing.
pub(in crate::effects) fn who_does(desk: &Desk, case: &Case, today: Date) -> String {
    let Some(line) = &case.line else { return String::new() };
    let has_it = |staff: &Staff| case.specialist.as_ref() == Some(&staff.email);
    let works = |staff: &&Staff| staff.role == Role::Specialist && !staff.is_absent(today) && !has_it(staff);
    let here = desk.staff.iter().filter(works);
    let names: Vec<&str> = here.filter(|staff| staff.lines.contains(line)).map(|staff| staff.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(" Here today for it: {}.", names.join(", ")) }
}

/// Whoever had the case learns that they need not remember it any longer.
fn tell_former(
    work: &mut CaseWork<'_>,
    former: Option<&EmailAddress>,
    now_with: &Staff,
    by: &Staff,
) -> Result<(), super::Stop> {
    let desk = work.desk;
    let is_told = |address: &&EmailAddress| **address != by.email && desk.staff_member(address).is_some();
    let Some(former) = former.filter(is_told) else { return Ok(()) };
    let words = format!("{} gave this case to {}. There is nothing left to do for you.", by.name, now_with.name);
    let context = Context { about: Some(About::Other), words: Some(words), ..work.context() };
    Ok(work.tell_staff(Template::Notice, &desk.staff_mailbox(former), &context)?)
}
