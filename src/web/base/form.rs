//! What was posted: its token is looked at before anything of it is used.

use super::visit::Visit;
use super::{PageError, Site};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

/// The most bytes of a form.
pub(super) const MOST_FORM_BYTES: usize = 1024 * 1024;
/// The most bytes of a form with files.
const MOST_UPLOAD_BYTES: usize = 30 * 1024 * 1024;
/// The most parts of a form with files.
const MOST_PARTS: usize = 200;

/// A form's fields. `T` may be a struct of text fields, or `Vec<(String, String)>` where a desk says which there are; the
/// field `csrf` was looked at and need not be in it.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

/// A form with files (`multipart/form-data`); its field `csrf` must be the first.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// Names and values of the fields that are no files, without `csrf`.
    pub fields: Vec<(String, String)>,
    /// The files that were chosen.
    pub files: Vec<UploadedFile>,
}

/// A file that was chosen in a form.
#[derive(Clone)]
pub struct UploadedFile {
    /// The form's field.
    pub field: String,
    /// The file's own name, as the browser says it.
    pub name: String,
    /// Its type, as the browser says it.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl std::fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadedFile").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Upload {
    /// The value of a field; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

/// A layer for the routes that take an [`Upload`], which may be larger than other forms.
pub fn uploads() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MOST_UPLOAD_BYTES)
}

/// What the token of a form must be; forms from elsewhere have none.
fn expected(request: &Request, site: &Site) -> Result<String, PageError> {
    let Some(Visit(visit)) = request.extensions().get::<Visit>() else { return Err(PageError::Forbidden) };
    if !site.origin().is_own_post(request.headers()) {
        return Err(PageError::Forbidden);
    }
    visit.form_token(site).ok_or(PageError::Forbidden)
}

fn is_token(found: &str, expected: &str) -> bool {
    found.as_bytes().ct_eq(expected.as_bytes()).into()
}

impl<T: DeserializeOwned> FromRequest<Site> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Site) -> Result<Self, PageError> {
        let expected = expected(&request, site)?;
        let axum::extract::RawForm(bytes) = axum::extract::RawForm::from_request(request, site)
            .await
            .map_err(|rejection| PageError::Unreadable(rejection.into_response().status()))?;
        let unreadable = |_| PageError::Unreadable(StatusCode::BAD_REQUEST);
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).map_err(unreadable)?;
        let mut tokens = pairs.iter().filter(|(name, _)| name == "csrf");
        match (tokens.next(), tokens.next()) {
            (Some((_, token)), None) if is_token(token, &expected) => {}
            _ => return Err(PageError::Forbidden),
        }
        serde_urlencoded::from_bytes(&bytes).map(Self).map_err(unreadable)
    }
}

impl FromRequest<Site> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Site) -> Result<Self, PageError> {
        let expected = expected(&request, site)?;
        let mut parts = Multipart::from_request(request, site)
            .await
            .map_err(|rejection| PageError::Unreadable(rejection.into_response().status()))?;
        let mut upload = Self::default();
        let mut is_checked = false;
        let mut count = 0;
        let unreadable = |error: axum::extract::multipart::MultipartError| PageError::Unreadable(error.status());
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            count += 1;
            let field = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            if !is_checked {
                // A form from elsewhere is not even read to its end.
                if field != "csrf" || !is_token(&part.text().await.map_err(unreadable)?, &expected) {
                    return Err(PageError::Forbidden);
                }
                is_checked = true;
                continue;
            }
            if count > MOST_PARTS {
                return Err(PageError::Unreadable(StatusCode::BAD_REQUEST));
            }
            match file {
                Some(name) => {
                    let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
                    let bytes = part.bytes().await.map_err(unreadable)?;
                    // A field where no file was chosen comes as a file without name and bytes.
                    if !name.is_empty() || !bytes.is_empty() {
                        upload.files.push(UploadedFile { field, name, content_type, bytes });
                    }
                }
                None => upload.fields.push((field, part.text().await.map_err(unreadable)?)),
            }
        }
        if is_checked { Ok(upload) } else { Err(PageError::Forbidden) }
    }
}
