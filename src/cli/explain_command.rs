//! The arguments of `mailclerk explain`, and what it prints.

use super::explain::{explain, to_json, to_text};
use super::{Failure, open, settings};
use crate::clock::Clock;
use crate::desk::{Desk, load, shipped};
use crate::settings::Trust;
use anyhow::{Context, anyhow};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What `explain` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The message as it was delivered (RFC 5322), or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The desk that judges it; needed where there is more than one
    #[arg(long)]
    desk: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Judge by the rules alone, without the small model that may turn a redirect or a rejection into an acceptance
    #[arg(long)]
    no_model: bool,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_if_there(config)?;
    let desks = match &settings {
        Some(settings) => load::load_all(settings.desks.as_deref())?,
        None => shipped::all()?,
    };
    let desk = choose(&desks, arguments.desk.as_deref())?;
    let trust = settings
        .iter()
        .flat_map(|settings| &settings.mailboxes)
        .find(|mailbox| mailbox.desk == desk.id)
        .map_or(Trust::None, |mailbox| mailbox.trust.clone());
    let raw = read(&arguments.file)?;
    let explained = explain(desk, &raw, &trust, !arguments.no_model, Clock::System.now())?;
    if arguments.json {
        return super::print_json(&to_json(desk, &explained));
    }
    let text = to_text(desk, &explained);
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let text = if colour { text } else { anstream::adapter::strip_str(&text).to_string() };
    super::print_line(text.trim_end())
}

fn choose<'a>(desks: &'a BTreeMap<String, Desk>, wanted: Option<&str>) -> Result<&'a Desk, Failure> {
    let known = || desks.keys().map(String::as_str).collect::<Vec<_>>();
    match wanted {
        Some(id) => desks.get(id).ok_or_else(|| open::no_such_desk(id, desks)),
        None if desks.len() == 1 => Ok(desks.values().next().context("there is no desk")?),
        None => Err(Failure::usage(anyhow!("say which desk judges it: --desk {}", known().join("|")))),
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut raw = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut raw).context("failed to read standard input")?;
    } else {
        raw = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
    }
    Ok(raw)
}
