//! `mailclerk audit verify`: whether the audit trail is whole.

use super::{Failure, open, settings};
use anyhow::anyhow;
use std::path::Path;

/// What `audit` is asked: without an action, to verify.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Recompute every hash chain and checkpoint; exits 1 where anything was changed or removed
    Verify,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let Action::Verify = arguments.action.as_ref().unwrap_or(&Action::Verify);
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let report = store.audit_verify().await?;
        if arguments.json {
            super::print_json(&report)?;
        } else {
            println!("{} rows in {} chains, {} checkpoints", report.rows, report.chains, report.checkpoints);
            for broken in &report.broken {
                println!("broken: desk {}, chain {}, row {}: {}", broken.desk, broken.chain, broken.seq, broken.what);
            }
        }
        if report.broken.is_empty() {
            return Ok(());
        }
        Err(Failure::from(anyhow!("the audit trail is broken in {} places", report.broken.len())))
    })
}
