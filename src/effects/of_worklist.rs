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
    let is_morning = calendar.is_open(now) && !is_told;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::EmailAddress;
    use crate::case::ClockRow;
    use crate::desk::{Absence, Role, shipped};
    use crate::words::Status;
    use crate::words::keys::Keys;
    use crate::words::numbers::CaseNumber;
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn case(number: &str, specialist: &EmailAddress) -> OpenCase {
        OpenCase {
            specialist: specialist.clone(),
            number: CaseNumber(number.into()),
            subject: "Doe, Jane One".into(),
            status: Status::InReview,
            urgent: false,
            respond_due: None,
            update_due: Some(at("2026-11-25T15:00:00Z")),
            pause_ends: None,
        }
    }

    /// What the clock that was due on Monday at eight writes at `now`.
    fn written(desk: &Desk, now: &str, open: Vec<OpenCase>, last: Option<&str>) -> Effects {
        let due = desk.calendar.due(at("2026-11-02T13:00:00Z"));
        let mut chance = Chance::from_seed([1; 32]);
        let clock = ClockRow {
            id: chance.id(due.at),
            desk: desk.id.clone(),
            of: ClockOf::desk(&desk.id),
            kind: ClockKind::Worklist,
            started: due.at,
            due_local: due.local,
            zone: desk.calendar.zone_name().to_owned(),
            due: due.at,
            calendar_version: String::new(),
            state: ClockState::Running,
        };
        let trigger = ClockTrigger { desk, keys: &Keys::derive(&[1; 32]), clock: &clock, now: at(now) };
        worklists(&trigger, open, last.map(at), &mut chance).unwrap()
    }

    fn desk() -> (Desk, Vec<EmailAddress>) {
        let desk = shipped::desk(&shipped::ids()[0]).unwrap();
        let specialists = desk.staff.iter().filter(|staff| staff.role == Role::Specialist);
        let mut specialists: Vec<_> = specialists.map(|staff| staff.email.clone()).collect();
        specialists.sort();
        (desk, specialists)
    }

    #[test]
    fn late_lists_go_out_once_on_a_business_day_that_is_not_over() {
        let (desk, who) = desk();
        for (now, last, sent, next) in [
            ("2026-11-02T13:00:00Z", None, true, "2026-11-03T13:00:00Z"),
            ("2026-11-02T13:00:00Z", Some("2026-10-30T12:00:00Z"), true, "2026-11-03T13:00:00Z"),
            // After days of outage.
            ("2026-11-05T19:30:00Z", Some("2026-10-30T12:00:00Z"), true, "2026-11-06T13:00:00Z"),
            ("2026-11-05T21:59:59Z", None, true, "2026-11-06T13:00:00Z"),
            // The day is over; a Saturday; Veterans Day.
            ("2026-11-05T22:00:00Z", None, false, "2026-11-06T13:00:00Z"),
            ("2026-11-07T15:00:00Z", None, false, "2026-11-09T13:00:00Z"),
            ("2026-11-11T15:00:00Z", None, false, "2026-11-12T13:00:00Z"),
            // Before the opening of a day: they come then.
            ("2026-11-05T12:59:59Z", None, false, "2026-11-05T13:00:00Z"),
            // They went out today.
            ("2026-11-05T15:00:00Z", Some("2026-11-05T13:00:00Z"), false, "2026-11-06T13:00:00Z"),
        ] {
            let effects = written(&desk, now, vec![case("A-1", &who[0]), case("A-2", &who[1])], last);
            let to: Vec<_> = effects.mails.iter().map(|mail| mail.to.address.clone()).collect();
            let expected = if sent { vec![who[0].clone(), who[1].clone()] } else { Vec::new() };
            assert_eq!((to, effects.clocks.len(), effects.clocks[0].due), (expected, 1, at(next)), "{now} {last:?}");
            let state = if sent { ClockState::Met } else { ClockState::Ended };
            assert_eq!(effects.clocks_ended[0].state, state, "{now} {last:?}");
        }
    }

    #[test]
    fn who_is_away_or_gone_gets_none_and_the_next_clock_starts_all_the_same() {
        let (desk, who) = desk();
        let now = "2026-11-02T13:00:00Z";
        let gone = EmailAddress::parse("gone@example.com").unwrap();
        let today = Absence { from: date(2026, 11, 2), to: date(2026, 11, 2) };
        let away = desk.with_absences(&[(who[0].clone(), today)]);
        let effects = written(&away, now, vec![case("A-1", &who[0]), case("A-2", &gone)], None);
        assert_eq!((effects.mails.len(), effects.clocks.len()), (0, 1));
        let effects = written(&desk, now, Vec::new(), None);
        assert_eq!((effects.mails.len(), effects.clocks.len()), (0, 0), "nobody has anything");
    }

    #[test]
    fn a_list_that_is_too_long_says_how_many_are_left() {
        let (desk, who) = desk();
        let open = (0..MOST_SHOWN + 7).map(|n| case(&format!("A-{n:04}"), &who[0])).collect();
        let effects = written(&desk, "2026-11-02T13:00:00Z", open, None);
        let mail = &effects.mails[0];
        assert_eq!(mail.subject, "Your worklist: 207 open cases");
        assert_eq!(mail.text.lines().filter(|line| line.starts_with("- ")).count(), MOST_SHOWN);
        assert!(mail.text.contains("7 more are not listed here"), "{}", mail.text);
    }
}
