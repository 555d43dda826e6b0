//! Who asks, as an argument of a page.

use super::visit::Visit;
use super::{Answer, PageError, Site, page, see_other};
use crate::desk::Desk;
use crate::desk::access::{Access, AccountRole, Realm};
use crate::store::{Account, SessionRow};
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;
use std::sync::Arc;

/// Somebody with a session and something to see. Who has no session is sent to sign in.
#[derive(Clone)]
pub struct SignedIn {
    /// Whose account.
    pub account: Account,
    /// What they may see, by the desks' staff lists as they are now.
    pub access: Access,
    /// Their session.
    pub session: SessionRow,
    /// The path and query that were asked for.
    pub path: String,
    /// What stands in the field `csrf` of every form.
    pub csrf: String,
    /// The site.
    pub site: Site,
}

impl SignedIn {
    /// A page in the layout, from a file of `templates/web`. Besides `context`, a template has `csrf`, `account`, `nav`,
    /// `said`, `path` and `now`.
    pub async fn page(&self, template: &str, context: impl Serialize) -> Answer {
        page::of(self, template, Value::from(Serde(context))).await
    }

    /// Keeps a sentence that the next page shows: "The case is assigned to …".
    pub async fn say(&self, sentence: &str) -> Result<(), PageError> {
        Ok(self.site.store().say(self.session.id, sentence).await?)
    }

    /// Keeps a sentence and leads to a page, after something was posted.
    pub async fn done(&self, sentence: &str, to: &str) -> Answer {
        self.say(sentence).await?;
        Ok(see_other(to))
    }

    /// The desks that they may see, in the order of their ids.
    pub fn desks(&self) -> Vec<Arc<Desk>> {
        let mut desks = self.site.desks();
        desks.retain(|desk| self.access.has_desk(&desk.id));
        desks
    }

    /// A desk that they may see; what is foreign is not there.
    pub fn desk(&self, id: &str) -> Result<Arc<Desk>, PageError> {
        let desk = self.site.worker().desks.get(id).filter(|_| self.access.has_desk(id));
        desk.ok_or(PageError::NotFound)
    }

    /// The zone of their first desk, for times that belong to no desk.
    pub fn zone(&self) -> String {
        let desks = if self.site.realm() == Realm::Partners { self.site.served() } else { self.desks() };
        desks.first().map_or_else(|| "UTC".to_owned(), |desk| desk.calendar.zone_name().to_owned())
    }

    /// What they stand under in audit rows.
    pub fn key(&self) -> String {
        self.site.store().account_key(&self.account.email)
    }
}

impl FromRequestParts<Site> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, PageError> {
        let Some(Visit(visit)) = parts.extensions.get::<Visit>().cloned() else { return Err(PageError::NotFound) };
        let (Some((_, session, account)), Some(csrf)) = (&visit.session, visit.form_token(site)) else {
            // What was posted is lost anyway: after signing in they begin at the first page.
            let is_page = matches!(parts.method, Method::GET | Method::HEAD);
            return Err(PageError::SignIn(if is_page { visit.path.clone() } else { "/".to_owned() }));
        };
        let access = Access::of(&account.email, account.role, &site.desks());
        let (account, session, path) = (account.clone(), session.clone(), visit.path.clone());
        Ok(Self { account, access, session, path, csrf, site: site.clone() })
    }
}

/// A supervisor or admin; for a specialist there is nothing here.
#[derive(Clone)]
pub struct Supervising(pub SignedIn);

impl FromRequestParts<Site> for Supervising {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, PageError> {
        let signed_in = SignedIn::from_request_parts(parts, site).await?;
        if signed_in.access.supervises() { Ok(Self(signed_in)) } else { Err(PageError::NotFound) }
    }
}

/// An admin; for others there is nothing here.
#[derive(Clone)]
pub struct Administering(pub SignedIn);

impl FromRequestParts<Site> for Administering {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, PageError> {
        let signed_in = SignedIn::from_request_parts(parts, site).await?;
        if signed_in.account.role == AccountRole::Admin { Ok(Self(signed_in)) } else { Err(PageError::NotFound) }
    }
}
