//! Who may use the pages: accounts, their sessions, and how often signing in was tried.
//!
//! Every change has its rows in the audit trails of the desks that it is about, in the same transaction; there stand the
//! account's key and what was changed, never an address.

mod sessions;
mod throttle;

pub use sessions::{NewSession, SessionLimits, SessionRow};
pub use throttle::ThrottleRule;

use super::audit;
use super::db::Tx;
use super::seal::{address_key, open_json, seal_json};
use super::value::{Row, args};
use super::{Committed, LinkKind, Result, Store};
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::desk::access::{AccountRole, Realm};
use crate::effects::{Chain, EventWrite};
use crate::words::keys::Keys;
use crate::words::word_enum;
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

word_enum! {
    /// How an account stands.
    AccountState {
        /// It may sign in.
        Active = "active",
        /// It may not; its row stays for the audit trail.
        Ended = "ended",
    }
}

word_enum! {
    /// What was changed about an account.
    AccountChange {
        /// It was made.
        Made = "made",
        /// It has another role.
        Role = "role",
        /// It has another passphrase.
        Passphrase = "passphrase",
        /// Signing in asks for a code from now on, or for codes of another secret.
        CodesOn = "codes_on",
        /// Signing in asks for no code any more.
        CodesOff = "codes_off",
        /// It was ended.
        Ended = "ended",
        /// It may sign in again.
        Reopened = "reopened",
        /// Its passphrase and its second factor were forgotten, so that the next link leads to new ones.
        Reset = "reset",
        /// Sessions of it were ended.
        SessionsEnded = "sessions_ended",
    }
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its row.
    pub id: Uuid,
    /// 0: not written yet.
    pub version: i64,
    /// Whose it is.
    pub email: EmailAddress,
    /// What they may do.
    pub role: AccountRole,
    /// How it stands.
    pub state: AccountState,
    /// The passphrase's hash, a PHC string of argon2id; `None`: nobody can sign in with a passphrase, and the next link
    /// leads a partner to a new one.
    pub passphrase: Option<String>,
    /// The secret of the second factor (RFC 6238).
    pub codes: Option<Vec<u8>>,
    /// The newest time step whose code was taken.
    pub code_step: i64,
    /// When it was made.
    pub made_at: Timestamp,
}

impl Account {
    /// Whether a link of this kind, to the address that it is of, may give it a passphrase. One that only tells of a
    /// message may where there is none, one that was asked for always; nothing does where a person ended the account.
    pub fn takes_passphrase_by(&self, link: LinkKind) -> bool {
        self.state == AccountState::Active && (link == LinkKind::Asked || self.passphrase.is_none())
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Which sessions a change of an account ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSessions {
    /// None.
    None,
    /// All but this one.
    Others(Uuid),
    /// All.
    All,
}

/// A change of an account.
#[derive(Clone, Debug)]
pub struct AccountWrite<'a> {
    /// The account as it will be; its version is the one that it was read with.
    pub account: &'a Account,
    /// What is changed.
    pub change: AccountChange,
    /// Which sessions end with it.
    pub end: EndSessions,
    /// Who did it: the key of an account, or `command`.
    pub by: &'a str,
    /// The desks in whose audit trail it stands.
    pub desks: &'a [String],
    /// When.
    pub now: Timestamp,
}

/// What an account's row seals.
#[derive(serde::Serialize, serde::Deserialize)]
struct Sealed {
    email: EmailAddress,
    passphrase: Option<String>,
    codes: Option<Vec<u8>>,
}

const ACCOUNT: &str = "a.id AS account_id, a.version, a.role, a.state, a.code_step, a.made_at AS account_made_at, a.sealed AS account_sealed";

/// Which accounts are of a realm.
fn of_realm(realm: Realm) -> &'static str {
    match realm {
        Realm::Staff => "a.role <> 'partner'",
        Realm::Partners => "a.role = 'partner'",
    }
}

fn account(row: &Row) -> Result<Account> {
    let sealed: Sealed = open_json(&row.bytes("account_sealed")?, "an account")?;
    Ok(Account {
        id: row.id("account_id")?,
        version: row.int("version")?,
        email: sealed.email,
        role: row.word("role", AccountRole::from_word)?,
        state: row.word("state", AccountState::from_word)?,
        passphrase: sealed.passphrase,
        codes: sealed.codes,
        code_step: row.int("code_step")?,
        made_at: row.time("account_made_at")?,
    })
}

impl Store {
    /// What an account stands under in audit rows and look-ups: a keyed hash of its address.
    pub fn account_key(&self, email: &EmailAddress) -> String {
        address_key(&self.keys, email)
    }

    /// What the account of an address is found by. A partner's is found by another hash than the same address's in the
    /// console, so that neither is ever taken for the other.
    fn row_key(&self, realm: Realm, email: &EmailAddress) -> String {
        match realm {
            Realm::Staff => self.account_key(email),
            Realm::Partners => self.keys.lookup("partner account", &email.key()),
        }
    }

    /// All accounts of the console, ended ones too, by address.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        self.accounts_in(Realm::Staff).await
    }

    /// All accounts of a realm, ended ones too, by address.
    pub async fn accounts_in(&self, realm: Realm) -> Result<Vec<Account>> {
        let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE {}", of_realm(realm));
        let rows = self.db.rows(&sql, args![]).await?;
        let mut all = rows.iter().map(account).collect::<Result<Vec<_>>>()?;
        all.sort_by_key(|account| account.email.key());
        Ok(all)
    }

    /// The account of an address in the console, whatever its state.
    pub async fn account(&self, email: &EmailAddress) -> Result<Option<Account>> {
        self.account_in(Realm::Staff, email).await
    }

    /// The account of an address in a realm, whatever its state.
    pub async fn account_in(&self, realm: Realm, email: &EmailAddress) -> Result<Option<Account>> {
        let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.address_key = $1 AND {}", of_realm(realm));
        self.db.row(&sql, args![self.row_key(realm, email)]).await?.as_ref().map(account).transpose()
    }

    /// The account with this row.
    pub async fn account_by_id(&self, id: Uuid) -> Result<Option<Account>> {
        let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.id = $1");
        self.db.row(&sql, args![id]).await?.as_ref().map(account).transpose()
    }

    /// Makes or changes an account, ends the sessions that the change ends, and writes its audit rows.
    /// [`Committed::Stale`]: there is one already, or it was changed meanwhile.
    pub async fn write_account(&self, write: &AccountWrite<'_>) -> Result<Committed> {
        let account = write.account;
        let sealed = Sealed {
            email: account.email.clone(),
            passphrase: account.passphrase.clone(),
            codes: account.codes.clone(),
        };
        let sealed = seal_json(&sealed, "an account")?;
        let (role, state) = (account.role.as_str(), account.state.as_str());
        let (key, row_key) = (self.account_key(&account.email), self.row_key(account.role.realm(), &account.email));
        let mut tx = audit::begin(&self.db).await?;
        let changed = if account.version == 0 {
            let sql = "INSERT INTO accounts (id, address_key, version, role, state, code_step, made_at, changed_at, \
                       sealed) VALUES ($1, $2, 1, $3, $4, $5, $6, $6, $7) ON CONFLICT (address_key) DO NOTHING";
            tx.run(sql, args![account.id, row_key, role, state, account.code_step, write.now, sealed]).await?
        } else {
            let sql = "UPDATE accounts SET version = version + 1, role = $3, state = $4, changed_at = $5, \
                       sealed = $6 WHERE id = $1 AND version = $2";
            tx.run(sql, args![account.id, account.version, role, state, write.now, sealed]).await?
        };
        if changed == 0 {
            return Ok(Committed::Stale);
        }
        sessions::end(&mut tx, account.id, write.end, write.now).await?;
        let ids = [("account", key), ("change", write.change.as_str().to_owned()), ("by", write.by.to_owned())];
        append(&mut tx, &self.keys, EventKind::AccountChanged, ids, write.desks, write.now).await?;
        tx.commit().await?;
        Ok(Committed::Written)
    }

    /// Writes that signing in with this address failed, into the audit trails of `desks`.
    pub async fn record_sign_in_failed(&self, email: &str, desks: &[String], now: Timestamp) -> Result<()> {
        let key = EmailAddress::parse(email).map_or_else(|_| "-".to_owned(), |email| self.account_key(&email));
        let mut tx = audit::begin(&self.db).await?;
        append(&mut tx, &self.keys, EventKind::SignInFailed, [("account", key)], desks, now).await?;
        tx.commit().await
    }
}

/// One event in the own chain of each desk.
async fn append<const N: usize>(
    tx: &mut Tx,
    keys: &Keys,
    kind: EventKind,
    ids: [(&str, String); N],
    desks: &[String],
    now: Timestamp,
) -> Result<()> {
    let ids: BTreeMap<String, String> = ids.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let event = EventWrite { chain: Chain::Desk, kind, ids, content: None };
    let events: Vec<_> = desks.iter().map(|desk| (desk.clone(), now, &event)).collect();
    audit::append(tx, keys, &events).await
}
