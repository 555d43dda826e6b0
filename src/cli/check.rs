//! `mailclerk check`: settings, desks, every template with every variable, and a live look at each server.

use super::{Failure, open};
use crate::clock::Clock;
use crate::desk::load;
use crate::effects::MailState;
use crate::gate::GateState;
use crate::mailbox::{FolderName, Mailbox, SentFolder};
use crate::settings::{self, DatabaseUrl};
use crate::store::{Birth, StoreError};
use crate::{compose, desk};
use anyhow::anyhow;
use std::collections::BTreeMap;
use std::path::Path;

/// What `check` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Look at no server: settings, desks and templates only
    #[arg(long)]
    offline: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One thing looked at.
#[derive(Debug, serde::Serialize)]
struct Finding {
    /// What was looked at.
    what: String,
    /// `ok`, `warning` or `fault`.
    outcome: &'static str,
    /// What was found, and the remedy.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = super::settings::read_existing(config)?;
    let mut findings = vec![ok(format!("settings {}", config.display()))];
    findings.extend(settings.warnings.iter().map(|text| warning("settings", text.clone())));
    let desks = open::desks(&settings)?;
    let today = |desk: &desk::Desk| desk.calendar.local(Clock::System.now()).date();
    for desk in desks.values() {
        findings.push(ok(format!("desk {}", desk.id)));
        findings.extend(
            desk::warnings(desk, today(desk)).into_iter().map(|text| warning(&format!("desk {}", desk.id), text)),
        );
        let faults = compose::check::check(desk);
        findings.extend(faults.into_iter().map(|found| fault(&format!("templates of {}", desk.id), found.to_string())));
    }
    if let Some(folder) = &settings.desks {
        findings.extend(load::notes(folder).into_iter().map(|text| warning("desks", text)));
    }
    if !arguments.offline {
        super::block_on(async {
            look_at_servers(config, &settings, &mut findings).await;
            Ok(())
        })?;
    }
    let faults = findings.iter().filter(|finding| finding.outcome == "fault").count();
    if arguments.json {
        super::print_json(&findings)?;
    } else {
        for Finding { what, outcome, detail } in &findings {
            super::print_line(&format!("{outcome:<8} {what}{}{detail}", if detail.is_empty() { "" } else { ": " }))?;
        }
    }
    match faults {
        0 => Ok(()),
        1 => Err(Failure::from(anyhow!("1 fault was found; see above"))),
        more => Err(Failure::from(anyhow!("{more} faults were found; see above"))),
    }
}

async fn look_at_servers(config: &Path, settings: &crate::settings::Settings, findings: &mut Vec<Finding>) {
    findings.push(look_at_database(config, settings).await);
    look_at_gates(config, settings, findings).await;
    look_at_alarm(settings, findings).await;
    for mailbox in &settings.mailboxes {
        let what = format!("mailbox {}", mailbox.id);
        let looked = match open::open_mailbox(mailbox) {
            Ok(mut opened) => {
                let state = opened.state().await.map_err(|error| error.to_string());
                if mailbox.watch_sent && state.is_ok() {
                    findings.push(look_at_sent(mailbox, &mut opened).await);
                }
                opened.close().await;
                state
            }
            Err(error) => Err(format!("{error:#}")),
        };
        findings.push(match looked {
            Ok(state) if state.read_only => warning(&what, "nothing can be filed: the server lets us read only".into()),
            Ok(state) => Finding { what, outcome: "ok", detail: format!("{} mails in it", state.exists) },
            Err(why) => fault(&what, why),
        });
    }
    let sent = match open::transport(settings) {
        Ok(transport) => transport.check().await.map_err(|error| error.to_string()),
        Err(error) => Err(format!("{error:#}")),
    };
    findings.push(match sent {
        Ok(()) => ok("outgoing mail".to_owned()),
        Err(why) => fault("outgoing mail", why),
    });
}

/// The database, whatever it was made for; one that is not there yet is left to `run`, which knows for what to make it.
async fn look_at_database(config: &Path, settings: &settings::Settings) -> Finding {
    let what = "database".to_owned();
    let later = "there is none yet; `run` makes it";
    if let DatabaseUrl::Sqlite(path) = &settings.database
        && !path.exists()
    {
        return Finding { what, outcome: "ok", detail: later.to_owned() };
    }
    match open::existing_store(config, settings).await {
        Ok(store) => {
            let detail = match store.born() {
                Birth::Live => String::new(),
                Birth::Rehearsal => "it was made for rehearsals, and no live mail is worked with it".to_owned(),
            };
            store.close().await;
            Finding { what, outcome: "ok", detail }
        }
        Err(failure) => match failure.error.downcast_ref::<StoreError>() {
            Some(StoreError::NotThere) => Finding { what, outcome: "ok", detail: later.to_owned() },
            _ => fault(&what, format!("{:#}", failure.error)),
        },
    }
}

/// What is stopped, what waits for a secure way, and alarms that nobody got.
async fn look_at_gates(config: &Path, settings: &settings::Settings, findings: &mut Vec<Finding>) {
    if matches!(&settings.database, DatabaseUrl::Sqlite(path) if !path.exists()) {
        return;
    }
    let Ok(store) = open::existing_store(config, settings).await else { return };
    for gate in store.outbox_gates().await.unwrap_or_default() {
        if gate.state != GateState::Open {
            findings.push(warning(&format!("outbox of {}", gate.desk), super::outbox::told(&gate)));
        }
    }
    if let Ok(rows) = store.outbox(None, false).await {
        let waiting = rows.iter().filter(|row| row.state == MailState::WaitingSecure);
        let mut by_desk: BTreeMap<&str, usize> = BTreeMap::new();
        waiting.for_each(|row| *by_desk.entry(&row.desk).or_default() += 1);
        for (desk, count) in by_desk {
            let what = if count == 1 { "1 mail waits".to_owned() } else { format!("{count} mails wait") };
            let detail = format!("{what} for a secure way to people outside; see [secure] in the desk's policy");
            findings.push(warning(&format!("outbox of {desk}"), detail));
        }
    }
    if let Ok((count @ 1.., Some(oldest))) = store.undelivered_alarms().await {
        let detail = format!("{count} not delivered, the oldest of {oldest}; they are tried again");
        findings.push(warning("alarm", detail));
    }
    store.close().await;
}

/// The second way, without raising an alarm.
async fn look_at_alarm(settings: &settings::Settings, findings: &mut Vec<Finding>) {
    let ways = match open::alarm(settings, false) {
        Ok(ways) => ways,
        Err(error) => return findings.push(fault("alarm", format!("{error:#}"))),
    };
    if let Some(webhook) = &ways.webhook {
        let looked = webhook.check().await.map_err(|error| error.to_string());
        findings.push(looked.map_or_else(|why| fault("alarm webhook", why), |()| ok("alarm webhook".to_owned())));
    }
    if let Some((_, way)) = &ways.mailbox {
        let looked = way.check().await.map_err(|error| error.to_string());
        findings.push(looked.map_or_else(|why| fault("alarm mailbox", why), |()| ok("alarm mailbox".to_owned())));
    }
}

/// Which folder is watched for answers that are given by hand.
async fn look_at_sent(mailbox: &settings::Mailbox, opened: &mut Mailbox) -> Finding {
    let what = format!("sent folder of {}", mailbox.id);
    let folder = match mailbox.sent.as_deref().map(FolderName::parse).transpose() {
        Ok(folder) => folder,
        Err(cause) => return fault(&what, format!("`sent` names no folder: {cause}")),
    };
    match opened.sent_state(folder.as_ref()).await {
        Ok(Some(SentFolder { name, state })) => {
            let detail = format!("{name} is watched for answers given by hand; {} mails in it", state.exists);
            Finding { what, outcome: "ok", detail }
        }
        Ok(None) => {
            let named = mailbox.sent.as_deref().unwrap_or("the one that the server marks, else Sent");
            let remedy = "if sent mail is kept elsewhere, name that folder with `sent`, or set `watch_sent = false`";
            let detail = format!("there is none yet ({named}); it is watched when it comes; {remedy}");
            Finding { what, outcome: "ok", detail }
        }
        Err(error) => fault(&what, error.to_string()),
    }
}

fn ok(what: String) -> Finding {
    Finding { what, outcome: "ok", detail: String::new() }
}

fn warning(what: &str, detail: String) -> Finding {
    Finding { what: what.to_owned(), outcome: "warning", detail }
}

fn fault(what: &str, detail: String) -> Finding {
    Finding { what: what.to_owned(), outcome: "fault", detail }
}
