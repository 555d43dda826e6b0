//! The second way: an alarm goes to a webhook or to another mailbox, by its own server, and is tried again until it is
//! delivered. It never passes the outbox, whose mail may be what is at fault.

use super::Worker;
use crate::address::{EmailAddress, Mailbox};
use crate::effects::{MailClass, MailState, OutgoingMail};
use crate::store::Alarm;
use crate::transport::{Contents, Prepared, Transport};
use crate::webhook::Webhook;
use crate::words::{Template, Variant};
use anyhow::Context as _;
use jiff::SignedDuration;

/// Alarms delivered in one go.
const BATCH: usize = 10;
/// How long a delivery may take.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// The longest wait before another try.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// Where alarms go.
#[derive(Debug, Default)]
pub struct AlarmWays {
    /// To an url.
    pub webhook: Option<Webhook>,
    /// To a mailbox, by a way out of its own.
    pub mailbox: Option<(EmailAddress, Transport)>,
}

impl AlarmWays {
    /// The ways that there are, as words.
    pub(super) fn ways(&self) -> Vec<&'static str> {
        let ways = [("webhook", self.webhook.is_some()), ("mailbox", self.mailbox.is_some())];
        ways.into_iter().filter_map(|(way, there)| there.then_some(way)).collect()
    }
}

impl Worker {
    /// Delivers the alarms that are due; gives how many were.
    pub async fn deliver_alarms(&self) -> anyhow::Result<usize> {
        let mut delivered = 0;
        let now = self.clock.now();
        for alarm in self.store.lease_alarms(self.holder, BATCH, now.saturating_add(LEASE)?, now).await? {
            let outcome = match alarm.way.as_str() {
                "webhook" => self.call(&alarm).await,
                _ => self.mail(&alarm).await,
            };
            let again_at = match &outcome {
                Ok(()) => None,
                Err(error) => {
                    let wait = SignedDuration::from_secs(15 << alarm.attempts.clamp(0, 8)).min(LONGEST_WAIT);
                    let error = format!("{error:#}");
                    tracing::error!(alarm = %alarm.id, way = alarm.way, kind = alarm.kind, error, "failed to deliver an alarm");
                    Some(now.saturating_add(wait)?)
                }
            };
            delivered += usize::from(outcome.is_ok());
            self.store.mark_alarm(alarm.id, self.holder, again_at, self.clock.now()).await?;
        }
        Ok(delivered)
    }

    async fn call(&self, alarm: &Alarm) -> anyhow::Result<()> {
        let webhook = self.alarm.webhook.as_ref().context("the settings name no webhook any more")?;
        let body = serde_json::json!({
            "program": "mailclerk", "id": alarm.id, "desk": alarm.desk, "kind": alarm.kind,
            "raised_at": alarm.raised_at.to_string(), "facts": alarm.facts, "text": headline(alarm),
        });
        Ok(webhook.post(&body.to_string()).await?)
    }

    async fn mail(&self, alarm: &Alarm) -> anyhow::Result<()> {
        let (to, transport) = self.alarm.mailbox.as_ref().context("the settings name no alarm mailbox any more")?;
        let from = self.desks.get(&alarm.desk).map_or_else(|| to.clone(), |desk| desk.address.clone());
        let facts = serde_json::to_string_pretty(&alarm.facts)?;
        let text = format!(
            "{}\n\nAnswers of specialists and mail to staff go on. What is stopped waits in the outbox, and begins to leave \
             by itself, a few mails at first.\n\nLook with `mailclerk outbox`. Stop or release by hand with `mailclerk outbox \
             hold` and `mailclerk outbox release`.\n\nRaised at {}.\n\n{facts}\n",
            headline(alarm),
            alarm.raised_at
        );
        let message_id = format!("{}.alarm@{}", alarm.id, from.domain());
        let mail = OutgoingMail {
            id: alarm.id,
            desk: alarm.desk.clone(),
            template: Template::Notice,
            variant: Variant::Full,
            class: MailClass::Staff,
            state: MailState::Claimed,
            from: Mailbox { name: Some("mailclerk".to_owned()), address: from },
            to: Mailbox { name: None, address: to.clone() },
            subject: headline(alarm),
            text,
            html: String::new(),
            attachments: Vec::new(),
            generated: Vec::new(),
            message_id,
            in_reply_to: None,
            references: Vec::new(),
            date: alarm.raised_at,
            auto_submitted: Some("auto-generated"),
            case_number: None,
            about: None,
            replies_to: None,
            not_before: alarm.raised_at,
            gateway: None,
        };
        let prepared = Prepared::new(&mail, &Contents::new())?;
        let mut sender = transport.sender();
        sender.begin(&prepared, self.clock.now()).await?.finish().await?;
        sender.close().await;
        Ok(())
    }
}

/// What happened, on one line.
fn headline(alarm: &Alarm) -> String {
    let fact = |name: &str| alarm.facts.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    match alarm.kind.as_str() {
        "automatic_mail_stopped" => format!("mailclerk stopped the automatic mail of {} ({})", alarm.desk, fact("why")),
        "automatic_mail_released" => format!("the automatic mail of {} leaves as ever again", alarm.desk),
        other => format!("mailclerk on {}: {other}", alarm.desk),
    }
}
