//! The sentences in `training/scope/`, judged with the words of the shipped desk that knows their labels.

use super::*;
use crate::desk::{Line, ScopeWords, Topic, Urgency};

const MEASURED: &[&str] = &["dev.tsv", "test.tsv"];

fn rows(name: &str) -> Vec<Vec<String>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("training/scope").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {name} in training/scope");
        return Vec::new();
    };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn cell(row: &[String], at: usize) -> &str {
    row.get(at).map_or("", String::as_str)
}

#[derive(serde::Deserialize)]
struct Draft {
    line: Vec<DraftLine>,
    topic: Vec<DraftTopic>,
    scope: ScopeWords,
    urgency: Urgency,
}
#[derive(serde::Deserialize)]
struct DraftLine {
    id: String,
    name: String,
    words: Vec<String>,
}
#[derive(serde::Deserialize)]
struct DraftTopic {
    id: String,
    plan: bool,
    phrases: Vec<String>,
    except: Vec<String>,
    names: Vec<String>,
}

fn vocabulary() -> Vocabulary {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("training/scope/draft.toml");
    let draft: Draft = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let lines: Vec<Line> = draft
        .line
        .into_iter()
        .map(|l| Line {
            id: LineId(l.id),
            name: l.name,
            synonyms: vec![],
            words: l.words,
            title: String::new(),
            phone: String::new(),
            supervisors: vec![],
        })
        .collect();
    let topics: Vec<Topic> = draft
        .topic
        .into_iter()
        .map(|t| Topic {
            id: t.id,
            title: String::new(),
            guidance: String::new(),
            address: None,
            neutral: true,
            plan: t.plan,
            phrases: t.phrases,
            except: t.except,
            names: t.names,
        })
        .collect();
    Vocabulary::new(&lines, &topics, &draft.scope, &draft.urgency)
}

fn summary<'a>(text: &'a str, line: Option<&'a LineId>) -> ScopeInput<'a> {
    ScopeInput { summary: text, line, has_member_fields: true, ..ScopeInput::default() }
}

#[test]
fn redirects_are_sure_and_found() {
    let vocabulary = vocabulary();
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
                        if std::env::var("SCOPE_NOTES").is_ok() {
                            for n in &asked.sentences {
                                println!("      {n:?}");
                            }
                        }
                    } else if !asked.topics.iter().any(|topic| topic == label) {
                        other += 1;
                        println!("{name} {model:?} other topic than {label} {:?}: {text}", asked.topics);
                    }
                }
            }
            println!(
                "{name}, model {model:?}: {all} texts, {wrong} false redirects, {missed} of {out} redirects missed, {other} with another topic"
            );
        }
    }
}

#[test]
fn mixed_lines_are_sure_and_found() {
    let vocabulary = vocabulary();
    for name in ["mixed.tsv", "mixed-test.tsv"] {
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
                    if std::env::var("SCOPE_NOTES").is_ok() {
                        for n in &asked.sentences {
                            println!("      {n:?}");
                        }
                    }
                }
                if label == "one" && asked.all_out_of_scope() {
                    println!("{name} FALSE REDIRECT {:?} {text}", asked.topics);
                }
            }
            println!("{name}, model {model:?}: {wrong} false rejects, {missed} missed");
        }
    }
}

#[test]
fn urgency_is_found() {
    let vocabulary = vocabulary();
    for name in ["urgent.tsv", "urgent-test.tsv"] {
        let mut wrong = 0;
        for row in rows(name) {
            let (label, text) = (cell(&row, 0), cell(&row, 1));
            let hit = crate::intake::urgency::urgent_with(&vocabulary, "", text);
            if hit.is_some() != (label == "urgent") {
                wrong += 1;
                println!("{name} should be {label}, hit {hit:?}: {text}");
            }
        }
        println!("{name}: {wrong} wrong");
    }
}
