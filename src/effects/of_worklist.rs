//! What the opening of a business day writes: one mail to each specialist who is there and has open cases.

use super::clocks::Clocks;
use super::of_assignment::letters;
use super::of_clock::{ClockTrigger, ended};
use super::{ClockChoice, ClockEnd, Effects};
use crate::case::worklist::{OpenCase, sort};
use crate::case::{ClockKind, ClockOf, ClockState};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context, WorklistCase};
use crate::desk::Desk;
use crate::words::Template;
use crate::words::chance::Chance;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Cases that one worklist shows; whoever has more is told how many.
const MOST_SHOWN: usize = 200;

/// The morning's worklists. `open` has every open case that somebody has; `last` is when worklists went out last.
///
/// All of a desk are written together with the end of the clock that was the trigger, so that each goes out once. The
/// next clock starts while anyone has an open case. Nothing is sent on a day off (a closure that was added after the
/// clock had started), past closing (after an outage), or a second time on one day (hours that were changed that
/// morning). Who is away, or no longer in the policy, gets none.
pub fn worklists(
    trigger: &ClockTrigger<'_>,
    open: Vec<OpenCase>,
    last: Option<Timestamp>,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let (desk, now) = (trigger.desk, trigger.now);
    let calendar = &desk.calendar;
    let today = calendar.local(now).date();
    let is_told = last.is_some_and(|last| calendar.local(last).date() == today);
    let is_morning = calendar.is_business_day(today) && now < calendar.closing(today) && !is_told;
    let mut effects = ended(trigger, if is_morning { ClockState::Met } else { ClockState::Ended });
    // One that other opening hours started.
    let which = ClockChoice::Kind(ClockOf::desk(&desk.id), ClockKind::Worklist);
    effects.clocks_ended.push(ClockEnd { which, state: ClockState::Ended });
    if open.is_empty() {
        return Ok(effects);
    }
    Clocks { desk, now, chance, effects: &mut effects }.worklist();
    if !is_morning {
        return Ok(effects);
    }
    let mut by_specialist: BTreeMap<_, Vec<OpenCase>> = BTreeMap::new();
    for case in open {
        by_specialist.entry(case.specialist.clone()).or_default().push(case);
    }
    for (email, mut cases) in by_specialist {
        if desk.staff_member(&email).is_none_or(|staff| staff.is_absent(today)) {
            continue;
        }
        sort(&mut cases);
        let context = Context {
            about: Some(About::Worklist),
            worklist: cases.iter().take(MOST_SHOWN).map(|case| shown(desk, case, now)).collect(),
            worklist_more: cases.len().saturating_sub(MOST_SHOWN),
            ..Context::default()
        };
        let to = desk.staff_mailbox(&email);
        letters((desk, trigger.keys), &mut effects, now, chance).staff(Template::Notice, &to, &context, None)?;
    }
    Ok(effects)
}

fn shown(desk: &Desk, case: &OpenCase, now: Timestamp) -> WorklistCase {
    let (awaits, at) = case.next();
    WorklistCase {
        number: case.number.0.clone(),
        subject: case.subject.clone(),
        status: case.status,
        urgent: case.urgent,
        awaits,
        when: at.map(|at| desk.calendar.promise(&desk.calendar.due(at), now)),
    }
}
