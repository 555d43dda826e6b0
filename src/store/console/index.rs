//! Writing the words that cases are found by: with each commit, and in steps for cases from before there were any.

use super::due::recompute;
use super::words::case_keys;
use crate::case::Case;
use crate::store::case_rows::{CASE, case};
use crate::store::db::Tx;
use crate::store::rows::list;
use crate::store::value::args;
use crate::store::{Result, Store};
use crate::words::keys::Keys;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Writes the words of `cases`, whose rows are written, in the place of old ones. What has not changed is left alone.
pub(in crate::store) async fn write_words(tx: &mut Tx, keys: &Keys, cases: &[&Case]) -> Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let mut arguments = args![];
    let ids = list(&mut arguments, cases.iter().map(|case| case.id), Uuid::nil().into());
    let mut marks: HashMap<Uuid, Option<String>> = HashMap::new();
    for row in tx.rows(&format!("SELECT id, words_mark FROM cases WHERE id IN ({ids})"), arguments).await? {
        marks.insert(row.id("id")?, row.opt_text("words_mark")?);
    }
    let found_by = cases.iter().map(|case| (*case, case_keys(case, keys)));
    let changed: Vec<_> =
        found_by.filter(|(case, (_, mark))| marks.get(&case.id).is_none_or(|old| old.as_ref() != Some(mark))).collect();
    let stand: Vec<Uuid> =
        changed.iter().map(|(case, _)| case.id).filter(|id| matches!(marks.get(id), Some(Some(_)))).collect();
    if !stand.is_empty() {
        let mut arguments = args![];
        let ids = list(&mut arguments, stand, Uuid::nil().into());
        tx.run(&format!("DELETE FROM case_words WHERE case_id IN ({ids})"), arguments).await?;
    }
    let mut rows = Vec::new();
    let mut written = Vec::new();
    for (case, (found_by, mark)) in changed {
        rows.extend(found_by.iter().map(|key| args![case.desk.as_str(), key, case.opened_at, case.id]));
        written.push(args![case.id, mark]);
    }
    let head = "INSERT INTO case_words (desk, word_key, opened_at, case_id) VALUES";
    tx.run_rows(head, "ON CONFLICT (desk, word_key, opened_at, case_id) DO NOTHING", rows).await?;
    let head = "UPDATE cases SET words_mark = v.column2 FROM (VALUES";
    tx.run_rows(head, ") AS v WHERE cases.id = v.column1", written).await.map(drop)
}

/// An answer that was due and missed, of cases from before that was kept with them: its clock was breached, and nothing
/// was answered and nothing began anew since.
const MISSED: &str = "(SELECT MIN(k.due) FROM clocks k WHERE k.of_id = cases.id AND k.kind = 'respond' \
    AND k.state = 'breached' AND NOT EXISTS (SELECT 1 FROM audit_rows a WHERE a.desk = cases.desk \
    AND a.chain = CAST(cases.id AS TEXT) AND a.kind IN ('answered', 'resolved', 'reopened') AND a.at >= k.state_at))";

impl Store {
    /// Indexes at most `limit` cases that were written by a program that kept no words; gives how many it did. Zero: all
    /// cases are found by their words. May be called by several processes, and stopped anywhere.
    ///
    /// # Errors
    ///
    /// Those of the database; nothing of the step is written then.
    pub async fn index_older_cases(&self, limit: usize) -> Result<usize> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let waits = "SELECT id FROM cases WHERE words_mark IS NULL LIMIT 1";
        if self.db.row(waits, args![]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let sql =
            format!("SELECT {CASE} FROM cases c WHERE c.words_mark IS NULL ORDER BY c.id LIMIT $1 {{SKIP LOCKED}}");
        let cases = tx.rows(&sql, args![limit]).await?.iter().map(case).collect::<Result<Vec<_>>>()?;
        if cases.is_empty() {
            return Ok(0);
        }
        write_words(&mut tx, &self.keys, &cases.iter().collect::<Vec<_>>()).await?;
        let ids: BTreeSet<Uuid> = cases.iter().map(|case| case.id).collect();
        let mut arguments = args![];
        let listed = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let sql = format!("UPDATE cases SET answer_missed = {MISSED} WHERE id IN ({listed}) AND status <> 'resolved'");
        tx.run(&sql, arguments).await?;
        recompute(&mut tx, ids).await?;
        tx.commit().await?;
        Ok(cases.len())
    }
}
