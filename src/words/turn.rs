//! Whose turn it is, as a rule: one's first has the turn that is being served, the next one the turn after it.
//!
//! So a hundred people with a mail each stand in one turn, and somebody with 100,000 in 100,000 turns, of which the
//! first alone is not behind theirs. Within a turn the older goes first, and the mails of one sender stay in their
//! order. Staff have turn 0, before all others, up to [`STAFF_AHEAD`] a person: a rule that runs wild in a staff member's
//! mailbox, or somebody who writes their address into `From`, queues behind that like everybody.
//!
//! What answers a mail that waits itself waits for that one, so that a conversation is read in its order.
//! Who sends each mail under another name is many senders: then older goes before newer, as without turns. What a
//! sender says of itself decides when a message is read and judged, and nothing else.

/// How many waiting mails of one member of staff stand before everybody's.
pub const STAFF_AHEAD: u32 = 20;
/// How many turns a mail waits for one that it answers: else whoever answers a storm would wait for its end.
pub const LONGEST_WAIT: i64 = 100;

/// What one sender, or recipient, has waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The turn of the last one.
    pub last: Option<i64>,
    /// How many have turn 0.
    pub ahead: u32,
}

impl Waiting {
    /// Gives the next one its turn. `floor` is the turn that is being served, 1 or more; `answered` are the turns of
    /// waiting mails that it answers.
    pub fn take(&mut self, floor: i64, is_staff: bool, answered: impl IntoIterator<Item = i64>) -> i64 {
        let is_ahead = is_staff && self.last.is_none_or(|last| last == 0) && self.ahead < STAFF_AHEAD;
        let own = if is_ahead { 0 } else { self.last.map_or(floor, |last| floor.max(last.saturating_add(1))) };
        let reach = own.max(floor).saturating_add(LONGEST_WAIT);
        let turn = answered.into_iter().filter(|turn| *turn <= reach).fold(own, i64::max);
        self.last = self.last.max(Some(turn));
        self.ahead += u32::from(turn == 0);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_each_other_and_none_is_before_what_is_served() {
        let mut one = Waiting::default();
        assert_eq!([one.take(4, false, []), one.take(4, false, []), one.take(9, false, [])], [4, 5, 9]);
    }

    #[test]
    fn staff_go_ahead_and_no_further_than_that() {
        let mut staff = Waiting::default();
        let turns: Vec<i64> = (0..22).map(|_| staff.take(7, true, [])).collect();
        assert_eq!((turns.iter().filter(|turn| **turn == 0).count(), &turns[20..]), (20, &[7, 8][..]));
        // Whoever has mail among the others' keeps its order.
        assert_eq!(Waiting { last: Some(8), ahead: 3 }.take(7, true, []), 9);
    }

    #[test]
    fn an_answer_waits_for_what_it_answers_within_reason() {
        assert_eq!(Waiting::default().take(1, false, [31]), 31);
        assert_eq!(Waiting::default().take(1, false, [101, 102]), 101);
        assert_eq!(Waiting::default().take(5, true, [9]), 9, "staff, too");
        assert_eq!(Waiting { last: Some(50), ahead: 0 }.take(1, false, [31]), 51);
    }
}
