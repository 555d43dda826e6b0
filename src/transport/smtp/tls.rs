//! The TLS handshake with an SMTP server, and its failures as a sender's.

use super::{SendError, Stage};
use crate::tls::{Failed, Unusable, config, failed, server_name};
use crate::transport::Cause;
use std::path::Path;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Shakes hands on `stream`. The certificate must bear `host`.
pub(super) async fn handshake(
    ca_file: Option<&Path>,
    host: &str,
    stream: TcpStream,
) -> Result<Box<TlsStream<TcpStream>>, SendError> {
    let setting = |what| SendError::alarm(Stage::Tls, Cause::Setting(what));
    let config = config(ca_file).map_err(|why| setting(unusable(why)))?;
    let name = server_name(host).ok_or(setting("the host in `outgoing.url` is no name and no address"))?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(match failed(&error) {
            Failed::Certificate(why) => SendError::alarm(Stage::Tls, Cause::Certificate(why)),
            Failed::NoTls => SendError::retry(Stage::Tls, Cause::Odd("an answer that is no TLS")),
            Failed::Unsafe => SendError::alarm(Stage::Tls, Cause::Lacks("a TLS that is safe: 1.2 or later is needed")),
            Failed::Lost(kind) => SendError::retry(Stage::Tls, Cause::Lost(kind)),
        }),
    }
}

fn unusable(why: Unusable) -> &'static str {
    match why {
        Unusable::CaFile => "`outgoing.ca_file` holds no certificate that can be read",
        Unusable::System => "the system has no certificates of authorities: install ca-certificates",
        Unusable::Version => "no version of TLS is built in",
    }
}
