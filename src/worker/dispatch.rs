//! Dispatching: committed mails are claimed, sent and marked; no transaction is open while the network is waited for.
//!
//! `committing` is written when the body is out and before the final dot: a crash before it is safe to send again,
//! between it and `sent` the outcome is unknown (DESIGN.md, invariant 3).

use super::Worker;
use crate::effects::{MailClass, OutgoingMail};
use crate::faults;
use crate::store::ClaimedMail;
use crate::transport::{Delivery, Prepared, SendError, Sender, render, retry_at};
use jiff::SignedDuration;

/// Mails claimed at a time by one session.
const BATCH: usize = 20;
/// How long a claim lasts: longer than the deadlines of a whole mail.
const LEASE: SignedDuration = SignedDuration::from_mins(30);

/// What one pass sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// Taken by the server, or written to the folder.
    pub sent: usize,
    /// To be tried again.
    pub deferred: usize,
    /// Refused, or given up.
    pub failed: usize,
    /// Of unknown fate.
    pub uncertain: usize,
}

impl Dispatched {
    /// How many mails were handled.
    pub fn handled(self) -> usize {
        self.sent + self.deferred + self.failed + self.uncertain
    }
}
