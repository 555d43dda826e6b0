//! One message: whoever may see its case may see it; what is in no case, supervisors of its desk and line.

use super::access::{CASE_PLACE, Place, access_sql};
use super::queue::{Selection, together};
use super::timeline_values::TimelineMessage;
use super::values::{Cursor, PAGE};
use crate::case::LinkRole;
use crate::desk::access::Access;
use crate::effects::CONSOLE;
use crate::store::message_rows::SealedDecision;
use crate::store::rows::list;
use crate::store::seal::open_json;
use crate::store::value::{Row, args};
use crate::store::{MessageState, Result, Store};
use crate::words::numbers::CaseNumber;
use crate::words::{Automatic, Decision, LineId};
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// The columns of [`timeline_message`]: of a message `m` and its decision `d`.
pub(super) const MESSAGE: &str = "m.id, m.desk, m.mailbox, m.arrived, m.state, m.decision, m.decided_at, m.problem, \
    m.is_sent, d.reasons, d.automatic, d.line, d.topics, d.warnings, d.urgent, d.sealed";

/// Where a message belongs that is in no case.
const MESSAGE_PLACE: Place<'static> = Place { desk: "m.desk", line: "d.line", specialist: None };

/// A message that is in a list or on a page of its own.
#[derive(Clone, Debug)]
pub struct MessagePage {
    /// The desk's id.
    pub desk: String,
    /// When it arrived.
    pub arrived: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// The message.
    pub message: TimelineMessage,
    /// How it was decided before a person moved it back, where that is why it is held.
    pub former: Option<Decision>,
    /// The case that it is in, where the account may see it.
    pub case: Option<CaseNumber>,
    /// The row of that case.
    pub case_id: Option<Uuid>,
}

/// One page of held messages.
#[derive(Clone, Debug, Default)]
pub struct HeldPage {
    /// Oldest first.
    pub messages: Vec<MessagePage>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

/// Reads a message with its decision.
pub(super) fn timeline_message(row: &Row, role: Option<LinkRole>) -> Result<TimelineMessage> {
    let sealed: Option<SealedDecision> =
        row.opt_bytes("sealed")?.map(|sealed| open_json(&sealed, "a decision")).transpose()?;
    let is_decided = row.opt_text("reasons")?.is_some();
    let text = sealed.as_ref().map(|sealed| sealed.visible_text.clone());
    let sealed = sealed.unwrap_or_default();
    Ok(TimelineMessage {
        id: row.id("id")?,
        role,
        from: sealed.author,
        subject: sealed.subject,
        text,
        attachments: sealed.attachments,
        decision: row.opt_word("decision", Decision::from_word)?,
        reasons: if is_decided { row.json("reasons")? } else { Vec::new() },
        trace: sealed.trace,
        warnings: if is_decided { row.json("warnings")? } else { Vec::new() },
        automatic: row.opt_word("automatic", Automatic::from_word)?,
        topics: if is_decided { row.json("topics")? } else { Vec::new() },
        line: row.opt_text("line")?.map(LineId),
        urgent: row.opt_flag("urgent")?.unwrap_or(false),
        is_written_here: row.text("mailbox")? == CONSOLE,
        is_sent: row.flag("is_sent")?,
        state: row.word("state", MessageState::from_word)?,
        problem: row.opt_text("problem")?,
    })
}

/// A case that a message is in, and as what it stands there.
#[derive(Clone, Copy)]
struct InCase {
    case: Uuid,
    role: LinkRole,
}

/// Reads a message; in which case it is, is read apart.
fn message_page(row: &Row, role: Option<LinkRole>) -> Result<MessagePage> {
    Ok(MessagePage {
        desk: row.text("desk")?,
        arrived: row.time("arrived")?,
        decided_at: row.opt_time("decided_at")?,
        message: timeline_message(row, role)?,
        former: row.opt_word("former", Decision::from_word)?,
        case: None,
        case_id: None,
    })
}

/// How the same bytes were decided first: a mail that a person moved back into the inbox is held with that.
const FORMER: &str = "(SELECT e.decision FROM messages e WHERE e.desk = m.desk AND e.content_key = m.content_key \
    AND e.id <> m.id AND e.decision IS NOT NULL AND e.decided_at <= m.decided_at \
    ORDER BY e.decided_at, e.id LIMIT 1) AS former";

impl Store {
    /// A message that `access` may see, without its bytes ([`Store::raw_message`] has them). What is in a case is seen by
    /// whoever sees the case, and by nobody else.
    pub async fn visible_message(&self, access: &Access, id: Uuid) -> Result<Option<MessagePage>> {
        let links = self.cases_of_message(id).await?;
        let mut found = None;
        if !links.is_empty() {
            found = self.first_visible(access, &links).await?;
            if found.is_none() {
                return Ok(None);
            }
        }
        let mut arguments = args![id];
        let may_see = match (&found, access.supervises()) {
            (Some(_), _) => "TRUE".to_owned(),
            (None, true) => access_sql(access, &self.keys, MESSAGE_PLACE, &mut arguments),
            (None, false) => return Ok(None),
        };
        let sql = format!(
            "SELECT {MESSAGE}, {FORMER} FROM messages m LEFT JOIN message_decisions d ON d.message = m.id \
             WHERE m.id = $1 AND {may_see}"
        );
        let Some(row) = self.db.row(&sql, arguments).await? else { return Ok(None) };
        let (link, case) = found.map_or((None, None), |(link, number)| (Some(link), Some(number)));
        let role = link.as_ref().map(|link| link.role);
        Ok(Some(MessagePage { case, case_id: link.map(|link| link.case), ..message_page(&row, role)? }))
    }

    /// The cases that a message is in, those of its own before those that it came to by a pending request.
    async fn cases_of_message(&self, id: Uuid) -> Result<Vec<InCase>> {
        let sql = "SELECT l.target, l.target_kind, l.role, p.case_id FROM message_links l \
                   LEFT JOIN pendings p ON p.id = l.target WHERE l.message = $1 ORDER BY l.target_kind, l.target";
        let mut cases = Vec::new();
        for row in self.db.rows(sql, args![id]).await? {
            let is_case = row.text("target_kind")? == "case";
            let case = if is_case { Some(row.id("target")?) } else { row.opt_id("case_id")? };
            let role = row.word("role", LinkRole::from_word)?;
            cases.extend(case.map(|case| InCase { case, role }));
        }
        Ok(cases)
    }

    async fn first_visible(&self, access: &Access, links: &[InCase]) -> Result<Option<(InCase, CaseNumber)>> {
        let mut arguments = args![];
        let ids = list(&mut arguments, links.iter().map(|link| link.case), Uuid::nil().into());
        let may_see = access_sql(access, &self.keys, CASE_PLACE, &mut arguments);
        let sql = format!("SELECT c.id, c.number FROM cases c WHERE c.id IN ({ids}) AND {may_see}");
        let mut numbers = HashMap::new();
        for row in self.db.rows(&sql, arguments).await? {
            numbers.insert(row.id("id")?, CaseNumber(row.text("number")?));
        }
        Ok(links.iter().find_map(|link| Some((*link, numbers.get(&link.case)?.clone()))))
    }

    /// Held messages that `access` may see, oldest first. A specialist sees none.
    pub async fn held_page(&self, access: &Access, desk: Option<&str>, after: Option<&Cursor>) -> Result<HeldPage> {
        let mut selection = Selection::new(access, &self.keys);
        let limit = PAGE + 1;
        let mut selections = Vec::new();
        for desk in selection.desks(desk).into_iter().filter(|_| access.supervises()) {
            let mut condition = selection.place(desk, MESSAGE_PLACE);
            if let Some(after) = after {
                let (at, id) = (selection.bind(after.at), selection.bind(after.id));
                condition.push_str(&format!(" AND (m.decided_at, m.id) > ({at}, {id})"));
            }
            selections.push(format!(
                "SELECT {MESSAGE}, {FORMER} FROM messages m \
                 JOIN message_decisions d ON d.message = m.id WHERE m.state = 'held' AND {condition} \
                 ORDER BY m.decided_at, m.id LIMIT {limit}"
            ));
        }
        if selections.is_empty() {
            return Ok(HeldPage::default());
        }
        let rows = self.db.rows(&together(&selections, "decided_at, id", limit), selection.arguments).await?;
        let mut page = HeldPage::default();
        for row in rows.iter().take(PAGE) {
            page.messages.push(message_page(row, None)?);
        }
        if let (true, Some(last)) = (rows.len() > PAGE, page.messages.last()) {
            let at = last.decided_at.unwrap_or(last.arrived);
            page.next = Some(Cursor { rank: 0, at, id: last.message.id });
        }
        Ok(page)
    }
}
