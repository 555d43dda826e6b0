//! The command line: one file a command; exit codes 0 done, 1 failed, 2 wrong use, 75 try again later.

mod explain;
mod explain_command;
mod settings;

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
    /// Judge one message: the decision, why, and the reply it would get. Stores and sends nothing
    Explain(explain_command::Arguments),
}

/// What a command that could not be carried out says, and the exit code it ends with.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    code: u8,
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), code: 1 }
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
        Command::Explain(explain) => explain_command::run(&arguments.config, explain),
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
