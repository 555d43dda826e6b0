//! What may happen to a desk in some three weeks, as values that shrink.

use proptest::prelude::*;

/// A few weeks of a desk.
#[derive(Clone, Debug)]
pub struct Script {
    /// Which of the beginnings: each has other days off, changes of the clock and seasons in its weeks.
    pub start: usize,
    pub steps: Vec<Step>,
}

/// Something happens after `wait` minutes.
#[derive(Clone, Debug)]
pub struct Step {
    pub wait: i64,
    pub how: How,
    pub what: What,
}

/// How the clerk gets to that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was there all the time: `run --once --at`.
    There,
    /// It was away: what came due meanwhile is late.
    Away,
    /// The same, and two workers come back at once.
    TwoBack,
}

#[derive(Clone, Debug)]
pub enum What {
    /// Only time goes by.
    Nothing,
    /// An agent asks for something. What is not complete is returned.
    Request { agent: usize, line: usize, complete: bool, urgent: bool },
    /// The requester of a case writes to it, in its thread or by its tag alone.
    Reply { case: usize, tag_only: bool, said: Said },
    /// A returned request is completed.
    Complete { pending: usize },
    /// A member of staff replies to one of the newest mails they got.
    Staff { newest: usize, orders: Vec<Order>, text: bool },
    /// A member of staff writes with the case's tag in the subject, in reply to nothing.
    ByTag { case: usize, staff: usize, orders: Vec<Order> },
    /// Somebody writes under a specialist's address, without authentication.
    Forged { newest: usize, order: Order },
    /// The last mail comes once more.
    Again,
}

/// What a requester says.
#[derive(Clone, Copy, Debug)]
pub enum Said {
    Words,
    Thanks,
    OutOfOffice,
}

/// A command, with days that count from the day on which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Pause(Option<i64>),
    Resume,
    NextUpdate { days: i64, afternoon: bool },
    Update,
    Assign { colleague: usize },
    Waiting { external: bool, until: Option<i64> },
    Resolve { text: bool },
    Note,
    Nonsense,
    Out { days: i64, more: i64 },
}

pub fn scripts() -> impl Strategy<Value = Script> {
    let steps = prop::collection::vec(step(), 1..34);
    (0..super::STARTS.len(), steps).prop_map(|(start, steps)| Script { start, steps })
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        5 => 1i64..180,
        5 => 180i64..1800,
        2 => (1i64..6, 0i64..600).prop_map(|(days, minutes)| days * 1440 + minutes),
    ];
    let how = prop_oneof![6 => Just(How::There), 2 => Just(How::Away), 1 => Just(How::TwoBack)];
    (wait, how, what()).prop_map(|(wait, how, what)| Step { wait, how, what })
}

fn what() -> impl Strategy<Value = What> {
    let request = (0usize..4, 0usize..2, prop::bool::weighted(0.75), prop::bool::weighted(0.15))
        .prop_map(|(agent, line, complete, urgent)| What::Request { agent, line, complete, urgent });
    let said = prop_oneof![4 => Just(Said::Words), 1 => Just(Said::Thanks), 1 => Just(Said::OutOfOffice)];
    let reply =
        (0usize..40, any::<bool>(), said).prop_map(|(case, tag_only, said)| What::Reply { case, tag_only, said });
    let staff = (0usize..10, prop::collection::vec(order(), 0..3), any::<bool>())
        .prop_map(|(newest, orders, text)| What::Staff { newest, text: text || orders.is_empty(), orders });
    let by_tag = (0usize..40, 0usize..3, prop::collection::vec(order(), 1..3))
        .prop_map(|(case, staff, orders)| What::ByTag { case, staff, orders });
    prop_oneof![
        2 => Just(What::Nothing),
        6 => request,
        5 => reply,
        2 => (0usize..40).prop_map(|pending| What::Complete { pending }),
        9 => staff,
        2 => by_tag,
        1 => (0usize..10, order()).prop_map(|(newest, order)| What::Forged { newest, order }),
        1 => Just(What::Again),
    ]
}

fn order() -> impl Strategy<Value = Order> {
    let until = || prop::option::of(0i64..12);
    prop_oneof![
        3 => until().prop_map(Order::Pause),
        2 => Just(Order::Resume),
        2 => (0i64..12, any::<bool>()).prop_map(|(days, afternoon)| Order::NextUpdate { days, afternoon }),
        1 => Just(Order::Update),
        2 => (0usize..4).prop_map(|colleague| Order::Assign { colleague }),
        2 => (any::<bool>(), until()).prop_map(|(external, until)| Order::Waiting { external, until }),
        3 => any::<bool>().prop_map(|text| Order::Resolve { text }),
        1 => Just(Order::Note),
        1 => Just(Order::Nonsense),
        1 => (0i64..4, 0i64..6).prop_map(|(days, more)| Order::Out { days, more }),
    ]
}
