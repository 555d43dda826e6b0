//! Sending by SMTP, command by command.

use super::{Accepted, Prepared, SendError};
use crate::settings::Security;
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// How to reach the server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Host name or address; its certificate must bear it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// Who we are.
    pub credentials: Credentials,
    /// A private authority's certificates (PEM), which alone count then.
    pub ca_file: Option<PathBuf>,
    /// How long each step may take.
    pub deadlines: Deadlines,
}

/// Who we are to the server. XOAUTH2 will be another arm.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A relay that asks for none.
    None,
    /// AUTH PLAIN, or LOGIN where the server has nothing else.
    Password {
        /// The account.
        user: String,
        /// Its password.
        password: SecretString,
    },
}

/// How long each step may take; the default is RFC 5321, section 4.5.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Looking up the name and connecting.
    pub connect: Duration,
    /// The greeting, and each command without a deadline of its own.
    pub command: Duration,
    /// DATA's 354.
    pub data: Duration,
    /// Each block of the body.
    pub block: Duration,
    /// The final dot's answer.
    pub dot: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self { connect: minutes(1), command: minutes(5), data: minutes(2), block: minutes(3), dot: minutes(10) }
    }
}

/// A server that mail is sent through.
#[derive(Clone, Debug)]
pub struct SmtpTransport {
    settings: SmtpSettings,
}

/// A connection that is made when it is needed and kept for the next mail.
#[derive(Debug)]
pub struct SmtpSender {
    settings: SmtpSettings,
    session: Option<Session>,
}

/// One connection that is logged in.
#[derive(Debug)]
pub struct Session {}

/// A mail whose body is out and whose final dot is not. Dropping it drops the connection.
#[derive(Debug)]
pub struct AwaitingDot<'a> {
    session: &'a mut Session,
}

impl SmtpTransport {
    /// The server that these settings name.
    pub fn new(settings: SmtpSettings) -> Self {
        Self { settings }
    }
    pub(super) fn sender(&self) -> SmtpSender {
        SmtpSender { settings: self.settings.clone(), session: None }
    }
    pub(super) async fn check(&self) -> Result<(), SendError> {
        todo!()
    }
    pub(super) fn is_loopback(&self) -> bool {
        todo!()
    }
}

impl SmtpSender {
    pub(super) async fn begin(&mut self, mail: &Prepared) -> Result<AwaitingDot<'_>, SendError> {
        let _ = (mail, &self.session, &self.settings);
        todo!()
    }
    pub(super) async fn close(self) {}
}

impl AwaitingDot<'_> {
    /// Sends the final dot and reads its answer.
    pub async fn finish(self) -> Result<Accepted, SendError> {
        let _ = self.session;
        todo!()
    }
}
