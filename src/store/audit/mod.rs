//! The audit trail: every event has its row in the same transaction, one hash chain a case and one a desk for the rest.
//!
//! A row's hash is keyed (HMAC) and covers the hash before it, so that whoever can write to the database but has no key
//! can neither change, remove nor add a row unseen. Rows hold ids; content stands sealed beside them with a salted
//! digest in the chain, so that purging content leaves the chain whole and the digest mute. A checkpoint covers the heads
//! of all chains that changed since the one before it, and that one's hash: with it, all heads.

mod checkpoint;
mod export;
mod verify;

pub use checkpoint::Checkpoint;
pub use export::{ExportCheckpoint, ExportFilter, ExportPlace, ExportRow};

use super::db::{Db, Tx};
use super::rows::list;
use super::seal::seal;
use super::time::to_text;
use super::value::args;
use super::{Result, Store, StoreError};
use crate::effects::{Chain, EventWrite};
use crate::words::keys::Keys;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// PostgreSQL's lock: shared by those who write rows, alone for who writes a checkpoint.
const EPOCH_LOCK: i64 = 0x6d61_696c_636c_0002;
/// The name of a desk's own chain; others bear the id of their case.
pub(super) const DESK_CHAIN: &str = "desk";

/// The head of a chain.
#[derive(Clone, Debug, Default)]
struct Head {
    seq: i64,
    hash: String,
}

/// Begins a transaction that writes audit rows. The lock comes before all others, so that nobody waits in a ring.
pub(super) async fn begin(db: &Db) -> Result<Tx> {
    let mut tx = db.begin().await?;
    if tx.is_postgres() {
        tx.run("SELECT pg_advisory_xact_lock_shared($1)", args![EPOCH_LOCK]).await?;
    }
    Ok(tx)
}

/// Appends events to their chains, in order; the transaction was begun by [`begin`].
pub(super) async fn append(tx: &mut Tx, keys: &Keys, events: &[(String, Timestamp, &EventWrite)]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let epoch = epoch(tx).await?;
    let chains = events.iter().map(|(desk, _, event)| (desk.clone(), chain_name(event.chain)));
    let mut heads: BTreeMap<(String, String), Head> = chains.map(|chain| (chain, Head::default())).collect();
    lock_heads(tx, &mut heads).await?;
    let mut rows = Vec::with_capacity(events.len());
    let mut accounts = Vec::new();
    for (desk, at, event) in events {
        let chain = chain_name(event.chain);
        let ids = serde_json::to_string(&event.ids).map_err(|_| StoreError::Corrupt("ids"))?;
        let (salt, sealed, digest) = content(keys, event)?;
        let head = heads.entry((desk.clone(), chain.clone())).or_default();
        head.seq += 1;
        let kind = event.kind.as_str();
        let link =
            Link { desk, chain: &chain, seq: head.seq, epoch, at: *at, kind, ids: &ids, digest: digest.as_deref() };
        head.hash = link.hash(keys, &head.hash);
        let hash = head.hash.as_str();
        accounts.extend(event.ids.get("account").map(|account| args![desk, account, *at, &chain, head.seq]));
        rows.push(args![desk, chain, head.seq, epoch, *at, kind, ids, digest, salt, sealed, hash]);
    }
    let head = "INSERT INTO audit_rows (desk, chain, seq, epoch, at, kind, ids, digest, salt, sealed, hash) VALUES";
    tx.run_rows(head, "", rows).await?;
    let head = "INSERT INTO audit_accounts (desk, account_key, at, chain, seq) VALUES";
    tx.run_rows(head, "", accounts).await?;
    let rows = heads.into_iter().map(|((desk, chain), head)| args![desk, chain, head.seq, epoch, head.hash]);
    let head = "UPDATE audit_heads SET seq = v.column3, epoch = v.column4, hash = v.column5 FROM (VALUES";
    let tail = ") AS v WHERE audit_heads.desk = v.column1 AND audit_heads.chain = v.column2";
    tx.run_rows(head, tail, rows.collect()).await.map(drop)
}

/// How many checkpoints were written.
async fn epoch(tx: &mut Tx) -> Result<i64> {
    let row = tx.row("SELECT MAX(seq) AS seq FROM audit_checkpoints", args![]).await?;
    Ok(row.map(|row| row.opt_int("seq")).transpose()?.flatten().unwrap_or(0))
}

/// Makes and locks the heads of chains, in one order for all, and reads them.
async fn lock_heads(tx: &mut Tx, heads: &mut BTreeMap<(String, String), Head>) -> Result<()> {
    let rows = heads.keys().map(|(desk, chain)| args![desk, chain, 0i64, 0i64, ""]).collect();
    let head = "INSERT INTO audit_heads (desk, chain, seq, epoch, hash) VALUES";
    tx.run_rows(head, "ON CONFLICT (desk, chain) DO NOTHING", rows).await?;
    let mut by_desk: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (desk, chain) in heads.keys() {
        by_desk.entry(desk.clone()).or_default().push(chain.clone());
    }
    for (desk, chains) in by_desk {
        let mut arguments = args![desk.as_str()];
        let chains = list(&mut arguments, chains, "".into());
        let sql = format!(
            "SELECT chain, seq, hash FROM audit_heads WHERE desk = $1 AND chain IN ({chains}) \
             ORDER BY chain {{FOR UPDATE}}"
        );
        for row in tx.rows(&sql, arguments).await? {
            heads.insert((desk.clone(), row.text("chain")?), Head { seq: row.int("seq")?, hash: row.text("hash")? });
        }
    }
    Ok(())
}

fn chain_name(chain: Chain) -> String {
    match chain {
        Chain::Case(id) => id.to_string(),
        Chain::Desk => DESK_CHAIN.to_owned(),
    }
}

type Content = (Option<Vec<u8>>, Option<Vec<u8>>, Option<String>);

/// Salt, sealed content and digest.
fn content(keys: &Keys, event: &EventWrite) -> Result<Content> {
    let Some(content) = &event.content else { return Ok((None, None, None)) };
    let payload = serde_json::to_vec(content).map_err(|_| StoreError::Corrupt("an event's content"))?;
    // Chance decides nothing here: the salt only makes the digest mute once it is purged together with the content.
    let salt: [u8; 16] = rand::random();
    let digest = keys.content_digest(&salt, &payload);
    Ok((Some(salt.to_vec()), Some(seal(&payload)), Some(digest)))
}

/// What a row's hash covers.
struct Link<'a> {
    desk: &'a str,
    chain: &'a str,
    seq: i64,
    epoch: i64,
    at: Timestamp,
    kind: &'a str,
    ids: &'a str,
    digest: Option<&'a str>,
}

impl Link<'_> {
    fn hash(&self, keys: &Keys, before: &str) -> String {
        let (seq, epoch, at) = (self.seq.to_string(), self.epoch.to_string(), to_text(self.at));
        let digest = self.digest.map_or_else(|| "-".to_owned(), |digest| format!("+{digest}"));
        let parts = [self.desk, self.chain, &seq, &epoch, &at, self.kind, self.ids, &digest];
        keyed_hash(keys, before, &parts)
    }
}

/// A keyed hash over a hash and parts that are told apart by their lengths.
fn keyed_hash(keys: &Keys, before: &str, parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    keys.content_digest(before.as_bytes(), &bytes)
}

impl Store {
    /// Purges sealed content older than `before`: raw bytes and texts of decided messages, words of messages in
    /// conversations, and the contents of audit rows with their salts. Gives how many rows lost theirs. What stands in
    /// cases and pending requests stays; so do the chains. What waits for a person is left alone.
    pub async fn purge_content(&self, desk: &str, before: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let old = "SELECT id FROM messages WHERE desk = $1 AND decided_at < $2 AND state = 'decided'";
        let arguments = || args![desk, before];
        let mut purged = 0;
        for sql in [
            format!("DELETE FROM message_raws WHERE message IN ({old})"),
            format!("UPDATE message_decisions SET sealed = NULL WHERE sealed IS NOT NULL AND message IN ({old})"),
            format!("UPDATE message_links SET sealed = NULL WHERE sealed IS NOT NULL AND message IN ({old})"),
            "UPDATE audit_rows SET sealed = NULL, salt = NULL WHERE desk = $1 AND at < $2 AND sealed IS NOT NULL"
                .into(),
            "UPDATE list_entries SET sealed = NULL WHERE desk = $1 AND at < $2 AND sealed IS NOT NULL".into(),
        ] {
            purged += tx.run(&sql, arguments()).await?;
        }
        tx.commit().await?;
        Ok(purged)
    }
}
