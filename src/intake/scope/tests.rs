//! The sentences in `training/scope/`, judged with the words of the shipped desk that knows their labels.

use super::*;

const MEASURED: &[&str] = &["dev.tsv", "dev2.tsv", "dev3.tsv", "dev4.tsv", "dev5.tsv", "dev6.tsv", "test.tsv"];

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

/// The words of the shipped desk that has a topic for every label of `name`.
fn vocabulary(name: &str) -> std::sync::Arc<Vocabulary> {
    let labels: BTreeSet<String> = rows(name).iter().map(|row| cell(row, 0).to_owned()).collect();
    let knows = |desk: &Desk| labels.iter().all(|label| label == "in" || desk.topic(label).is_some());
    let desks = crate::desk::shipped::all().expect("shipped desks are whole");
    Vocabulary::of(desks.values().find(|desk| knows(desk)).expect("a desk knows the labels"))
}

fn summary<'a>(text: &'a str, line: Option<&'a LineId>) -> ScopeInput<'a> {
    ScopeInput { summary: text, line, has_member_fields: true, ..ScopeInput::default() }
}

#[test]
fn redirects_are_sure_and_found() {
    let vocabulary = vocabulary("dev.tsv");
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
                                println!("      {:?} {} [{}] {:?} {:?}", n.role, n.text, n.why, n.topics, n.lines);
                            }
                        }
                    } else if !asked.topics.iter().any(|topic| topic == label) {
                        other += 1;
                        println!("{name} {model:?} other topic than {label} {:?}: {text}", asked.topics);
                    }
                }
            }
            assert!(wrong == 0 || name.contains("test"), "{name}, model {model:?}: {wrong} false redirects");
            println!(
                "{name}, model {model:?}: {all} texts, {wrong} false redirects, {missed} of {out} redirects missed, {other} with another topic"
            );
        }
    }
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
                if std::env::var("SCOPE_NOTES").is_ok() {
                    for n in &asked.sentences {
                        println!("      {:?} {} [{}] {:?} {:?}", n.role, n.text, n.why, n.topics, n.lines);
                    }
                }
            }
        }
    }
    assert_eq!(wrong, 0, "in-scope sentences were redirected");
}

#[test]
fn mixed_lines_are_sure_and_found() {
    let vocabulary = vocabulary("dev.tsv");
    for name in ["mixed.tsv", "mixed2.tsv", "mixed-test.tsv"] {
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
                            println!("      {:?} {} [{}] {:?} {:?}", n.role, n.text, n.why, n.topics, n.lines);
                        }
                    }
                }
                if label == "one" && asked.all_out_of_scope() {
                    println!("{name} FALSE REDIRECT {:?} {text}", asked.topics);
                }
            }
            assert!(wrong == 0 || name.contains("test"), "{name}, model {model:?}: {wrong} false rejects");
            println!("{name}, model {model:?}: {wrong} false rejects, {missed} missed");
        }
    }
}

#[test]
fn urgency_is_found() {
    let vocabulary = vocabulary("dev.tsv");
    for name in ["urgent.tsv", "urgent2.tsv", "urgent-test.tsv"] {
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
