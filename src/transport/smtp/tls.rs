//! TLS for SMTP: TLS 1.2 or later, the name verified, the system's authorities or a private one.

use super::{SendError, Stage};
use crate::transport::Cause;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// What verifies servers: the certificates in `ca_file` alone where it is given, else the system's.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, SendError> {
    let mut roots = RootCertStore::empty();
    let lacks = match ca_file {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).map(|all| all.flatten().collect::<Vec<_>>());
            roots.add_parsable_certificates(certificates.unwrap_or_default());
            "`outgoing.ca_file` holds no certificate that can be read"
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            "the system has no certificates of authorities: install ca-certificates"
        }
    };
    if roots.is_empty() {
        return Err(SendError::alarm(Stage::Tls, Cause::Setting(lacks)));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| SendError::alarm(Stage::Tls, Cause::Setting("no version of TLS is built in")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Shakes hands on `stream`. The certificate must bear `host`.
pub(super) async fn handshake(
    connector: &TlsConnector,
    host: &str,
    stream: TcpStream,
) -> Result<Box<TlsStream<TcpStream>>, SendError> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        SendError::alarm(Stage::Tls, Cause::Setting("the host in `outgoing.url` is no name and no address"))
    })?;
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(handshake_error(&error)),
    }
}

fn handshake_error(error: &std::io::Error) -> SendError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            SendError::alarm(Stage::Tls, Cause::Certificate(certificate_word(why)))
        }
        Some(rustls::Error::InvalidMessage(_)) => SendError::retry(Stage::Tls, Cause::Odd("an answer that is no TLS")),
        _ => SendError::retry(Stage::Tls, Cause::Lost(error.kind())),
    }
}

/// Why, for an operator. The library's own text names every name in the certificate, which helps nobody here.
fn certificate_word(why: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Why;
    match why {
        Why::Expired | Why::ExpiredContext { .. } => "it has expired",
        Why::NotValidYet | Why::NotValidYetContext { .. } => "it is not valid yet",
        Why::NotValidForName | Why::NotValidForNameContext { .. } => "it bears another name than the host's",
        Why::UnknownIssuer => "an unknown authority signed it",
        Why::Revoked => "it was revoked",
        _ => "it is invalid",
    }
}
