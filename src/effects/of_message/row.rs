//! The message's own row: what was decided, why, and what later mail is compared with.

use super::build::Build;
use crate::case::EventKind;
use crate::effects::{Chain, Decided, Effects, Folder};

impl Build<'_, '_> {
    pub(super) fn finish(mut self) -> Effects {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let ids = [("decision", judgement.decision.to_string()), ("desk_version", trigger.desk.version.clone())];
        self.event(Chain::Desk, EventKind::Decided, &ids);
        let lookups = crate::intake::lookups::lookups(trigger.desk, trigger.keys, trigger.message, trigger.row);
        let replies = self.effects.mails.iter().any(|mail| mail.replies_to.is_some() && mail.template.is_outward());
        self.effects.decided = Some(Decided {
            message: trigger.row,
            releases_held: trigger.releases_held,
            overrules: trigger.overrules,
            decision: judgement.decision,
            reasons: judgement.reasons.clone(),
            trace: judgement.trace.clone(),
            automatic: judgement.automatic,
            line: judgement.completeness.line.clone(),
            topics: judgement.topics.clone(),
            warnings: judgement.warnings.clone(),
            urgent: judgement.urgent,
            arrived: trigger.arrived,
            content_hash: (trigger.message.bytes > 0).then_some(trigger.message.content_hash),
            message_id: trigger.message.message_id.clone(),
            author_version: trigger.message.author().map(|_| trigger.standing.sender.version),
            author: trigger.message.from.first().cloned(),
            subject: trigger.message.subject.clone(),
            visible_text: trigger.message.body.visible.clone(),
            attachments: trigger.message.attachments.clone(),
            request: serde_json::to_value(&judgement.request).unwrap_or_default(),
            words_hash: lookups.words_hash,
            subject_hash: lookups.subject_hash,
            gets_reply: judgement.reply.is_some() || replies,
            from_stranger: judgement.from_stranger,
            folder: Folder::of(judgement.decision),
        });
        self.effects
    }
}
