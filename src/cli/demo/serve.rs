//! `mailclerk demo --serve`: the console stays open over what the demo left, with an account for each of its people. Mail
//! that is written there leaves into the demo's folder, and the demo's clock goes on as time passes.

use super::super::run_command::{self, Pages};
use super::super::{Failure, open, print_line};
use crate::address::EmailAddress;
use crate::desk::access::AccountRole;
use crate::settings::{Settings, Web};
use crate::store::{Account, AccountChange, AccountState, AccountWrite, EndSessions};
use crate::web::base::{Listener, passphrase};
use crate::words::chance::Chance;
use crate::worker::{OpenMailbox, Worker};
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio_util::sync::CancellationToken;

/// Bytes of the passphrase that all of the demo's accounts have.
const PASSPHRASE_BYTES: usize = 12;

/// Serves until it is told to stop. `people` are given accounts with one fresh passphrase, which is printed.
pub(super) async fn serve(
    worker: Worker,
    mailboxes: Vec<OpenMailbox>,
    console: (Listener, Web),
    settings: &Settings,
    people: &[(EmailAddress, AccountRole)],
) -> Result<(), Failure> {
    let bytes = open::entropy()?;
    let words = URL_SAFE_NO_PAD.encode(bytes.get(..PASSPHRASE_BYTES).context("the system gives too little chance")?);
    make_accounts(&worker, people, &words).await?;
    let address = console.0.address()?;
    print_line(&format!("\nThe console is open at http://{address}/ until you press Ctrl-C. Sign in as"))?;
    for (email, role) in people {
        print_line(&format!("  {email:34} {role}"))?;
    }
    print_line(&format!("each with the passphrase  {words}"))?;
    let stop = CancellationToken::new();
    tokio::spawn(run_command::stop_on_signal(stop.clone()));
    let pages = Pages { console: Some(console), portal: None, settings };
    run_command::work(worker, mailboxes, pages, stop).await?;
    Ok(())
}

async fn make_accounts(worker: &Worker, people: &[(EmailAddress, AccountRole)], words: &str) -> anyhow::Result<()> {
    let now = worker.clock.now();
    let mut chance = Chance::from_seed(open::entropy()?);
    let hashed = passphrase::hash(words)?;
    let desks: Vec<String> = worker.desks.all().iter().map(|desk| desk.id.clone()).collect();
    for (email, role) in people {
        let account = Account {
            id: chance.id(now),
            version: 0,
            email: email.clone(),
            role: *role,
            state: AccountState::Active,
            passphrase: Some(hashed.clone()),
            codes: None,
            code_step: 0,
            made_at: now,
        };
        let write = AccountWrite {
            account: &account,
            change: AccountChange::Made,
            end: EndSessions::None,
            by: "command",
            desks: &desks,
            now,
        };
        worker.store.write_account(&write).await?;
    }
    Ok(())
}
