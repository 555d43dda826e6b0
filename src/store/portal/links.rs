//! Links that prove an address: 256 bits, kept as a keyed hash, good once and for 72 hours.
//!
//! A token is made of the installation's keys and its mail's id when the mail leaves. So it stands in no table, and the
//! same mail sent once more bears the same link.

use crate::address::{EmailAddress, Mailbox};
use crate::case::EventKind;
use crate::case::standing::Target;
use crate::effects::{Chain, EventWrite, MailClass, OutgoingMail};
use crate::store::db::Tx;
use crate::store::outbox::mail_rows::{MAIL, mail};
use crate::store::seal::{open_json, seal_json};
use crate::store::value::args;
use crate::store::{Result, Store, audit};
use crate::words::keys::Keys;
use crate::words::{Template, word_enum};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long a link holds.
pub const LINK_LIVES: SignedDuration = SignedDuration::from_hours(72);
/// How long the browser that used a link may come back to it: somebody who clicks twice is nobody else.
const SAME_BROWSER: SignedDuration = SignedDuration::from_mins(30);
/// How long a link that has expired is still known, so that it offers a new one.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Requests for links that are looked at in one go.
const BATCH: i64 = 50;

word_enum! {
    /// Why a link was sent.
    LinkKind {
        /// A message waits: it leads to making an account, and to signing in where there is one.
        Notice = "notice",
        /// Somebody asked for it: it leads to a new passphrase too.
        Asked = "asked",
    }
}

/// A link to the portal.
#[derive(Clone, Debug)]
pub struct PortalLink {
    /// What it is found by.
    token_key: String,
    /// The desk whose mail it stands in.
    pub desk: String,
    /// Why it was sent.
    pub kind: LinkKind,
    /// Whom it was sent to.
    pub to: Mailbox,
    /// What the mail is about.
    pub about: Option<Target>,
    /// The case's number.
    pub case_number: Option<String>,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    used_by: Option<String>,
}

impl PortalLink {
    /// Whether somebody has used it.
    pub fn is_used(&self) -> bool {
        self.used_at.is_some()
    }

    /// Whether it can still be used, by a browser with this token.
    pub fn holds(&self, keys: &Keys, visitor: Option<&str>, now: Timestamp) -> bool {
        let is_same = |by: &str| visitor.is_some_and(|visitor| by == visitor_key(keys, visitor));
        match (self.used_at, &self.used_by) {
            (None, _) => now < self.expires_at,
            (Some(at), Some(by)) => now.duration_since(at) < SAME_BROWSER && is_same(by),
            (Some(_), None) => false,
        }
    }
}

/// The token of the link that a mail bears.
pub fn portal_token(keys: &Keys, mail: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(keys.secret_of("portal link", &mail.to_string()))
}

fn token_key(keys: &Keys, token: &str) -> String {
    keys.lookup("portal link", token)
}

fn visitor_key(keys: &Keys, visitor: &str) -> String {
    keys.lookup("visitor of a portal link", visitor)
}

/// The links of mails that are written.
pub(in crate::store) async fn write_links<'a>(
    tx: &mut Tx,
    keys: &Keys,
    desk: &str,
    mails: impl Iterator<Item = (&'a OutgoingMail, Timestamp)>,
) -> Result<()> {
    let bearing = mails.filter(|(mail, _)| mail.class == MailClass::PortalNotice);
    let rows = bearing.map(|(mail, at)| {
        let kind = if mail.template == Template::PortalLink { LinkKind::Asked } else { LinkKind::Notice };
        let key = token_key(keys, &portal_token(keys, mail.id));
        args![key, mail.id, desk, kind.as_str(), at, at + LINK_LIVES]
    });
    let head = "INSERT INTO portal_links (token_key, mail, desk, kind, made_at, expires_at) VALUES";
    tx.run_rows(head, "ON CONFLICT (token_key) DO NOTHING", rows.collect()).await.map(drop)
}

impl Store {
    /// The link with this token, whether it still holds or not.
    pub async fn portal_link(&self, token: &str) -> Result<Option<PortalLink>> {
        let sql =
            "SELECT token_key, mail, desk, kind, expires_at, used_at, used_by FROM portal_links WHERE token_key = $1";
        let Some(row) = self.db.row(sql, args![token_key(&self.keys, token)]).await? else { return Ok(None) };
        let sql = format!("SELECT {MAIL} FROM mails WHERE id = $1");
        let Some(mail_row) = self.db.row(&sql, args![row.id("mail")?]).await? else { return Ok(None) };
        let mail = mail(&mail_row)?;
        Ok(Some(PortalLink {
            token_key: row.text("token_key")?,
            desk: row.text("desk")?,
            kind: row.word("kind", LinkKind::from_word)?,
            to: mail.to,
            about: mail.about,
            case_number: mail.case_number,
            expires_at: row.time("expires_at")?,
            used_at: row.opt_time("used_at")?,
            used_by: row.opt_text("used_by")?,
        }))
    }

    /// Uses a link up. `false`: another browser was faster, or it no longer holds.
    pub async fn use_portal_link(&self, link: &PortalLink, visitor: &str, now: Timestamp) -> Result<bool> {
        let by = visitor_key(&self.keys, visitor);
        let mut tx = audit::begin(&self.db).await?;
        let sql = "UPDATE portal_links SET used_at = $3, used_by = $2 \
                   WHERE token_key = $1 AND used_at IS NULL AND expires_at > $3";
        if tx.run(sql, args![link.token_key.as_str(), by.as_str(), now]).await? == 0 {
            let sql = "SELECT used_at FROM portal_links WHERE token_key = $1 AND used_by = $2 AND used_at > $3";
            let again = tx.row(sql, args![link.token_key.as_str(), by, now - SAME_BROWSER]).await?;
            return Ok(again.is_some());
        }
        let ids = [("account", self.account_key(&link.to.address)), ("kind", link.kind.to_string())];
        let ids: BTreeMap<_, _> = ids.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let chain = match link.about {
            Some(Target::Case(case)) => Chain::Case(case),
            Some(Target::Pending(_)) | None => Chain::Desk,
        };
        let event = EventWrite { chain, kind: EventKind::PortalLinkUsed, ids, content: None };
        audit::append(&mut tx, &self.keys, &[(link.desk.clone(), now, &event)]).await?;
        tx.run("DELETE FROM portal_links WHERE expires_at < $1", args![now - KEEP]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A link has done what it was for: not even the browser that used it comes back to it.
    pub async fn burn_portal_link(&self, link: &PortalLink) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.run("UPDATE portal_links SET used_by = NULL WHERE token_key = $1", args![link.token_key.as_str()]).await?;
        tx.commit().await
    }

    /// Keeps that somebody asked for a new link to `address`, as it was typed: whether there is anything for it is not
    /// looked at here.
    pub async fn ask_portal_link(&self, id: Uuid, address: &str, now: Timestamp) -> Result<()> {
        let sealed = seal_json(&address, "a question for a link")?;
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO portal_asked (id, asked_at, sealed) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
        tx.run(sql, args![id, now, sealed]).await?;
        tx.commit().await
    }

    /// Takes questions for links: whoever gets one answers it, and one that is lost in a crash is asked again.
    pub async fn take_asked_links(&self) -> Result<Vec<String>> {
        if self.db.row("SELECT id FROM portal_asked LIMIT 1", args![]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut tx = self.db.begin().await?;
        // Ids grow with time, so that the oldest stand first in their own index.
        let sql = "DELETE FROM portal_asked WHERE id IN (SELECT id FROM portal_asked ORDER BY id LIMIT $1) \
                   RETURNING sealed";
        let rows = tx.rows(sql, args![BATCH]).await?;
        tx.commit().await?;
        rows.iter().map(|row| open_json(&row.bytes("sealed")?, "a question for a link")).collect()
    }

    /// The desks that `address` has asked for something, where its newest request stands first.
    pub async fn desks_asked_by(&self, address: &EmailAddress) -> Result<Vec<String>> {
        let sql = "SELECT desk, MAX(at) AS newest FROM (SELECT desk, touched_at AS at FROM cases WHERE requester_key = $1 \
                   UNION ALL SELECT desk, newest_at AS at FROM pendings WHERE requester_key = $1) AS asked \
                   GROUP BY desk ORDER BY MAX(at) DESC, desk";
        let rows = self.db.rows(sql, args![self.account_key(address)]).await?;
        rows.iter().map(|row| row.text("desk")).collect()
    }
}
