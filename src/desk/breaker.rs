//! The numbers of a policy at which automatic mail stops by itself.

use super::keys;
use super::reader::Section;

/// When automatic mail stops by itself; what the numbers mean is in `gate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Automatic mails in an hour that are never absurd.
    pub hourly: u32,
    /// More automatic mails than this for each message that came, and each thing that they are about, are absurd.
    pub share: u32,
    /// More automatic mails in an hour than this for each recipient are absurd.
    pub to_one: u32,
    /// Hard bounces of automatic mail in a day that are never absurd.
    pub bounces: u32,
    /// A larger percentage of automatic mail in a day that bounced hard is absurd.
    pub bounce_percent: u32,
    /// Minutes for which automatic mail rests before the slow return begins.
    pub rest_minutes: u32,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { hourly: 100, share: 3, to_one: 10, bounces: 10, bounce_percent: 25, rest_minutes: 60 }
    }
}

/// `[breaker]`
pub(super) fn breaker(desk: &Section<'_>) -> Breaker {
    let section = desk.table("breaker", &keys::BREAKER);
    let usual = Breaker::default();
    let number = |key: &str, usual: u32, range: std::ops::RangeInclusive<u32>, why: &str| {
        let Some(number) = section.number(key) else { return usual };
        if !range.contains(number.get_ref()) {
            let remedy = format!("write {} to {}; the default is {usual}", range.start(), range.end());
            section.fault(number.span(), key, format!("{} makes no sense here: {why}", number.get_ref()), remedy);
        }
        number.into_inner()
    };
    const STOPS: &str = "everyday mail would be stopped";
    Breaker {
        hourly: number("hourly", usual.hourly, 10..=100_000, STOPS),
        share: number("share", usual.share, 2..=1_000, STOPS),
        to_one: number("to_one", usual.to_one, 2..=1_000, STOPS),
        bounces: number("bounces", usual.bounces, 3..=100_000, STOPS),
        bounce_percent: number("bounce_percent", usual.bounce_percent, 1..=100, "it is a percentage"),
        rest_minutes: number("rest_minutes", usual.rest_minutes, 5..=1_440, "it is 5 minutes to a day"),
    }
}
