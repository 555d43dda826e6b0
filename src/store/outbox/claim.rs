//! Claiming mails that may leave, and giving them back.

use super::gates::{IS_STOPPED, count_claimed};
use super::mail_rows::{MAIL, attempts, mail};
use super::states::{TakenMail, set_sent, tell};
use crate::case::EventKind;
use crate::effects::MailClass;
use crate::faults;
use crate::store::db::Tx;
use crate::store::rows::list;
use crate::store::value::args;
use crate::store::{ClaimedMail, Result, Store, audit};
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

/// One in so many is claimed because of its age, so that no stream of new recipients keeps an old mail waiting; and as
/// many because they are the newest, so that who writes today does not wait until a backlog is worked off.
const BY_AGE: usize = 4;

/// What to claim, in its order.
async fn to_claim(tx: &mut Tx, limit: usize, now: Timestamp) -> Result<Vec<Uuid>> {
    let lane_counts = !faults::is_on("lane_order_ignored");
    let may_leave = if lane_counts { may_leave() } else { "m.state IN ('queued', 'deferred')".to_owned() };
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
    // There is more of the last precedence than finds room: of its share a part goes by age, and a part to the newest.
    let (mut ids, shared): (Vec<_>, Vec<_>) = by_turn.into_iter().partition(|(precedence, _)| *precedence < last);
    let part = i64::try_from(shared.len() / BY_AGE).unwrap_or(0);
    for order in ["m.due_at, m.seq", "m.due_at DESC, m.seq DESC"] {
        let sql = format!(
            "SELECT id FROM mails m WHERE m.precedence = $1 AND m.due_at <= $2 AND {may_leave} \
             ORDER BY {order} LIMIT $3 {{SKIP LOCKED}}"
        );
        for row in tx.rows(&sql, args![last, now, part]).await? {
            ids.push((last, row.id("id")?));
        }
    }
    ids.extend(shared);
    let mut chosen: Vec<Uuid> = Vec::with_capacity(limit);
    for (_, id) in ids {
        if chosen.len() < limit && !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    Ok(chosen)
}

async fn claim(tx: &mut Tx, holder: Uuid, limit: usize, until: Timestamp, now: Timestamp) -> Result<Vec<ClaimedMail>> {
    let ids = to_claim(tx, limit, now).await?;
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
    count_claimed(tx, &automatic).await?;
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
        self.settle_and_claim(&[], holder, limit, until, now).await
    }

    /// Writes down as sent what the server took, and claims what may leave next, in one commit: what stood behind a mail
    /// in its lane may leave at once.
    pub async fn settle_and_claim(
        &self,
        taken: &[TakenMail],
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>> {
        let mut tx = if taken.is_empty() { self.db.begin().await? } else { audit::begin(&self.db).await? };
        let sent = set_sent(&mut tx, taken, now).await?;
        let claimed = claim(&mut tx, holder, limit, until, now).await?;
        if faults::is_on("audit_outside_transaction") {
            tx.commit().await?;
            faults::point("audit_apart");
            tx = audit::begin(&self.db).await?;
        }
        // The chains come last, as in every commit: nobody waits in a ring.
        tell(&mut tx, &self.keys, &sent, EventKind::MailSent, None, now).await?;
        faults::point("store_mail_changed");
        if !sent.is_empty() || !claimed.is_empty() {
            tx.commit().await?;
        }
        Ok(claimed)
    }

    /// The bodies of these are out and the final dots are about to be sent. Gives those that are still the caller's:
    /// only they may be finished.
    pub async fn mark_committing(&self, claims: &[(Uuid, i64)], now: Timestamp) -> Result<Vec<Uuid>> {
        let mut tx = self.db.begin().await?;
        let rows = claims.iter().map(|(id, fence)| args![*id, *fence, now]).collect();
        let head = "UPDATE mails SET state = 'committing', state_at = v.column3 FROM (VALUES";
        let tail = if faults::is_on("claim_unfenced") {
            ") AS v WHERE mails.id = v.column1 AND v.column2 > 0 RETURNING mails.id AS id"
        } else {
            ") AS v WHERE mails.id = v.column1 AND mails.fence = v.column2 AND mails.state = 'claimed' \
             RETURNING mails.id AS id"
        };
        let rows = tx.fetch_rows(head, tail, rows).await?;
        faults::point("store_committing");
        if !faults::is_on("committing_not_written") {
            tx.commit().await?;
        }
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
