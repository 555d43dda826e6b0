//! What happened in stretches of time, counted where it stands: one number a period, line and kind.

use super::{arms, case_of_chain, count};
use crate::case::EventKind;
use crate::digest::Scope;
use crate::digest::facts::{Counted, DecisionFact, EventFact, FactsAsked, OpportunityFact, Stretch};
use crate::store::Result;
use crate::store::db::Tx;
use crate::store::value::{Row, args};
use crate::words::numbers::CaseNumber;
use crate::words::{Decision, LineId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// When messages were read, by the line of the newest decision. Mail of Sent folders came from us.
pub(super) async fn read(tx: &mut Tx, desk: &str, asked: &FactsAsked) -> Result<Vec<Counted>> {
    let mut arguments = args![desk];
    let sql = arms(&mut arguments, &asked.periods, |place, from, to| {
        format!(
            "SELECT {place} AS place, line, COUNT(*) AS found FROM messages WHERE desk = $1 AND recorded_at >= {from} \
             AND recorded_at < {to} AND NOT is_sent GROUP BY line"
        )
    });
    tx.rows(&sql, arguments).await?.iter().map(|row| counted(row, &asked.periods)).collect()
}

/// Decisions as they were made.
pub(super) async fn decisions(tx: &mut Tx, desk: &str, asked: &FactsAsked) -> Result<Vec<DecisionFact>> {
    let mut arguments = args![desk];
    let sql = arms(&mut arguments, asked.told(), |place, from, to| {
        format!(
            "SELECT {place} AS place, decision, line, CASE WHEN decision = 'return' THEN reasons ELSE '[]' END AS why, \
             CASE WHEN decision = 'redirect' THEN topics ELSE '[]' END AS asked_about, COUNT(*) AS found \
             FROM decisions_made WHERE desk = $1 AND at >= {from} AND at < {to} GROUP BY 2, 3, 4, 5"
        )
    });
    let rows = tx.rows(&sql, arguments).await?;
    let facts = rows.iter().map(|row| {
        Ok(DecisionFact {
            at: first_instant(row, asked.told())?,
            decision: row.word("decision", Decision::from_word)?,
            reasons: row.json("why")?,
            topics: row.json("asked_about")?,
            line: line(row)?,
            count: count(row)?,
        })
    });
    facts.collect()
}

/// What happened to cases.
pub(super) async fn events(
    tx: &mut Tx,
    desk: &str,
    asked: &FactsAsked,
) -> Result<(Vec<EventFact>, Vec<OpportunityFact>)> {
    let stretches: Vec<Stretch> = asked.periods.iter().copied().chain(asked.since).collect();
    let (by_line, whole) = match asked.scope {
        Scope::Lines(_) => (stretches.clone(), Vec::new()),
        // Where all lines are told, only the day itself is told line by line.
        Scope::All => stretches.iter().partition(|one| asked.periods.last() == Some(one)),
    };
    let mut events = often(tx, desk, &by_line, true).await?;
    events.extend(often(tx, desk, &whole, false).await?);
    events.extend(by_hand(tx, desk, asked.told()).await?);
    let opportunities = rare(tx, desk, asked, &stretches, &mut events).await?;
    Ok((events, opportunities))
}

async fn often(tx: &mut Tx, desk: &str, stretches: &[Stretch], by_line: bool) -> Result<Vec<EventFact>> {
    if stretches.is_empty() {
        return Ok(Vec::new());
    }
    let (mut arguments, case) = (args![desk], case_of_chain(tx, "a"));
    let (line_of, cases) = match by_line {
        true => ("c.line", format!("LEFT JOIN cases c ON c.id = {case}")),
        false => ("CAST(NULL AS TEXT)", String::new()),
    };
    let sql = arms(&mut arguments, stretches, |place, from, to| {
        format!(
            "SELECT {place} AS place, a.kind, {line_of} AS line, COUNT(*) AS found FROM audit_rows a {cases} \
             WHERE a.desk = $1 AND a.at >= {from} AND a.at < {to} AND a.chain <> 'desk' \
             AND a.kind IN ('case_opened', 'reopened', 'resolved', 'sent_elsewhere', 'breached') GROUP BY 2, 3"
        )
    });
    let rows = tx.rows(&sql, arguments).await?;
    let facts = rows.iter().map(|row| {
        let kind = row.word("kind", EventKind::from_word)?;
        Ok(EventFact { at: first_instant(row, stretches)?, kind, line: line(row)?, count: count(row)? })
    });
    facts.collect()
}

/// Answers that were given by hand: those by mail count when they have left.
async fn by_hand(tx: &mut Tx, desk: &str, periods: &[Stretch]) -> Result<Vec<EventFact>> {
    let (mut arguments, case) = (args![desk], case_of_chain(tx, "a"));
    // In the JSON of `ids` a quotation mark within a text has a backslash before it: this is a key and nothing else.
    let sql = arms(&mut arguments, periods, |place, from, to| {
        format!(
            "SELECT {place} AS place, c.line, COUNT(*) AS found FROM audit_rows a LEFT JOIN cases c ON c.id = {case} \
             WHERE a.desk = $1 AND a.at >= {from} AND a.at < {to} AND a.kind = 'answered' AND a.chain <> 'desk' \
             AND a.ids LIKE '%\"by\":%' GROUP BY c.line"
        )
    });
    let rows = tx.rows(&sql, arguments).await?;
    let facts = rows.iter().map(|row| {
        let Counted { at, line, count } = counted(row, periods)?;
        Ok(EventFact { at, kind: EventKind::Answered, line, count })
    });
    facts.collect()
}

/// What happens now and then, row by row: cases that went on in others are put to `events`.
async fn rare(
    tx: &mut Tx,
    desk: &str,
    asked: &FactsAsked,
    stretches: &[Stretch],
    events: &mut Vec<EventFact>,
) -> Result<Vec<OpportunityFact>> {
    let all = FactsAsked::over(stretches);
    let sql = format!(
        "SELECT a.at, a.kind, a.ids, c.number, c.line FROM audit_rows a LEFT JOIN cases c ON c.id = {} WHERE a.desk = $1 \
         AND a.at >= $2 AND a.at < $3 AND a.kind IN ('merged', 'opportunity') AND a.chain <> 'desk'",
        case_of_chain(tx, "a")
    );
    let mut opportunities = Vec::new();
    for row in tx.rows(&sql, args![desk, all.from, all.to]).await? {
        let (at, kind): (Timestamp, EventKind) = (row.time("at")?, row.word("kind", EventKind::from_word)?);
        let mut ids: BTreeMap<String, String> = row.json("ids")?;
        let Some(period) = stretches.iter().find(|one| one.holds(at)) else { continue };
        if kind == EventKind::Merged && ids.contains_key("into") {
            events.push(EventFact { at: period.from, kind, line: line(&row)?, count: 1 });
        } else if kind == EventKind::Opportunity && asked.whole().holds(at) {
            let Some(kind) = ids.remove("kind") else { continue };
            let case = row.opt_text("number")?.map(CaseNumber);
            opportunities.push(OpportunityFact { at, kind, case, line: line(&row)? });
        }
    }
    Ok(opportunities)
}

/// Answers by mail that left: a person's words, in an answer or a request for more.
pub(super) async fn answers(tx: &mut Tx, desk: &str, asked: &FactsAsked) -> Result<Vec<Counted>> {
    let mut arguments = args![desk];
    let sql = arms(&mut arguments, asked.told(), |place, from, to| {
        format!(
            "SELECT {place} AS place, c.line, COUNT(*) AS found FROM mails m LEFT JOIN cases c ON c.id = m.about \
             WHERE m.desk = $1 AND m.state_at >= {from} AND m.state_at < {to} AND m.state = 'sent' \
             AND m.class = 'answer' AND m.template IN ('answer', 'return') AND m.about_kind = 'case' GROUP BY c.line"
        )
    });
    tx.rows(&sql, arguments).await?.iter().map(|row| counted(row, asked.told())).collect()
}

fn counted(row: &Row, stretches: &[Stretch]) -> Result<Counted> {
    Ok(Counted { at: first_instant(row, stretches)?, line: line(row)?, count: count(row)? })
}

fn line(row: &Row) -> Result<Option<LineId>> {
    Ok(row.opt_text("line")?.map(LineId))
}

/// The first instant of the stretch that a row is about.
fn first_instant(row: &Row, stretches: &[Stretch]) -> Result<Timestamp> {
    let place = usize::try_from(row.int("place")?).ok();
    let stretch = place.and_then(|place| stretches.get(place));
    stretch.map(|stretch| stretch.from).ok_or(crate::store::StoreError::Corrupt("a place"))
}
