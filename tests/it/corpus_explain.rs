//! Labelled public mail, judged whole: the folder named by `MAILCLERK_CORPUS`, every entry of its indexes that says what
//! `explain` must answer.
//!
//! # Labels that we read otherwise
//!
//! [`DISAGREED`] lists them, each with its reason. Every other label must agree.

use mailclerk::cli::explain::{explain, to_json};
use mailclerk::desk::shipped;
use mailclerk::settings::Trust;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files (set and name) whose labels are wrong by the desk's policy, and why.
const DISAGREED: &[(&str, &str)] = &[
    ("bounce_bounceparser/boxbe-cr2.eml", "it is multipart/report with Action: failed and Status: 4.7.0"),
    (
        "bounce_bounceparser/whitelist.eml",
        "Postfix reports a permanent failure; a whitelist is the far server's reason",
    ),
    (
        "bounce_bounceparser/spam-bogus-email-in-report.eml",
        "spam from a person's address; nothing in it reports a delivery",
    ),
    ("bounce_bounceparser/spam-lots-of-bogus-addresses.eml", "spam from a person's address, as the one above"),
    ("bounce_bounceparser/spam-with-image.eml", "spam from a person's address, as the one above"),
    (
        "bounce_bounceparser/spam-with-badly-parsed-email.eml",
        "spam without any mark: the desk's spam header decides that",
    ),
    (
        "bounce_sisimai/lhost-sendmail-14.eml",
        "a person forwards a bounce (Apple Mail, \"Fwd:\"); that is a person's mail",
    ),
    ("bounce_sisimai/lhost-fml-02.eml", "a list manager's notice about a member, with the list's own fields"),
    ("bounce_sisimai/lhost-fml-03.eml", "a list manager's notice about a loop, with the list's own fields"),
    ("mime_cpython/msg_16.eml", "it is multipart/report with a delivery status and Action: failed"),
];

struct Labelled {
    name: String,
    path: PathBuf,
    weak: bool,
    expected: serde_json::Map<String, Value>,
}

fn labelled(folder: &Path) -> Vec<Labelled> {
    let mut found = Vec::new();
    for set in std::fs::read_dir(folder).expect("the corpus folder is readable").filter_map(Result::ok) {
        let Ok(index) = std::fs::read_to_string(set.path().join("index.jsonl")) else { continue };
        for line in index.lines().filter(|line| !line.trim().is_empty()) {
            let entry: Value = serde_json::from_str(line).expect("a line of the index is JSON");
            let file = entry["file"].as_str().expect("an entry names its file");
            let Some(expected) = entry["expect"]["explain"].as_object() else { continue };
            found.push(Labelled {
                name: format!("{}/{file}", set.file_name().to_string_lossy()),
                path: set.path().join(file),
                weak: entry["weak"] == true,
                expected: expected.clone(),
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Whether `answer` is what the label `key` says.
fn agrees(key: &str, wanted: &Value, answer: &Value) -> bool {
    let one_of = |was: &Value| wanted.as_array().is_some_and(|list| list.contains(was));
    match key {
        "automatic" | "decision" => &answer[key] == wanted,
        "automatic_in" => one_of(&answer["automatic"]),
        "automatic_not" => !one_of(&answer["automatic"]),
        "decision_in" => one_of(&answer["decision"]),
        "decision_not" => !one_of(&answer["decision"]),
        "reply" => wanted.is_null() == answer["reply"].is_null(),
        other => panic!("no test knows the label {other:?}"),
    }
}

#[test]
fn labelled_mail_is_judged_as_labelled() {
    let Some(folder) = std::env::var_os("MAILCLERK_CORPUS").map(PathBuf::from) else {
        println!("skipped: MAILCLERK_CORPUS is not set");
        return;
    };
    let desks = shipped::all().expect("the shipped desks load");
    let desk = desks.values().next().expect("there is a desk");
    let now = "2026-11-18T15:00:00Z".parse().expect("an instant");
    let mut agreed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut answered, mut differing) = (Vec::new(), Vec::new());
    for entry in labelled(&folder) {
        let raw = std::fs::read(&entry.path).expect("a file of the index can be read");
        let answer = to_json(desk, &explain(desk, &raw, &Trust::None, true, now).expect("any mail can be explained"));
        let disagreed = DISAGREED.iter().any(|(name, _)| *name == entry.name);
        if !disagreed && entry.expected.get("reply").is_some_and(Value::is_null) && !answer["reply"].is_null() {
            answered.push(entry.name.clone());
        }
        for (key, wanted) in &entry.expected {
            let right = agrees(key, wanted, &answer);
            if !right && disagreed {
                println!("{}: {key} is read otherwise", entry.name);
                continue;
            }
            let counts = agreed.entry(format!("{key}{}", if entry.weak { " (weak)" } else { "" })).or_default();
            *counts = (counts.0 + usize::from(right), counts.1 + 1);
            if !right {
                let was = [&answer["automatic"], &answer["decision"], &answer["reply"]["template"]];
                differing.push(format!("{}: {key} {wanted}, found {was:?}", entry.name));
            }
        }
    }
    differing.iter().for_each(|line| println!("{line}"));
    println!("{agreed:?}");
    assert!(!agreed.is_empty(), "no label was found");
    assert!(answered.is_empty(), "labelled as never to be answered, and answered: {answered:?}");
    assert!(differing.is_empty(), "{} labels differ", differing.len());
}
