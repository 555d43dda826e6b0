//! Rows of the audit trail, newest first.

use super::access::{CASE_PLACE, access_sql};
use super::timeline::timeline_event;
use super::timeline_values::TimelineEvent;
use super::values::PAGE;
use crate::case::EventKind;
use crate::desk::access::Access;
use crate::store::audit::DESK_CHAIN;
use crate::store::rows::list;
use crate::store::time::{from_text, to_text};
use crate::store::value::{Row, args};
use crate::store::{Result, Store};
use crate::words::numbers::CaseNumber;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// How often more rows are read where those of cases of other lines were left out.
const ROUNDS: usize = 20;

/// Which rows a page of the audit trail shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// The desk, one of those that the account may see.
    pub desk: String,
    /// Only what happened in this case.
    pub case: Option<CaseNumber>,
    /// Only events of this kind.
    pub kind: Option<EventKind>,
    /// Only what this account did or looked at: its key.
    pub account: Option<String>,
    /// From this instant on.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// A row of the audit trail.
#[derive(Clone, Debug)]
pub struct TrailRow {
    /// When.
    pub at: Timestamp,
    /// `desk`, or a case's row.
    pub chain: String,
    /// The case's number, where it is a case's.
    pub case: Option<CaseNumber>,
    /// What.
    pub event: TimelineEvent,
}

/// One page of the audit trail.
#[derive(Clone, Debug, Default)]
pub struct TrailPage {
    /// Newest first.
    pub rows: Vec<TrailRow>,
    /// Where the next page begins, for a link.
    pub next: Option<String>,
}

/// The place behind which a page begins.
#[derive(Clone)]
struct Behind {
    at: Timestamp,
    chain: String,
    seq: i64,
}

impl Behind {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let at = from_text(parts.next()?).ok()?;
        let chain = parts.next()?.to_owned();
        let seq = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self { at, chain, seq })
    }
}

impl Store {
    /// One page of the audit trail of a desk, newest first; rows of cases that `access` may not see are not there. `after`
    /// is what the page before gave; anything else begins at the newest.
    pub async fn trail(&self, access: &Access, filter: &TrailFilter, after: Option<&str>) -> Result<TrailPage> {
        if !access.has_desk(&filter.desk) {
            return Ok(TrailPage::default());
        }
        let chain = match &filter.case {
            None => None,
            Some(number) => match self.visible_case(access, &filter.desk, number).await? {
                None => return Ok(TrailPage::default()),
                Some(found) => Some(found.case.id.to_string()),
            },
        };
        let mut behind = after.and_then(Behind::parse);
        let mut page = TrailPage::default();
        for _ in 0..ROUNDS {
            let rows = self.trail_rows(filter, chain.as_deref(), behind.as_ref()).await?;
            let numbers = self.numbers_of_chains(access, &rows).await?;
            for row in rows.iter().take(PAGE) {
                behind = Some(Behind { at: row.time("at")?, chain: row.text("chain")?, seq: row.int("seq")? });
                let chain = row.text("chain")?;
                let case = numbers.get(&chain).cloned();
                if chain == DESK_CHAIN || case.is_some() {
                    page.rows.push(TrailRow { at: row.time("at")?, chain, case, event: timeline_event(row)? });
                }
                if page.rows.len() == PAGE {
                    break;
                }
            }
            let is_end = rows.len() <= PAGE;
            if page.rows.len() == PAGE || is_end {
                let is_last =
                    is_end && rows.last().map(|row| row.int("seq")).transpose()? == behind.as_ref().map(|one| one.seq);
                page.next = behind.filter(|_| !is_last && !rows.is_empty()).map(|one| one.to_text());
                return Ok(page);
            }
        }
        page.next = behind.map(|one| one.to_text());
        Ok(page)
    }

    async fn trail_rows(&self, filter: &TrailFilter, chain: Option<&str>, behind: Option<&Behind>) -> Result<Vec<Row>> {
        let mut arguments = args![filter.desk.as_str()];
        let mut all = vec!["a.desk = $1".to_owned()];
        let mut and = |text: &str, value: crate::store::value::Value, all: &mut Vec<String>| {
            arguments.push(value);
            all.push(format!("{text} ${}", arguments.len()));
        };
        if let Some(chain) = chain {
            and("a.chain =", chain.into(), &mut all);
        }
        if let Some(kind) = filter.kind {
            and("a.kind =", kind.as_str().into(), &mut all);
        }
        if let Some(since) = filter.since {
            and("a.at >=", since.into(), &mut all);
        }
        if let Some(until) = filter.until {
            and("a.at <", until.into(), &mut all);
        }
        let mut from = "audit_rows a";
        // The index of the account is walked, and each row then looked up.
        let of = if filter.account.is_some() { "k" } else { "a" };
        if let Some(account) = &filter.account {
            from = "audit_accounts k JOIN audit_rows a ON a.desk = k.desk AND a.chain = k.chain AND a.seq = k.seq";
            all.push("k.desk = $1".to_owned());
            and("k.account_key =", account.into(), &mut all);
        }
        if let Some(behind) = behind {
            let first = arguments.len() + 1;
            arguments.extend(args![behind.at, behind.chain.as_str(), behind.seq]);
            all.push(format!("({of}.at, {of}.chain, {of}.seq) < (${first}, ${}, ${})", first + 1, first + 2));
        }
        let sql = format!(
            "SELECT a.chain, a.seq, a.at, a.kind, a.ids, a.digest, a.sealed FROM {from} WHERE {} \
             ORDER BY {of}.at DESC, {of}.chain DESC, {of}.seq DESC LIMIT {}",
            all.join(" AND "),
            PAGE + 1
        );
        self.db.rows(&sql, arguments).await
    }

    /// The numbers of the cases whose chains these are, of those that the account may see.
    async fn numbers_of_chains(&self, access: &Access, rows: &[Row]) -> Result<HashMap<String, CaseNumber>> {
        let mut chains = BTreeSet::new();
        for row in rows {
            chains.extend(row.text("chain")?.parse::<Uuid>().ok());
        }
        if chains.is_empty() {
            return Ok(HashMap::new());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, chains, Uuid::nil().into());
        let may_see = access_sql(access, &self.keys, CASE_PLACE, &mut arguments);
        let sql = format!("SELECT c.id, c.number FROM cases c WHERE c.id IN ({ids}) AND {may_see}");
        let mut numbers = HashMap::new();
        for row in self.db.rows(&sql, arguments).await? {
            numbers.insert(row.id("id")?.to_string(), CaseNumber(row.text("number")?));
        }
        Ok(numbers)
    }
}

impl Behind {
    fn to_text(&self) -> String {
        format!("{}~{}~{}", to_text(self.at), self.chain, self.seq)
    }
}
