//! Reading, for commands and pages: shapes that are printed as JSON.

use super::case_rows::{CASE, PENDING, case, pending};
use super::clocks::{CLOCK, clock};
use super::message_rows::SealedDecision;
use super::seal::{address_key, message_id_key, open_json};
use super::value::args;
use super::{
    CaseRow, CaseView, ClockView, EntryView, HeldRow, HistoryView, MailView, NoteView, OpportunityView, PendingRow,
    Result, Store, StoreError,
};
use crate::address::EmailAddress;
use crate::case::{Case, EventKind};
use crate::words::Decision;
use crate::words::numbers::CaseNumber;
use jiff::Timestamp;
use uuid::Uuid;

/// What an opportunity's event holds.
#[derive(serde::Deserialize)]
struct OpportunityContent {
    kind: String,
    text: String,
    agent: EmailAddress,
}

/// The notes of one case, oldest first.
pub(super) const COMMENTS: &str =
    "SELECT sealed FROM audit_rows WHERE desk = $1 AND chain = $2 AND kind = $3 ORDER BY seq";

impl Store {
    /// Cases, newest first.
    pub async fn cases(&self, desk: Option<&str>, open_only: bool) -> Result<Vec<CaseRow>> {
        let open = if open_only { "c.status <> 'resolved'" } else { "TRUE" };
        let sql = format!(
            "SELECT {CASE} FROM cases c WHERE {open} AND ($1 IS NULL OR c.desk = $1) ORDER BY c.opened_at DESC, c.number DESC"
        );
        let rows = self.db.rows(&sql, args![desk]).await?;
        let listed = rows.iter().map(|row| {
            let case = case(row)?;
            Ok(CaseRow {
                number: case.number,
                desk: case.desk,
                line: case.line,
                status: case.status,
                specialist: case.specialist,
                urgent: case.urgent,
                requester: case.requester,
                at: case.opened_at,
            })
        });
        listed.collect()
    }

    /// Every case with this number, whole; more than one only where two desks share a prefix.
    pub async fn case_view(&self, number: &CaseNumber) -> Result<Vec<CaseView>> {
        let sql = format!("SELECT {CASE} FROM cases c WHERE c.number = $1 ORDER BY c.desk");
        let rows = self.db.rows(&sql, args![number.0.as_str()]).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in &rows {
            views.push(self.view(case(row)?).await?);
        }
        Ok(views)
    }

    async fn view(&self, case: Case) -> Result<CaseView> {
        let (mut notes, mut opportunities) = (Vec::new(), Vec::new());
        let mut history = Vec::new();
        let sql = "SELECT at, kind, sealed FROM audit_rows WHERE desk = $1 AND chain = $2 ORDER BY seq";
        for row in self.db.rows(sql, args![case.desk.as_str(), case.id.to_string()]).await? {
            let (at, event) = (row.time("at")?, row.word("kind", EventKind::from_word)?);
            history.push(HistoryView { at, event });
            match (event, row.opt_bytes("sealed")?) {
                (EventKind::Note, Some(sealed)) => {
                    let content: serde_json::Value = open_json(&sealed, "a note")?;
                    let text = content.get("text").unwrap_or(&content).as_str().map(str::to_owned);
                    notes.extend(text.map(|text| NoteView { at, text }));
                }
                (EventKind::Opportunity, Some(sealed)) => {
                    let content: OpportunityContent = open_json(&sealed, "an opportunity")?;
                    let OpportunityContent { kind, text, agent } = content;
                    opportunities.push(OpportunityView { at, kind, text, agent });
                }
                _ => {}
            }
        }
        Ok(CaseView {
            clocks: self.clocks_of(case.id).await?,
            mails: self.mails_about(case.id).await?,
            links: self.linked_numbers(case.id).await?,
            entries: case
                .entries
                .iter()
                .cloned()
                .map(|one| EntryView { member: one.member, fields: one.fields })
                .collect(),
            number: case.number,
            desk: case.desk,
            line: case.line,
            kind: case.kind,
            priority: case.priority,
            status: case.status,
            specialist: case.specialist,
            urgent: case.urgent,
            requester: case.requester,
            course: case.course,
            notes,
            opportunities,
            history,
        })
    }

    /// What staff noted in a case, oldest first, as they wrote it.
    pub async fn comments_of(&self, desk: &str, case: Uuid) -> Result<Vec<String>> {
        let rows = self.db.rows(COMMENTS, args![desk, case.to_string(), EventKind::Note.as_str()]).await?;
        let mut comments = Vec::new();
        for row in rows {
            let Some(sealed) = row.opt_bytes("sealed")? else { continue };
            let content: serde_json::Value = open_json(&sealed, "a note")?;
            comments.extend(content.get("text").unwrap_or(&content).as_str().map(str::to_owned));
        }
        Ok(comments)
    }

    async fn clocks_of(&self, id: Uuid) -> Result<Vec<ClockView>> {
        let sql = format!("SELECT {CLOCK} FROM clocks WHERE of_id = $1 ORDER BY due, kind");
        let rows = self.db.rows(&sql, args![id]).await?;
        let clocks =
            rows.iter().map(|row| clock(row).map(|one| ClockView { kind: one.kind, due: one.due, state: one.state }));
        clocks.collect()
    }

    async fn mails_about(&self, id: Uuid) -> Result<Vec<MailView>> {
        let rows = self.db.rows(&super::outbox::about(), args![id]).await?;
        rows.iter().map(super::outbox::mail_view).collect()
    }

    async fn linked_numbers(&self, id: Uuid) -> Result<Vec<CaseNumber>> {
        let sql = "SELECT c.number FROM case_links l JOIN cases c ON c.id = l.other_id WHERE l.case_id = $1 \
                   UNION SELECT c.number FROM case_links l JOIN cases c ON c.id = l.case_id WHERE l.other_id = $1 \
                   ORDER BY 1";
        let rows = self.db.rows(sql, args![id]).await?;
        rows.iter().map(|row| row.text("number").map(CaseNumber)).collect()
    }

    /// Held messages, oldest first. The decision is the former one of a mail that a person moved back, else `hold`.
    pub async fn held(&self, desk: Option<&str>) -> Result<Vec<HeldRow>> {
        let sql = "SELECT m.id, m.desk, m.decided_at, d.reasons, d.sealed, \
                   (SELECT e.decision FROM messages e WHERE e.desk = m.desk AND e.content_key = m.content_key \
                    AND e.id <> m.id AND e.decision IS NOT NULL AND e.decided_at <= m.decided_at \
                    ORDER BY e.decided_at, e.id LIMIT 1) AS former \
                   FROM messages m JOIN message_decisions d ON d.message = m.id \
                   WHERE m.state = 'held' AND ($1 IS NULL OR m.desk = $1) ORDER BY m.decided_at, m.id";
        let rows = self.db.rows(sql, args![desk]).await?;
        let held = rows.iter().map(|row| {
            let sealed: SealedDecision = match row.opt_bytes("sealed")? {
                Some(sealed) => open_json(&sealed, "a decision")?,
                None => SealedDecision::default(),
            };
            Ok(HeldRow {
                id: row.id("id")?,
                desk: row.text("desk")?,
                from: sealed.author.map(|author| author.address),
                subject: sealed.subject,
                decision: row.opt_word("former", Decision::from_word)?.unwrap_or(Decision::Hold),
                reasons: row.json("reasons")?,
                at: row.time("decided_at")?,
            })
        });
        held.collect()
    }

    /// Open pending requests, oldest first.
    pub async fn pendings(&self, desk: Option<&str>) -> Result<Vec<PendingRow>> {
        let sql = format!(
            "SELECT {PENDING} FROM pendings p WHERE p.state = 'open' AND ($1 IS NULL OR p.desk = $1) \
             ORDER BY p.newest_at, p.token"
        );
        let rows = self.db.rows(&sql, args![desk]).await?;
        let listed = rows.iter().map(|row| {
            let one = pending(row)?;
            Ok(PendingRow {
                token: one.token,
                number: one.number,
                desk: one.desk,
                requester: one.requester,
                missing: one.missing,
                newest_at: one.newest_at,
            })
        });
        listed.collect()
    }

    /// How many messages that came in were decided how since `since`.
    pub async fn decisions_since(&self, desk: &str, since: Timestamp) -> Result<Vec<(Decision, u64)>> {
        let sql = "SELECT decision, COUNT(*) AS messages FROM messages WHERE desk = $1 AND decided_at >= $2 \
                   AND NOT is_sent GROUP BY decision ORDER BY decision";
        let rows = self.db.rows(sql, args![desk, since]).await?;
        let counts = rows.iter().map(|row| {
            let count = u64::try_from(row.int("messages")?).map_err(|_| StoreError::Corrupt("a count"))?;
            Ok((row.word("decision", Decision::from_word)?, count))
        });
        counts.collect()
    }

    /// What delivery reports said of the mail of ours with this Message-ID: `Some(true)` that its address takes no mail,
    /// `Some(false)` anything softer, `None` nothing yet.
    pub async fn bounce_of(&self, desk: &str, message_id: &str) -> Result<Option<bool>> {
        let sql = "SELECT s.bounced FROM mail_ids i JOIN mails s ON s.id = i.mail WHERE i.desk = $1 AND i.id_key = $2 \
                   AND s.bounced IS NOT NULL";
        let row = self.db.row(sql, args![desk, message_id_key(&self.keys, message_id)]).await?;
        row.map(|row| Ok(row.text("bounced")? == "hard")).transpose()
    }

    /// Whether an address bounced hard and no specialist has looked since.
    pub async fn is_bounced_hard(&self, desk: &str, address: &EmailAddress) -> Result<bool> {
        let sql = "SELECT bounced_hard FROM requesters WHERE desk = $1 AND address_key = $2";
        let row = self.db.row(sql, args![desk, address_key(&self.keys, address)]).await?;
        Ok(row.map(|row| row.flag("bounced_hard")).transpose()?.unwrap_or(false))
    }
}
