//! `Message`: what we know of one inbound mail, read once from its bytes and never changed.
//!
//! Reading never fails for want of form: whatever can be told is told, and what cannot be read as a mail at all
//! has [`Message::unparsable`] set, so that a person can look (POLICY.md, `hold`). Time is linear in the size of the bytes; depth,
//! parts, header size and text size are bounded by [`Limits`].

mod addresses;
mod attachments;
mod body;
mod charset;
mod encoded_words;
mod entity;
mod first_look;
mod flowed;
mod headers;
mod html;
mod ids;
pub mod lines;
mod machine;
mod parameters;
mod parse;
pub mod reply;
mod report;
mod rtf;
pub mod subject_marks;
mod tnef;
mod transfer;

pub use entity::safe_name as safe_file_name;
pub use first_look::{FirstLook, first_look};
pub use parse::content_hash;

use crate::address::Mailbox;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One inbound mail, as it was read. Nothing in it depends on a desk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// SHA-256 of the raw bytes with line ends folded to CRLF, so that the same mail by LF and CRLF is one mail.
    pub content_hash: [u8; 32],
    /// How many raw bytes there were.
    pub bytes: usize,
    /// Why the bytes could not be read as a mail, for a person to read; no member data in it.
    pub unparsable: Option<String>,
    /// Every header field of the top level in order: name as written, value unfolded, not decoded. Bounded by [`Limits`].
    pub headers: Vec<(String, String)>,
    /// Places in [`Message::headers`] of fields that another program may read otherwise than we do: with white space
    /// before the colon, control characters, bytes that are no UTF-8 or switch the charset, cut at [`Limits`], with a line
    /// in them that is neither folded nor a field, or behind a line of spaces. They route as ever, and prove nothing.
    pub oddly_written: Vec<usize>,
    /// `Message-ID` without angle brackets.
    pub message_id: Option<String>,
    /// Ids of `In-Reply-To`, without brackets, in order.
    pub in_reply_to: Vec<String>,
    /// Ids of `References`, without brackets, oldest first.
    pub references: Vec<String>,
    /// All mailboxes of all `From` fields (groups flattened).
    pub from: Vec<Mailbox>,
    /// How many `From` fields there were; other than 1 is never trusted.
    pub from_fields: usize,
    /// `Sender`.
    pub sender: Option<Mailbox>,
    /// `Reply-To`.
    pub reply_to: Vec<Mailbox>,
    /// `To`.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Date`, where it can be read. Claimed by the sender: never used as arrival.
    pub date: Option<Timestamp>,
    /// The decoded subject: RFC 2047 words decoded, control characters and folds turned into single spaces.
    pub subject: String,
    /// The body's text, and which part of it is new.
    pub body: Body,
    /// Parts that are not the body, in order; `message/rfc822` parts too.
    pub attachments: Vec<Attachment>,
    /// Attached or inline-forwarded messages, one level deep, outermost first.
    pub forwarded: Vec<Forwarded>,
    /// Every mark that a machine wrote this.
    pub machine: Machine,
    /// What a delivery report says (RFC 3464, or the usual free forms).
    pub report: Option<Report>,
}

/// The text that was read, and its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The whole text: the plain part, else the HTML part rendered (a table's cells parted by tabs, its rows by line
    /// ends), `format=flowed` unfolded, line ends `\n`, NFC, without NUL.
    pub text: String,
    /// Where it came from.
    pub source: BodySource,
    /// The sender's new words: `text` without quoted history, signature, disclaimers and gateway banners.
    pub visible: String,
    /// Quoted history, as it stands in `text`, quote marks (`>`) kept.
    pub quoted: String,
    /// The signature, from its delimiter or its first line; disclaimers too.
    pub signature: String,
}

/// Which part the text was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BodySource {
    /// A `text/plain` part.
    Plain,
    /// A `text/html` part, rendered.
    Html,
    /// TNEF (`winmail.dat`).
    Tnef,
    /// There was no text.
    #[default]
    None,
}

/// A part that is not the body.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    /// The decoded file name (RFC 2231, RFC 2047, or bare); path separators and control characters dropped.
    pub name: Option<String>,
    /// `type/subtype` in lower case.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Size of the decoded content in bytes.
    pub bytes: usize,
    /// Lower-case hex SHA-256 of the decoded content.
    pub sha256: String,
    /// `Content-Disposition: inline` or a `Content-ID` that the HTML names.
    pub inline: bool,
}

/// A message inside this one: a `message/rfc822` part, or a forward written inline ("---------- Forwarded message").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// Who it says it is from, as written.
    pub from: Option<String>,
    /// Its decoded subject.
    pub subject: Option<String>,
    /// Its text, read as [`Body::text`] is.
    pub text: String,
    /// Its new words, read as [`Body::visible`] is.
    pub visible: String,
    /// Whether it was an attached part (`message/rfc822`) rather than inline text.
    pub attached: bool,
    /// Whether a line above it says that it is forwarded, and not only that another mail begins there, as mail programs
    /// write it above what is answered as well. Of what stands within it: whether that holds for the outermost.
    pub announced: bool,
}

/// Marks that a machine wrote the mail. What of this counts for a desk, and in which order, `intake` decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// A delivery report: see [`Message::report`]. Holds the mark that showed it.
    pub bounce: Option<&'static str>,
    /// Values of `List-Id` (its id in angle brackets, lower case), `List-Post` and other `List-*` fields, and
    /// `Precedence: list`: empty where it came by no list.
    pub lists: Vec<ListMark>,
    /// Out-of-office, calendar reply, read receipt, challenge: the mark that showed it.
    pub auto_replied: Option<&'static str>,
    /// Otherwise written by a machine: the mark that showed it.
    pub auto_generated: Option<&'static str>,
    /// `X-Mailclerk-Template` or another header of ours stands in it. Whether it is *our* mail, a MAC decides later.
    pub ours: bool,
    /// `X-Auto-Response-Suppress`, as written: asks us not to answer, proves no machine.
    pub suppress: Option<String>,
}

/// One sign of a mailing list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMark {
    /// The field it stood in, lower case.
    pub field: String,
    /// Its value; for `List-Id` what stands in the angle brackets, lower case.
    pub value: String,
}

/// What a delivery report says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What kind of report.
    pub kind: ReportKind,
    /// One entry for each recipient named.
    pub recipients: Vec<ReportedRecipient>,
    /// Message-IDs of the mail reported on (returned headers or body), without brackets.
    pub original_ids: Vec<String>,
}

/// Kinds of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Failed, delayed or delivered (RFC 3464).
    #[default]
    Delivery,
    /// Read receipt (RFC 8098).
    Disposition,
    /// Abuse report (RFC 5965).
    Feedback,
}

/// One recipient of a report.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ReportedRecipient {
    /// `Final-Recipient` or `Original-Recipient`, else what the text names. Lower case.
    pub address: Option<String>,
    /// Enhanced status code (RFC 3463), such as `5.1.1`; made from the SMTP reply code where only that is given.
    pub status: Option<String>,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
    pub action: Option<String>,
}

/// Bounds that keep hostile mail cheap.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Raw bytes read at most; more is [`Message::unparsable`].
    pub bytes: usize,
    /// Nesting of multiparts and messages.
    pub depth: usize,
    /// Parts in all.
    pub parts: usize,
    /// Bytes of headers in all, and of one field.
    pub header_bytes: usize,
    /// Bytes of text kept; eight times as many bytes of pages are read for it.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 50 << 20, depth: 20, parts: 1000, header_bytes: 512 << 10, text_bytes: 256 << 10 }
    }
}

impl Message {
    /// Reads `raw` with the default [`Limits`]. Never panics, never fails: see [`Message::unparsable`].
    pub fn read(raw: &[u8]) -> Self {
        Self::read_within(raw, &Limits::default())
    }

    /// Reads `raw` within `limits`.
    pub fn read_within(raw: &[u8], limits: &Limits) -> Self {
        parse::read(raw, limits)
    }

    /// The decoded content of attachments of `raw`, by their place in the [`Message::attachments`] that [`Message::read`]
    /// gives, from 0. `wanted` is asked once for each, in order; what would make the contents more than `most` bytes
    /// together is passed over. Nothing of what [`Message::unparsable`] would be set for.
    pub fn attachment_contents(
        raw: &[u8],
        most: usize,
        mut wanted: impl FnMut(usize, &Attachment) -> bool,
    ) -> BTreeMap<usize, Vec<u8>> {
        parse::attachment_contents(raw, &Limits::default(), most, &mut wanted)
    }

    /// The HTML form of the body of `raw`, as it was written, at most `most` bytes of it; `None`: it has none. Hostile:
    /// nothing of it may be shown before it is made harmless.
    pub fn html_body(raw: &[u8], most: usize) -> Option<String> {
        parse::html_body(raw, &Limits::default(), most)
    }

    /// Values of the header fields called `name`, without regard to case, top first.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The same with whether each is written in the one plain way, see [`Message::oddly_written`].
    pub fn header_as_written<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, bool)> {
        let fields = self.headers.iter().enumerate().filter(move |(_, (n, _))| n.eq_ignore_ascii_case(name));
        fields.map(|(at, (_, value))| (value.as_str(), self.oddly_written.binary_search(&at).is_err()))
    }

    /// The one author: the only mailbox of the only `From` field. `None` where there is none or more than one.
    pub fn author(&self) -> Option<&Mailbox> {
        match self.from.as_slice() {
            [one] if self.from_fields == 1 => Some(one),
            _ => None,
        }
    }
}
