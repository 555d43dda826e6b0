//! What the rules read: everything about one message that is worked out once, before the first rule.

use super::staff::{self, AsStaff};
use crate::address::{EmailAddress, Mailbox};
use crate::case::standing::{Seen, Standing, Target};
use crate::desk::{Desk, FieldRole};
use crate::intake::automatic::{automatic, is_spam};
use crate::intake::complete::{self, complete_with};
use crate::intake::request::{self, Request};
use crate::intake::said::{Phrases, Told, association, ladder};
use crate::intake::scope::{self, Asked, ModelUse, ScopeInput};
use crate::intake::text;
use crate::intake::threads::{self, Found, Route};
use crate::intake::trust::{Authentication, authenticate, reply_token};
use crate::intake::vocabulary::Vocabulary;
use crate::intake::{Completeness, merge, same, urgency};
use crate::message::Message;
use crate::settings::Trust;
use crate::words::keys::Keys;
use crate::words::{Automatic, Reason, ReasonCode, Trace, Warning};
use jiff::Timestamp;

/// What a decision needs besides desk and message.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the store knows.
    pub standing: &'a Standing,
    /// Whose headers are believed.
    pub trust: &'a Trust,
    /// The installation's keys.
    pub keys: &'a Keys,
    /// When the message arrived or is decided.
    pub now: Timestamp,
    /// Whether the small model may turn a redirect or a reject into an accept.
    pub model: bool,
}

/// What the rules read.
#[derive(Debug)]
pub struct Facts<'a> {
    pub(super) desk: &'a Desk,
    pub(super) message: &'a Message,
    pub(super) context: &'a Context<'a>,
    pub(super) automatic: Option<Automatic>,
    pub(super) spam: bool,
    pub(super) authentication: Authentication,
    pub(super) is_staff: bool,
    /// The author is staff, and passes: by authentication, or (`trust = none`) by a token of ours that went to them.
    pub(super) staff_passes: bool,
    /// A member of staff, who passes, writes as such: an answer, commands, a reply to what the desk told them.
    pub(super) as_staff: Option<AsStaff>,
    pub(super) external: bool,
    /// Whose request this completes, where the author is not the requester but somebody they had on Cc.
    pub(super) requester: Option<EmailAddress>,
    pub(super) found: Found,
    /// The message stands in the thread of this, but its author is no participant: judged on its own.
    pub(super) stranger_in: Option<Target>,
    /// It is a request of its own wherever it stands: complete, and on a desk that reads free text in the words of the form.
    /// There any reply of a few words would be complete.
    pub(super) stands_alone: bool,
    /// It asks for a supervisor.
    pub(super) asks_for_supervisor: bool,
    /// What this message gives, merged with its pending thread.
    pub(super) request: Request,
    pub(super) completeness: Completeness,
    pub(super) asked: Asked,
    pub(super) urgent: bool,
    pub(super) holds_template: bool,
    pub(super) trace: Trace,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(desk: &'a Desk, message: &'a Message, context: &'a Context<'a>) -> Self {
        let standing = context.standing;
        let mut trace = Trace::default();
        let author = message.author().map(|mailbox| &mailbox.address);
        let authentication = authenticate(context.trust, message);
        let is_staff = message.from.iter().any(|mailbox| desk.staff_member(&mailbox.address).is_some());
        let words = Vocabulary::of(desk);
        let alone = request::read_with(&words, message);
        let mut alone_complete = complete_with(&words, &alone);
        associate(&words, &alone, author, &mut alone_complete);
        let is_complete = alone_complete.reasons.is_empty();
        let canonical = alone_complete.canonical_subject.as_deref().unwrap_or_default();
        let fits = |subject: &str| {
            same::same_subject(desk, &message.subject, subject) || same::same_subject(desk, canonical, subject)
        };
        let passes = is_staff && authentication == Authentication::Pass;
        let mut found = threads::find(standing, author, passes, is_complete, &fits);
        let by_token = || {
            let target = if let Found::One(target, _) = found { Some(target) } else { None };
            matches!(context.trust, Trust::None)
                && reply_token::proves_author((desk, context.keys), message, standing, target, context.now)
        };
        let staff_passes = passes || (is_staff && by_token());
        let participates = |target| author.is_some_and(|author| threads::participates(standing, target, author));
        let stranger_in = match found {
            Found::One(target, _) if !participates(target) && !staff_passes => Some(target),
            _ => None,
        };
        let pending = match found {
            Found::One(Target::Pending(id), _) if stranger_in.is_none() => {
                standing.pending(id).map(|facts| &facts.pending)
            }
            _ => None,
        };
        let earlier =
            pending.and_then(|pending| Some((pending, serde_json::from_value(pending.request.clone()).ok()?)));
        let (request, completeness, urgent_before) = match earlier {
            Some((_, earlier)) if same::is_about_another(desk, &earlier, &alone) => {
                // A second template about another member: a request of its own, and the first one waits on.
                found = Found::Nothing;
                (alone, alone_complete, false)
            }
            Some((pending, earlier)) => {
                let merged = merge(desk, &earlier, &alone, &pending.sent.join("\n"));
                let mut completeness = complete_with(&words, &merged);
                associate(&words, &merged, Some(&pending.requester), &mut completeness);
                (merged, completeness, pending.urgent)
            }
            None => (alone, alone_complete, false),
        };
        let requester = match found {
            Found::One(Target::Pending(id), _) if stranger_in.is_none() => {
                standing.pending(id).map(|facts| facts.pending.requester.clone())
            }
            _ => None,
        };
        let requester = requester.filter(|requester| Some(requester) != author);
        let asked = asked(desk, &request, &completeness, context.model);
        let holds_template = request::holds_template_with(&words, message);
        let asks_for_supervisor = asks_for_supervisor(&words, &request, message, found);
        let urgent_phrase = urgency::urgent(desk, &message.subject, &own_words(message));
        trace.note("authentication", authentication != Authentication::Unknown, format!("{authentication:?}"));
        if let Some(phrase) = &urgent_phrase {
            trace.note("urgency", true, phrase.clone());
        }
        Self {
            desk,
            message,
            context,
            automatic: automatic(desk, context.keys, message, standing.is_our_mail),
            spam: is_spam(desk, message),
            authentication,
            is_staff,
            as_staff: if staff_passes { staff::as_staff(desk, message, context, found) } else { None },
            staff_passes,
            external: requester.as_ref().or(author).is_none_or(|address| desk.is_external(address)),
            requester,
            found,
            stranger_in,
            urgent: urgent_phrase.is_some() || urgent_before,
            stands_alone: is_complete && (!desk.prose || holds_template),
            asks_for_supervisor,
            holds_template,
            request,
            completeness,
            asked,
            trace,
        }
    }

    /// What the message belongs to, where its author has a place in it.
    pub(super) fn target(&self) -> Option<(Target, Route)> {
        match self.found {
            Found::One(target, route) if self.stranger_in.is_none() => Some((target, route)),
            _ => None,
        }
    }

    /// Whether it stands in a thread of ours, by ids or by a tag in its subject, in which its author has no place.
    pub(super) fn is_answer_of_stranger(&self) -> bool {
        let tagged = !self.context.standing.by_tag.is_empty() && self.target().is_none();
        !self.is_staff && (self.stranger_in.is_some() || tagged)
    }

    /// To whom an automatic reply goes (POLICY.md, Threads and trust).
    pub(super) fn answer_to(&self) -> Option<Mailbox> {
        let author = self.message.author()?;
        // A Cc'd participant may add, and receives nothing: the one who asked is answered.
        if let Some(requester) = &self.requester {
            return Some(Mailbox { name: None, address: requester.clone() });
        }
        let same_organisation = |other: &&Mailbox| {
            other.address.organisational_domain() == author.address.organisational_domain()
                && !self.desk.is_own_address(&other.address)
        };
        let elsewhere = match self.message.reply_to.as_slice() {
            [one] if self.authentication == Authentication::Pass => Some(one).filter(same_organisation),
            _ => None,
        };
        Some(elsewhere.unwrap_or(author).clone())
    }

    pub(super) fn warnings(&self) -> Vec<Warning> {
        let reused = matches!(self.context.standing.seen, Seen::SameIdOtherBytes);
        let pii = self.completeness.pii.then_some(Warning::Pii);
        pii.into_iter().chain(reused.then_some(Warning::ReusedMessageId)).collect()
    }
}

/// Adds the reason that the sender is not associated with what they ask about, where that is so.
fn associate(voc: &Vocabulary<'_>, request: &Request, sender: Option<&EmailAddress>, known: &mut Completeness) {
    let all = &voc.desk.associations;
    if (!all.listed && all.phrases.is_empty()) || request.empty {
        return;
    }
    let body = complete::told(voc, request);
    let told = Told { subject: &request.subject.text, body: &body };
    if association::lacks(voc.desk, &Phrases::of(voc.desk), sender, &known.fields, told) {
        known.reasons.push(Reason::of(ReasonCode::NotAssociated));
    }
}

/// Whether a supervisor is asked for: in a case's thread by the new words alone, for its subject may still have the old ones.
fn asks_for_supervisor(voc: &Vocabulary<'_>, request: &Request, message: &Message, found: Found) -> bool {
    let (subject, body) = match found {
        Found::One(Target::Case(_), _) => ("", own_words(message)),
        _ => (request.subject.text.as_str(), complete::told(voc, request)),
    };
    ladder::asks_for_supervisor(voc.desk, Told { subject, body: &body })
}

/// What is asked, judged by the rules and, where it may, by the model.
fn asked(desk: &Desk, request: &Request, known: &Completeness, model: bool) -> Asked {
    let summary = desk.field_of(FieldRole::Summary).and_then(|field| known.fields.get(&field.id));
    let free_text =
        std::iter::once(&request.free_text).chain(&request.more_summaries).cloned().collect::<Vec<_>>().join("\n");
    let input = ScopeInput {
        subject_rest: &request.subject.rest,
        subject_topic: request.subject.topic.as_deref(),
        topic_labels: &request.topic_labels,
        line: known.line.as_ref(),
        summary: summary.map_or("", String::as_str),
        free_text: &free_text,
        has_member_fields: known.member.is_some(),
    };
    let model = if model { ModelUse::On } else { ModelUse::Off };
    scope::judge_with(&scope::Vocabulary::of(desk), &input, model)
}

/// The sender's new words, and those of what they forward: what urgency is judged by.
fn own_words(message: &Message) -> String {
    let forwarded = message.forwarded.iter().take(8).map(|inner| text::as_read(&inner.visible));
    std::iter::once(text::as_read(&message.body.visible)).chain(forwarded).collect::<Vec<_>>().join("\n")
}
