//! A case with all that happened in it: messages, mails, events and clocks, in a fixed number of statements however long
//! its history is.

use super::access::{CASE_PLACE, access_sql};
use super::event_words::{event_text, event_words, is_minor};
use super::messages::{MESSAGE, timeline_message};
use super::queue::{NEXT, queue_case};
use super::timeline_values::{CasePage, LinkedCase, TimelineEvent, TimelineItem, TimelineMail, TimelineWhat};
use super::values::QueueCase;
use crate::case::{Case, ClockRow, EventKind, LinkRole};
use crate::desk::access::Access;
use crate::store::case_rows::{CASE, case};
use crate::store::clocks::{CLOCK, clock};
use crate::store::outbox::mail_rows::{MAIL, mail};
use crate::store::rows::list;
use crate::store::seal::open_json;
use crate::store::value::{Row, args};
use crate::store::{EnclosedView, Result, Store};
use crate::words::numbers::CaseNumber;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The newest so many of each kind are shown.
const MOST: usize = 1000;
/// Cases that were merged into cases that were merged …: so deep.
const DEEPEST: usize = 5;

/// Rows whose things belong to the page of one case: cases by their number, and pending requests.
struct Whole {
    id: Uuid,
    merged: HashMap<Uuid, CaseNumber>,
    pendings: HashSet<Uuid>,
}

impl Whole {
    fn cases(&self) -> impl Iterator<Item = Uuid> {
        std::iter::once(self.id).chain(self.merged.keys().copied())
    }

    fn item(&self, of: Uuid, at: jiff::Timestamp, what: TimelineWhat) -> TimelineItem {
        TimelineItem { at, of: self.merged.get(&of).cloned(), was_pending: self.pendings.contains(&of), what }
    }
}

impl Store {
    /// A case that `access` may see, without what happened in it.
    pub async fn visible_case(&self, access: &Access, desk: &str, number: &CaseNumber) -> Result<Option<QueueCase>> {
        let mut arguments = args![desk, number.0.as_str()];
        let may_see = access_sql(access, &self.keys, CASE_PLACE, &mut arguments);
        let sql = format!("SELECT {CASE}, {NEXT} FROM cases c WHERE c.desk = $1 AND c.number = $2 AND {may_see}");
        self.db.row(&sql, arguments).await?.as_ref().map(queue_case).transpose()
    }

    /// A case that `access` may see, with all that happened in it, in what was merged into it and while it was pending.
    pub async fn case_page(&self, access: &Access, desk: &str, number: &CaseNumber) -> Result<Option<CasePage>> {
        let Some(found) = self.visible_case(access, desk, number).await? else { return Ok(None) };
        let (mut case, next) = (found.case, found.next);
        let (whole, linked) = self.belonging(access, &case).await?;
        let (mut items, mut is_cut) = (Vec::new(), false);
        for (more, cut) in
            [self.messages_in(&whole).await?, self.mails_in(&whole).await?, self.events_in(&case.desk, &whole).await?]
        {
            items.extend(more);
            is_cut |= cut;
        }
        items.sort_by_key(|one| (one.at, one.order()));
        let clocks = self.clock_rows(case.id).await?;
        let merged_into = linked.iter().find(|one| Some(one.id) == case.merged_into).map(|one| one.number.clone());
        case.links = linked.iter().map(|one| one.id).collect();
        Ok(Some(CasePage { case, next, clocks, linked, merged_into, items, is_cut }))
    }

    /// What belongs to the page of a case, and the cases that are linked with it.
    async fn belonging(&self, access: &Access, case: &Case) -> Result<(Whole, Vec<LinkedCase>)> {
        let mut whole = Whole { id: case.id, merged: HashMap::new(), pendings: HashSet::new() };
        let (mut linked, mut asked) = (Vec::new(), vec![case.id]);
        for _ in 0..DEEPEST {
            let mut newly_merged = Vec::new();
            for other in self.linked_with(&asked).await? {
                let is_merged = other.merged_into.is_some_and(|into| asked.contains(&into)) && other.id != case.id;
                let is_first = asked == [case.id];
                if is_merged && whole.merged.insert(other.id, other.number.clone()).is_none() {
                    newly_merged.push(other.id);
                }
                let may_see = access.sees(&other.desk, other.line.as_ref(), other.specialist.as_ref());
                if is_merged || (is_first && may_see) {
                    linked.push(LinkedCase {
                        id: other.id,
                        number: other.number,
                        status: other.status,
                        subject: other.subject,
                        is_merged,
                        opened_at: other.opened_at,
                    });
                }
            }
            if newly_merged.is_empty() {
                break;
            }
            asked = newly_merged;
        }
        linked.sort_by_key(|one| (one.opened_at, one.id));
        linked.dedup_by_key(|one| one.id);
        let mut arguments = args![];
        let cases = list(&mut arguments, whole.cases(), Uuid::nil().into());
        let sql = format!("SELECT p.id FROM pendings p WHERE p.case_id IN ({cases})");
        for row in self.db.rows(&sql, arguments).await? {
            whole.pendings.insert(row.id("id")?);
        }
        Ok((whole, linked))
    }

    /// The cases that are linked with these, either way. Their ids are read first, so that no planner joins all cases.
    async fn linked_with(&self, cases: &[Uuid]) -> Result<Vec<Case>> {
        let mut arguments = args![];
        let ids = list(&mut arguments, cases.iter().copied(), Uuid::nil().into());
        let sql = format!(
            "SELECT other_id AS id FROM case_links WHERE case_id IN ({ids}) \
             UNION SELECT case_id AS id FROM case_links WHERE other_id IN ({ids})"
        );
        let others = self.db.rows(&sql, arguments).await?.iter().map(|row| row.id("id")).collect::<Result<Vec<_>>>()?;
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, others, Uuid::nil().into());
        let sql = format!("SELECT {CASE} FROM cases c WHERE c.id IN ({ids}) ORDER BY c.opened_at, c.id");
        self.db.rows(&sql, arguments).await?.iter().map(case).collect()
    }

    async fn messages_in(&self, whole: &Whole) -> Result<(Vec<TimelineItem>, bool)> {
        let mut arguments = args![];
        let targets = whole.cases().chain(whole.pendings.iter().copied());
        let targets = list(&mut arguments, targets, Uuid::nil().into());
        let sql = format!(
            "SELECT l.target, l.role, {MESSAGE} FROM message_links l JOIN messages m ON m.id = l.message \
             LEFT JOIN message_decisions d ON d.message = m.id WHERE l.target IN ({targets}) \
             ORDER BY m.arrived DESC, m.id DESC, l.target_kind LIMIT {}",
            MOST + 1
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let mut seen = HashSet::new();
        let mut items = Vec::new();
        for row in rows.iter().take(MOST) {
            // A message that completed a request stands in the case and in what was pending: shown once, as the case's.
            if seen.insert(row.id("id")?) {
                let role = row.opt_word("role", LinkRole::from_word)?;
                let message = timeline_message(row, role)?;
                let what = TimelineWhat::Message(Box::new(message));
                items.push(whole.item(row.id("target")?, row.time("arrived")?, what));
            }
        }
        Ok((items, rows.len() > MOST))
    }

    async fn mails_in(&self, whole: &Whole) -> Result<(Vec<TimelineItem>, bool)> {
        let mut arguments = args![];
        let about = list(&mut arguments, whole.cases().chain(whole.pendings.iter().copied()), Uuid::nil().into());
        let sql = format!(
            "SELECT {MAIL}, bounced FROM mails WHERE about IN ({about}) ORDER BY queued_at DESC, seq DESC LIMIT {}",
            MOST + 1
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let items = rows.iter().take(MOST).map(|row| {
            let shown = timeline_mail(row)?;
            Ok(whole.item(row.id("about")?, row.time("queued_at")?, TimelineWhat::Mail(Box::new(shown))))
        });
        Ok((items.collect::<Result<_>>()?, rows.len() > MOST))
    }

    /// Who only looked is told by the audit page, not here.
    async fn events_in(&self, desk: &str, whole: &Whole) -> Result<(Vec<TimelineItem>, bool)> {
        let mut arguments = args![desk];
        let chains = list(&mut arguments, whole.cases().map(|id| id.to_string()), "".into());
        let sql = format!(
            "SELECT chain, seq, at, kind, ids, digest, sealed FROM audit_rows WHERE desk = $1 AND chain IN ({chains}) \
             AND kind <> 'viewed' ORDER BY at DESC, seq DESC LIMIT {}",
            MOST + 1
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let items = rows.iter().take(MOST).map(|row| {
            let of = row.text("chain")?.parse().unwrap_or(whole.id);
            Ok(whole.item(of, row.time("at")?, TimelineWhat::Event(timeline_event(row)?)))
        });
        Ok((items.collect::<Result<_>>()?, rows.len() > MOST))
    }

    async fn clock_rows(&self, case: Uuid) -> Result<Vec<ClockRow>> {
        let sql = format!("SELECT {CLOCK} FROM clocks WHERE of_id = $1 ORDER BY due, kind");
        self.db.rows(&sql, args![case]).await?.iter().map(clock).collect()
    }
}

impl TimelineItem {
    /// What comes first of one instant: what came in, what happened, what went out.
    fn order(&self) -> (u8, i64) {
        match &self.what {
            TimelineWhat::Message(_) => (0, 0),
            TimelineWhat::Event(event) => (1, event.seq),
            TimelineWhat::Mail(_) => (2, 0),
        }
    }
}

fn timeline_mail(row: &Row) -> Result<TimelineMail> {
    let one = mail(row)?;
    Ok(TimelineMail {
        id: one.id,
        template: one.template,
        variant: one.variant,
        class: one.class,
        state: one.state,
        since: row.time("state_at")?,
        to: one.to,
        subject: one.subject,
        text: one.text,
        attachments: EnclosedView::all(one.attachments),
        why: row.opt_text("why")?,
        retry_at: row.opt_time("retry_at")?,
        bounced: row.opt_text("bounced")?,
    })
}

/// Reads an event with its words.
pub(super) fn timeline_event(row: &Row) -> Result<TimelineEvent> {
    let kind = row.word("kind", EventKind::from_word)?;
    let ids: BTreeMap<String, String> = row.json("ids")?;
    let sealed = row.opt_bytes("sealed")?;
    let is_purged = sealed.is_none() && row.opt_text("digest")?.is_some();
    let content: Option<serde_json::Value> =
        sealed.map(|sealed| open_json(&sealed, "an event's content")).transpose()?;
    Ok(TimelineEvent {
        kind,
        seq: row.int("seq")?,
        words: event_words(kind, &ids, content.as_ref()),
        text: event_text(content.as_ref()),
        ids,
        is_minor: is_minor(kind),
        is_purged,
    })
}
