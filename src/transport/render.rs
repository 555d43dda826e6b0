//! A mail's octets: a pure function of the mail and its attachments, so that what is sent again is the same byte for byte.

use super::body::{Contents, body};
use super::header::{bare_id, is_id, mailbox, message_ids, unstructured, wire_address};
use crate::desk::GatewayMark;
use crate::effects::OutgoingMail;
use crate::words::token::MARK_HEADER;
use jiff::Timestamp;

/// A mail that is ready to go out: its envelope and its octets.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Our Message-ID, without brackets.
    pub message_id: String,
    /// The envelope's sender as it goes on the wire: where reports go.
    pub from: String,
    /// The envelope's one recipient as it goes on the wire.
    pub to: String,
    /// The mail, with CRLF throughout.
    pub bytes: Vec<u8>,
}

/// Why a mail cannot be written: it never can, so it is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// An address of the mail cannot stand in one.
    #[error("failed to write a mail: the address in {0} cannot stand in a mail")]
    Address(&'static str),
    /// Our own Message-ID is not of the form that RFC 5322, section 3.6.4 has.
    #[error("failed to write a mail: its Message-ID is no left@right of visible ASCII")]
    MessageId,
    /// The header that tells the gateway cannot go out as the policy has it.
    #[error("failed to write a mail: the header for the gateway cannot go out as it is written in the policy")]
    Gateway,
}

/// Octets of a line (RFC 5322, section 2.1.1), its end included.
const LONGEST_LINE: usize = 1000;

impl Prepared {
    /// Writes a mail with its attachments.
    ///
    /// # Errors
    ///
    /// The mail can never be written.
    pub fn new(mail: &OutgoingMail, contents: &Contents) -> Result<Self, RenderError> {
        let message_id = bare_id(&mail.message_id).to_owned();
        let (from, to) = (wire_address(&mail.from.address, "From")?, wire_address(&mail.to.address, "To")?);
        Ok(Self { message_id, from, to, bytes: render(mail, contents)? })
    }

    /// Whether a local part is not ASCII, so that the server must know SMTPUTF8 (RFC 6531). Domains never need it:
    /// they go out in ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.from.is_ascii() || !self.to.is_ascii()
    }
}

/// Bodies and addresses never reach a log by accident.
impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({}, {} octets)", self.message_id, self.bytes.len())
    }
}

/// The mail as RFC 5322 has it: CRLF throughout, no line over 998 octets, ASCII but for local parts that are not.
///
/// # Errors
///
/// The mail can never be written.
pub fn render(mail: &OutgoingMail, contents: &Contents) -> Result<Vec<u8>, RenderError> {
    let id = bare_id(&mail.message_id);
    let Some(id_line) = message_ids("Message-ID", [id]).filter(|_| is_id(id) && id.contains('@')) else {
        return Err(RenderError::MessageId);
    };
    let subject = match &mail.gateway {
        Some(mark) => mark.marked_subject(&mail.subject),
        None => mail.subject.clone(),
    };
    let mut lines = vec![
        format!("Date: {}\r\n", date(mail.date)),
        mailbox("From", &mail.from, &wire_address(&mail.from.address, "From")?),
        mailbox("To", &mail.to, &wire_address(&mail.to.address, "To")?),
        unstructured("Subject", &subject),
        id_line,
    ];
    lines.extend(message_ids("In-Reply-To", mail.in_reply_to.as_deref()));
    lines.extend(message_ids("References", mail.references.iter().map(String::as_str)));
    if let Some(how) = mail.auto_submitted {
        lines.push(unstructured("Auto-Submitted", how));
        // Exchange and Outlook then answer with no report, receipt or out-of-office ([MS-OXCMAIL], 2.2.3.2.14).
        lines.push(unstructured("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"));
    }
    lines.push(unstructured("X-Mailclerk-Template", mail.template.as_str()));
    lines.extend(message_ids(MARK_HEADER, [id]));
    lines.extend(mail.case_number.as_deref().map(|number| unstructured("X-Mailclerk-Case", number)));
    if let Some(GatewayMark::Header { name, value }) = &mail.gateway {
        lines.push(gateway_line(name, value)?);
    }
    lines.push("MIME-Version: 1.0\r\n".to_owned());
    let mut bytes = lines.concat().into_bytes();
    bytes.extend(body(id, mail, contents));
    Ok(bytes)
}

/// The header that tells the organisation's gateway, exactly as the policy has it. What could not go out so must not go
/// out without it either.
fn gateway_line(name: &str, value: &str) -> Result<String, RenderError> {
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    let is_value = !value.is_empty() && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let line = format!("{name}: {value}\r\n");
    if is_name && is_value && !value.contains("=?") && line.len() <= LONGEST_LINE {
        Ok(line)
    } else {
        Err(RenderError::Gateway)
    }
}

/// RFC 5322, section 3.3, in UTC.
fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests;
