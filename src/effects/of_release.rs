//! What waited for a secure way and finds one: it is queued, and what its words mean for the case's clocks holds from now.

use super::case_work::CaseWork;
use super::letters::Letters;
use super::of_assignment::Surroundings;
use super::outside::{Door, door};
use super::{Chain, Effects, EventWrite, MailClass, MailRelease, OutgoingMail};
use crate::case::{Case, EventKind};
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::{Status, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the release of `mails`, all about one thing and in their order, writes; `case`: the case that they are about.
/// Of these, what still finds its door closed goes on waiting. `None`: all of it does. What is
/// read in the portal is there now, and a notice of each brings the link.
///
/// A specialist's answer meets the response clock now, because only now is it on its way; a closing mail begins the
/// window in which a reply opens the case again; whatever says something about the issue moves the next update.
pub fn released(
    (desk, keys): (&Desk, &Keys),
    case: Option<(&Case, &Surroundings)>,
    mails: &[OutgoingMail],
    (now, chance): (Timestamp, &mut Chance),
) -> Result<Option<Effects>, ComposeError> {
    let open: Vec<(&OutgoingMail, MailRelease)> =
        mails.iter().filter_map(|mail| Some((mail, way(desk, mail)?))).collect();
    if open.is_empty() {
        return Ok(None);
    }
    let mut effects = match case {
        Some((case, around)) => {
            let mut work = CaseWork::new((desk, keys), case.clone(), around, (now, chance));
            for (mail, release) in &open {
                say(&mut work, mail);
                if release.portal {
                    let about = Some(work.about());
                    let thread = (mail.in_reply_to.clone(), mail.references.clone());
                    let is_inquiry = work.case.course.is_inquiry;
                    work.letters().portal_notice(&mail.to, about, thread, is_inquiry)?;
                }
            }
            work.finish()
        }
        None => {
            let mut effects = Effects { desk: desk.id.clone(), at: now, ..Effects::default() };
            let (mails, events) = (&mut effects.mails, &mut effects.events);
            let mut letters = Letters { desk, keys, now, chance, mails, events };
            for (mail, _) in open.iter().filter(|(_, release)| release.portal) {
                let thread = (mail.in_reply_to.clone(), mail.references.clone());
                letters.portal_notice(&mail.to, None, thread, false)?;
            }
            effects
        }
    };
    let chain = case.map_or(Chain::Desk, |(case, _)| Chain::Case(case.id));
    for (mail, release) in open {
        let ids = [("mail", mail.id.to_string()), ("template", mail.template.to_string())];
        let ids: BTreeMap<_, _> = ids.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        effects.events.push(EventWrite { chain, kind: EventKind::MailReleased, ids, content: None });
        effects.mails_released.push(release);
    }
    Ok(Some(effects))
}

/// The way that is there now for a mail that waits.
fn way(desk: &Desk, mail: &OutgoingMail) -> Option<MailRelease> {
    let (gateway, portal) = match door(desk, mail.class, mail.variant, &mail.to.address) {
        Door::Open => (None, false),
        Door::Gateway(mark) => (Some(mark.clone()), false),
        Door::Portal => (None, true),
        Door::Closed => return None,
    };
    Some(MailRelease { mail: mail.id, gateway, portal })
}

/// What a mail's leaving means for its case.
fn say(work: &mut CaseWork<'_>, mail: &OutgoingMail) {
    let (is_answer, says_something) = match (mail.class, mail.template) {
        (MailClass::Answer, Template::Answer | Template::Return | Template::Closing | Template::Correction) => {
            (true, true)
        }
        (MailClass::Answer, Template::Update) => (false, true),
        _ => (false, false),
    };
    if is_answer && matches!(mail.template, Template::Answer | Template::Closing) {
        work.was_answered();
    }
    if is_answer && mail.template == Template::Answer {
        work.close_inquiry();
    }
    work.answers |= is_answer;
    work.tells |= says_something;
    if is_answer && mail.template == Template::Closing && work.case.status == Status::Resolved {
        work.case.resolved_at = Some(work.now);
    }
}
