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

/// How many automatic mails may be queued, at most, before the figures are looked at again.
pub const UNLOOKED: u64 = 2000;

/// How far a count has to go before it can no longer be part of anything absurd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enough {
    /// For [`Figures::recipients`]; zero: it need not be counted.
    pub recipients: u64,
    /// For [`Figures::about`].
    pub about: u64,
    /// For [`Figures::sent`].
    pub sent: u64,
}

impl Figures {
    /// The same when [`UNLOOKED`] mails more are queued and nothing else has come.
    pub fn ahead(&self) -> Self {
        Self { automatic: self.automatic.saturating_add(UNLOOKED), ..*self }
    }

    /// How far `recipients`, `about` and `sent` have to be counted, once the others are: with less than so many the
    /// figures may be absurd, with so many or more they are not.
    pub fn enough(&self, breaker: &Breaker) -> Enough {
        let (hourly, share) = (u64::from(breaker.hourly), u64::from(breaker.share).max(1));
        let beyond = self.automatic.saturating_sub(hourly);
        let unexplained = beyond.saturating_sub(share.saturating_mul(self.arrivals));
        let bounces = if self.bounced > u64::from(breaker.bounces) { self.bounced.saturating_mul(100) } else { 0 };
        Enough {
            recipients: beyond.div_ceil(u64::from(breaker.to_one).max(1)),
            about: unexplained.div_ceil(share),
            sent: bounces.div_ceil(u64::from(breaker.bounce_percent).max(1)),
        }
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

/// How many automatic mails more may be queued before `figures` can be absurd, whatever else comes: until then nobody
/// need look again. What comes back is another matter, and is looked at by time.
pub fn room(breaker: &Breaker, figures: &Figures) -> u64 {
    let hourly = u64::from(breaker.hourly);
    let explained = u64::from(breaker.share).saturating_mul(figures.arrivals.saturating_add(figures.about));
    let meant = u64::from(breaker.to_one).saturating_mul(figures.recipients);
    hourly.saturating_add(explained.min(meant)).saturating_sub(figures.automatic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Counting no further than that tells the same.
        #[test]
        fn enough_is_enough(
            automatic in 0u64..2000, recipients in 0u64..400, about in 0u64..900, arrivals in 0u64..700,
            sent in 0u64..900, bounced in 0u64..60, hourly in 10u32..400, share in 2u32..9, to_one in 2u32..20,
            bounces in 3u32..30, bounce_percent in 1u32..=100,
        ) {
            let breaker = Breaker { hourly, share, to_one, bounces, bounce_percent, rest_minutes: 60 };
            let whole = Figures { automatic, recipients, about, arrivals, sent, bounced };
            let enough = whole.enough(&breaker);
            let few = Figures {
                recipients: recipients.min(enough.recipients),
                about: about.min(enough.about),
                sent: sent.min(enough.sent),
                ..whole
            };
            prop_assert_eq!(absurd(&breaker, &few), absurd(&breaker, &whole));
        }
    }
}
