//! `mailclerk demo`: the whole thing on shipped mail, from a Maildir to a folder of mails that left, a week and a half on
//! a rehearsal clock; and what the requester, the specialist and the supervisor of one case got.

mod partners;
mod plan;
mod post;
mod serve;

use super::table::show_within;
use super::{Failure, init, logging, open, settings};
use crate::address::EmailAddress;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::desk::access::AccountRole;
use crate::effects::MailState;
use crate::settings::Web;
use crate::store::Birth;
use crate::web::base::bind;
use crate::words::Template;
use crate::words::numbers::take_tags;
use crate::worker::judge::Judged;
use anyhow::{Context, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use plan::Plan;
use post::{Post, Sent};
use std::path::{Path, PathBuf};

/// Columns of the table where the output is no terminal.
const WIDTH: u16 = 100;
/// Letters of a subject that are shown.
const SUBJECT: usize = 40;

/// Who sees all of it, where the console stays open.
const OPERATOR: &str = "operator@example.com";

/// Who they are, with their addresses: the agent, the specialist, the supervisor.
type People = [(&'static str, EmailAddress); 3];

/// What `demo` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to work in: made anew each time
    #[arg(long, value_name = "DIR", default_value = "mailclerk-demo")]
    folder: PathBuf,
    /// Keep the console and the portal open afterwards, with an account for each of three people and a link for an agent
    /// outside, until Ctrl-C. MAILCLERK_WEB_LISTEN and MAILCLERK_PORTAL_LISTEN say where, 127.0.0.1:8025 and 8026 otherwise
    #[arg(long)]
    serve: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    logging::start_quiet();
    let folder = &arguments.folder;
    make_anew(folder)?;
    let config = folder.join("mailclerk.toml");
    let portal = if arguments.serve { Some(partners::add_portal(&config)?) } else { None };
    let settings = settings::read_existing(&config)?;
    let plan = Plan::read()?;
    super::block_on(async {
        // A place that is taken shows before the demo has run.
        let pages = match (portal, settings.web.clone().unwrap_or_else(Web::usual)) {
            (Some(portal), web) => Some(((bind(web.listen).await?, web), (bind(portal.listen).await?, portal))),
            (None, _) => None,
        };
        let first = plan.steps.first().context("the demo's plan is empty")?.at;
        let store = open::store(&config, &settings, Birth::Rehearsal, &Clock::rehearsal(first)).await?;
        let (worker, mut mailboxes) = open::worker(&settings, store, Clock::rehearsal(first)).await?;
        let desk = worker.desks.all().into_iter().next().context("there is no desk")?;
        let post = Post { folder, numbering: desk.numbering.clone() };
        let bar = ProgressBar::new(plan.steps.len() as u64);
        bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} steps  {msg}")?);
        let mut judged: Vec<(Timestamp, Judged)> = Vec::new();
        let mut at_once = plan.steps.iter().enumerate().peekable();
        while let Some((number, step)) = at_once.next() {
            post.deliver(number, step)?;
            bar.inc(1);
            // What arrives at one instant is read together; what answers it has to wait until it was read.
            if at_once.peek().is_some_and(|(_, next)| next.at == step.at) {
                continue;
            }
            bar.set_message(super::table::when(step.at));
            let done = worker.once(&mut mailboxes, Some(step.at)).await?;
            judged.extend(done.judged.into_iter().map(|one| (step.at, one)));
        }
        bar.finish_and_clear();
        let sent = post.sent()?;
        let rows = judged.iter().map(|(at, one)| row(&desk, &sent, *at, one));
        let header = &["arrived", "subject", "decision", "because", "what went out"];
        show_within((Some(WIDTH), &[0, 2]), header, rows, "no mail was decided")?;
        let people = people_of(&desk, &post, &plan, &sent)?;
        show_people(&desk, &sent, &people)?;
        let left = worker.store.outbox(None, false).await?;
        let waiting = left.iter().filter(|mail| mail.state == MailState::WaitingSecure).count();
        print_where_to_look(folder, &config, (judged.len(), sent.len(), waiting))?;
        let Some(pages) = pages else { return Ok(()) };
        let [_, (_, specialist), (_, supervisor)] = people;
        let operator = EmailAddress::parse(OPERATOR).context("the operator's address is none")?;
        let accounts = [
            (specialist, AccountRole::Specialist),
            (supervisor, AccountRole::Supervisor),
            (operator, AccountRole::Admin),
        ];
        let invited = partners::open_way(&worker, &mut mailboxes, &post).await?;
        let served = serve::Served { console: pages.0, portal: pages.1, people: &accounts, invited, folder };
        serve::serve(worker, mailboxes, served, &settings).await
    })
}

/// The agent, the specialist and the supervisor of the case that is followed.
fn people_of(desk: &Desk, post: &Post<'_>, plan: &Plan, sent: &[Sent]) -> Result<People, Failure> {
    let author = post::author_of(&plan.followed)?;
    let tag = post.tag_of(sent, &plan.followed)?.context("the mail that is followed led nowhere")?;
    let of_case = |one: &&Sent| one.subject(&desk.numbering).0.as_ref() == Some(&tag);
    let assigned = sent.iter().filter(of_case).rfind(|one| one.template == Template::Assignment.as_str());
    let assigned = assigned.context("the case that is followed was given to nobody")?;
    let specialist = assigned.message.to.first().context("an assignment went to nobody")?.address.clone();
    let line = desk.staff_member(&specialist).and_then(|staff| staff.lines.first());
    let day = desk.calendar.local(plan.steps.last().context("the demo's plan is empty")?.at).date();
    let supervisor = desk.supervisors(line, day).into_iter().next().context("the desk has no supervisor")?.address;
    Ok([("agent", author), ("specialist", specialist), ("supervisor", supervisor)])
}

/// What these people got, a table each.
fn show_people(desk: &Desk, sent: &[Sent], people: &People) -> Result<(), Failure> {
    for (who, address) in people {
        let named = sent.iter().flat_map(|one| &one.message.to).find(|to| to.address == *address && to.name.is_some());
        let name = named.and_then(|to| to.name.clone()).unwrap_or_else(|| address.to_string());
        super::print_line(&format!("\nWhat {name}, the {who}, got:"))?;
        let rows = got(desk, sent, address).into_iter();
        show_within((Some(WIDTH), &[0, 1, 3]), &["sent", "mail", "subject", "file"], rows, "nothing")?;
    }
    Ok(())
}

/// The mails to `address` as rows. A mail of no case that comes again with the same subject, such as each morning's
/// list, is counted in the row of the first.
fn got(desk: &Desk, sent: &[Sent], address: &EmailAddress) -> Vec<Vec<String>> {
    let mut rows: Vec<(&Sent, String, usize)> = Vec::new();
    for one in sent.iter().filter(|one| one.is_to(address)) {
        let (tag, subject) = one.subject(&desk.numbering);
        let again =
            |row: &&mut (&Sent, String, usize)| tag.is_none() && row.0.template == one.template && row.1 == subject;
        match rows.iter_mut().find(again) {
            Some(row) => row.2 += 1,
            None => rows.push((one, subject, 1)),
        }
    }
    let shown = rows.into_iter().map(|(one, subject, times)| {
        let at = one.message.date.map(|at| local(desk, at)).unwrap_or_default();
        let times = if times > 1 { format!(" ({times} times)") } else { String::new() };
        vec![at, one.template.clone(), format!("{subject}{times}"), one.file.clone()]
    });
    shown.collect()
}

/// An instant in the desk's own time.
fn local(desk: &Desk, at: Timestamp) -> String {
    desk.calendar.local(at).strftime("%a %b %d %H:%M").to_string()
}

/// One judged mail as a row, its arrival in the desk's own time.
fn row(desk: &Desk, sent: &[Sent], at: Timestamp, one: &Judged) -> Vec<String> {
    let because = one.reasons.iter().map(|reason| match &reason.field {
        Some(field) => format!("{} {field}", reason.code),
        None => reason.code.to_string(),
    });
    let (tags, subject) = take_tags(&desk.numbering, &one.subject);
    let mut shown: String = subject.chars().take(SUBJECT).collect();
    if shown.len() < subject.len() {
        shown.push('…');
    }
    // What a reply, or a command in one, brought about left at the same instant and bears the same tag.
    let of_same = sent.iter().filter(|mail| mail.message.date == Some(at));
    let of_same = of_same.filter(|mail| mail.subject(&desk.numbering).0.is_some_and(|tag| tags.contains(&tag)));
    let went_out = || of_same.map(|mail| mail.template.as_str()).collect::<Vec<_>>().join(", ");
    vec![
        local(desk, at),
        shown,
        one.decision.to_string(),
        because.collect::<Vec<_>>().join(", "),
        one.reply.clone().unwrap_or_else(went_out),
    ]
}

fn print_where_to_look(folder: &Path, config: &Path, counts: (usize, usize, usize)) -> Result<(), Failure> {
    let (came_in, sent, waiting) = counts;
    let (folder, config) = (folder.display(), config.display());
    super::print_line(&format!(
        "\n{came_in} mails came in, {sent} went out to agents, specialists and supervisors. {waiting} with content for agents \
         outside\nwait for a secure way to them, which the shipped desk does not have yet (`outbox` lists them).\n\n\
         {folder}/outgoing        the mails that went out; open one with any mail program\n\
         {folder}/mail/.Accepted  and so on: what came in, filed by outcome\n\n\
         Look further:\n\
         mailclerk --config {config} cases\n\
         also: case NUMBER, held, pending, outbox --all"
    ))
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
    trust_the_post(&folder.join("mailclerk.toml"))
}

/// The settings that `init` writes prove no sender; the demo's believe what its own mail server says of each.
fn trust_the_post(settings: &Path) -> Result<(), Failure> {
    let text = std::fs::read_to_string(settings).context("failed to read the demo's settings")?;
    let told = |line: &str| match line.trim_start().starts_with("# trust =") {
        true => format!("trust = {{ rfc8601 = \"{}\" }}\n", post::SERVER),
        false => format!("{line}\n"),
    };
    let text: String = text.lines().map(told).collect();
    std::fs::write(settings, text).context("failed to write the demo's settings")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{make_anew, post, settings};
    use crate::settings::Trust;

    #[test]
    fn the_demo_believes_its_own_mail_server() {
        let folder = tempfile::tempdir().unwrap();
        make_anew(folder.path()).unwrap();
        let settings = settings::read_existing(&folder.path().join("mailclerk.toml")).unwrap();
        let trust = &settings.mailboxes.first().unwrap().trust;
        assert!(matches!(trust, Trust::Rfc8601 { authserv_id } if authserv_id == post::SERVER), "{trust:?}");
        make_anew(folder.path()).unwrap();
    }
}
