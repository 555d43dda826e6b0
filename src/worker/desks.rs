//! The desks that a worker serves, each as it holds at the moment: the newest sound policy, with what staff told of days
//! away laid over it.
//!
//! Where the policies are files, [`Desks::look`] compares what they are read from with what was taken up last, by
//! content. A change is taken up when two looks in a row see the same, so that a file that is being written is not read
//! half. What is wrong is refused and told once, and the former policy stays; what a step has in hands it keeps to its
//! end.

use crate::address::EmailAddress;
use crate::compose::check;
use crate::desk::sources::{Fingerprint, fingerprint};
use crate::desk::{Absence, Desk, DeskError, load};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Desks by id; clones share them.
#[derive(Clone, Debug)]
pub struct Desks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Where the policy files lie; `None`: nothing can change.
    folder: Option<PathBuf>,
    desks: RwLock<BTreeMap<String, Held>>,
    /// Policy files that came later and were told.
    left_out: RwLock<BTreeSet<PathBuf>>,
}

/// One desk.
#[derive(Debug)]
struct Held {
    /// As its policy has it.
    loaded: Arc<Desk>,
    /// Days away that staff told.
    absences: Vec<(EmailAddress, Absence)>,
    /// Where partners outside sign in.
    portal: Option<Arc<str>>,
    /// All together.
    shown: Arc<Desk>,
    watched: Watched,
    /// What is wrong with a change that was refused.
    refused: Vec<String>,
}

/// What is known of the files of a policy.
#[derive(Clone, Debug, Default)]
struct Watched {
    /// What the policy, or the refused change of it, is read from.
    sources: Vec<PathBuf>,
    /// What they held when they were taken up or refused; `None`: not looked at yet.
    settled: Option<Fingerprint>,
    /// What they held at the last look, where that is something else.
    moving: Option<Fingerprint>,
    /// The policy file is gone, and that was told.
    gone: bool,
}

/// What a look found.
#[derive(Debug)]
pub enum News {
    /// A changed policy is sound: to be taken up with [`Desks::take_up`].
    Changed(Box<Change>),
    /// A changed policy is wrong, and the former one stays: each fault with file, line, reason and remedy.
    Refused {
        /// The desk's id.
        id: String,
        /// What is wrong.
        faults: Vec<String>,
    },
    /// A desk's policy file is gone, and the former policy stays.
    Gone {
        /// The desk's id.
        id: String,
        /// The file.
        file: PathBuf,
    },
    /// A policy file has come for which the settings name no mailbox.
    LeftOut {
        /// The file.
        file: PathBuf,
    },
}

/// A changed policy.
#[derive(Debug)]
pub struct Change {
    /// What holds still.
    pub old: Arc<Desk>,
    /// What will hold.
    pub new: Arc<Desk>,
    watched: Watched,
}

/// What one look found.
#[derive(Debug, Default)]
pub struct Looked {
    /// What is new.
    pub news: Vec<News>,
    /// Whether something is changing at this moment: look again soon.
    pub moving: bool,
}

impl From<BTreeMap<String, Arc<Desk>>> for Desks {
    fn from(desks: BTreeMap<String, Arc<Desk>>) -> Self {
        Self::watching(desks, None)
    }
}

impl Desks {
    /// Desks whose policy files lie in `folder`; without one they never change.
    pub fn watching(desks: BTreeMap<String, Arc<Desk>>, folder: Option<&Path>) -> Self {
        let held = |(id, loaded): (String, Arc<Desk>)| {
            let shown = Arc::clone(&loaded);
            let watched = Watched::default();
            (id, Held { loaded, absences: Vec::new(), portal: None, shown, watched, refused: Vec::new() })
        };
        let desks = RwLock::new(desks.into_iter().map(held).collect());
        let folder = folder.map(Path::to_owned);
        // What lies there from the start and is not served has no mailbox, as whoever wrote the settings knows.
        let there = folder.as_deref().and_then(|folder| load::policy_files(folder).ok()).unwrap_or_default();
        Self(Arc::new(Shared { folder, desks, left_out: RwLock::new(there.into_iter().collect()) }))
    }

    /// Their partners sign in at `url`: what is for them waits there, and the mail brings a link.
    pub fn open_portal(&self, url: &str) {
        let url: Arc<str> = url.into();
        for held in self.write().values_mut() {
            held.portal = Some(Arc::clone(&url));
            held.show();
        }
    }

    /// The desk with this id, as it holds now.
    pub fn get(&self, id: &str) -> Option<Arc<Desk>> {
        self.read().get(id).map(|held| Arc::clone(&held.shown))
    }

    /// All desks as they hold now, in the order of their ids.
    pub fn all(&self) -> Vec<Arc<Desk>> {
        self.read().values().map(|held| Arc::clone(&held.shown)).collect()
    }

    /// What the staff of a desk told of days away, in the place of what was known of it.
    pub fn set_absences(&self, id: &str, absences: Vec<(EmailAddress, Absence)>) {
        if self.read().get(id).is_none_or(|held| held.absences == absences) {
            return;
        }
        if let Some(held) = self.write().get_mut(id) {
            held.absences = absences;
            held.show();
        }
    }

    /// What is wrong with the policy file of a desk whose newest change was refused, so that the former policy holds.
    pub fn refused(&self, id: &str) -> Vec<String> {
        self.read().get(id).map(|held| held.refused.clone()).unwrap_or_default()
    }

    /// Whether there is anything to look at.
    pub fn can_change(&self) -> bool {
        self.0.folder.is_some()
    }

    /// Looks what has changed on disk. Reads files: not for the threads that everything runs on.
    pub fn look(&self) -> Looked {
        let mut looked = Looked::default();
        let Some(folder) = &self.0.folder else { return looked };
        let ids: Vec<String> = self.read().keys().cloned().collect();
        for id in &ids {
            self.look_at(id, folder, &mut looked);
        }
        self.look_for_more(folder, &ids, &mut looked);
        looked
    }

    /// Takes up a changed policy: every step that begins from now on has it.
    pub fn take_up(&self, change: Change) {
        if let Some(held) = self.write().get_mut(&change.new.id) {
            held.loaded = change.new;
            held.watched = change.watched;
            held.refused.clear();
            held.show();
        }
    }

    fn look_at(&self, id: &str, folder: &Path, looked: &mut Looked) {
        let Some((old, mut watched)) = self.read().get(id).map(|held| (Arc::clone(&held.loaded), held.watched.clone()))
        else {
            return;
        };
        let file = folder.join(format!("{id}.toml"));
        if watched.sources.is_empty() {
            watched.sources = vec![file.clone()];
        }
        let seen = fingerprint(&watched.sources);
        if !file.exists() {
            // An editor that puts another file in its place takes it away for a moment.
            let moves = !watched.gone && watched.moving != Some(seen);
            if !moves && !watched.gone {
                looked.news.push(News::Gone { id: id.to_owned(), file });
            }
            looked.moving |= moves;
            self.note(id, Watched { gone: !moves, moving: Some(seen), ..watched });
            return;
        }
        if watched.settled == Some(seen) {
            self.note(id, Watched { gone: false, moving: None, ..watched });
            return;
        }
        if watched.moving != Some(seen) {
            looked.moving = true;
            self.note(id, Watched { gone: false, moving: Some(seen), ..watched });
            return;
        }
        let (read, sources) = load::load_with_sources(&file);
        let settled = fingerprint(&sources);
        if sources == watched.sources && settled != seen {
            // It changed under our eyes.
            looked.moving = true;
            self.note(id, Watched { moving: Some(settled), ..watched });
            return;
        }
        let watched = Watched { sources, settled: Some(settled), moving: None, gone: false };
        if read.as_ref().is_ok_and(|new| old.parts_other_than(new).is_empty()) {
            self.note(id, watched);
            self.note_refused(id, Vec::new());
            return;
        }
        match self.judge(read, &old, &file) {
            Ok(new) => looked.news.push(News::Changed(Box::new(Change { old, new: Arc::new(new), watched }))),
            Err(faults) => {
                self.note(id, watched);
                self.note_refused(id, faults.clone());
                looked.news.push(News::Refused { id: id.to_owned(), faults });
            }
        }
    }

    /// A changed policy, or what is wrong with it. Faults of templates that the former policy has as well were there
    /// when the program was started with them: they keep nothing out.
    fn judge(&self, read: Result<Desk, DeskError>, old: &Desk, file: &Path) -> Result<Desk, Vec<String>> {
        let new = match read {
            Ok(new) => new,
            Err(DeskError::Faults(faults)) => return Err(faults.0.iter().map(ToString::to_string).collect()),
            Err(error) => return Err(vec![error.to_string()]),
        };
        let others: Vec<Arc<Desk>> = self.read().values().map(|held| Arc::clone(&held.loaded)).collect();
        let others = others.iter().map(|other| &**other).filter(|other| other.id != new.id);
        let mut faults: Vec<String> = load::clashes(others, &new, file).iter().map(ToString::to_string).collect();
        let check = |desk: &Desk| [check(desk), crate::digest::letter::check(desk)].concat();
        let of_templates = check(&new);
        if !of_templates.is_empty() {
            let known = check(old);
            faults.extend(of_templates.iter().filter(|fault| !known.contains(fault)).map(ToString::to_string));
        }
        if faults.is_empty() { Ok(new) } else { Err(faults) }
    }

    /// Policy files that came later: no mailbox is theirs, for the settings are read at the start.
    fn look_for_more(&self, folder: &Path, ids: &[String], looked: &mut Looked) {
        let Ok(mut files) = load::policy_files(folder) else { return };
        files.retain(|file| !ids.contains(&load::desk_id(file)));
        let files: BTreeSet<PathBuf> = files.into_iter().collect();
        let mut told = self.0.left_out.write().unwrap_or_else(PoisonError::into_inner);
        looked.news.extend(files.difference(&told).map(|file| News::LeftOut { file: file.clone() }));
        *told = files;
    }

    fn note(&self, id: &str, watched: Watched) {
        if let Some(held) = self.write().get_mut(id) {
            held.watched = watched;
        }
    }

    fn note_refused(&self, id: &str, faults: Vec<String>) {
        if let Some(held) = self.write().get_mut(id) {
            held.refused = faults;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Held>> {
        self.0.desks.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Held>> {
        self.0.desks.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn show(&mut self) {
        let mut shown = Arc::clone(&self.loaded);
        if !self.absences.is_empty() {
            shown = Arc::new(shown.with_absences(&self.absences));
        }
        if let Some(url) = &self.portal {
            shown = Arc::new(shown.with_portal(url));
        }
        self.shown = shown;
    }
}

#[cfg(test)]
mod tests;
