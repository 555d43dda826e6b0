//! Why a mail did not go out: to be tried again, refused, or of unknown fate. The rule stands here, in one place.
//!
//! No text here holds an address or a word of a mail: servers repeat recipients in their replies, so of a reply only
//! its codes are kept.

use std::fmt;

/// A mail that the server took, or that stands in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The reply's codes such as `250` or `250 2.0.0`; for a folder the file's name.
    pub reply: String,
    /// SHA-256 of the reply's whole text in hex, to compare with the server's log; empty for a folder.
    pub digest: String,
}

/// Why a mail did not go out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It certainly was not taken, and may be later: try again.
    #[error("failed to send a mail, which will be tried again: {0}")]
    Retry(Failure),
    /// It certainly was not taken, and never will be.
    #[error("failed to send a mail, for good: {0}")]
    Refused(Failure),
    /// Whether it was taken is not known.
    #[error("failed to learn whether a mail was taken: {0}")]
    Unknown(Failure),
}

/// Where and why it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// While doing what.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
    /// Whether a person must do something before any mail leaves: a password, a certificate, a setting.
    pub alarm: bool,
}

/// The steps of a session, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The name is looked up and the connection made.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The server's first words.
    Greeting,
    /// EHLO, before and after STARTTLS.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// RSET between two mails.
    Reset,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA and its 354.
    Data,
    /// The body, all but the final dot.
    Body,
    /// The final dot and its answer.
    Dot,
    /// The folder of files.
    Folder,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The server answered so.
    Reply {
        /// The reply's three digits.
        code: u16,
        /// The enhanced status (RFC 3463), where there was one.
        status: Option<(u16, u16, u16)>,
    },
    /// The answer is none of those that this step can have, or no SMTP at all.
    Odd(&'static str),
    /// The connection failed or ended, or a file could not be written.
    Lost(std::io::ErrorKind),
    /// No answer in time.
    Deadline,
    /// The server's certificate does not prove who it is.
    Certificate(&'static str),
    /// The server cannot do what is needed.
    Lacks(&'static str),
    /// A setting is wrong.
    Setting(&'static str),
}

/// What a negative reply means. This is the whole rule; RFC 5321, section 4.2.1, and for what is about us and not about
/// the mail RFC 4954, section 6, RFC 3463 and Exchange's own statuses.
pub(super) fn judge(stage: Stage, code: u16, status: Option<(u16, u16, u16)>) -> SendError {
    let reply = Cause::Reply { code, status };
    let before_mail = stage < Stage::Mail;
    match code {
        400..=499 => SendError::retry(stage, reply),
        // The server does not want us, whatever the mail: it waits until a person has looked, for five days.
        500..=599 if before_mail || is_about_us(code, status) => SendError::alarm(stage, reply),
        500..=599 => SendError::Refused(Failure { stage, cause: reply, alarm: false }),
        // An answer of another kind than this step has. After the final dot nothing follows from it.
        _ if stage == Stage::Dot => SendError::unknown(Cause::Odd("another kind of answer")),
        _ => SendError::retry(stage, Cause::Odd("another kind of answer")),
    }
}

/// Whether a 5xx is about who we are and how we are set up, so that each mail would meet it.
fn is_about_us(code: u16, status: Option<(u16, u16, u16)>) -> bool {
    // 503: our order of commands is right, so the server misses a login. 521: it takes no mail at all (RFC 7504).
    let codes = [503, 521, 530, 534, 535, 538];
    // Our own address is refused (5.1.7, 5.1.8), we are not logged in (5.7.0 with 530; Exchange's 5.7.3 and 5.7.57), the
    // login is too weak or wrong (5.7.8, 5.7.9), the account may not send under this address (Exchange's 5.7.60).
    let statuses = [(5, 1, 7), (5, 1, 8), (5, 7, 3), (5, 7, 8), (5, 7, 9), (5, 7, 57), (5, 7, 60)];
    codes.contains(&code) || status.is_some_and(|status| statuses.contains(&status))
}

impl SendError {
    /// To be tried again.
    pub(super) fn retry(stage: Stage, cause: Cause) -> Self {
        Self::Retry(Failure { stage, cause, alarm: false })
    }

    /// To be tried again, once a person has done something.
    pub(super) fn alarm(stage: Stage, cause: Cause) -> Self {
        Self::Retry(Failure { stage, cause, alarm: true })
    }

    /// Of unknown fate.
    pub(super) fn unknown(cause: Cause) -> Self {
        Self::Unknown(Failure { stage: Stage::Dot, cause, alarm: false })
    }

    /// Where and why.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Retry(failure) | Self::Refused(failure) | Self::Unknown(failure) => failure,
        }
    }
}

impl Failure {
    /// Whether any other mail would fare the same now: there is no point in trying the next one at once.
    pub fn is_about_server(&self) -> bool {
        let closing = matches!(self.cause, Cause::Reply { code: 421, .. });
        self.alarm || closing || self.stage < Stage::Mail || self.stage == Stage::Folder
    }

    /// Whether the session did not come about, for now: where others stand, the server has enough of them.
    pub fn is_about_one_session(&self) -> bool {
        self.stage < Stage::Mail && !self.alarm
    }

    /// Whether the recipient's address is refused for good, as a hard bounce would say: there is no such mailbox or
    /// domain, or it is closed (RFC 3463: 5.1.1 to 5.1.3, 5.1.6, 5.1.10 and 5.2.1). Where the server gives no
    /// enhanced status, its code says it.
    pub fn is_hard_bounce(&self) -> bool {
        let Cause::Reply { code, status } = self.cause else { return false };
        let hard = match status {
            Some(status) => matches!(status, (5, 1, 1 | 2 | 3 | 6 | 10) | (5, 2, 1)),
            None => matches!(code, 550 | 551 | 553 | 556),
        };
        self.stage == Stage::Recipient && code >= 500 && !self.alarm && hard
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage, self.cause)?;
        f.write_str(self.remedy())
    }
}

impl Failure {
    fn remedy(&self) -> &'static str {
        if !self.alarm {
            return "";
        }
        match (self.stage, self.cause) {
            (Stage::Auth, Cause::Reply { .. }) => "; check the user and the password in `[outgoing]`",
            (_, Cause::Certificate(_)) => {
                "; check the host in `outgoing.url`, or name a private authority in `ca_file`"
            }
            (Stage::StartTls, _) => "; if the server speaks TLS from the start, write `smtps://`",
            (Stage::Folder, _) => "; check the folder in `outgoing.url` and who may write to it",
            (_, Cause::Reply { .. }) => "; ask whoever runs the mail server whether this account may send as the desk",
            _ => "; check `[outgoing]` in the settings",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to the mail server",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "the server's greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Reset => "RSET",
            Self::Mail => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Body => "sending the body",
            Self::Dot => "the answer to the whole mail",
            Self::Folder => "writing to the folder",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply { code, status: Some((class, subject, detail)) } => {
                write!(f, "the server answered {code} {class}.{subject}.{detail}")
            }
            Self::Reply { code, status: None } => write!(f, "the server answered {code}"),
            Self::Odd(what) => write!(f, "the server gave {what}"),
            Self::Lost(kind) => write!(f, "{kind}"),
            Self::Deadline => f.write_str("no answer in time"),
            Self::Certificate(why) => write!(f, "the server's certificate cannot be trusted: {why}"),
            Self::Lacks(what) => write!(f, "the server does not offer {what}"),
            Self::Setting(what) => f.write_str(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(error: &SendError) -> &'static str {
        match error {
            SendError::Retry(failure) if failure.alarm => "alarm",
            SendError::Retry(_) => "retry",
            SendError::Refused(_) => "refused",
            SendError::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn what_each_reply_means() {
        use Stage::*;
        for (stage, code, status, expected) in [
            (Greeting, 421, None, "retry"),
            (Greeting, 554, None, "alarm"),
            (Hello, 502, None, "alarm"),
            (StartTls, 454, None, "retry"),
            (StartTls, 501, None, "alarm"),
            (Auth, 454, Some((4, 7, 0)), "retry"),
            (Auth, 535, Some((5, 7, 8)), "alarm"),
            (Reset, 500, None, "alarm"),
            (Mail, 451, None, "retry"),
            (Mail, 530, Some((5, 7, 0)), "alarm"),
            (Mail, 503, Some((5, 5, 1)), "alarm"),
            (Mail, 552, Some((5, 3, 4)), "refused"),
            (Mail, 550, None, "refused"),
            (Mail, 550, Some((5, 1, 8)), "alarm"),
            (Recipient, 450, None, "retry"),
            (Recipient, 452, Some((4, 5, 3)), "retry"),
            (Recipient, 550, Some((5, 1, 1)), "refused"),
            (Recipient, 550, Some((5, 7, 1)), "refused"),
            (Data, 451, None, "retry"),
            (Data, 554, None, "refused"),
            (Data, 250, None, "retry"),
            (Dot, 451, None, "retry"),
            (Dot, 421, None, "retry"),
            (Dot, 550, Some((5, 7, 60)), "alarm"),
            (Dot, 554, Some((5, 7, 1)), "refused"),
            (Dot, 354, None, "unknown"),
        ] {
            let error = judge(stage, code, status);
            assert_eq!(word(&error), expected, "{stage:?} {code} {status:?}");
        }
    }

    #[test]
    fn a_hard_bounce_is_about_the_address_and_nothing_else() {
        for (stage, code, status, hard) in [
            (Stage::Recipient, 550, None, true),
            (Stage::Recipient, 550, Some((5, 1, 1)), true),
            (Stage::Recipient, 550, Some((5, 7, 1)), false),
            (Stage::Recipient, 552, Some((5, 2, 2)), false),
            (Stage::Recipient, 550, Some((5, 1, 8)), false),
            (Stage::Recipient, 450, Some((4, 1, 1)), false),
            (Stage::Dot, 550, Some((5, 1, 1)), false),
        ] {
            assert_eq!(judge(stage, code, status).failure().is_hard_bounce(), hard, "{stage:?} {code} {status:?}");
        }
    }
}
