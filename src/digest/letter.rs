//! The mail: its text and its HTML from two templates, `digest.txt` and `digest.html`, over one [`View`].

use super::chart;
use super::day::Day;
use super::recipients::Recipient;
use super::sheet;
use super::view::View;
use crate::compose::check::TemplateFault;
use crate::compose::{ComposeError, Letter, clean, fill, templates};
use crate::desk::Desk;
use minijinja::value::Serde;
use minijinja::{Environment, Value};

/// A file that goes with a mail and was made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file's name.
    pub name: String,
    /// `type/subtype`.
    pub content_type: &'static str,
    /// The content.
    pub content: Vec<u8>,
    /// The Content-ID, without brackets, of a picture that stands in the HTML.
    pub content_id: Option<String>,
}

/// The digest of `day` for `recipient`, with its pictures and its table. `console` is where the console is reached.
pub fn letter(
    desk: &Desk,
    day: &Day,
    recipient: Option<&Recipient>,
    console: Option<&str>,
) -> Result<(Letter, Vec<Part>), ComposeError> {
    let mut view = View::of(desk, day, console);
    view.stand_in = recipient.map(Recipient::stand_in).unwrap_or_default();
    let mut parts = Vec::new();
    for shown in &mut view.charts {
        let Some(content) = chart::png(&day.flow, shown.name) else { continue };
        let stamp = day.as_of.strftime("%Y%m%dT%H%M%S");
        let content_id = format!("{}.{stamp}@{}", shown.name, desk.address.domain());
        shown.source = format!("cid:{content_id}");
        let name = format!("{}.png", shown.name);
        parts.push(Part { name, content_type: "image/png", content, content_id: Some(content_id) });
    }
    view.charts.retain(|shown| !shown.source.is_empty());
    let table = sheet::csv(desk, day);
    parts.push(Part { name: "digest.csv".into(), content_type: "text/csv", content: table, content_id: None });
    Ok((written(desk, &view)?, parts))
}

/// The view in both its forms. Where the desk's own template is at fault, the shipped one is used and the log says so.
pub fn written(desk: &Desk, view: &View) -> Result<Letter, ComposeError> {
    match written_with(&templates::kept(desk, true), desk, view) {
        Err(error @ ComposeError::Fault { .. }) if desk.templates.is_some() => {
            tracing::error!(%error, "the desk's own template of the digest is at fault; the shipped one is used");
            written_with(&templates::kept(desk, false), desk, view)
        }
        other => other,
    }
}

fn written_with(environment: &Environment<'_>, desk: &Desk, view: &View) -> Result<Letter, ComposeError> {
    let values = Value::from(Serde(view));
    let subject = fill(environment, &templates::subject_name(templates::DIGEST_TEXT), values.clone())?;
    let subject = clean::fold(&subject);
    let text = fill(environment, templates::DIGEST_TEXT, values.clone())?;
    let html = fill(environment, templates::DIGEST_HTML, values)?;
    Ok(Letter {
        subject: if subject.is_empty() { clean::fold(&desk.name) } else { subject },
        text: tidy(&text),
        html: html.trim_start().to_owned(),
    })
}

/// No white space at the ends of lines, no two empty lines in a row.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 1;
    for line in text.trim().lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

/// What is wrong with the digest's templates, the desk's own ones among them: they are tried with every sample.
pub fn check(desk: &Desk) -> Vec<TemplateFault> {
    let environment = templates::environment(desk, true);
    let mut faults: Vec<TemplateFault> = Vec::new();
    for view in super::samples::samples() {
        let Err(error) = written_with(&environment, desk, &view) else { continue };
        let (file, line, reason) = match error {
            ComposeError::Fault { file, line, reason } => (file, line, reason),
            ComposeError::Missing(file) => (file, 0, "it is not there".to_owned()),
        };
        let own = templates::replacement(desk, &file).map(|path| path.display().to_string());
        let fault = TemplateFault {
            file: own.unwrap_or_else(|| format!("templates/mail/{file}")),
            line,
            reason,
            remedy: "compare the line with the shipped template".to_owned(),
        };
        faults.extend(Some(fault).filter(|fault| !faults.contains(fault)));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::samples::samples;
    use super::*;
    use crate::desk::{OwnTemplates, shipped};
    use std::sync::Arc;

    fn desk() -> Desk {
        shipped::desk(&shipped::ids()[0]).unwrap()
    }

    #[test]
    fn the_shipped_templates_print_every_sample() {
        let desk = desk();
        assert_eq!(check(&desk), Vec::new());
        let all: Vec<Letter> = samples().iter().map(|view| written(&desk, view).unwrap()).collect();
        for letter in &all {
            assert!(letter.html.starts_with("<!DOCTYPE html>"), "{}", letter.html);
            for mark in ["{{", "{%", "\n\n\n"] {
                assert!(!letter.text.contains(mark) && !letter.subject.contains(mark), "{mark:?}: {}", letter.text);
            }
            assert!(!letter.html.contains("{{") && !letter.html.contains("{%"));
        }
        assert_eq!(all[0].subject, "Daily digest, Monday, November 23: 2 missed, 1 held");
        for fact in ["2 promised answers were missed", "TEST-100001", "and 3 more", "jo@agency.example", "Sam Lee"] {
            assert!(all[0].text.contains(fact) && all[0].html.contains(fact), "{fact}: {}", all[0].text);
        }
        assert!(all[1].text.contains("Nothing to tell") && all[1].html.contains("Nothing to tell"));
        assert!(all[2].text.contains("cannot be told afterwards") && !all[2].html.contains("https://"));
    }

    /// Names come from policies and members: they are text wherever they stand.
    #[test]
    fn markup_in_names_is_text() {
        let mut view = samples().swap_remove(0);
        let hostile = "<img src=x onerror=alert(1)>\"'&";
        view.desk = hostile.into();
        view.needs[0].items[0].name = hostile.into();
        view.agents[0].address = hostile.into();
        view.charts[0].alt = hostile.into();
        let letter = written(&desk(), &view).unwrap();
        assert!(!letter.html.contains("<img src=x") && letter.html.contains("&lt;img src=x"), "{}", letter.html);
        assert_eq!(letter.html.matches("<img ").count(), 1);
    }

    #[test]
    fn a_faulty_template_of_the_desk_is_named_and_the_shipped_one_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let text = "Subject: {{ today }}\n\n{% for need in needs %}{{ need.titel }}{% endfor %}\n";
        std::fs::write(folder.path().join("digest.txt"), text).unwrap();
        let desk = Desk { templates: Some(Arc::new(OwnTemplates::read(folder.path()))), ..desk() };
        let faults = check(&desk);
        assert!(faults.len() == 1 && faults[0].file.ends_with("digest.txt") && faults[0].line == 3, "{faults:?}");
        let letter = written(&desk, &samples()[0]).unwrap();
        assert!(letter.text.contains("NEEDS A DECISION"), "{}", letter.text);
    }
}
