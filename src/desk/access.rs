//! Who may see which cases: an account's role, and the desks and lines that the policy files give its address.

use super::{Desk, Role};
use crate::address::EmailAddress;
use crate::words::{LineId, word_enum};
use std::sync::Arc;

word_enum! {
    /// What an account may do in the console.
    AccountRole {
        /// Works cases: those of their lines, and their own.
        Specialist = "specialist",
        /// Besides, sees what is held, mail that has not left, staff and the audit trail of their lines.
        Supervisor = "supervisor",
        /// All of it, at every desk.
        Admin = "admin",
        /// Of the portal, not of the console: sees what they asked for themselves.
        Partner = "partner",
    }
}

impl AccountRole {
    /// The roles of the console.
    pub const STAFF: [Self; 3] = [Self::Specialist, Self::Supervisor, Self::Admin];

    /// Where accounts of this role sign in.
    pub fn realm(self) -> Realm {
        match self {
            Self::Specialist | Self::Supervisor | Self::Admin => Realm::Staff,
            Self::Partner => Realm::Partners,
        }
    }
}

/// Where accounts sign in. An address may have an account in each, and nothing of one holds in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realm {
    /// The console.
    Staff,
    /// The portal.
    Partners,
}

/// One desk that an account may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskAccess {
    /// The desk's id.
    pub desk: String,
    /// Only these lines, and what has no line yet; `None`: all.
    pub lines: Option<Vec<LineId>>,
}

/// What one account may see. Every query of member data for a page takes one, so that what is foreign is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whose account.
    pub email: EmailAddress,
    /// What they may do.
    pub role: AccountRole,
    /// Where: at no other desk is there anything for them.
    pub desks: Vec<DeskAccess>,
}

impl Access {
    /// What `email` may see now: an admin all desks; anybody else the desks on whose staff they are, there their lines
    /// (a supervisor or specialist without lines: all). Whoever leaves the staff list sees nothing from then on.
    pub fn of(email: &EmailAddress, role: AccountRole, desks: &[Arc<Desk>]) -> Self {
        let access = |desk: &Arc<Desk>| {
            let lines = match role {
                AccountRole::Admin => None,
                AccountRole::Partner => return None,
                AccountRole::Specialist | AccountRole::Supervisor => Self::lines_of(email, desk)?,
            };
            Some(DeskAccess { desk: desk.id.clone(), lines })
        };
        Self { email: email.clone(), role, desks: desks.iter().filter_map(access).collect() }
    }

    /// `None`: not of the staff; `Some(None)`: every line.
    fn lines_of(email: &EmailAddress, desk: &Desk) -> Option<Option<Vec<LineId>>> {
        let staff = desk.staff_member(email)?;
        let mut lines = staff.lines.clone();
        let supervised = desk.lines.iter().filter(|line| line.supervisors.contains(email)).map(|line| &line.id);
        lines.extend(supervised.filter(|line| !staff.lines.contains(line)).cloned().collect::<Vec<_>>());
        // Who stands in for others sees what these see.
        if staff.role == Role::Deputy {
            for other in &staff.deputy_for {
                match desk.staff_member(other).filter(|one| one.role != Role::Deputy).map(|one| one.lines.as_slice()) {
                    Some([]) => return Some(None),
                    Some(more) => lines.extend(more.iter().cloned()),
                    None => {}
                }
            }
        }
        lines.sort();
        lines.dedup();
        Some(if lines.is_empty() { None } else { Some(lines) })
    }

    /// Whether there is anything for them at this desk.
    pub fn has_desk(&self, desk: &str) -> bool {
        self.desks.iter().any(|one| one.desk == desk)
    }

    /// Whether they may see what stands at `desk` in `line` and is worked by `specialist`: of a desk of theirs, what is of
    /// their lines or of none, and what they work themselves.
    pub fn sees(&self, desk: &str, line: Option<&LineId>, specialist: Option<&EmailAddress>) -> bool {
        let Some(access) = self.desks.iter().find(|one| one.desk == desk) else { return false };
        match (&access.lines, line) {
            (None, _) | (_, None) => true,
            (Some(lines), Some(line)) => lines.contains(line) || specialist == Some(&self.email),
        }
    }

    /// Whether they may see what is held, mail that has not left, people and the audit trail.
    pub fn supervises(&self) -> bool {
        matches!(self.role, AccountRole::Supervisor | AccountRole::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::shipped;

    #[test]
    fn a_line_of_others_is_seen_only_by_who_works_the_case() {
        let email = EmailAddress::parse("one@example.com").unwrap();
        let (mine, theirs) = (LineId("mine".into()), LineId("theirs".into()));
        let desks = vec![DeskAccess { desk: "d".into(), lines: Some(vec![mine.clone()]) }];
        let access = Access { email: email.clone(), role: AccountRole::Specialist, desks };
        assert!(access.sees("d", Some(&mine), None) && access.sees("d", None, None));
        assert!(!access.sees("d", Some(&theirs), None) && !access.sees("e", Some(&mine), Some(&email)));
        assert!(access.sees("d", Some(&theirs), Some(&email)));
    }

    #[test]
    fn the_policy_says_who_sees_which_lines() {
        let desk = Arc::new(shipped::desk(&shipped::ids()[0]).unwrap());
        let desks = [Arc::clone(&desk)];
        for staff in &desk.staff {
            let access = Access::of(&staff.email, AccountRole::Specialist, &desks);
            assert_eq!(access.desks.len(), 1, "{}", staff.email);
            match &access.desks[0].lines {
                Some(lines) => assert!(staff.lines.iter().all(|line| lines.contains(line)), "{}", staff.email),
                None => assert!(staff.lines.is_empty(), "{}", staff.email),
            }
        }
        let nobody = EmailAddress::parse("nobody@example.com").unwrap();
        assert!(Access::of(&nobody, AccountRole::Supervisor, &desks).desks.is_empty());
        let admin = Access::of(&nobody, AccountRole::Admin, &desks);
        assert_eq!(admin.desks, [DeskAccess { desk: desk.id.clone(), lines: None }]);
        assert!(admin.has_desk(&desk.id) && !admin.has_desk("other"));
    }
}
