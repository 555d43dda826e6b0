//! Claiming mails that may leave, and giving them back.

use super::gates::{IS_STOPPED, count_claimed};
use super::mail_rows::{MAIL, attempts, mail};
use crate::effects::MailClass;
use crate::store::db::Tx;
use crate::store::rows::list;
use crate::store::value::args;
use crate::store::{ClaimedMail, Result, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Whether mail `m` may leave once it is due: it waits, nothing of its lane before it waits or is on its way, and if it is
/// automatic, its desk's gate lets it out. But a person's answer overtakes an automatic mail that is deferred or stopped.
pub(in crate::store) fn may_leave() -> String {
    format!(
        "m.state IN ('queued', 'deferred') AND NOT (m.class = 'automatic' AND {IS_STOPPED}) AND NOT EXISTS \
         (SELECT 1 FROM mails e WHERE e.lane_key = m.lane_key AND e.seq < m.seq \
         AND e.state IN ('queued', 'claimed', 'committing', 'deferred') \
         AND NOT (e.class = 'automatic' AND m.class IN ('answer', 'portal_notice') \
         AND (e.state = 'deferred' OR (e.state = 'queued' AND {IS_STOPPED}))))"
    )
}

/// One in so many is claimed because of its age, so that no stream of new recipients keeps an old mail waiting.
const BY_AGE: usize = 4;

/// What to claim, in its order.
async fn to_claim(tx: &mut Tx, limit: usize, now: Timestamp) -> Result<Vec<Uuid>> {
    let may_leave = may_leave();
    let sql = format!(
        "SELECT id, precedence FROM mails m WHERE m.due_at <= $1 AND {may_leave} \
         ORDER BY m.precedence, m.turn, m.due_at, m.seq LIMIT $2 {{SKIP LOCKED}}"
    );
    let rows = tx.rows(&sql, args![now, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
    let mut by_turn = Vec::with_capacity(rows.len());
    for row in &rows {
        by_turn.push((row.int("precedence")?, row.id("id")?));
    }
    let Some((last, _)) = by_turn.last().copied() else { return Ok(Vec::new()) };
    if by_turn.len() < limit {
        return Ok(by_turn.into_iter().map(|(_, id)| id).collect());
    }
    // There is more of the last precedence than finds room: of its share a part goes by age.
    let (mut ids, shared): (Vec<_>, Vec<_>) = by_turn.into_iter().partition(|(precedence, _)| *precedence < last);
    let sql = format!(
        "SELECT id FROM mails m WHERE m.precedence = $1 AND m.due_at <= $2 AND {may_leave} \
         ORDER BY m.due_at, m.seq LIMIT $3 {{SKIP LOCKED}}"
    );
    let aged = i64::try_from(shared.len() / BY_AGE).unwrap_or(0);
    for row in tx.rows(&sql, args![last, now, aged]).await? {
        ids.push((last, row.id("id")?));
    }
    for one in shared {
        if ids.len() < limit && !ids.contains(&one) {
            ids.push(one);
        }
    }
    Ok(ids.into_iter().map(|(_, id)| id).collect())
}

impl Store {
    /// Claims mails that may leave now, until `until`: staff first, then answers, then automatic; among these each
    /// recipient's in turn, and one in `BY_AGE` by age alone; in order in a lane.
    pub async fn claim_mails(
        &self,
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>> {
        let mut tx = self.db.begin().await?;
        let ids = to_claim(&mut tx, limit, now).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments = args![holder, until, now];
        let chosen = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let sql = format!(
            "UPDATE mails SET state = 'claimed', state_at = $3, holder = $1, lease_until = $2, fence = fence + 1, \
             attempts = attempts + 1, retry_at = NULL WHERE id IN ({chosen}) RETURNING {MAIL}"
        );
        let rows = tx.rows(&sql, arguments).await?;
        let mut automatic = BTreeMap::new();
        for row in &rows {
            if row.word("class", MailClass::from_word)? == MailClass::Automatic {
                *automatic.entry(row.text("desk")?).or_default() += 1;
            }
        }
        count_claimed(&mut tx, &automatic).await?;
        tx.commit().await?;
        let claimed = rows.iter().map(|row| {
            let claimed = ClaimedMail {
                mail: mail(row)?,
                attempts: attempts(row)?,
                queued_at: row.time("queued_at")?,
                fence: row.int("fence")?,
            };
            Ok((claimed.mail.id, claimed))
        });
        let mut claimed = claimed.collect::<Result<HashMap<_, _>>>()?;
        Ok(ids.iter().filter_map(|id| claimed.remove(id)).collect())
    }

    /// The bodies of these are out and the final dots are about to be sent. Gives those that are still the caller's:
    /// only they may be finished.
    pub async fn mark_committing(&self, claims: &[(Uuid, i64)], now: Timestamp) -> Result<Vec<Uuid>> {
        let mut tx = self.db.begin().await?;
        let rows = claims.iter().map(|(id, fence)| args![*id, *fence, now]).collect();
        let head = "UPDATE mails SET state = 'committing', state_at = v.column3 FROM (VALUES";
        let tail = ") AS v WHERE mails.id = v.column1 AND mails.fence = v.column2 AND mails.state = 'claimed' \
                    RETURNING mails.id AS id";
        let rows = tx.fetch_rows(head, tail, rows).await?;
        crate::faults::point("store_committing");
        tx.commit().await?;
        rows.iter().map(|row| row.id("id")).collect()
    }

    /// Gives claimed mails back untried: they are queued again, and the attempt does not count.
    pub async fn release_mails(&self, claims: &[(Uuid, i64)], now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let rows = claims.iter().map(|(id, fence)| args![*id, *fence, now]).collect();
        let head = "UPDATE mails SET state = 'queued', state_at = v.column3, holder = NULL, lease_until = NULL, \
                    attempts = attempts - 1 FROM (VALUES";
        let tail = ") AS v WHERE mails.id = v.column1 AND mails.fence = v.column2 AND mails.state = 'claimed'";
        tx.run_rows(head, tail, rows).await?;
        tx.commit().await
    }
}
