//! The command line: one file a command; exit codes 0 done, 1 failed, 2 wrong use, 75 try again later.

mod audit;
mod check;
mod demo;
pub mod desk;
mod digest;
pub mod explain;
mod explain_command;
mod held;
mod init;
mod kept_lists;
mod keys;
mod lists;
mod logging;
mod open;
mod outbox;
mod run_command;
mod settings;
mod table;
mod user;

use crate::store::StoreError;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A clerk for a shared support mailbox that has rules.
///
/// mailclerk reads each mail to a shared mailbox, decides by the desk's policy file what it is, answers it, and keeps
/// its promises. Start with `mailclerk demo`; `mailclerk init DIR` writes settings to edit.
#[derive(Debug, Parser)]
#[command(name = "mailclerk", version, max_term_width = 100)]
struct Arguments {
    /// The settings file
    #[arg(long, global = true, value_name = "FILE", env = "MAILCLERK_CONFIG", default_value = "mailclerk.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole thing on shipped mail: a week and a half on a rehearsal clock, requests, answers and commands
    Demo(demo::Arguments),
    /// Write settings, desks and templates to edit
    Init(init::Arguments),
    /// Look at settings, desks, templates and servers, and say what is wrong and how to mend it
    Check(check::Arguments),
    /// Run the worker
    Run(run_command::Arguments),
    /// Judge one message: the decision, why, and the reply it would get. Stores and sends nothing
    Explain(explain_command::Arguments),
    /// A desk's policy: test it by messages with expected answers
    Desk(desk::Arguments),
    /// List cases
    Cases(lists::Cases),
    /// Show one case with its clocks, mails and history
    Case(lists::Case),
    /// List what is held for a person, or release it: accept, return, redirect, attach, drop
    Held(held::Arguments),
    /// Show the lists that a desk keeps besides its cases, such as an audit list
    Lists(kept_lists::Arguments),
    /// List returned requests that wait to be completed
    Pending(lists::Common),
    /// List mail that has not left, send it again or cancel it
    Outbox(outbox::Arguments),
    /// Send a day's digest to the desk's supervisors now, or show it with --preview
    Digest(digest::Arguments),
    /// Verify the audit trail
    Audit(audit::Arguments),
    /// List the keys that sign reply tokens, or begin a new one
    Keys(keys::Arguments),
    /// Who may use the pages: make, list, change and end accounts
    User(user::Arguments),
}

/// What a command that could not be carried out says, and the exit code it ends with.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    code: u8,
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    /// Failed, unless the database is away for the moment: that is no failure of ours.
    fn from(error: E) -> Self {
        let error = error.into();
        let is_away = error.downcast_ref::<StoreError>().is_some_and(StoreError::is_temporary);
        if is_away { Self::try_again(error) } else { Self { error, code: 1 } }
    }
}

impl Failure {
    /// Wrong use: exit code 2.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), code: 2 }
    }

    /// Something outside is not there at the moment: exit code 75 (EX_TEMPFAIL).
    pub(crate) fn try_again(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), code: 75 }
    }
}

/// Reads the arguments, carries the command out and gives the exit code.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Demo(demo) => demo::run(demo),
        Command::Init(init) => init::run(init),
        Command::Check(check) => check::run(&arguments.config, check),
        Command::Run(run) => run_command::run(&arguments.config, run),
        Command::Explain(explain) => explain_command::run(&arguments.config, explain),
        Command::Desk(desk) => desk::run(&arguments.config, desk),
        Command::Cases(cases) => lists::cases(&arguments.config, cases),
        Command::Case(case) => lists::case(&arguments.config, case),
        Command::Held(held) => held::run(&arguments.config, held),
        Command::Lists(lists) => kept_lists::run(&arguments.config, lists),
        Command::Pending(common) => lists::pending(&arguments.config, common),
        Command::Outbox(outbox) => outbox::run(&arguments.config, outbox),
        Command::Digest(digest) => digest::run(&arguments.config, digest),
        Command::Audit(audit) => audit::run(&arguments.config, audit),
        Command::Keys(keys) => keys::run(&arguments.config, keys),
        Command::User(user) => user::run(&arguments.config, user),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            use anstyle::{AnsiColor, Style};
            let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
            anstream::eprintln!("{red}mailclerk:{red:#} {:#}", failure.error);
            ExitCode::from(failure.code)
        }
    }
}

/// Runs a command's asynchronous part.
fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Prints one line; a reader that went away ends the program quietly.
fn print_line(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints a value as JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    print_line(&serde_json::to_string_pretty(value)?)
}
