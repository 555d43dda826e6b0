//! Mail as files: `<instant>-<seq>.eml` in a folder.

use super::{Accepted, Prepared, SendError};
use jiff::Timestamp;
use std::path::PathBuf;

/// A folder that mail is written to.
#[derive(Clone, Debug)]
pub struct FolderTransport {
    path: PathBuf,
}

/// Writes one mail at a time.
#[derive(Debug)]
pub struct FolderSender {
    path: PathBuf,
}

/// A mail whose octets are in a hidden file, without its name.
#[derive(Debug)]
pub struct AwaitingName<'a> {
    sender: &'a mut FolderSender,
}

impl FolderTransport {
    /// The folder at `path`, which is made when the first mail is written.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
    pub(super) fn sender(&self) -> FolderSender {
        FolderSender { path: self.path.clone() }
    }
    pub(super) async fn check(&self) -> Result<(), SendError> {
        todo!()
    }
    /// Whether a file of the folder has this Message-ID (with or without brackets).
    pub async fn find_message_id(&self, id: &str) -> Result<bool, SendError> {
        let _ = id;
        todo!()
    }
}

impl FolderSender {
    pub(super) async fn begin(&mut self, mail: &Prepared, now: Timestamp) -> Result<AwaitingName<'_>, SendError> {
        let _ = (mail, now, &self.path);
        todo!()
    }
}

impl AwaitingName<'_> {
    pub(super) async fn finish(self) -> Result<Accepted, SendError> {
        let _ = self.sender;
        todo!()
    }
}
