//! From a template to a queued mail: recipient, Message-ID with its token, thread headers, state.

use super::outside::{Door, door, start};
use super::staff_addresses::without_staff;
use super::{Chain, Enclosed, EventWrite, Generated, MailClass, MailState, OutgoingMail};
use crate::address::Mailbox;
use crate::case::EventKind;
use crate::case::standing::Target;
use crate::compose::context::Context;
use crate::compose::subject::subject;
use crate::compose::{ComposeError, Letter, render};
use crate::desk::Desk;
use crate::message::Message;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::token::{About, Mint, mint};
use crate::words::{Template, Variant};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long a token proves its recipient: 400 days, longer than any request lives.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Where letters of one trigger go.
pub(super) struct Letters<'a> {
    pub(super) desk: &'a Desk,
    pub(super) keys: &'a Keys,
    pub(super) now: Timestamp,
    pub(super) chance: &'a mut Chance,
    pub(super) mails: &'a mut Vec<OutgoingMail>,
    pub(super) events: &'a mut Vec<EventWrite>,
}

/// The thread of a case's mail to one person, by Message-IDs without brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The first of it.
    pub root: Option<String>,
    /// The last mail of ours in it.
    pub last: String,
}

impl Thread {
    /// `References` of the next mail (RFC 5322, section 3.6.4), capped at the root and the last.
    fn references(&self) -> Vec<String> {
        self.root.iter().filter(|root| **root != self.last).chain([&self.last]).cloned().collect()
    }
}

/// What a mail is beside its words.
struct Envelope {
    template: Template,
    variant: Variant,
    class: MailClass,
    state: MailState,
    to: Mailbox,
    about: Option<(Target, Tag)>,
    in_reply_to: Option<String>,
    references: Vec<String>,
    /// RFC 3834; `None` on a person's words.
    auto_submitted: Option<&'static str>,
    replies_to: Option<Uuid>,
}

impl Letters<'_> {
    /// The automatic reply to the inbound `message` whose row is `row`; no row: another reply to it went out before, and a
    /// person said otherwise since.
    #[expect(clippy::too_many_arguments, reason = "each is another fact of the one reply, and no two belong together")]
    pub(super) fn reply(
        &mut self,
        template: Template,
        external: bool,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
        (row, message): (Option<Uuid>, &Message),
        state: MailState,
    ) -> Result<(), ComposeError> {
        let envelope = Envelope {
            template,
            variant: if external { Variant::Plain } else { Variant::Full },
            class: MailClass::Automatic,
            state,
            to: to.clone(),
            about,
            in_reply_to: message.message_id.clone(),
            references: references(message),
            auto_submitted: Some("auto-replied"),
            replies_to: row,
        };
        self.write(envelope, context)
    }

    /// A person's words to a requester, in the thread of what they got before.
    pub(super) fn by_person(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
        about: (Target, Tag),
        state: MailState,
        thread: Option<&Thread>,
    ) -> Result<(), ComposeError> {
        let mut envelope = unthreaded(template, Variant::Full, MailClass::Answer, state, to, Some(about));
        envelope.in_reply_to = thread.map(|thread| thread.last.clone());
        envelope.references = thread.map(Thread::references).unwrap_or_default();
        envelope.auto_submitted = None;
        self.write(envelope, context)
    }

    /// What is said of a mail that was wrong, to whom it went. Words of a person are content: to someone outside they go
    /// the secure way. Without any it is automatic: the desk's own words, which say nothing of the member there.
    pub(super) fn correction(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
        thread: Option<&Thread>,
    ) -> Result<(), ComposeError> {
        let by_person = context.words.is_some();
        let class = if by_person { MailClass::Answer } else { MailClass::Automatic };
        let is_plain = !by_person && self.desk.is_external(&to.address);
        let variant = if is_plain { Variant::Plain } else { Variant::Full };
        let mut envelope = unthreaded(template, variant, class, start(self.desk, class, &to.address), to, about);
        envelope.in_reply_to = thread.map(|thread| thread.last.clone());
        envelope.references = thread.map(Thread::references).unwrap_or_default();
        envelope.auto_submitted = if by_person { None } else { Some("auto-generated") };
        let tag = envelope.about.as_ref().map(|(_, tag)| tag.clone());
        self.write(envelope, &Context { tag, ..context.clone() })
    }

    /// The answer to a member of staff's `message`: what its commands did.
    pub(super) fn command_result(
        &mut self,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
        (row, message): (Uuid, &Message),
    ) -> Result<(), ComposeError> {
        let mut envelope =
            unthreaded(Template::CommandResult, Variant::Full, MailClass::Staff, MailState::Queued, to, about);
        envelope.in_reply_to = message.message_id.clone();
        envelope.references = references(message);
        envelope.auto_submitted = Some("auto-replied");
        envelope.replies_to = Some(row);
        let mut context = context.clone();
        context.tag = envelope.about.as_ref().map(|(_, tag)| tag.clone());
        self.write(envelope, &context)
    }

    /// Mail to a requester that answers no message: a pending request closed for silence, say.
    pub(super) fn outward(
        &mut self,
        template: Template,
        external: bool,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
        state: MailState,
    ) -> Result<(), ComposeError> {
        let variant = if external { Variant::Plain } else { Variant::Full };
        self.write(unthreaded(template, variant, MailClass::Automatic, state, to, about), context)
    }

    /// Mail to a requester about a case, unasked, in the thread of what they got before.
    #[expect(clippy::too_many_arguments, reason = "each is another fact of the one mail, and no two belong together")]
    pub(super) fn threaded(
        &mut self,
        template: Template,
        external: bool,
        to: &Mailbox,
        context: &Context,
        about: (Target, Tag),
        state: MailState,
        thread: Option<&Thread>,
    ) -> Result<(), ComposeError> {
        let variant = if external { Variant::Plain } else { Variant::Full };
        let mut envelope = unthreaded(template, variant, MailClass::Automatic, state, to, Some(about));
        envelope.in_reply_to = thread.map(|thread| thread.last.clone());
        envelope.references = thread.map(Thread::references).unwrap_or_default();
        self.write(envelope, context)
    }

    /// Mail to staff.
    pub(super) fn staff(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
    ) -> Result<(), ComposeError> {
        let envelope = unthreaded(template, Variant::Full, MailClass::Staff, MailState::Queued, to, about);
        let mut context = context.clone();
        context.tag = envelope.about.as_ref().map(|(_, tag)| tag.clone());
        self.write(envelope, &context)
    }

    /// Mail to staff about a message: a reply to it is about that message.
    pub(super) fn staff_about_message(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
        row: Uuid,
    ) -> Result<(), ComposeError> {
        let envelope = unthreaded(template, Variant::Full, MailClass::Staff, MailState::Queued, to, about);
        let envelope = Envelope { replies_to: Some(row), ..envelope };
        let mut context = context.clone();
        context.tag = envelope.about.as_ref().map(|(_, tag)| tag.clone());
        self.write(envelope, &context)
    }

    /// A case or a request, whole, to a colleague: to a member of staff as all mail to staff; to anybody else as content,
    /// which goes outside the secure way only.
    pub(super) fn colleague(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
    ) -> Result<(), ComposeError> {
        self.colleague_about(template, to, context, about, None)
    }

    /// As [`Letters::colleague`], about a message: a reply to it is about that message.
    pub(super) fn colleague_about(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
        about: Option<(Target, Tag)>,
        row: Option<Uuid>,
    ) -> Result<(), ComposeError> {
        let is_inside = self.desk.staff_member(&to.address).is_some() || !self.desk.is_external(&to.address);
        let class = if is_inside { MailClass::Staff } else { MailClass::Answer };
        let state = start(self.desk, class, &to.address);
        let mut envelope = unthreaded(template, Variant::Full, class, state, to, about);
        envelope.replies_to = row;
        let tag = envelope.about.as_ref().map(|(_, tag)| tag.clone());
        self.write(envelope, &Context { tag, is_inquiry: false, ..context.clone() })
    }

    /// Gives the letter that was written last these attachments.
    pub(super) fn enclose(&mut self, enclosed: Vec<Enclosed>) {
        if let Some(mail) = self.mails.last_mut() {
            mail.attachments = enclosed;
        }
    }

    /// Tells somebody outside that a message about `about` waits in the portal: nothing of it, and a link.
    pub(super) fn portal_notice(
        &mut self,
        to: &Mailbox,
        about: Option<(Target, Tag)>,
        thread: (Option<String>, Vec<String>),
        is_inquiry: bool,
    ) -> Result<(), ComposeError> {
        let template = Template::PortalNotice;
        let mut envelope = unthreaded(template, Variant::Plain, MailClass::PortalNotice, MailState::Queued, to, about);
        (envelope.in_reply_to, envelope.references) = thread;
        let tag = envelope.about.as_ref().map(|(_, tag)| tag.clone());
        self.write(envelope, &Context { tag, is_inquiry, ..Context::default() })
    }

    /// A link to the portal for somebody who asked for one.
    pub(super) fn portal_link(&mut self, to: &Mailbox) -> Result<(), ComposeError> {
        let (class, state) = (MailClass::PortalNotice, MailState::Queued);
        self.write(unthreaded(Template::PortalLink, Variant::Plain, class, state, to, None), &Context::default())
    }

    fn write(&mut self, envelope: Envelope, context: &Context) -> Result<(), ComposeError> {
        let door = door(self.desk, envelope.class, envelope.variant, &envelope.to.address);
        let into_portal = door == Door::Portal && envelope.state == MailState::Queued;
        let (to, about) = (envelope.to.clone(), envelope.about.clone());
        let thread = (envelope.in_reply_to.clone(), envelope.references.clone());
        self.write_one(
            Envelope { state: if into_portal { MailState::Sent } else { envelope.state }, ..envelope },
            context,
        )?;
        if !into_portal {
            return Ok(());
        }
        // The letter itself stays the last one, so that what is enclosed is enclosed with it.
        let letter = self.mails.pop();
        let outcome = self.portal_notice(&to, about, thread, context.is_inquiry);
        self.mails.extend(letter);
        outcome
    }

    fn write_one(&mut self, mut envelope: Envelope, context: &Context) -> Result<(), ComposeError> {
        // Whoever's words they are, and whatever mail bears them.
        let words = context.words.as_deref().filter(|_| envelope.template.is_outward());
        let words = words.map(|words| without_staff(self.desk, words));
        let scrubbed = words.map(|words| Context { words: Some(words), ..context.clone() });
        let mut context = scrubbed.as_ref().unwrap_or(context).clone();
        let id = self.chance.id(self.now);
        let hides_number = context.is_inquiry && envelope.class != MailClass::Staff;
        if hides_number {
            context.tag = None;
        }
        if envelope.class == MailClass::PortalNotice {
            context.portal = self.desk.portal.as_ref().map(|url| link_in_place(url, id));
        }
        let context = &context;
        let mut letter = render(self.desk, envelope.template, envelope.variant, context)?;
        let outside = envelope.class != MailClass::Staff && self.desk.is_external(&envelope.to.address);
        if outside && envelope.variant == Variant::Full {
            // A gateway seals the body, and seldom the subject; and its notice shows it.
            letter.subject = subject(self.desk, Variant::Plain, context);
        }
        // What somebody calls themselves, or writes there, is theirs to know: no header outside bears it.
        if outside {
            envelope.to.name = None;
        }
        self.post(envelope, letter, id);
        if let Some(mail) = self.mails.last_mut().filter(|_| hides_number) {
            mail.case_number = None;
        }
        Ok(())
    }

    /// A supervisor's digest, which is written already.
    pub(super) fn digest(&mut self, to: &Mailbox, letter: Letter, generated: Vec<Generated>) {
        let (class, state) = (MailClass::Staff, MailState::Queued);
        let id = self.chance.id(self.now);
        self.post(unthreaded(Template::Digest, Variant::Full, class, state, to, None), letter, id);
        if let Some(mail) = self.mails.last_mut() {
            mail.generated = generated;
        }
    }

    /// Queues what is written.
    fn post(&mut self, envelope: Envelope, letter: Letter, id: Uuid) {
        let gateway = match door(self.desk, envelope.class, envelope.variant, &envelope.to.address) {
            Door::Gateway(mark) => Some(mark.clone()),
            Door::Open | Door::Closed | Door::Portal => None,
        };
        let tag = envelope.about.as_ref().map(|(_, tag)| tag);
        let token_about = match tag {
            Some(Tag::Case(number)) => About::Case(number.clone()),
            Some(Tag::Pending(token)) => About::Pending(token.clone()),
            None => About::Nothing,
        };
        let message_id = mint(
            self.keys,
            &Mint {
                desk: &self.desk.id,
                purpose: envelope.template,
                about: &token_about,
                recipient: &envelope.to.address,
                expires: self.now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX),
                nonce: self.chance.bits(),
                domain: self.desk.address.domain(),
            },
        );
        let target = envelope.about.as_ref().map(|(target, _)| *target);
        let chain = match target {
            Some(Target::Case(case)) => Chain::Case(case),
            _ => Chain::Desk,
        };
        let mut ids = BTreeMap::from([
            ("mail".to_owned(), id.to_string()),
            ("template".to_owned(), envelope.template.to_string()),
            ("state".to_owned(), envelope.state.to_string()),
        ]);
        ids.extend(envelope.replies_to.map(|row| ("message".to_owned(), row.to_string())));
        self.events.push(EventWrite { chain, kind: EventKind::MailQueued, ids, content: None });
        self.mails.push(OutgoingMail {
            id,
            desk: self.desk.id.clone(),
            template: envelope.template,
            variant: envelope.variant,
            class: envelope.class,
            state: envelope.state,
            from: Mailbox { name: Some(self.desk.name.clone()), address: self.desk.address.clone() },
            to: envelope.to,
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            attachments: Vec::new(),
            generated: Vec::new(),
            message_id,
            in_reply_to: envelope.in_reply_to,
            references: envelope.references,
            date: self.now,
            auto_submitted: envelope.auto_submitted,
            case_number: tag.and_then(|tag| match tag {
                Tag::Case(number) => Some(number.0.clone()),
                Tag::Pending(_) => None,
            }),
            about: target,
            replies_to: envelope.replies_to,
            not_before: self.now,
            gateway,
        });
    }
}

/// Where a link to the portal stands in a mail that was not sent yet. The link itself is made when the mail leaves, so that
/// it stands nowhere but in what its recipient gets.
fn link_in_place(portal: &str, mail: Uuid) -> String {
    format!("{portal}{}", portal_link_mark(mail))
}

/// What stands in the place of the link's token in a mail that is kept.
pub fn portal_link_mark(mail: Uuid) -> String {
    format!("/open/mail-{}", mail.simple())
}

fn unthreaded(
    template: Template,
    variant: Variant,
    class: MailClass,
    state: MailState,
    to: &Mailbox,
    about: Option<(Target, Tag)>,
) -> Envelope {
    Envelope {
        template,
        variant,
        class,
        state,
        to: to.clone(),
        about,
        in_reply_to: None,
        references: Vec::new(),
        auto_submitted: Some("auto-generated"),
        replies_to: None,
    }
}

/// `References` of an answer (RFC 5322, section 3.6.4), capped at the root and the last.
fn references(message: &Message) -> Vec<String> {
    let thread = if message.references.is_empty() { &message.in_reply_to } else { &message.references };
    let root = thread.first();
    let last = thread.last().filter(|last| Some(*last) != root);
    root.into_iter().chain(last).chain(message.message_id.as_ref()).cloned().collect()
}
