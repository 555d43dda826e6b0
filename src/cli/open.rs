//! From the settings to the parts: desks, keys, database, way out, mailboxes.

use super::Failure;
use crate::clock::Clock;
use crate::desk::{Desk, load};
use crate::mailbox::{FolderName, Mailbox};
use crate::settings::{self, DatabaseUrl, Environment, MailboxUrl, OutgoingUrl, SecretSource, SentCopies, Settings};
use crate::store::{Birth, Store};
use crate::transport::Transport;
use crate::webhook::Webhook;
use crate::words::keys::Keys;
use crate::worker::alarm::AlarmWays;
use crate::worker::desks::Desks;
use crate::worker::{OpenMailbox, Place, Worker};
use anyhow::{Context, anyhow, bail};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Hosts that put sent mail into the Sent folder themselves.
const FILES_SENT_ITSELF: &[&str] = &["gmail.com", "googlemail.com", "google.com", "office365.com", "outlook.com"];

/// The environment as a value.
pub(super) fn environment() -> Environment {
    std::env::vars().collect()
}

/// The desks that the settings name, or the shipped ones.
pub(super) fn desks(settings: &Settings) -> Result<BTreeMap<String, Arc<Desk>>, Failure> {
    let desks = load::load_all(settings.desks.as_deref())?;
    for mailbox in &settings.mailboxes {
        if !desks.contains_key(&mailbox.desk) {
            let known: Vec<&str> = desks.keys().map(String::as_str).collect();
            let hint = crate::strict::suggestion(&mailbox.desk, &known);
            return Err(Failure::usage(anyhow!(
                "the mailbox {} names a desk {:?} that there is not; {hint}",
                mailbox.id,
                mailbox.desk
            )));
        }
    }
    let portal: Option<Arc<str>> = settings.portal_url().map(Into::into);
    Ok(desks.into_iter().map(|(id, desk)| (id, Arc::new(Desk { portal: portal.clone(), ..desk }))).collect())
}

/// The installation's keys. Where the settings name no key file, it is made beside the database on first use.
pub(super) fn keys(config: &Path, settings: &Settings) -> anyhow::Result<Keys> {
    let path = key_file(config, settings);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && settings.key_file.is_none() => make_key(&path)?,
        Err(error) => {
            return Err(error).with_context(|| format!("failed to read the key file {}", path.display()));
        }
    };
    let master =
        settings::master_key(&text).with_context(|| format!("the key file {} cannot be used", path.display()))?;
    Ok(Keys::derive(master.expose_secret()))
}

fn key_file(config: &Path, settings: &Settings) -> PathBuf {
    if let Some(path) = &settings.key_file {
        return path.clone();
    }
    let beside = match &settings.database {
        DatabaseUrl::Sqlite(path) => path.parent(),
        DatabaseUrl::Postgres { .. } => config.parent(),
    };
    beside.unwrap_or(Path::new("")).join("mailclerk.key")
}

/// Makes a key: 32 random bytes in base64, readable by the owner alone, there whole or not at all.
fn make_key(path: &Path) -> anyhow::Result<String> {
    use base64::Engine;
    use std::os::unix::fs::OpenOptionsExt;
    let text = base64::engine::general_purpose::STANDARD.encode(entropy()?);
    let hidden = path.with_extension(format!("key.{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&hidden)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        // A link does not replace a key that another process made meanwhile.
        std::fs::hard_link(&hidden, path)
    };
    let made = write();
    let _ = std::fs::remove_file(&hidden);
    match made {
        Ok(()) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(std::fs::read_to_string(path)?),
        Err(error) => Err(error).with_context(|| format!("failed to make the key file {}", path.display())),
    }
}

/// Fresh bits from the system.
pub(super) fn entropy() -> anyhow::Result<[u8; 32]> {
    use rand::TryRng;
    let mut seed = [0; 32];
    rand::rngs::SysRng.try_fill_bytes(&mut seed).context("the system gives no random bits")?;
    Ok(seed)
}

/// The database.
pub(super) async fn store(config: &Path, settings: &Settings, birth: Birth, clock: &Clock) -> anyhow::Result<Store> {
    let keys = keys(config, settings)?;
    let password = secret(settings.database_password.as_ref())?;
    if let DatabaseUrl::Sqlite(path) = &settings.database
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
    }
    Store::open(&settings.database, password, birth, keys, clock.now()).await.context("failed to open the database")
}

/// The database as commands look at it: whatever it was born as, and never made anew.
pub(super) async fn existing_store(config: &Path, settings: &Settings) -> Result<Store, Failure> {
    if let DatabaseUrl::Sqlite(path) = &settings.database
        && !path.exists()
    {
        let remedy = "`mailclerk run` makes it, or name another settings file with --config";
        return Err(Failure::usage(anyhow!("there is no database {} yet; {remedy}", path.display())));
    }
    let keys = keys(config, settings)?;
    let password = secret(settings.database_password.as_ref())?;
    Ok(Store::open_existing(&settings.database, password, keys, Clock::System.now())
        .await
        .context("failed to open the database")?)
}

/// The worker with all its parts.
pub(super) async fn worker(
    settings: &Settings,
    store: Store,
    clock: Clock,
) -> Result<(Worker, Vec<OpenMailbox>), Failure> {
    let transport = transport(settings)?;
    if clock.is_rehearsal() && !transport.is_for_rehearsal() {
        let remedy = "set [outgoing] url to folder:PATH or to a server on this machine";
        return Err(Failure::usage(anyhow!("a rehearsal sends no mail to the outside; {remedy}")));
    }
    let (mut mailboxes, mut evidence) = (Vec::new(), Vec::new());
    for mailbox in &settings.mailboxes {
        mailboxes.push(OpenMailbox { place: place(mailbox, settings)?, mailbox: open_mailbox(mailbox)? });
        // Evidence is looked for beside the reading: a connection of its own, made only when it is needed.
        evidence.push(OpenMailbox { place: place(mailbox, settings)?, mailbox: open_mailbox(mailbox)? });
    }
    let mut worker = assembled(settings, store, clock, transport)?;
    worker.evidence = evidence.into();
    worker.alarm = alarm(settings, worker.clock.is_rehearsal())?;
    Ok((worker, mailboxes))
}

/// A worker that only releases what is held: it reads the store and the desks, and opens no secret of a server, so that
/// a supervisor's account needs none.
pub(super) fn releaser(settings: &Settings, store: Store, clock: Clock) -> Result<Worker, Failure> {
    let outgoing = &settings.outgoing;
    assembled(settings, store, clock, Transport::new(&outgoing.url, None, outgoing.ca_file.clone()))
}

fn assembled(settings: &Settings, store: Store, clock: Clock, transport: Transport) -> Result<Worker, Failure> {
    let mut places = BTreeMap::new();
    for mailbox in &settings.mailboxes {
        places.insert(mailbox.id.clone(), place(mailbox, settings)?);
    }
    let keys = store.keys().clone();
    // A desk without a mailbox is no desk of this installation: it sends nothing, not even a digest.
    let mut served = desks(settings)?;
    served.retain(|id, _| settings.mailboxes.iter().any(|mailbox| mailbox.desk == *id));
    let desks = Desks::watching(served, settings.desks.as_deref());
    if let Some(url) = settings.portal_url() {
        desks.open_portal(url);
    }
    let mut worker = Worker::new(desks, store, clock, keys, transport, places, entropy()?);
    worker.console = settings
        .web
        .as_ref()
        .map(|web| settings.public_url.clone().unwrap_or_else(|| format!("http://{}", web.listen)));
    Ok(worker)
}

/// Refuses a desk that there is not, where a list of its rows would be empty without a word. A desk whose policy is gone
/// may still have rows, and a policy that cannot be read is for `check` to say.
pub(super) fn known_desk(settings: &Settings, wanted: Option<&str>, found_nothing: bool) -> Result<(), Failure> {
    let (Some(wanted), true) = (wanted, found_nothing) else { return Ok(()) };
    match load::load_all(settings.desks.as_deref()) {
        Ok(desks) if !desks.contains_key(wanted) => Err(no_such_desk(wanted, &desks)),
        _ => Ok(()),
    }
}

/// That there is no desk `wanted`, and which there are: wrong use.
pub(super) fn no_such_desk(wanted: &str, desks: &BTreeMap<String, Desk>) -> Failure {
    let known: Vec<&str> = desks.keys().map(String::as_str).collect();
    let hint = crate::strict::suggestion(wanted, &known);
    Failure::usage(anyhow!("there is no desk {wanted:?}; {hint} (desks: {})", known.join(", ")))
}

/// The way out.
pub(super) fn transport(settings: &Settings) -> anyhow::Result<Transport> {
    let outgoing = &settings.outgoing;
    Ok(Transport::new(&outgoing.url, secret(outgoing.password.as_ref())?, outgoing.ca_file.clone()))
}

/// Where alarms go. A rehearsal raises none outside this machine.
pub(super) fn alarm(settings: &Settings, rehearsal: bool) -> anyhow::Result<AlarmWays> {
    let mut ways = AlarmWays::default();
    if let Some(webhook) = settings.alarm.webhook.as_ref().filter(|webhook| !(rehearsal && webhook.tls)) {
        ways.webhook = Some(Webhook {
            host: webhook.host.clone(),
            port: webhook.port,
            path: webhook.path.clone(),
            tls: webhook.tls,
            ca_file: webhook.ca_file.clone(),
            secret: secret(webhook.password.as_ref())?,
        });
    }
    if let Some((address, outgoing)) = &settings.alarm.mailbox {
        let way = Transport::new(&outgoing.url, secret(outgoing.password.as_ref())?, outgoing.ca_file.clone());
        ways.mailbox = Some((address.clone(), way)).filter(|(_, way)| !rehearsal || way.is_for_rehearsal());
    }
    Ok(ways)
}

/// One mailbox, not yet connected.
pub(super) fn open_mailbox(mailbox: &settings::Mailbox) -> anyhow::Result<Mailbox> {
    let password = secret(mailbox.password.as_ref())?;
    let named = || format!("the mailbox {} cannot be used", mailbox.id);
    Mailbox::new(&mailbox.url, password, mailbox.ca_file.clone()).with_context(named)
}

fn place(mailbox: &settings::Mailbox, settings: &Settings) -> anyhow::Result<Place> {
    let sent = match &mailbox.sent {
        Some(name) => {
            Some(FolderName::parse(name).map_err(|cause| anyhow!("{cause}")).context("`sent` names no folder")?)
        }
        None => None,
    };
    let sent_copies = mailbox.sent_copies.unwrap_or_else(|| usual_copies(&mailbox.url, &settings.outgoing.url));
    Ok(Place {
        id: mailbox.id.clone(),
        desk: mailbox.desk.clone(),
        trust: mailbox.trust.clone(),
        start: mailbox.start,
        sent,
        sent_copies,
        watched_sent: mailbox.watch_sent.then(|| mailbox.sent_id()),
    })
}

/// Who puts copies into the Sent folder where the settings do not say: the provider, if mail is read there and leaves
/// there; we, on any other server; nobody in a Maildir.
fn usual_copies(mailbox: &MailboxUrl, outgoing: &OutgoingUrl) -> SentCopies {
    let files_itself =
        |host: &str| FILES_SENT_ITSELF.iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")));
    match (mailbox, outgoing) {
        (MailboxUrl::Maildir(_), _) => SentCopies::None,
        (MailboxUrl::Imap { host, .. }, OutgoingUrl::Smtp { host: way_out, .. })
            if files_itself(host) && files_itself(way_out) =>
        {
            SentCopies::Server
        }
        (MailboxUrl::Imap { .. }, _) => SentCopies::Append,
    }
}

fn secret(source: Option<&SecretSource>) -> anyhow::Result<Option<SecretString>> {
    let Some(source) = source else { return Ok(None) };
    let secret = source.read(&environment())?;
    if let Some(warning) = secret.warning {
        tracing::warn!("{warning}");
    }
    Ok(Some(secret.value))
}

/// A rehearsal's instant: RFC 3339, or a local time in the one desk's zone.
pub(super) fn instant(text: &str) -> anyhow::Result<jiff::Timestamp> {
    match text.parse() {
        Ok(at) => Ok(at),
        Err(_) => bail!("{text:?} is no instant: write it as 2026-11-23T10:15:00-05:00 or 2026-11-23T15:15:00Z"),
    }
}
