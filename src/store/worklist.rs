//! What worklists are made from: the open cases that somebody has, with what is due of each.

use super::case_rows::{CASE, case};
use super::value::args;
use super::{Result, Store};
use crate::case::worklist::OpenCase;
use crate::case::{ClockKind, ClockOf, ClockState};
use crate::store::commit::of_id;
use jiff::Timestamp;

impl Store {
    /// Every open case of `desk` that somebody has, in no order.
    pub async fn open_cases(&self, desk: &str) -> Result<Vec<OpenCase>> {
        let due = |kind: &str, name: &str| {
            format!(
                "(SELECT MIN(k.due) FROM clocks k WHERE k.of_id = c.id AND k.kind = {kind} AND k.state = 'running') AS {name}"
            )
        };
        let sql = format!(
            "SELECT {CASE}, {}, {}, {} FROM cases c WHERE c.desk = $1 AND c.specialist_key > '' \
             AND c.status <> 'resolved'",
            due("$2", "respond_due"),
            due("$3", "update_due"),
            due("$4", "pause_ends")
        );
        // A dated pause ends by a clock of this kind.
        let kinds = (ClockKind::Respond.as_str(), ClockKind::Update.as_str(), ClockKind::PauseEnd.as_str());
        let mut open = Vec::new();
        for row in self.db.rows(&sql, args![desk, kinds.0, kinds.1, kinds.2]).await? {
            let (respond_due, update_due) = (row.opt_time("respond_due")?, row.opt_time("update_due")?);
            let pause_ends = row.opt_time("pause_ends")?;
            let case = case(&row)?;
            open.extend(case.specialist.map(|specialist| OpenCase {
                specialist,
                number: case.number,
                subject: case.subject,
                status: case.status,
                urgent: case.urgent,
                respond_due,
                update_due,
                pause_ends,
            }));
        }
        Ok(open)
    }

    /// When the worklists of `desk` went out last.
    pub async fn last_worklists(&self, desk: &str) -> Result<Option<Timestamp>> {
        self.last_met(desk, ClockKind::Worklist).await
    }

    /// When a clock of this kind of the desk itself was met last.
    pub(super) async fn last_met(&self, desk: &str, kind: ClockKind) -> Result<Option<Timestamp>> {
        let sql = "SELECT MAX(state_at) AS last FROM clocks WHERE of_id = $1 AND kind = $2 AND state = $3";
        let of = of_id(ClockOf::desk(desk));
        let row = self.db.row(sql, args![of, kind.as_str(), ClockState::Met.as_str()]).await?;
        Ok(row.map(|row| row.opt_time("last")).transpose()?.flatten())
    }
}
