//! A desk's own templates, read with its policy: a mail is never written from two states of their folder.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A template file holds at most so many bytes.
const FILE_BYTES: u64 = 256 << 10;
/// Files of a folder of templates that are read: many times what the shipped ones are.
const MOST_FILES: usize = 1_000;
/// How deep folders in it are looked into.
const DEEPEST: usize = 3;

/// The files of a folder of templates, as they were when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTemplates {
    folder: PathBuf,
    /// By their names in the folder, with `/` between folder and file; or why one cannot be read.
    files: BTreeMap<String, Result<String, String>>,
    stamp: u64,
}

impl OwnTemplates {
    /// Reads all there is in `folder`; nothing where there is no such folder.
    pub fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for path in files_below(folder) {
            let Ok(inside) = path.strip_prefix(folder) else { continue };
            let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), read_text(&path));
        }
        let mut hash = Sha256::new().chain_update(folder.as_os_str().as_encoded_bytes());
        for (name, text) in &files {
            let (Ok(text) | Err(text)) = text;
            // Lengths keep apart what would otherwise read the same.
            for part in [name.as_str(), text.as_str()] {
                hash = hash.chain_update(part.len().to_be_bytes()).chain_update(part);
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        let stamp = u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default()).max(1);
        Self { folder: folder.to_owned(), files, stamp }
    }

    /// Where they were read from.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every file's name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The text of a file, where there is one, or why it cannot be read.
    pub fn text(&self, file: &str) -> Option<Result<&str, &str>> {
        self.files.get(file).map(|text| text.as_deref().map_err(String::as_str))
    }

    /// The path of a file, where there is one.
    pub fn path_of(&self, file: &str) -> Option<PathBuf> {
        self.files.contains_key(file).then(|| self.folder.join(file))
    }

    /// A number that differs where the folder, or the name or content of a file in it, differs. Never 0.
    pub fn stamp(&self) -> u64 {
        self.stamp
    }
}

/// Every file in `folder` and in the folders in it, in order; behind a link the file counts, not the link.
pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 1)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_file() && files.len() < MOST_FILES {
                files.push(path);
            } else if depth < DEEPEST && path.is_dir() {
                folders.push((path, depth + 1));
            }
        }
    }
    files.sort();
    files
}

fn read_text(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > FILE_BYTES {
        return Err(format!("it has {size} bytes, at most {FILE_BYTES} are read"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}
