//! `mailclerk demo`: the whole thing on shipped mail, from a Maildir to a folder of replies, a week on a rehearsal
//! clock.

use super::table::show_within;
use super::{Failure, init, logging, open, settings};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::message::Message;
use crate::store::Birth;
use crate::worker::judge::Judged;
use anyhow::{Context, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(RustEmbed)]
#[folder = "demo"]
struct Plan;

#[derive(RustEmbed)]
#[folder = "fixtures"]
#[include = "*/*.eml"]
struct Mails;

/// Columns of the table where the output is no terminal.
const WIDTH: u16 = 100;
/// Letters of a subject that are shown.
const SUBJECT: usize = 40;

/// What `demo` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to work in: made anew each time
    #[arg(long, value_name = "DIR", default_value = "mailclerk-demo")]
    folder: PathBuf,
    /// Keep a console open afterwards; this version has none yet, so it is refused
    #[arg(long)]
    serve: bool,
}

/// One line of the plan.
struct Delivery {
    at: Timestamp,
    what: What,
}

enum What {
    Mail(String),
    Reply { file: String, to_sender_of: String },
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.serve {
        return Err(Failure::usage(anyhow!(
            "there is no console in this version yet: run `mailclerk demo` without --serve"
        )));
    }
    logging::start_quiet();
    let folder = &arguments.folder;
    make_anew(folder)?;
    let config = folder.join("mailclerk.toml");
    let settings = settings::read_existing(&config)?;
    let plan = read_plan()?;
    super::block_on(async {
        let first = plan.first().context("the demo's plan is empty")?.at;
        let store = open::store(&config, &settings, Birth::Rehearsal, &Clock::rehearsal(first)).await?;
        let (worker, mut mailboxes) = open::worker(&settings, store, Clock::rehearsal(first)).await?;
        let _presence = worker.store.show_presence(worker.holder).await?;
        let bar = ProgressBar::new(plan.len() as u64);
        bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} mails  {msg}")?);
        let mut judged: Vec<(Timestamp, Judged)> = Vec::new();
        let mut at_once = plan.iter().peekable();
        let mut number = 0;
        while let Some(delivery) = at_once.next() {
            number += 1;
            deliver(folder, number, delivery)?;
            bar.inc(1);
            if at_once.peek().is_some_and(|next| next.at == delivery.at) {
                continue;
            }
            bar.set_message(super::table::when(delivery.at));
            let done = worker.once(&mut mailboxes, Some(delivery.at)).await?;
            judged.extend(done.judged.into_iter().map(|one| (delivery.at, one)));
        }
        bar.finish_and_clear();
        let desk = worker.desks.all().into_iter().next().context("there is no desk")?;
        let rows = judged.iter().map(|(at, one)| row(&desk, *at, one));
        show_within(Some(WIDTH), &["arrived", "subject", "decision", "because", "reply"], rows, "no mail was decided")?;
        print_where_to_look(folder, &config, judged.len())
    })
}

/// One judged mail as a row, its arrival in the desk's own time.
fn row(desk: &Desk, at: Timestamp, one: &Judged) -> Vec<String> {
    let because = one.reasons.iter().map(|reason| match &reason.field {
        Some(field) => format!("{} {field}", reason.code),
        None => reason.code.to_string(),
    });
    vec![
        desk.calendar.local(at).strftime("%a %b %d %H:%M").to_string(),
        one.subject.chars().take(SUBJECT).collect(),
        one.decision.to_string(),
        because.collect::<Vec<_>>().join(", "),
        one.reply.clone().unwrap_or_default(),
    ]
}

fn print_where_to_look(folder: &Path, config: &Path, came_in: usize) -> Result<(), Failure> {
    let sent = std::fs::read_dir(folder.join("outgoing")).map_or(0, |files| files.flatten().filter(is_mail).count());
    let (folder, config) = (folder.display(), config.display());
    super::print_line(&format!(
        "\n{came_in} mails came in, {sent} went out: the replies, and notices to supervisors about urgent and held mail.\n\n\
         {folder}/outgoing        the mails that went out; open one with any mail program\n\
         {folder}/mail/.Accepted  and so on: what came in, filed by outcome\n\n\
         Look further:\n\
         mailclerk --config {config} cases\n\
         also: case NUMBER, held, pending, outbox --all"
    ))
}

fn is_mail(entry: &std::fs::DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "eml")
}

/// Clears what an earlier demo left, and nothing else, and writes settings, desks and templates.
fn make_anew(folder: &Path) -> Result<(), Failure> {
    let mark = folder.join(".mailclerk-demo");
    if folder.exists() {
        let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        if !mark.exists() && !empty {
            let error = anyhow!(
                "{} is no demo's folder, and nothing in it was touched: name another with --folder",
                folder.display()
            );
            return Err(Failure::usage(error));
        }
        std::fs::remove_dir_all(folder).with_context(|| format!("failed to clear {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    std::fs::write(&mark, "made by mailclerk demo; cleared by the next one\n").context("failed to mark the folder")?;
    init::write(folder)?;
    Ok(())
}

fn read_plan() -> anyhow::Result<Vec<Delivery>> {
    let text = embedded(Plan::get("plan.txt"), "plan.txt")?;
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (at, what) = match words.as_slice() {
                [at, mail] => (at, What::Mail((*mail).to_owned())),
                [at, "reply", file, mail] => {
                    (at, What::Reply { file: (*file).to_owned(), to_sender_of: (*mail).to_owned() })
                }
                _ => bail!("the demo's plan has a line that cannot be read: {line}"),
            };
            Ok(Delivery { at: at.parse()?, what })
        })
        .collect()
}

fn embedded(file: Option<rust_embed::EmbeddedFile>, name: &str) -> anyhow::Result<String> {
    let file = file.with_context(|| format!("the demo lacks {name}"))?;
    Ok(String::from_utf8_lossy(&file.data).into_owned())
}

fn mail(name: &str) -> anyhow::Result<Vec<u8>> {
    let file = format!("{name}.eml");
    Ok(Mails::get(&file).with_context(|| format!("the demo lacks {file}"))?.data.into_owned())
}

/// Delivers as a mail server does: written in `tmp`, then moved into `new`.
fn deliver(folder: &Path, number: usize, delivery: &Delivery) -> anyhow::Result<()> {
    let raw = match &delivery.what {
        What::Mail(name) => mail(name)?,
        What::Reply { file, to_sender_of } => reply(folder, number, delivery.at, file, to_sender_of)?,
    };
    let maildir = folder.join("mail");
    for part in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(maildir.join(part))?;
    }
    let name = format!("{}.{number:04}.demo", delivery.at.as_second());
    std::fs::write(maildir.join("tmp").join(&name), raw)?;
    std::fs::rename(maildir.join("tmp").join(&name), maildir.join("new").join(&name))?;
    Ok(())
}

/// An answer of the sender of `mail_name` to the newest mail that they got.
fn reply(folder: &Path, number: usize, at: Timestamp, file: &str, mail_name: &str) -> anyhow::Result<Vec<u8>> {
    let original = Message::read(&mail(mail_name)?);
    let author = original.author().context("the mail to be answered has no author")?.address.clone();
    let mut outgoing: Vec<PathBuf> =
        std::fs::read_dir(folder.join("outgoing"))?.flatten().filter(is_mail).map(|entry| entry.path()).collect();
    outgoing.sort();
    let sent = outgoing.iter().rev().filter_map(|path| std::fs::read(path).ok()).map(|raw| Message::read(&raw));
    let got = sent.into_iter().find(|sent| sent.to.iter().any(|to| to.address == author));
    let got = got.with_context(|| format!("the sender of {mail_name} got no mail yet"))?;
    let values = BTreeMap::from([
        ("{from}", author.to_string()),
        ("{to}", got.author().map(|desk| desk.address.to_string()).unwrap_or_default()),
        ("{subject}", got.subject.clone()),
        ("{id}", got.message_id.clone().unwrap_or_default()),
        ("{nonce}", number.to_string()),
        ("{date}", at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()),
    ]);
    let text = embedded(Plan::get(file), file)?;
    Ok(values.iter().fold(text, |text, (name, value)| text.replace(name, value)).into_bytes())
}
