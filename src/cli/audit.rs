//! `mailclerk audit verify`: whether the audit trail is whole; `audit export`: the trail as a file.

use super::{Failure, open, settings};
use crate::store::ExportFilter;
use crate::web::console::trail_file::{TrailForm, begin, checkpoint_lines, lines};
use anyhow::anyhow;
use jiff::Timestamp;
use std::io::Write;
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
    /// Print the rows as JSON lines, which can be verified elsewhere (docs/audit.md), or as CSV
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Export {
    /// Only this desk's
    #[arg(long, value_name = "ID")]
    desk: Option<String>,
    /// Only from this day (UTC) or instant on
    #[arg(long, value_name = "DATE", value_parser = instant)]
    since: Option<Timestamp>,
    /// Only before this day (UTC) or instant
    #[arg(long, value_name = "DATE", value_parser = instant)]
    until: Option<Timestamp>,
    /// The form
    #[arg(long, value_enum, default_value_t)]
    format: TrailForm,
}

/// `2026-11-21`, or an instant of RFC 3339.
fn instant(text: &str) -> Result<Timestamp, String> {
    let of_day = || text.parse::<jiff::civil::Date>().and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC));
    let read = text.parse().or_else(|_| of_day().map(|day| day.timestamp()));
    read.map_err(|_| format!("`{text}` is neither a day like 2026-11-21 nor an instant like 2026-11-21T10:15:00Z"))
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    if let Some(Action::Export(asked)) = &arguments.action {
        return export(config, asked);
    }
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

fn export(config: &Path, asked: &Export) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let filter = ExportFilter { desk: asked.desk.clone(), since: asked.since, until: asked.until };
        if !put(&begin(asked.format))? {
            return Ok(());
        }
        let (mut after, mut any) = (None, false);
        loop {
            let (rows, next) = store.export_rows(&filter, None, after.as_ref()).await?;
            any |= !rows.is_empty();
            if !put(&lines(asked.format, &rows)?)? {
                return Ok(());
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        open::known_desk(&settings, asked.desk.as_deref(), !any)?;
        // Checkpoints cover the chains of all desks together.
        if filter.is_whole() {
            put(&checkpoint_lines(asked.format, &store.export_checkpoints().await?)?)?;
        }
        Ok(())
    })
}

/// Writes to the standard output; `false`: its reader went away, and there is nothing more to do.
fn put(text: &str) -> Result<bool, Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        written => Ok(written.map(|()| true)?),
    }
}
