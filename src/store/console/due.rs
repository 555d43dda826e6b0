//! What comes next in a case, kept beside it: written whenever a commit changes the case or one of its clocks.
//!
//! The order is that of the worklist mails ([`crate::case::worklist`]): of a paused case the end of the pause; else the
//! answer, one that was missed and is still owed first; else the next update. A resolved case has nothing that comes next.

use crate::case::{Case, ClockKind, ClockOf, ClockState};
use crate::effects::{ClockChoice, Effects};
use crate::store::Result;
use crate::store::db::Tx;
use crate::store::rows::list;
use crate::store::value::args;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Stands in `cases.next_due` where nothing has an instant: 9999-12-30, in seconds since 1970.
const NEVER: i64 = 253_402_128_000;

/// The end of time, as the column has it.
pub(super) fn never() -> Timestamp {
    Timestamp::from_second(NEVER).unwrap_or(Timestamp::MAX)
}

/// Brings `queue_rank`, `next_due`, `next_kind` and `answer_missed` of all that `elements` change up to date. Cases and
/// clocks are written already.
pub(in crate::store) async fn write_next(tx: &mut Tx, elements: &[&Effects]) -> Result<()> {
    let named = named_rows(tx, elements).await?;
    let mut touched = BTreeSet::new();
    let mut missed: BTreeMap<Uuid, Option<Timestamp>> = BTreeMap::new();
    for effects in elements {
        touched.extend(effects.cases.iter().map(|case| case.id));
        touched.extend(effects.clocks.iter().filter_map(|clock| case_of(clock.of)));
        missed.extend(effects.cases.iter().filter(|case| !case.is_open()).map(|case: &Case| (case.id, None)));
        for end in &effects.clocks_ended {
            match (end.which, end.state) {
                (ClockChoice::Row(row), state) => {
                    let Some((case, kind, due)) = named.get(&row) else { continue };
                    touched.insert(*case);
                    if (*kind, state) == (ClockKind::Respond, ClockState::Breached) {
                        missed.insert(*case, Some(*due));
                    }
                }
                (ClockChoice::Kind(of, kind), state) => {
                    let Some(case) = case_of(of) else { continue };
                    touched.insert(case);
                    if (kind, state) == (ClockKind::Respond, ClockState::Met) {
                        missed.insert(case, None);
                    }
                }
                (ClockChoice::AllOf(of), _) => touched.extend(case_of(of)),
            }
        }
        for again in &effects.clocks_again {
            let Some((case, kind, due)) = named.get(&again.row) else { continue };
            touched.insert(*case);
            if (*kind, again.state) == (ClockKind::Respond, ClockState::Breached) {
                missed.insert(*case, Some(*due));
            }
        }
    }
    let rows = missed.into_iter().map(|(case, due)| args![case, due]).collect();
    let head = "UPDATE cases SET answer_missed = v.column2 FROM (VALUES";
    tx.run_rows(head, ") AS v WHERE cases.id = v.column1", rows).await?;
    recompute(tx, touched).await
}

fn case_of(of: ClockOf) -> Option<Uuid> {
    match of {
        ClockOf::Case(id) => Some(id),
        ClockOf::Pending(_) | ClockOf::Message(_) | ClockOf::Desk(_) => None,
    }
}

/// The clocks of cases among those that are named by their row: whose, what for, and when they are due.
async fn named_rows(tx: &mut Tx, elements: &[&Effects]) -> Result<HashMap<Uuid, (Uuid, ClockKind, Timestamp)>> {
    let ends = elements.iter().flat_map(|effects| &effects.clocks_ended).filter_map(|end| match end.which {
        ClockChoice::Row(row) => Some(row),
        ClockChoice::AllOf(_) | ClockChoice::Kind(..) => None,
    });
    let again = elements.iter().flat_map(|effects| &effects.clocks_again).map(|again| again.row);
    let rows: BTreeSet<Uuid> = ends.chain(again).collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let mut arguments = args![];
    let ids = list(&mut arguments, rows, Uuid::nil().into());
    let sql = format!("SELECT id, of_id, kind, due FROM clocks WHERE id IN ({ids}) AND of_kind = 'case'");
    let rows = tx.rows(&sql, arguments).await?;
    let named = rows
        .iter()
        .map(|row| Ok((row.id("id")?, (row.id("of_id")?, row.word("kind", ClockKind::from_word)?, row.time("due")?))));
    named.collect()
}

/// Writes what comes next in these cases, from their rows and clocks.
pub(super) async fn recompute(tx: &mut Tx, cases: BTreeSet<Uuid>) -> Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let mut arguments = args![never()];
    let ids = list(&mut arguments, cases, Uuid::nil().into());
    let (pause, respond, update) = (running("pause_end"), running("respond"), running("update"));
    let sql = format!(
        "UPDATE cases SET queue_rank = CASE WHEN status = 'resolved' THEN 2 WHEN urgent THEN 0 ELSE 1 END, \
         next_due = COALESCE(CASE WHEN status = 'resolved' THEN NULL WHEN status = 'paused' THEN {pause} \
         ELSE COALESCE(answer_missed, {respond}, {update}) END, $1), \
         next_kind = CASE WHEN status = 'resolved' THEN NULL \
         WHEN status = 'paused' THEN CASE WHEN {pause} IS NOT NULL THEN 'pause_end' END \
         WHEN COALESCE(answer_missed, {respond}) IS NOT NULL THEN 'respond' \
         WHEN {update} IS NOT NULL THEN 'update' END WHERE id IN ({ids})"
    );
    tx.run(&sql, arguments).await.map(drop)
}

/// When the running clock of this kind of a case is due.
fn running(kind: &str) -> String {
    format!("(SELECT MIN(k.due) FROM clocks k WHERE k.of_id = cases.id AND k.kind = '{kind}' AND k.state = 'running')")
}
