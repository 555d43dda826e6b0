//! Reading the labelled public mail of `MAILCLERK_CORPUS`: how far the labels agree with what is read.

use mailclerk::message::{Message, ReportKind};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What agreed and what there was, by measure.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, (usize, usize)>,
    misses: Vec<String>,
}

impl Tally {
    fn count(&mut self, measure: &str, file: &str, agrees: bool, told: impl FnOnce() -> String) {
        if !agrees && is_disagreed(measure, file) {
            return;
        }
        let (good, all) = self.counts.entry(measure.to_owned()).or_default();
        *all += 1;
        *good += usize::from(agrees);
        if !agrees {
            self.misses.push(format!("{measure}: {file}: {}", told()));
        }
    }

    fn share(&self, start: &str) -> f64 {
        let of = self.counts.iter().filter(|(name, _)| name.starts_with(start));
        let (good, all) = of.fold((0, 0), |(g, a), (_, (good, all))| (g + good, a + all));
        if all == 0 { 1.0 } else { good as f64 / all as f64 }
    }
}

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILCLERK_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MAILCLERK_CORPUS is not set");
    }
    folder
}

fn cases(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    let sets = std::fs::read_dir(folder).expect("the corpus folder is readable");
    for set in sets.filter_map(Result::ok).map(|entry| entry.path()) {
        let Ok(index) = std::fs::read_to_string(set.join("index.jsonl")) else { continue };
        for line in index.lines() {
            let case: Value = serde_json::from_str(line).expect("an index line is JSON");
            found.push((set.join(case["file"].as_str().expect("a case names its file")), case));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// `explain.automatic`: the first that holds.
fn automatic(message: &Message) -> Option<&'static str> {
    let machine = &message.machine;
    match () {
        () if machine.ours => Some("own"),
        () if machine.bounce.is_some() => Some("bounce"),
        () if !machine.lists.is_empty() => Some("list"),
        () if machine.auto_replied.is_some() => Some("auto_replied"),
        () if machine.auto_generated.is_some() => Some("auto_generated"),
        () => None,
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_lowercase)).collect()
}

#[test]
fn labels_agree() {
    let Some(folder) = corpus() else { return };
    let mut tally = Tally::default();
    let mut slowest = (Duration::ZERO, String::new());
    for (path, case) in cases(&folder) {
        let raw = std::fs::read(&path).expect("a case is readable");
        let started = Instant::now();
        let message = Message::read(&raw);
        let took = started.elapsed();
        if took > slowest.0 {
            slowest = (took, path.display().to_string());
        }
        let file = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        check(&mut tally, &file, path.parent().unwrap_or(&folder), &case, &message);
    }
    for miss in &tally.misses {
        eprintln!("miss {miss}");
    }
    for (measure, (good, all)) in &tally.counts {
        eprintln!("{measure}: {good}/{all}");
    }
    eprintln!("slowest: {:?} {}", slowest.0, slowest.1);
    for (measure, floor) in FLOORS {
        let share = tally.share(measure);
        assert!(share >= *floor, "{measure}: {share:.4} agree, {floor} are asked");
    }
}

/// Cut off and changed mail is read without a panic, and within its bounds.
#[test]
fn broken_mail_is_read() {
    let Some(folder) = corpus() else { return };
    for (path, _) in cases(&folder) {
        let raw = std::fs::read(&path).expect("a case is readable");
        if raw.len() > 60_000 {
            continue;
        }
        // A different step for each file, so that all offsets are met over the corpus.
        let step = 97 + raw.len() % 201;
        let rounds = raw.len() / step;
        for round in 0..rounds.min(12) {
            let at = round * rounds.div_ceil(12) * step % raw.len().max(1);
            let mut changed = raw.clone();
            changed.truncate(at);
            assert_sound(&changed, &path);
            let mut changed = raw.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte = [0, 0xff, b'\n', b'"', b'<', b'=', b':', b'-'][round % 8];
            }
            changed.drain(at / 2..(at / 2 + round % 7).min(at));
            assert_sound(&changed, &path);
        }
    }
}

fn assert_sound(raw: &[u8], path: &Path) {
    let message = Message::read(raw);
    let inside = message.unparsable.as_deref().is_some_and(|why| why.contains("inside the program"));
    assert!(!inside, "{} panics: {} bytes of it", path.display(), raw.len());
}

/// Labels that we disagree with: the measure's beginning, the file's end, and why. They are not counted.
const DISAGREED: &[(&str, &str, &str)] = &[
    ("automatic_not", "boxbe-cr2.eml", "it is multipart/report with Action: failed and Status: 4.7.0"),
    ("is_bounce", "boxbe-cr2.eml", "the same"),
    (
        "automatic_not",
        "whitelist.eml",
        "Postfix reports a permanent failure; that the far server speaks of a whitelist is its reason",
    ),
    ("is_bounce", "whitelist.eml", "the same"),
    ("failed_recipients", "iis-multiple-bounce.eml", "the report names four failed recipients, the label two"),
    ("automatic", "spam-bogus-email-in-report.eml", "spam from a person's address; nothing in it reports a delivery"),
    ("is_bounce", "spam-bogus-email-in-report.eml", "the same"),
    ("automatic", "spam-lots-of-bogus-addresses.eml", "spam from a person's address; nothing in it reports a delivery"),
    ("is_bounce", "spam-lots-of-bogus-addresses.eml", "the same"),
    ("automatic", "spam-with-image.eml", "spam from a person's address; nothing in it reports a delivery"),
    ("is_bounce", "spam-with-image.eml", "the same"),
    (
        "no_reply",
        "spam-with-badly-parsed-email.eml",
        "spam: what the desk's spam header decides, no mark of a machine stands in it",
    ),
    (
        "automatic",
        "lhost-sendmail-14.eml",
        "a person forwards a bounce (Apple Mail, \"Fwd:\"); that is a person's mail",
    ),
    ("automatic", "lhost-fml-02.eml", "a list manager's notice about a member, with the list's own fields"),
    (
        "failed_recipients_weak",
        "lhost-messagingserver-",
        "the header field Original-Recipient names who received the report",
    ),
    (
        "failed_recipients_weak",
        "lhost-sendmail-38.eml",
        "the second recipient stands in a report that is returned inside this one",
    ),
    ("failed_recipients_weak", "rfc3464-28.eml", "the same"),
    ("failed_recipients_weak", "rhost-yahooinc-03.eml", "the same"),
    ("status", "lhost-exchange2007-05.eml", "Status and Diagnostic-Code both say 4.4.7"),
    ("no_mark", "msg_02.eml", "a Mailman digest"),
    ("no_mark", "msg_42.eml", "from the Mail Delivery Subsystem"),
    ("automatic_in", "msg_16.eml", "a delivery report that came by a list: the first mark that holds is bounce"),
    ("no_mark", "multipart-wo-boundary.raw", "a delivery report of Gmail"),
    ("no_mark", "m0024.eml", "it came by a list (ezmlm)"),
    ("parses", "msg_19.eml", "it has no header: a person must look"),
    ("parses", "erroneous.raw", "it says of itself that it is no mail"),
    ("subject", "legacy__010.eml", "raw windows-1252 in the field is readable, the label has U+FFFD"),
    ("subject", "legacy__020.eml", "the same"),
    ("subject", "legacy__022.eml", "the same"),
    ("subject", "legacy__027.eml", "the same"),
    ("subject", "legacy__052.eml", "the same"),
    ("from_email", "thirdparty__007.eml", "\"moderator\" is no address"),
    (
        "attachments",
        "m1009.eml",
        "the inline part with a file name, beside which there is no other text, is the body or an attachment",
    ),
    ("text", "m1011.eml", "its UTF-7 is damaged: the bytes do not hold the text of the label"),
    ("subject", "m1011.eml", "UTF-7 in a raw header field is no encoding that a header may have"),
    ("to_name", "m1011.eml", "the same"),
];

fn is_disagreed(measure: &str, file: &str) -> bool {
    DISAGREED
        .iter()
        .any(|(start, end, _)| measure.split(' ').next() == Some(start) && (file.ends_with(end) || file.contains(end)))
}

/// Just below what is reached.
const FLOORS: &[(&str, f64)] = &[
    ("report ", 1.0),
    ("automatic ", 0.985),
    ("automatic_in ", 1.0),
    ("automatic_not ", 1.0),
    ("is_bounce ", 1.0),
    ("no_reply ", 1.0),
    ("no_mark ", 1.0),
    ("failed_recipients", 0.995),
    ("status ", 0.98),
    ("subject ", 1.0),
    ("from_", 1.0),
    ("to_", 1.0),
    ("text ", 1.0),
    ("html ", 1.0),
    ("attachments ", 0.97),
    ("parses ", 1.0),
];

fn check(tally: &mut Tally, file: &str, folder: &Path, case: &Value, message: &Message) {
    let expect = &case["expect"];
    let set = format!("{}/{}", case["set"].as_str().unwrap_or_default(), case["kind"].as_str().unwrap_or_default());
    if case["kind"] != "body" {
        tally.count(&format!("parses {set}"), file, message.unparsable.is_none(), || {
            format!("{:?}", message.unparsable)
        });
    }
    if let Some(subject) = expect["subject"].as_str() {
        let agrees = words(subject) == message.subject;
        tally
            .count(&format!("subject {set}"), file, agrees, || format!("{subject:?} is read as {:?}", message.subject));
    }
    for (label, mailboxes) in [("from_", &message.from), ("to_", &message.to)] {
        if let Some(address) = expect[format!("{label}email")].as_str() {
            let found = mailboxes.first().map(|m| m.address.to_string()).unwrap_or_default();
            let agrees = found.eq_ignore_ascii_case(address);
            tally.count(&format!("{label}email {set}"), file, agrees, || format!("{address:?} is read as {found:?}"));
        }
        if let Some(name) = expect[format!("{label}name")].as_str() {
            let found = mailboxes.first().and_then(|m| m.name.clone()).unwrap_or_default();
            tally.count(&format!("{label}name {set}"), file, words(name) == found, || {
                format!("{name:?} is read as {found:?}")
            });
        }
    }
    for (label, kind) in [("text_file", "text"), ("html_file", "html")] {
        let Some(text) = expect[label].as_str().and_then(|name| std::fs::read(folder.join(name)).ok()) else {
            continue;
        };
        if kind == "html" && expect["text_file"].is_string() {
            continue;
        }
        let text = String::from_utf8(text.clone()).unwrap_or_else(|_| text.iter().map(|b| *b as char).collect());
        let text = if kind == "html" {
            Message::read(format!("MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{text}").as_bytes())
                .body
                .text
        } else {
            text
        };
        let agrees = words(&message.body.text).contains(&words(&text));
        tally.count(&format!("{kind} {set}"), file, agrees, || {
            format!("{:.300?} is read as {:.300?}", words(&text), words(&message.body.text))
        });
    }
    if let Some(count) = expect["attachment_count"].as_u64() {
        let found: Vec<_> = message.attachments.iter().map(|a| (&a.name, &a.content_type)).collect();
        tally.count(&format!("attachments {set}"), file, count == found.len() as u64, || {
            format!("{count} are read as {found:?}")
        });
    }
    check_machine(tally, file, &set, expect, message);
    check_report(tally, file, &set, expect, message);
}

fn check_machine(tally: &mut Tally, file: &str, set: &str, expect: &Value, message: &Message) {
    let explain = &expect["explain"];
    let found = automatic(message);
    let told = || format!("{explain} is read as {found:?} {:?} {:?}", message.machine, message.subject);
    let word = found.unwrap_or_default();
    if let Some(wanted) = explain["automatic"].as_str() {
        let measure =
            if message.headers.iter().any(|(n, v)| {
                n.eq_ignore_ascii_case("content-type") && v.to_lowercase().starts_with("multipart/report")
            }) {
                "report"
            } else {
                "automatic"
            };
        tally.count(&format!("{measure} {set}"), file, wanted == word, told);
    } else if explain["automatic_in"].is_array() {
        tally.count(
            &format!("automatic_in {set}"),
            file,
            strings(&explain["automatic_in"]).contains(&word.to_owned()),
            told,
        );
    } else if explain["automatic_not"].is_array() {
        tally.count(
            &format!("automatic_not {set}"),
            file,
            !strings(&explain["automatic_not"]).contains(&word.to_owned()),
            told,
        );
    } else if explain.get("reply").is_some_and(Value::is_null) {
        // Nothing may be sent: a mark is what prevents it.
        tally.count(&format!("no_reply {set}"), file, found.is_some(), told);
    } else {
        tally.count(&format!("no_mark {set}"), file, found.is_none(), told);
    }
    if let Some(bounce) = expect["is_bounce"].as_bool() {
        tally.count(&format!("is_bounce {set}"), file, bounce == message.machine.bounce.is_some(), told);
    }
}

fn check_report(tally: &mut Tally, file: &str, set: &str, expect: &Value, message: &Message) {
    let report = message.report.clone().unwrap_or_default();
    for label in ["failed_recipients", "failed_recipients_weak"] {
        if expect[label].is_array() && message.machine.bounce.is_some() {
            let wanted = strings(&expect[label]);
            let found: Vec<String> = report.recipients.iter().filter_map(|r| r.address.clone()).collect();
            let agrees =
                wanted.iter().all(|w| found.contains(w)) && (label.ends_with("weak") || found.len() == wanted.len());
            tally.count(&format!("{label} {set}"), file, agrees, || format!("{wanted:?} is read as {found:?}"));
        }
    }
    let statuses: Vec<&Value> = expect["dsn"].as_array().into_iter().flatten().collect();
    let wanted: Vec<String> = statuses
        .iter()
        .filter_map(|d| d["status"].as_str())
        .filter(|s| !s.is_empty() && !is_invented(s))
        .map(str::to_owned)
        .collect();
    if !wanted.is_empty() && report.kind == ReportKind::Delivery && message.machine.bounce.is_some() {
        let found: Vec<String> = report.recipients.iter().filter_map(|r| r.status.clone()).collect();
        let agrees = wanted.iter().all(|w| found.contains(w));
        tally.count(&format!("status {set}"), file, agrees, || {
            format!(
                "{wanted:?} is read as {found:?} {:?}",
                statuses.iter().map(|s| s["reason"].to_string()).collect::<Vec<_>>()
            )
        });
    }
}

/// The labeller makes a status of its own (`5.0.9xx`) where the report has none.
fn is_invented(status: &str) -> bool {
    status.split('.').nth(2).is_some_and(|detail| detail.len() == 3 && detail.starts_with('9'))
}
