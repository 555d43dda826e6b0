//! `mailclerk held`: what waits for a person, and what the person decides.

use super::lists::Common;
use super::table::{show, when};
use super::{Failure, open, settings};
use crate::clock::Clock;
use crate::words::LineId;
use crate::words::numbers::CaseNumber;
use crate::worker::release::Wish;
use anyhow::{Context, anyhow};
use std::path::Path;
use uuid::Uuid;

/// What `held` is asked: without an action, the list.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Open a case for the message
    Accept {
        /// The message's id, or enough of its end to be the only one
        id: String,
        /// The line, where the message names none
        #[arg(long)]
        line: Option<String>,
    },
    /// Return it, naming what is missing
    Return {
        /// The message's id, or enough of its end to be the only one
        id: String,
    },
    /// Tell the sender where to take it
    Redirect {
        /// The message's id, or enough of its end to be the only one
        id: String,
        /// The topic, as the desk's policy calls it
        topic: String,
    },
    /// Add it to a case
    Attach {
        /// The message's id, or enough of its end to be the only one
        id: String,
        /// The case's number
        case: String,
    },
    /// Send nothing and open nothing
    Drop {
        /// The message's id, or enough of its end to be the only one
        id: String,
    },
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let held = store.held(arguments.common.desk.as_deref()).await?;
        open::known_desk(&settings, arguments.common.desk.as_deref(), held.is_empty())?;
        let Some(action) = &arguments.action else {
            if arguments.common.json {
                return super::print_json(&held);
            }
            let rows = held.iter().map(|one| {
                let reasons: Vec<&str> = one.reasons.iter().map(|reason| reason.code.as_str()).collect();
                let from = one.from.as_ref().map(ToString::to_string).unwrap_or_default();
                vec![one.id.to_string(), from, one.subject.clone(), reasons.join(", "), when(one.at)]
            });
            return show(&["id", "from", "subject", "held because", "arrived"], rows, "nothing is held");
        };
        let (id, wish) = wish(action);
        let ids: Vec<Uuid> = held.iter().map(|one| one.id).collect();
        let id = choose(&ids, id)?;
        // A rehearsal's clock stands where its newest mail arrived; a live one is the machine's.
        let clock = match store.born() {
            crate::store::Birth::Live => Clock::System,
            crate::store::Birth::Rehearsal => {
                Clock::rehearsal(held.iter().map(|one| one.at).max().unwrap_or(jiff::Timestamp::UNIX_EPOCH))
            }
        };
        let worker = open::releaser(&settings, store, clock)?;
        let (decision, number) = worker.release(id, &wish).await?;
        if arguments.common.json {
            return super::print_json(&serde_json::json!({ "id": id, "decision": decision, "case": number }));
        }
        let case = number.map(|number| format!(", case {number}")).unwrap_or_default();
        super::print_line(&format!("{decision}{case}; a running `mailclerk run` sends the reply, or the next one does"))
    })
}

fn wish(action: &Action) -> (&str, Wish) {
    match action {
        Action::Accept { id, line } => (id, Wish::Accept(line.clone().map(LineId))),
        Action::Return { id } => (id, Wish::Return),
        Action::Redirect { id, topic } => (id, Wish::Redirect(topic.clone())),
        Action::Attach { id, case } => (id, Wish::Attach(CaseNumber(case.trim().to_uppercase()))),
        Action::Drop { id } => (id, Wish::Drop),
    }
}

/// The one id that ends with `text`.
pub(super) fn choose(ids: &[Uuid], text: &str) -> anyhow::Result<Uuid> {
    let wanted = text.trim().to_lowercase();
    let mut fitting = ids.iter().filter(|id| id.to_string().ends_with(&wanted));
    let first = fitting.next().with_context(|| format!("nothing in the list has the id {text:?}"))?;
    match fitting.next() {
        None if !wanted.is_empty() => Ok(*first),
        _ => Err(anyhow!("more than one id ends with {text:?}: write more of it")),
    }
}
