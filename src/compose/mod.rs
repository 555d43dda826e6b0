//! A mail from a template.
//!
//! Every mail is written once, in `templates/mail/NAME.md`: its subject in the first line, then Markdown. That text is
//! the plain part ([`text`]), and rendered inside `layout.html` the HTML part ([`html`]). To requesters outside the
//! desk's organisation goes `NAME.plain.md`, whose [`view`] holds no member data at all.
//!
//! What requesters wrote is data, never markup: [`clean`] masks, bounds and takes links out, [`markdown`] escapes.

pub mod asks;
pub mod check;
pub mod clean;
mod columns;
pub mod context;
pub mod html;
pub mod links;
pub mod mailto;
pub mod markdown;
pub mod samples;
pub mod subject;
pub mod templates;
pub mod text;
pub mod view;

#[cfg(test)]
mod letters;
#[cfg(test)]
mod test_desk;
#[cfg(test)]
mod tests;

pub use check::{TemplateFault, check};
pub use context::{About, Bounce, CommandOutcome, Context, Promise, WorklistCase};
pub use mailto::{Mailto, mailto};

use crate::desk::Desk;
use crate::words::{Template, Variant};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context as values};

/// A mail without its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line without control characters, never empty.
    pub subject: String,
    /// The plain-text part, with `\n` line ends.
    pub text: String,
    /// The HTML part: a whole document that fetches nothing.
    pub html: String,
}

/// Why a mail could not be written. Holds no value of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// There is no such template.
    #[error("there is no template {0}; staff templates have no plain variant")]
    Missing(String),
    /// The template is at fault.
    #[error("failed to write a mail from {file}, line {line}: {reason}")]
    Fault {
        /// The file's name in the folder of templates.
        file: String,
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Writes the mail `template` for `context`.
///
/// Where the desk replaces a shipped template and its own is at fault, the shipped one is used and the log says so: a
/// requester is never left without an answer because of a misspelt variable. [`check()`] finds it before.
pub fn render(desk: &Desk, template: Template, variant: Variant, context: &Context) -> Result<Letter, ComposeError> {
    match render_with(&templates::kept(desk, true), desk, template, variant, context) {
        Err(error @ ComposeError::Fault { .. }) if desk.templates.is_some() => {
            tracing::error!(%template, %variant, %error, "the desk's own template is at fault; the shipped one is used");
            render_with(&templates::kept(desk, false), desk, template, variant, context)
        }
        other => other,
    }
}

/// Writes the mail with the templates of `environment`.
pub(crate) fn render_with(
    environment: &Environment<'_>,
    desk: &Desk,
    template: Template,
    variant: Variant,
    context: &Context,
) -> Result<Letter, ComposeError> {
    let file = templates::file_name(template, variant);
    if templates::shipped(&file).is_none() {
        return Err(ComposeError::Missing(file));
    }
    let mut view = view::view(desk, variant, context);
    if let Some(pointer) = desk.pointers.get(&template) {
        // The desk's own Markdown is not escaped.
        view.insert("pointer", Value::from_safe_string(pointer.clone()));
    }
    let values = Value::from(Serde(view));
    let subject = fill(environment, &templates::subject_name(&file), values.clone())?;
    let markdown = fill(environment, &file, values)?;
    let subject = clean::fold(&subject);
    let subject = if subject.is_empty() { clean::fold(&desk.name) } else { subject };
    let body = Value::from_safe_string(html::render(&markdown));
    let html = fill(environment, templates::LAYOUT, values! { body, subject => &subject, desk_name => &desk.name })?;
    Ok(Letter { subject, text: text::render(&markdown), html })
}

pub(crate) fn fill(environment: &Environment<'_>, name: &str, values: Value) -> Result<String, ComposeError> {
    let template = environment.get_template(name).map_err(|error| fault(name, &error))?;
    template.render(values).map_err(|error| fault(name, &error))
}

/// What the engine says, without values.
pub(crate) fn fault(name: &str, error: &minijinja::Error) -> ComposeError {
    // The innermost error names the part that is really at fault.
    let mut innermost = error;
    while let Some(source) = std::error::Error::source(innermost).and_then(|source| source.downcast_ref()) {
        innermost = source;
    }
    let file = innermost.name().or_else(|| error.name()).unwrap_or(name).trim_end_matches("#subject").to_owned();
    let line = if name.ends_with("#subject") { 1 } else { innermost.line().or_else(|| error.line()).unwrap_or(0) };
    let reason = match innermost.detail() {
        Some(detail) => format!("{}: {detail}", innermost.kind()),
        None => innermost.kind().to_string(),
    };
    ComposeError::Fault { file, line, reason }
}
