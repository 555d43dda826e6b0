//! What waited for a secure way and finds one: it is queued, and what its words mean for the case's clocks holds from now.

use super::case_work::CaseWork;
use super::of_assignment::Surroundings;
use super::outside::{Door, door};
use super::{Chain, Effects, EventWrite, MailClass, MailRelease, OutgoingMail};
use crate::case::{Case, EventKind};
use crate::desk::Desk;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::{Status, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the release of `mails`, all about one thing and in their order, writes; `case`: the case that they are about.
/// Of these, what still finds its door closed goes on waiting. `None`: all of it does.
///
/// A specialist's answer meets the response clock now, because only now is it on its way; a closing mail begins the
/// window in which a reply opens the case again; whatever says something about the issue moves the next update.
pub fn released(
    (desk, keys): (&Desk, &Keys),
    case: Option<(&Case, &Surroundings)>,
    mails: &[OutgoingMail],
    (now, chance): (Timestamp, &mut Chance),
) -> Option<Effects> {
    let open: Vec<(&OutgoingMail, MailRelease)> = mails.iter().filter_map(|mail| Some((mail, way(desk, mail)?))).collect();
    if open.is_empty() {
        return None;
    }
    let mut effects = match case {
        Some((case, around)) => {
            let mut work = CaseWork::new((desk, keys), case.clone(), around, (now, chance));
            for (mail, _) in &open {
                say(&mut work, mail);
            }
            work.finish()
        }
        None => Effects { desk: desk.id.clone(), at: now, ..Effects::default() },
    };
    let chain = case.map_or(Chain::Desk, |(case, _)| Chain::Case(case.id));
    for (mail, release) in open {
        let ids = [("mail", mail.id.to_string()), ("template", mail.template.to_string())];
        let ids: BTreeMap<_, _> = ids.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        effects.events.push(EventWrite { chain, kind: EventKind::MailReleased, ids, content: None });
        effects.mails_released.push(release);
    }
    Some(effects)
}

/// The way that is there now for a mail that waits.
fn way(desk: &Desk, mail: &OutgoingMail) -> Option<MailRelease> {
    let gateway = match door(desk, mail.class, mail.variant, &mail.to.address) {
        Door::Open => None,
        Door::Gateway(mark) => Some(mark.clone()),
        Door::Closed => return None,
    };
    Some(MailRelease { mail: mail.id, gateway })
}

/// What a mail's leaving means for its case.
fn say(work: &mut CaseWork<'_>, mail: &OutgoingMail) {
    let (is_answer, says_something) = match (mail.class, mail.template) {
        (MailClass::Answer, Template::Answer | Template::Return | Template::Closing) => (true, true),
        (MailClass::Answer, Template::Update) => (false, true),
        _ => (false, false),
    };
    work.answers |= is_answer;
    work.tells |= says_something;
    if is_answer && mail.template == Template::Closing && work.case.status == Status::Resolved {
        work.case.resolved_at = Some(work.now);
    }
}
