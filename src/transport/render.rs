//! A mail's octets: a pure function of the mail, so that what is sent again is the same byte for byte.

use crate::address::EmailAddress;
use crate::effects::OutgoingMail;

/// A mail that is ready to go out: its envelope and its octets.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Our Message-ID, without brackets.
    pub message_id: String,
    /// The envelope's sender: where reports go.
    pub from: EmailAddress,
    /// The envelope's one recipient.
    pub to: EmailAddress,
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
    /// The date is before 1970 or after 9998.
    #[error("failed to write a mail: its date is out of range")]
    Date,
    /// The builder refused it.
    #[error("failed to write a mail: the builder refused it")]
    Builder,
}

impl Prepared {
    /// Writes a mail.
    ///
    /// # Errors
    ///
    /// The mail can never be written.
    pub fn new(mail: &OutgoingMail) -> Result<Self, RenderError> {
        let bytes = render(mail)?;
        let (from, to) = (mail.from.address.clone(), mail.to.address.clone());
        Ok(Self { message_id: mail.message_id.clone(), from, to, bytes })
    }
}

/// Bodies never reach a log by accident.
impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({}, {} octets)", self.message_id, self.bytes.len())
    }
}

/// The mail as RFC 5322 has it.
///
/// # Errors
///
/// The mail can never be written.
pub fn render(mail: &OutgoingMail) -> Result<Vec<u8>, RenderError> {
    let _ = mail;
    todo!()
}
