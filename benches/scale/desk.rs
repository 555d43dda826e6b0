//! A desk of neutral words with many specialists, and mail to it.

use mailclerk::desk::{Desk, load};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// The desk's id.
pub const DESK: &str = "scale";
/// Its address.
pub const ADDRESS: &str = "desk@desk.example";
/// The server whose results are believed.
pub const SERVER: &str = "mx.desk.example";
/// Members of staff who work cases.
const SPECIALISTS: usize = 40;
/// The desk's policy without its specialists.
const POLICY: &str = include_str!("desk.toml");

/// The desk's policy.
pub fn policy() -> Arc<Desk> {
    let mut text = POLICY.to_owned();
    for n in 0..SPECIALISTS {
        let line = if n % 2 == 0 { "north" } else { "south" };
        let _ = write!(
            text,
            "\n[[staff]]\nname = \"Specialist {n}\"\nemail = \"specialist{n}@desk.example\"\nrole = \"specialist\"\n\
             lines = [\"{line}\"]\n"
        );
    }
    Arc::new(load::parse(DESK, Path::new("desks/scale.toml"), &text).unwrap_or_else(|faults| panic!("{faults}")))
}

/// The address of the `n`-th requester; all are of one length, so that one can be put in another's place.
pub fn requester(n: usize) -> String {
    format!("requester{n:06}@agency.example")
}

/// What a mail is meant to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new case.
    Complete,
    /// Returned: the member's number is missing.
    Incomplete,
    /// Redirected: it is about bills.
    Elsewhere,
}

/// The `n`-th request, from the requester `who`; some three thousand octets, as mail of an office has them.
pub fn request(kind: Kind, who: usize, n: usize) -> String {
    let (first, last) = (["Jane", "Phyllis", "Roberto", "Sigrid"][n % 4], format!("Whitfield{}", letters(n)));
    let line = if n.is_multiple_of(2) { "North" } else { "South" };
    let subject = match kind {
        Kind::Elsewhere => "Billing question".to_owned(),
        _ => format!("{last}, {first} {line}"),
    };
    let member = if kind == Kind::Complete { format!("Member ID: H12{n:08}\n") } else { String::new() };
    let issue = match kind {
        Kind::Elsewhere => "Why is there a second bill for this month? My bill was paid already.".to_owned(),
        _ => format!(
            "The member has not received the new card that was promised {n} days ago, and the address on file is the old one."
        ),
    };
    let body =
        format!("Agent Name: Jo Field\n{member}Member Name: {first} {last}\nSummary: {issue}\n\n{}", signature(n));
    mail(who, &format!("{n}.{kind:?}"), &subject, "", &body)
}

/// A further message of `who` about the case with this number.
pub fn reply(who: usize, n: usize, number: &str) -> String {
    let body =
        format!("Is there any news about this? The member called again, it was call number {n}.\n\n{}", signature(n));
    mail(who, &format!("{n}.reply"), &format!("Re: [{number}] your request"), "", &body)
}

/// A mail to the desk, authenticated.
fn mail(who: usize, id: &str, subject: &str, headers: &str, body: &str) -> String {
    let from = requester(who);
    let text = format!(
        "Return-Path: <{from}>\nReceived: from outbound.agency.example (outbound.agency.example [192.0.2.17])\n\
         \tby {SERVER} (Postfix) with ESMTPS id {id} for <{ADDRESS}>; Mon, 16 Nov 2026 10:15:00 -0500 (EST)\n\
         Authentication-Results: {SERVER}; dmarc=pass header.from=agency.example; spf=pass\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=agency.example; s=s1; h=from:to:subject:date;\n\
         \tbh={}; b={}\nFrom: Jo Field <{from}>\nTo: {ADDRESS}\nSubject: {subject}\nMessage-ID: <{id}@agency.example>\n\
         Date: Mon, 16 Nov 2026 10:15:00 -0500\nMIME-Version: 1.0\n\
         Content-Type: multipart/alternative; boundary=\"=_{id}\"\n{headers}\n",
        letters(7).repeat(4),
        letters(11).repeat(28),
    );
    let html: String = body.lines().map(|line| format!("<p class=\"MsoNormal\"><span>{line}</span></p>\n")).collect();
    format!(
        "{text}--=_{id}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n\
         --=_{id}\nContent-Type: text/html; charset=utf-8\n\n<html><body>\n{html}</body></html>\n--=_{id}--\n"
    )
    .replace('\n', "\r\n")
}

fn signature(n: usize) -> String {
    format!(
        "Kind regards,\nJo Field\nSenior Agent, Agency Partners of the Lakes\n{} Harbor Street, Suite {}\n\
         Phone 555-01{:02}, fax 555-0199\n\nThis message and its attachments are for the use of the person to whom it is \
         addressed and may hold information that is confidential.\n",
        100 + n % 900,
        n % 90,
        n % 100
    )
}

/// A number in letters, so that names of people have no digits.
fn letters(n: usize) -> String {
    (0..5u32).map(|place| char::from(b'a' + u8::try_from(n / 26usize.pow(place) % 26).unwrap_or(0))).collect()
}
