//! The worker: receive, judge, file, dispatch, tick; each a step that can be driven by hand, and the loops over them.
//!
//! The order that loses nothing: raw bytes are committed, then a decision with all that it writes, then the mailbox is
//! touched; mail is sent only from committed rows. A crash between any two steps leaves work that the next run finds.

pub mod acts;
pub mod alarm;
mod assign;
mod checkpoint;
pub mod desks;
mod digest;
pub mod dispatch;
mod enclosures;
pub mod evidence;
pub mod filing;
mod gate;
mod index;
pub mod judge;
pub mod once;
pub mod portal;
mod presence;
pub mod probe;
mod promise;
mod reader;
pub mod receive;
pub mod release;
mod reload;
pub mod run;
mod secure;
pub mod sent_copies;
pub mod sent_folder;
mod staff_mail;
pub mod tick;
mod worklist;

use crate::clock::Clock;
use crate::mailbox::{FolderName, Mailbox};
use crate::settings::{SentCopies, Trust};
use crate::store::Store;
use crate::transport::Transport;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use alarm::AlarmWays;
use desks::Desks;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;
use uuid::Uuid;

/// All that the steps share.
#[derive(Debug)]
pub struct Worker {
    /// The desks, as they hold at the moment.
    pub desks: Desks,
    /// What is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The installation's keys.
    pub keys: Keys,
    /// Where mail goes.
    pub transport: Transport,
    /// Who holds leases.
    pub holder: Uuid,
    /// What is known of each mailbox, by its id.
    pub places: BTreeMap<String, Place>,
    /// Who tries a suspect message first; nobody: it is held without a trial.
    pub probe: Option<probe::Probe>,
    /// Where the console is reached, without a slash at the end; nothing: mails have no links to it.
    pub console: Option<String>,
    /// Told when mails may be waiting to leave.
    pub mails_waiting: Notify,
    /// Told when messages may be waiting to be decided.
    pub messages_waiting: Notify,
    /// Told when something may be due at once.
    pub clocks_waiting: Notify,
    /// The mailboxes once more, to look in their Sent folders for mails of unknown fate.
    pub evidence: tokio::sync::Mutex<Vec<OpenMailbox>>,
    /// Where alarms go.
    pub alarm: AlarmWays,
    outgoing: tokio::sync::Mutex<dispatch::Outgoing>,
    present: presence::Present,
    readers: reader::Readers,
    copied_alone: sent_copies::Alone,
    /// When the desks' figures were looked at last.
    gates_looked_at: Mutex<gate::LookedAt>,
    no_checkpoint_due: checkpoint::NothingDue,
    /// How often this process failed at a message without dying of it.
    failures: Mutex<HashMap<Uuid, u32>>,
    chance: Mutex<Chance>,
}

/// A mailbox's settings, as the steps need them.
#[derive(Clone, Debug)]
pub struct Place {
    /// The mailbox's id.
    pub id: String,
    /// The desk that it belongs to.
    pub desk: String,
    /// Whose headers are believed there.
    pub trust: Trust,
    /// Which mail is read on first contact.
    pub start: crate::settings::Start,
    /// The folder for sent mail, where the server's own is not meant.
    pub sent: Option<FolderName>,
    /// Who puts copies of sent mail there.
    pub sent_copies: SentCopies,
    /// The id of that folder, where it is watched for answers that are given by hand.
    pub watched_sent: Option<String>,
}

/// A mailbox with its settings.
#[derive(Debug)]
pub struct OpenMailbox {
    /// Its settings.
    pub place: Place,
    /// The connection or folder.
    pub mailbox: Mailbox,
}

impl Worker {
    /// A worker over these parts; `seed` is fresh entropy for ids and tokens.
    pub fn new(
        desks: Desks,
        store: Store,
        clock: Clock,
        keys: Keys,
        transport: Transport,
        places: BTreeMap<String, Place>,
        seed: [u8; 32],
    ) -> Self {
        let mut chance = Chance::from_seed(seed);
        let holder = chance.id(clock.now());
        Self {
            desks,
            store,
            clock,
            keys,
            transport,
            holder,
            places,
            probe: None,
            console: None,
            mails_waiting: Notify::new(),
            messages_waiting: Notify::new(),
            clocks_waiting: Notify::new(),
            evidence: tokio::sync::Mutex::default(),
            alarm: AlarmWays::default(),
            outgoing: tokio::sync::Mutex::default(),
            present: presence::Present::default(),
            readers: reader::Readers::default(),
            copied_alone: sent_copies::Alone::default(),
            gates_looked_at: Mutex::default(),
            no_checkpoint_due: checkpoint::NothingDue::default(),
            failures: Mutex::default(),
            chance: Mutex::new(chance),
        }
    }

    /// Learns of a rotation of the token key that another process made.
    pub(crate) async fn follow_token_keys(&self) -> anyhow::Result<()> {
        Ok(self.store.tell_generations(&self.keys).await?)
    }

    /// Lends the source of ids and random bits.
    pub(crate) fn with_chance<T>(&self, use_it: impl FnOnce(&mut Chance) -> T) -> T {
        use_it(&mut self.chance.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The trust of the first mailbox of a desk: how its mail is judged.
    pub(crate) fn trust_at(&self, desk: &str) -> Trust {
        let place = self.places.values().find(|place| place.desk == desk);
        place.map_or(Trust::None, |place| place.trust.clone())
    }

    /// The trust of the mailbox with this id; nothing is believed of one that the settings no longer name.
    pub(crate) fn trust_of(&self, mailbox: &str) -> &Trust {
        if mailbox == portal::PORTAL {
            return &Trust::OwnPages;
        }
        self.places.get(mailbox).map_or(&Trust::None, |place| &place.trust)
    }
}
