//! What is done with a held message: accepted, returned, redirected, added to a case or dropped.

use super::{held, page};
use crate::case::commands::Word;
use crate::web::base::{Answer, Form, PageError, Supervising};
use crate::worker::acts::{About, Act, Acted};
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was typed, shown again where it was refused.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Typed {
    /// `accept`, `return`, `redirect`, `attach` or `drop`.
    pub(super) act: String,
    /// The form's own id: the same form acts once.
    #[serde(skip_serializing)]
    pub(super) form: String,
    pub(super) line: String,
    pub(super) words: String,
    pub(super) topic: String,
    pub(super) case: String,
    /// Why it was refused.
    #[serde(skip_deserializing)]
    pub(super) fault: Option<String>,
}

pub(super) async fn act(Supervising(who): Supervising, Path(id): Path<String>, Form(typed): Form<Typed>) -> Answer {
    // What was carried out by the same form a moment ago is no longer held, and the second click is no mistake.
    let id_of_form: Uuid = typed.form.parse().map_err(|_| PageError::NotFound)?;
    let (desk, message) = match held(&who, &id).await {
        Err(PageError::NotFound) if is_decided(&who, &id).await? => {
            return who.done("That message was decided already; nothing was done again.", "/held").await;
        }
        found => found?,
    };
    let about = Act::new(id_of_form, About::Message(message.message.id));
    let act = match typed.act.as_str() {
        "accept" => about.with(Word::Accept, typed.line.trim()),
        "return" => about.with(Word::Return, typed.words.trim()),
        "redirect" => about.with(Word::Redirect, typed.topic.trim()),
        "attach" => about.with(Word::Merge, typed.case.trim()),
        "drop" => Act { drops: true, ..about },
        _ => return Err(PageError::NotFound),
    };
    match who.site.worker().act(&who.access, &desk.id, &act).await? {
        Acted::Done(done) => {
            let sentence = Some(done.sentences()).filter(|sentence| !sentence.is_empty());
            let sentence = sentence.unwrap_or_else(|| "The message is decided.".to_owned());
            let to = match done.case {
                Some(number) if typed.act != "drop" => format!("/cases/{}/{number}", desk.id),
                _ => "/held".to_owned(),
            };
            who.done(&sentence, &to).await
        }
        Acted::Refused(parts) => {
            let why: Vec<String> = parts.into_iter().map(|part| part.why).collect();
            page(&who, &id, Typed { fault: Some(why.join(" ")), ..typed }).await
        }
        Acted::Twice => who.done("This was sent before, and was done then.", "/held").await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Busy => {
            let why = "Somebody else changed something at the same moment. Look at it and try again.";
            page(&who, &id, Typed { fault: Some(why.to_owned()), ..typed }).await
        }
    }
}

/// Whether there is such a message for them, and it waits for nobody any more.
async fn is_decided(who: &crate::web::base::SignedIn, id: &str) -> Result<bool, PageError> {
    let Ok(id) = id.parse::<Uuid>() else { return Ok(false) };
    Ok(who.site.store().visible_message(&who.access, id).await?.is_some())
}
