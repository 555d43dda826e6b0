//! Mail that was looked at and not read yet, in the order of turns (`words/turn.rs`).
//!
//! One who sends 100,000 mails keeps nobody waiting already here: tops are looked at far ahead of the bodies, and bodies
//! are read in turn by sender, staff's first, with a few of each batch by place alone: the first, so that no stream of
//! new senders keeps an old mail waiting and the cursor comes forward, and the last, so that who writes today does not
//! wait until a backlog is read.
//!
//! Kept in memory and lost without harm: what was recorded ahead of the cursor is known again by its key.

use super::FetchLimits;
use crate::address::EmailAddress;
use crate::message::FirstLook;
use crate::words::turn::Waiting;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher as _;

/// How many mails are looked at in one step before bodies are read.
pub(super) const LOOKED_AT: usize = 5000;
/// How many looked-at mails are kept; what is behind them waits. Each takes some 200 octets.
pub(super) const MOST_WAITING: usize = 60_000;
/// One in so many of a batch is read because it stands first, and as many because they stand last.
const BY_PLACE: usize = 5;

/// Who goes first: the desk's staff. It orders, and does nothing else.
pub type IsStaff<'a> = &'a (dyn Fn(&EmailAddress) -> bool + Send + Sync);

/// A mail that waits.
#[derive(Clone, Debug)]
struct Waits<S> {
    turn: i64,
    sender: u64,
    own_id: Option<u64>,
    /// It answers nothing, so that nothing before it need be read first.
    answers_nothing: bool,
    seen: S,
}

/// Mails that wait, by their place `P` in the mailbox, with what was seen of them.
#[derive(Debug)]
pub(super) struct Ahead<P, S> {
    waiting: BTreeMap<P, Waits<S>>,
    in_turn: BTreeMap<i64, BTreeSet<P>>,
    /// By a hash that differs from process to process: what each sender has waiting, and how many.
    senders: HashMap<u64, (Waiting, usize)>,
    /// Turns by Message-ID.
    ids: HashMap<u64, i64>,
    hash: RandomState,
}

impl<P: Ord + Clone, S: Clone> Ahead<P, S> {
    pub(super) fn new() -> Self {
        Self {
            waiting: BTreeMap::new(),
            in_turn: BTreeMap::new(),
            senders: HashMap::new(),
            ids: HashMap::new(),
            hash: RandomState::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn holds(&self, place: &P) -> bool {
        self.waiting.contains_key(place)
    }

    /// The first place of a mail that waits and is none of `but`.
    pub(super) fn first_but(&self, but: &[P]) -> Option<&P> {
        self.waiting.keys().find(|place| !but.contains(place))
    }

    /// Adds a mail. Mails are added in the order of their places.
    pub(super) fn add(&mut self, place: P, look: &FirstLook, is_staff: IsStaff<'_>, seen: S) {
        let sender = self.hash.hash_one(look.from.as_ref());
        let own_id = look.id.as_ref().map(|id| self.hash.hash_one(id));
        let floor = self.in_turn.range(1..).next().map_or(1, |(turn, _)| *turn);
        let answered: Vec<i64> =
            look.answers.iter().filter_map(|id| self.ids.get(&self.hash.hash_one(id)).copied()).collect();
        let (stands, count) = self.senders.entry(sender).or_default();
        let turn = stands.take(floor, look.from.as_ref().is_some_and(is_staff), answered);
        *count += 1;
        if let Some(id) = own_id {
            self.ids.insert(id, turn);
        }
        self.in_turn.entry(turn).or_default().insert(place.clone());
        let answers_nothing = look.answers.is_empty();
        self.waiting.insert(place, Waits { turn, sender, own_id, answers_nothing, seen });
    }

    /// The mail is read, or gone.
    pub(super) fn remove(&mut self, place: &P) {
        let Some(waits) = self.waiting.remove(place) else { return };
        if let Some(places) = self.in_turn.get_mut(&waits.turn) {
            places.remove(place);
            if places.is_empty() {
                self.in_turn.remove(&waits.turn);
            }
        }
        if let Some(id) = waits.own_id {
            self.ids.remove(&id);
        }
        if let Some((stands, count)) = self.senders.get_mut(&waits.sender) {
            *count -= 1;
            stands.ahead = stands.ahead.saturating_sub(u32::from(waits.turn == 0));
            if *count == 0 {
                self.senders.remove(&waits.sender);
            }
        }
    }

    /// Whether it may be read before what stands before it: its sender has nothing else waiting, and it answers nothing.
    fn may_overtake(&self, waits: &Waits<S>) -> bool {
        waits.answers_nothing && self.senders.get(&waits.sender).is_some_and(|(_, count)| *count == 1)
    }

    /// What to read next, at least one, in the order of places. `octets`: how much of a mail is read.
    pub(super) fn choose(&self, limits: &FetchLimits, octets: impl Fn(&S) -> u64) -> Vec<(P, S)> {
        let count = limits.count.max(1);
        let staff = self.in_turn.get(&0).map_or(0, BTreeSet::len).min(count);
        let by_place = (count / BY_PLACE).min(count - staff);
        let in_turn = || self.in_turn.values().flatten();
        let newest = self.waiting.iter().rev().take(by_place * 2).filter(|(_, waits)| self.may_overtake(waits));
        let by_place = self.waiting.keys().take(by_place).chain(newest.map(|(place, _)| place).take(by_place));
        let order = in_turn().take(staff).chain(by_place).chain(in_turn().skip(staff));
        let (mut chosen, mut bytes) = (BTreeMap::new(), 0_u64);
        for place in order {
            if chosen.len() >= count {
                break;
            }
            let Some(waits) = self.waiting.get(place).filter(|_| !chosen.contains_key(place)) else { continue };
            bytes = bytes.saturating_add(octets(&waits.seen));
            if bytes > limits.batch_bytes && !chosen.is_empty() {
                break;
            }
            chosen.insert(place.clone(), waits.seen.clone());
        }
        chosen.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FetchLimits = FetchLimits { count: 10, message_bytes: u64::MAX, batch_bytes: u64::MAX, since: None };

    fn look(from: &str) -> FirstLook {
        FirstLook { from: EmailAddress::parse(from).ok(), ..FirstLook::default() }
    }

    fn is_staff(address: &EmailAddress) -> bool {
        address.domain() == "desk.example"
    }

    fn places(ahead: &Ahead<u32, u64>, limits: &FetchLimits) -> Vec<u32> {
        ahead.choose(limits, |size| *size).into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn a_storm_is_read_beside_the_others_and_staff_before_them() {
        let mut ahead = Ahead::new();
        for place in 1..=1000 {
            ahead.add(place, &look("storm@example.org"), &is_staff, 1);
        }
        for place in 1001..=1007 {
            ahead.add(place, &look(&format!("p{place}@example.org")), &is_staff, 1);
        }
        ahead.add(1008, &look("lee@desk.example"), &is_staff, 1);
        // Staff, two by place, and whoever has the first turn, the storm's first mail among them.
        assert_eq!(places(&ahead, &LIMITS), [1, 2, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008]);
        for place in places(&ahead, &LIMITS) {
            ahead.remove(&place);
        }
        assert_eq!(places(&ahead, &LIMITS), (3..=12).collect::<Vec<_>>());
        assert_eq!((ahead.len(), ahead.first_but(&[3, 4])), (998, Some(&5)));
        ahead.add(1009, &look("late@example.org"), &is_staff, 1);
        assert!(places(&ahead, &LIMITS).contains(&1009), "it joins the turn that is being served");
    }

    #[test]
    fn who_writes_now_does_not_wait_for_a_backlog_and_keeps_their_order() {
        let mut ahead = Ahead::new();
        for place in 1..=1000 {
            ahead.add(place, &look(&format!("p{place}@example.org")), &is_staff, 1);
        }
        // The newest two that have nothing before them are read with the oldest; who wrote before, or answers, is not.
        ahead.add(1001, &look("now@example.org"), &is_staff, 1);
        ahead.add(1002, &look("p500@example.org"), &is_staff, 1);
        let answer = FirstLook { answers: vec!["asked@example.org".into()], ..look("other@example.org") };
        ahead.add(1003, &answer, &is_staff, 1);
        assert_eq!(places(&ahead, &LIMITS), [1, 2, 3, 4, 5, 6, 7, 8, 1000, 1001]);
    }

    #[test]
    fn a_batch_is_bounded_in_octets_and_holds_one_at_least() {
        let mut ahead = Ahead::new();
        for place in 1..=3 {
            ahead.add(place, &look("jo@example.org"), &is_staff, 70);
        }
        assert_eq!(places(&ahead, &FetchLimits { batch_bytes: 60, ..LIMITS }), [1]);
        assert_eq!(places(&ahead, &FetchLimits { batch_bytes: 140, ..LIMITS }), [1, 2]);
    }

    #[test]
    fn nothing_is_left_behind_of_what_was_read() {
        let mut ahead: Ahead<u32, u64> = Ahead::new();
        for place in 0..50 {
            let id = Some(format!("{place}@x"));
            let answers = vec![format!("{}@x", place / 2)];
            let look = FirstLook { id, answers, ..look(&format!("{}@desk.example", place % 7)) };
            ahead.add(place, &look, &is_staff, 1);
        }
        for place in 0..50 {
            ahead.remove(&place);
        }
        assert!(ahead.is_empty() && ahead.in_turn.is_empty() && ahead.senders.is_empty() && ahead.ids.is_empty());
    }
}
