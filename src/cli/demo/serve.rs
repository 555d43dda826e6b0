//! `mailclerk demo --serve`: the console stays open over what the demo left, with an account for each of its people, and
//! the portal for the agents outside. Mail that is written there leaves into the demo's folder, and the demo's clock goes
//! on as time passes.

use super::super::run_command::{self, Pages};
use super::super::{Failure, open, print_line};
use super::partners::Invited;
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
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Bytes of the passphrase that all of the demo's accounts have.
const PASSPHRASE_BYTES: usize = 12;

/// What is served, and for whom.
pub(super) struct Served<'a> {
    pub(super) console: (Listener, Web),
    pub(super) portal: (Listener, Web),
    /// Who gets an account at the console.
    pub(super) people: &'a [(EmailAddress, AccountRole)],
    /// An agent outside, for whom something waits in the portal.
    pub(super) invited: Option<Invited>,
    /// The demo's folder.
    pub(super) folder: &'a Path,
}

/// Serves until it is told to stop. The people are given accounts with one fresh passphrase, which is printed.
pub(super) async fn serve(
    worker: Worker,
    mailboxes: Vec<OpenMailbox>,
    served: Served<'_>,
    settings: &Settings,
) -> Result<(), Failure> {
    let Served { console, portal, people, invited, folder } = served;
    let bytes = open::entropy()?;
    let words = URL_SAFE_NO_PAD.encode(bytes.get(..PASSPHRASE_BYTES).context("the system gives too little chance")?);
    make_accounts(&worker, people, &words).await?;
    let address = console.0.address()?;
    print_line(&format!("\nThe console is open at http://{address}/ until you press Ctrl-C. Sign in as"))?;
    for (email, role) in people {
        print_line(&format!("  {email:34} {role}"))?;
    }
    print_line(&format!("each with the passphrase  {words}"))?;
    if let (Some(invited), Some(url)) = (&invited, settings.portal_url()) {
        tell_of_portal(invited, url, folder)?;
    }
    let stop = CancellationToken::new();
    tokio::spawn(run_command::stop_on_signal(stop.clone()));
    let pages = Pages { console: Some(console), portal: Some(portal), settings };
    run_command::work(worker, mailboxes, pages, stop).await?;
    Ok(())
}

/// How to see the portal as one of those whom it is for.
fn tell_of_portal(invited: &Invited, url: &str, folder: &Path) -> Result<(), Failure> {
    let Invited { address, file, link, mails } = invited;
    print_line(&format!(
        "\nThe portal, for agents outside, is open at {url}/ just as long. What waited for them is there now, and\n\
         {mails} mails went out that say no more than that. Be one of them, {address}: their mail is\n\
         {}/outgoing/{file}\n\
         and its link works once; it asks for a passphrase of your own choice, and then shows the case:\n  {link}",
        folder.display()
    ))
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
