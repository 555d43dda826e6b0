//! Whom we trust over TLS, for every server alike: TLS 1.2 or later, the name verified, the system's authorities or a
//! private one; and why a handshake failed, in an operator's words.

use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Why no server can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The file that the settings name holds no certificate that can be read.
    CaFile,
    /// The system has no certificates of authorities.
    System,
    /// No version of TLS is built in.
    Version,
}

/// Why a handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The server's certificate is not accepted, and why. Nothing secret was sent.
    Certificate(&'static str),
    /// What answered speaks no TLS.
    NoTls,
    /// What answered speaks no TLS that is safe: an older version than 1.2, or none of our ciphers.
    Unsafe,
    /// The connection was lost.
    Lost(std::io::ErrorKind),
}

/// What verifies servers: the certificates in `ca_file` alone where it is given, else the system's.
pub fn config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Unusable> {
    let mut roots = RootCertStore::empty();
    let lacking = match ca_file {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).map(|all| all.flatten().collect::<Vec<_>>());
            roots.add_parsable_certificates(certificates.unwrap_or_default());
            Unusable::CaFile
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Unusable::System
        }
    };
    if roots.is_empty() {
        return Err(lacking);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| Unusable::Version)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The name that the server's certificate must bear; an IPv6 address may stand in brackets. `None`: it is neither a
/// host's name nor an address.
pub fn server_name(host: &str) -> Option<ServerName<'static>> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).ok()
}

/// Why a handshake failed with `error`.
pub fn failed(error: &std::io::Error) -> Failed {
    use rustls::AlertDescription as Alert;
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => Failed::Certificate(certificate_word(why)),
        Some(rustls::Error::InvalidMessage(_)) => Failed::NoTls,
        Some(
            rustls::Error::PeerIncompatible(_)
            | rustls::Error::AlertReceived(
                Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity,
            ),
        ) => Failed::Unsafe,
        _ => Failed::Lost(error.kind()),
    }
}

/// Why, for an operator, and how to mend it. The library's own text names every name in the certificate, which helps
/// nobody here.
fn certificate_word(why: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Why;
    match why {
        Why::Expired | Why::ExpiredContext { .. } => "it has expired; it must be renewed at the server",
        Why::NotValidYet | Why::NotValidYetContext { .. } => "it is not valid yet; look at this machine's clock",
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "it bears another name than the host's; write the name that it bears into the url"
        }
        Why::UnknownIssuer => "an unknown authority signed it; name the file of a private authority with ca_file",
        Why::Revoked => "it was revoked; the server needs another one",
        _ => "it is invalid or signed by itself; an authority must sign it, a private one is named with ca_file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        let cases = [("mail.example.com", true), ("192.0.2.1", true), ("[2001:db8::1]", true), ("a b", false)];
        for (host, is_one) in cases {
            assert_eq!(server_name(host).is_some(), is_one, "{host}");
        }
    }

    #[test]
    fn a_file_without_certificates_trusts_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = folder.path().join("ca.pem");
        std::fs::write(&empty, "no certificate\n").expect("a file");
        for path in [empty, folder.path().join("missing.pem")] {
            assert_eq!(config(Some(&path)).err(), Some(Unusable::CaFile), "{}", path.display());
        }
    }

    #[test]
    fn what_failed_is_told_apart() {
        use rustls::{CertificateError, Error, InvalidMessage};
        let io = |error: Error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        let expired = io(Error::InvalidCertificate(CertificateError::Expired));
        assert_eq!(failed(&expired), Failed::Certificate("it has expired; it must be renewed at the server"));
        assert_eq!(failed(&io(Error::InvalidMessage(InvalidMessage::InvalidContentType))), Failed::NoTls);
        let old = io(Error::AlertReceived(tokio_rustls::rustls::AlertDescription::ProtocolVersion));
        assert_eq!(failed(&old), Failed::Unsafe);
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(failed(&reset), Failed::Lost(std::io::ErrorKind::ConnectionReset));
    }
}
