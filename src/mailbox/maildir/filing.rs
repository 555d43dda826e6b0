//! Moving a file into a Maildir++ subfolder, so that a crash at any point leaves it in one of the two.

use super::super::error::{MailboxError, RefusedCause};
use super::super::{Filed, FolderName, MailKey};
use super::scan::{MailFile, files};
use super::{file_error, make};
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

const DOING: &str = "file mail into a folder";

/// Files each mail; the answers stand in the order of `items`.
pub(super) fn file(root: &Path, items: &[(MailKey, FolderName)]) -> Result<Vec<Filed>, MailboxError> {
    let mut inbox: HashMap<String, MailFile> = by_name(root)?;
    let mut folders: HashMap<PathBuf, HashMap<String, MailFile>> = HashMap::new();
    let mut filed = Vec::with_capacity(items.len());
    for (key, folder) in items {
        let MailKey::File(name) = key else {
            filed.push(Filed::Gone);
            continue;
        };
        let folder = subfolder(root, folder)?;
        if !folders.contains_key(&folder) {
            folders.insert(folder.clone(), by_name(&folder)?);
        }
        let there = folders.get(&folder).is_some_and(|there| there.contains_key(name));
        filed.push(match inbox.remove(name) {
            Some(mail) => move_to(&mail, &folder, folders.get(&folder).and_then(|there| there.get(name)))?,
            None if there => Filed::Moved,
            None => Filed::Gone,
        });
    }
    Ok(filed)
}

fn by_name(folder: &Path) -> Result<HashMap<String, MailFile>, MailboxError> {
    Ok(files(folder)?.into_iter().map(|file| (file.place.name.clone(), file)).collect())
}

/// The path of a subfolder, which need not exist.
pub(super) fn subfolder(root: &Path, folder: &FolderName) -> Result<PathBuf, MailboxError> {
    folder.in_maildir().map(|name| root.join(name)).map_err(|cause| MailboxError::refused(DOING, cause))
}

/// Makes a subfolder as Maildir++ wants it: with the file `maildirfolder` beside its three parts.
pub(super) fn make_subfolder(folder: &Path) -> Result<(), MailboxError> {
    let refuse = |error: std::io::Error| MailboxError::refused(DOING, RefusedCause::Maildir(error.kind()));
    make(folder).map_err(refuse)?;
    let marker = folder.join("maildirfolder");
    if !marker.exists() {
        File::create(&marker).map_err(refuse)?;
        sync(folder)?;
        folder.parent().map_or(Ok(()), sync)?;
    }
    Ok(())
}

/// Moves one file. `twin` is a file of the same unique name that is there already: the same mail if its octets are the
/// same, for instance when a person put it back into the inbox as a copy.
fn move_to(mail: &MailFile, folder: &Path, twin: Option<&MailFile>) -> Result<Filed, MailboxError> {
    make_subfolder(folder)?;
    let from = mail.path.parent().unwrap_or(folder);
    if let Some(twin) = twin
        && same_octets(&mail.path, &twin.path)?
    {
        return match std::fs::remove_file(&mail.path) {
            Ok(()) => sync(from).map(|()| Filed::Moved),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Filed::Moved),
            Err(error) => Err(file_error(DOING, &error)),
        };
    }
    let target = free_name(mail, &folder.join("cur"))?;
    match std::fs::rename(&mail.path, &target) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Filed::Gone),
        Err(error) => return Err(file_error(DOING, &error)),
    }
    // The new entry first: a crash between the two leaves two entries, never none.
    sync(&folder.join("cur"))?;
    sync(from)?;
    Ok(Filed::Moved)
}

/// A name in `cur/` that no file has: the file's own with its flags, or with a number behind the unique name.
fn free_name(mail: &MailFile, cur: &Path) -> Result<PathBuf, MailboxError> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    let own = mail.path.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let split = own.iter().position(|b| *b == b':').unwrap_or(own.len());
    let (unique, flags) = own.split_at(split);
    let flags = if flags.is_empty() { b":2," } else { flags };
    for number in 0..1000_u32 {
        let mark = if number == 0 { String::new() } else { format!("_{number}") };
        let name = [unique, mark.as_bytes(), flags].concat();
        let path = cur.join(std::ffi::OsString::from_vec(name));
        match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(file_error(DOING, &error)),
            Ok(_) => {}
        }
    }
    Err(file_error(DOING, &ErrorKind::AlreadyExists.into()))
}

fn same_octets(one: &Path, other: &Path) -> Result<bool, MailboxError> {
    let open = |path| match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(DOING, &error)),
    };
    let (Some(one), Some(other)) = (open(one)?, open(other)?) else { return Ok(false) };
    let length = |file: &File| file.metadata().map(|m| m.len()).map_err(|error| file_error(DOING, &error));
    if length(&one)? != length(&other)? {
        return Ok(false);
    }
    let (mut one, mut other) = (std::io::BufReader::new(one), std::io::BufReader::new(other));
    let (mut left, mut right) = ([0_u8; 8192], [0_u8; 8192]);
    loop {
        let read = one.read(&mut left).map_err(|error| file_error(DOING, &error))?;
        if read == 0 {
            return Ok(true);
        }
        let (Some(left), Some(right)) = (left.get(..read), right.get_mut(..read)) else { return Ok(false) };
        match other.read_exact(right) {
            Ok(()) if left == right => {}
            Ok(()) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(file_error(DOING, &error)),
        }
    }
}

/// Makes the entries of a directory durable.
pub(super) fn sync(directory: &Path) -> Result<(), MailboxError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(|error| file_error(DOING, &error))
}
