//! An outgoing mail, written to its row and read from it.

use crate::address::Mailbox;
use crate::desk::GatewayMark;
use crate::effects::{Enclosed, Generated, MailClass, MailState, OutgoingMail};
use crate::store::seal::{address_key, open_json, seal_json};
use crate::store::standing::{target, target_columns};
use crate::store::value::{Row, Value, args};
use crate::store::{Result, StoreError};
use crate::words::keys::Keys;
use crate::words::{Template, Variant};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The columns of [`mail`].
pub(in crate::store) const MAIL: &str = "id, desk, template, variant, class, state, state_at, about_kind, about, case_number, \
                               replies_to, dated, auto_submitted, not_before, queued_at, attempts, retry_at, why, \
                               sent_again, fence, sealed";

/// What writes new mails.
pub(in crate::store) const WRITE_MAILS: &str = "INSERT INTO mails (id, desk, seq, lane_key, precedence, template, variant, class, state, state_at, to_key, \
     about_kind, about, case_number, replies_to, dated, auto_submitted, not_before, queued_at, due_at, attempts, \
     sent_again, searched, fence, sealed, counts_at, turn, portal_at, copied_at) VALUES";

#[derive(Serialize, Deserialize)]
struct SealedMail {
    from: Mailbox,
    to: Mailbox,
    subject: String,
    text: String,
    html: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Enclosed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    generated: Vec<Generated>,
    message_id: String,
    in_reply_to: Option<String>,
    references: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gateway: Option<GatewayMark>,
}

/// Staff first, then people's answers, then automatic mail.
pub(in crate::store) fn precedence(class: MailClass) -> i64 {
    match class {
        MailClass::Staff => 0,
        MailClass::Answer | MailClass::PortalNotice => 1,
        MailClass::Automatic => 2,
    }
}

/// A row of [`WRITE_MAILS`].
/// `counts_at`: when what it answers arrived; for the breaker, a backlog is spread as it came.
pub(in crate::store) fn mail_row(
    keys: &Keys,
    mail: &OutgoingMail,
    (seq, turn): (i64, i64),
    (at, counts_at): (Timestamp, Timestamp),
) -> Result<Vec<Value>> {
    let sealed = SealedMail {
        from: mail.from.clone(),
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        html: mail.html.clone(),
        attachments: mail.attachments.clone(),
        generated: mail.generated.clone(),
        message_id: mail.message_id.clone(),
        in_reply_to: mail.in_reply_to.clone(),
        references: mail.references.clone(),
        gateway: mail.gateway.clone(),
    };
    let (about_kind, about) = mail.about.map(target_columns).unzip();
    // What starts as sent is read in the portal, and has no copy elsewhere; nothing new is claimed or given up.
    let state = match mail.state {
        state @ (MailState::Queued | MailState::WaitingSecure | MailState::Withheld | MailState::Sent) => state,
        _ => MailState::Queued,
    };
    let portal_at = (state == MailState::Sent).then_some(at);
    Ok(args![
        mail.id,
        mail.desk.as_str(),
        seq,
        keys.lookup("lane", &mail.lane()),
        precedence(mail.class),
        mail.template.as_str(),
        mail.variant.as_str(),
        mail.class.as_str(),
        state.as_str(),
        at,
        address_key(keys, &mail.to.address),
        about_kind,
        about,
        mail.case_number.clone(),
        mail.replies_to,
        mail.date,
        mail.auto_submitted,
        mail.not_before,
        at,
        mail.not_before,
        0i64,
        false,
        false,
        0i64,
        seal_json(&sealed, "a mail")?,
        counts_at,
        turn,
        portal_at,
        portal_at,
    ])
}

/// Reads a mail.
pub(in crate::store) fn mail(row: &Row) -> Result<OutgoingMail> {
    let sealed: SealedMail = open_json(&row.bytes("sealed")?, "a mail")?;
    Ok(OutgoingMail {
        id: row.id("id")?,
        desk: row.text("desk")?,
        template: row.word("template", Template::from_word)?,
        variant: row.word("variant", Variant::from_word)?,
        class: row.word("class", MailClass::from_word)?,
        state: row.word("state", MailState::from_word)?,
        from: sealed.from,
        to: sealed.to,
        subject: sealed.subject,
        text: sealed.text,
        html: sealed.html,
        attachments: sealed.attachments,
        generated: sealed.generated,
        message_id: sealed.message_id,
        in_reply_to: sealed.in_reply_to,
        references: sealed.references,
        date: row.time("dated")?,
        auto_submitted: row.opt_word("auto_submitted", auto_submitted)?,
        case_number: row.opt_text("case_number")?,
        about: target(row, "about_kind", "about")?,
        replies_to: row.opt_id("replies_to")?,
        not_before: row.time("not_before")?,
        gateway: sealed.gateway,
    })
}

/// What of a mail is sealed, with another mark for the gateway.
pub(in crate::store) fn remarked(sealed: &[u8], gateway: Option<GatewayMark>) -> Result<Vec<u8>> {
    let mail: SealedMail = open_json(sealed, "a mail")?;
    seal_json(&SealedMail { gateway, ..mail }, "a mail")
}

/// How often a mail was claimed.
pub(in crate::store) fn attempts(row: &Row) -> Result<u32> {
    u32::try_from(row.int("attempts")?).map_err(|_| StoreError::Corrupt("attempts"))
}

/// The words of RFC 3834, section 5.
fn auto_submitted(word: &str) -> Option<&'static str> {
    ["auto-replied", "auto-generated"].into_iter().find(|known| *known == word)
}

#[cfg(test)]
#[test]
fn mail_that_starts_is_never_on_its_way() {
    assert!(precedence(MailClass::Staff) < precedence(MailClass::Answer));
    assert!(precedence(MailClass::Answer) < precedence(MailClass::Automatic));
    assert_eq!(auto_submitted("auto-replied"), Some("auto-replied"));
    assert_eq!(auto_submitted("no"), None);
}
