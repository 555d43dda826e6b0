//! The TLS handshake with an IMAP server, and its failures as a mailbox's.

use super::super::error::{MailboxError, RefusedCause, RetryCause};
use crate::tls::{Failed, Unusable, config, failed, server_name};
use std::path::Path;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const DOING: &str = "set up TLS";

/// Shakes hands on `stream`. The certificate must bear `host`.
pub(super) async fn handshake(
    ca_file: Option<&Path>,
    host: &str,
    stream: TcpStream,
) -> Result<Box<TlsStream<TcpStream>>, MailboxError> {
    let refused = |cause| MailboxError::refused(DOING, cause);
    let config = config(ca_file).map_err(|why| refused(unusable(why, ca_file)))?;
    let name = server_name(host).ok_or(refused(RefusedCause::Setting("host", "it is no host name or address")))?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(match failed(&error) {
            Failed::Certificate(why) => refused(RefusedCause::Certificate(why.to_owned())),
            Failed::NoTls => MailboxError::retry(DOING, RetryCause::NoTls),
            Failed::Unsafe => MailboxError::retry(DOING, RetryCause::UnsafeTls),
            Failed::Lost(kind) => MailboxError::retry(DOING, RetryCause::Lost(kind)),
        }),
    }
}

fn unusable(why: Unusable, ca_file: Option<&Path>) -> RefusedCause {
    match why {
        Unusable::CaFile => {
            RefusedCause::Authorities(ca_file.map_or_else(String::new, |path| path.display().to_string()))
        }
        Unusable::System => RefusedCause::Authorities("the system".to_owned()),
        Unusable::Version => RefusedCause::Setting("TLS", "no protocol version fits"),
    }
}
