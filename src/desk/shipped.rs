//! The desks that the binary carries.

use super::fault::{DeskError, DeskErrors};
use super::{Desk, load};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(rust_embed::Embed)]
#[folder = "desks/"]
struct Embedded;

/// Ids of the shipped desks, in order.
pub fn ids() -> Vec<String> {
    Embedded::iter().filter_map(|name| desk_id(&name).map(str::to_owned)).collect()
}

fn desk_id(name: &str) -> Option<&str> {
    name.strip_suffix(".toml").filter(|id| !id.contains('/'))
}

/// The shipped policy file of the desk with this id, as it was written.
pub fn text(id: &str) -> Option<Cow<'static, str>> {
    file(&format!("{id}.toml")).filter(|_| !id.contains('/'))
}

/// The shipped words file with this name.
pub fn words(name: &str) -> Option<Cow<'static, str>> {
    file(&format!("base/{name}.toml"))
}

/// Names of the shipped words files, in order.
pub fn words_names() -> Vec<String> {
    let name = |name: Cow<'static, str>| name.strip_prefix("base/")?.strip_suffix(".toml").map(str::to_owned);
    Embedded::iter().filter_map(name).collect()
}

fn file(name: &str) -> Option<Cow<'static, str>> {
    let file = Embedded::get(name)?;
    match file.data {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// The shipped desk with this id.
///
/// # Errors
///
/// No desk of this name is carried.
pub fn desk(id: &str) -> Result<Desk, DeskError> {
    let Some(text) = text(id) else {
        return Err(DeskError::Unknown { id: id.to_owned(), known: ids().join(", ") });
    };
    Ok(load::parse_shipped(id, &path(id), &text)?)
}

/// All shipped desks by id.
///
/// # Errors
///
/// A shipped file is wrong: a fault of the build, kept out by a test.
pub fn all() -> Result<BTreeMap<String, Desk>, DeskErrors> {
    let mut desks = BTreeMap::new();
    for id in ids() {
        let text = text(&id).unwrap_or_default();
        desks.insert(id.clone(), load::parse_shipped(&id, &path(&id), &text)?);
    }
    Ok(desks)
}

/// What a shipped file is called in error texts; nothing is read from there.
fn path(id: &str) -> PathBuf {
    PathBuf::from(format!("shipped/{id}.toml"))
}

/// Writes every shipped desk and words file into the folder `dir`, which is made. A file that is there already is
/// left as it is. `templates`, a folder as seen from `dir`, becomes each desk's `templates`. Gives the files written.
///
/// # Errors
///
/// A folder or file cannot be written.
pub fn write_to(dir: &Path, templates: Option<&str>) -> io::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for name in Embedded::iter() {
        let path = dir.join(name.as_ref());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let Some(text) = file(&name) else { continue };
        let text = match templates.filter(|_| desk_id(&name).is_some()) {
            Some(folder) => with_templates(&text, folder),
            None => text.into_owned(),
        };
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut out) => {
                out.write_all(text.as_bytes())?;
                written.push(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// A policy whose own templates are in `folder`: the key stands first, before any table.
fn with_templates(policy: &str, folder: &str) -> String {
    let is_preface = |line: &&str| line.trim().is_empty() || line.starts_with('#');
    let preface: usize = policy.split_inclusive('\n').take_while(is_preface).map(str::len).sum();
    let (preface, rest) = policy.split_at(preface);
    let folder = toml::Value::String(folder.to_owned());
    format!(
        "{preface}# The wording of every mail; a file that is not there is the shipped one.\ntemplates = {folder}\n\n{rest}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_desk_loads() {
        let desks = all().unwrap_or_else(|faults| panic!("{faults}"));
        assert!(!desks.is_empty());
        for desk in desks.values() {
            assert!(desk.subject.nicknames.len() >= 150, "{}", desk.id);
            assert!(desk.field_of(super::super::FieldRole::Summary).is_some());
        }
    }
}
