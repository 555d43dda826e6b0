//! A certificate authority of the tests' own, and a server certificate for `localhost` that it signed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// PEM files.
pub struct Certificates {
    /// The authority that signed the server's certificate.
    pub ca: PathBuf,
    /// An authority that signed nothing.
    pub other_ca: PathBuf,
    /// For `localhost`, and for no address.
    pub server: PathBuf,
    /// The server's key.
    pub server_key: PathBuf,
    _folder: TempDir,
}

/// Made once for all tests of a run.
pub fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(make)
}

fn make() -> Certificates {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["ca", "other_ca"] {
        let subject = format!("/CN=Test authority {name}");
        openssl(
            folder.path(),
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"],
            &["-subj", &subject, "-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")],
        );
    }
    openssl(
        folder.path(),
        &["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"],
        &["-keyout", "server.key", "-out", "server.csr"],
    );
    std::fs::write(at("extensions"), "subjectAltName=DNS:localhost\n").expect("written");
    openssl(
        folder.path(),
        &["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
        &["-days", "30", "-extfile", "extensions", "-out", "server.pem"],
    );
    Certificates {
        ca: at("ca.pem"),
        other_ca: at("other_ca.pem"),
        server: at("server.pem"),
        server_key: at("server.key"),
        _folder: folder,
    }
}

fn openssl(folder: &Path, first: &[&str], second: &[&str]) {
    let output = Command::new("openssl")
        .args(first)
        .args(second)
        .current_dir(folder)
        .output()
        .expect("failed to run openssl: install it (`bash tests/run` does)");
    assert!(output.status.success(), "openssl {first:?}: {}", String::from_utf8_lossy(&output.stderr));
}
