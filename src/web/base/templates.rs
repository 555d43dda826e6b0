//! The engine that fills pages, and the stylesheet. Templates are in the binary; they are not the operator's to change.

use super::Site;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The folder of the pages' templates.
#[derive(rust_embed::RustEmbed)]
#[folder = "templates/web"]
struct Shipped;

/// Instructions that one page may take: a mistaken loop ends instead of hanging.
const FUEL: u64 = 5_000_000;

/// The stylesheet, under a name that changes with it, so that browsers may keep it for good.
static STYLE: LazyLock<(String, String)> = LazyLock::new(|| {
    let text = Shipped::get("style.css").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let text = text.unwrap_or_default();
    let hash = crate::words::keys::hex(&Sha256::digest(text.as_bytes()));
    (format!("/style-{}.css", hash.get(..12).unwrap_or_default()), text)
});

pub(super) fn routes() -> Router<Site> {
    let style = || async {
        let headers =
            [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
        (headers, STYLE.1.as_str()).into_response()
    };
    Router::new().route(&STYLE.0, get(style))
}

/// The engine with all templates, each read now, so that a damaged one shows at the start.
pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_fuel(Some(FUEL));
    // What marks a value as markup is ours alone.
    for filter in ["safe", "tojson", "pprint"] {
        environment.remove_filter(filter);
    }
    environment.remove_global("debug");
    environment.add_global("style", Value::from_safe_string(STYLE.0.clone()));
    environment.add_filter("when", |at: String, zone: String| time(&at, &zone, "%a %-d %b %Y, %H:%M %Z"));
    environment.add_filter("day", |at: String, zone: String| time(&at, &zone, "%a %-d %b %Y"));
    environment.add_filter("hour", |at: String, zone: String| time(&at, &zone, "%H:%M %Z"));
    environment.add_filter("words", |text: String| text.replace('_', " "));
    environment.add_filter("bytes", super::size);
    for name in Shipped::iter().filter(|name| name.ends_with(".html")) {
        let text = Shipped::get(&name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
        environment.add_template_owned(name.into_owned(), text.unwrap_or_default())?;
    }
    Ok(environment)
}

/// An instant in a zone, for people and for programs; both come as text, as JSON has them.
fn time(at: &str, zone: &str, form: &str) -> Result<Value, Error> {
    let wrong = |what: &str| Error::new(ErrorKind::InvalidOperation, format!("this is no {what}"));
    let at: Timestamp = at.parse().map_err(|_| wrong("instant"))?;
    let zone = TimeZone::get(zone).map_err(|_| wrong("time zone"))?;
    let local = at.to_zoned(zone);
    Ok(Value::from_safe_string(format!("<time datetime=\"{at:.0}\">{}</time>", local.strftime(form))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;
    use std::collections::BTreeSet;

    /// An unknown filter shows only when a page needs it: perhaps with the first message that has an attachment.
    #[test]
    fn every_filter_of_a_template_is_there() {
        let environment = environment().expect("sound templates");
        let tags = Regex::new(r"(?s)\{[{%].*?[%}]\}").expect("a pattern");
        let filter = Regex::new(r"\|\s*([a-z_]+)").expect("a pattern");
        let mut names = BTreeSet::new();
        for file in Shipped::iter().filter(|name| name.ends_with(".html")) {
            let text = String::from_utf8(Shipped::get(&file).expect("a file").data.into_owned()).expect("UTF-8");
            let tags = tags.find_iter(&text).map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>();
            names.extend(tags.iter().flat_map(|tag| filter.captures_iter(tag)).map(|one| one[1].to_owned()));
        }
        assert!(names.len() > 5, "{names:?}");
        for name in names {
            let tried = environment.render_str(&format!("{{{{ 1|{name} }}}}"), ());
            let is_unknown = tried.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter);
            assert!(!is_unknown, "there is no filter {name}");
        }
    }
}
