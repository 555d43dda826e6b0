//! Which files of a Maildir are mail, in which order, and what they hold.

use super::super::error::MailboxError;
use super::super::{Batch, Content, Cursor, FetchLimits, Fetched, FilePlace, MailKey};
use super::file_error;
use jiff::Timestamp;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{ErrorKind, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const DOING: &str = "read the maildir";

/// A file that is mail.
#[derive(Clone, Debug)]
pub(super) struct MailFile {
    /// Time and unique name.
    pub(super) place: FilePlace,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Octets.
    pub(super) size: u64,
    inode: (u64, u64),
}

/// What [`read`] found.
pub(super) struct ReadOut {
    pub(super) batch: Batch,
    /// All unique names that are there.
    pub(super) present: HashSet<String>,
}

/// All mail in `new/` and `cur/` of a folder, by time and name. What vanishes meanwhile is left out; of two files
/// with one unique name (a mail program may have died between two steps) the first counts.
pub(super) fn files(folder: &Path) -> Result<Vec<MailFile>, MailboxError> {
    let mut found = Vec::new();
    for part in ["cur", "new"] {
        let entries = match std::fs::read_dir(folder.join(part)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(file_error(DOING, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| file_error(DOING, &error))?;
            let Some(name) = unique_name(&entry.file_name()) else { continue };
            // Does not follow symbolic links.
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(file_error(DOING, &error)),
            };
            if !metadata.is_file() {
                continue;
            }
            let time = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or_default();
            found.push(MailFile {
                place: FilePlace { time, name },
                path: entry.path(),
                size: metadata.len(),
                inode: (metadata.dev(), metadata.ino()),
            });
        }
    }
    found.sort_by(|a, b| a.place.cmp(&b.place));
    let mut names = HashSet::new();
    found.retain(|file| names.insert(file.place.name.clone()));
    Ok(found)
}

/// The name without flags, as text: `%` and octets that are no UTF-8 as `%XX`. `None`: no mail.
pub(super) fn unique_name(file_name: &OsStr) -> Option<String> {
    let octets = file_name.as_bytes();
    let unique = octets.split(|b| *b == b':').next()?;
    if unique.is_empty() || unique.starts_with(b".") {
        return None;
    }
    let mut name = String::with_capacity(unique.len());
    for chunk in unique.utf8_chunks() {
        name.push_str(&chunk.valid().replace('%', "%25"));
        for octet in chunk.invalid() {
            name.push_str(&format!("%{octet:02X}"));
        }
    }
    Some(name)
}

/// Reads the mails behind `after` that fit into a batch; those with a name of `known` are left out.
pub(super) fn read(
    root: &Path,
    after: Option<FilePlace>,
    known: &HashSet<String>,
    limits: &FetchLimits,
) -> Result<ReadOut, MailboxError> {
    let all = files(root)?;
    let present = all.iter().map(|file| file.place.name.clone()).collect();
    let is_behind = |place: &FilePlace| after.as_ref().is_none_or(|after| place > after);
    let behind = |file: &&MailFile| is_behind(&file.place) && !known.contains(&file.place.name);
    let (mut mails, mut bytes, mut last, mut more) = (Vec::new(), 0_u64, after.clone(), false);
    for file in all.iter().filter(behind) {
        let adds = if file.size > limits.message_bytes { 0 } else { file.size };
        bytes = bytes.saturating_add(adds);
        if !mails.is_empty() && (mails.len() >= limits.count || bytes > limits.batch_bytes) {
            more = true;
            break;
        }
        last = Some(file.place.clone());
        mails.extend(one(file, limits.message_bytes)?);
    }
    Ok(ReadOut { batch: Batch { mails, next: Cursor::File { after: last }, more }, present })
}

/// These files as mails, in their order; what is gone is left out.
pub(super) fn fetched(files: &[MailFile], limit: u64) -> Result<Vec<Fetched>, MailboxError> {
    files.iter().filter_map(|file| one(file, limit).transpose()).collect()
}

fn one(file: &MailFile, limit: u64) -> Result<Option<Fetched>, MailboxError> {
    let (key, arrived) = (MailKey::File(file.place.name.clone()), Some(file.place.time));
    Ok(content(file, limit)?.map(|content| Fetched { key, arrived, size: file.size, content }))
}

/// A file's octets; `None`: it is gone, or it is not the file any more that was listed.
fn content(file: &MailFile, limit: u64) -> Result<Option<Content>, MailboxError> {
    if file.size > limit {
        return Ok(Some(Content::TooLarge));
    }
    let opened = match std::fs::File::open(&file.path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        // One file that we may not read must not stop the others.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Some(Content::Unreadable)),
        Err(error) => return Err(file_error(DOING, &error)),
    };
    let metadata = opened.metadata().map_err(|error| file_error(DOING, &error))?;
    if (metadata.dev(), metadata.ino()) != file.inode {
        return Ok(None);
    }
    let mut raw = Vec::new();
    opened.take(limit.saturating_add(1)).read_to_end(&mut raw).map_err(|error| file_error(DOING, &error))?;
    Ok(Some(if raw.len() as u64 > limit { Content::TooLarge } else { Content::Raw(raw) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_names() {
        for (file, name) in [
            (&b"1700000000.M1P2.host"[..], Some("1700000000.M1P2.host")),
            (b"1700000000.M1P2.host,S=12:2,RS", Some("1700000000.M1P2.host,S=12")),
            (b"a:b:2,S", Some("a")),
            (b"caf\xc3\xa9", Some("café")),
            (b"caf\xe9", Some("caf%E9")),
            (b"caf%E9", Some("caf%25E9")),
            (b".hidden", None),
            (b":2,S", None),
            (b"", None),
        ] {
            assert_eq!(unique_name(OsStr::from_bytes(file)).as_deref(), name, "{file:?}");
        }
    }
}
