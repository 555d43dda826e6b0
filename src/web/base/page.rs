//! A page in its layout.

use super::{Answer, SignedIn, Site, nav};
use crate::desk::access::Realm;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};

/// Leads to another page of ours, after something was posted.
pub fn see_other(to: &str) -> Response {
    // Only paths of ours are ever led to; a header cannot hold anything else.
    let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, to);
    response
}

/// A page for somebody who is signed in.
pub(super) async fn of(who: &SignedIn, template: &str, context: Value) -> Answer {
    let said = who.site.store().take_said(who.session.id).await?;
    let nav = nav::entries(who).await?;
    let account = context! {
        email => who.account.email.to_string(),
        role => who.account.role.as_str(),
        supervises => who.access.supervises(),
        key => who.key(),
    };
    let ours = context! {
        csrf => who.csrf.clone(),
        path => who.path.clone(),
        now => who.site.now().to_string(),
        account,
        nav => Value::from(Serde(nav)),
        said,
    };
    render(&who.site, template, context! { ..ours, ..context })
}

/// A page for somebody who is not signed in, or of an error.
pub(super) fn plain(site: &Site, template: &str, context: Value) -> Answer {
    render(site, template, context! { ..context! { account => (), nav => (), said => () }, ..context })
}

/// What partners know the site by: the one desk, or the desks, whose portal it is.
fn brand(site: &Site) -> String {
    let mut names: Vec<String> = site.served().iter().map(|desk| desk.name.clone()).collect();
    names.dedup();
    match names.as_slice() {
        [] => "Secure messages".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        _ => "Secure messages".to_owned(),
    }
}

fn render(site: &Site, template: &str, context: Value) -> Answer {
    let is_portal = site.realm() == Realm::Partners;
    let ours = context! {
        layout => if is_portal { "portal/layout.html" } else { "layout.html" },
        is_portal,
        brand => if is_portal { brand(site) } else { "mailclerk".to_owned() },
    };
    let context = context! { ..context, ..ours };
    let written = site.templates().get_template(template).and_then(|template| template.render(context));
    // The engine's own text of an error may quote what it was given.
    let html = written.map_err(|error| {
        anyhow::anyhow!(
            "failed to fill the template {} at line {}: {}",
            error.name().unwrap_or(template),
            error.line().unwrap_or_default(),
            error.kind()
        )
    })?;
    let mut response = html.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}
