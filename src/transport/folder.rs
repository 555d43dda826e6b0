//! Mail as files: `<instant>-<seq>.eml` in a folder, for rehearsals, demonstrations and programs that take it from there.
//!
//! A mail is first a hidden file whose name comes from its Message-ID, so that an attempt after a killed one writes
//! takes the place of what that one left. The last step gives it its name, under a lock, so that numbers go up and never
//! come twice, over restarts and with several programs at once.
//!
//! A process may also be frozen before the last step, be taken for dead, and go on later. So only the very file that an
//! attempt has written gets a name from it: whoever finds out that a mail was not sent, or tries it again, removes the
//! hidden file first, under the same lock.

use super::{Accepted, Cause, Failure, Prepared, SendError, Stage};
use crate::words::keys::hex;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Held while a mail gets its name; holds the last number given.
const LOCK: &str = ".last-number";
/// Octets of a file that are looked at for its header.
const HEADER: u64 = 256 << 10;

/// A folder that mail is written to.
#[derive(Clone, Debug)]
pub struct FolderTransport {
    path: PathBuf,
}

/// Writes one mail at a time.
#[derive(Debug)]
pub struct FolderSender {
    path: PathBuf,
    /// The highest number that was seen in the folder, once it was looked at.
    highest: Option<u64>,
}

/// What was found of a mail without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakenBack {
    /// It had got its name meanwhile.
    Named,
    /// Its hidden file; it is removed.
    Hidden,
    /// Nothing.
    Nothing,
}

/// A mail whose octets are in a hidden file, without its name. Dropped, the file goes.
#[derive(Debug)]
#[must_use = "a mail is sent only when it is finished"]
pub struct AwaitingName<'a> {
    sender: &'a mut FolderSender,
    hidden: Hidden,
    at: Timestamp,
}

impl FolderTransport {
    /// The folder at `path`, which is made when the first mail is written.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// A sender.
    pub fn sender(&self) -> FolderSender {
        FolderSender { path: self.path.clone(), highest: None }
    }

    /// Whether a file of the folder has this Message-ID (with or without brackets). No folder: no.
    ///
    /// # Errors
    ///
    /// The folder or a file in it cannot be read.
    pub async fn find_message_id(&self, id: &str) -> Result<bool, SendError> {
        let (path, id) = (self.path.clone(), super::header::bare_id(id).to_owned());
        off_thread(move || find_message_id(&path, &id)).await
    }

    /// Removes the mail with this Message-ID where it was written without its name, and left so by a killed or frozen
    /// process: from then on nobody can give it one.
    ///
    /// # Errors
    ///
    /// The folder cannot be looked at, or somebody is giving names now, perhaps to this very mail.
    pub(super) async fn take_back(&self, id: &str) -> Result<TakenBack, SendError> {
        let (path, id) = (self.path.clone(), super::header::bare_id(id).to_owned());
        off_thread(move || take_back(&path, &id)).await
    }

    /// Writes to the folder and removes what it wrote.
    pub(super) async fn check(&self) -> Result<(), SendError> {
        let path = self.path.clone();
        off_thread(move || {
            fs::create_dir_all(&path)?;
            let hidden = hidden_path(&path, "check");
            File::create(&hidden)?;
            fs::remove_file(hidden)
        })
        .await
    }
}

impl FolderSender {
    /// Writes the octets, without the name. `now` will be the name's instant.
    ///
    /// # Errors
    ///
    /// [`SendError::Retry`]: the folder cannot be written to.
    pub async fn begin(&mut self, mail: &Prepared, now: Timestamp) -> Result<AwaitingName<'_>, SendError> {
        let (path, id, bytes) = (self.path.clone(), mail.message_id.clone(), mail.bytes.clone());
        let hidden = off_thread(move || Hidden::write(&path, &id, &bytes)).await?;
        Ok(AwaitingName { sender: self, hidden, at: now })
    }
}

impl AwaitingName<'_> {
    /// Gives the mail its name.
    ///
    /// # Errors
    ///
    /// [`SendError::Retry`] before the name was given; [`SendError::Unknown`] where it was, and may not outlast a loss
    /// of power.
    pub async fn finish(self) -> Result<Accepted, SendError> {
        let Self { sender, hidden, at } = self;
        let (path, highest) = (sender.path.clone(), sender.highest);
        let named = tokio::task::spawn_blocking(move || give_name(&path, highest, hidden, at)).await;
        // The name may have been given before a panic.
        let lost = |_| SendError::Unknown(failure(ErrorKind::Other));
        let (reply, number) = named.map_err(lost)??;
        sender.highest = Some(number);
        Ok(Accepted { reply, digest: String::new() })
    }
}

/// A file that readers of the folder do not take for a mail. Dropped, it goes.
#[derive(Debug)]
struct Hidden {
    path: PathBuf,
    file: File,
}

impl Hidden {
    fn write(folder: &Path, id: &str, bytes: &[u8]) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = hidden_path(folder, id);
        let lock = lock_file(folder)?;
        lock.lock()?;
        remove_if_there(&path)?;
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        drop(lock);
        let mut hidden = Self { path, file };
        hidden.file.write_all(bytes)?;
        hidden.file.sync_all()?;
        Ok(hidden)
    }

    /// Whether the name still leads to the file that was written, and not to another attempt's.
    fn is_ours(&self) -> bool {
        let (Ok(ours), Ok(there)) = (self.file.metadata(), fs::symlink_metadata(&self.path)) else { return false };
        (ours.dev(), ours.ino()) == (there.dev(), there.ino())
    }
}

fn lock_file(folder: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(folder.join(LOCK))
}

fn remove_if_there(path: &Path) -> std::io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn take_back(folder: &Path, id: &str) -> std::io::Result<TakenBack> {
    let hidden = hidden_path(folder, id);
    if !hidden.try_exists()? {
        return Ok(TakenBack::Nothing);
    }
    let lock = lock_file(folder)?;
    // Whoever holds it may be frozen in the middle of giving this mail its name: then it is asked again later.
    lock.try_lock()?;
    // A process may have died between the name and the removal of what was hidden.
    if find_message_id(folder, id)? {
        return Ok(TakenBack::Named);
    }
    Ok(if remove_if_there(&hidden)? { TakenBack::Hidden } else { TakenBack::Nothing })
}

fn hidden_path(folder: &Path, id: &str) -> PathBuf {
    let name: String = hex(&Sha256::digest(id)).chars().take(32).collect();
    folder.join(format!(".{name}.part"))
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Gone already where it got its name, and another's where it was tried again.
        if self.is_ours() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn give_name(folder: &Path, highest: Option<u64>, hidden: Hidden, at: Timestamp) -> Result<(String, u64), SendError> {
    let retry = |error: std::io::Error| SendError::Retry(failure(error.kind()));
    let lock = &mut lock_file(folder).map_err(retry)?;
    lock.lock().map_err(retry)?;
    if !hidden.is_ours() {
        return Err(retry(ErrorKind::NotFound.into()));
    }
    let seen = highest.map_or_else(|| highest_in(folder), Ok).map_err(retry)?;
    let number = last_given(lock).map_err(retry)?.max(seen).saturating_add(1);
    lock.rewind().and_then(|()| lock.set_len(0)).and_then(|()| write!(lock, "{number}")).map_err(retry)?;
    let name = format!("{}-{number:06}.eml", at.strftime("%Y-%m-%dT%H%M%SZ"));
    // Unlike a rename, a link never takes another file's place.
    fs::hard_link(&hidden.path, folder.join(&name))
        .or_else(|error| match error.kind() {
            // Some file systems know no links.
            ErrorKind::Unsupported | ErrorKind::PermissionDenied => fs::rename(&hidden.path, folder.join(&name)),
            _ => Err(error),
        })
        .map_err(retry)?;
    drop(hidden);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| SendError::Unknown(failure(e.kind())))?;
    Ok((name, number))
}

fn last_given(lock: &mut File) -> std::io::Result<u64> {
    let mut octets = Vec::new();
    lock.take(64).read_to_end(&mut octets)?;
    // What a loss of power left of it does not count: the folder's names do.
    Ok(std::str::from_utf8(&octets).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0))
}

fn highest_in(folder: &Path) -> std::io::Result<u64> {
    let mut highest = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".eml")?.rsplit('-').next()?.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest)
}

fn find_message_id(folder: &Path, id: &str) -> std::io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") && has_message_id(&path, id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_message_id(path: &Path, id: &str) -> std::io::Result<bool> {
    let mut lines = BufReader::new(File::open(path)?.take(HEADER));
    let mut line = Vec::new();
    let mut is_id = false;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Ok(false);
        }
        // A long id may stand on a line of its own.
        let (name, value) =
            if text.starts_with([' ', '\t']) { ("", text) } else { text.split_once(':').unwrap_or((text, "")) };
        is_id = if name.is_empty() { is_id } else { name.trim_end().eq_ignore_ascii_case("Message-ID") };
        if is_id && super::header::bare_id(value) == id {
            return Ok(true);
        }
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, SendError> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(ErrorKind::Other.into()));
    done.map_err(|error| SendError::Retry(failure(error.kind())))
}

fn failure(kind: ErrorKind) -> Failure {
    Failure { stage: Stage::Folder, cause: Cause::Lost(kind), alarm: true }
}
