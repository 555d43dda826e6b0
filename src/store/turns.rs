//! Turns are given when a row is written: to a message by its sender, to a mail to send by its recipient. The rule is
//! [`Waiting`]'s; here stands what is looked up for it, each by its index, however much waits.

use super::db::Tx;
use super::outbox::mail_rows::precedence;
use super::rows::list;
use super::seal::{address_key, message_id_key};
use super::value::args;
use super::{QueueFacts, Result};
use crate::effects::OutgoingMail;
use crate::words::keys::Keys;
use crate::words::turn::Waiting;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A message's place.
pub(super) struct Queued {
    pub(super) turn: i64,
    pub(super) sender_key: String,
    pub(super) own_id_key: Option<String>,
    /// The undecided message that it answers and whose turn is not after its own.
    pub(super) answers_key: Option<String>,
}

/// The key of messages that name no sender.
pub(super) fn nobody(keys: &Keys) -> String {
    keys.lookup("sender", "none")
}

/// The turns of messages that are about to be written, in their order.
pub(super) async fn of_messages(tx: &mut Tx, keys: &Keys, desk: &str, facts: &[&QueueFacts]) -> Result<Vec<Queued>> {
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let nobody = nobody(keys);
    let sender_of =
        |one: &QueueFacts| one.sender.as_ref().map_or_else(|| nobody.clone(), |sender| address_key(keys, sender));
    let senders: BTreeSet<String> = facts.iter().map(|one| sender_of(one)).collect();
    let mut waiting = waiting_of_senders(tx, desk, senders).await?;
    let sql = "SELECT MIN(turn) AS floor FROM messages WHERE desk = $1 AND turn > 0 AND state = 'recorded'";
    let floor = tx.row(sql, args![desk]).await?.map(|row| row.opt_int("floor")).transpose()?.flatten().unwrap_or(1);
    let mut undecided = undecided_ids(tx, keys, desk, facts).await?;
    let mut queued = Vec::with_capacity(facts.len());
    for one in facts {
        let sender_key = sender_of(one);
        let stands = waiting.entry(sender_key.clone()).or_default();
        let answered = one.answers.iter().map(|id| message_id_key(keys, id));
        let answered: Vec<(i64, String)> =
            answered.filter_map(|key| undecided.get(&key).map(|turn| (*turn, key.clone()))).collect();
        let turn = stands.take(floor, one.is_staff, answered.iter().map(|(turn, _)| *turn));
        let answers_key = answered.into_iter().filter(|(theirs, _)| *theirs <= turn).max().map(|(_, key)| key);
        let own_id_key = one.own_id.as_ref().map(|id| message_id_key(keys, id));
        if let Some(id) = &own_id_key {
            undecided.insert(id.clone(), turn);
        }
        queued.push(Queued { turn, sender_key, own_id_key, answers_key });
    }
    Ok(queued)
}

async fn waiting_of_senders(tx: &mut Tx, desk: &str, senders: BTreeSet<String>) -> Result<HashMap<String, Waiting>> {
    let rows = senders.iter().map(|sender| args![desk, sender]).collect();
    let head = "SELECT v.column2 AS who, \
                (SELECT MAX(m.turn) FROM messages m WHERE m.desk = v.column1 AND m.sender_key = v.column2 \
                AND m.state = 'recorded') AS last, \
                (SELECT COUNT(*) FROM messages m WHERE m.desk = v.column1 AND m.sender_key = v.column2 AND m.turn = 0 \
                AND m.state = 'recorded') AS ahead FROM (VALUES";
    let rows = tx.fetch_rows(head, ") AS v", rows).await?;
    let waiting = rows.iter().map(|row| {
        let ahead = u32::try_from(row.int("ahead")?).unwrap_or(u32::MAX);
        Ok((row.text("who")?, Waiting { last: row.opt_int("last")?, ahead }))
    });
    waiting.collect()
}

/// The turns of undecided messages that these answer, by the key of their Message-ID.
async fn undecided_ids(tx: &mut Tx, keys: &Keys, desk: &str, facts: &[&QueueFacts]) -> Result<HashMap<String, i64>> {
    let answered: BTreeSet<String> =
        facts.iter().flat_map(|one| &one.answers).map(|id| message_id_key(keys, id)).collect();
    if answered.is_empty() {
        return Ok(HashMap::new());
    }
    let mut arguments = args![desk];
    let ids = list(&mut arguments, answered, "".into());
    let sql = format!(
        "SELECT own_id_key, MIN(turn) AS turn FROM messages \
         WHERE desk = $1 AND own_id_key IN ({ids}) AND state = 'recorded' GROUP BY own_id_key"
    );
    let rows = tx.rows(&sql, arguments).await?;
    rows.iter().map(|row| Ok((row.text("own_id_key")?, row.int("turn")?))).collect()
}

/// The turns of mails that are about to be written, in their order: by recipient, among those of one precedence.
pub(super) async fn of_mails<'a>(
    tx: &mut Tx,
    keys: &Keys,
    mails: impl Iterator<Item = &'a OutgoingMail>,
) -> Result<Vec<i64>> {
    let asked: Vec<(i64, String)> =
        mails.map(|mail| (precedence(mail.class), address_key(keys, &mail.to.address))).collect();
    let distinct: BTreeSet<&(i64, String)> = asked.iter().collect();
    let rows = distinct.iter().map(|(precedence, to)| args![*precedence, to]).collect();
    let head = "SELECT v.column1 AS precedence, v.column2 AS who, \
                (SELECT MAX(m.turn) FROM mails m WHERE m.precedence = v.column1 AND m.to_key = v.column2 \
                AND m.state IN ('queued', 'deferred')) AS last, \
                (SELECT MIN(m.turn) FROM mails m WHERE m.precedence = v.column1 \
                AND m.state IN ('queued', 'deferred')) AS floor FROM (VALUES";
    let mut waiting = BTreeMap::new();
    for row in tx.fetch_rows(head, ") AS v", rows).await? {
        let floor = row.opt_int("floor")?.unwrap_or(1);
        let stands = Waiting { last: row.opt_int("last")?, ahead: 0 };
        waiting.insert((row.int("precedence")?, row.text("who")?), (floor, stands));
    }
    let turns = asked.into_iter().map(|who| {
        let (floor, stands) = waiting.entry(who).or_insert((1, Waiting::default()));
        stands.take(*floor, false, [])
    });
    Ok(turns.collect())
}
