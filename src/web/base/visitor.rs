//! A browser that need not be signed in, as an argument of a page: its forms bear a token that is bound to it.

use super::visit::{Found, Visit, fresh_token};
use super::{Answer, PageError, Site, page, sign_in};
use crate::store::{Account, ThrottleRule};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::Response;
use minijinja::{Value, context};
use std::sync::Arc;

/// A browser, whoever sits there.
#[derive(Clone)]
pub struct Visitor {
    /// The site.
    pub site: Site,
    /// The account that is signed in here, where one is.
    pub account: Option<Account>,
    visit: Arc<Found>,
    token: String,
    is_fresh: bool,
}

impl Visitor {
    /// What only this browser knows: it proves that two requests come from the same one.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The browser as it came; `None`: it was given its token just now, and has proved nothing by it.
    pub fn known(&self) -> Option<&str> {
        (!self.is_fresh).then_some(&self.token)
    }

    /// A page for somebody who is not signed in. Besides `context`, a template has `csrf`.
    pub fn page(&self, template: &str, status: StatusCode, context: Value) -> Answer {
        let csrf = match &self.visit.session {
            Some(_) => self.visit.form_token(&self.site).ok_or(PageError::Forbidden)?,
            None => self.site.store().keys().lookup("form of a visitor", &self.token),
        };
        let mut response = page::plain(&self.site, template, context! { csrf, ..context })?;
        *response.status_mut() = status;
        self.mark(&mut response);
        Ok(response)
    }

    /// Gives the browser its token with this answer, where it has none yet.
    pub fn mark(&self, response: &mut Response) {
        if self.is_fresh {
            response.headers_mut().extend(self.visit.visitor_cookie(&self.token).map(|cookie| (SET_COOKIE, cookie)));
        }
    }

    /// Counts a try under this name and for this browser's address; `false`: one of them has to wait.
    pub async fn may_try(
        &self,
        of_name: Option<(String, ThrottleRule)>,
        of_client: ThrottleRule,
    ) -> anyhow::Result<bool> {
        let mut names = vec![(format!("portal client {}", self.visit.client), of_client)];
        names.extend(of_name);
        Ok(self.site.store().may_try(&names, self.site.now()).await?)
    }

    /// Signs an account in here, with a session of its own, and leads to `next`; `None`: the account was changed
    /// meanwhile. Whoever calls has proved it.
    pub async fn sign_in(&self, account: &Account, next: &str) -> anyhow::Result<Option<Response>> {
        let token = sign_in::begin(&self.site, &self.visit, account, None).await?;
        Ok(token.map(|token| sign_in::signed_in(&self.visit, &token, next)))
    }

    /// Ends the session that is open here, and takes its cookie away with `response`.
    pub async fn sign_out(&self, response: &mut Response) -> anyhow::Result<()> {
        if let Some((_, session, account)) = &self.visit.session {
            self.site.store().end_session(account.id, session.id, self.site.now()).await?;
            response.headers_mut().extend(self.visit.session_cookie("").map(|cookie| (SET_COOKIE, cookie)));
        }
        Ok(())
    }
}

impl FromRequestParts<Site> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, PageError> {
        let Some(Visit(visit)) = parts.extensions.get::<Visit>().cloned() else { return Err(PageError::NotFound) };
        let (token, is_fresh) = match &visit.visitor {
            Some(token) => (token.clone(), false),
            None => (fresh_token()?, true),
        };
        let account = visit.session.as_ref().map(|(_, _, account)| account.clone());
        Ok(Self { site: site.clone(), account, visit, token, is_fresh })
    }
}
