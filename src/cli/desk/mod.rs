//! `mailclerk desk test DIR` and `mailclerk desk doc DESK`: a policy's own tests, and a policy as a page for requesters.

pub mod expected;
pub mod guide;
mod test_command;

use super::{Failure, open, print_line, settings};
use crate::desk::{load, shipped};
use std::path::{Path, PathBuf};

/// What is asked about a desk's policy.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Judge every message of a folder and compare the answers with those beside them: NAME.eml and NAME.json
    Test {
        /// The folder with the messages
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The desk that judges them, where the folder does not bear its name
        #[arg(long)]
        desk: Option<String>,
        /// The policy file that judges them, instead of a desk of the settings
        #[arg(long, value_name = "FILE", conflicts_with = "desk")]
        policy: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the policy as a page that requesters can read: how to write to this desk
    Doc {
        /// The desk
        #[arg(value_name = "DESK", required_unless_present = "policy")]
        desk: Option<String>,
        /// The policy file, instead of a desk of the settings
        #[arg(long, value_name = "FILE", conflicts_with = "desk")]
        policy: Option<PathBuf>,
        /// Print one HTML file that fetches nothing, instead of Markdown
        #[arg(long)]
        html: bool,
    },
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Test { folder, desk, policy, json } => {
            test_command::run(config, folder, desk.as_deref(), policy.as_deref(), *json)
        }
        Command::Doc { desk, policy, html } => doc(config, desk.as_deref(), policy.as_deref(), *html),
    }
}

fn doc(config: &Path, desk: Option<&str>, policy: Option<&Path>, html: bool) -> Result<(), Failure> {
    let desk = match (policy, desk) {
        (Some(file), _) => load::load(file)?,
        (None, id) => {
            let mut desks = match settings::read_if_there(config)? {
                Some(settings) => load::load_all(settings.desks.as_deref())?,
                None => shipped::all()?,
            };
            let id = id.unwrap_or_default();
            desks.remove(id).ok_or_else(|| open::no_such_desk(id, &desks))?
        }
    };
    let page = if html { guide::page(&desk) } else { guide::markdown(&desk) };
    print_line(page.trim_end())
}
