//! `cases`, `case`, `pending`: looking at what is kept.

use super::table::{show, when};
use super::{Failure, open, settings};
use crate::desk::access::{Access, AccountRole, DeskAccess};
use crate::settings::Settings;
use crate::store::{CaseView, Store};
use crate::web::console::history::{HistoryForm, history};
use crate::words::numbers::CaseNumber;
use anyhow::anyhow;
use std::collections::HashMap;
use std::path::Path;

/// What `cases` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Cases {
    /// Only those that are not resolved
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    common: Common,
}

/// What each list is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Only this desk's
    #[arg(long, global = true, value_name = "ID")]
    pub(super) desk: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// What `case` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Case {
    /// The case's number, as it stands in its subject
    number: String,
    /// Print the conversation, the decisions, the events and who did what
    #[arg(long, value_enum, value_name = "FORM", conflicts_with = "json")]
    history: Option<HistoryForm>,
    #[command(flatten)]
    common: Common,
}

pub(super) fn cases(config: &Path, arguments: &Cases) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let cases = store.cases(arguments.common.desk.as_deref(), arguments.open).await?;
        open::known_desk(&settings, arguments.common.desk.as_deref(), cases.is_empty())?;
        if arguments.common.json {
            return super::print_json(&cases);
        }
        let rows = cases.iter().map(|case| {
            vec![
                case.number.to_string(),
                case.line.as_ref().map(ToString::to_string).unwrap_or_default(),
                format!("{}{}", case.status, if case.urgent { ", urgent" } else { "" }),
                case.specialist.as_ref().map(ToString::to_string).unwrap_or_default(),
                case.requester.to_string(),
                when(case.at),
            ]
        });
        show(&["case", "line", "status", "specialist", "requester", "opened"], rows, "no cases")
    })
}

pub(super) fn case(config: &Path, arguments: &Case) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let number = CaseNumber(arguments.number.trim().trim_matches(['[', ']']).to_uppercase());
        let mut found = store.case_view(&number).await?;
        found.retain(|case| arguments.common.desk.as_ref().is_none_or(|desk| *desk == case.desk));
        open::known_desk(&settings, arguments.common.desk.as_deref(), found.is_empty())?;
        let case = match found.as_slice() {
            [] => return Err(Failure::from(anyhow!("there is no case {number}; see `mailclerk cases`"))),
            [one] => one,
            _ => return Err(Failure::usage(anyhow!("several desks have a case {number}: say which with --desk"))),
        };
        if let Some(form) = arguments.history {
            return print_history(&settings, &store, case, form).await;
        }
        if arguments.common.json {
            return super::print_json(case);
        }
        println!("{}  {}{}", case.number, case.status, if case.urgent { "  urgent" } else { "" });
        println!("requester  {}", case.requester);
        for entry in &case.entries {
            println!("member     {}, {}", entry.member.last, entry.member.first);
            for (field, value) in &entry.fields {
                println!("  {field:<14} {value}");
            }
        }
        for clock in &case.clocks {
            println!("clock      {:<10} due {}  {}", clock.kind, when(clock.due), clock.state);
        }
        for mail in &case.mails {
            println!("mail       {:<16} to {}  {}  {}", mail.template, mail.to, when(mail.at), mail.state);
        }
        for line in &case.history {
            println!("history    {}  {}", when(line.at), line.event);
        }
        Ok(())
    })
}

/// Who runs this program may read its database: for them there is no access to ask for.
async fn print_history(settings: &Settings, store: &Store, case: &CaseView, form: HistoryForm) -> Result<(), Failure> {
    let desks = open::desks(settings)?;
    let zone = desks.get(&case.desk).map_or("UTC", |desk| desk.calendar.zone_name());
    let zone = jiff::tz::TimeZone::get(zone)?;
    let access = Access {
        email: case.requester.clone(),
        role: AccountRole::Admin,
        desks: vec![DeskAccess { desk: case.desk.clone(), lines: None }],
    };
    let Some(page) = store.case_page(&access, &case.desk, &case.number).await? else {
        return Err(Failure::from(anyhow!("the case {} went away while it was read", case.number)));
    };
    let staff =
        desks.values().flat_map(|desk| &desk.staff).map(|staff| (store.account_key(&staff.email), &staff.email));
    let mut names: HashMap<String, String> = staff.map(|(key, email)| (key, email.to_string())).collect();
    for account in store.accounts().await? {
        names.insert(store.account_key(&account.email), account.email.to_string());
    }
    let written = history(&page, form, &zone, |key| names.get(key).cloned())?;
    super::print_line(written.trim_end_matches(['\r', '\n']))
}

pub(super) fn pending(config: &Path, common: &Common) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let pendings = store.pendings(common.desk.as_deref()).await?;
        open::known_desk(&settings, common.desk.as_deref(), pendings.is_empty())?;
        if common.json {
            return super::print_json(&pendings);
        }
        let rows = pendings.iter().map(|pending| {
            vec![
                pending.token.to_string(),
                pending.requester.to_string(),
                pending.missing.join(", "),
                when(pending.newest_at),
            ]
        });
        show(&["token", "requester", "missing", "newest mail"], rows, "nothing is pending")
    })
}
