//! Who gets which digest (POLICY.md, Assignment and digest): a line's supervisor that line, the desk's supervisor all; in
//! the place of who is away the deputy, else the desk's supervisor.
//!
//! One mail a person: who is meant for two lines, or stands in for somebody, gets one digest of all of it.

use super::day::Scope;
use crate::address::{EmailAddress, Mailbox};
use crate::desk::{Desk, Role, Staff};
use crate::words::LineId;
use jiff::civil::Date;

/// Somebody who gets a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub to: Mailbox,
    /// Of which lines.
    pub scope: Scope,
    /// Names of the absent supervisors in whose place they get it.
    pub stands_in_for: Vec<String>,
}

impl Recipient {
    /// In whose place they get it, as a sentence; empty where in nobody's.
    pub fn stand_in(&self) -> String {
        match self.stands_in_for.as_slice() {
            [] => String::new(),
            [one] => format!("You get this in the place of {one}, who is away."),
            more => format!("You get this in the place of {}, who are away.", more.join(" and ")),
        }
    }
}

/// Everybody who gets a digest of `desk` on `today`, in the order in which the policy means them.
pub fn recipients(desk: &Desk, today: Date) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    for to in desk.supervisors(None, today) {
        recipients.push(Recipient { to, scope: Scope::All, stands_in_for: Vec::new() });
    }
    for line in &desk.lines {
        for to in desk.supervisors(Some(&line.id), today) {
            match recipients.iter_mut().find(|known| known.to.address == to.address) {
                Some(known) => widen(&mut known.scope, &line.id),
                None => recipients.push(Recipient {
                    to,
                    scope: Scope::Lines(vec![line.id.clone()]),
                    stands_in_for: Vec::new(),
                }),
            }
        }
    }
    for recipient in &mut recipients {
        recipient.stands_in_for = stood_in_for(desk, &recipient.to.address, today);
    }
    recipients
}

fn widen(scope: &mut Scope, line: &LineId) {
    if let Scope::Lines(lines) = scope
        && !lines.contains(line)
    {
        lines.push(line.clone());
    }
}

/// The absent supervisors for whom a deputy stands in. Whoever supervises the desk gets all of it anyway.
fn stood_in_for(desk: &Desk, deputy: &EmailAddress, today: Date) -> Vec<String> {
    let Some(staff) = desk.staff_member(deputy).filter(|staff| staff.role == Role::Deputy) else { return Vec::new() };
    let is_meant =
        |one: &&Staff| one.role == Role::Supervisor && one.is_absent(today) && staff.deputy_for.contains(&one.email);
    desk.staff.iter().filter(is_meant).map(|one| one.name.clone()).collect()
}
