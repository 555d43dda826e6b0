//! Values that a policy's keys may hold besides texts: numbers, dates, times, addresses, ids and words of a closed list.

use super::reader::{Section, what_it_is};
use crate::address::EmailAddress;
use jiff::civil::{Date, Time};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

impl Section<'_> {
    /// A text, or a list of dates.
    pub(super) fn list_or_text(&self, key: &str) -> Option<(Range<usize>, ListOrText)> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((value.span(), ListOrText::Text(text.trim().to_owned()))),
            DeValue::Array(_) => Some((value.span(), ListOrText::List(self.dates(key)))),
            _ => {
                self.wrong_kind(key, value, "a text or a list of dates", "\"…\" or [\"2026-11-27\"]");
                None
            }
        }
    }

    /// A whole number.
    pub(super) fn number(&self, key: &str) -> Option<Spanned<u32>> {
        let value = self.value(key)?;
        let number = value.get_ref().as_integer().map(|n| u32::from_str_radix(n.as_str(), n.radix()));
        match number {
            Some(Ok(number)) => return Some(Spanned::new(value.span(), number)),
            Some(Err(_)) => {
                self.fault(
                    value.span(),
                    key,
                    "the number is below 0 or too large",
                    "write a number from 0 to 4294967295",
                );
            }
            None => self.wrong_kind(key, value, "a whole number", "10, without quotation marks"),
        }
        None
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_kind(key, value, "true or false", "true or false, without quotation marks");
        }
        flag
    }

    /// A date: `"2026-11-27"`, with or without quotation marks.
    pub(super) fn date(&self, key: &str) -> Option<Spanned<Date>> {
        self.value(key).and_then(|value| self.date_of(key, value))
    }

    /// A list of dates.
    pub(super) fn dates(&self, key: &str) -> Vec<Spanned<Date>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, "a list of dates", "[\"2026-11-27\"]");
            return Vec::new();
        };
        list.iter().filter_map(|item| self.date_of(key, item)).collect()
    }

    fn date_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Spanned<Date>> {
        let text = plain_text(value.get_ref())?;
        let date = Some(text.as_str()).filter(|text| text.len() == 10).and_then(|text| text.parse::<Date>().ok());
        if date.is_none() {
            let remedy = "write a date that exists as \"2026-11-27\" (year, month, day)";
            self.fault(value.span(), key, format!("`{text}` is not a date"), remedy);
        }
        date.map(|date| Spanned::new(value.span(), date))
    }

    /// A time of day: `"09:00"`.
    pub(super) fn time(&self, key: &str) -> Option<Spanned<Time>> {
        let value = self.value(key)?;
        let text = plain_text(value.get_ref())?;
        let time = time_of_day(&text);
        if time.is_none() {
            let remedy = "write hours and minutes of the 24-hour clock: \"09:00\"";
            self.fault(value.span(), key, format!("`{text}` is not a time of day"), remedy);
        }
        time.map(|time| Spanned::new(value.span(), time))
    }

    /// One of `words`, given as (word, value).
    pub(super) fn one_of<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text.get_ref().as_str());
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let reason = format!("unknown value `{}`", text.get_ref());
            self.fault(text.span(), key, reason, format!("write one of: {}", known.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// An email address.
    pub(super) fn address(&self, key: &str) -> Option<Spanned<EmailAddress>> {
        self.text(key).and_then(|text| self.address_of(key, &text))
    }

    /// A list of email addresses.
    pub(super) fn addresses(&self, key: &str) -> Vec<Spanned<EmailAddress>> {
        self.texts(key).iter().filter_map(|text| self.address_of(key, text)).collect()
    }

    fn address_of(&self, key: &str, text: &Spanned<String>) -> Option<Spanned<EmailAddress>> {
        match EmailAddress::parse(text.get_ref()) {
            Ok(address) => Some(Spanned::new(text.span(), address)),
            Err(error) => {
                self.fault(text.span(), key, format!("`{}` is no email address", text.get_ref()), error.to_string());
                None
            }
        }
    }

    /// An id: lower-case letters, digits and `_`, with a letter among them: `1095a`.
    pub(super) fn id(&self) -> Option<Spanned<String>> {
        let id = self.required_text("id", "\"lower_case_word\"")?;
        let text = id.get_ref();
        let fits = text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.contains(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !fits {
            let remedy = "write lower-case letters, digits and _ only, at least one letter, 40 at most";
            self.fault(id.span(), "id", format!("`{text}` is no id"), remedy);
        }
        fits.then_some(id)
    }
}

/// What `holidays` may be.
pub(super) enum ListOrText {
    Text(String),
    List(Vec<Spanned<Date>>),
}

/// `HH:MM`, also with `:00` seconds, as TOML's own times are written.
fn time_of_day(text: &str) -> Option<Time> {
    let text = text.strip_suffix(":00").filter(|rest| rest.len() == 5).unwrap_or(text);
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// A value that may stand with or without quotation marks, as text.
fn plain_text(value: &DeValue<'_>) -> Option<String> {
    Some(match value {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Integer(number) => number.to_string(),
        other => what_it_is(other).to_owned(),
    })
}
