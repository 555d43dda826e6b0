//! Why a policy is refused.

use crate::strict::StrictError;
use std::fmt;
use std::path::PathBuf;

/// Everything that is wrong with a policy file, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskErrors(pub Vec<StrictError>);

impl fmt::Display for DeskErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DeskErrors {}

/// Why a desk cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The file or folder cannot be read.
    #[error("failed to read {path}: {source}", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is there and wrong.
    #[error(transparent)]
    Faults(#[from] DeskErrors),
    /// The binary carries no desk of this name.
    #[error("there is no desk `{id}`; there are: {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// What there is, parted by commas.
        known: String,
    },
    /// A folder without a policy file.
    #[error("there is no policy file (NAME.toml) in {path}; `mailclerk init` writes the shipped ones", path = path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
}
