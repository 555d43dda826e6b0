//! The exported audit trail, verified by code that shares nothing with the program: only docs/audit.md.

use super::world::{World, event};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use mailclerk::case::EventKind;
use mailclerk::effects::{Chain, EventWrite};
use mailclerk::store::ExportFilter;
use mailclerk::web::console::trail_file::{TrailForm, begin, checkpoint_lines, lines};
use sha2::Sha256;
use std::collections::BTreeMap;

/// The key that docs/audit.md derives from the key file's 32 bytes.
fn audit_key(master: &[u8; 32]) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b"mailclerk"), master).expand(b"audit v1", &mut key).expect("32 bytes");
    key
}

fn framed(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.iter().copied())).collect()
}

fn hash(key: &[u8; 32], before: &str, parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(&framed(&[before.as_bytes(), &framed(&parts)]));
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The last row of each chain, by desk and chain: its number and its hash.
type Ends = BTreeMap<(String, String), (i64, String)>;

/// What of an export does not hold: chain and number.
fn faults(export: &str, key: &[u8; 32]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ends = Ends::new();
    let mut heads: BTreeMap<i64, Ends> = BTreeMap::new();
    let (mut newest, mut before_checkpoint) = (0, String::new());
    for line in export.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| row[name].as_i64().expect("a number");
        if row.get("checkpoint").is_some() {
            let seq = number("checkpoint");
            let mut parts = vec!["checkpoint".to_owned(), seq.to_string(), text("at")];
            for ((desk, chain), (seq, hash)) in heads.remove(&(seq - 1)).unwrap_or_default() {
                parts.extend([desk, chain, seq.to_string(), hash]);
            }
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            if hash(key, &before_checkpoint, &parts) != text("hash") || seq != newest + 1 {
                faults.push(format!("checkpoint {seq}"));
            }
            (newest, before_checkpoint) = (seq, text("hash"));
            continue;
        }
        let (seq, epoch) = (number("seq"), number("epoch"));
        let digest = row["digest"].as_str().map_or("-".to_owned(), |digest| format!("+{digest}"));
        let own = hash(
            key,
            &text("before"),
            &[
                &text("desk"),
                &text("chain"),
                &seq.to_string(),
                &epoch.to_string(),
                &text("at"),
                &text("kind"),
                &text("ids"),
                &digest,
            ],
        );
        let place = (text("desk"), text("chain"));
        let end = ends.entry(place.clone()).or_insert((0, String::new()));
        if own != text("hash") || *end != (seq - 1, text("before")) {
            faults.push(format!("{} {seq}", if place.1 == "desk" { "desk" } else { "case" }));
        }
        *end = (seq, text("hash"));
        heads.entry(epoch).or_default().insert(place, (seq, text("hash")));
    }
    faults
}

async fn exported(world: &World) -> String {
    let (mut text, mut after) = (begin(TrailForm::Json), None);
    loop {
        let (rows, next) = world.store.export_rows(&ExportFilter::default(), None, after.as_ref()).await.expect("read");
        text += &lines(TrailForm::Json, &rows).expect("written");
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    text + &checkpoint_lines(TrailForm::Json, &world.store.export_checkpoints().await.expect("read")).expect("written")
}

#[tokio::test]
async fn an_export_is_verified_without_the_program() {
    let world = World::sqlite().await;
    for round in 0..3 {
        let mut effects = world.nothing();
        let case = world.opens(&mut effects, &format!("AB-10000{round}"), "jo@example.com");
        let content = Some(serde_json::json!({ "text": "=1+1, \"a\"\n" }));
        let ids = BTreeMap::from([("what".to_owned(), "x\"y\\z".to_owned())]);
        effects.events.push(EventWrite { content, ids, ..event(Chain::Case(case), EventKind::Note) });
        effects.events.push(event(Chain::Desk, EventKind::Decided));
        world.write(effects, &[]).await;
        if round < 2 {
            super::audit::checkpoint(&world, round + 1).await;
        }
    }
    let key = audit_key(&[7; 32]);
    let whole = exported(&world).await;
    assert_eq!(whole.lines().count(), 11);
    assert_eq!(faults(&whole, &key), Vec::<String>::new());
    assert!(!faults(&whole, &audit_key(&[8; 32])).is_empty(), "another key");
    assert!(!whole.contains("=1+1"), "content stays where it is");
    for (sql, expected) in [
        ("UPDATE audit_rows SET kind = 'updated' WHERE chain = 'desk' AND seq = 2", &["desk 2"][..]),
        ("DELETE FROM audit_rows WHERE chain = 'desk' AND seq = 3", &[]),
        ("DELETE FROM audit_rows WHERE chain = 'desk' AND seq = 1", &["desk 2", "checkpoint 1"]),
    ] {
        world.sql(sql).await;
        let found = faults(&exported(&world).await, &key);
        assert!(expected.iter().all(|one| found.contains(&(*one).to_owned())), "{sql}: {found:?}");
    }
    let (rows, _) = world.store.export_rows(&ExportFilter::default(), None, None).await.expect("read");
    let csv = begin(TrailForm::Csv) + &lines(TrailForm::Csv, &rows).expect("written");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(reader.records().all(|record| record.expect("a record").len() == 10));
}

/// The example of docs/audit.md, to the letter.
#[test]
fn the_documented_example_holds() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.md")).expect("the page");
    let key = audit_key(&std::array::from_fn(|n| n as u8));
    let parts = ["example", "desk", "1", "0", "2026-11-21T10:15:00.000000Z", "signed_in", "{\"account\":\"k\"}", "-"];
    let own = hash(&key, "", &parts);
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(docs.contains(&hex), "the key is {hex}");
    assert!(docs.contains(&own), "the hash is {own}");
}
