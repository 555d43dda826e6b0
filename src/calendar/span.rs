//! Lengths of business time, as a policy writes them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;
use std::str::FromStr;

/// The longest span that a policy may write, in business days: about ten years.
const MOST_DAYS: u32 = 2_600;

/// A length of business time, as a policy writes it: `72 business hours`, `5 business days`, `8 working hours`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many; never 0.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
    /// The fewest that it may be, where the policy tells a range: `5-7 business days`. What is promised is `amount`.
    pub least: Option<u32>,
}

/// Units of business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole business days, to the same time of day.
    BusinessDays,
    /// 24 count for each business day: `72 business hours` is three business days to the same time of day.
    ///
    /// What is left of a number that 24 does not divide is added in wall time, and past midnight it goes on with the
    /// next business day: `36 business hours` from Thursday 17:00 end on Monday at 5:00.
    BusinessHours,
    /// Hours in which the desk is open.
    WorkingHours,
}

/// Why a text is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no length of business time: {reason}; write it like `5 business days`, `72 business hours` or `8 working hours`"
)]
pub struct SpanError {
    text: String,
    reason: &'static str,
}

impl Span {
    /// `amount` business days.
    pub const fn business_days(amount: u32) -> Self {
        Self { amount, unit: Unit::BusinessDays, least: None }
    }

    /// Reads `72 business hours`, or a range: `5-7 business days`.
    ///
    /// # Errors
    ///
    /// Anything but a whole number from 1 up to about ten years and one of the three units.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let refuse = |reason| SpanError { text: text.chars().take(80).collect(), reason };
        let text = text.trim();
        let (number, unit) =
            text.split_once(char::is_whitespace).ok_or_else(|| refuse("a number and a unit are needed"))?;
        let unit = match unit.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().as_str() {
            "business day" | "business days" => Unit::BusinessDays,
            "business hour" | "business hours" => Unit::BusinessHours,
            "working hour" | "working hours" => Unit::WorkingHours,
            "day" | "days" | "hour" | "hours" => {
                return Err(refuse("the unit does not say whether business or working time is meant"));
            }
            _ => return Err(refuse("the unit is not known")),
        };
        let (least, number) = match number.split_once(['-', '\u{2013}']) {
            Some((least, most)) if !least.is_empty() => (Some(least), most),
            _ => (None, number),
        };
        let least = match least.map(str::parse::<u32>) {
            None => None,
            Some(Ok(least)) if least > 0 && number.parse().is_ok_and(|most: u32| least < most) => Some(least),
            Some(_) => return Err(refuse("the range does not lead from a number to a larger one")),
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse("it does not start with a whole number"));
        }
        let most = match unit {
            Unit::BusinessDays => MOST_DAYS,
            Unit::BusinessHours | Unit::WorkingHours => MOST_DAYS * 24,
        };
        match number.parse::<u32>() {
            Ok(0) => Err(refuse("the number must be at least 1")),
            Ok(amount) if amount <= most => Ok(Self { amount, unit, least }),
            _ => Err(refuse("the number is too large")),
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        Self::parse(text)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::BusinessDays => "business day",
            Unit::BusinessHours => "business hour",
            Unit::WorkingHours => "working hour",
        };
        let plural = if self.amount == 1 { "" } else { "s" };
        match self.least {
            Some(least) => write!(out, "{least}-{} {unit}{plural}", self.amount),
            None => write!(out, "{} {unit}{plural}", self.amount),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written_back() {
        for (text, amount, unit) in [
            ("72 business hours", 72, Unit::BusinessHours),
            ("1 business hour", 1, Unit::BusinessHours),
            ("5 business days", 5, Unit::BusinessDays),
            ("1 business day", 1, Unit::BusinessDays),
            ("8 working hours", 8, Unit::WorkingHours),
        ] {
            let span = Span::parse(text).expect(text);
            assert_eq!(span, Span { amount, unit, least: None });
            assert_eq!(span.to_string(), text);
        }
        assert_eq!(Span::parse("  3   Business  Days "), Ok(Span::business_days(3)));
        let range = Span { least: Some(5), ..Span::business_days(7) };
        assert_eq!(Span::parse("5-7 business days"), Ok(range));
        assert_eq!(range.to_string(), "5-7 business days");
        for text in
            ["7-5 business days", "0-5 business days", "5-5 business days", "5- business days", "-5 business days"]
        {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "a number and a unit are needed"),
            ("72", "a number and a unit are needed"),
            ("72 hours", "the unit does not say whether business or working time is meant"),
            ("2 fortnights", "the unit is not known"),
            ("0 business days", "the number must be at least 1"),
            ("-1 business days", "it does not start with a whole number"),
            ("1.5 business days", "it does not start with a whole number"),
            ("2601 business days", "the number is too large"),
            ("99999999999999 business hours", "the number is too large"),
        ] {
            let error = Span::parse(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{error}");
            assert!(error.contains("write it like `5 business days`"), "{error}");
        }
    }
}
