//! `mailclerk run`: the worker, for good or once, on the real clock or in a rehearsal.

use super::{Failure, logging, open, settings};
use crate::clock::Clock;
use crate::settings::{Settings, Web};
use crate::store::Birth;
use crate::web::base::Listener;
use crate::web::{base, console, portal};
use crate::worker::once::Done;
use crate::worker::probe::Probe;
use crate::worker::{OpenMailbox, Worker};
use anyhow::anyhow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often a rehearsal's clock is moved while it goes on with the time that passes.
const STEP_OF_TIME: Duration = Duration::from_millis(100);

/// What `run` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do all that is there and due, in the order of its instants, then exit
    #[arg(long)]
    once: bool,
    /// Rehearse up to this instant (RFC 3339): what is new arrives then. Only with a rehearsal's database, and mail goes
    /// to a folder or to this machine only. Without --once, go on from there as the time goes on
    #[arg(long, value_name = "TIME")]
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
        let pages = match &settings.web {
            Some(web) => Some((base::bind(web.listen).await?, web.clone())),
            None => None,
        };
        let portal = match &settings.portal {
            Some(portal) => Some((base::bind(portal.web.listen).await?, portal.web.clone())),
            None => None,
        };
        if let Some(until) = until {
            worker.once(&mut mailboxes, Some(until)).await.map_err(Failure::try_again)?;
        }
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        tracing::info!(mailboxes = mailboxes.len(), "mailclerk is at work");
        let pages = Pages { console: pages, portal, settings: &settings };
        work(worker, mailboxes, pages, stop).await?;
        tracing::info!("mailclerk has stopped");
        Ok(())
    })
}

/// The pages that are served beside the worker's loops.
pub(super) struct Pages<'a> {
    pub(super) console: Option<(Listener, Web)>,
    pub(super) portal: Option<(Listener, Web)>,
    pub(super) settings: &'a Settings,
}

impl Pages<'_> {
    /// Serves them until `stop` is cancelled.
    fn serve(self, worker: &Arc<Worker>, stop: &CancellationToken) -> anyhow::Result<Vec<JoinHandle<()>>> {
        let mut serving = Vec::new();
        if let Some((listener, web)) = self.console {
            let site = base::Site::new(Arc::clone(worker), web, self.settings.public_url.as_deref())?;
            tracing::info!(address = %listener.address()?, "the pages are served");
            serving.push(tokio::spawn(listener.serve(console::routes(&site), stop.clone())));
        }
        if let Some((listener, web)) = self.portal {
            let site = base::Site::for_partners(Arc::clone(worker), web, self.settings.portal_url())?;
            tracing::info!(address = %listener.address()?, "the portal is served");
            serving.push(tokio::spawn(listener.serve(portal::routes(&site), stop.clone())));
        }
        Ok(serving)
    }
}

/// The worker's loops and the pages, until told to stop. A rehearsal's clock goes on with the time that passes.
pub(super) async fn work(
    worker: Worker,
    mailboxes: Vec<OpenMailbox>,
    pages: Pages<'_>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let worker = Arc::new(worker);
    if worker.clock.is_rehearsal() {
        tokio::spawn(pass_time(worker.clock.clone(), stop.clone()));
    }
    let pages = pages.serve(&worker, &stop)?;
    Arc::clone(&worker).run(mailboxes, stop).await?;
    for one in pages {
        one.await?;
    }
    worker.store.close().await;
    Ok(())
}

/// Moves a rehearsal's clock on as fast as time passes.
async fn pass_time(clock: Clock, stop: CancellationToken) {
    let (from, begun) = (clock.now(), tokio::time::Instant::now());
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(STEP_OF_TIME) => {}
        }
        if let Ok(now) = from.checked_add(begun.elapsed()) {
            clock.advance_to(now);
        }
    }
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

pub(super) async fn stop_on_signal(stop: CancellationToken) {
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
