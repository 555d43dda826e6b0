//! What is attached in a conversation, to keep: it is downloaded and never shown as a page.

use super::partner::{Partner, number_in};
use crate::message::Message;
use crate::store::{PortalView, Said};
use crate::web::base::{Answer, PageError, Site};
use crate::words::numbers::PendingToken;
use axum::Router;
use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::routing::get;
use uuid::Uuid;

/// The largest file that is taken out of a message.
const MOST_BYTES: usize = 64 * 1024 * 1024;

pub(super) fn routes() -> axum::Router<Site> {
    Router::new()
        .route("/cases/{desk}/{number}/files/{message}/{sha256}", get(of_case))
        .route("/requests/{desk}/{token}/files/{message}/{sha256}", get(of_request))
}

async fn of_case(
    partner: Partner,
    Path((desk, number, message, sha256)): Path<(String, String, Uuid, String)>,
) -> Answer {
    let (desk, one) = partner.case(&desk, &number).await?;
    let store = partner.who.site.store();
    let said = store.partner_conversation(&partner.who.account.email, &one.case).await?;
    file(&partner, &said, (message, &sha256), (&desk.id, Some(one.case.id))).await
}

async fn of_request(
    partner: Partner,
    Path((desk, token, message, sha256)): Path<(String, String, Uuid, String)>,
) -> Answer {
    let desk = partner.desk(&desk)?;
    let (store, email) = (partner.who.site.store(), &partner.who.account.email);
    let token = PendingToken(number_in(&token)?);
    let pending = store.partner_pending(email, &desk.id, &token).await?.ok_or(PageError::NotFound)?;
    let said = store.partner_pending_conversation(email, pending.id).await?;
    file(&partner, &said, (message, &sha256), (&desk.id, None)).await
}

/// A file of this conversation; what is of another is not there.
async fn file(
    partner: &Partner,
    said: &[Said],
    (message, sha256): (Uuid, &str),
    (desk, case): (&str, Option<Uuid>),
) -> Answer {
    let mut files = said.iter().flat_map(|said| &said.files);
    let file = files.find(|file| file.message == message && file.sha256 == sha256).ok_or(PageError::NotFound)?;
    partner.viewed(&[PortalView { desk, case, what: "file", row: Some(message) }]).await?;
    let raw = partner.who.site.store().raw_message(message).await?.ok_or(PageError::NotFound)?;
    let wanted = sha256.to_owned();
    let take = move || {
        // The same content twice is taken once.
        let mut wanted = Some(wanted);
        Message::attachment_contents(&raw, MOST_BYTES, |_, one| {
            wanted.take_if(|wanted| *wanted == one.sha256).is_some()
        })
    };
    let contents = tokio::task::spawn_blocking(take).await?;
    let (_, bytes) = contents.into_iter().next().ok_or(PageError::NotFound)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CONTENT_DISPOSITION, disposition(&file.name)?),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (HeaderName::from_static("x-download-options"), HeaderValue::from_static("noopen")),
    ];
    Ok((headers, bytes).into_response())
}

/// To be kept, under this name (RFC 6266, with the name as RFC 8187 has it).
fn disposition(name: &str) -> anyhow::Result<HeaderValue> {
    use std::fmt::Write;
    let seen = name.chars().filter(|c| !c.is_control() && !crate::words::fold::is_invisible(*c));
    let name: String = seen.map(|c| if matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b".-_~".contains(&byte);
        if is_plain { encoded.push(char::from(byte)) } else { write!(encoded, "%{byte:02X}")? }
    }
    Ok(HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_under_a_harmless_name() {
        for (name, header) in [
            ("claim.pdf", "attachment; filename=\"claim.pdf\"; filename*=UTF-8''claim.pdf"),
            ("a\"b\r\nX: y.pdf", "attachment; filename=\"a_bX_ y.pdf\"; filename*=UTF-8''a%22bX%3A%20y.pdf"),
            ("../é.txt", "attachment; filename=\".._\u{5f}.txt\"; filename*=UTF-8''.._%C3%A9.txt"),
            ("x\u{202e}fdp.exe", "attachment; filename=\"xfdp.exe\"; filename*=UTF-8''xfdp.exe"),
        ] {
            assert_eq!(disposition(name).unwrap(), header, "{name:?}");
        }
    }
}
