//! `mailclerk desk test DIR`: a policy's own tests, messages with the expected answers beside them.
//!
//! The policy is the one named; else `DIR.toml` where it stands beside the folder; else the desk of the settings, or
//! the shipped one, that bears the folder's name. Nothing is stored and nothing sent.

use super::super::explain::{explain, to_json};
use super::super::{Failure, open, print_json, print_line, settings};
use super::expected::{self, Difference};
use crate::clock::Clock;
use crate::desk::{Desk, load, shipped};
use crate::settings::Trust;
use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A message with its expected answer.
struct Fixture {
    name: String,
    mail: Vec<u8>,
    expected: Value,
}

pub(super) fn run(
    config: &Path,
    folder: &Path,
    desk: Option<&str>,
    policy: Option<&Path>,
    as_json: bool,
) -> Result<(), Failure> {
    let desk = find_desk(config, folder, desk, policy)?;
    let fixtures = read(folder)?;
    let mut wrong: Vec<(&str, Vec<Difference>)> = Vec::new();
    for fixture in &fixtures {
        let explained = explain(&desk, &fixture.mail, &Trust::None, true, Clock::System.now())?;
        let found = expected::compare(&desk, &fixture.expected, &to_json(&desk, &explained));
        if !found.is_empty() {
            wrong.push((&fixture.name, found));
        }
    }
    let (all, failed) = (fixtures.len(), wrong.len());
    if as_json {
        let wrong: Vec<Value> =
            wrong.iter().map(|(name, found)| json!({ "name": name, "differences": found })).collect();
        print_json(&json!({ "desk": desk.id, "messages": all, "as_expected": all - failed, "wrong": wrong }))?;
    } else {
        for (name, found) in &wrong {
            print_line(name)?;
            for difference in found {
                print_line(&format!("  {}: {}", difference.key, difference.told))?;
            }
        }
        print_line(&format!("{}: {} of {all} messages are judged as expected", desk.id, all - failed))?;
    }
    if failed > 0 {
        return Err(
            anyhow!("{failed} of {all} messages are not judged as expected: mend the policy, or the answer").into()
        );
    }
    Ok(())
}

fn find_desk(config: &Path, folder: &Path, desk: Option<&str>, policy: Option<&Path>) -> Result<Desk, Failure> {
    let name = folder.canonicalize().ok();
    let name = name.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let name = name.with_context(|| format!("failed to read {}: there is no such folder", folder.display()))?;
    let beside = folder.with_file_name(format!("{name}.toml"));
    if let Some(file) = policy.or(Some(&beside).filter(|file| desk.is_none() && file.is_file()).map(PathBuf::as_path)) {
        return Ok(load::load(file)?);
    }
    let mut desks = match settings::read_if_there(config)? {
        Some(settings) => load::load_all(settings.desks.as_deref())?,
        None => shipped::all()?,
    };
    let id = desk.unwrap_or(&name);
    match desks.remove(id) {
        Some(desk) => Ok(desk),
        None => Err(open::no_such_desk(id, &desks)),
    }
}

fn read(folder: &Path) -> anyhow::Result<Vec<Fixture>> {
    let mut by_name: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("failed to read {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("failed to read {}", folder.display()))?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("eml") => by_name.entry(name).or_default().0 = true,
            Some("json") => by_name.entry(name).or_default().1 = true,
            _ => {}
        }
    }
    if by_name.is_empty() {
        bail!("{} holds no messages; put NAME.eml with the expected NAME.json there", folder.display());
    }
    let mut fixtures = Vec::new();
    for (name, parts) in by_name {
        let lacks = match parts {
            (true, true) => None,
            (true, false) => Some("json"),
            (false, _) => Some("eml"),
        };
        if let Some(lacks) = lacks {
            bail!("{name}.{lacks} is missing in {}: each message stands beside its answer", folder.display());
        }
        let (mail, answer) = (folder.join(format!("{name}.eml")), folder.join(format!("{name}.json")));
        let mail = std::fs::read(&mail).with_context(|| format!("failed to read {}", mail.display()))?;
        let text = std::fs::read_to_string(&answer).with_context(|| format!("failed to read {}", answer.display()))?;
        let expected = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", answer.display()))?;
        fixtures.push(Fixture { name, mail, expected });
    }
    Ok(fixtures)
}
