//! Whether a member of staff writes as such, and whether their words are for the requester (POLICY.md, Threads and
//! trust).

use super::facts::Context;
use crate::address::EmailAddress;
use crate::case::commands::{Situation, parse};
use crate::case::standing::Target;
use crate::desk::Desk;
use crate::intake::lookups::thread_ids;
use crate::intake::threads::{Found, participates};
use crate::message::Message;
use crate::message::subject_marks::says_forward;
use crate::words::keys::Keys;
use crate::words::{Template, token};

/// How a member of staff's mail is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsStaff {
    /// It replies to a mail that hands a request over: its text is for the requester.
    pub answers: bool,
    /// It holds command lines, understood or not.
    pub commands: bool,
    /// It replies to what the desk told them of their commands.
    pub to_result: bool,
}

/// How `message` of a member of staff, who passes, is to be taken; `None`: it is a request of their own, or adds to one.
pub(super) fn as_staff(desk: &Desk, message: &Message, context: &Context<'_>, found: Found) -> Option<AsStaff> {
    let author = &message.author()?.address;
    let sender = desk.staff_member(author)?;
    let situation = Situation { desk, sender, now: context.now };
    let commands = parse(&message.body.visible, &situation).has_commands();
    let replied = replied(desk, message, context);
    let answers = matches!(replied, Some(Template::Assignment | Template::Relay))
        && speaks_to_requester(desk, message, context, found);
    let replies_to_staff_mail = replied.is_some_and(|template| !template.is_outward());
    let own = match found {
        Found::One(target, _) => participates(context.standing, target, author) && !works(context, target, author),
        Found::Nothing | Found::Several => true,
    };
    let in_a_case = matches!(found, Found::One(Target::Case(_), _)) && !own;
    (commands || replies_to_staff_mail || in_a_case).then_some(AsStaff {
        answers,
        commands,
        to_result: replied == Some(Template::CommandResult),
    })
}

/// Whether `message` goes to the desk alone, as a reply: words to a colleague, or with a mail that is passed on, are not
/// for the requester, whoever has a copy.
fn speaks_to_requester(desk: &Desk, message: &Message, context: &Context<'_>, found: Found) -> bool {
    let is_desk = |address: &EmailAddress| desk.is_own_address(address);
    let is_requester = |address: &EmailAddress| match found {
        Found::One(target, _) => participates(context.standing, target, address),
        Found::Nothing | Found::Several => false,
    };
    let mut to = message.to.iter().map(|one| &one.address);
    !says_forward(&message.subject)
        && to.clone().any(is_desk)
        && to.all(|address| is_desk(address) || is_requester(address))
}

/// Whether the whole of `text` says yes to what the desk asked.
pub fn is_yes(text: &str) -> bool {
    let said: String = text.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    matches!(said.as_str(), "yes" | "yes please" | "y" | "ok" | "okay" | "confirm" | "confirmed" | "i confirm")
}

/// Whether `message` replies to a mail of ours that hands a request over, as its own tokens tell.
pub fn answers_by_token(desk: &Desk, keys: &Keys, message: &Message) -> bool {
    let read = |id: &String| token::read(keys, &desk.id, &desk.numbering, id);
    let newest = thread_ids(message).iter().find_map(read);
    newest.is_some_and(|token| matches!(token.purpose, Template::Assignment | Template::Relay))
}

/// What the mail of ours is that `message` replies to: the newest of its thread that we know, by its token or by its id.
fn replied(desk: &Desk, message: &Message, context: &Context<'_>) -> Option<Template> {
    let ids = thread_ids(message);
    let read = |id: &String| token::read(context.keys, &desk.id, &desk.numbering, id);
    let by_token = ids.iter().enumerate().find_map(|(place, id)| read(id).map(|token| (place, token.purpose)));
    let newest = by_token.into_iter().chain(context.standing.replied).min_by_key(|(place, _)| *place);
    newest.map(|(_, template)| template)
}

/// Whether the case is the author's to work.
fn works(context: &Context<'_>, target: Target, author: &EmailAddress) -> bool {
    match target {
        Target::Case(id) => {
            context.standing.case(id).is_some_and(|facts| facts.case.specialist.as_ref() == Some(author))
        }
        Target::Pending(_) => false,
    }
}
