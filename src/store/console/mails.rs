//! Mails of ours, by how they stand; one mail.

use super::access::{CASE_PLACE, Place};
use super::queue::{Selection, together};
use super::values::{Count, Cursor, MOST_COUNTED, PAGE};
use crate::address::Mailbox;
use crate::desk::access::{Access, DeskAccess};
use crate::effects::{MailClass, MailState};
use crate::store::outbox::mail_rows::{MAIL, attempts, mail};
use crate::store::seal::address_key;
use crate::store::value::Row;
use crate::store::{Result, Store, StoreError, StoredMail};
use crate::words::numbers::CaseNumber;
use crate::words::{Template, word_enum};
use jiff::Timestamp;
use uuid::Uuid;

word_enum! {
    /// Which mails a list shows.
    MailList {
        /// All that was not sent and not cancelled.
        NotSent = "not_sent",
        /// What needs a person: it waits for a secure way, failed, is of unknown fate, or was withheld.
        NeedsPerson = "needs_person",
        /// Waits for a secure way.
        WaitingSecure = "waiting_secure",
        /// To be tried again.
        Deferred = "deferred",
        /// Refused, or given up.
        Failed = "failed",
        /// Whether it was taken is unknown.
        Uncertain = "uncertain",
        /// Past the sender's limit, or to an address that bounced.
        Withheld = "withheld",
        /// On its way.
        Queued = "queued",
        /// Cancelled.
        Cancelled = "cancelled",
        /// Sent.
        Sent = "sent",
    }
}

impl MailList {
    /// The states that it shows, in words of the database; `None`: all but sent and cancelled ones.
    fn states(self) -> Option<&'static [MailState]> {
        use MailState as S;
        Some(match self {
            Self::NotSent => return None,
            Self::NeedsPerson => &[S::WaitingSecure, S::Failed, S::Uncertain, S::Withheld],
            Self::WaitingSecure => &[S::WaitingSecure],
            Self::Deferred => &[S::Deferred],
            Self::Failed => &[S::Failed],
            Self::Uncertain => &[S::Uncertain],
            Self::Withheld => &[S::Withheld],
            Self::Queued => &[S::Queued, S::Claimed, S::Committing],
            Self::Cancelled => &[S::Cancelled],
            Self::Sent => &[S::Sent],
        })
    }

    /// As conditions of which each walks an index.
    fn conditions(self) -> Vec<String> {
        match self.states() {
            None => vec!["m.state NOT IN ('sent', 'cancelled')".to_owned()],
            Some(states) => states.iter().map(|state| format!("m.state = '{state}'")).collect(),
        }
    }
}

/// A mail in a list.
#[derive(Clone, Debug)]
pub struct MailRow {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// The template.
    pub template: Template,
    /// What it is.
    pub class: MailClass,
    /// How it stands.
    pub state: MailState,
    /// Since when.
    pub since: Timestamp,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// To whom.
    pub to: Mailbox,
    /// The subject.
    pub subject: String,
    /// The case's number.
    pub case: Option<CaseNumber>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// Why it was deferred, failed or withheld: a code.
    pub why: Option<String>,
    /// What a delivery report said of it: `hard` or `soft`.
    pub bounced: Option<String>,
}

/// One page of a list of mails, newest first.
#[derive(Clone, Debug, Default)]
pub struct MailPage {
    /// At most a page.
    pub mails: Vec<MailRow>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

/// One mail with how it stands.
#[derive(Clone, Debug)]
pub struct MailDetail {
    /// The mail.
    pub stored: StoredMail,
    /// Its row in a list.
    pub row: MailRow,
}

fn mail_row(row: &Row) -> Result<MailRow> {
    let one = mail(row)?;
    Ok(MailRow {
        id: one.id,
        desk: one.desk,
        template: one.template,
        class: one.class,
        state: one.state,
        since: row.time("state_at")?,
        queued_at: row.time("queued_at")?,
        to: one.to,
        subject: one.subject,
        case: one.case_number.map(CaseNumber),
        attempts: attempts(row)?,
        retry_at: row.opt_time("retry_at")?,
        why: row.opt_text("why")?,
        bounced: row.opt_text("bounced")?,
    })
}

impl Selection<'_> {
    /// Which mails `m` of one desk the account may see: of a case, whoever sees the case; others, supervisors alone: by
    /// the line of the message that they answer, and mail to staff only by its reader where not all lines are theirs.
    fn mails(&mut self, desk: &DeskAccess) -> String {
        let id = self.bind(desk.desk.as_str());
        let supervises = self.access.supervises();
        if supervises && desk.lines.is_none() {
            return format!("m.desk = {id}");
        }
        let case = self.place(desk, CASE_PLACE);
        // Counts, not EXISTS: for that a planner may read all cases first.
        let of_case = format!("(SELECT COUNT(*) FROM cases c WHERE c.id = m.about AND {case}) > 0");
        let otherwise = if supervises {
            let line = self.place(desk, Place { desk: "d.desk", line: "d.line", specialist: None });
            let me = self.bind(address_key(self.keys, &self.access.email));
            format!(
                "(m.class = 'staff' AND m.to_key = {me}) OR (m.class <> 'staff' AND (m.replies_to IS NULL \
                 OR (SELECT COUNT(*) FROM message_decisions d WHERE d.message = m.replies_to AND {line}) > 0))"
            )
        } else {
            "FALSE".to_owned()
        };
        format!("m.desk = {id} AND CASE WHEN COALESCE(m.about_kind, '') = 'case' THEN {of_case} ELSE {otherwise} END")
    }
}

impl Store {
    /// One page of the mails that `access` may see, newest first.
    pub async fn mail_page(
        &self,
        access: &Access,
        list: MailList,
        desk: Option<&str>,
        after: Option<&Cursor>,
    ) -> Result<MailPage> {
        let mut selection = Selection::new(access, &self.keys);
        let limit = PAGE + 1;
        let mut selections = Vec::new();
        for desk in selection.desks(desk) {
            let mut condition = selection.mails(desk);
            if let Some(after) = after {
                let (at, id) = (selection.bind(after.at), selection.bind(after.id));
                condition.push_str(&format!(" AND (m.queued_at, m.id) < ({at}, {id})"));
            }
            selections.extend(list.conditions().into_iter().map(|state| {
                format!(
                    "SELECT {MAIL}, bounced FROM mails m WHERE {state} AND {condition} \
                     ORDER BY m.queued_at DESC, m.id DESC LIMIT {limit}"
                )
            }));
        }
        if selections.is_empty() {
            return Ok(MailPage::default());
        }
        let rows = self.db.rows(&together(&selections, "queued_at DESC, id DESC", limit), selection.arguments).await?;
        let mut page = MailPage::default();
        for row in rows.iter().take(PAGE) {
            page.mails.push(mail_row(row)?);
        }
        if rows.len() > PAGE {
            page.next = page.mails.last().map(|last| Cursor { rank: 0, at: last.queued_at, id: last.id });
        }
        Ok(page)
    }

    /// How many mails of a list `access` may see; counting stops at [`MOST_COUNTED`].
    pub async fn mail_count(&self, access: &Access, list: MailList, desk: Option<&str>) -> Result<Count> {
        let mut selection = Selection::new(access, &self.keys);
        let Some(count) = mail_counting(&mut selection, list, desk, MOST_COUNTED) else { return Ok(Count::default()) };
        let sql = format!("SELECT {count} AS mails");
        let row = self.db.row(&sql, selection.arguments).await?.ok_or(StoreError::Corrupt("a count"))?;
        Ok(Count::up_to(row.int("mails")?, MOST_COUNTED))
    }

    /// A mail of ours that `access` may see.
    pub async fn visible_mail(&self, access: &Access, id: Uuid) -> Result<Option<MailDetail>> {
        let mut selection = Selection::new(access, &self.keys);
        let wanted = selection.bind(id);
        let desks = selection.desks(None);
        let either: Vec<String> = desks.into_iter().map(|desk| format!("({})", selection.mails(desk))).collect();
        if either.is_empty() {
            return Ok(None);
        }
        let sql = format!("SELECT {MAIL}, bounced FROM mails m WHERE m.id = {wanted} AND ({})", either.join(" OR "));
        let Some(row) = self.db.row(&sql, selection.arguments).await? else { return Ok(None) };
        let stored = StoredMail {
            mail: mail(&row)?,
            attempts: attempts(&row)?,
            since: row.time("state_at")?,
            why: row.opt_text("why")?,
        };
        Ok(Some(MailDetail { stored, row: mail_row(&row)? }))
    }
}

/// Counts mails of a list, as an expression; `None`: there is no desk to count at.
pub(super) fn mail_counting(
    selection: &mut Selection<'_>,
    list: MailList,
    desk: Option<&str>,
    most: u64,
) -> Option<String> {
    let limit = most.saturating_add(1);
    let mut counts = Vec::new();
    for desk in selection.desks(desk) {
        let condition = selection.mails(desk);
        counts.extend(list.conditions().into_iter().map(|state| {
            format!("(SELECT COUNT(*) FROM (SELECT 1 FROM mails m WHERE {state} AND {condition} LIMIT {limit}) AS q)")
        }));
    }
    (!counts.is_empty()).then(|| counts.join(" + "))
}
