//! `mailclerk run`: the worker, for good or once, on the real clock or in a rehearsal.

use super::{Failure, logging, open, settings};
use crate::clock::Clock;
use crate::store::Birth;
use crate::web::{base, console, portal};
use crate::worker::once::Done;
use crate::worker::probe::Probe;
use anyhow::anyhow;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What `run` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do all that is there and due, in the order of its instants, then exit
    #[arg(long)]
    once: bool,
    /// Rehearse up to this instant (RFC 3339): what is new arrives then. Only with a rehearsal's database, and mail goes
    /// to a folder or to this machine only
    #[arg(long, value_name = "TIME", requires = "once")]
    at: Option<String>,
    /// Print one JSON object about what was done
    #[arg(long, requires = "once")]
    json: bool,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    logging::start(Some(&settings.log));
    settings.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let until = arguments.at.as_deref().map(open::instant).transpose().map_err(Failure::usage)?;
    let (clock, birth) = match until {
        // The clock of a rehearsal starts in the past and is moved to what is due.
        Some(_) => (Clock::rehearsal(jiff::Timestamp::UNIX_EPOCH), Birth::Rehearsal),
        None => (Clock::System, Birth::Live),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let opening = until.map_or_else(|| clock.clone(), Clock::rehearsal);
        let store = open::store(config, &settings, birth, &opening).await?;
        let (mut worker, mut mailboxes) = open::worker(&settings, store, clock).await?;
        // Where the program does not find itself, a suspect message is held without a trial.
        worker.probe = std::env::current_exe().ok().map(|program| Probe { program, config: config.to_owned() });
        let _presence = worker.store.show_presence(worker.holder).await?;
        if arguments.once {
            let done = worker.once(&mut mailboxes, until).await.map_err(Failure::try_again)?;
            report(&done, arguments.json)?;
            worker.store.close().await;
            return Ok(());
        }
        if mailboxes.is_empty() {
            return Err(Failure::usage(anyhow!("the settings name no [[mailbox]], so there is nothing to read")));
        }
        // A place that is taken shows before any mail is touched.
        let listener = match &settings.web {
            Some(web) => Some((base::bind(web.listen).await?, web.clone())),
            None => None,
        };
        let portal = match &settings.portal {
            Some(portal) => Some((base::bind(portal.web.listen).await?, portal.web.clone())),
            None => None,
        };
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        let worker = Arc::new(worker);
        let pages = match listener {
            Some((listener, web)) => {
                let site = base::Site::new(Arc::clone(&worker), web, settings.public_url.as_deref())?;
                tracing::info!(address = %listener.address()?, "the pages are served");
                Some(tokio::spawn(listener.serve(console::routes(&site), stop.clone())))
            }
            None => None,
        };
        let portal = match portal {
            Some((listener, web)) => {
                let site = base::Site::for_partners(Arc::clone(&worker), web, settings.portal_url())?;
                tracing::info!(address = %listener.address()?, "the portal is served");
                Some(tokio::spawn(listener.serve(portal::routes(&site), stop.clone())))
            }
            None => None,
        };
        tracing::info!(mailboxes = mailboxes.len(), "mailclerk is at work");
        Arc::clone(&worker).run(mailboxes, stop).await?;
        for pages in [pages, portal].into_iter().flatten() {
            pages.await?;
        }
        worker.store.close().await;
        tracing::info!("mailclerk has stopped");
        Ok(())
    })
}

fn report(done: &Done, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(done)?);
        return Ok(());
    }
    let Done { received, decided, due, sent, not_sent, left, .. } = done;
    println!("{received} received, {decided} decided, {due} due, {sent} sent, {not_sent} not sent");
    if *left > 0 {
        println!("{left} older mails were left where they are (start = \"now\")");
    }
    Ok(())
}

async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("failed to listen for signals");
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping after the step at hand");
    stop.cancel();
}
