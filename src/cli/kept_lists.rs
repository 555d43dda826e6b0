//! `mailclerk lists`: the lists that a desk keeps besides its cases.

use super::table::{show, when};
use super::{Failure, open, settings};
use crate::store::ListRow;
use anyhow::anyhow;
use std::path::Path;

/// What `lists` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The desk
    desk: String,
    /// The list, by its id; without it all of the desk's
    list: Option<String>,
    /// Print a table for spreadsheets
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let desks = open::desks(&settings)?;
        let Some(desk) = desks.get(&arguments.desk) else {
            open::known_desk(&settings, Some(&arguments.desk), true)?;
            return Err(Failure::usage(anyhow!("there is no desk {}", arguments.desk)));
        };
        let ids: Vec<&str> = desk.lists.iter().map(|list| list.id.as_str()).collect();
        if let Some(list) = arguments.list.as_deref().filter(|list| !ids.contains(list)) {
            let remedy = crate::strict::suggestion(list, &ids);
            return Err(Failure::usage(anyhow!("the desk {} keeps no list {list}; {remedy}", desk.id)));
        }
        let store = open::existing_store(config, &settings).await?;
        let mut entries = Vec::new();
        for id in ids.into_iter().filter(|id| arguments.list.as_deref().is_none_or(|wanted| wanted == *id)) {
            entries.extend(store.list_entries(&desk.id, id).await?);
        }
        if arguments.json {
            return super::print_json(&entries);
        }
        if arguments.csv {
            return super::print_line(as_csv(&entries)?.trim_end());
        }
        show(HEADER, entries.iter().map(cells), "nothing stands on a list")
    })
}

const HEADER: &[&str] = &["list", "since", "requester", "member", "case", "why", "subject", "asked", "by", "note"];

fn cells(entry: &ListRow) -> Vec<String> {
    let content = &entry.content;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let address =
        |one: &Option<crate::address::EmailAddress>| one.as_ref().map(ToString::to_string).unwrap_or_default();
    vec![
        entry.list.clone(),
        when(entry.at),
        address(&content.requester),
        text(&content.member),
        text(&content.case),
        entry.why.clone(),
        content.subject.clone(),
        content.asked.clone(),
        address(&content.by),
        text(&content.note),
    ]
}

/// The entries as CSV. What a spreadsheet would take for a formula is led by an apostrophe.
pub(crate) fn as_csv(entries: &[ListRow]) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for entry in entries {
        let safe = cells(entry).into_iter().map(|cell| match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            true => format!("'{cell}"),
            false => cell,
        });
        writer.write_record(safe)?;
    }
    Ok(String::from_utf8(writer.into_inner().map_err(|error| anyhow!("{error}"))?)?)
}
