//! Who looked at what: every view of member data is a row of the audit trail.

use crate::case::EventKind;
use crate::desk::access::Access;
use crate::effects::{Chain, EventWrite};
use crate::store::audit::{self, DESK_CHAIN};
use crate::store::value::args;
use crate::store::{Result, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The same thing that the same account looks at on the same page within this time is one row.
const ONE_VIEW: SignedDuration = SignedDuration::from_mins(1);
/// How often a write that met another one is tried again.
const TRIES: u32 = 5;

/// What is looked at. Ids, places and codes only, never a name or a text.
#[derive(Clone, Debug)]
pub struct View {
    desk: String,
    chain: Chain,
    kind: EventKind,
    ids: BTreeMap<String, String>,
}

impl View {
    /// Somebody looks at `what` (`case`, `message`, `attachment`, `held`, `mail` …) of a desk, which is no case's.
    pub fn of_desk(desk: &str, what: &str) -> Self {
        let ids = BTreeMap::from([("what".to_owned(), what.to_owned())]);
        Self { desk: desk.to_owned(), chain: Chain::Desk, kind: EventKind::Viewed, ids }
    }

    /// Somebody looks at `what` of a case: it stands in the case's chain.
    pub fn of_case(desk: &str, case: Uuid, what: &str) -> Self {
        Self { chain: Chain::Case(case), ..Self::of_desk(desk, what) }
    }

    /// With the row, place or code of what it is.
    #[must_use]
    pub fn with(mut self, name: &str, id: impl ToString) -> Self {
        self.ids.insert(name.to_owned(), id.to_string());
        self
    }

    /// It leaves the program: a file, a list. Each time is a row.
    #[must_use]
    pub fn exported(mut self) -> Self {
        self.kind = EventKind::Exported;
        self
    }
}

impl Store {
    /// Writes that the account of `access` looks at this, into the hash chain of the case or desk. Looked at again within
    /// a minute, it is written once; exports are written each time.
    ///
    /// # Errors
    ///
    /// Those of the database: then nothing may be shown.
    pub async fn record_view(&self, access: &Access, view: View, now: Timestamp) -> Result<()> {
        let mut view = view;
        view.ids.insert("account".to_owned(), self.account_key(&access.email));
        if view.kind == EventKind::Viewed && self.is_written(&view, now).await? {
            return Ok(());
        }
        let mut tries = 0;
        loop {
            match self.write_view(&view, now).await {
                Err(StoreError::Busy(_)) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Writes that the account of `access` searched for words, by their keys, at each desk that was searched.
    pub async fn record_search(&self, access: &Access, typed: &str, desk: Option<&str>, now: Timestamp) -> Result<()> {
        let words = self.keys_of_search(typed).join(" ");
        if words.is_empty() {
            return Ok(());
        }
        for one in access.desks.iter().filter(|one| desk.is_none_or(|desk| desk == one.desk)) {
            let view = View::of_desk(&one.desk, "search").with("words", &words);
            self.record_view(access, view, now).await?;
        }
        Ok(())
    }

    /// Whether the same stands there already, written just now.
    async fn is_written(&self, view: &View, now: Timestamp) -> Result<bool> {
        let chain = match view.chain {
            Chain::Case(id) => id.to_string(),
            Chain::Desk => DESK_CHAIN.to_owned(),
        };
        let ids = serde_json::to_string(&view.ids).map_err(|_| StoreError::Corrupt("ids"))?;
        let since = now.checked_sub(ONE_VIEW).unwrap_or(now);
        let sql = "SELECT 1 FROM audit_rows WHERE desk = $1 AND kind = $2 AND at > $3 AND at <= $4 AND chain = $5 \
                   AND ids = $6 LIMIT 1";
        let kind = view.kind.as_str();
        Ok(self.db.row(sql, args![view.desk.as_str(), kind, since, now, chain, ids]).await?.is_some())
    }

    async fn write_view(&self, view: &View, now: Timestamp) -> Result<()> {
        let event = EventWrite { chain: view.chain, kind: view.kind, ids: view.ids.clone(), content: None };
        let mut tx = audit::begin(&self.db).await?;
        audit::append(&mut tx, &self.keys, &[(view.desk.clone(), now, &event)]).await?;
        tx.commit().await
    }
}
