//! A specialist's worklist: their open cases, urgent ones first, then the oldest promise.

use crate::address::EmailAddress;
use crate::words::numbers::CaseNumber;
use crate::words::{Status, word_enum};
use jiff::Timestamp;

word_enum! {
    /// What comes next in a case.
    Awaits {
        /// The answer that was promised.
        Answer = "answer",
        /// The next update.
        Update = "update",
        /// The end of a pause.
        PauseEnd = "pause_end",
        /// Its specialist, who paused it without an end.
        PauseWithoutEnd = "pause_without_end",
        /// Nothing that has an instant.
        Nothing = "nothing",
    }
}

/// An open case that somebody has, as their worklist shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Who has it.
    pub specialist: EmailAddress,
    /// Its number.
    pub number: CaseNumber,
    /// Its canonical subject, without the tag.
    pub subject: String,
    /// Its status.
    pub status: Status,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
    /// When the answer is due, while it is owed and its clock runs.
    pub respond_due: Option<Timestamp>,
    /// When the next update is due, while its clock runs.
    pub update_due: Option<Timestamp>,
    /// When its pause ends, where it has an end.
    pub pause_ends: Option<Timestamp>,
}

impl OpenCase {
    /// What comes next, and when: the answer while it is owed, else the update; of a paused case the end of the pause.
    pub fn next(&self) -> (Awaits, Option<Timestamp>) {
        match (self.status, self.pause_ends, self.respond_due, self.update_due) {
            (Status::Paused, Some(ends), ..) => (Awaits::PauseEnd, Some(ends)),
            (Status::Paused, None, ..) => (Awaits::PauseWithoutEnd, None),
            (_, _, Some(due), _) => (Awaits::Answer, Some(due)),
            (_, _, None, Some(due)) => (Awaits::Update, Some(due)),
            (_, _, None, None) => (Awaits::Nothing, None),
        }
    }
}

/// Puts cases in the order of a worklist: urgent ones first, then by what comes next, what has no instant last.
pub fn sort(cases: &mut [OpenCase]) {
    cases.sort_by_cached_key(|case| {
        let (_, at) = case.next();
        (!case.urgent, at.is_none(), at, case.number.0.clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(number: &str, status: Status, urgent: bool, dues: [i64; 3]) -> OpenCase {
        let at = |second: i64| (second > 0).then(|| Timestamp::from_second(second).unwrap());
        OpenCase {
            specialist: EmailAddress::parse("ann@example.com").unwrap(),
            number: CaseNumber(number.into()),
            subject: String::new(),
            status,
            urgent,
            respond_due: at(dues[0]),
            update_due: at(dues[1]),
            pause_ends: at(dues[2]),
        }
    }

    #[test]
    fn the_answer_comes_before_the_update_and_a_pause_before_both() {
        use Status::{InReview, Paused, WaitingExternal};
        for (status, dues, expected) in [
            (InReview, [9, 5, 0], (Awaits::Answer, 9)),
            (WaitingExternal, [0, 5, 0], (Awaits::Update, 5)),
            (InReview, [0, 0, 0], (Awaits::Nothing, 0)),
            (Paused, [9, 5, 7], (Awaits::PauseEnd, 7)),
            (Paused, [9, 5, 0], (Awaits::PauseWithoutEnd, 0)),
            // An end that was set before the case went on.
            (InReview, [0, 5, 7], (Awaits::Update, 5)),
        ] {
            let (awaits, at) = case("A-1", status, false, dues).next();
            assert_eq!((awaits, at.map_or(0, Timestamp::as_second)), expected, "{status} {dues:?}");
        }
    }

    #[test]
    fn urgent_ones_come_first_then_the_oldest_promise() {
        let mut cases = vec![
            case("A-1", Status::InReview, false, [0, 30, 0]),
            case("A-2", Status::Paused, false, [0, 1, 0]),
            case("A-3", Status::InReview, false, [20, 40, 0]),
            case("A-4", Status::Paused, true, [0, 0, 0]),
            case("A-5", Status::InReview, true, [50, 0, 0]),
            case("A-6", Status::Paused, false, [0, 0, 25]),
            case("A-0", Status::InReview, false, [0, 30, 0]),
        ];
        sort(&mut cases);
        let order: Vec<&str> = cases.iter().map(|case| case.number.0.as_str()).collect();
        assert_eq!(order, ["A-5", "A-4", "A-3", "A-6", "A-0", "A-1", "A-2"]);
    }
}
