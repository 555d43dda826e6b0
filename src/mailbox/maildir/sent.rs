//! Copies of sent mail in a Maildir++ subfolder, named by their content: appending twice makes one file.

use super::super::FolderName;
use super::super::error::MailboxError;
use super::file_error;
use super::filing::{make_subfolder, subfolder, sync};
use super::scan::files;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

const APPEND: &str = "file a copy of a sent mail";
const SEARCH: &str = "look for a sent mail";
const USUAL: &str = "Sent";

/// How far into a file its header may reach.
const HEADER_BYTES: u64 = 256 << 10;

/// Writes `raw` into the folder, marked as read.
pub(super) fn append(root: &Path, folder: Option<&FolderName>, raw: &[u8]) -> Result<(), MailboxError> {
    let folder = sent_folder(root, folder)?;
    make_subfolder(&folder)?;
    let digest: String = Sha256::digest(raw).iter().take(16).map(|octet| format!("{octet:02x}")).collect();
    let name = format!("mailclerk.{digest},S={}", raw.len());
    if files(&folder)?.iter().any(|file| file.place.name == name) {
        return Ok(());
    }
    let (draft, target) = (folder.join("tmp").join(&name), folder.join("cur").join(format!("{name}:2,S")));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(raw)?;
        file.sync_all()?;
        std::fs::rename(&draft, &target)
    });
    written.map_err(|error| file_error(APPEND, &error))?;
    sync(&folder.join("cur"))
}

/// Whether a file of the folder has this Message-ID in its header.
pub(super) fn find_message_id(root: &Path, folder: Option<&FolderName>, id: &str) -> Result<bool, MailboxError> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    if id.is_empty() {
        return Ok(false);
    }
    let wanted = format!("<{id}>");
    for file in files(&sent_folder(root, folder)?)? {
        match has_message_id(&file.path, &wanted) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(file_error(SEARCH, &error)),
        }
    }
    Ok(false)
}

fn has_message_id(path: &Path, wanted: &str) -> std::io::Result<bool> {
    let mut lines = BufReader::new(File::open(path)?.take(HEADER_BYTES));
    let (mut line, mut in_field) = (Vec::new(), false);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 || line.trim_ascii().is_empty() {
            return Ok(false);
        }
        let text = String::from_utf8_lossy(&line);
        // A folded line goes on with the field above it.
        if !text.starts_with([' ', '\t']) {
            in_field = text.get(..11).is_some_and(|name| name.eq_ignore_ascii_case("message-id:"));
        }
        if in_field && text.contains(wanted) {
            return Ok(true);
        }
    }
}

fn sent_folder(root: &Path, folder: Option<&FolderName>) -> Result<PathBuf, MailboxError> {
    match folder {
        Some(folder) => subfolder(root, folder),
        None => {
            let usual = FolderName::parse(USUAL).map_err(|cause| MailboxError::refused(APPEND, cause))?;
            subfolder(root, &usual)
        }
    }
}
