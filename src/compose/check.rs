//! Every template is tried with every variable before a desk runs: what is misspelt is refused with file, line,
//! reason and remedy.

use super::context::Context;
use super::samples::samples;
use super::templates::{self, LAYOUT};
use super::view::{View, full_only, view};
use super::{ComposeError, fault, render_with};
use crate::desk::Desk;
use crate::words::{Template, Variant};
use minijinja::Environment;
use minijinja::value::{Value, ValueKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct TemplateFault {
    /// The desk's own file, or the name of a shipped one.
    pub file: String,
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
    /// How to mend it.
    pub remedy: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.reason, self.remedy)
    }
}

/// Everything that is wrong with the templates that `desk` uses, its own and the shipped ones. Empty: all is well.
pub fn check(desk: &Desk) -> Vec<TemplateFault> {
    let environment = templates::environment(desk, true);
    let samples = samples(desk);
    let mut faults: BTreeSet<TemplateFault> = strays(desk).into_iter().collect();
    faults.extend(check_layout(desk, &environment));
    for variant in Variant::ALL {
        let known = Known::of(desk, *variant, &samples);
        for template in Template::ALL {
            let file = templates::file_name(*template, *variant);
            if templates::shipped(&file).is_none() {
                continue;
            }
            let found = check_names(desk, &environment, &file, &known);
            if found.is_empty() {
                faults.extend(check_renders(desk, &environment, (*template, *variant), &samples, &known));
            }
            faults.extend(found);
        }
    }
    faults.into_iter().collect()
}

/// Names that a template of one variant may use.
struct Known {
    /// What stands below each name at the top: fields of a map, or of a list's items.
    names: BTreeMap<&'static str, BTreeSet<String>>,
    /// What the other variant has besides.
    full_only: Vec<&'static str>,
}

impl Known {
    fn of(desk: &Desk, variant: Variant, samples: &[Context]) -> Self {
        let mut names: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for sample in samples {
            let view: View = view(desk, variant, sample);
            for (name, value) in view {
                names.entry(name).or_default().extend(fields_of(&value));
            }
        }
        let full_only = match variant {
            Variant::Full => Vec::new(),
            Variant::Plain => full_only(desk, &Context::default()),
        };
        Self { names, full_only }
    }

    fn has(&self, path: &str) -> bool {
        let (name, field) = path.split_once('.').map_or((path, None), |(name, rest)| (name, rest.split('.').next()));
        let Some(fields) = self.names.get(name) else { return false };
        field.is_none_or(|field| fields.contains(field) || field.bytes().all(|b| b.is_ascii_digit()))
    }

    fn nearest(&self, path: &str) -> Option<String> {
        let all = self.names.iter().flat_map(|(name, fields)| {
            std::iter::once((*name).to_owned()).chain(fields.iter().map(move |field| format!("{name}.{field}")))
        });
        all.map(|name| (strsim::damerau_levenshtein(&name, path), name))
            .filter(|(distance, name)| *distance <= 2.max(name.len() / 3))
            .min()
            .map(|(_, name)| name)
    }
}

fn fields_of(value: &Value) -> BTreeSet<String> {
    let map = match value.kind() {
        ValueKind::Seq => value.get_item_by_index(0).unwrap_or_default(),
        _ => value.clone(),
    };
    match (map.kind(), map.try_iter()) {
        (ValueKind::Map, Ok(keys)) => keys.map(|key| key.to_string()).collect(),
        _ => BTreeSet::new(),
    }
}

/// Files in the desk's folder that replace nothing.
fn strays(desk: &Desk) -> Vec<TemplateFault> {
    let shipped = templates::shipped_files();
    let Some(own) = desk.templates.as_ref() else { return Vec::new() };
    let mut names: Vec<String> = own.names().map(str::to_owned).collect();
    let is_template = |name: &str| name.ends_with(".md") || name.ends_with(".html");
    let is_looked_at = |name: &str| !name.contains('/') || name.starts_with("parts/");
    names.retain(|name| is_looked_at(name) && is_template(name) && !shipped.contains(name));
    let fault = |name: String| {
        let nearest = shipped.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &name));
        TemplateFault {
            file: own.path_of(&name).unwrap_or_default().display().to_string(),
            line: 0,
            reason: "no template is called so, and it would never be used".into(),
            remedy: format!(
                "give it the name of the one that it replaces, such as {}",
                nearest.map_or("", |name| name)
            ),
        }
    };
    names.into_iter().map(fault).collect()
}

fn check_layout(desk: &Desk, environment: &Environment<'_>) -> Vec<TemplateFault> {
    let used = match environment.get_template(LAYOUT) {
        Ok(layout) => layout.undeclared_variables(false),
        Err(error) => return vec![engine_fault(desk, LAYOUT, &fault(LAYOUT, &error), None)],
    };
    let known = ["body", "subject", "desk_name"];
    let mut faults: Vec<TemplateFault> = used
        .iter()
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| unknown(desk, LAYOUT, name, "the layout knows body, subject and desk_name".into()))
        .collect();
    if !used.contains("body") {
        faults.push(TemplateFault {
            file: shown(desk, LAYOUT),
            line: 0,
            reason: "the layout does not print the mail".into(),
            remedy: "put {{ body }} where the mail belongs".into(),
        });
    }
    faults
}

/// Variables that the template, or a part that it includes, uses and that are not there.
fn check_names(desk: &Desk, environment: &Environment<'_>, file: &str, known: &Known) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for name in with_parts(desk, file) {
        let template = match environment.get_template(&name) {
            Ok(template) => template,
            Err(error) => {
                faults.push(engine_fault(desk, &name, &fault(&name, &error), None));
                continue;
            }
        };
        for path in template.undeclared_variables(true).into_iter().filter(|path| !known.has(path)) {
            faults.push(unknown(desk, &name, &path, remedy(known, &path)));
        }
    }
    faults
}

fn remedy(known: &Known, path: &str) -> String {
    let top = path.split('.').next().unwrap_or(path);
    if known.full_only.contains(&top) {
        return "a plain mail goes out unencrypted and has no member data: leave it out".into();
    }
    match known.nearest(path) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("known are: {}", known.names.keys().copied().collect::<Vec<_>>().join(", ")),
    }
}

/// The template, its subject, and every part that it includes, however deep.
fn with_parts(desk: &Desk, file: &str) -> Vec<String> {
    let mut names = vec![templates::subject_name(file), file.to_owned()];
    let mut at = 1;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        let source = templates::source(desk.templates.as_deref(), &name).ok().flatten().unwrap_or_default();
        for part in source.split("include").skip(1) {
            let quoted = part.trim_start().strip_prefix(['"', '\'']).and_then(|rest| rest.split(['"', '\'']).next());
            if let Some(part) = quoted.filter(|part| !names.iter().any(|known| known == part)) {
                names.push(part.to_owned());
            }
        }
    }
    names
}

/// The first fault that shows when the samples are rendered.
fn check_renders(
    desk: &Desk,
    environment: &Environment<'_>,
    (template, variant): (Template, Variant),
    samples: &[Context],
    known: &Known,
) -> Option<TemplateFault> {
    let file = templates::file_name(template, variant);
    samples.iter().find_map(|sample| {
        let error = render_with(environment, desk, template, variant, sample).err()?;
        Some(engine_fault(desk, &file, &error, Some(known)))
    })
}

fn engine_fault(desk: &Desk, name: &str, error: &ComposeError, known: Option<&Known>) -> TemplateFault {
    let (file, line, reason) = match error {
        ComposeError::Fault { file, line, reason } => (file.clone(), *line, reason.clone()),
        ComposeError::Missing(file) => (file.clone(), 0, error.to_string()),
    };
    let suspect = known.and_then(|known| suspect(desk, &file, line, known));
    let remedy = match suspect {
        Some((word, Some(near))) => format!("{word} is not known there; did you mean {near}?"),
        Some((word, None)) => format!("{word} is not known there"),
        None if reason.starts_with("undefined") => "ask for it first, as the shipped template does".to_owned(),
        None if name == LAYOUT => "compare it with the shipped layout".to_owned(),
        None => "compare the line with the shipped template".to_owned(),
    };
    TemplateFault { file: shown(desk, &file), line, reason, remedy }
}

/// The field on that line that nothing has, and the nearest that something has.
fn suspect(desk: &Desk, file: &str, line: usize, known: &Known) -> Option<(String, Option<String>)> {
    let source = templates::source(desk.templates.as_deref(), file).ok().flatten()?;
    let line = source.lines().nth(line.checked_sub(1)?)?.to_owned();
    let fields: BTreeSet<&String> = known.names.values().flatten().collect();
    let words = line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
    let mut used =
        words.filter_map(|word| word.split_once('.').map(|(_, field)| field)).filter(|field| !field.is_empty());
    let word = used.find(|field| !fields.iter().any(|known| known == field) && !is_loop_field(field))?;
    let near = fields.iter().map(|field| (strsim::damerau_levenshtein(field, word), field.to_string())).min();
    Some((word.to_owned(), near.filter(|(distance, _)| *distance <= 3).map(|(_, near)| near)))
}

fn is_loop_field(field: &str) -> bool {
    matches!(field, "first" | "last" | "index" | "index0" | "length" | "revindex" | "revindex0")
}

fn unknown(desk: &Desk, name: &str, path: &str, remedy: String) -> TemplateFault {
    let file = name.trim_end_matches("#subject");
    let source = templates::source(desk.templates.as_deref(), file).ok().flatten().unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let stands_in = |line: &str| {
        line.match_indices(path).any(|(at, _)| {
            let before = line.get(..at).and_then(|head| head.chars().next_back());
            let after = line.get(at + path.len()..).and_then(|tail| tail.chars().next());
            !before.is_some_and(|c| word(c) || c == '.') && !after.is_some_and(word)
        })
    };
    let line = source.lines().position(stands_in).map_or(0, |at| at + 1);
    TemplateFault { file: shown(desk, file), line, reason: format!("there is no variable {path}"), remedy }
}

/// The path of the desk's own file, or the name of the shipped one.
fn shown(desk: &Desk, file: &str) -> String {
    match templates::replacement(desk, file) {
        Some(path) => path.display().to_string(),
        None => format!("templates/mail/{file}"),
    }
}
