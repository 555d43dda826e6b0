//! What a batch was decided from, as it stands now: read, locked, and changed in memory as elements are accepted, so
//! that a later element of the batch may build on an earlier one.

use crate::address::EmailAddress;
use crate::case::ClockState;
use crate::case::standing::Target;
use crate::effects::{CORRECTED, Chain, ClockChoice, Effects, MailState};
use crate::faults;
use crate::store::db::Tx;
use crate::store::rows::list;
use crate::store::seal::{address_key, seal_json};
use crate::store::value::{Value, args};
use crate::store::{Committed, MessageState, Result, StoreError};
use crate::words::Decision;
use crate::words::keys::Keys;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// What stands.
#[derive(Default)]
pub(super) struct Known {
    /// Messages: desk, state, whether the caller holds the lease, and how they were decided.
    messages: HashMap<Uuid, (String, MessageState, bool, Option<Decision>)>,
    /// Requesters by desk and key: the version.
    pub(super) requesters: BTreeMap<(String, String), i64>,
    /// Cases: the version.
    cases: HashMap<Uuid, i64>,
    /// Pending requests: the version.
    pendings: HashMap<Uuid, i64>,
    /// Clocks that are triggers: whether they run.
    clocks: HashMap<Uuid, bool>,
    /// Mails that a person changes: their state, and whether they were corrected.
    mails: HashMap<Uuid, (MailState, bool)>,
    /// Mails that are to be released: what of them is sealed, while they wait for a secure way.
    pub(super) waiting: HashMap<Uuid, Vec<u8>>,
}

/// Rows that a group names, each table's in one order, so that two commits never wait for each other in a ring.
#[derive(Default)]
struct Named {
    messages: BTreeSet<Uuid>,
    requesters: BTreeMap<(String, String), EmailAddress>,
    cases: BTreeSet<Uuid>,
    pendings: BTreeSet<Uuid>,
    clocks: BTreeSet<Uuid>,
    mails: BTreeSet<Uuid>,
    waiting: BTreeSet<Uuid>,
}

impl Known {
    /// Reads and locks what `group` names.
    pub(super) async fn load(
        tx: &mut Tx,
        keys: &Keys,
        group: &[&Effects],
        fences: &[(Uuid, i64)],
        now: Timestamp,
    ) -> Result<Self> {
        let named = Named::of(keys, group);
        let mut known = Self::default();
        known.load_messages(tx, named.messages, fences).await?;
        known.load_requesters(tx, named.requesters, now).await?;
        known.cases = versions(tx, "cases", named.cases).await?;
        known.pendings = versions(tx, "pendings", named.pendings).await?;
        known.load_clocks(tx, named.clocks).await?;
        known.load_mails(tx, named.mails).await?;
        known.load_waiting(tx, named.waiting).await?;
        Ok(known)
    }

    async fn load_waiting(&mut self, tx: &mut Tx, ids: BTreeSet<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, ids, Uuid::nil().into());
        let sql = format!("SELECT id, state, sealed FROM mails WHERE id IN ({ids}) ORDER BY id {{FOR UPDATE}}");
        for row in tx.rows(&sql, arguments).await? {
            if row.word("state", MailState::from_word)? == MailState::WaitingSecure {
                self.waiting.insert(row.id("id")?, row.bytes("sealed")?);
            }
        }
        Ok(())
    }

    async fn load_messages(&mut self, tx: &mut Tx, ids: BTreeSet<Uuid>, fences: &[(Uuid, i64)]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, ids, Uuid::nil().into());
        let sql = format!(
            "SELECT id, desk, state, fence, decision FROM messages WHERE id IN ({ids}) ORDER BY id {{FOR UPDATE}}"
        );
        for row in tx.rows(&sql, arguments).await? {
            let (id, fence) = (row.id("id")?, row.int("fence")?);
            let is_held_by_caller = fences.contains(&(id, fence));
            let state = row.word("state", MessageState::from_word)?;
            let (is_held_by_caller, state) = if faults::is_on("fence_ignored") && fences.iter().any(|one| one.0 == id) {
                (true, MessageState::Recorded)
            } else {
                (is_held_by_caller, state)
            };
            let decision = row.opt_word("decision", Decision::from_word)?;
            self.messages.insert(id, (row.text("desk")?, state, is_held_by_caller, decision));
        }
        Ok(())
    }

    /// Requesters get their row first: two commits that both meet a new one then wait for each other here.
    async fn load_requesters(
        &mut self,
        tx: &mut Tx,
        named: BTreeMap<(String, String), EmailAddress>,
        now: Timestamp,
    ) -> Result<()> {
        let mut by_desk: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut rows = Vec::with_capacity(named.len());
        for ((desk, key), address) in named {
            let sealed = seal_json(&address, "a requester")?;
            rows.push(args![desk.as_str(), key.as_str(), 0i64, false, now, now, sealed]);
            by_desk.entry(desk).or_default().push(key);
        }
        let head =
            "INSERT INTO requesters (desk, address_key, version, bounced_hard, first_at, last_at, sealed) VALUES";
        tx.run_rows(head, "ON CONFLICT (desk, address_key) DO NOTHING", rows).await?;
        for (desk, keys) in by_desk {
            let mut arguments = args![desk.as_str()];
            let keys = list(&mut arguments, keys, "".into());
            let sql = format!(
                "SELECT address_key, version FROM requesters WHERE desk = $1 AND address_key IN ({keys}) \
                 ORDER BY address_key {{FOR UPDATE}}"
            );
            for row in tx.rows(&sql, arguments).await? {
                self.requesters.insert((desk.clone(), row.text("address_key")?), row.int("version")?);
            }
        }
        Ok(())
    }

    async fn load_clocks(&mut self, tx: &mut Tx, ids: BTreeSet<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, ids, Uuid::nil().into());
        let sql = format!("SELECT id, state FROM clocks WHERE id IN ({ids}) ORDER BY id {{FOR UPDATE}}");
        for row in tx.rows(&sql, arguments).await? {
            let state = row.word("state", ClockState::from_word)?;
            self.clocks.insert(row.id("id")?, state == ClockState::Running);
        }
        Ok(())
    }

    async fn load_mails(&mut self, tx: &mut Tx, ids: BTreeSet<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, ids, Uuid::nil().into());
        let sql = format!("SELECT id, state, why FROM mails WHERE id IN ({ids}) ORDER BY id {{FOR UPDATE}}");
        for row in tx.rows(&sql, arguments).await? {
            let is_corrected = row.opt_text("why")?.is_some_and(|why| why == CORRECTED);
            self.mails.insert(row.id("id")?, (row.word("state", MailState::from_word)?, is_corrected));
        }
        Ok(())
    }

    /// Whether all that an element was decided from still stands; if so, what it changes is noted.
    pub(super) fn judge(&mut self, keys: &Keys, effects: &Effects) -> Committed {
        if self.stands(keys, effects) {
            self.note(keys, effects);
            Committed::Written
        } else {
            Committed::Stale
        }
    }

    fn stands(&self, keys: &Keys, effects: &Effects) -> bool {
        let messages_stand = effects.decisions().all(|decided| match self.messages.get(&decided.message) {
            Some((desk, ..)) if *desk != effects.desk => false,
            Some((_, MessageState::Held, ..)) => decided.releases_held && decided.overrules.is_none(),
            Some((_, MessageState::Recorded, is_held_by_caller, _)) => *is_held_by_caller && !decided.releases_held,
            Some((_, MessageState::Decided, _, former)) => decided.overrules.is_some() && decided.overrules == *former,
            None => false,
        });
        let authors_stand = effects.decisions().all(|decided| match (&decided.author, decided.author_version) {
            (Some(author), Some(version)) => {
                let key = (effects.desk.clone(), address_key(keys, &author.address));
                self.requesters.get(&key) == Some(&version)
            }
            _ => true,
        });
        let version = |versions: &HashMap<Uuid, i64>, id: Uuid| versions.get(&id).copied().unwrap_or(0);
        let targets_stand = effects.links.iter().all(|link| match link.target {
            Target::Case(id) => self.cases.contains_key(&id) || effects.cases.iter().any(|case| case.id == id),
            Target::Pending(id) => self.pendings.contains_key(&id) || effects.pendings.iter().any(|one| one.id == id),
        });
        let clocks_stand = effects.clocks_ended.iter().all(|end| match end.which {
            ClockChoice::Row(id) => self.clocks.get(&id) == Some(&true),
            ClockChoice::AllOf(_) | ClockChoice::Kind(..) => true,
        });
        let is_unwritten = effects.written_here.as_ref().is_none_or(|one| !self.messages.contains_key(&one.id));
        let mails_stand = effects.mail_changes.iter().all(|change| {
            self.mails.get(&change.mail).is_some_and(|(state, corrected)| *state == change.was && !corrected)
        });
        if crate::faults::is_on("stale_commit_written") {
            return messages_stand;
        }
        messages_stand
            && is_unwritten
            && mails_stand
            && authors_stand
            && effects.cases.iter().all(|case| version(&self.cases, case.id) == case.version)
            && effects.pendings.iter().all(|one| version(&self.pendings, one.id) == one.version)
            && targets_stand
            && clocks_stand
            && effects.mails_released.iter().all(|release| self.waiting.contains_key(&release.mail))
    }

    fn note(&mut self, keys: &Keys, effects: &Effects) {
        for decided in effects.decisions() {
            if let Some(message) = self.messages.get_mut(&decided.message) {
                message.1 = MessageState::after(decided.decision);
                message.3 = Some(decided.decision);
            }
        }
        if let Some(written) = &effects.written_here {
            self.messages.insert(written.id, (effects.desk.clone(), MessageState::Decided, false, None));
        }
        for change in &effects.mail_changes {
            self.mails.insert(change.mail, (change.becomes, change.why == Some(CORRECTED)));
        }
        for address in requesters_of(effects) {
            let key = (effects.desk.clone(), address_key(keys, address));
            *self.requesters.entry(key).or_default() += 1;
        }
        self.cases.extend(effects.cases.iter().map(|case| (case.id, case.version + 1)));
        self.pendings.extend(effects.pendings.iter().map(|one| (one.id, one.version + 1)));
        for end in &effects.clocks_ended {
            if let ClockChoice::Row(id) = end.which {
                self.clocks.insert(id, false);
            }
        }
    }
}

/// Whose rows an element changes, as often as it does.
pub(super) fn requesters_of(effects: &Effects) -> impl Iterator<Item = &EmailAddress> {
    let authors = effects.decisions().filter_map(|decided| decided.author.as_ref()).map(|author| &author.address);
    authors.chain(effects.requesters.iter().map(|write| &write.address))
}

impl Named {
    fn of(keys: &Keys, group: &[&Effects]) -> Self {
        let mut named = Self::default();
        for effects in group {
            named.messages.extend(effects.decisions().map(|decided| decided.message));
            named.messages.extend(effects.written_here.as_ref().map(|written| written.id));
            named.mails.extend(effects.mail_changes.iter().map(|change| change.mail));
            for address in requesters_of(effects) {
                named.requesters.insert((effects.desk.clone(), address_key(keys, address)), address.clone());
            }
            named.cases.extend(effects.cases.iter().map(|case| case.id));
            named.pendings.extend(effects.pendings.iter().map(|pending| pending.id));
            for target in effects.links.iter().map(|link| link.target) {
                match target {
                    Target::Case(id) => named.cases.insert(id),
                    Target::Pending(id) => named.pendings.insert(id),
                };
            }
            // Cases with an event are touched, so that they are locked here, in order, with the others.
            named.cases.extend(effects.events.iter().filter_map(|event| match event.chain {
                Chain::Case(id) => Some(id),
                Chain::Desk => None,
            }));
            named.clocks.extend(effects.clocks_ended.iter().filter_map(|end| match end.which {
                ClockChoice::Row(id) => Some(id),
                ClockChoice::AllOf(_) | ClockChoice::Kind(..) => None,
            }));
            named.waiting.extend(effects.mails_released.iter().map(|release| release.mail));
        }
        named
    }
}

async fn versions(tx: &mut Tx, table: &'static str, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut arguments: Vec<Value> = args![];
    let ids = list(&mut arguments, ids, Uuid::nil().into());
    let sql = format!("SELECT id, version FROM {table} WHERE id IN ({ids}) ORDER BY id {{FOR UPDATE}}");
    let rows = tx.rows(&sql, arguments).await?;
    rows.iter().map(|row| Ok::<_, StoreError>((row.id("id")?, row.int("version")?))).collect()
}
