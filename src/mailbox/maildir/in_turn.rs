//! One pass over the files of a Maildir, in turn by sender: tops are looked at ahead of the bodies, some a step.

use super::super::ahead::{Ahead, IsStaff, LOOKED_AT, MOST_WAITING};
use super::super::{Batch, Cursor, FetchLimits, Fetched, FilePlace, MailKey};
use super::scan::MailFile;
use crate::message::{FirstLook, first_look};
use std::collections::{HashSet, VecDeque};
use std::io::Read as _;

/// Batches between two listings of the folder: what came meanwhile has its turn then.
const BATCHES_A_LISTING: usize = 10;
/// How much of a file is looked at, in octets.
const TOP: u64 = 16 << 10;

/// A pass that is under way.
#[derive(Debug)]
pub(super) struct Pass {
    /// Listed, and not looked at yet.
    unseen: VecDeque<MailFile>,
    ahead: Ahead<FilePlace, MailFile>,
    /// Unique names that were handed out in this pass and recorded.
    done: HashSet<String>,
    /// What was handed out and is not known to be recorded; whether it was read, or is no longer where it was listed.
    handed_out: Vec<(FilePlace, bool)>,
    batches: usize,
}

impl Default for Pass {
    fn default() -> Self {
        let (unseen, ahead) = (VecDeque::new(), Ahead::new());
        Self { unseen, ahead, done: HashSet::new(), handed_out: Vec::new(), batches: 0 }
    }
}

impl Pass {
    /// How many files are left, as far as was listed.
    pub(super) fn left(&self) -> usize {
        self.unseen.len() + self.ahead.len()
    }

    pub(super) fn wants_listing(&self) -> bool {
        self.batches.is_multiple_of(BATCHES_A_LISTING)
    }

    /// Takes up what is there now and is not known yet, oldest first.
    pub(super) fn list(&mut self, files: Vec<MailFile>) {
        let known: HashSet<&String> = self.unseen.iter().map(|file| &file.place.name).collect();
        let is_new = |file: &MailFile| {
            let name = &file.place.name;
            !known.contains(name) && !self.done.contains(name) && !self.ahead.holds(&file.place)
        };
        let new: Vec<MailFile> = files.into_iter().filter(is_new).collect();
        self.unseen.extend(new);
    }

    /// The files to look at now.
    pub(super) fn unseen(&mut self) -> Vec<MailFile> {
        let room = MOST_WAITING.saturating_sub(self.ahead.len());
        self.unseen.iter().take(LOOKED_AT.min(room)).cloned().collect()
    }

    /// Takes in what was looked at: the first of the unseen ones.
    pub(super) fn add(&mut self, looked: Vec<(MailFile, FirstLook)>, is_staff: IsStaff<'_>) {
        self.unseen.drain(..looked.len().min(self.unseen.len()));
        for (file, look) in looked {
            self.ahead.add(file.place.clone(), &look, is_staff, file);
        }
    }

    /// What to read now, by time and name.
    pub(super) fn choose(&self, limits: &FetchLimits) -> Vec<MailFile> {
        let octets = |file: &MailFile| if file.size > limits.message_bytes { 0 } else { file.size };
        self.ahead.choose(limits, octets).into_iter().map(|(_, file)| file).collect()
    }

    /// Hands out mails that were read from `files`, or found to be gone.
    pub(super) fn hand_out(&mut self, files: Vec<MailFile>, mails: Vec<Fetched>) -> Batch {
        let read: HashSet<&MailKey> = mails.iter().map(|mail| &mail.key).collect();
        let is_read = |place: &FilePlace| read.contains(&MailKey::File(place.name.clone()));
        self.handed_out = files
            .into_iter()
            .map(|file| {
                let read = is_read(&file.place);
                (file.place, read)
            })
            .collect();
        let more = self.left() > self.handed_out.len();
        Batch { mails, next: Cursor::File { after: None }, more }
    }

    /// What was handed out is recorded. Gives the names. What was gone is looked for again: it may only have moved from
    /// `new/` to `cur/`.
    pub(super) fn keep(&mut self) -> Vec<String> {
        self.batches += 1;
        let mut kept = Vec::new();
        for (place, is_read) in std::mem::take(&mut self.handed_out) {
            self.ahead.remove(&place);
            if is_read {
                self.done.insert(place.name.clone());
                kept.push(place.name);
            }
        }
        kept
    }

    /// Whether all that was listed is recorded.
    pub(super) fn is_over(&self) -> bool {
        self.left() == 0
    }
}

/// A file with what its top says; of one that cannot be read, nothing.
pub(super) fn looked_at(file: MailFile) -> (MailFile, FirstLook) {
    let mut top = Vec::new();
    let opened = std::fs::File::open(&file.path);
    let read = opened.and_then(|opened| opened.take(TOP).read_to_end(&mut top));
    let look = read.map(|_| first_look(&top)).unwrap_or_default();
    (file, look)
}
