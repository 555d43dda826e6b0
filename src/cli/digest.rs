//! `mailclerk digest`: a day of a desk, shown, or sent to its supervisors now.

use super::{Failure, open, settings};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::digest::recipients::{Recipient, recipients};
use crate::digest::{Day, Scope, chart, letter, periods};
use crate::settings::Settings;
use crate::store::{Birth, Store};
use crate::worker::Worker;
use anyhow::{Context, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `digest` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day to tell, such as 2026-11-20; without it the last business day before today
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Show what the mail would be, and send nothing; with FILE the HTML is written there too, pictures included
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    preview: Option<Option<PathBuf>>,
    /// The desk; needed where there are several
    #[arg(long, value_name = "DESK")]
    desk: Option<String>,
    /// Print every figure as JSON, and send nothing
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    let date = arguments.date.as_deref().map(day).transpose()?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let desk = chosen(&settings, arguments.desk.as_deref())?;
        let now = now(&store, &desk).await?;
        let worker = open::releaser(&settings, store, Clock::rehearsal(now))?;
        let desk = with_absences(&worker, &desk, now).await?;
        let today = desk.calendar.local(now).date();
        let date = date.unwrap_or_else(|| periods::told_on(&desk.calendar, today));
        if date > today {
            return Err(Failure::usage(anyhow!("{date} has not begun: it is {today} at the desk {}", desk.id)));
        }
        match (&arguments.preview, arguments.json) {
            (file, true) => {
                let day = worker.day(&desk, None, date, now).await?;
                write_html(&worker, &desk, &day, file.as_ref().and_then(Option::as_deref))?;
                super::print_json(&day)
            }
            (Some(file), false) => preview(&worker, &desk, date, now, file.as_deref()).await,
            (None, false) => send(&worker, &desk, date, now).await,
        }
    })
}

fn day(text: &str) -> Result<Date, Failure> {
    text.trim().parse().map_err(|_| Failure::usage(anyhow!("{text:?} is no date: write it as 2026-11-20")))
}

/// The desk that is meant.
fn chosen(settings: &Settings, wanted: Option<&str>) -> Result<Arc<Desk>, Failure> {
    let desks = open::desks(settings)?;
    match wanted {
        Some(wanted) => match desks.get(wanted) {
            Some(desk) => Ok(Arc::clone(desk)),
            None => {
                let known = desks.into_iter().map(|(id, desk)| (id, Desk::clone(&desk))).collect();
                Err(open::no_such_desk(wanted, &known))
            }
        },
        None if desks.len() > 1 => {
            // A desk without a mailbox has no days.
            let mut served = settings.mailboxes.iter().filter_map(|mailbox| desks.get(&mailbox.desk));
            let first = served.next();
            match (first, served.all(|desk| first.is_some_and(|first| first.id == desk.id))) {
                (Some(desk), true) => Ok(Arc::clone(desk)),
                _ => {
                    let known: Vec<&str> = desks.keys().map(String::as_str).collect();
                    Err(Failure::usage(anyhow!("name the desk with --desk (desks: {})", known.join(", "))))
                }
            }
        }
        None => Ok(desks.into_values().next().context("there is no desk")?),
    }
}

/// A rehearsal's clock stands where the newest thing happened in it; a live one is the machine's.
async fn now(store: &Store, desk: &Desk) -> anyhow::Result<Timestamp> {
    let newest = match store.born() {
        Birth::Live => None,
        Birth::Rehearsal => store.newest_instant(&desk.id).await?,
    };
    Ok(newest.unwrap_or_else(|| Clock::System.now()))
}

async fn with_absences(worker: &Worker, desk: &Desk, now: Timestamp) -> anyhow::Result<Arc<Desk>> {
    let today = desk.calendar.local(now).date();
    let told = worker.store.absences(&desk.id, today).await?;
    Ok(Arc::new(desk.with_absences(&told)))
}

async fn preview(worker: &Worker, desk: &Desk, date: Date, now: Timestamp, file: Option<&Path>) -> Result<(), Failure> {
    let meant = recipients(desk, desk.calendar.local(now).date());
    let mut shown: Vec<Scope> = Vec::new();
    for recipient in &meant {
        if shown.contains(&recipient.scope) {
            continue;
        }
        shown.push(recipient.scope.clone());
        let day = worker.day(desk, lines(&recipient.scope), date, now).await?;
        show(worker, desk, &day, &meant)?;
        if shown.len() == 1 {
            write_html(worker, desk, &day, file)?;
        }
    }
    if meant.is_empty() {
        let day = worker.day(desk, None, date, now).await?;
        show(worker, desk, &day, &meant)?;
        write_html(worker, desk, &day, file)?;
    }
    Ok(())
}

fn lines(scope: &Scope) -> Option<&[crate::words::LineId]> {
    match scope {
        Scope::All => None,
        Scope::Lines(lines) => Some(lines),
    }
}

/// One mail as text: who gets it, its subject, its plain part.
fn show(worker: &Worker, desk: &Desk, day: &Day, meant: &[Recipient]) -> Result<(), Failure> {
    let of_scope = meant.iter().filter(|one| one.scope == day.scope).map(|one| one.to.address.to_string());
    let to: Vec<String> = of_scope.collect();
    let to = if to.is_empty() { "nobody: the policy names no supervisor".to_owned() } else { to.join(", ") };
    let (letter, _) = letter::letter(desk, day, None, worker.console.as_deref()).map_err(anyhow::Error::from)?;
    super::print_line(&format!("To: {to}\nSubject: {}\n\n{}", letter.subject, letter.text))
}

/// Writes the HTML so that a browser shows it: the pictures stand in it.
fn write_html(worker: &Worker, desk: &Desk, day: &Day, file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    let mut view = crate::digest::View::of(desk, day, worker.console.as_deref());
    for shown in &mut view.charts {
        let picture = chart::png(&day.flow, shown.name).unwrap_or_default();
        shown.source = format!("data:image/png;base64,{}", STANDARD.encode(picture));
    }
    let written = letter::written(desk, &view).map_err(anyhow::Error::from)?;
    std::fs::write(file, written.html).with_context(|| format!("failed to write {}", file.display()))?;
    anstream::eprintln!("the HTML is in {}", file.display());
    Ok(())
}

async fn send(worker: &Worker, desk: &Desk, date: Date, now: Timestamp) -> Result<(), Failure> {
    let mails = worker.queue_digests(desk, date, now).await?;
    let Some(first) = mails.first() else {
        let remedy = "add somebody with role = \"supervisor\" under [[staff]], or look at it with --preview";
        return Err(anyhow!("nobody gets the digest of {}: the policy names no supervisor; {remedy}", desk.id).into());
    };
    super::print_line(&format!("Subject: {}\n\n{}", first.letter.subject, first.letter.text))?;
    let to: Vec<String> = mails.iter().map(|mail| mail.to.address.to_string()).collect();
    super::print_line(&format!(
        "queued for {}; a running `mailclerk run` sends it, or the next one does",
        to.join(", ")
    ))
}
