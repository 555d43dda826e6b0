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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Absence, shipped};
    use jiff::civil::date;

    fn person(name: &str, role: Role, lines: &[&LineId], deputy_for: &[&str]) -> Staff {
        let email = |name: &str| EmailAddress::parse(&format!("{name}@example.com")).unwrap();
        Staff {
            name: name.to_owned(),
            email: email(name),
            role,
            lines: lines.iter().map(|line| (*line).clone()).collect(),
            deputy_for: deputy_for.iter().map(|name| email(name)).collect(),
            absent: Vec::new(),
        }
    }

    /// A desk of two lines with these people, of whom those named are away.
    fn told(staff: Vec<Staff>, away: &[&str]) -> Vec<(String, String, String)> {
        let mut desk = shipped::desk(&shipped::ids()[0]).unwrap();
        let today = date(2026, 11, 23);
        desk.staff = staff;
        for line in &mut desk.lines {
            line.supervisors.clear();
        }
        for one in desk.staff.iter_mut().filter(|one| away.contains(&one.name.as_str())) {
            one.absent.push(Absence { from: today, to: today });
        }
        let scope = |scope: &Scope| match scope {
            Scope::All => "all".to_owned(),
            Scope::Lines(lines) => lines.iter().map(|line| line.0.clone()).collect::<Vec<_>>().join("+"),
        };
        let all = recipients(&desk, today);
        all.iter().map(|one| (one.to.address.local().to_owned(), scope(&one.scope), one.stand_in())).collect()
    }

    #[test]
    fn a_lines_supervisor_gets_the_line_and_the_desks_gets_all() {
        use Role::{Deputy, Specialist, Supervisor};
        let desk = shipped::desk(&shipped::ids()[0]).unwrap();
        let (one, two) = (&desk.lines[0].id, &desk.lines[1].id);
        let staff = || {
            vec![
                person("ann", Supervisor, &[one], &[]),
                person("bob", Supervisor, &[two], &[]),
                person("sam", Specialist, &[one], &[]),
                person("dan", Deputy, &[], &["ann"]),
            ]
        };
        let with_boss = || {
            let mut all = staff();
            all.push(person("eve", Supervisor, &[], &[]));
            all
        };
        let row = |who: &str, scope: &str, place: &str| {
            let stands = if place.is_empty() {
                String::new()
            } else {
                format!("You get this in the place of {place}, who is away.")
            };
            (who.to_owned(), scope.to_owned(), stands)
        };
        let (one, two) = (one.0.as_str(), two.0.as_str());
        // Where nobody supervises the desk, every line's supervisor does.
        assert_eq!(told(staff(), &[]), [row("ann", "all", ""), row("bob", "all", "")]);
        assert_eq!(told(with_boss(), &[]), [row("eve", "all", ""), row("ann", one, ""), row("bob", two, "")]);
        // The deputy; without one, the desk's supervisor, who has it all already.
        assert_eq!(told(with_boss(), &["ann"]), [row("eve", "all", ""), row("dan", one, "ann"), row("bob", two, "")]);
        assert_eq!(told(with_boss(), &["bob"]), [row("eve", "all", ""), row("ann", one, "")]);
        assert_eq!(told(with_boss(), &["ann", "dan"]), [row("eve", "all", ""), row("bob", two, "")]);
        // Everybody is away: it is never told to nobody.
        assert_eq!(
            told(with_boss(), &["ann", "bob", "dan", "eve"]),
            [row("eve", "all", ""), row("ann", one, ""), row("bob", two, "")]
        );
        assert_eq!(told(Vec::new(), &[]), Vec::<(String, String, String)>::new());
    }
}
