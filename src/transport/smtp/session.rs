//! One connection: mail after mail, each up to its final dot and then the dot.
//!
//! The wire is taken out of the session while a dialogue is on it, and put back only when both sides are in step. So
//! whatever is cancelled, times out or gets an odd answer loses its connection, and no mail ever reads another's answer.

use super::connect::{connect, positive};
use super::reply::{Abilities, Reply};
use super::wire::Wire;
use super::{Deadlines, SmtpSettings};
use crate::transport::error::judge;
use crate::transport::{Accepted, Cause, Failure, Prepared, SendError, Stage};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::time::Duration;

/// How long goodbye may take: nothing depends on it.
const GOODBYE: Duration = Duration::from_secs(2);

/// One connection that is logged in.
#[derive(Debug)]
pub struct Session {
    wire: Option<Wire>,
    able: Abilities,
    deadlines: Deadlines,
    /// Mails that were begun on it.
    mails: u64,
}

/// A mail whose body is out and whose final dot is not. Dropping it drops the connection, and the server the mail.
#[derive(Debug)]
#[must_use = "a mail is sent only when it is finished"]
pub struct AwaitingDot<'a> {
    session: &'a mut Session,
    wire: Wire,
}

impl Session {
    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// Always [`SendError::Retry`].
    pub async fn connect(settings: &SmtpSettings) -> Result<Self, SendError> {
        let (wire, able) = connect(settings).await?;
        Ok(Self { wire: Some(wire), able, deadlines: settings.deadlines, mails: 0 })
    }

    /// Sends envelope and body, all but the final dot.
    ///
    /// # Errors
    ///
    /// [`SendError::Retry`] or [`SendError::Refused`]; the mail was not taken.
    pub async fn begin(&mut self, mail: &Prepared) -> Result<AwaitingDot<'_>, SendError> {
        let wire = self.prepare(mail).await?;
        Ok(AwaitingDot::new(self, wire))
    }

    /// Whether the connection stands, as far as is known.
    pub fn is_usable(&self) -> bool {
        self.wire.is_some()
    }

    /// Says goodbye.
    pub async fn close(self) {
        if let Some(mut wire) = self.wire {
            // A server that does not answer has our mails all the same.
            let _ = wire.command(Stage::Reset, "QUIT", GOODBYE).await;
        }
    }

    /// Whether the server only had enough of this connection: it was used before, and ended between two mails or
    /// answered MAIL with "not now". Then the same mail is tried once on a fresh one.
    pub(super) fn was_kept_too_long(&self, error: &SendError) -> bool {
        let SendError::Retry(failure) = error else { return false };
        let between = matches!(failure.stage, Stage::Reset | Stage::Mail);
        let by_the_server = match failure.cause {
            Cause::Reply { code, .. } => code == 421 || failure.stage == Stage::Reset,
            Cause::Lost(_) | Cause::Odd(_) => true,
            _ => false,
        };
        self.mails > 1 && between && by_the_server
    }

    /// As [`Session::begin`], and hands the wire over.
    pub(super) async fn prepare(&mut self, mail: &Prepared) -> Result<Wire, SendError> {
        let gone = SendError::retry(Stage::Reset, Cause::Lost(ErrorKind::NotConnected));
        let mut wire = self.wire.take().ok_or(gone)?;
        self.mails += 1;
        match self.dialogue(&mut wire, mail).await {
            Ok(()) => Ok(wire),
            Err(Stopped { error, is_out_of_step }) => {
                if !is_out_of_step && keeps_in_step(error.failure()) {
                    self.wire = Some(wire);
                }
                Err(error)
            }
        }
    }

    async fn dialogue(&self, wire: &mut Wire, mail: &Prepared) -> Result<(), Stopped> {
        let (able, deadlines) = (&self.able, &self.deadlines);
        let (sender, recipient) = (mail_command(able, mail)?, recipient_command(able, mail));
        let all = [
            (Stage::Reset, "RSET", deadlines.command),
            (Stage::Mail, &sender, deadlines.command),
            (Stage::Recipient, &recipient, deadlines.command),
            (Stage::Data, "DATA", deadlines.data),
        ];
        let commands = if self.mails > 1 { &all[..] } else { &all[1..] };
        if able.pipelining {
            together(wire, commands).await?;
        } else {
            for (stage, command, deadline) in commands {
                as_expected(*stage, &wire.command(*stage, command, *deadline).await?)?;
            }
        }
        let failed = |cause| SendError::retry(Stage::Body, cause);
        Ok(wire.write(&stuffed(&mail.bytes), deadlines.block).await.map_err(failed)?)
    }
}

/// Why a mail's dialogue went no further.
struct Stopped {
    error: SendError,
    /// The server waits for more, or what it says next is not known: nothing else can be said on this connection.
    is_out_of_step: bool,
}

impl From<SendError> for Stopped {
    fn from(error: SendError) -> Self {
        Self { error, is_out_of_step: false }
    }
}

/// Commands that are sent at once, and their replies (RFC 2920): the first refusal is the one that counts, and the
/// replies to what stood behind it are read, so that the next mail does not find them.
async fn together(wire: &mut Wire, commands: &[(Stage, &str, Duration)]) -> Result<(), Stopped> {
    let (first, text) = (commands.first(), commands.iter().map(|(_, command, _)| format!("{command}\r\n")));
    let stage = first.map_or(Stage::Mail, |(stage, ..)| *stage);
    let deadline = first.map_or(Duration::ZERO, |(.., deadline)| *deadline);
    wire.quiet().await.map_err(|cause| SendError::retry(stage, cause))?;
    wire.write(text.collect::<String>().as_bytes(), deadline).await.map_err(|cause| SendError::retry(stage, cause))?;
    let mut refused: Option<SendError> = None;
    for (stage, _, deadline) in commands {
        match wire.reply(*deadline).await {
            Ok(reply) => {
                let outcome = as_expected(*stage, &reply);
                // It took DATA, though it has nobody to bring a mail to, and waits for one.
                let is_out_of_step = *stage == Stage::Data && outcome.is_ok();
                refused = match refused {
                    Some(error) if is_out_of_step => return Err(Stopped { error, is_out_of_step }),
                    None => outcome.err(),
                    refused => refused,
                };
            }
            // What hung up, or lost the thread, carries no further mail.
            Err(cause) => {
                let error = refused.unwrap_or_else(|| SendError::retry(*stage, cause));
                return Err(Stopped { error, is_out_of_step: true });
            }
        }
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// The reply that a command of a mail needs to go on.
fn as_expected(stage: Stage, reply: &Reply) -> Result<(), SendError> {
    match stage {
        Stage::Data if reply.code == 354 => Ok(()),
        Stage::Data => Err(judge(stage, reply.code, reply.status())),
        _ => positive(stage, reply),
    }
}

impl<'a> AwaitingDot<'a> {
    pub(super) fn new(session: &'a mut Session, wire: Wire) -> Self {
        Self { session, wire }
    }

    /// Sends the final dot and reads its answer.
    ///
    /// # Errors
    ///
    /// [`SendError::Unknown`] where the dot was begun and no answer can be read; else [`SendError::Retry`] or
    /// [`SendError::Refused`], and the mail was not taken.
    pub async fn finish(self) -> Result<Accepted, SendError> {
        let Self { session, mut wire } = self;
        // A server that hung up or complained over the body must not get the dot: so much the less is unknown.
        wire.quiet().await.map_err(|cause| SendError::retry(Stage::Body, cause))?;
        let deadlines = session.deadlines;
        wire.write(b".\r\n", deadlines.block).await.map_err(SendError::unknown)?;
        let reply = wire.reply(deadlines.dot).await.map_err(SendError::unknown)?;
        let outcome = positive(Stage::Dot, &reply);
        if outcome.as_ref().err().is_none_or(|error| keeps_in_step(error.failure())) {
            session.wire = Some(wire);
        }
        outcome.map(|()| Accepted { reply: reply.codes(), digest: reply.digest() })
    }
}

/// Whether after this both sides are in step, so that the connection may carry the next mail. A server that says 421
/// hangs up.
fn keeps_in_step(failure: &Failure) -> bool {
    match failure.cause {
        Cause::Reply { code, .. } => code != 421 && failure.stage >= Stage::Mail,
        // Nothing was said for this mail.
        Cause::Lacks(_) => true,
        _ => false,
    }
}

/// MAIL, with what the server understands and the mail needs; refused here where the server could not carry it.
fn mail_command(able: &Abilities, mail: &Prepared) -> Result<String, SendError> {
    let lacks = |what| SendError::Refused(Failure { stage: Stage::Mail, cause: Cause::Lacks(what), alarm: false });
    let mut command = format!("MAIL FROM:<{}>", mail.from);
    if let Some(limit) = able.size {
        let size = u64::try_from(mail.bytes.len()).unwrap_or(u64::MAX);
        if limit.is_some_and(|limit| size > limit) {
            return Err(lacks("room for a mail of this size"));
        }
        // Writing to a String cannot fail.
        let _ = write!(command, " SIZE={size}");
    }
    if !mail.bytes.is_ascii() {
        if !able.eight_bit {
            return Err(lacks("8BITMIME, which the address needs"));
        }
        command.push_str(" BODY=8BITMIME");
    }
    if mail.needs_smtputf8() {
        if !able.smtputf8 {
            return Err(lacks("SMTPUTF8, which the address needs"));
        }
        command.push_str(" SMTPUTF8");
    }
    if able.dsn {
        command.push_str(" RET=HDRS");
        let id = xtext(&mail.message_id);
        if id.len() <= 100 {
            let _ = write!(command, " ENVID={id}");
        }
    }
    Ok(command)
}

/// RCPT. Reports of delays and failures are asked for; the original recipient in them is how a report finds its mail
/// behind a forwarding (RFC 3461, sections 4.1 and 4.2).
fn recipient_command(able: &Abilities, mail: &Prepared) -> String {
    let mut command = format!("RCPT TO:<{}>", mail.to);
    if able.dsn {
        command.push_str(" NOTIFY=FAILURE,DELAY");
        if mail.to.is_ascii() {
            let _ = write!(command, " ORCPT=rfc822;{}", xtext(&mail.to));
        }
    }
    command
}

/// RFC 3461, section 4.
fn xtext(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, octet| {
        if octet.is_ascii_graphic() && octet != b'+' && octet != b'=' {
            out.push(char::from(octet));
        } else {
            let _ = write!(out, "+{octet:02X}");
        }
        out
    })
}

/// The body with its dots doubled at the beginnings of lines (RFC 5321, section 4.5.2), ending in CRLF.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for line in bytes.split_inclusive(|octet| *octet == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled_and_the_end_is_a_line_end() {
        for (body, expected) in [
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n"),
            (".a", "..a\r\n"),
            ("a..b\r\n..c\r\n", "a..b\r\n...c\r\n"),
            ("", "\r\n"),
        ] {
            assert_eq!(String::from_utf8(stuffed(body.as_bytes())).unwrap(), expected);
        }
    }

    #[test]
    fn parameters_are_what_the_server_understands_and_the_mail_needs() {
        let ascii = Prepared {
            message_id: "a+b@example.com".into(),
            from: "desk@example.com".into(),
            to: "jo=x@example.org".into(),
            bytes: b"Subject: x\r\n\r\n".to_vec(),
        };
        let foreign = Prepared { to: "j\u{f6}@example.org".into(), bytes: "To: j\u{f6}".into(), ..ascii.clone() };
        let none = Abilities::default();
        let able = Abilities { dsn: true, size: Some(Some(99)), eight_bit: true, smtputf8: true, ..none.clone() };
        assert_eq!(mail_command(&none, &ascii).unwrap(), "MAIL FROM:<desk@example.com>");
        assert_eq!(
            mail_command(&able, &ascii).unwrap(),
            "MAIL FROM:<desk@example.com> SIZE=14 RET=HDRS ENVID=a+2Bb@example.com"
        );
        assert_eq!(
            recipient_command(&able, &ascii),
            "RCPT TO:<jo=x@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;jo+3Dx@example.org"
        );
        assert_eq!(
            mail_command(&Abilities { dsn: false, ..able.clone() }, &foreign).unwrap(),
            "MAIL FROM:<desk@example.com> SIZE=7 BODY=8BITMIME SMTPUTF8"
        );
        for unable in [none, Abilities { smtputf8: false, ..able.clone() }, Abilities { size: Some(Some(3)), ..able }] {
            assert!(matches!(mail_command(&unable, &foreign), Err(SendError::Refused(_))), "{unable:?}");
        }
    }
}
