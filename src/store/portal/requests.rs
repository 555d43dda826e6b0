//! Which cases and pending requests are a partner's own: those that they asked for. Whose they are is part of each query,
//! so that what is foreign is not found.

use crate::address::EmailAddress;
use crate::case::{Case, ClockKind, ClockState, EventKind, Pending, PendingState};
use crate::effects::{Chain, EventWrite};
use crate::store::case_rows::{CASE, PENDING, case, pending};
use crate::store::rows::list;
use crate::store::value::{Value, args};
use crate::store::{Result, Store, audit};
use crate::words::numbers::{CaseNumber, PendingToken};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most requests that one page shows.
const MOST: i64 = 100;

/// A case as its requester sees it.
#[derive(Clone, Debug)]
pub struct PartnerCase {
    /// The case.
    pub case: Case,
    /// Until when an answer is promised, while one is owed.
    pub answer_by: Option<Timestamp>,
    /// When they will hear of it again at the latest.
    pub update_by: Option<Timestamp>,
}

/// What a partner opened, for the audit trail.
#[derive(Clone, Debug)]
pub struct PortalView<'a> {
    /// The desk.
    pub desk: &'a str,
    /// The case; `None`: a pending request, or the list.
    pub case: Option<Uuid>,
    /// What of it: `case`, `file`, `pending`, `list`.
    pub what: &'static str,
    /// The row of what was opened: a message's, a mail's, a pending request's.
    pub row: Option<Uuid>,
}

impl Store {
    /// A partner's cases at these desks, the newest doing first.
    pub async fn partner_cases(&self, partner: &EmailAddress, desks: &[String]) -> Result<Vec<PartnerCase>> {
        let mut arguments = args![self.account_key(partner), MOST];
        let desks = list(&mut arguments, desks.iter().map(String::as_str), "".into());
        let sql = format!(
            "SELECT {CASE} FROM cases c WHERE c.requester_key = $1 AND c.desk IN ({desks}) \
             ORDER BY c.touched_at DESC, c.id LIMIT $2"
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let cases = rows.iter().map(case).collect::<Result<Vec<_>>>()?;
        self.with_promises(cases).await
    }

    /// The partner's own case with this number; `None`: there is none, or it is somebody else's.
    pub async fn partner_case(
        &self,
        partner: &EmailAddress,
        desk: &str,
        number: &CaseNumber,
    ) -> Result<Option<PartnerCase>> {
        let sql = format!("SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.number = $2 AND c.requester_key = $3");
        let rows = self.db.rows(&sql, args![desk, number.0.as_str(), self.account_key(partner)]).await?;
        let cases = rows.iter().map(case).collect::<Result<Vec<_>>>()?;
        Ok(self.with_promises(cases).await?.pop())
    }

    /// A partner's returned requests that wait for them, the newest first.
    pub async fn partner_pendings(&self, partner: &EmailAddress, desks: &[String]) -> Result<Vec<Pending>> {
        let mut arguments = args![self.account_key(partner), PendingState::Open.as_str(), MOST];
        let desks = list(&mut arguments, desks.iter().map(String::as_str), "".into());
        let sql = format!(
            "SELECT {PENDING} FROM pendings p WHERE p.requester_key = $1 AND p.state = $2 AND p.desk IN ({desks}) \
             ORDER BY p.newest_at DESC, p.id LIMIT $3"
        );
        let rows = self.db.rows(&sql, arguments).await?;
        rows.iter().map(pending).collect()
    }

    /// The partner's own returned request with this token, whatever became of it.
    pub async fn partner_pending(
        &self,
        partner: &EmailAddress,
        desk: &str,
        token: &PendingToken,
    ) -> Result<Option<Pending>> {
        let sql =
            format!("SELECT {PENDING} FROM pendings p WHERE p.desk = $1 AND p.token = $2 AND p.requester_key = $3");
        let row = self.db.row(&sql, args![desk, token.0.as_str(), self.account_key(partner)]).await?;
        row.as_ref().map(pending).transpose()
    }

    async fn with_promises(&self, cases: Vec<Case>) -> Result<Vec<PartnerCase>> {
        let mut arguments: Vec<Value> =
            args![ClockState::Running.as_str(), ClockKind::Respond.as_str(), ClockKind::Update.as_str()];
        let ids = list(&mut arguments, cases.iter().map(|case| case.id), Uuid::nil().into());
        let sql = format!(
            "SELECT of_id, kind, due FROM clocks WHERE state = $1 AND kind IN ($2, $3) AND of_id IN ({ids}) ORDER BY due DESC"
        );
        let mut due: BTreeMap<(Uuid, ClockKind), Timestamp> = BTreeMap::new();
        for row in self.db.rows(&sql, arguments).await? {
            due.insert((row.id("of_id")?, row.word("kind", ClockKind::from_word)?), row.time("due")?);
        }
        let with = |case: Case| PartnerCase {
            answer_by: due.get(&(case.id, ClockKind::Respond)).copied(),
            update_by: due.get(&(case.id, ClockKind::Update)).copied(),
            case,
        };
        Ok(cases.into_iter().map(with).collect())
    }

    /// Writes into the audit trail that a partner opened these.
    pub async fn record_portal_views(
        &self,
        partner: &EmailAddress,
        views: &[PortalView<'_>],
        now: Timestamp,
    ) -> Result<()> {
        let by = self.account_key(partner);
        let events: Vec<(String, EventWrite)> = views
            .iter()
            .map(|view| {
                let ids = [("account", Some(by.clone())), ("where", Some("portal".to_owned()))];
                let more = [("what", Some(view.what.to_owned())), ("row", view.row.map(|row| row.to_string()))];
                let ids = ids.into_iter().chain(more).filter_map(|(name, value)| Some((name.to_owned(), value?)));
                let chain = view.case.map_or(Chain::Desk, Chain::Case);
                let event = EventWrite { chain, kind: EventKind::Viewed, ids: ids.collect(), content: None };
                (view.desk.to_owned(), event)
            })
            .collect();
        let events: Vec<_> = events.iter().map(|(desk, event)| (desk.clone(), now, event)).collect();
        let mut tx = audit::begin(&self.db).await?;
        audit::append(&mut tx, &self.keys, &events).await?;
        tx.commit().await
    }
}
