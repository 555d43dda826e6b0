//! From an address to a connection that is logged in: TCP, TLS, greeting, EHLO, login.

use super::reply::{Abilities, Reply};
use super::wire::{Line, Wire};
use super::{Credentials, SendError, SmtpSettings, Stage, tls};
use crate::settings::Security;
use crate::transport::Cause;
use crate::transport::error::judge;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use std::net::IpAddr;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

/// Connects and logs in. Nothing secret is sent before the server's certificate was verified.
pub(super) async fn connect(settings: &SmtpSettings) -> Result<(Wire, Abilities), SendError> {
    let stream = open_tcp(settings).await?;
    let line = match settings.security {
        Security::Tls => Line::Tls(shake_hands(settings, stream).await?),
        Security::StartTls | Security::Plain => Line::Plain(stream),
    };
    let mut wire = Wire::new(line);
    let greeting = wire.reply(settings.deadlines.command).await;
    positive(Stage::Greeting, &greeting.map_err(|cause| SendError::retry(Stage::Greeting, cause))?)?;
    let mut able = hello(settings, &mut wire).await?;
    if settings.security == Security::StartTls {
        wire = start_tls(settings, wire, &able).await?;
        // What was said in clear counts for nothing (RFC 3207, section 4.2).
        able = hello(settings, &mut wire).await?;
    }
    log_in(settings, &mut wire, &able).await?;
    Ok((wire, able))
}

/// The reply, if it is 2xx.
pub(super) fn positive(stage: Stage, reply: &Reply) -> Result<(), SendError> {
    if (200..300).contains(&reply.code) { Ok(()) } else { Err(judge(stage, reply.code, reply.status())) }
}

async fn open_tcp(settings: &SmtpSettings) -> Result<TcpStream, SendError> {
    let lost = |error: std::io::Error| SendError::retry(Stage::Connect, Cause::Lost(error.kind()));
    let host = settings.host.trim_start_matches('[').trim_end_matches(']');
    let stream = timeout(settings.deadlines.connect, TcpStream::connect((host, settings.port)))
        .await
        .map_err(|_| SendError::retry(Stage::Connect, Cause::Deadline))?
        .map_err(lost)?;
    let peer = stream.peer_addr().map_err(lost)?;
    if settings.security == Security::Plain && !peer.ip().to_canonical().is_loopback() {
        let why = "mail may leave without TLS over loopback only: write `smtps://` or `smtp+starttls://`";
        return Err(SendError::alarm(Stage::Connect, Cause::Setting(why)));
    }
    // Else the final dot waits for the acknowledgement of the body, 40 ms for each mail.
    stream.set_nodelay(true).map_err(lost)?;
    Ok(stream)
}

async fn shake_hands(settings: &SmtpSettings, stream: TcpStream) -> Result<Box<TlsStream<TcpStream>>, SendError> {
    timeout(settings.deadlines.connect, tls::handshake(settings.ca_file.as_deref(), &settings.host, stream))
        .await
        .map_err(|_| SendError::retry(Stage::Tls, Cause::Deadline))?
}

/// EHLO, with our address as our name (RFC 5321, section 4.1.4): a host behind a gateway has no better one.
async fn hello(settings: &SmtpSettings, wire: &mut Wire) -> Result<Abilities, SendError> {
    let lost = |error: std::io::Error| SendError::retry(Stage::Hello, Cause::Lost(error.kind()));
    let name = match wire.tcp().local_addr().map_err(lost)?.ip().to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    };
    let reply = wire.command(Stage::Hello, &format!("EHLO {name}"), settings.deadlines.command).await?;
    positive(Stage::Hello, &reply)?;
    Ok(reply.abilities())
}

async fn start_tls(settings: &SmtpSettings, mut wire: Wire, able: &Abilities) -> Result<Wire, SendError> {
    if !able.start_tls {
        return Err(SendError::alarm(Stage::StartTls, Cause::Lacks("STARTTLS")));
    }
    let reply = wire.command(Stage::StartTls, "STARTTLS", settings.deadlines.command).await?;
    positive(Stage::StartTls, &reply)?;
    // Somebody between us and the server may have put words before the handshake.
    let injected = Cause::Odd("more than it was asked before TLS began");
    let stream = wire.into_plain().ok_or(SendError::alarm(Stage::StartTls, injected))?;
    Ok(Wire::new(Line::Tls(shake_hands(settings, stream).await?)))
}

async fn log_in(settings: &SmtpSettings, wire: &mut Wire, able: &Abilities) -> Result<(), SendError> {
    let Credentials::Password { user, password } = &settings.credentials else { return Ok(()) };
    let password = password.expose_secret();
    if user.contains('\0') || password.contains('\0') {
        return Err(SendError::alarm(Stage::Auth, Cause::Setting("the user or the password holds a NUL")));
    }
    let deadline = settings.deadlines.command;
    let reply = if able.auth_plain {
        // RFC 4616, with the initial response of RFC 4954.
        let message = Zeroizing::new(format!("\0{user}\0{password}"));
        let text = Zeroizing::new(format!("AUTH PLAIN {}", *encoded(&message)));
        wire.command(Stage::Auth, &text, deadline).await?
    } else if able.auth_login {
        let steps = [Zeroizing::new("AUTH LOGIN".to_owned()), encoded(user)];
        for step in &steps {
            let reply = wire.command(Stage::Auth, step, deadline).await?;
            if reply.code != 334 {
                return Err(unexpected(&reply));
            }
        }
        wire.command(Stage::Auth, &encoded(password), deadline).await?
    } else {
        return Err(SendError::alarm(Stage::Auth, Cause::Lacks("AUTH PLAIN or AUTH LOGIN")));
    };
    if reply.code == 235 { Ok(()) } else { Err(unexpected(&reply)) }
}

fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(text))
}

/// AUTH has one answer that means yes; every other one means no.
fn unexpected(reply: &Reply) -> SendError {
    judge(Stage::Auth, reply.code, reply.status())
}
