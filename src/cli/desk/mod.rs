//! `mailclerk desk test DIR` and `mailclerk desk doc DESK`: a policy's own tests, and a policy as a page for requesters.

pub mod expected;
mod test_command;

use super::Failure;
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
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Test { folder, desk, policy, json } => {
            test_command::run(config, folder, desk.as_deref(), policy.as_deref(), *json)
        }
    }
}
