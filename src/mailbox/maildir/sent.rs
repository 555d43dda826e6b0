//! Copies of sent mail in a Maildir++ subfolder, named by their content: appending twice makes one file.

use super::super::error::MailboxError;
use super::super::{FolderName, MailboxState, SentFolder, header_ids};
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

/// What the folder looks like; `None`: there is none.
pub(super) fn state(root: &Path, folder: Option<&FolderName>) -> Result<Option<SentFolder>, MailboxError> {
    let path = sent_folder(root, folder)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    if name.is_empty() || !path.is_dir() {
        return Ok(None);
    }
    let exists = u32::try_from(files(&path)?.len()).unwrap_or(u32::MAX);
    let state = MailboxState { uid_validity: 1, uid_next: None, exists, read_only: false };
    Ok(Some(SentFolder { name, state }))
}

/// Whether a file of the folder has this Message-ID in its header.
pub(super) fn find_message_id(root: &Path, folder: Option<&FolderName>, id: &str) -> Result<bool, MailboxError> {
    let Some(id) = header_ids::bare(id) else { return Ok(false) };
    let mut found = false;
    each_header(root, folder, |header| {
        found = header_ids::holds(header, "Message-ID", id);
        found
    })?;
    Ok(found)
}

/// The Message-IDs of the copies that bear our mark for this mail.
pub(super) fn ids_of_marked(root: &Path, folder: Option<&FolderName>, id: &str) -> Result<Vec<String>, MailboxError> {
    let Some(id) = header_ids::bare(id) else { return Ok(Vec::new()) };
    let mut ids = Vec::new();
    each_header(root, folder, |header| {
        ids.extend(header_ids::of_marked(header, id));
        false
    })?;
    Ok(ids)
}

/// Shows the beginnings of all files, until one is enough.
fn each_header(
    root: &Path,
    folder: Option<&FolderName>,
    mut is_enough: impl FnMut(&[u8]) -> bool,
) -> Result<(), MailboxError> {
    for file in files(&sent_folder(root, folder)?)? {
        match header_of(&file.path) {
            Ok(header) if is_enough(&header) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(file_error(SEARCH, &error)),
        }
    }
    Ok(())
}

/// A file up to its first blank line.
fn header_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut lines = BufReader::new(File::open(path)?.take(HEADER_BYTES));
    let mut header = Vec::new();
    loop {
        let before = header.len();
        lines.read_until(b'\n', &mut header)?;
        if header.get(before..).unwrap_or_default().trim_ascii().is_empty() {
            return Ok(header);
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
