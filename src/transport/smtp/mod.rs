//! Sending by SMTP (RFC 5321), command by command.
//!
//! lettre's own connection sends body and final dot in one call and reads replies without bound in time, so that the
//! point of no return cannot be seen; the wire is therefore driven here, and lettre writes the mail's content.

mod connect;
mod reply;
mod session;
mod tls;
mod wire;

pub use session::{AwaitingDot, Session};

use super::{Prepared, SendError, Stage};
use crate::settings::Security;
use secrecy::SecretString;
use std::net::IpAddr;
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
    /// Looking up the name and connecting, and the TLS handshake.
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

impl Deadlines {
    /// The same for every step.
    pub fn all(each: Duration) -> Self {
        Self { connect: each, command: each, data: each, block: each, dot: each }
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

impl SmtpTransport {
    /// The server that these settings name.
    pub fn new(settings: SmtpSettings) -> Self {
        Self { settings }
    }

    /// A sender, not yet connected.
    pub fn sender(&self) -> SmtpSender {
        SmtpSender { settings: self.settings.clone(), session: None }
    }

    /// Connects, logs in and says goodbye.
    pub(super) async fn check(&self) -> Result<(), SendError> {
        Session::connect(&self.settings).await?.close().await;
        Ok(())
    }

    /// TLS, or the hop to a relay on this machine; a connection in clear to elsewhere is refused in any case.
    pub(super) fn is_protected(&self) -> bool {
        self.settings.security != Security::Plain || self.is_loopback()
    }

    pub(super) fn is_loopback(&self) -> bool {
        let host = self.settings.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl SmtpSender {
    /// See [`super::Sender::begin`].
    pub async fn begin(&mut self, mail: &Prepared) -> Result<AwaitingDot<'_>, SendError> {
        let mut session = match self.session.take() {
            Some(session) if session.is_usable() => session,
            _ => Session::connect(&self.settings).await?,
        };
        let mut prepared = session.prepare(mail).await;
        if prepared.as_ref().is_err_and(|error| session.was_kept_too_long(error)) {
            session = Session::connect(&self.settings).await?;
            prepared = session.prepare(mail).await;
        }
        let session = self.session.insert(session);
        Ok(AwaitingDot::new(session, prepared?))
    }

    /// See [`super::Sender::is_open`].
    pub fn is_open(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_usable)
    }

    /// Says goodbye.
    pub async fn close(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
    }
}
