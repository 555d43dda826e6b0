//! Secrets: where they are kept, and reading them so that they are never shown.

use super::Environment;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{SecretBox, SecretString};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Bytes of the master key.
pub const MASTER_KEY_BYTES: usize = 32;

/// The master key, from which the keys for look-ups, tokens and the audit are derived.
pub type MasterKey = SecretBox<[u8; MASTER_KEY_BYTES]>;

/// The variable with systemd's folder of credentials (systemd.exec(5), `LoadCredential=`).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// Larger files are no passwords.
const MOST_BYTES: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
    /// In a credential that systemd hands over.
    Credential(String),
}

/// A secret that was read.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The secret itself, which `Debug` does not show.
    pub value: SecretString,
    /// What is not right about where it is kept.
    pub warning: Option<String>,
}

/// Why a secret could not be read. Holds no part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("failed to read the secret in {}: {cause}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is empty, too large or no text.
    #[error("failed to use the secret in {}: {reason}", .path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// The variable is not set, or empty.
    #[error("failed to read a secret: the environment has no variable {0}, or an empty one")]
    Variable(String),
    /// The program was not started by systemd with credentials.
    #[error(
        "failed to read the credential {0}: {CREDENTIALS} is not set; start the service with `LoadCredential={0}:FILE`"
    )]
    Credential(String),
    /// The text is no master key.
    #[error(
        "the master key must be {MASTER_KEY_BYTES} bytes in base64; make one with `head -c 32 /dev/urandom | base64`"
    )]
    MasterKey,
}

impl SecretSource {
    /// Reads the secret. One line end behind it is dropped.
    ///
    /// # Errors
    ///
    /// A file or variable that is not there, cannot be read or is empty.
    pub fn read(&self, environment: &Environment) -> Result<Secret, SecretError> {
        match self {
            Self::File(path) => read_file(path, true),
            Self::Variable(name) => match environment.get(name) {
                Some(value) if !value.is_empty() => Ok(Secret { value: value.as_str().into(), warning: None }),
                _ => Err(SecretError::Variable(name.clone())),
            },
            Self::Credential(name) => match environment.get(CREDENTIALS) {
                // systemd keeps others out of this folder, whatever the files' modes say.
                Some(folder) => read_file(&Path::new(folder).join(name), false),
                None => Err(SecretError::Credential(name.clone())),
            },
        }
    }
}

/// Reads a master key: 32 bytes in base64, with white space around them.
///
/// # Errors
///
/// [`SecretError::MasterKey`] for anything else.
pub fn master_key(text: &str) -> Result<MasterKey, SecretError> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| SecretError::MasterKey)?);
    let mut key = Zeroizing::new([0; MASTER_KEY_BYTES]);
    if bytes.len() != MASTER_KEY_BYTES {
        return Err(SecretError::MasterKey);
    }
    key.copy_from_slice(&bytes);
    Ok(SecretBox::new(Box::new(*key)))
}

fn read_file(path: &Path, look_at_mode: bool) -> Result<Secret, SecretError> {
    let failed = |cause| SecretError::File { path: path.to_owned(), cause };
    let unusable = |reason| SecretError::Content { path: path.to_owned(), reason };
    let file = File::open(path).map_err(failed)?;
    let warning = if look_at_mode { open_to_others(&file, path) } else { None };
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unusable("it is larger than 64 KiB, which is no password"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable("it is not UTF-8 text"))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(unusable("it is empty"));
    }
    Ok(Secret { value: text.into(), warning })
}

#[cfg(unix)]
fn open_to_others(file: &File, path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().ok()?.permissions().mode();
    let name = path.display();
    (mode & 0o006 != 0).then(|| format!("{name} is open to every user of this machine; run `chmod 600 {name}`"))
}

#[cfg(not(unix))]
fn open_to_others(_: &File, _: &Path) -> Option<String> {
    None
}
