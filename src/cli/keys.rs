//! `mailclerk keys`: the generations of the key that signs reply tokens, and a new one.

use super::table::{show, when};
use super::{Failure, open, settings};
use crate::clock::Clock;
use crate::store::{Birth, Store, TokenKey};
use anyhow::{Context, anyhow};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// What `keys` is asked: without an action, the list.
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
    /// Begin a new key for reply tokens; mail signed by older ones is believed until they are retired
    ///
    /// Each mail of ours bears a signed Message-ID, by which a reply proves which mail it answers. New mail is signed by
    /// the new key from the next message on; a running worker need not be restarted. The secret in the key file stays.
    Rotate {
        /// Also stop believing keys that were superseded at least DAYS days ago; without DAYS, all older ones at once
        ///
        /// Replies to mail that a retired key signed prove nothing any more: with `trust = "none"` staff must answer a
        /// newer mail of ours. They still reach their case, as a reply to any known mail does. Retire all at once only
        /// where a key may be known to somebody else.
        #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "0")]
        retire: Option<u32>,
    },
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let store = open::existing_store(config, &settings).await?;
        let before = store.token_keys().await?;
        let all = match &arguments.action {
            None => before,
            Some(Action::Rotate { retire }) => {
                let now = now(&store, &before).await?;
                let retire_before = retire.map(|days| days_before(now, days)).transpose()?;
                let mut desks: Vec<String> = settings.mailboxes.iter().map(|mailbox| mailbox.desk.clone()).collect();
                desks.sort();
                desks.dedup();
                store.rotate_token_key(&desks, retire_before, now).await.context("failed to rotate the token key")?
            }
        };
        if arguments.json {
            return super::print_json(&all.iter().map(|key| shown(key, &all)).collect::<Vec<_>>());
        }
        if let (Some(_), Some(newest)) = (&arguments.action, all.last()) {
            let message = format!("new mail is signed by key {} from now on; the keys are now:", newest.generation);
            super::print_line(&message)?;
        }
        let rows = all.iter().map(|key| {
            let retired = key.retired_at.map(when).unwrap_or_default();
            vec![key.generation.to_string(), when(key.began_at), state(key, &all).to_owned(), retired]
        });
        show(&["key", "since", "state", "retired"], rows, "there is no key")
    })
}

/// A rehearsal's database knows nothing of today: the instant of its newest mail is meant.
async fn now(store: &Store, keys: &[TokenKey]) -> anyhow::Result<Timestamp> {
    if store.born() == Birth::Live {
        return Ok(Clock::System.now());
    }
    let mails = store.outbox(None, true).await?;
    let instants = mails.iter().map(|mail| mail.at).chain(keys.iter().map(|key| key.began_at));
    Ok(instants.max().unwrap_or(Timestamp::UNIX_EPOCH))
}

fn days_before(now: Timestamp, days: u32) -> Result<Timestamp, Failure> {
    let length = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_sub(length).map_err(|_| Failure::usage(anyhow!("{days} days ago is before all calendars: give fewer")))
}

fn state(key: &TokenKey, all: &[TokenKey]) -> &'static str {
    match key.retired_at {
        Some(_) => "retired",
        None if all.last() == Some(key) => "signs",
        None => "believed",
    }
}

fn shown(key: &TokenKey, all: &[TokenKey]) -> serde_json::Value {
    serde_json::json!({
        "generation": key.generation,
        "began_at": key.began_at,
        "retired_at": key.retired_at,
        "state": state(key, all),
    })
}
