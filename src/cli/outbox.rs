//! `mailclerk outbox`: mail that has not left, and what a person does about it.

use super::held::choose;
use super::lists::Common;
use super::table::{show, when};
use super::{Failure, open, settings};
use crate::clock::Clock;
use crate::gate::{Gate, GateState};
use crate::settings::Settings;
use crate::store::{Birth, Store, Turn};
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
    /// Stop automatic mail: it waits; answers and staff mail go on
    Hold {
        /// Why, for whoever looks at it later
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Let automatic mail go on, a few mails at first
    Release {
        /// Let all of it leave at once
        #[arg(long)]
        at_once: bool,
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
        let wanted = arguments.common.desk.as_deref();
        let (id, done, word) = match &arguments.action {
            Some(Action::Hold { why }) => {
                return turn(&settings, &store, wanted, Turn::Hold { why: why.as_deref() }, now, arguments.common.json)
                    .await;
            }
            Some(Action::Release { at_once }) => {
                return turn(
                    &settings,
                    &store,
                    wanted,
                    Turn::Release { at_once: *at_once },
                    now,
                    arguments.common.json,
                )
                .await;
            }
            None if arguments.common.json => return super::print_json(&rows),
            None => {
                for gate in
                    store.outbox_gates().await?.iter().filter(|gate| wanted.is_none_or(|desk| desk == gate.desk))
                {
                    if gate.state != GateState::Open {
                        super::print_line(&told(gate))?;
                    }
                }
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

/// Holds or releases the automatic mail of one desk, or of all.
async fn turn(
    settings: &Settings,
    store: &Store,
    wanted: Option<&str>,
    turn: Turn<'_>,
    now: jiff::Timestamp,
    json: bool,
) -> Result<(), Failure> {
    let desks = open::desks(settings)?;
    if let Some(wanted) = wanted.filter(|wanted| !desks.contains_key(*wanted)) {
        let known: Vec<&str> = desks.keys().map(String::as_str).collect();
        let hint = crate::strict::suggestion(wanted, &known);
        return Err(Failure::usage(anyhow!("there is no desk {wanted:?}; {hint}")));
    }
    let mut gates = Vec::new();
    for desk in desks.keys().filter(|desk| wanted.is_none_or(|wanted| wanted == *desk)) {
        gates.push(store.turn_outbox_gate(desk, turn, "command line", now).await?);
    }
    if json {
        return super::print_json(&gates);
    }
    gates.iter().try_for_each(|gate| super::print_line(&told(gate)))
}

/// How a desk's automatic mail stands, in a sentence.
pub(super) fn told(gate: &Gate) -> String {
    let desk = &gate.desk;
    let why = gate.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    let next = gate.step_at.map(|at| format!(", and goes a step on at {}", when(at))).unwrap_or_default();
    match gate.state {
        GateState::Open => format!("automatic mail of {desk} leaves"),
        GateState::Stopped => format!("automatic mail of {desk} is stopped since {}{why}{next}", when(gate.since)),
        GateState::Returning => format!("automatic mail of {desk} leaves slowly since {}{next}", when(gate.since)),
        GateState::Held => format!("automatic mail of {desk} is held by hand since {}{why}", when(gate.since)),
    }
}
