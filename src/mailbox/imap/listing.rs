//! Which mails are there, and how large: UID, size and arrival, before any body is asked for.

use super::super::error::MailboxError;
use super::Session;
use crate::message::{FirstLook, first_look};
use async_imap::imap_proto::{AttributeValue, Response};
use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use std::collections::BTreeMap;

const DOING: &str = "list new mail";

/// UIDs asked for at once at first. A window without a mail is followed by one four times as wide, so that a mailbox
/// whose UIDs have large gaps costs few questions, and one with a million mails no huge answer.
const FIRST_WINDOW: u32 = 500;

/// What is known of a mail before its body is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    /// RFC822.SIZE, where told.
    pub(super) size: u64,
    /// INTERNALDATE, where told and readable.
    pub(super) arrived: Option<Timestamp>,
    /// What its top says, where that was asked for and told.
    pub(super) look: FirstLook,
}

/// A part of the mailbox, in the order of UIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// Mails by UID.
    pub(super) mails: BTreeMap<u32, Listed>,
    /// All UIDs below this one were looked at.
    pub(super) looked_until: u32,
    /// Whether that was the end of the mailbox.
    pub(super) at_end: bool,
}

/// What to ask about each mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Its UID alone: the answer that no server gets wrong.
    Uid,
    /// Size and arrival.
    SizeAndDate,
    /// Size, arrival, and the fields that say whose turn it is. Of these fields together no more than [`TOP`] octets.
    Top,
}

/// How much of a mail's top one answer may hold, in octets, so that a window of mails stays a small answer.
const TOP: usize = 4096;

impl Ask {
    fn items(self) -> String {
        match self {
            Self::Uid => "(UID)".to_owned(),
            Self::SizeAndDate => "(UID RFC822.SIZE INTERNALDATE)".to_owned(),
            Self::Top => format!(
                "(UID RFC822.SIZE INTERNALDATE \
                 BODY.PEEK[HEADER.FIELDS (FROM MESSAGE-ID IN-REPLY-TO REFERENCES)]<0.{TOP}>)"
            ),
        }
    }
}

/// Lists mails from `first` on, until some are found or the mailbox ends.
pub(super) async fn list_from(session: &mut Session, first: u32, ask: Ask) -> Result<Listing, MailboxError> {
    let last_known = session.opened().and_then(|opened| opened.uid_next).map(|next| next.saturating_sub(1));
    let (mut start, mut width) = (first.max(1), FIRST_WINDOW);
    loop {
        let end = start.saturating_add(width - 1);
        let at_end = last_known.is_none_or(|last| end >= last);
        // `n:*` always names the last mail, also where its UID is below n (RFC 3501, section 6.4.8).
        let range = if at_end { format!("{start}:*") } else { format!("{start}:{end}") };
        let mut mails = list(session, &range, ask).await?;
        mails.retain(|uid, _| *uid >= start);
        if at_end || !mails.is_empty() {
            let behind_last = mails.last_key_value().map_or(0, |(uid, _)| uid.saturating_add(1));
            let known_end = last_known.map_or(0, |last| last.saturating_add(1));
            let looked_until = if at_end { behind_last.max(known_end).max(start) } else { end.saturating_add(1) };
            return Ok(Listing { mails, looked_until, at_end });
        }
        start = end.saturating_add(1);
        width = width.saturating_mul(4);
    }
}

/// Lists the mails in `range`, a UID set.
pub(super) async fn list(session: &mut Session, range: &str, ask: Ask) -> Result<BTreeMap<u32, Listed>, MailboxError> {
    let mut mails: BTreeMap<u32, Listed> = BTreeMap::new();
    let command = format!("UID FETCH {range} {}", ask.items());
    session.wire.run(DOING, &command, |answer| note(answer, ask, &mut mails)).await?.ok(DOING)?;
    Ok(mails)
}

fn note(answer: &Response<'_>, ask: Ask, mails: &mut BTreeMap<u32, Listed>) {
    let Response::Fetch(_, attributes) = answer else { return };
    let (mut uid, mut size, mut arrived, mut dated, mut look) = (None, None, None, false, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::Rfc822Size(value) => size = Some(u64::from(*value)),
            AttributeValue::InternalDate(text) => {
                dated = true;
                arrived = internal_date(text);
            }
            AttributeValue::BodySection { section: Some(_), data: Some(top), .. } => look = Some(first_look(top)),
            _ => {}
        }
    }
    // A change of flags that comes in between is no answer to our question.
    let Some(uid) = uid else { return };
    if ask != Ask::Uid && size.is_none() && !dated {
        return;
    }
    let listed = mails.entry(uid).or_default();
    listed.size = size.unwrap_or(listed.size);
    listed.arrived = arrived.or(listed.arrived);
    listed.look = look.unwrap_or_else(|| std::mem::take(&mut listed.look));
}

/// `date-time` of RFC 3501: ` 1-Feb-2026 09:05:00 -0500`.
fn internal_date(text: &str) -> Option<Timestamp> {
    BrokenDownTime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

/// UIDs as a set (`1:3,7`). They stand in ascending order.
pub(super) fn uid_set(uids: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    let written: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}:{last}") })
        .collect();
    written.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates() {
        for (text, instant) in [
            ("17-Jul-1996 02:44:25 -0700", Some("1996-07-17T09:44:25Z")),
            (" 1-Feb-2026 09:05:00 +0000", Some("2026-02-01T09:05:00Z")),
            ("01-Feb-2026 09:05:00 +0530", Some("2026-02-01T03:35:00Z")),
            ("1-Foo-2026 09:05:00 +0000", None),
            ("31-Feb-2026 09:05:00 +0000", None),
            ("", None),
        ] {
            assert_eq!(internal_date(text), instant.map(|instant| instant.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn sets_of_uids() {
        for (uids, set) in [(vec![1, 2, 3, 7], "1:3,7"), (vec![5], "5"), (vec![], ""), (vec![u32::MAX], "4294967295")] {
            assert_eq!(uid_set(uids), set);
        }
    }
}
