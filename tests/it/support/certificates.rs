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
    /// The server's key; the two certificates below are for it, too.
    pub server_key: PathBuf,
    /// For another name than `localhost`, by the same authority.
    pub wrong_name: PathBuf,
    /// For `localhost`, by the same authority, valid in January 2020 only.
    pub expired: PathBuf,
    /// For `localhost`, by the same authority, valid in times to come only.
    pub not_yet: PathBuf,
    /// For `localhost`, by nobody but itself.
    pub self_signed: PathBuf,
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
    let now = ["-startdate", "20260101000000Z", "-enddate", "21260101000000Z"];
    let past = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
    sign(folder.path(), "server", "localhost", now);
    sign(folder.path(), "wrong_name", "other.example.com", now);
    sign(folder.path(), "expired", "localhost", past);
    sign(folder.path(), "not_yet", "localhost", ["-startdate", "21200101000000Z", "-enddate", "21250101000000Z"]);
    openssl(
        folder.path(),
        &["req", "-x509", "-key", "server.key", "-days", "30", "-subj", "/CN=localhost", "-out", "self_signed.pem"],
        &["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"],
    );
    Certificates {
        ca: at("ca.pem"),
        other_ca: at("other_ca.pem"),
        server: at("server.pem"),
        server_key: at("server.key"),
        wrong_name: at("wrong_name.pem"),
        expired: at("expired.pem"),
        not_yet: at("not_yet.pem"),
        self_signed: at("self_signed.pem"),
        _folder: folder,
    }
}

/// Signs the server's key for a name, as `openssl ca` does it: `openssl x509` knows no dates in the past.
fn sign(folder: &Path, certificate: &str, name: &str, dates: [&str; 4]) {
    let configuration = "[ca]\ndefault_ca = ours\n[ours]\ndatabase = index\nnew_certs_dir = .\ndefault_md = sha256\n\
         policy = any\nrand_serial = yes\nunique_subject = no\n[any]\ncommonName = supplied\n";
    std::fs::write(folder.join("ca.cnf"), configuration).expect("written");
    std::fs::write(folder.join("index"), "").expect("written");
    std::fs::write(folder.join("extensions"), format!("subjectAltName=DNS:{name}\n")).expect("written");
    let out = format!("{certificate}.pem");
    let files = ["-in", "server.csr", "-cert", "ca.pem", "-keyfile", "ca.key", "-extfile", "extensions", "-out", &out];
    openssl(folder, &["ca", "-batch", "-notext", "-config", "ca.cnf"], &[&files[..], &dates].concat());
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
