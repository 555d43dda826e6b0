//! Mails on their way: `queued → claimed → committing → sent | deferred | failed | cancelled | uncertain`.
//!
//! A claim is a lease with a fence; what a lost claim would write is refused. Mail of one lane (one person and case)
//! leaves in order: nothing is claimed behind a mail of its lane that waits or is on its way, but a person's answer
//! overtakes a deferred automatic mail.

pub(super) mod claim;
pub(super) mod gates;
mod list;
pub(super) mod mail_rows;
mod people;
mod recover;
mod states;

use super::Result;
use super::value::Row;

/// Reads the mails about a case or pending request, in order.
pub(super) fn about() -> String {
    format!("SELECT {} FROM mails WHERE about = $1 ORDER BY seq", mail_rows::MAIL)
}

/// A mail as a case shows it.
pub(super) fn mail_view(row: &Row) -> Result<super::MailView> {
    let mail = mail_rows::mail(row)?;
    Ok(super::MailView {
        template: mail.template,
        to: mail.to.address,
        at: row.time("state_at")?,
        state: mail.state,
        attachments: super::EnclosedView::all(mail.attachments),
    })
}

pub use gates::Turn;
pub(super) use mail_rows::mail;
pub use states::TakenMail;

/// A selection of mails as [`mail`] reads them, with their `seq`; `condition` begins with `WHERE`.
pub(super) fn sent_mail(condition: &str) -> String {
    format!("SELECT {}, seq FROM mails {condition}", mail_rows::MAIL)
}
