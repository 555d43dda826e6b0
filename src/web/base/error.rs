//! What went wrong, told without telling anything: what is foreign looks like what does not exist, and a failure says
//! only that there was one.

use crate::desk::access::Realm;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// There is no such page, case or mail, or it is not for who asks: both look the same.
    NotFound,
    /// A form without its token, or from elsewhere.
    Forbidden,
    /// What was asked cannot be done, in a sentence for whoever asked.
    Refused(String),
    /// Whoever asks is not signed in: to this page.
    SignIn(String),
    /// What was sent is no form, or too large.
    Unreadable(StatusCode),
    /// Something failed on our side; logged, not shown.
    Failed(anyhow::Error),
}

/// What an error's page says, as an extension of an answer without a body: the guard writes the page.
#[derive(Clone, Debug)]
pub(super) struct Told(pub(super) String);

impl<E: Into<anyhow::Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Forbidden => StatusCode::FORBIDDEN.into_response(),
            Self::Refused(sentence) => {
                let mut response = StatusCode::CONFLICT.into_response();
                response.extensions_mut().insert(Told(sentence));
                response
            }
            Self::SignIn(next) => super::see_other(&super::sign_in::address(&next)),
            Self::Unreadable(status) => status.into_response(),
            Self::Failed(error) => {
                tracing::error!(error = format!("{error:#}"), "failed to make a page");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Title and sentence of an error's page.
pub(super) fn words(realm: Realm, status: StatusCode, told: Option<&Told>) -> (&'static str, String) {
    let (title, sentence) = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if realm == Realm::Partners => (
            "Nothing here",
            "There is nothing at this address, or it is not for your account. Your own requests are on the first page.",
        ),
        StatusCode::INTERNAL_SERVER_ERROR if realm == Realm::Partners => {
            ("Something went wrong", "The page could not be made, and we have been told. Please try again in a moment.")
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => (
            "Nothing here",
            "There is nothing at this address, or it is not for your account. Check the link, or look in the queue.",
        ),
        StatusCode::FORBIDDEN => (
            "Please send it again",
            "This form was opened too long ago or in another session, so nothing was done. Open the page again, and send the form from there.",
        ),
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            ("That was not done", "It does not fit how things stand now. Go back and look at the page again.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("Too large", "What was sent is larger than this page takes. Nothing was done.")
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => {
            ("Please try again", "The answer took too long. Try again in a moment.")
        }
        status if status.is_client_error() => {
            ("That was not understood", "What was sent is not what this page takes. Go back and try again.")
        }
        _ => (
            "Something went wrong",
            "The page could not be made. It has been logged; try again in a moment, and tell whoever runs mailclerk if it stays.",
        ),
    };
    (title, told.map_or_else(|| sentence.to_owned(), |told| told.0.clone()))
}
