//! The sentences in `training/scope/`, judged with the words of the shipped desk that knows their labels.

use super::*;

const MEASURED: &[&str] =
    &["dev.tsv", "dev2.tsv", "dev3.tsv", "dev4.tsv", "dev5.tsv", "dev6.tsv", "dev7.tsv", "test.tsv"];
const MIXED: &[&str] = &["mixed.tsv", "mixed2.tsv", "mixed3.tsv", "mixed-test.tsv"];
const URGENT: &[&str] = &["urgent.tsv", "urgent2.tsv", "urgent3.tsv", "urgent-test.tsv"];

fn rows(name: &str) -> Vec<Vec<String>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("training/scope").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {name} in training/scope");
        return Vec::new();
    };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    // A text of several lines has them parted by `\n`.
    lines.map(|line| line.split('\t').map(|cell| cell.replace("\\n", "\n")).collect()).collect()
}

fn cell(row: &[String], at: usize) -> &str {
    row.get(at).map_or("", String::as_str)
}

/// The words of the shipped desk that has a topic for every label of `name`.
fn vocabulary(name: &str) -> std::sync::Arc<Vocabulary> {
    let labels: BTreeSet<String> = rows(name).iter().map(|row| cell(row, 0).to_owned()).collect();
    let knows = |desk: &Desk| labels.iter().all(|label| label == "in" || desk.topic(label).is_some());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("desks");
    let desks = crate::desk::load_all(Some(&folder)).expect("shipped desks are whole");
    Vocabulary::of(desks.values().find(|desk| knows(desk)).expect("a desk knows the labels"))
}

/// Prints how each clause was read, where the environment asks for it.
fn notes(asked: &Asked) {
    if std::env::var("SCOPE_NOTES").is_ok() {
        asked.sentences.iter().for_each(note);
    }
}

fn note(note: &SentenceNote) {
    println!("      {:?} {} [{}] {:?} {:?}", note.role, note.text, note.why, note.topics, note.lines);
}

fn summary<'a>(text: &'a str, line: Option<&'a LineId>) -> ScopeInput<'a> {
    ScopeInput { summary: text, line, has_member_fields: true, ..ScopeInput::default() }
}

#[test]
fn redirects_are_sure_and_found() {
    let vocabulary = vocabulary("dev.tsv");
    let mut all_wrong = 0;
    for name in MEASURED {
        for model in [ModelUse::Off, ModelUse::On] {
            let (mut wrong, mut missed, mut other, mut out, mut all) = (0, 0, 0, 0, 0);
            for row in rows(name) {
                let (label, text) = (cell(&row, 0), cell(&row, 1));
                let asked = judge_with(&vocabulary, &summary(text, vocabulary.lines.first()), model);
                all += 1;
                if label == "in" {
                    if asked.all_out_of_scope() {
                        wrong += 1;
                        println!("{name} {model:?} FALSE REDIRECT {:?}: {text}", asked.topics);
                    }
                } else {
                    out += 1;
                    if !asked.all_out_of_scope() {
                        missed += 1;
                        println!("{name} {model:?} missed {label} {:?}: {text}", asked.topics);
                        notes(&asked);
                    } else if !asked.topics.iter().any(|topic| topic == label) {
                        other += 1;
                        println!("{name} {model:?} other topic than {label} {:?}: {text}", asked.topics);
                    }
                }
            }
            all_wrong += if name.contains("test") { 0 } else { wrong };
            println!(
                "{name}, model {model:?}: {all} texts, {wrong} false redirects, {missed} of {out} redirects missed, {other} with another topic"
            );
        }
    }
    assert_eq!(all_wrong, 0, "texts in scope were redirected");
}

#[test]
fn sentences_of_work_and_context_are_never_redirected() {
    let vocabulary = vocabulary("dev.tsv");
    let mut wrong = 0;
    for name in ["train.tsv", "urgent2.tsv", "urgent-test.tsv"] {
        for row in rows(name).iter().filter(|row| cell(row, 0) != "out") {
            let asked = judge_with(&vocabulary, &summary(cell(row, 1), vocabulary.lines.first()), ModelUse::Off);
            if asked.all_out_of_scope() && cell(row, 0) != "context" {
                wrong += 1;
                println!("{name} FALSE REDIRECT {:?}: {}", asked.topics, cell(row, 1));
                notes(&asked);
            }
        }
    }
    assert_eq!(wrong, 0, "in-scope sentences were redirected");
}

#[test]
fn mixed_lines_are_sure_and_found() {
    let vocabulary = vocabulary("dev.tsv");
    let mut all_wrong = 0;
    for name in MIXED.iter().copied() {
        for model in [ModelUse::Off, ModelUse::On] {
            let (mut wrong, mut missed) = (0, 0);
            for row in rows(name) {
                let (label, line, text) = (cell(&row, 0), LineId(cell(&row, 1).to_owned()), cell(&row, 2));
                let line = (line.0 != "-").then_some(line);
                let asked = judge_with(&vocabulary, &summary(text, line.as_ref()), model);
                let mixed = asked.lines.len() > 1;
                if mixed != (label == "mixed") {
                    wrong += usize::from(mixed);
                    missed += usize::from(!mixed);
                    println!(
                        "{name} {model:?} {} {:?}: {text}",
                        if mixed { "FALSE REJECT" } else { "missed" },
                        asked.lines
                    );
                    notes(&asked);
                }
                if label == "one" && asked.all_out_of_scope() {
                    println!("{name} FALSE REDIRECT {:?} {text}", asked.topics);
                }
            }
            all_wrong += wrong;
            println!("{name}, model {model:?}: {wrong} false rejects, {missed} missed");
        }
    }
    assert_eq!(all_wrong, 0, "texts about one line were rejected");
}

/// What a request in scope asks for besides, out of scope.
#[test]
fn topics_besides_are_sure_and_found() {
    let vocabulary = vocabulary("dev.tsv");
    for name in ["besides.tsv"] {
        let (mut wrong, mut missed, mut redirected) = (0, 0, 0);
        for row in rows(name) {
            let (label, text) = (cell(&row, 0), cell(&row, 1));
            let asked = judge_with(&vocabulary, &summary(text, vocabulary.lines.first()), ModelUse::On);
            if asked.all_out_of_scope() {
                println!("{name} FALSE REDIRECT: {text}");
                redirected += 1;
            }
            let told = asked.topics.join(",");
            if told != label.trim_matches('-') {
                wrong += usize::from(!told.is_empty());
                missed += usize::from(told.is_empty());
                println!("{name} should be {label}, is {told:?}: {text}");
                notes(&asked);
            }
        }
        println!("{name}: {redirected} false redirects, {wrong} wrong topics, {missed} missed");
        assert_eq!((redirected, wrong), (0, 0), "{name}");
    }
}

/// Prints how the texts of the file that `SCOPE_TEXTS` names are read: a line or `-`, a tab, the text.
#[test]
fn texts_of_ones_own_are_shown() {
    let Ok(path) = std::env::var("SCOPE_TEXTS") else {
        println!("skipped: SCOPE_TEXTS names no file");
        return;
    };
    let vocabulary = vocabulary("dev.tsv");
    for (line, text) in std::fs::read_to_string(path).expect("the file").lines().filter_map(|row| row.split_once('\t'))
    {
        let (line, text) = (LineId(line.to_owned()), text.replace("\\n", "\n"));
        for model in [ModelUse::Off, ModelUse::On] {
            let asked = judge_with(&vocabulary, &summary(&text, Some(&line)), model);
            println!("## {model:?} {:?}, in scope {}, lines {:?}: {text}", asked.topics, asked.in_scope, asked.lines);
            asked.sentences.iter().for_each(note);
        }
        println!("   urgent {:?}", crate::intake::urgency::urgent_with(&vocabulary, "", &text));
    }
}

#[test]
fn urgency_is_found() {
    let vocabulary = vocabulary("dev.tsv");
    for name in URGENT.iter().copied() {
        let mut wrong = 0;
        for row in rows(name) {
            let (label, text) = (cell(&row, 0), cell(&row, 1));
            let hit = crate::intake::urgency::urgent_with(&vocabulary, "", text);
            if hit.is_some() != (label == "urgent") {
                wrong += 1;
                println!("{name} should be {label}, hit {hit:?}: {text}");
            }
        }
        assert!(name == "urgent-test.tsv" || wrong <= 2, "{name}: {wrong} wrong");
        println!("{name}: {wrong} wrong");
    }
}

#[test]
fn a_topic_where_the_line_belongs() {
    let vocabulary = vocabulary("dev.tsv");
    let line = vocabulary.lines.first().cloned();
    let plan = vocabulary.topics.iter().find(|(_, plan)| *plan).map(|(id, _)| id.clone()).expect("a plan topic");
    let matter = vocabulary.topics.iter().find(|(_, plan)| !*plan).map(|(id, _)| id.clone()).expect("another topic");
    let named = format!("Her {} claim was denied", line.as_ref().expect("a line").0);
    for (topic, summary, line, redirected) in [
        (&plan, "her card never came", None, true),
        (&plan, "", None, true),
        (&plan, named.as_str(), None, false),
        (&plan, "her card never came", line.as_ref(), false),
        (&matter, "her card never came", None, false),
        (&matter, "please advise", None, true),
    ] {
        let input = ScopeInput { subject_topic: Some(topic), summary, line, ..ScopeInput::default() };
        let asked = judge_with(&vocabulary, &input, ModelUse::On);
        assert_eq!(asked.all_out_of_scope(), redirected, "{topic} {summary:?} {line:?}");
        assert_eq!(asked.topics, std::slice::from_ref(topic));
    }
}

#[test]
fn a_hostile_text_is_judged_in_linear_steps() {
    let vocabulary = vocabulary("dev.tsv");
    for piece in ["not ", "a.", "please ", "(", "commission ", "\n- "] {
        let text = piece.repeat(60_000 / piece.len());
        let _ = judge_with(&vocabulary, &summary(&text, None), ModelUse::On);
    }
}
