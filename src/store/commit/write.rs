//! Writing a planned batch: one statement a table, whatever its size.

use super::console::{Packed, change_mails, owe_again, write_written};
use super::known::{Known, requesters_of};
use super::plan::{Plan, of_id};
use super::{MAIL_NUMBER, count_up};
use crate::case::standing::Target;
use crate::case::{ClockOf, ClockRow};
use crate::effects::{Chain, Decided, Effects, MessageLink, OutgoingMail};
use crate::store::absences::absence_row;
use crate::store::case_rows::{WRITE_CASES, WRITE_PENDINGS, case_row, pending_row};
use crate::store::db::Tx;
use crate::store::message_rows::SealedDecision;
use crate::store::outbox::mail_rows::{WRITE_MAILS, mail_row, remarked};
use crate::store::rows::list;
use crate::store::seal::{address_key, hash_key, message_id_key, seal, seal_json};
use crate::store::standing::target_columns;
use crate::store::value::{Value, args};
use crate::store::{MessageState, Result, StoreError, audit, console, list_entries, portal, turns};
use crate::words::Decision;
use crate::words::keys::Keys;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl MessageState {
    /// How a message stands that was decided so.
    pub(super) fn after(decision: Decision) -> Self {
        if decision == Decision::Hold { Self::Held } else { Self::Decided }
    }
}

pub(super) async fn write(
    tx: &mut Tx,
    keys: &Keys,
    plan: &Plan<'_>,
    known: &Known,
    packed: &Packed,
    now: Timestamp,
) -> Result<()> {
    if plan.elements.is_empty() {
        return Ok(());
    }
    write_written(tx, plan, packed, now).await?;
    write_decisions(tx, keys, plan).await?;
    write_requesters(tx, keys, plan, known, now).await?;
    write_cases(tx, keys, plan, now).await?;
    write_pendings(tx, keys, plan).await?;
    write_links(tx, keys, plan).await?;
    touch_cases(tx, plan, now).await?;
    end_clocks(tx, plan, now).await?;
    owe_again(tx, plan, now).await?;
    start_clocks(tx, plan, now).await?;
    console::write_next(tx, &plan.elements).await?;
    change_mails(tx, plan, now).await?;
    write_mails(tx, keys, plan).await?;
    release_mails(tx, plan, known).await?;
    note_bounces(tx, keys, plan).await?;
    write_absences(tx, keys, plan, now).await?;
    list_entries::write(tx, &plan.elements).await?;
    let events = plan.elements.iter().flat_map(|one| one.events.iter().map(|event| (one.desk.clone(), one.at, event)));
    audit::append(tx, keys, &events.collect::<Vec<_>>()).await
}

fn decisions<'a>(plan: &Plan<'a>) -> impl Iterator<Item = (&'a Effects, &'a Decided)> {
    plan.elements.iter().flat_map(|one| one.decisions().map(|decided| (*one, decided)))
}

async fn write_decisions(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>) -> Result<()> {
    let rows = decisions(plan).map(|(one, decided)| decided_row(keys, one, decided)).collect();
    let head = "UPDATE messages SET state = v.column2, decision = v.column3, decided_at = v.column4, \
                author_key = v.column5, message_id_key = v.column6, words_key = v.column7, subject_key = v.column8, \
                gets_reply = v.column9, folder = CASE WHEN NOT messages.is_sent THEN v.column10 END, \
                domain_key = v.column11, from_stranger = v.column12, line = v.column13, holder = NULL, \
                lease_until = NULL FROM (VALUES";
    tx.run_rows(head, ") AS v WHERE messages.id = v.column1", rows).await?;
    let rows = decisions(plan).map(|(one, decided)| decision_row(one, decided)).collect::<Result<_>>()?;
    let head = "INSERT INTO message_decisions (message, desk, reasons, automatic, line, topics, warnings, urgent, \
                sealed) VALUES";
    let tail = "ON CONFLICT (message) DO UPDATE SET reasons = excluded.reasons, automatic = excluded.automatic, \
                line = excluded.line, topics = excluded.topics, warnings = excluded.warnings, \
                urgent = excluded.urgent, sealed = excluded.sealed";
    tx.run_rows(head, tail, rows).await?;
    let rows = decisions(plan).map(|(one, decided)| made_row(keys, one, decided)).collect::<Result<_>>()?;
    let head = "INSERT INTO decisions_made (message, desk, at, decision, reasons, topics, line, author_key, again) \
                SELECT v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9 \
                FROM (VALUES";
    let tail = ") AS v JOIN messages ON messages.id = v.column1 WHERE NOT messages.is_sent";
    tx.run_rows(head, tail, rows).await.map(drop)
}

/// The decision as it was made, which no later one overwrites: what the digest counts.
fn made_row(keys: &Keys, one: &Effects, decided: &Decided) -> Result<Vec<Value>> {
    Ok(args![
        decided.message,
        one.desk.as_str(),
        one.at,
        decided.decision.as_str(),
        codes(&decided.reasons)?,
        codes(&decided.topics)?,
        decided.line.as_ref().map(|line| line.0.clone()),
        decided.author.as_ref().map(|author| address_key(keys, &author.address)),
        decided.releases_held,
    ])
}

fn decided_row(keys: &Keys, one: &Effects, decided: &Decided) -> Vec<Value> {
    let words = Some(&decided.words_hash).filter(|hash| !hash.is_empty()).map(|hash| hash_key(keys, "words", hash));
    args![
        decided.message,
        MessageState::after(decided.decision).as_str(),
        decided.decision.as_str(),
        one.at,
        decided.author.as_ref().map(|author| address_key(keys, &author.address)),
        decided.message_id.as_ref().map(|id| message_id_key(keys, id)),
        words,
        hash_key(keys, "subject", &decided.subject_hash),
        decided.gets_reply,
        decided.folder.as_str(),
        decided.author.as_ref().map(|author| hash_key(keys, "domain", author.address.organisational_domain())),
        decided.from_stranger,
        decided.line.as_ref().map(|line| line.0.clone()),
    ]
}

fn decision_row(one: &Effects, decided: &Decided) -> Result<Vec<Value>> {
    Ok(args![
        decided.message,
        one.desk.as_str(),
        codes(&decided.reasons)?,
        decided.automatic.map(|kind| kind.as_str().to_owned()),
        decided.line.as_ref().map(|line| line.0.clone()),
        codes(&decided.topics)?,
        codes(&decided.warnings)?,
        decided.urgent,
        seal_json(&SealedDecision::of(decided), "a decision")?,
    ])
}

fn codes<T: serde::Serialize>(codes: &T) -> Result<String> {
    serde_json::to_string(codes).map_err(|_| StoreError::Corrupt("a list of codes"))
}

async fn write_requesters(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>, known: &Known, now: Timestamp) -> Result<()> {
    let mut changed: BTreeMap<(String, String), Option<bool>> = BTreeMap::new();
    for one in &plan.elements {
        for address in requesters_of(one) {
            changed.entry((one.desk.clone(), address_key(keys, address))).or_default();
        }
        for write in &one.requesters {
            changed.insert((one.desk.clone(), address_key(keys, &write.address)), Some(write.bounced_hard));
        }
    }
    let rows = changed.into_iter().map(|(key, bounced)| {
        let version = known.requesters.get(&key).copied().unwrap_or(0);
        args![key.0, key.1, version, bounced, now]
    });
    let head = "UPDATE requesters SET version = v.column3, bounced_hard = COALESCE(v.column4, bounced_hard), \
                last_at = v.column5 FROM (VALUES";
    let tail = ") AS v WHERE requesters.desk = v.column1 AND requesters.address_key = v.column2";
    tx.run_rows(head, tail, rows.collect()).await.map(drop)
}

async fn write_cases(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let cases = plan.cases.values().map(|case| case_row(case, case.version + 1, keys, now)).collect::<Result<_>>()?;
    tx.run_rows(WRITE_CASES.0, WRITE_CASES.1, cases).await?;
    console::write_words(tx, keys, &plan.cases.values().copied().collect::<Vec<_>>()).await?;
    let participants = plan.cases.values().map(|case| (case.id, case.desk.as_str(), case.participants.as_slice()));
    write_participants(tx, keys, participants.collect()).await?;
    let links =
        plan.cases.values().flat_map(|case| case.links.iter().map(|other| args![case.id, *other, case.desk.as_str()]));
    let head = "INSERT INTO case_links (case_id, other_id, desk) VALUES";
    tx.run_rows(head, "ON CONFLICT (case_id, other_id) DO NOTHING", links.collect()).await.map(drop)
}

async fn write_pendings(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>) -> Result<()> {
    let rows = plan.pendings.values().map(|one| pending_row(one, one.version + 1, keys)).collect::<Result<_>>()?;
    tx.run_rows(WRITE_PENDINGS.0, WRITE_PENDINGS.1, rows).await?;
    let participants = plan.pendings.values().map(|one| (one.id, one.desk.as_str(), one.participants.as_slice()));
    write_participants(tx, keys, participants.collect()).await
}

type Participants<'a> = Vec<(Uuid, &'a str, &'a [crate::address::EmailAddress])>;

async fn write_participants(tx: &mut Tx, keys: &Keys, targets: Participants<'_>) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let mut arguments = args![];
    let ids = list(&mut arguments, targets.iter().map(|(id, ..)| *id), Uuid::nil().into());
    tx.run(&format!("DELETE FROM participants WHERE target IN ({ids})"), arguments).await?;
    let rows = targets.iter().flat_map(|(id, desk, addresses)| {
        addresses.iter().map(|address| args![*id, address_key(keys, address), *desk])
    });
    let head = "INSERT INTO participants (target, address_key, desk) VALUES";
    tx.run_rows(head, "ON CONFLICT (target, address_key) DO NOTHING", rows.collect()).await.map(drop)
}

async fn write_links(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>) -> Result<()> {
    let mut rows = BTreeMap::new();
    for one in &plan.elements {
        for link in &one.links {
            rows.entry((link.message, link.target)).or_insert_with(|| link_row(keys, one, link));
        }
    }
    let head = "INSERT INTO message_links (message, target, target_kind, role, desk, author_key, arrived, linked_at, \
                sealed) VALUES";
    tx.run_rows(head, "ON CONFLICT (message, target) DO NOTHING", rows.into_values().collect()).await.map(drop)
}

fn link_row(keys: &Keys, one: &Effects, link: &MessageLink) -> Vec<Value> {
    let decided = one.decisions().find(|decided| decided.message == link.message);
    let written = one.written_here.as_ref().filter(|written| written.id == link.message);
    let (kind, target) = target_columns(link.target);
    let author = decided.and_then(|decided| decided.author.as_ref()).or(written.map(|written| &written.author));
    let words = decided.map(|decided| &decided.visible_text).or(written.map(|written| &written.words));
    let words = words.filter(|_| link.role.bears_words()).map(|words| seal(words.as_bytes()));
    args![
        link.message,
        target,
        kind,
        link.role.as_str(),
        one.desk.as_str(),
        author.map(|author| address_key(keys, &author.address)),
        decided.map(|decided| decided.arrived).or(written.map(|written| written.at)),
        one.at,
        words,
    ]
}

/// A case that a message reached, or in which anything happened, was touched.
async fn touch_cases(tx: &mut Tx, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let linked = plan.elements.iter().flat_map(|one| &one.links).filter_map(|link| match link.target {
        Target::Case(id) => Some(id),
        Target::Pending(_) => None,
    });
    let told = plan.elements.iter().flat_map(|one| &one.events).filter_map(|event| match event.chain {
        Chain::Case(id) => Some(id),
        Chain::Desk => None,
    });
    let touched: BTreeSet<Uuid> = linked.chain(told).filter(|id| !plan.cases.contains_key(id)).collect();
    if touched.is_empty() {
        return Ok(());
    }
    let mut arguments = args![now];
    let ids = list(&mut arguments, touched, Uuid::nil().into());
    tx.run(&format!("UPDATE cases SET touched_at = $1 WHERE id IN ({ids})"), arguments).await.map(drop)
}

async fn end_clocks(tx: &mut Tx, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let rows = plan.rows_ended.iter().map(|(id, state)| args![*id, state.as_str(), now]).collect();
    let head = "UPDATE clocks SET state = v.column2, state_at = v.column3 FROM (VALUES";
    tx.run_rows(head, ") AS v WHERE clocks.id = v.column1 AND clocks.state = 'running'", rows).await?;
    // The first end of a batch is the one that counts.
    let mut ends = BTreeMap::new();
    for (of, kind, state) in &plan.all_ended {
        // No kind: all of them.
        ends.entry((of_id(*of), kind.map_or("", |kind| kind.as_str()))).or_insert(*state);
    }
    let rows = ends.into_iter().map(|((id, kind), state)| args![id, state.as_str(), now, kind]).collect();
    let tail = ") AS v WHERE clocks.of_id = v.column1 AND clocks.state IN ('running', 'paused') \
                AND (v.column4 = '' OR clocks.kind = v.column4)";
    tx.run_rows(head, tail, rows).await.map(drop)
}

/// A clock that stands is left as it is; one that had ended runs again.
async fn start_clocks(tx: &mut Tx, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let rows = plan.clocks.values().map(|clock| clock_row(clock, now)).collect();
    let head = "INSERT INTO clocks (id, desk, of_kind, of_id, kind, started, due_local, zone, due, calendar_version, \
                state, state_at) VALUES";
    let tail = "ON CONFLICT (of_id, kind, due) DO UPDATE SET state = excluded.state, state_at = excluded.state_at, \
                started = excluded.started, due_local = excluded.due_local, zone = excluded.zone, \
                calendar_version = excluded.calendar_version WHERE clocks.state = 'ended'";
    tx.run_rows(head, tail, rows).await.map(drop)
}

fn clock_row(clock: &ClockRow, now: Timestamp) -> Vec<Value> {
    let kind = match clock.of {
        ClockOf::Case(_) => "case",
        ClockOf::Pending(_) => "pending",
        ClockOf::Message(_) => "message",
        ClockOf::Desk(_) => "desk",
    };
    args![
        clock.id,
        clock.desk.as_str(),
        kind,
        of_id(clock.of),
        clock.kind.as_str(),
        clock.started,
        clock.due_local.to_string(),
        clock.zone.as_str(),
        clock.due,
        clock.calendar_version.as_str(),
        clock.state.as_str(),
        now,
    ]
}

async fn write_mails(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>) -> Result<()> {
    let mut by_desk: BTreeMap<&str, Vec<(&OutgoingMail, Timestamp, Timestamp)>> = BTreeMap::new();
    for one in &plan.elements {
        let arrived = |mail: &OutgoingMail| {
            let answered = one.decisions().find(|decided| Some(decided.message) == mail.replies_to);
            answered.map_or(one.at, |decided| decided.arrived)
        };
        by_desk.entry(&one.desk).or_default().extend(one.mails.iter().map(|mail| (mail, one.at, arrived(mail))));
    }
    for (desk, mails) in by_desk.into_iter().filter(|(_, mails)| !mails.is_empty()) {
        let n = i64::try_from(mails.len()).unwrap_or(i64::MAX);
        let first = count_up(tx, desk, MAIL_NUMBER, 1, n).await?;
        let turns = turns::of_mails(tx, keys, mails.iter().map(|(mail, ..)| *mail)).await?;
        let numbered = mails.iter().zip((first..).zip(turns));
        let rows = numbered
            .map(|((mail, at, counts), number)| mail_row(keys, mail, number, (*at, *counts)))
            .collect::<Result<_>>()?;
        tx.run_rows(WRITE_MAILS, "", rows).await?;
        let ids = mails.iter().map(|(mail, at, _)| args![desk, message_id_key(keys, &mail.message_id), mail.id, *at]);
        tx.run_rows("INSERT INTO mail_ids (desk, id_key, mail, known_at) VALUES", "", ids.collect()).await?;
        portal::write_links(tx, keys, desk, mails.iter().map(|(mail, at, _)| (*mail, *at))).await?;
    }
    Ok(())
}

/// What waited for a secure way is queued in its old place; it is dated when it may leave, because it is read then.
async fn release_mails(tx: &mut Tx, plan: &Plan<'_>, known: &Known) -> Result<()> {
    let (mut rows, mut into_portal) = (Vec::new(), Vec::new());
    for one in &plan.elements {
        for release in &one.mails_released {
            let Some(sealed) = known.waiting.get(&release.mail) else { continue };
            let sealed = remarked(sealed, release.gateway.clone())?;
            let row = args![release.mail, one.at, sealed];
            if release.portal { into_portal.push(row) } else { rows.push(row) }
        }
    }
    // It is where it will be read: nothing of it leaves, and no copy is kept elsewhere.
    let head = "UPDATE mails SET state = 'sent', state_at = v.column2, portal_at = v.column2, copied_at = v.column2, \
                dated = v.column2, why = NULL, retry_at = NULL, sealed = v.column3 FROM (VALUES";
    let tail = ") AS v WHERE mails.id = v.column1 AND mails.state = 'waiting_secure'";
    tx.run_rows(head, tail, into_portal).await?;
    let head = "UPDATE mails SET state = 'queued', state_at = v.column2, due_at = v.column2, dated = v.column2, \
                counts_at = v.column2, why = NULL, retry_at = NULL, sealed = v.column3 FROM (VALUES";
    let tail = ") AS v WHERE mails.id = v.column1 AND mails.state = 'waiting_secure'";
    tx.run_rows(head, tail, rows).await.map(drop)
}

/// The same days of the same person are one row.
async fn write_absences(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>, now: Timestamp) -> Result<()> {
    let writes = plan.elements.iter().flat_map(|one| one.absences.iter().map(|write| (one.desk.as_str(), write)));
    let rows = writes.map(|(desk, write)| absence_row(keys, desk, write, now)).collect::<Result<_>>()?;
    let head = "INSERT INTO absences (desk, address_key, from_day, to_day, set_at, sealed) VALUES";
    tx.run_rows(head, "ON CONFLICT (desk, address_key, from_day, to_day) DO NOTHING", rows).await.map(drop)
}

async fn note_bounces(tx: &mut Tx, keys: &Keys, plan: &Plan<'_>) -> Result<()> {
    let rows: Vec<_> = plan
        .elements
        .iter()
        .flat_map(|one| one.bounced_mails.iter().map(|(id, hard)| (one.desk.as_str(), id, *hard, one.at)))
        .map(|(desk, id, hard, at)| {
            let (word, since) = if hard { ("hard", Some(at)) } else { ("soft", None) };
            args![desk, message_id_key(keys, id), word, since]
        })
        .collect();
    let head = "UPDATE mails SET bounced = v.column3, bounced_at = COALESCE(v.column4, bounced_at) FROM (VALUES";
    let tail = ") AS v JOIN mail_ids ON mail_ids.desk = v.column1 AND mail_ids.id_key = v.column2 \
                WHERE mails.id = mail_ids.mail";
    tx.run_rows(head, tail, rows).await.map(drop)
}
