//! Where templates come from, and the engine that fills them.
//!
//! A template is one file: `Subject: …`, an empty line, then Markdown. The shipped ones are in the binary; a folder
//! named by the desk replaces single files. Variables are strict: what is not there cannot be printed. Every value
//! that is printed is escaped for where it stands, and no filter can switch that off.

use super::markdown;
use crate::desk::{Desk, OwnTemplates};
use crate::kept::Kept;
use crate::words::{Template, Variant};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of the shipped templates.
#[derive(rust_embed::RustEmbed)]
#[folder = "templates/mail"]
struct Shipped;

/// The HTML around every mail.
pub const LAYOUT: &str = "layout.html";

/// The digest's text and its HTML: two files beside each other, because Markdown carries neither tables nor bars.
pub const DIGEST_TEXT: &str = "digest.txt";
/// As [`DIGEST_TEXT`].
pub const DIGEST_HTML: &str = "digest.html";

/// Instructions that one mail's template may take: a mistaken loop ends instead of hanging.
const FUEL: u64 = 200_000;

/// What a template's name gets when its first line, the subject, is meant.
const SUBJECT_PART: &str = "#subject";

/// The file of a template, as a path inside the folder of templates.
pub fn file_name(template: Template, variant: Variant) -> String {
    match variant {
        Variant::Full => format!("{template}.md"),
        Variant::Plain => format!("{template}.plain.md"),
    }
}

/// The name under which the engine knows the subject of the template in `file`.
pub fn subject_name(file: &str) -> String {
    format!("{file}{SUBJECT_PART}")
}

/// Every shipped file, by name.
pub fn shipped_files() -> Vec<String> {
    Shipped::iter().map(|name| name.into_owned()).collect()
}

/// The text of a shipped file.
pub fn shipped(file: &str) -> Option<String> {
    let embedded = Shipped::get(file)?;
    String::from_utf8(embedded.data.into_owned()).ok()
}

/// The file that replaces a shipped one, where the desk has it.
pub fn replacement(desk: &Desk, file: &str) -> Option<PathBuf> {
    desk.templates.as_ref()?.path_of(file)
}

/// The text of a file: the desk's own, else the shipped one.
pub fn source(own: Option<&OwnTemplates>, file: &str) -> Result<Option<String>, Error> {
    match own.and_then(|own| own.text(file)) {
        Some(Ok(text)) => Ok(Some(text.to_owned())),
        Some(Err(reason)) => {
            Err(Error::new(ErrorKind::InvalidOperation, format!("failed to read the template: {reason}")))
        }
        None => Ok(shipped(file)),
    }
}

/// The engine for `desk`, as [`environment`] makes it, kept with its parsed templates for the next mail; for a desk with
/// other templates of its own it is made anew.
pub fn kept(desk: &Desk, own: bool) -> Arc<Environment<'static>> {
    static KEPT: Kept<Environment<'static>> = Kept::new();
    let templates = desk.templates.as_ref().filter(|_| own);
    KEPT.of(templates.map_or(0, |own| own.stamp()), || environment(desk, own))
}

/// The engine for `desk`; `own`: whether the desk's own files replace shipped ones.
pub fn environment(desk: &Desk, own: bool) -> Environment<'static> {
    let own = desk.templates.clone().filter(|_| own);
    let mut environment = Environment::new();
    environment.set_loader(move |name| load(own.as_deref(), name));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name {
        LAYOUT | DIGEST_HTML => AutoEscape::Html,
        DIGEST_TEXT => AutoEscape::None,
        name if name.ends_with(SUBJECT_PART) => AutoEscape::None,
        _ => AutoEscape::Custom("markdown".into()),
    });
    environment.set_formatter(print);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default());
    environment.set_fuel(Some(FUEL));
    // What marks a value as markup is ours alone.
    for filter in ["safe", "escape", "e", "tojson", "urlencode", "pprint"] {
        environment.remove_filter(filter);
    }
    // It prints every value there is.
    environment.remove_global("debug");
    environment.add_filter("quote", |value: String| Value::from_safe_string(markdown::quote(&value)));
    environment.add_filter("paragraphs", |value: String| Value::from_safe_string(markdown::paragraphs(&value)));
    environment.add_filter("sentence", |value: String| {
        let mut rest = value.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>()).unwrap_or_default()
    });
    environment.add_filter("form", |labels: Vec<String>| {
        Value::from_safe_string(markdown::quote(&labels.iter().map(|label| format!("{label}:\n")).collect::<String>()))
    });
    environment.add_filter("phone", |value: String| Value::from_safe_string(phone_link(&value)));
    super::columns::add_filters(&mut environment);
    environment.add_filter("link", |target: String, words: String| {
        Value::from_safe_string(format!(
            "[{}](<{}>)",
            markdown::escape(&words),
            target.replace(['<', '>', '\\', '\n', '\r'], "")
        ))
    });
    environment
}

fn load(own: Option<&OwnTemplates>, name: &str) -> Result<Option<String>, Error> {
    let file = name.strip_suffix(SUBJECT_PART).unwrap_or(name);
    let Some(text) = source(own, file)? else { return Ok(None) };
    let text = text.replace("\r\n", "\n");
    if file == LAYOUT || file == DIGEST_HTML || file.starts_with("parts/") {
        return Ok(Some(text));
    }
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let Some(subject) = first.strip_prefix("Subject:") else {
        return Err(Error::new(ErrorKind::SyntaxError, "the first line is not 'Subject: …'"));
    };
    Ok(Some(match name.ends_with(SUBJECT_PART) {
        true => subject.trim().to_owned(),
        // The empty line keeps the line numbers of faults true.
        false => format!("\n{rest}"),
    }))
}

/// Prints one value: escaped for where it stands, refused where there is nothing to print.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Err(Error::new(
            ErrorKind::UndefinedError,
            "a value that some mail does not have is printed; put {% if … %} around it",
        ));
    }
    match state.auto_escape() {
        AutoEscape::Custom(_) if !value.is_safe() => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            out.write_str(&markdown::escape(&text)).map_err(Error::from)
        }
        AutoEscape::Custom(_) => out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

/// A phone number that a phone can dial.
fn phone_link(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let plus = if digits.len() == 11 && digits.starts_with('1') { "+" } else { "" };
    match digits.len() {
        3..=15 => format!("[{}](tel:{plus}{digits})", markdown::escape(number)),
        _ => markdown::escape(number),
    }
}
