//! Who asks, as an argument of a page: somebody with a session, and the desks whose portal is for their address.

use crate::address::Mailbox;
use crate::desk::{Desk, SecureWay};
use crate::store::{PartnerCase, PortalView, ThrottleRule};
use crate::web::base::{PageError, SignedIn, Site, see_other};
use crate::words::numbers::CaseNumber;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use std::sync::Arc;

/// No number of a case and no token is longer.
const LONGEST_NUMBER: usize = 64;

/// A partner.
#[derive(Clone)]
pub(super) struct Partner {
    pub(super) who: SignedIn,
    /// The desks whose portal is for them, as the policies are now.
    pub(super) desks: Vec<Arc<Desk>>,
}

/// The desks whose portal is for whoever is signed in.
fn desks_of(who: &SignedIn) -> Vec<Arc<Desk>> {
    let email = &who.account.email;
    let mut desks = who.site.served();
    desks.retain(|desk| *desk.secure_way(email) == SecureWay::Portal && desk.staff_member(email).is_none());
    desks
}

/// Whether a desk asks for a code that the account does not give yet.
pub(super) fn lacks_codes(who: &SignedIn) -> bool {
    who.account.codes.is_none() && desks_of(who).iter().any(|desk| desk.secure.portal_codes)
}

/// What one account may write: nobody writes more by hand, and each message goes on to a person.
const WRITES: ThrottleRule = ThrottleRule {
    free: 30,
    first: SignedDuration::from_secs(30),
    longest: SignedDuration::from_mins(15),
    forget: SignedDuration::from_hours(1),
};

/// What is said to whoever writes more than that.
pub(super) const TOO_MANY: &str =
    "You have sent a great many messages in a short time. Please wait a few minutes, then send this one again.";

/// A number or token of an address as it may be one, in capitals: what no database takes is asked of none.
pub(super) fn number_in(path: &str) -> Result<String, PageError> {
    let may_be_one = path.len() <= LONGEST_NUMBER && path.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if may_be_one { Ok(path.to_ascii_uppercase()) } else { Err(PageError::NotFound) }
}

impl Partner {
    /// Counts that they write something; `false`: they have to wait.
    pub(super) async fn may_write(&self) -> anyhow::Result<bool> {
        let site = &self.who.site;
        site.store()
            .may_try(&[(format!("written by partner {}", self.who.account.id), WRITES)], site.now())
            .await
            .map_err(Into::into)
    }

    /// A desk of theirs; what is foreign is not there.
    pub(super) fn desk(&self, id: &str) -> Result<Arc<Desk>, PageError> {
        self.desks.iter().find(|desk| desk.id == id).cloned().ok_or(PageError::NotFound)
    }

    /// The ids of their desks.
    pub(super) fn desk_ids(&self) -> Vec<String> {
        self.desks.iter().map(|desk| desk.id.clone()).collect()
    }

    /// Their own case; anybody else's is not there.
    pub(super) async fn case(&self, desk: &str, number: &str) -> Result<(Arc<Desk>, PartnerCase), PageError> {
        let desk = self.desk(desk)?;
        let number = CaseNumber(number_in(number)?);
        let found = self.who.site.store().partner_case(&self.who.account.email, &desk.id, &number).await?;
        Ok((desk, found.ok_or(PageError::NotFound)?))
    }

    /// They opened something: that stands in the audit trail before they see it.
    pub(super) async fn viewed(&self, views: &[PortalView<'_>]) -> Result<(), PageError> {
        let site = &self.who.site;
        Ok(site.store().record_portal_views(&self.who.account.email, views, site.now()).await?)
    }

    /// Them as the author of a message, with the name that they are known by at this desk.
    pub(super) async fn author(&self, desk: &Desk) -> Result<Mailbox, PageError> {
        let email = self.who.account.email.clone();
        let cases = self.who.site.store().partner_cases(&email, std::slice::from_ref(&desk.id)).await?;
        Ok(Mailbox { name: cases.into_iter().find_map(|one| one.case.requester_name), address: email })
    }
}

impl FromRequestParts<Site> for Partner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let who = SignedIn::from_request_parts(parts, site).await.map_err(IntoResponse::into_response)?;
        if lacks_codes(&who) {
            return Err(see_other("/codes"));
        }
        let desks = desks_of(&who);
        Ok(Self { who, desks })
    }
}
