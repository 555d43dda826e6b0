//! Who is told: supervisors of a line or of the desk, deputies where they are away (POLICY.md, Assignment and digest).

use super::{Absence, Desk, Role, Staff};
use crate::address::{EmailAddress, Mailbox};
use crate::words::LineId;
use jiff::civil::Date;
use std::sync::Arc;

impl Staff {
    /// Whether they are away on `date`.
    pub fn is_absent(&self, date: Date) -> bool {
        self.absent.iter().any(|absence| absence.from <= date && date <= absence.to)
    }

    fn mailbox(&self) -> Mailbox {
        Mailbox { name: Some(self.name.clone()), address: self.email.clone() }
    }
}

impl Desk {
    /// The desk with more days away, by the address of who is away: those that staff told by command. Days that the
    /// policy file has already, and addresses that are nobody's here, change nothing.
    #[must_use]
    pub fn with_absences(&self, absences: &[(EmailAddress, Absence)]) -> Self {
        let mut desk = self.clone();
        for (email, days) in absences {
            if let Some(staff) = desk.staff.iter_mut().find(|staff| staff.email == *email)
                && !staff.absent.contains(days)
            {
                staff.absent.push(*days);
            }
        }
        desk
    }

    /// The same desk, whose partners sign in here.
    #[must_use]
    pub fn with_portal(&self, url: &Arc<str>) -> Self {
        Self { portal: Some(Arc::clone(url)), ..self.clone() }
    }

    /// A member of staff as a recipient, with their name where the desk knows it.
    pub fn staff_mailbox(&self, address: &EmailAddress) -> Mailbox {
        self.staff_member(address)
            .map_or_else(|| Mailbox { name: None, address: address.clone() }, |staff| staff.mailbox())
    }

    /// Who is told of something about `line`; `None`: the line is not known, or the desk itself is meant.
    ///
    /// A line's supervisors; for the desk, supervisors without lines, and where there are none, every line's. Who is
    /// absent on `today` is stood in for by their deputy, else by the desk's supervisor; never by nobody.
    pub fn supervisors(&self, line: Option<&LineId>, today: Date) -> Vec<Mailbox> {
        let meant = match line {
            Some(line) => self.supervisors_of(line),
            None => self.desk_supervisors(),
        };
        self.present(&meant, today)
    }

    /// Who is told at once of what is urgent: the line's supervisors, where it is not known those of every line.
    pub fn told_of_urgency(&self, line: Option<&LineId>, today: Date) -> Vec<Mailbox> {
        let meant = match line {
            Some(line) => self.supervisors_of(line),
            None if self.lines.is_empty() => self.desk_supervisors(),
            None => self.lines.iter().flat_map(|line| self.supervisors_of(&line.id)).collect(),
        };
        self.present(&meant, today)
    }

    /// Those who are there on `today`, or who stands in for them; each once.
    fn present(&self, meant: &[&Staff], today: Date) -> Vec<Mailbox> {
        let mut told: Vec<Mailbox> = Vec::new();
        for supervisor in meant.iter().copied() {
            let standing_in: Vec<&Staff> =
                if supervisor.is_absent(today) { self.stand_ins(supervisor, today) } else { vec![supervisor] };
            for staff in standing_in {
                let mailbox = staff.mailbox();
                if !told.iter().any(|known| known.address == mailbox.address) {
                    told.push(mailbox);
                }
            }
        }
        told
    }

    fn all_supervisors(&self) -> impl Iterator<Item = &Staff> {
        self.staff.iter().filter(|staff| staff.role == Role::Supervisor)
    }

    fn supervisors_of(&self, line: &LineId) -> Vec<&Staff> {
        let listed = self.line(line).map(|line| line.supervisors.as_slice()).unwrap_or_default();
        let of_line: Vec<&Staff> = self
            .all_supervisors()
            .filter(|staff| staff.lines.contains(line) || listed.contains(&staff.email))
            .collect();
        if of_line.is_empty() { self.desk_supervisors() } else { of_line }
    }

    fn desk_supervisors(&self) -> Vec<&Staff> {
        let is_of_a_line = |staff: &Staff| {
            !staff.lines.is_empty() || self.lines.iter().any(|line| line.supervisors.contains(&staff.email))
        };
        let of_desk: Vec<&Staff> = self.all_supervisors().filter(|staff| !is_of_a_line(staff)).collect();
        if of_desk.is_empty() { self.all_supervisors().collect() } else { of_desk }
    }

    fn stand_ins<'a>(&'a self, absent: &'a Staff, today: Date) -> Vec<&'a Staff> {
        let deputies = self.staff.iter().filter(|staff| staff.role == Role::Deputy);
        let present: Vec<&Staff> =
            deputies.filter(|staff| staff.deputy_for.contains(&absent.email) && !staff.is_absent(today)).collect();
        if !present.is_empty() {
            return present;
        }
        let desk: Vec<&Staff> = self.desk_supervisors().into_iter().filter(|staff| !staff.is_absent(today)).collect();
        if desk.is_empty() { vec![absent] } else { desk }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::shipped;
    use jiff::civil::date;

    #[test]
    fn days_away_are_laid_over_those_of_the_policy_each_once() {
        let desk = shipped::desk(&shipped::ids()[0]).unwrap();
        let (ann, bob) = (&desk.staff[0].email, &desk.staff[1].email);
        let days = |from, to| Absence { from: date(2026, 12, from), to: date(2026, 12, to) };
        let nobody = EmailAddress::parse("nobody@example.com").unwrap();
        let told = [
            (ann.clone(), days(1, 3)),
            (ann.clone(), days(3, 5)),
            (ann.clone(), days(1, 3)),
            (bob.clone(), days(9, 9)),
            (nobody, days(1, 9)),
        ];
        let with = desk.with_absences(&told);
        let away = |who, day| with.staff_member(who).unwrap().is_absent(date(2026, 12, day));
        let on = |who| (1..=10).filter(|day| away(who, *day)).collect::<Vec<_>>();
        assert_eq!((on(ann), on(bob)), (vec![1, 2, 3, 4, 5], vec![9]));
        assert_eq!(with.staff_member(ann).unwrap().absent.len(), 2);
        assert_eq!(with.with_absences(&told).staff, with.staff);
        assert_eq!(desk.with_absences(&[]).staff, desk.staff);
        assert_eq!(with.staff.len(), desk.staff.len());
    }
}
