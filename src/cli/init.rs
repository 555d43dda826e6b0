//! `mailclerk init DIR`: settings, desks and templates to edit.

use super::Failure;
use crate::compose::templates;
use crate::desk::shipped;
use anyhow::{Context, anyhow};
use std::path::{Path, PathBuf};

/// What `init` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to write to; it is made where it is not there, and nothing in it is overwritten
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let settings = folder.join("mailclerk.toml");
    if settings.exists() {
        let error = anyhow!("{} is there already: nothing was written. Choose another folder", settings.display());
        return Err(Failure::usage(error));
    }
    let written = write(folder)?;
    super::print_line(&format!(
        "{written} files were written to {}.\nEdit {} and the desk's policy, then run `mailclerk --config {} check`.",
        folder.display(),
        settings.display(),
        settings.display()
    ))
}

/// Writes settings, desks and templates into `folder`, each desk pointing to the templates; gives how many files.
pub(super) fn write(folder: &Path) -> anyhow::Result<usize> {
    let settings = folder.join("mailclerk.toml");
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let mut written =
        shipped::write_to(&folder.join("desks"), Some("../templates")).context("failed to write the desks")?;
    written.extend(write_templates(&folder.join("templates"))?);
    let desk = shipped::ids().into_iter().next().unwrap_or_default();
    let text = include_str!("mailclerk.toml").replace("DESK", &desk);
    std::fs::write(&settings, text).with_context(|| format!("failed to write {}", settings.display()))?;
    Ok(written.len() + 1)
}

fn write_templates(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for file in templates::shipped_files() {
        let Some(text) = templates::shipped(&file) else { continue };
        let path = folder.join(&file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("failed to make {}", parent.display()))?;
        }
        if !path.exists() {
            std::fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
            written.push(path);
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    /// What is offered in a comment may be taken as it stands.
    #[test]
    fn offered_lines_are_settings() {
        let text = include_str!("mailclerk.toml").replace("DESK", "north");
        for key in ["start", "trust", "sent_copies", "watch_sent"] {
            let offered = format!("# {key} = ");
            assert!(text.contains(&offered), "{key} is not offered");
            let taken = text.replace(&offered, &format!("{key} = "));
            let read = crate::settings::read(std::path::Path::new("/etc/mailclerk.toml"), &taken, &Default::default());
            read.unwrap_or_else(|error| panic!("{key}: {error}"));
        }
    }
}
