//! Writing in a conversation: it enters as a message of the case's thread.

use super::case::{Draft, page};
use super::partner::{Partner, TOO_MANY};
use super::told::after_answer;
use crate::effects::enclosures::{MOST_BYTES, MOST_FILES};
use crate::web::base::{Answer, Site, Upload, UploadedFile, uploads};
use crate::worker::acts::ActFile;
use crate::worker::portal::{Entered, Entry};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use uuid::Uuid;

/// The longest message that a person writes, in bytes.
pub(super) const LONGEST_TEXT: usize = 100_000;

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/cases/{desk}/{number}/answer", post(answer)).layer(uploads())
}

/// The files of a form, or what is wrong with them.
pub(super) fn files(upload: &[UploadedFile]) -> Result<Vec<ActFile>, String> {
    let bytes: usize = upload.iter().map(|file| file.bytes.len()).sum();
    if upload.len() > MOST_FILES {
        return Err(format!("Please send at most {MOST_FILES} files at a time."));
    }
    if bytes > MOST_BYTES {
        return Err("Your files are larger than 24 MB together. Please send them in several messages.".to_owned());
    }
    let file = |file: &UploadedFile| ActFile {
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        bytes: file.bytes.to_vec(),
    };
    Ok(upload.iter().map(file).collect())
}

/// The id of the form; one that is not ours enters as a form of its own.
pub(super) fn form_id(site: &Site, upload: &Upload) -> Uuid {
    upload.field("form").parse().unwrap_or_else(|_| site.new_id())
}

async fn answer(partner: Partner, Path((desk, number)): Path<(String, String)>, upload: Upload) -> Answer {
    let (desk, one) = partner.case(&desk, &number).await?;
    let text = upload.field("text").replace("\r\n", "\n");
    let found = files(&upload.files);
    let fault = match &found {
        Err(fault) => Some(fault.clone()),
        Ok(files) if text.trim().is_empty() && files.is_empty() => {
            Some("Please write a message, or choose a file.".to_owned())
        }
        Ok(_) if text.len() > LONGEST_TEXT => Some("Your message is too long. Please send it as a file.".to_owned()),
        Ok(_) => None,
    };
    if fault.is_some() {
        return page(&partner, &desk, &one, Draft { text, fault }).await;
    }
    if !partner.may_write().await? {
        let mut response = page(&partner, &desk, &one, Draft { text, fault: Some(TOO_MANY.to_owned()) }).await?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(response);
    }
    let (site, email) = (&partner.who.site, &partner.who.account.email);
    let said = site.store().partner_conversation(email, &one.case).await?;
    let entry = Entry {
        form: form_id(site, &upload),
        account: partner.who.account.id,
        author: partner.author(&desk).await?,
        subject: format!("Re: {} [{}]", one.case.subject, one.case.number),
        in_reply_to: said.into_iter().rev().find_map(|said| said.message_id),
        text,
        files: found.unwrap_or_default(),
    };
    let entered = site.worker().enter(&desk, &entry).await?;
    let number = match &entered {
        Entered::Decided { case: Some(number), .. } => number.clone(),
        _ => one.case.number.clone(),
    };
    partner.who.done(after_answer(&entered), &format!("/cases/{}/{number}", desk.id)).await
}
