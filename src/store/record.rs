//! Recording: raw bytes and the cursor behind them are committed in one transaction, before anything else is done.

use super::rows::list;
use super::seal::{content_key, seal_raw};
use super::turns::{self, Queued};
use super::value::{Value, args};
use super::{
    Arrived, QueueFacts, ReadFrom, Recorded, Result, Store, StoreError, StoredContent, StoredCursor, StoredKey,
};
use crate::message::content_hash;
use crate::store::db::Tx;
use crate::words::keys::Keys;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::Ordering;
use uuid::Uuid;

const INSERT: &str = "INSERT INTO messages (id, desk, mailbox, uid_validity, name, content_key, problem, arrived, \
                      recorded_at, state, attempts, fence, gets_reply, is_sent, turn, sender_key, own_id_key, answers_key)";

/// Where mail was read.
#[derive(Clone, Copy)]
struct Place<'a> {
    from: ReadFrom<'a>,
    desk: &'a str,
    is_sent: bool,
}

/// An arrived mail, ready to be written.
struct Ready<'a> {
    arrived: &'a Arrived,
    content_key: Option<String>,
    sealed: Option<Vec<u8>>,
}

impl Store {
    /// The instant before which a mailbox's mail is left alone; `None` on first contact.
    pub async fn mailbox_start(&self, mailbox: &str) -> Result<Option<Timestamp>> {
        let row = self.db.row("SELECT start_at FROM mailboxes WHERE mailbox = $1", args![mailbox]).await?;
        Ok(row.map(|row| row.opt_time("start_at")).transpose()?.flatten())
    }

    /// Fixes the start instant of a mailbox on first contact; a second call changes nothing. `older_left`: how many
    /// older mails are left alone.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] as [`Store::record`].
    pub async fn begin_mailbox(
        &self,
        from: impl Into<ReadFrom<'_>>,
        desk: &str,
        start: Timestamp,
        cursor: Option<StoredCursor>,
        older_left: u64,
        now: Timestamp,
    ) -> Result<()> {
        let from = from.into();
        let mut tx = self.db.begin().await?;
        from.guard(&mut tx).await?;
        let left = i64::try_from(older_left).unwrap_or(i64::MAX);
        let (uid_validity, next_uid) = numbers(cursor);
        let sql = "INSERT INTO mailboxes (mailbox, desk, start_at, older_left, first_uid_validity, uid_validity, \
                   next_uid, changed_at) VALUES ($1, $2, $3, $4, $5, $5, $6, $7) ON CONFLICT (mailbox) DO UPDATE SET \
                   start_at = excluded.start_at, older_left = excluded.older_left, changed_at = excluded.changed_at \
                   WHERE mailboxes.start_at IS NULL";
        tx.run(sql, args![from.mailbox, desk, start, left, uid_validity, next_uid, now]).await?;
        tx.commit().await
    }

    /// The UIDVALIDITY under which older mail was left behind the cursor on first contact, where there was any such.
    pub async fn first_uid_validity(&self, mailbox: &str) -> Result<Option<u32>> {
        let row = self.db.row("SELECT first_uid_validity FROM mailboxes WHERE mailbox = $1", args![mailbox]).await?;
        let first = row.map(|row| row.opt_int("first_uid_validity")).transpose()?.flatten();
        first.map(|first| u32::try_from(first).map_err(|_| StoreError::Corrupt("first_uid_validity"))).transpose()
    }

    /// How far an IMAP mailbox was read.
    pub async fn cursor(&self, mailbox: &str) -> Result<Option<StoredCursor>> {
        let sql = "SELECT uid_validity, next_uid FROM mailboxes WHERE mailbox = $1";
        let Some(row) = self.db.row(sql, args![mailbox]).await? else { return Ok(None) };
        let (Some(uid_validity), Some(next_uid)) = (row.opt_int("uid_validity")?, row.opt_int("next_uid")?) else {
            return Ok(None);
        };
        let uid_validity = u32::try_from(uid_validity).map_err(|_| StoreError::Corrupt("uid_validity"))?;
        let next_uid = u32::try_from(next_uid).map_err(|_| StoreError::Corrupt("next_uid"))?;
        Ok(Some(StoredCursor { uid_validity, next_uid }))
    }

    /// [`Store::record`] for mails of a Sent folder; `from` names the folder's own id.
    pub async fn record_sent(
        &self,
        from: impl Into<ReadFrom<'_>>,
        desk: &str,
        batch: &[Arrived],
        cursor: Option<StoredCursor>,
        now: Timestamp,
    ) -> Result<Vec<Recorded>> {
        self.keep(Place { from: from.into(), desk, is_sent: true }, batch, cursor, now).await
    }

    /// Keeps `batch` and the cursor behind it, in one transaction. Gives one answer an element, in order.
    ///
    /// The same key again is not new. Nor is a mail under a new UIDVALIDITY whose bytes stand already in the same
    /// mailbox in a row that is not filed yet: that row takes the new key, so that it is filed where it lies now.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`]: `from` names a lease that another reader has taken over; nothing is written.
    pub async fn record(
        &self,
        from: impl Into<ReadFrom<'_>>,
        desk: &str,
        batch: &[Arrived],
        cursor: Option<StoredCursor>,
        now: Timestamp,
    ) -> Result<Vec<Recorded>> {
        self.keep(Place { from: from.into(), desk, is_sent: false }, batch, cursor, now).await
    }

    async fn keep(
        &self,
        place: Place<'_>,
        batch: &[Arrived],
        cursor: Option<StoredCursor>,
        now: Timestamp,
    ) -> Result<Vec<Recorded>> {
        let Place { from: ReadFrom { mailbox, .. }, desk, .. } = place;
        let ready = self.made_ready(batch).await?;
        let mut tx = self.db.begin().await?;
        place.from.guard(&mut tx).await?;
        let mut known = standing_keys(&mut tx, mailbox, batch).await?;
        let mut unbound = unfiled_elsewhere(&mut tx, mailbox, desk, &ready, &known).await?;
        let mut recorded = Vec::with_capacity(batch.len());
        let mut new = Vec::new();
        for one in &ready {
            let key = &one.arrived.key;
            if let Some(id) = known.get(key) {
                recorded.push(Recorded { id: *id, is_new: false });
            } else if let Some(id) = take_unbound(&mut unbound, one) {
                bind(&mut tx, id, key).await?;
                known.insert(key.clone(), id);
                recorded.push(Recorded { id, is_new: false });
            } else {
                known.insert(key.clone(), one.arrived.id);
                recorded.push(Recorded { id: one.arrived.id, is_new: true });
                new.push(one);
            }
        }
        // Of one sender's mails the older has its turn before the newer, in whatever order the mailbox gives them.
        new.sort_by_key(|one| one.arrived.arrived);
        let facts: Vec<&QueueFacts> = new.iter().map(|one| &one.arrived.queue).collect();
        let queued = turns::of_messages(&mut tx, &self.keys, desk, &facts).await?;
        let overtaken = insert(&mut tx, place, &new, queued, now).await?;
        for one in recorded.iter_mut().filter(|one| one.is_new) {
            if let Some(id) = overtaken.get(&one.id) {
                *one = Recorded { id: *id, is_new: false };
            }
        }
        if let Some(cursor) = cursor {
            advance(&mut tx, mailbox, desk, cursor, now).await?;
        }
        crate::faults::point("store_record");
        tx.commit().await?;
        self.count_recorded(new.len()).await;
        Ok(recorded)
    }

    /// PostgreSQL looks at a table's size of its own accord once a minute. A burst that is faster would be recorded
    /// with plans for a small table, so it is told: after 500 rows of this process, and at each doubling.
    async fn count_recorded(&self, rows: usize) {
        let before = self.recorded.fetch_add(rows, Ordering::Relaxed);
        let doublings = |rows: usize| (rows / 500).checked_ilog2();
        if self.db.is_postgres() && doublings(before) != doublings(before.saturating_add(rows)) {
            let told = match self.db.begin().await {
                Ok(mut tx) => match tx.run("ANALYZE messages, mails", args![]).await {
                    Ok(_) => tx.commit().await,
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            };
            if let Err(error) = told {
                tracing::debug!(%error, "PostgreSQL was not told how large its tables have become");
            }
        }
    }

    /// Hashes and packs the bytes, off the threads that serve connections.
    async fn made_ready<'a>(&self, batch: &'a [Arrived]) -> Result<Vec<Ready<'a>>> {
        let raws: Vec<Option<Vec<u8>>> = batch
            .iter()
            .map(|one| match &one.content {
                StoredContent::Raw(raw) => Some(raw.clone()),
                StoredContent::Problem(_) => None,
            })
            .collect();
        let keys = self.keys.clone();
        let packed = tokio::task::spawn_blocking(move || {
            raws.into_iter().map(|raw| raw.map(|raw| packed(&keys, &raw)).transpose()).collect::<Result<Vec<_>>>()
        });
        let packed = packed.await.map_err(|_| StoreError::Corrupt("a raw mail"))??;
        let ready = batch.iter().zip(packed).map(|(arrived, packed)| {
            let (content_key, sealed) = packed.unzip();
            Ready { arrived, content_key: content_key.flatten(), sealed }
        });
        Ok(ready.collect())
    }
}

/// What bytes are found by, and the bytes packed. Nothing at all is the same as nothing: no bytes, no key.
fn packed(keys: &Keys, raw: &[u8]) -> Result<(Option<String>, Vec<u8>)> {
    let content_key = (!raw.is_empty()).then(|| content_key(keys, &content_hash(raw)));
    Ok((content_key, seal_raw(raw)?))
}

fn numbers(cursor: Option<StoredCursor>) -> (Option<i64>, Option<i64>) {
    (cursor.map(|cursor| i64::from(cursor.uid_validity)), cursor.map(|cursor| i64::from(cursor.next_uid)))
}

/// Rows that stand already under keys of the batch.
async fn standing_keys(tx: &mut Tx, mailbox: &str, batch: &[Arrived]) -> Result<HashMap<StoredKey, Uuid>> {
    let mut by_validity: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for one in batch {
        by_validity.entry(one.key.uid_validity).or_default().push(&one.key.name);
    }
    let mut known = HashMap::new();
    for (uid_validity, names) in by_validity {
        let mut arguments = args![mailbox, i64::from(uid_validity)];
        let names = list(&mut arguments, names, "".into());
        let sql =
            format!("SELECT id, name FROM messages WHERE mailbox = $1 AND uid_validity = $2 AND name IN ({names})");
        for row in tx.rows(&sql, arguments).await? {
            known.insert(StoredKey { uid_validity, name: row.text("name")? }, row.id("id")?);
        }
    }
    Ok(known)
}

/// Rows of the same mailbox with the same bytes that are not filed yet, by content: (row, its UIDVALIDITY), oldest first.
type Unbound = HashMap<String, VecDeque<(Uuid, u32)>>;

async fn unfiled_elsewhere(
    tx: &mut Tx,
    mailbox: &str,
    desk: &str,
    ready: &[Ready<'_>],
    known: &HashMap<StoredKey, Uuid>,
) -> Result<Unbound> {
    let mut unbound: Unbound = HashMap::new();
    let new = ready.iter().filter(|one| one.arrived.key.uid_validity > 0 && !known.contains_key(&one.arrived.key));
    let contents: HashSet<&String> = new.filter_map(|one| one.content_key.as_ref()).collect();
    if contents.is_empty() {
        return Ok(unbound);
    }
    let mut arguments = args![desk, mailbox];
    let contents = list(&mut arguments, contents, "".into());
    let sql = format!(
        "SELECT id, content_key, uid_validity FROM messages \
         WHERE desk = $1 AND content_key IN ({contents}) AND mailbox = $2 AND filed_at IS NULL ORDER BY arrived, id"
    );
    for row in tx.rows(&sql, arguments).await? {
        let uid_validity = u32::try_from(row.int("uid_validity")?).map_err(|_| StoreError::Corrupt("uid_validity"))?;
        unbound.entry(row.text("content_key")?).or_default().push_back((row.id("id")?, uid_validity));
    }
    Ok(unbound)
}

fn take_unbound(unbound: &mut Unbound, one: &Ready<'_>) -> Option<Uuid> {
    let now = one.arrived.key.uid_validity;
    let rows = unbound.get_mut(one.content_key.as_ref()?)?;
    let at = rows.iter().position(|(_, uid_validity)| now > 0 && *uid_validity != now)?;
    rows.remove(at).map(|(id, _)| id)
}

async fn bind(tx: &mut Tx, id: Uuid, key: &StoredKey) -> Result<()> {
    let sql = "UPDATE messages SET uid_validity = $2, name = $3 WHERE id = $1";
    tx.run(sql, args![id, i64::from(key.uid_validity), key.name.as_str()]).await.map(drop)
}

/// Writes new rows. Gives those that another process recorded first, with the row that stands.
async fn insert(
    tx: &mut Tx,
    place: Place<'_>,
    new: &[&Ready<'_>],
    queued: Vec<Queued>,
    now: Timestamp,
) -> Result<HashMap<Uuid, Uuid>> {
    let Place { from: ReadFrom { mailbox, .. }, desk, .. } = place;
    let rows = new.iter().zip(queued).map(|(one, queued)| message_row(one, place, queued, now)).collect();
    let tail = "ON CONFLICT (mailbox, uid_validity, name) DO NOTHING RETURNING id";
    let written = tx.fetch_rows(&format!("{INSERT} VALUES"), tail, rows).await?;
    let written = written.iter().map(|row| row.id("id")).collect::<Result<HashSet<_>>>()?;
    let raws = new.iter().filter(|one| written.contains(&one.arrived.id));
    let raws = raws.filter_map(|one| one.sealed.clone().map(|sealed| args![one.arrived.id, desk, sealed])).collect();
    if !crate::faults::is_on("raw_not_kept") {
        tx.run_rows("INSERT INTO message_raws (message, desk, sealed) VALUES", "", raws).await?;
    }
    let mut overtaken = HashMap::new();
    let late: Vec<&Ready<'_>> = new.iter().copied().filter(|one| !written.contains(&one.arrived.id)).collect();
    for one in late {
        let key = &one.arrived.key;
        let sql = "SELECT id FROM messages WHERE mailbox = $1 AND uid_validity = $2 AND name = $3";
        let row = tx.row(sql, args![mailbox, i64::from(key.uid_validity), key.name.as_str()]).await?;
        overtaken.insert(one.arrived.id, row.ok_or(StoreError::Corrupt("a recorded message"))?.id("id")?);
    }
    Ok(overtaken)
}

fn message_row(one: &Ready<'_>, place: Place<'_>, queued: Queued, now: Timestamp) -> Vec<Value> {
    let arrived = one.arrived;
    let problem = match &arrived.content {
        StoredContent::Raw(_) => None,
        StoredContent::Problem(why) => Some(why.as_str()),
    };
    args![
        arrived.id,
        place.desk,
        place.from.mailbox,
        i64::from(arrived.key.uid_validity),
        arrived.key.name.as_str(),
        one.content_key.clone(),
        problem,
        arrived.arrived,
        now,
        super::MessageState::Recorded.as_str(),
        0i64,
        0i64,
        false,
        place.is_sent,
        queued.turn,
        queued.sender_key,
        queued.own_id_key,
        queued.answers_key,
    ]
}

/// Moves the cursor; under the same UIDVALIDITY never back, so that two readers do not undo each other.
async fn advance(tx: &mut Tx, mailbox: &str, desk: &str, cursor: StoredCursor, now: Timestamp) -> Result<()> {
    let (uid_validity, next_uid) = numbers(Some(cursor));
    let sql = "INSERT INTO mailboxes (mailbox, desk, older_left, uid_validity, next_uid, changed_at) \
               VALUES ($1, $2, 0, $3, $4, $5) ON CONFLICT (mailbox) DO UPDATE SET next_uid = CASE \
               WHEN mailboxes.uid_validity = excluded.uid_validity AND mailboxes.next_uid > excluded.next_uid \
               THEN mailboxes.next_uid ELSE excluded.next_uid END, \
               uid_validity = excluded.uid_validity, changed_at = excluded.changed_at";
    tx.run(sql, args![mailbox, desk, uid_validity, next_uid, now]).await.map(drop)
}
