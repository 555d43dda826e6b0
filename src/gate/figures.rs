//! What the breaker looks at, and what is absurd.

use crate::desk::Breaker;
use crate::words::word_enum;

/// Numbers of one desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// Automatic mails to requesters that count in the last hour.
    pub automatic: u64,
    /// To how many different addresses they go.
    pub recipients: u64,
    /// About how many different cases and returned requests they are.
    pub about: u64,
    /// Messages that arrived in the last hour.
    pub arrivals: u64,
    /// Automatic mails to requesters that count in the last day and left.
    pub sent: u64,
    /// Those of them that came back for good.
    pub bounced: u64,
}

word_enum! {
    /// What of the figures is absurd.
    Absurd {
        /// More mail than what came, and what it is about, can explain.
        Arrivals = "absurd_for_arrivals",
        /// More mail than so few people can mean.
        Senders = "absurd_for_senders",
        /// Too much of it comes back.
        Bounces = "absurd_bounces",
    }
}

/// What is absurd about `figures`, if anything.
///
/// Every message gets at most one automatic reply, and every case an acknowledgement and an update now and then: so mail
/// beyond a few for each arrival and each thing that it is about has no honest explanation. Neither has much mail to very
/// few addresses. Small numbers are never absurd.
pub fn absurd(breaker: &Breaker, figures: &Figures) -> Option<Absurd> {
    let (hourly, share) = (u64::from(breaker.hourly), u64::from(breaker.share));
    let explained = share.saturating_mul(figures.arrivals.saturating_add(figures.about));
    if figures.automatic > hourly.saturating_add(explained) {
        return Some(Absurd::Arrivals);
    }
    if figures.automatic > hourly.saturating_add(u64::from(breaker.to_one).saturating_mul(figures.recipients)) {
        return Some(Absurd::Senders);
    }
    let share = u64::from(breaker.bounce_percent).saturating_mul(figures.sent);
    let many = figures.bounced > u64::from(breaker.bounces);
    (many && figures.bounced.saturating_mul(100) > share).then_some(Absurd::Bounces)
}
