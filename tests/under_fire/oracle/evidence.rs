//! What an outsider can see when all is quiet: rows, mailbox, transcript, commands.

use crate::database::{Database, Texts, opened, opened_json};
use crate::house::House;
use crate::mails::header;
use crate::raw_imap::RawImap;
use crate::smtp_server::Taken;
use serde_json::Value;
use std::collections::BTreeMap;

/// A message's row.
pub struct MessageRow {
    /// Its id.
    pub id: String,
    /// The UID under which it was read.
    pub uid: String,
    /// `recorded`, `decided`, `held`.
    pub state: String,
    /// The folder that the decision names.
    pub folder: String,
    /// Whether it is noted as filed.
    pub is_filed: bool,
    /// Whether somebody has it in hands.
    pub has_holder: bool,
    /// Its octets; `None`: there are none.
    pub raw: Option<Vec<u8>>,
    /// The number in `X-Fire`.
    pub number: Option<usize>,
}

/// A mail's row.
pub struct MailRow {
    /// Its id.
    pub id: String,
    /// Who it is to, about what.
    pub lane: String,
    /// `automatic`, `answer`, `staff`, …
    pub class: String,
    /// Its template.
    pub template: String,
    /// Its state.
    pub state: String,
    /// Why it is not sent.
    pub why: String,
    /// The message that it answers.
    pub replies_to: Option<String>,
    /// Its case's number.
    pub case: Option<String>,
    /// What it is about: a case's or pending request's row.
    pub about: Option<String>,
    /// Whether it was queued once more because its fate was unknown.
    pub is_sent_again: bool,
    /// When its copy was put into the Sent folder.
    pub is_copied: bool,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// Its recipient.
    pub to: String,
}

/// A mail that stands in the mailbox.
pub struct Filed {
    /// The folder.
    pub folder: String,
    /// Its octets.
    pub raw: Vec<u8>,
}

/// All of it.
pub struct Evidence {
    /// What was read from the inbox.
    pub messages: Vec<MessageRow>,
    /// What was to be sent.
    pub mails: Vec<MailRow>,
    /// Cases: id, number, requester's address.
    pub cases: Vec<(String, String, String)>,
    /// Pending requests: id, state, requester's address.
    pub pendings: Vec<(String, String, String)>,
    /// Clocks: (what of, kind, due, state).
    pub clocks: Vec<(String, String, String, String)>,
    /// Audit rows: (chain, kind, ids).
    pub audit: Vec<(String, String, String)>,
    /// All mails of the mailbox, but for the Sent folder.
    pub filed: Vec<Filed>,
    /// Message-IDs of the copies in the Sent folder, as often as they stand there.
    pub copies: BTreeMap<String, usize>,
    /// What the way out took.
    pub transcript: Vec<Taken>,
    /// What `audit verify` said, where it was not content.
    pub audit_faults: Option<String>,
    /// What the command `held` lists.
    pub held: Vec<Value>,
}

impl Evidence {
    /// Looks at everything.
    ///
    /// # Errors
    ///
    /// What could not be looked at.
    pub fn gather(
        database: &Database,
        house: &House,
        imap: &mut RawImap,
        transcript: Vec<Taken>,
    ) -> Result<Self, String> {
        let (filed, copies) = mailbox(imap);
        let verified = house.end_of(&["audit", "verify"]);
        let audit_faults = (!verified.status.success()).then(|| {
            format!("{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr))
        });
        Ok(Self {
            messages: messages(database)?,
            mails: mails(database)?,
            cases: of_requesters(database, "number", "cases")?,
            pendings: of_requesters(database, "state", "pendings")?,
            clocks: four(database.select(&["of_id", "kind", "due", "state"], "FROM clocks")?),
            audit: three(database.select(&["chain", "kind", "ids"], "FROM audit_rows")?),
            filed,
            copies,
            transcript,
            audit_faults,
            held: house.list(&["held"])?,
        })
    }
}

fn text(row: &Texts, at: usize) -> String {
    row.get(at).cloned().flatten().unwrap_or_default()
}

fn maybe(row: &Texts, at: usize) -> Option<String> {
    row.get(at).cloned().flatten()
}

fn is_true(row: &Texts, at: usize) -> bool {
    matches!(text(row, at).as_str(), "1" | "true" | "t")
}

fn four(rows: Vec<Texts>) -> Vec<(String, String, String, String)> {
    rows.iter().map(|row| (text(row, 0), text(row, 1), text(row, 2), text(row, 3))).collect()
}

fn three(rows: Vec<Texts>) -> Vec<(String, String, String)> {
    rows.iter().map(|row| (text(row, 0), text(row, 1), text(row, 2))).collect()
}

/// The number that the storm wrote into a mail.
pub fn number_of(raw: &[u8]) -> Option<usize> {
    header(raw, "X-Fire")?.parse().ok()
}

fn messages(database: &Database) -> Result<Vec<MessageRow>, String> {
    let columns = ["m.id", "m.name", "m.state", "m.folder", "m.filed_at", "m.holder", "hex:r.sealed"];
    let rest = "FROM messages m LEFT JOIN message_raws r ON r.message = m.id WHERE NOT m.is_sent";
    let rows = database.select(&columns, rest)?;
    let read = rows.iter().map(|row| {
        let packed = maybe(row, 6).and_then(|hex| opened(&hex));
        let raw = packed.and_then(|packed| zstd::bulk::decompress(&packed, 64 * 1024 * 1024).ok());
        let number = raw.as_deref().and_then(number_of);
        MessageRow {
            id: text(row, 0),
            uid: text(row, 1),
            state: text(row, 2),
            folder: text(row, 3),
            is_filed: maybe(row, 4).is_some(),
            has_holder: maybe(row, 5).is_some(),
            raw,
            number,
        }
    });
    Ok(read.collect())
}

/// Every mail that was to be sent.
pub fn mails(database: &Database) -> Result<Vec<MailRow>, String> {
    let columns = [
        "id",
        "seq",
        "lane_key",
        "class",
        "template",
        "state",
        "why",
        "replies_to",
        "case_number",
        "about",
        "sent_again",
        "state_at",
        "copied_at",
        "hex:sealed",
    ];
    let rows = database.select(&columns, "FROM mails m ORDER BY m.seq")?;
    let read = rows.iter().map(|row| {
        let sealed = opened_json(&text(row, 13))?;
        Ok(MailRow {
            id: text(row, 0),
            lane: text(row, 2),
            class: text(row, 3),
            template: text(row, 4),
            state: text(row, 5),
            why: text(row, 6),
            replies_to: maybe(row, 7),
            case: maybe(row, 8),
            about: maybe(row, 9),
            is_sent_again: is_true(row, 10),
            is_copied: maybe(row, 12).is_some(),
            message_id: sealed["message_id"].as_str().unwrap_or_default().to_owned(),
            to: address_in(&sealed["to"]),
        })
    });
    read.collect()
}

/// The first text in a value that looks like an address.
fn address_in(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('@') => text.clone(),
        Value::Object(map) => map.values().map(address_in).find(|found| !found.is_empty()).unwrap_or_default(),
        Value::Array(list) => list.iter().map(address_in).find(|found| !found.is_empty()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn of_requesters(
    database: &Database,
    column: &'static str,
    table: &str,
) -> Result<Vec<(String, String, String)>, String> {
    let rows = database.select(&["id", column, "hex:sealed"], &format!("FROM {table}"))?;
    let read = rows.iter().map(|row| {
        let sealed = opened_json(&text(row, 2))?;
        Ok((text(row, 0), text(row, 1), address_in(&sealed["requester"])))
    });
    read.collect()
}

fn mailbox(imap: &mut RawImap) -> (Vec<Filed>, BTreeMap<String, usize>) {
    let listed = imap.ok("LIST \"\" *");
    let names = listed.lines().filter_map(|line| line.rsplit(' ').next()).map(|name| name.trim_matches('"').to_owned());
    let (mut filed, mut copies) = (Vec::new(), BTreeMap::new());
    for folder in names {
        if imap.uids(&folder).is_empty() {
            continue;
        }
        if folder == "Sent" {
            let answer = imap.ok("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
            for line in answer.lines().filter(|line| line.to_ascii_lowercase().starts_with("message-id:")) {
                let id = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                *copies.entry(id).or_default() += 1;
            }
            continue;
        }
        let answer = imap.ok("UID FETCH 1:* (BODY.PEEK[])");
        filed.extend(literals(answer.as_bytes()).map(|raw| Filed { folder: folder.clone(), raw }));
    }
    (filed, copies)
}

/// The literals of an answer, each behind its length.
fn literals(answer: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mark = b"BODY[] {";
    let (mut at, mut found) = (0, Vec::new());
    while let Some(place) = answer[at..].windows(mark.len()).position(|some| some == mark) {
        let from = at + place + mark.len();
        let end = answer[from..].iter().position(|octet| *octet == b'}').unwrap_or(0);
        let length: usize = String::from_utf8_lossy(&answer[from..from + end]).parse().unwrap_or(0);
        let begin = from + end + 3;
        found.push(answer.get(begin..begin + length).unwrap_or_default().to_vec());
        at = (begin + length).min(answer.len());
    }
    found.into_iter()
}
