//! `mailclerk outbox`: mail that has not left, and what a person does about it.

use super::held::choose;
use super::lists::Common;
use super::table::{show, when};
use super::{Failure, open, settings};
use crate::clock::Clock;
use crate::store::Birth;
use anyhow::anyhow;
use std::path::Path;
use uuid::Uuid;

/// What `outbox` is asked: without an action, the list.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Sent mail too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Send a mail (again): deferred, failed, withheld, cancelled or of unknown fate
    Retry {
        /// The mail's id, or enough of its end to be the only one
        id: String,
    },
    /// Do not send a mail that has not left
    Cancel {
        /// The mail's id, or enough of its end to be the only one
        id: String,
    },
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let rows = store.outbox(arguments.common.desk.as_deref(), arguments.all || arguments.action.is_some()).await?;
        open::known_desk(&settings, arguments.common.desk.as_deref(), rows.is_empty())?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let newest = rows.iter().map(|row| row.at).max();
        let now = match store.born() {
            Birth::Live => Clock::System.now(),
            Birth::Rehearsal => newest.unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        };
        let (id, done, word) = match &arguments.action {
            None if arguments.common.json => return super::print_json(&rows),
            None => {
                let rows = rows.iter().map(|row| {
                    vec![
                        row.id.to_string(),
                        row.template.to_string(),
                        row.to.to_string(),
                        row.case.clone().unwrap_or_default(),
                        row.state.to_string(),
                        when(row.at),
                        row.why.clone().unwrap_or_default(),
                    ]
                });
                let header = &["id", "template", "to", "case", "state", "since", "why"];
                return show(header, rows, "every mail has left");
            }
            Some(Action::Retry { id }) => {
                let id = choose(&ids, id)?;
                (id, store.retry_mail(id, now).await?, "will be sent again")
            }
            Some(Action::Cancel { id }) => {
                let id = choose(&ids, id)?;
                (id, store.cancel_mail(id, now).await?, "will not be sent")
            }
        };
        if !done {
            return Err(Failure::from(anyhow!("the mail {id} is sent already, or being sent: nothing was changed")));
        }
        if arguments.common.json {
            return super::print_json(&serde_json::json!({ "id": id, "done": word }));
        }
        super::print_line(&format!("{id} {word}"))
    })
}
