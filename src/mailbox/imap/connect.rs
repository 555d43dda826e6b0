//! From an address to a connection that is logged in: TCP, TLS, greeting, capabilities, login.

use super::super::error::{MailboxError, RefusedCause, RetryCause};
use super::reply::{Capabilities, Reply, Verdict, capabilities_in};
use super::stream::Line;
use super::wire::{Piece, Wire};
use super::{Credentials, ImapSettings, tls};
use crate::settings::Security;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeroize::Zeroizing;

const CONNECT: &str = "connect to the IMAP server";
const LOG_IN: &str = "log in to the IMAP server";

/// Connects and logs in. Nothing secret is sent before the server's certificate was verified.
pub(super) async fn connect(settings: &ImapSettings) -> Result<(Wire, Capabilities), MailboxError> {
    let stream = open_tcp(settings).await?;
    let line = match settings.security {
        Security::Tls => Line::Tls(shake_hands(settings, stream).await?),
        Security::StartTls | Security::Plain => Line::Plain(stream),
    };
    let mut wire = Wire::new(line, settings.deadline);
    let (mut logged_in, mut announced) = wire.greeting().await?;
    if settings.security == Security::StartTls {
        if logged_in {
            return Err(MailboxError::refused(CONNECT, RefusedCause::BeforeTls("PREAUTH")));
        }
        wire = start_tls(settings, wire, announced).await?;
        // What was said in clear counts for nothing (RFC 3501, section 6.2.1).
        (logged_in, announced) = (false, None);
    }
    if !logged_in {
        let capabilities = match announced {
            Some(capabilities) => capabilities,
            None => ask_capabilities(&mut wire).await?,
        };
        log_in(settings, &mut wire, &capabilities).await?;
    }
    let capabilities = ask_capabilities(&mut wire).await?;
    Ok((wire, capabilities))
}

async fn open_tcp(settings: &ImapSettings) -> Result<TcpStream, MailboxError> {
    let lost = |kind| MailboxError::retry(CONNECT, RetryCause::Lost(kind));
    let stream = timeout(settings.deadline, TcpStream::connect((settings.host.as_str(), settings.port)))
        .await
        .map_err(|_| MailboxError::retry(CONNECT, RetryCause::Deadline))?
        .map_err(|error| lost(error.kind()))?;
    let peer = stream.peer_addr().map_err(|error| lost(error.kind()))?;
    if settings.security == Security::Plain && !peer.ip().to_canonical().is_loopback() {
        return Err(MailboxError::refused(CONNECT, RefusedCause::PlainOffLoopback));
    }
    stream.set_nodelay(true).map_err(|error| lost(error.kind()))?;
    Ok(stream)
}

async fn shake_hands(
    settings: &ImapSettings,
    stream: TcpStream,
) -> Result<Box<tokio_rustls::client::TlsStream<TcpStream>>, MailboxError> {
    timeout(settings.deadline, tls::handshake(settings.ca_file.as_deref(), &settings.host, stream))
        .await
        .map_err(|_| MailboxError::retry(CONNECT, RetryCause::Deadline))?
}

async fn start_tls(
    settings: &ImapSettings,
    mut wire: Wire,
    announced: Option<Capabilities>,
) -> Result<Wire, MailboxError> {
    let capabilities = match announced {
        Some(capabilities) => capabilities,
        None => ask_capabilities(&mut wire).await?,
    };
    if !capabilities.has("STARTTLS") {
        return Err(MailboxError::refused(CONNECT, RefusedCause::NoStartTls));
    }
    let reply = wire.run(CONNECT, "STARTTLS", |_| {}).await?;
    if reply.verdict != Verdict::Ok {
        return Err(MailboxError::refused(CONNECT, RefusedCause::NoStartTls));
    }
    match wire.into_line() {
        Some(Line::Plain(stream)) => {
            let stream = shake_hands(settings, stream).await?;
            Ok(Wire::new(Line::Tls(stream), settings.deadline))
        }
        Some(Line::Tls(_)) | None => Err(MailboxError::refused(CONNECT, RefusedCause::BeforeTls("more answers"))),
    }
}

async fn ask_capabilities(wire: &mut Wire) -> Result<Capabilities, MailboxError> {
    let mut found = None;
    wire.run(CONNECT, "CAPABILITY", |answer| {
        if let Some(capabilities) = capabilities_in(answer) {
            found = Some(capabilities);
        }
    })
    .await?
    .ok(CONNECT)?;
    found.ok_or_else(|| MailboxError::retry(CONNECT, RetryCause::Incomplete("its capabilities")))
}

async fn log_in(settings: &ImapSettings, wire: &mut Wire, capabilities: &Capabilities) -> Result<(), MailboxError> {
    let reply = match &settings.credentials {
        Credentials::Password(password) => {
            let password = password.expose_secret();
            if settings.user.contains('\0') || password.contains('\0') {
                let cause = RefusedCause::Setting("user or password", "it holds a NUL");
                return Err(MailboxError::refused(LOG_IN, cause));
            }
            if capabilities.has("AUTH=PLAIN") {
                authenticate_plain(wire, &settings.user, password, capabilities.has("SASL-IR")).await?
            } else if !capabilities.has("LOGINDISABLED") {
                login(wire, &settings.user, password).await?
            } else {
                return Err(MailboxError::refused(LOG_IN, RefusedCause::NoLoginMethod));
            }
        }
    };
    match reply.verdict {
        Verdict::Ok => Ok(()),
        Verdict::No if !reply.is_passing() => Err(MailboxError::refused(LOG_IN, RefusedCause::Credentials(reply.code))),
        Verdict::No | Verdict::Bad => reply.ok(LOG_IN).map(drop),
    }
}

/// RFC 4616, with the initial response of RFC 4959 where the server takes it.
async fn authenticate_plain(wire: &mut Wire, user: &str, password: &str, initial: bool) -> Result<Reply, MailboxError> {
    let message = Zeroizing::new(format!("\0{user}\0{password}"));
    let response = Zeroizing::new(STANDARD.encode(message.as_bytes()));
    wire.authenticate(LOG_IN, "AUTHENTICATE PLAIN", &response, initial).await
}

async fn login(wire: &mut Wire, user: &str, password: &str) -> Result<Reply, MailboxError> {
    let pieces =
        [Piece::Text("LOGIN "), Piece::Literal(user.as_bytes()), Piece::Text(" "), Piece::Literal(password.as_bytes())];
    wire.run_pieces(LOG_IN, &pieces, 0, |_| {}).await
}
