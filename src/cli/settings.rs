//! The settings file as the commands find it.

use super::Failure;
use crate::settings::{Settings, read};
use anyhow::{Context, anyhow};
use std::path::Path;

/// Reads `config`; a file that is not there is wrong use, with the remedy.
pub(super) fn read_existing(config: &Path) -> Result<Settings, Failure> {
    read_if_there(config)?.ok_or_else(|| {
        let remedy = "write one with `mailclerk init DIR`, or name it with --config FILE";
        Failure::usage(anyhow!("there is no settings file {}; {remedy}", config.display()))
    })
}

/// Reads `config` where it exists.
pub(super) fn read_if_there(config: &Path) -> Result<Option<Settings>, Failure> {
    let text = match std::fs::read_to_string(config) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(anyhow!(error).context(format!("failed to read {}", config.display())).into()),
    };
    let environment = std::env::vars().collect();
    Ok(Some(read(config, &text, &environment).context("the settings cannot be used")?))
}
