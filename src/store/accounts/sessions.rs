//! Who is signed in, where and since when.

use super::{ACCOUNT, Account, AccountState, EndSessions, account, append, of_realm};
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::desk::access::Realm;
use crate::store::db::Tx;
use crate::store::seal::{open_json, seal_json};
use crate::store::value::{Row, args};
use crate::store::{Result, Store, audit};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// That a session is used is written so often at most; it ends that much early at worst.
const NOTE_USE: SignedDuration = SignedDuration::from_mins(1);
/// How long a session that ended stays in the table.
const KEEP_ENDED: SignedDuration = SignedDuration::from_hours(24);
/// A session tells no more than this many things at once.
const MOST_SAID: usize = 20;

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: SignedDuration,
    /// At all.
    pub longest: SignedDuration,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Its row.
    pub id: Uuid,
    /// What its browser will show; only a keyed hash of it is kept.
    pub token: &'a str,
    /// Who signed in: the account as it was read.
    pub account: &'a Account,
    /// The time step of the code that was shown, where the account asks for one.
    pub code_step: Option<i64>,
    /// The browser in words.
    pub agent: &'a str,
    /// The throttle that is set back.
    pub throttle: Option<&'a str>,
    /// The desks in whose audit trail it stands.
    pub desks: &'a [String],
    /// When.
    pub now: Timestamp,
}

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its row.
    pub id: Uuid,
    /// When it was begun.
    pub made_at: Timestamp,
    /// When it was last used, to a minute.
    pub used_at: Timestamp,
    /// The browser in words.
    pub agent: String,
}

/// Ends sessions of an account.
pub(super) async fn end(tx: &mut Tx, account: Uuid, which: EndSessions, now: Timestamp) -> Result<u64> {
    let all = "UPDATE sessions SET ended_at = $2 WHERE account = $1 AND ended_at IS NULL";
    match which {
        EndSessions::None => Ok(0),
        EndSessions::All => tx.run(all, args![account, now]).await,
        EndSessions::Others(kept) => tx.run(&format!("{all} AND id <> $3"), args![account, now, kept]).await,
    }
}

fn session(row: &Row) -> Result<SessionRow> {
    Ok(SessionRow {
        id: row.id("id")?,
        made_at: row.time("made_at")?,
        used_at: row.time("used_at")?,
        agent: open_json(&row.bytes("sealed")?, "a session")?,
    })
}

const SESSION: &str = "s.id, s.made_at, s.used_at, s.sealed";

impl Store {
    fn token_key(&self, realm: Realm, token: &str) -> String {
        let kind = match realm {
            Realm::Staff => "session",
            Realm::Partners => "partner's session",
        };
        self.keys.lookup(kind, token)
    }

    /// Begins a session. `false`: the account was changed or ended meanwhile, or the code's time step was used already;
    /// then nothing is written.
    pub async fn begin_session(&self, new: &NewSession<'_>) -> Result<bool> {
        let mut tx = audit::begin(&self.db).await?;
        // The row is locked by this, so that of two who show the same code one comes first.
        let sql = "UPDATE accounts SET code_step = $3 \
                   WHERE id = $1 AND version = $2 AND state = 'active' AND ($4 OR code_step < $3)";
        let account = new.account;
        let step = new.code_step.unwrap_or(account.code_step);
        let arguments = args![account.id, account.version, step, new.code_step.is_none()];
        if tx.run(sql, arguments).await? == 0 {
            return Ok(false);
        }
        let old = "DELETE FROM sessions WHERE account = $1 AND made_at < $2 AND (ended_at < $2 OR used_at < $2)";
        tx.run(old, args![account.id, new.now - KEEP_ENDED]).await?;
        let sql = "INSERT INTO sessions (id, token_key, account, made_at, used_at, sealed) \
                   VALUES ($1, $2, $3, $4, $4, $5)";
        let agent = seal_json(&new.agent, "a session")?;
        tx.run(sql, args![new.id, self.token_key(account.role.realm(), new.token), account.id, new.now, agent]).await?;
        if let Some(throttle) = new.throttle {
            tx.run("DELETE FROM throttles WHERE of_key = $1", args![throttle]).await?;
        }
        let ids = [("account", self.account_key(&account.email)), ("session", new.id.to_string())];
        append(&mut tx, &self.keys, EventKind::SignedIn, ids, new.desks, new.now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// [`Store::session_in`] the console.
    pub async fn session(
        &self,
        token: &str,
        limits: SessionLimits,
        now: Timestamp,
    ) -> Result<Option<(SessionRow, Account)>> {
        self.session_in(Realm::Staff, token, limits, now).await
    }

    /// The session that this token belongs to in a realm and its account, where it has not ended and the account may sign
    /// in; that it is used is noted.
    pub async fn session_in(
        &self,
        realm: Realm,
        token: &str,
        limits: SessionLimits,
        now: Timestamp,
    ) -> Result<Option<(SessionRow, Account)>> {
        let sql = format!(
            "SELECT {SESSION}, {ACCOUNT} FROM sessions s JOIN accounts a ON a.id = s.account \
             WHERE s.token_key = $1 AND s.ended_at IS NULL AND a.state = '{}' AND {}",
            AccountState::Active,
            of_realm(realm)
        );
        let Some(row) = self.db.row(&sql, args![self.token_key(realm, token)]).await? else { return Ok(None) };
        let (session, account) = (session(&row)?, account(&row)?);
        let is_over = |since: Timestamp, limit: SignedDuration| now.duration_since(since) >= limit;
        if is_over(session.used_at, limits.idle) || is_over(session.made_at, limits.longest) {
            return Ok(None);
        }
        if now.duration_since(session.used_at) >= NOTE_USE {
            let mut tx = self.db.begin().await?;
            let sql = "UPDATE sessions SET used_at = $2 WHERE id = $1 AND used_at < $2 AND ended_at IS NULL";
            tx.run(sql, args![session.id, now]).await?;
            tx.commit().await?;
        }
        Ok(Some((session, account)))
    }

    /// The sessions of an account that have not ended, newest first.
    pub async fn sessions_of(&self, account: Uuid, limits: SessionLimits, now: Timestamp) -> Result<Vec<SessionRow>> {
        let sql = format!(
            "SELECT {SESSION} FROM sessions s WHERE s.account = $1 AND s.ended_at IS NULL AND s.made_at > $2 \
             AND s.used_at > $3 ORDER BY s.made_at DESC"
        );
        let rows = self.db.rows(&sql, args![account, now - limits.longest, now - limits.idle]).await?;
        rows.iter().map(session).collect()
    }

    /// Ends one session of an account. Gives whether there was one to end.
    pub async fn end_session(&self, account: Uuid, session: Uuid, now: Timestamp) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND account = $2 AND ended_at IS NULL";
        let ended = tx.run(sql, args![session, account, now]).await?;
        tx.commit().await?;
        Ok(ended > 0)
    }

    /// Ends sessions of an account and writes that into the audit trails of `desks`; gives how many.
    pub async fn end_sessions(
        &self,
        (account, email): (Uuid, &EmailAddress),
        which: EndSessions,
        by: &str,
        desks: &[String],
        now: Timestamp,
    ) -> Result<u64> {
        let mut tx = audit::begin(&self.db).await?;
        let ended = end(&mut tx, account, which, now).await?;
        let change = super::AccountChange::SessionsEnded.as_str().to_owned();
        let ids = [("account", self.account_key(email)), ("change", change), ("by", by.to_owned())];
        append(&mut tx, &self.keys, EventKind::AccountChanged, ids, desks, now).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Keeps a sentence for the next page of a session.
    pub async fn say(&self, session: Uuid, sentence: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "SELECT sealed_said FROM sessions WHERE id = $1 {FOR UPDATE}";
        let Some(row) = tx.row(sql, args![session]).await? else { return Ok(()) };
        let mut said = said(&row)?;
        if said.len() < MOST_SAID {
            said.push(sentence.to_owned());
        }
        let sealed = seal_json(&said, "a session")?;
        tx.run("UPDATE sessions SET sealed_said = $2 WHERE id = $1", args![session, sealed]).await?;
        tx.commit().await
    }

    /// Takes the sentences that were kept for the next page of a session.
    pub async fn take_said(&self, session: Uuid) -> Result<Vec<String>> {
        let sql = "SELECT sealed_said FROM sessions WHERE id = $1 AND sealed_said IS NOT NULL";
        if self.db.row(sql, args![session]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut tx = self.db.begin().await?;
        let found = tx.row(&format!("{sql} {{FOR UPDATE}}"), args![session]).await?;
        let said = found.as_ref().map(said).transpose()?.unwrap_or_default();
        tx.run("UPDATE sessions SET sealed_said = NULL WHERE id = $1", args![session]).await?;
        tx.commit().await?;
        Ok(said)
    }
}

fn said(row: &Row) -> Result<Vec<String>> {
    row.opt_bytes("sealed_said")?.map_or_else(|| Ok(Vec::new()), |sealed| open_json(&sealed, "a session"))
}
