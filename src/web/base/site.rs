//! What all pages share.

use super::passphrase::Checker;
use super::{origin, templates};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::settings::Web;
use crate::store::{SessionLimits, Store};
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
        let origin = origin::Ours::new(web.listen, public_url);
        let templates = templates::environment().context("a page's template is damaged")?;
        Ok(Self(Arc::new(Parts { worker, web, origin, templates, checker: Checker::default() })))
    }

    /// The worker: its desks, and what staff do.
    pub fn worker(&self) -> &Worker {
        &self.0.worker
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

    pub(super) fn checker(&self) -> &Checker {
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
