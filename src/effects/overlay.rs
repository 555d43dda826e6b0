//! What earlier effects of the same batch change in a standing that was read before them.
//!
//! Each message of a batch is decided from what the database says, overlaid with the effects that were decided before it
//! in the batch: the standing is then what a read after a commit of those would give (`tests/it/store` holds the two
//! against each other).

use super::{Decided, Effects, MailClass, MailState, MessageLink, OutgoingMail};
use crate::address::EmailAddress;
use crate::case::standing::{CaseFacts, DAY, Lookups, PendingFacts, Seen, Standing, Target};
use crate::case::{Case, LinkRole, Pending, PendingState};
use crate::words::ReasonCode;
use crate::words::numbers::{CaseNumber, PendingToken, Tag};
use jiff::Timestamp;

/// Changes `standing`, which was asked for with `lookups`, as if `before` had been committed before it was read.
///
/// `false`: an earlier effect leads to a case or pending request that only the database knows; commit what was decided so
/// far, then read again.
pub fn overlay(standing: &mut Standing, lookups: &Lookups, before: &[Effects]) -> bool {
    let mut overlay = Overlay { standing, lookups, half_known: Vec::new() };
    for effects in before {
        // Most of a backlog's messages have nothing to do with each other.
        if overlay.concerns(effects) {
            overlay.apply(effects);
        }
    }
    if before.is_empty() {
        return true;
    }
    overlay.settle();
    overlay.is_complete()
}

struct Overlay<'a> {
    standing: &'a mut Standing,
    lookups: &'a Lookups,
    /// What stood before the batch, is known only as the batch changed it, and lacks its conversation.
    half_known: Vec<Target>,
}

impl Overlay<'_> {
    fn apply(&mut self, effects: &Effects) {
        if let Some(decided) = &effects.decided {
            self.see(decided);
            self.count_sender(decided);
        }
        for write in &effects.requesters {
            if self.is_author(&write.address) {
                self.standing.sender.bounced_hard = write.bounced_hard;
                self.standing.sender.version += 1;
            }
        }
        for case in &effects.cases {
            self.put_case(case);
        }
        for pending in &effects.pendings {
            self.put_pending(pending);
        }
        let mut linked: Vec<MessageLink> = Vec::new();
        // Of links of one message the order is that of the targets, as where they are read; each goes before the last.
        let mut links: Vec<&MessageLink> = effects.links.iter().collect();
        links.sort_by_key(|link| std::cmp::Reverse(link.target));
        for link in links {
            if !linked.iter().any(|one| one.message == link.message && one.target == link.target) {
                self.link(effects.decided.as_ref(), link);
                linked.push(*link);
            }
        }
        for mail in &effects.mails {
            self.mail(mail);
        }
    }

    /// Whether anything of an effect may change what a read would find: what is the author's own, what is named or led
    /// to, and what belongs to that.
    fn concerns(&self, effects: &Effects) -> bool {
        let (lookups, standing) = (self.lookups, &*self.standing);
        let is_asked = |id: &String| lookups.message_id.as_ref() == Some(id) || lookups.message_ids.contains(id);
        let by_message = effects.decided.as_ref().is_some_and(|decided| {
            decided.content_hash == Some(lookups.content_hash)
                || decided.message_id.as_ref().is_some_and(is_asked)
                || decided.author.as_ref().is_some_and(|author| self.is_author(&author.address))
        });
        let tags = || lookups.tokens.iter().chain(&lookups.tags);
        let names_number = |number: &CaseNumber| tags().any(|tag| matches!(tag, Tag::Case(named) if named == number));
        let names_token = |token: &PendingToken| tags().any(|tag| matches!(tag, Tag::Pending(named) if named == token));
        let stands = |target: Target| {
            standing.by_message_id.contains(&target)
                || match target {
                    Target::Case(id) => {
                        let belongs =
                            |case: &Case| case.id == id || case.merged_into == Some(id) || case.links.contains(&id);
                        standing.cases.iter().any(|facts| belongs(&facts.case))
                            || standing.pendings.iter().any(|facts| facts.pending.case == Some(id))
                    }
                    Target::Pending(id) => standing.pending(id).is_some(),
                }
        };
        by_message
            || effects.requesters.iter().any(|write| self.is_author(&write.address))
            || effects.mails.iter().any(|mail| is_asked(&mail.message_id) || self.is_author(&mail.to.address))
            || effects.links.iter().any(|link| stands(link.target))
            || effects.cases.iter().any(|case| {
                self.is_author(&case.requester) || names_number(&case.number) || stands(Target::Case(case.id))
            })
            || effects.pendings.iter().any(|pending| {
                self.is_author(&pending.requester)
                    || names_token(&pending.token)
                    || pending.number.as_ref().is_some_and(names_number)
                    || stands(Target::Pending(pending.id))
            })
    }

    fn is_author(&self, address: &EmailAddress) -> bool {
        self.lookups.author.as_ref() == Some(address)
    }

    fn see(&mut self, decided: &Decided) {
        let same_bytes = decided.content_hash == Some(self.lookups.content_hash);
        let same_id = decided.message_id.is_some() && decided.message_id == self.lookups.message_id;
        let seen = &mut self.standing.seen;
        match seen {
            Seen::Never | Seen::SameIdOtherBytes if same_bytes => *seen = Seen::SameBytes(Some(decided.decision)),
            Seen::Never if same_id => *seen = Seen::SameIdOtherBytes,
            _ => {}
        }
    }

    fn count_sender(&mut self, decided: &Decided) {
        if !decided.author.as_ref().is_some_and(|author| self.is_author(&author.address)) {
            return;
        }
        let in_day = self.in_day(decided.arrived);
        let sender = &mut self.standing.sender;
        sender.version += 1;
        if !in_day {
            return;
        }
        // The same bytes again count once, as the store has it.
        if decided.reasons.iter().any(|reason| reason.code == ReasonCode::SeenBefore) {
            return;
        }
        // What a person releases was counted when it was held, but for its reply.
        if !decided.releases_held {
            sender.messages += 1;
            let same_words = !self.lookups.words_hash.is_empty() && decided.words_hash == self.lookups.words_hash;
            sender.same_words += u32::from(same_words);
        }
        let same_subject = decided.gets_reply && decided.subject_hash == self.lookups.subject_hash;
        sender.same_subject += u32::from(same_subject);
    }

    fn in_day(&self, arrived: Timestamp) -> bool {
        let end = self.standing.arrived;
        arrived <= end && arrived > end.saturating_sub(DAY).unwrap_or(Timestamp::MIN)
    }

    fn put_case(&mut self, case: &Case) {
        let mut written = Case { version: case.version + 1, ..case.clone() };
        let standing = self.standing.cases.iter_mut().find(|facts| facts.case.id == case.id);
        if let Some(facts) = &standing {
            written.links.extend(&facts.case.links);
        }
        written.links.sort();
        written.links.dedup();
        match standing {
            Some(facts) => {
                let given_before = facts.case.given_texts().len().min(facts.texts.len());
                facts.texts.splice(..given_before, written.given_texts());
                facts.case = written;
            }
            None => {
                if case.version > 0 {
                    self.half_known.push(Target::Case(case.id));
                }
                let texts = written.given_texts();
                self.standing.cases.push(CaseFacts { texts, messages_in_day: 0, case: written });
            }
        }
    }

    fn put_pending(&mut self, pending: &Pending) {
        let written = Pending { version: pending.version + 1, ..pending.clone() };
        match self.standing.pendings.iter_mut().find(|facts| facts.pending.id == pending.id) {
            Some(facts) => facts.pending = written,
            None => {
                if pending.version > 0 {
                    self.half_known.push(Target::Pending(pending.id));
                }
                self.standing.pendings.push(PendingFacts { messages_in_day: 0, pending: written });
            }
        }
    }

    fn link(&mut self, decided: Option<&Decided>, link: &MessageLink) {
        let decided = decided.filter(|decided| decided.message == link.message);
        let by_author = decided.and_then(|decided| decided.author.as_ref()).is_some_and(|a| self.is_author(&a.address));
        let counts = by_author && decided.is_some_and(|decided| self.in_day(decided.arrived));
        match link.target {
            Target::Case(id) => {
                if let Some(facts) = self.standing.cases.iter_mut().find(|facts| facts.case.id == id) {
                    facts.messages_in_day += u32::from(counts);
                    let words = decided.filter(|_| link.role.bears_words());
                    facts.texts.extend(words.map(|decided| decided.visible_text.clone()));
                }
            }
            Target::Pending(id) => {
                if let Some(facts) = self.standing.pendings.iter_mut().find(|facts| facts.pending.id == id) {
                    facts.messages_in_day += u32::from(counts);
                }
            }
        }
        if let (Some(id), true) = (decided.and_then(|d| d.message_id.as_ref()), link.role != LinkRole::Stranger) {
            self.lead(id, link.target);
        }
    }

    fn mail(&mut self, mail: &OutgoingMail) {
        let is_reply = mail.class == MailClass::Automatic && mail.state != MailState::Withheld;
        if is_reply && self.is_author(&mail.to.address) {
            self.standing.sender.replies += 1;
        }
        self.standing.is_our_mail |= self.lookups.message_id.as_ref() == Some(&mail.message_id);
        let place = self.lookups.message_ids.iter().position(|id| *id == mail.message_id);
        let replied = place.map(|place| (place, mail.template)).into_iter().chain(self.standing.replied);
        self.standing.replied = replied.min_by_key(|(place, _)| *place);
        if let Some(target) = mail.about {
            self.lead(&mail.message_id, target);
        }
    }

    /// A Message-ID leads to `target` from now on: before all that it led to already, in the order of the thread's ids.
    fn lead(&mut self, id: &str, target: Target) {
        let Some(place) = self.lookups.message_ids.iter().position(|known| known == id) else { return };
        let standing = &mut *self.standing;
        if let Some(at) = standing.by_message_id.iter().position(|known| *known == target) {
            let is_earlier = standing.by_message_id_places.get(at).is_some_and(|known| *known < place);
            if is_earlier {
                return;
            }
            standing.by_message_id.remove(at);
            standing.by_message_id_places.remove(at);
        }
        let at = standing.by_message_id_places.iter().position(|known| *known >= place);
        let at = at.unwrap_or(standing.by_message_id.len());
        standing.by_message_id.insert(at, target);
        standing.by_message_id_places.insert(at, place);
    }

    /// Leaves only what a read would find: what is named, and what is the author's own.
    fn settle(&mut self) {
        let tags: Vec<Tag> = self.lookups.tokens.iter().chain(&self.lookups.tags).cloned().collect();
        let mut named = self.standing.named(&tags);
        named.extend(&self.standing.by_message_id);
        let author = self.lookups.author.clone();
        self.standing.pendings.retain(|facts| {
            let pending = &facts.pending;
            let is_own = author.as_ref() == Some(&pending.requester) && pending.state == PendingState::Open;
            let target = Target::Pending(pending.id);
            is_own || named.contains(&target)
        });
        let became: Vec<Target> =
            self.standing.pendings.iter().filter_map(|facts| facts.pending.case).map(Target::Case).collect();
        self.standing.cases.retain(|facts| {
            let target = Target::Case(facts.case.id);
            let is_own = author.as_ref() == Some(&facts.case.requester);
            is_own || named.contains(&target) || became.contains(&target)
        });
        self.standing.by_token = self.standing.named(&self.lookups.tokens);
        self.standing.by_tag = self.standing.named(&self.lookups.tags);
    }

    /// Whether all that the standing names is at hand, and wholly known.
    fn is_complete(&self) -> bool {
        let standing = &*self.standing;
        let is_there = |target: &Target| match target {
            Target::Case(id) => standing.case(*id).is_some(),
            Target::Pending(id) => standing.pending(*id).is_some(),
        };
        let became = standing.pendings.iter().filter_map(|facts| facts.pending.case).map(Target::Case);
        standing.by_message_id.iter().all(is_there)
            && became.into_iter().all(|target| is_there(&target))
            && !self.half_known.iter().any(is_there)
    }
}
