//! A mailbox of files: a Maildir, with folders as Maildir++ has them.
//!
//! Mail is delivered by moving a file into `new/`. Read are `new/` and `cur/`; filing moves the file to
//! `.Folder/cur/`. Its identity is its unique name, the part before the flags. Symbolic links, directories and names
//! that start with a dot are not mail.

mod filing;
mod in_turn;
mod scan;
mod sent;
mod watch;

use super::ahead::IsStaff;
use super::error::{MailboxError, RefusedCause, RetryCause};
use super::{Batch, Cursor, FetchLimits, Filed, FolderName, MailKey, MailboxState, SentFolder, Woken};
use std::collections::HashSet;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Where a Maildir is.
#[derive(Clone, Debug)]
pub struct MaildirSettings {
    /// Its folder; it is made where it lacks.
    pub path: PathBuf,
    /// How often it is looked at when the system tells of no change.
    pub poll: Duration,
}

/// A Maildir.
#[derive(Debug)]
pub struct MaildirMailbox {
    settings: MaildirSettings,
    /// Unique names that were handed out: no news any more.
    handed_out: HashSet<String>,
    watch: Option<watch::Watch>,
    pass: Option<in_turn::Pass>,
}

impl MaildirMailbox {
    /// A mailbox that was not looked at yet.
    pub fn new(settings: MaildirSettings) -> Self {
        Self { settings, handed_out: HashSet::new(), watch: None, pass: None }
    }

    /// See [`super::Mailbox::state`].
    pub async fn state(&mut self) -> Result<MailboxState, MailboxError> {
        // In the middle of a pass what was listed stands: to list 100,000 files for each batch would take the day.
        let listed = match &self.pass {
            Some(pass) => pass.left(),
            None => self.blocking(|root| scan::files(&root)).await?.len(),
        };
        let exists = u32::try_from(listed).unwrap_or(u32::MAX);
        Ok(MailboxState { uid_validity: 1, uid_next: None, exists, read_only: false })
    }

    /// See [`super::Mailbox::fetch_after`].
    pub async fn fetch_after(&mut self, cursor: &Cursor, limits: &FetchLimits) -> Result<Batch, MailboxError> {
        let Cursor::File { after } = cursor.clone() else {
            return Err(MailboxError::refused("fetch mail", RefusedCause::Setting("cursor", "it is a server's")));
        };
        let limits = *limits;
        let read = self.blocking(move |root| scan::read(&root, after, &HashSet::new(), &limits)).await?;
        self.handed_out.retain(|name| read.present.contains(name));
        for mail in &read.batch.mails {
            if let MailKey::File(name) = &mail.key {
                self.handed_out.insert(name.clone());
            }
        }
        Ok(read.batch)
    }

    /// See [`super::Mailbox::fetch_in_turn`]. A pass goes over what is there, and over what comes meanwhile; it ends with
    /// the batch that says that there is no more.
    pub async fn fetch_in_turn(&mut self, is_staff: IsStaff<'_>, limits: &FetchLimits) -> Result<Batch, MailboxError> {
        let mut pass = self.pass.take().unwrap_or_default();
        let outcome = self.step(&mut pass, is_staff, limits).await;
        self.pass = Some(pass);
        outcome
    }

    async fn step(
        &mut self,
        pass: &mut in_turn::Pass,
        is_staff: IsStaff<'_>,
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        if pass.wants_listing() {
            let files = self.blocking(|root| scan::files(&root)).await?;
            let present: HashSet<&String> = files.iter().map(|file| &file.place.name).collect();
            self.handed_out.retain(|name| present.contains(name));
            pass.list(files);
        }
        let unseen = pass.unseen();
        let looked = self.blocking(move |_| Ok(unseen.into_iter().map(in_turn::looked_at).collect())).await?;
        pass.add(looked, is_staff);
        let (chosen, limit) = (pass.choose(limits), limits.message_bytes);
        let files = chosen.clone();
        let mails = self.blocking(move |_| scan::fetched(&files, limit)).await?;
        Ok(pass.hand_out(chosen, mails))
    }

    /// See [`super::Mailbox::keep`].
    pub fn keep(&mut self) {
        let Some(pass) = &mut self.pass else { return };
        self.handed_out.extend(pass.keep());
        if pass.is_over() {
            self.pass = None;
        }
    }

    /// See [`super::Mailbox::sent_state`].
    pub async fn sent_state(&mut self, folder: Option<&FolderName>) -> Result<Option<SentFolder>, MailboxError> {
        let folder = folder.cloned();
        self.blocking(move |root| sent::state(&root, folder.as_ref())).await
    }

    /// See [`super::Mailbox::fetch_sent_after`].
    pub async fn fetch_sent_after(
        &mut self,
        name: &str,
        cursor: &Cursor,
        known: &Arc<HashSet<String>>,
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        let Cursor::File { after } = cursor.clone() else {
            return Err(MailboxError::refused("fetch mail", RefusedCause::Setting("cursor", "it is a server's")));
        };
        let (name, known, limits) = (name.to_owned(), Arc::clone(known), *limits);
        let read = move |root: PathBuf| scan::read(&root.join(name), after, &known, &limits);
        self.blocking(read).await.map(|read| read.batch)
    }

    /// See [`super::Mailbox::file`].
    pub async fn file(&mut self, items: &[(MailKey, FolderName)]) -> Result<Vec<Filed>, MailboxError> {
        let items = items.to_vec();
        self.blocking(move |root| filing::file(&root, &items)).await
    }

    /// See [`super::Mailbox::wait`].
    pub async fn wait(&mut self, timeout: Duration) -> Result<Woken, MailboxError> {
        let until = Instant::now() + timeout;
        self.blocking(|_| Ok(())).await?; // makes the folders, so that they can be watched
        loop {
            // First watch, then look: what comes in between wakes us.
            if self.watch.is_none() {
                self.watch = watch::Watch::start(&self.settings.path);
            }
            let files = self.blocking(|root| scan::files(&root)).await?;
            if files.iter().any(|file| !self.handed_out.contains(&file.place.name)) {
                return Ok(Woken::Mail);
            }
            let now = Instant::now();
            if now >= until {
                return Ok(Woken::Timeout);
            }
            let next_look = until.min(now + self.settings.poll);
            match &mut self.watch {
                Some(watch) => watch.changed_until(next_look).await,
                None => tokio::time::sleep_until(next_look).await,
            }
        }
    }

    /// See [`super::Mailbox::forget`].
    pub fn forget(&mut self) {
        *self = Self::new(self.settings.clone());
    }

    /// See [`super::Mailbox::append_sent`].
    pub async fn append_sent(&mut self, folder: Option<&FolderName>, raw: &[u8]) -> Result<(), MailboxError> {
        let (folder, raw) = (folder.cloned(), raw.to_vec());
        self.blocking(move |root| sent::append(&root, folder.as_ref(), &raw)).await
    }

    /// See [`super::Mailbox::find_message_id`].
    pub async fn find_message_id(&mut self, folder: Option<&FolderName>, id: &str) -> Result<bool, MailboxError> {
        let (folder, id) = (folder.cloned(), id.to_owned());
        self.blocking(move |root| sent::find_message_id(&root, folder.as_ref(), &id)).await
    }

    /// See [`super::Mailbox::ids_of_marked`].
    pub async fn ids_of_marked(&mut self, folder: Option<&FolderName>, id: &str) -> Result<Vec<String>, MailboxError> {
        let (folder, id) = (folder.cloned(), id.to_owned());
        self.blocking(move |root| sent::ids_of_marked(&root, folder.as_ref(), &id)).await
    }

    /// Runs file work off the async threads, in a Maildir that exists.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(PathBuf) -> Result<T, MailboxError> + Send + 'static,
    ) -> Result<T, MailboxError> {
        let root = self.settings.path.clone();
        let task = tokio::task::spawn_blocking(move || {
            make(&root)
                .map_err(|error| MailboxError::refused("open the maildir", RefusedCause::Maildir(error.kind())))?;
            work(root)
        });
        match task.await {
            Ok(result) => result,
            Err(_) => Err(file_error("look at the maildir", &std::io::ErrorKind::Interrupted.into())),
        }
    }
}

/// Makes a Maildir or a Maildir++ subfolder that only its owner may read, where it lacks.
fn make(folder: &Path) -> std::io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        let part = folder.join(part);
        if !part.is_dir() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(part)?;
        }
    }
    Ok(())
}

fn file_error(doing: &'static str, error: &std::io::Error) -> MailboxError {
    MailboxError::retry(doing, RetryCause::File(error.kind()))
}
