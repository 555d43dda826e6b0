//! Writing what a person did in the console: the message that their words are, mails that they withdraw, promises that
//! are owed again.

use super::plan::Plan;
use crate::effects::{CONSOLE, Effects, WrittenHere};
use crate::store::db::Tx;
use crate::store::message_rows::SealedDecision;
use crate::store::seal::{seal_json, seal_raw};
use crate::store::value::{Value, args};
use crate::store::{MessageState, Result, StoreError};
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// Sealed bytes of messages that are written here, by their row.
pub(super) type Packed = HashMap<Uuid, Vec<u8>>;

/// Compresses what was written in the console, before any lock is taken and off the threads that serve connections.
pub(super) async fn packed(effects: &[Effects]) -> Result<Packed> {
    let raws: Vec<(Uuid, Vec<u8>)> =
        effects.iter().filter_map(|one| one.written_here.as_ref()).map(|one| (one.id, one.raw.clone())).collect();
    if raws.is_empty() {
        return Ok(Packed::new());
    }
    let pack = move || raws.into_iter().map(|(id, raw)| Ok((id, seal_raw(&raw)?))).collect();
    tokio::task::spawn_blocking(pack).await.map_err(|_| StoreError::Corrupt("a raw mail"))?
}

/// The messages, decided as they are written: they have no decision, no folder and no keys, so that nothing leases, files
/// or counts them.
pub(super) async fn write_written(tx: &mut Tx, plan: &Plan<'_>, packed: &Packed, now: Timestamp) -> Result<()> {
    let written: Vec<(&Effects, &WrittenHere)> =
        plan.elements.iter().filter_map(|one| one.written_here.as_ref().map(|written| (*one, written))).collect();
    let rows = written.iter().map(|(one, written)| message_row(one, written, now)).collect();
    let head = "INSERT INTO messages (id, desk, mailbox, uid_validity, name, arrived, recorded_at, state, attempts, \
                fence, decided_at, gets_reply, is_sent) VALUES";
    tx.run_rows(head, "", rows).await?;
    let raws = written.iter().filter_map(|(one, written)| {
        packed.get(&written.id).map(|sealed| args![written.id, one.desk.as_str(), sealed.clone()])
    });
    tx.run_rows("INSERT INTO message_raws (message, desk, sealed) VALUES", "", raws.collect()).await?;
    let decisions = written.iter().map(|(one, written)| {
        let sealed = SealedDecision {
            author: Some(written.author.clone()),
            subject: written.subject.clone(),
            visible_text: written.words.clone(),
            attachments: Some(written.attachments.clone()),
            ..SealedDecision::default()
        };
        let sealed = seal_json(&sealed, "a decision")?;
        Ok(args![written.id, one.desk.as_str(), "[]", "[]", "[]", false, sealed])
    });
    let head = "INSERT INTO message_decisions (message, desk, reasons, topics, warnings, urgent, sealed) VALUES";
    tx.run_rows(head, "", decisions.collect::<Result<_>>()?).await.map(drop)
}

fn message_row(one: &Effects, written: &WrittenHere, now: Timestamp) -> Vec<Value> {
    args![
        written.id,
        one.desk.as_str(),
        CONSOLE,
        0i64,
        written.id.to_string(),
        written.at,
        now,
        MessageState::Decided.as_str(),
        0i64,
        0i64,
        one.at,
        false,
        true,
    ]
}

/// Mails change their state as a person says. The commit has seen that they are in the state that this was decided from.
pub(super) async fn change_mails(tx: &mut Tx, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let changes = plan.elements.iter().flat_map(|one| &one.mail_changes);
    let rows = changes.map(|change| args![change.mail, change.becomes.as_str(), change.why, now]).collect();
    let head = "UPDATE mails SET state = v.column2, why = v.column3, retry_at = NULL, \
                due_at = CASE WHEN v.column2 = 'queued' THEN v.column4 ELSE mails.due_at END, state_at = CASE WHEN mails.state = v.column2 THEN mails.state_at ELSE v.column4 END FROM (VALUES";
    tx.run_rows(head, ") AS v WHERE mails.id = v.column1", rows).await.map(drop)
}

/// What was met by a mail that is withdrawn is owed again.
pub(super) async fn owe_again(tx: &mut Tx, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let again = plan.elements.iter().flat_map(|one| &one.clocks_again);
    let rows = again.map(|clock| args![clock.row, clock.state.as_str(), now]).collect();
    let head = "UPDATE clocks SET state = v.column2, state_at = v.column3 FROM (VALUES";
    tx.run_rows(head, ") AS v WHERE clocks.id = v.column1 AND clocks.state = 'met'", rows).await.map(drop)
}
