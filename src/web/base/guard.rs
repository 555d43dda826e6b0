//! What surrounds every answer: the host, the session, a limit of time, panics, headers, and pages for errors.

use super::error::{Told, words};
use super::visit::{Found, Peer, Visit, look};
use super::{PageError, Site, page};
use axum::extract::{Request, State};
use axum::http::header::{
    self, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use minijinja::context;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take, reading what was posted included.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What a page may load and do: nothing but our own stylesheet, images written into it, forms to ourselves.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The answer to a path that nobody serves.
pub(super) async fn nothing_here() -> PageError {
    PageError::NotFound
}

pub(super) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    if !site.origin().has_our_host(request.headers()) {
        // Whoever comes by another name is told nothing at all.
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let is_secure = site.origin().is_https;
    let answer = AssertUnwindSafe(tokio::time::timeout(ANSWER_WITHIN, visited(&site, request, next))).catch_unwind();
    let mut response = match answer.await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => StatusCode::REQUEST_TIMEOUT.into_response(),
        Err(_) => {
            // What a panic says may quote what it worked on.
            tracing::error!("a defect of the program stopped a page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        response = with_words(&site, response);
    }
    protect(response.headers_mut(), is_secure);
    response
}

async fn visited(site: &Site, mut request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let (found, begun) = match look(site, path, peer, request.headers()).await {
        Ok(found) => found,
        Err(error) => return PageError::Failed(error).into_response(),
    };
    let found: Arc<Found> = Arc::new(found);
    request.extensions_mut().insert(Visit(Arc::clone(&found)));
    let mut response = next.run(request).await;
    if let Some(cookie) = begun.and_then(|token| found.session_cookie(&token)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// An error's answer with a page, where it has none of its own.
fn with_words(site: &Site, response: Response) -> Response {
    let is_page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        return response;
    }
    let status = response.status();
    let (title, sentence) = words(site.realm(), status, response.extensions().get::<Told>());
    let Ok(mut page) = page::plain(site, "error.html", context! { title, sentence }) else { return response };
    *page.status_mut() = status;
    for (name, value) in response.headers().iter().filter(|(name, _)| *name == SET_COOKIE || *name == header::ALLOW) {
        page.headers_mut().append(name, value.clone());
    }
    page
}

/// Headers that every answer bears; what an answer says itself stands.
fn protect(headers: &mut HeaderMap, is_secure: bool) {
    let usual = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
        ),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in usual {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_secure {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}
