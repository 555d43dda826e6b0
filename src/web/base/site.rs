//! What all pages share.

use super::passphrase::Checker;
use super::{origin, templates};
use crate::address::EmailAddress;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::desk::access::Realm;
use crate::settings::Web;
use crate::store::{Account, SessionLimits, Store};
use crate::worker::Worker;
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use minijinja::Environment;
use std::sync::Arc;
use uuid::Uuid;

/// What all pages share; clones are cheap.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    worker: Arc<Worker>,
    realm: Realm,
    web: Web,
    origin: origin::Ours,
    templates: Environment<'static>,
    checker: Checker,
}

impl Site {
    /// The site of a worker. `public_url`: where it is reached from outside.
    ///
    /// # Errors
    ///
    /// A shipped template that cannot be read: a defect.
    pub fn new(worker: Arc<Worker>, web: Web, public_url: Option<&str>) -> anyhow::Result<Self> {
        Self::of(Realm::Staff, worker, web, public_url)
    }

    /// The site of a worker's portal: with accounts, sessions and cookies of its own, of which none holds in the console.
    ///
    /// # Errors
    ///
    /// As of [`Site::new`].
    pub fn for_partners(worker: Arc<Worker>, web: Web, public_url: Option<&str>) -> anyhow::Result<Self> {
        Self::of(Realm::Partners, worker, web, public_url)
    }

    fn of(realm: Realm, worker: Arc<Worker>, web: Web, public_url: Option<&str>) -> anyhow::Result<Self> {
        let origin = origin::Ours::new(web.listen, public_url);
        let templates = templates::environment().context("a page's template is damaged")?;
        Ok(Self(Arc::new(Parts { worker, realm, web, origin, templates, checker: Checker::default() })))
    }

    /// The worker: its desks, and what staff do.
    pub fn worker(&self) -> &Worker {
        &self.0.worker
    }

    /// Whose site it is.
    pub fn realm(&self) -> Realm {
        self.0.realm
    }

    /// The account of an address here.
    pub(in crate::web) async fn account(&self, email: &EmailAddress) -> anyhow::Result<Option<Account>> {
        Ok(self.store().account_in(self.realm(), email).await?)
    }

    /// The desks that are served here: in the portal those with a way that leads there.
    pub(in crate::web) fn served(&self) -> Vec<Arc<Desk>> {
        let mut desks = self.desks();
        desks.retain(|desk| self.realm() == Realm::Staff || desk.has_portal());
        desks
    }

    /// What is kept.
    pub fn store(&self) -> &Store {
        &self.0.worker.store
    }

    /// What time it is: in a rehearsal, its own time.
    pub fn clock(&self) -> &Clock {
        &self.0.worker.clock
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.0.worker.clock.now()
    }

    /// All desks, as they hold at the moment.
    pub fn desks(&self) -> Vec<Arc<Desk>> {
        self.0.worker.desks.all()
    }

    /// A fresh row's id.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        self.0.worker.with_chance(|chance| chance.id(now))
    }

    /// The settings of the pages.
    pub fn web(&self) -> &Web {
        &self.0.web
    }

    pub(super) fn origin(&self) -> &origin::Ours {
        &self.0.origin
    }

    pub(super) fn templates(&self) -> &Environment<'static> {
        &self.0.templates
    }

    pub(in crate::web) fn checker(&self) -> &Checker {
        &self.0.checker
    }

    pub(super) fn limits(&self) -> SessionLimits {
        let span = |span: std::time::Duration| SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        SessionLimits { idle: span(self.0.web.idle), longest: span(self.0.web.longest) }
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("web", &self.0.web).finish_non_exhaustive()
    }
}
