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

/// What is wrong with the digest's templates, the desk's own ones among them: they are tried with `view`.
pub fn check(desk: &Desk, view: &View) -> Vec<TemplateFault> {
    let Err(error) = written_with(&templates::environment(desk, true), desk, view) else { return Vec::new() };
    let (file, line) = match &error {
        ComposeError::Fault { file, line, .. } => (file.clone(), *line),
        ComposeError::Missing(file) => (file.clone(), 0),
    };
    let shown = templates::replacement(desk, &file).map(|path| path.display().to_string());
    let remedy = "compare the line with the shipped template".to_owned();
    vec![TemplateFault {
        file: shown.unwrap_or(format!("templates/mail/{file}")),
        line,
        reason: error.to_string(),
        remedy,
    }]
}
