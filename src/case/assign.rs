//! Who gets a case: within its line whoever has fewest open cases, then in turn; or each in turn, or the supervisor, where
//! the desk says so of its type; never somebody absent, never another line (POLICY.md, Assignment and digest).

use crate::address::EmailAddress;
use crate::desk::{Desk, Role, Staff};
use crate::words::LineId;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What one specialist has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Open cases.
    pub open: u64,
    /// When they were given a case last; `None`: never.
    pub last: Option<Timestamp>,
}

/// What each specialist has; who is not in it has nothing.
pub type Loads = BTreeMap<EmailAddress, Load>;

/// When each specialist was given a case of each line last; who is not in it never was.
pub type Turns = BTreeMap<(Option<LineId>, EmailAddress), Timestamp>;

/// Whoever of `staff` gets the next case of `line` on `today`; `None`: nobody of the line is there.
///
/// A specialist without lines works every line, and a case without a line is anybody's. Among those with fewest open
/// cases it is whose last case is longest ago, then in the order of the policy file.
pub fn choose<'a>(staff: &'a [Staff], line: Option<&LineId>, loads: &Loads, today: Date) -> Option<&'a Staff> {
    let load = |staff: &Staff| loads.get(&staff.email).copied().unwrap_or_default();
    able(staff, line, today).min_by_key(|staff| {
        let load = load(staff);
        (load.open, load.last)
    })
}

/// The specialists of the line who are there.
fn able<'a>(staff: &'a [Staff], line: Option<&LineId>, today: Date) -> impl Iterator<Item = &'a Staff> {
    staff.iter().filter(move |staff| {
        staff.role == Role::Specialist
            && !staff.is_absent(today)
            && line.is_none_or(|line| staff.lines.is_empty() || staff.lines.contains(line))
    })
}

/// Whoever of the line is next of the cases that go to each specialist in turn, whatever they have: it is who was given a
/// case of it longest ago, first who never was, in the order of the policy file.
pub fn in_turn<'a>(staff: &'a [Staff], line: Option<&LineId>, turns: &Turns, today: Date) -> Option<&'a Staff> {
    able(staff, line, today).min_by_key(|staff| turns.get(&(line.cloned(), staff.email.clone())).copied())
}

/// The supervisor who gives the cases of `line` on: the first of its supervisors who is there, else who stands in for them.
pub fn manager<'a>(desk: &'a Desk, line: Option<&LineId>, today: Date) -> Option<&'a Staff> {
    let told = desk.supervisors(line, today);
    told.iter().filter_map(|one| desk.staff_member(&one.address)).find(|staff| !staff.is_absent(today))
}

/// Notes in `loads` that `specialist` got a case at `now`.
pub fn note(loads: &mut Loads, specialist: &EmailAddress, now: Timestamp) {
    let load = loads.entry(specialist.clone()).or_default();
    load.open += 1;
    load.last = Some(now);
}

/// Notes in `turns` that `specialist` gets a case of `line` at `now`; gives the instant that stands for it: cases of a line
/// that are given at one instant are a microsecond apart, so that it is seen later who was last.
pub fn note_turn(turns: &mut Turns, line: Option<&LineId>, specialist: &EmailAddress, now: Timestamp) -> Timestamp {
    let of_line = turns.iter().filter(|((of, _), _)| of.as_ref() == line);
    let newest = of_line.map(|(_, at)| *at).max();
    let behind = newest.and_then(|at| at.checked_add(jiff::SignedDuration::from_micros(1)).ok());
    let at = behind.map_or(now, |behind| behind.max(now));
    turns.insert((line.cloned(), specialist.clone()), at);
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Absence;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 11, 24);

    fn line(name: &str) -> LineId {
        LineId(name.to_owned())
    }

    fn staff(name: &str, role: Role, lines: &[&str]) -> Staff {
        Staff {
            name: name.to_owned(),
            email: EmailAddress::parse(&format!("{name}@example.com")).unwrap(),
            role,
            lines: lines.iter().map(|name| line(name)).collect(),
            deputy_for: Vec::new(),
            absent: Vec::new(),
        }
    }

    fn loads(of: &[(&Staff, u64, i64)]) -> Loads {
        let load = |open, last| Load { open, last: (last > 0).then(|| Timestamp::from_second(last).unwrap()) };
        of.iter().map(|(staff, open, last)| (staff.email.clone(), load(*open, *last))).collect()
    }

    fn chosen(staff: &[Staff], of: &str, loads: &Loads) -> Option<String> {
        choose(staff, Some(&line(of)), loads, TODAY).map(|staff| staff.name.clone())
    }

    #[test]
    fn a_case_goes_to_whoever_of_its_line_has_fewest_open_cases() {
        let all = [
            staff("ann", Role::Specialist, &["north"]),
            staff("bob", Role::Specialist, &["north", "south"]),
            staff("cid", Role::Specialist, &["south"]),
            staff("eve", Role::Supervisor, &["north"]),
        ];
        assert_eq!(chosen(&all, "north", &loads(&[(&all[0], 2, 9), (&all[1], 1, 10)])).as_deref(), Some("bob"));
        assert_eq!(chosen(&all, "north", &loads(&[(&all[0], 1, 9), (&all[1], 2, 8)])).as_deref(), Some("ann"));
        // Whoever has nothing yet is in no list.
        assert_eq!(chosen(&all, "south", &loads(&[(&all[1], 0, 5)])).as_deref(), Some("cid"));
        assert_eq!(chosen(&all, "west", &Loads::new()), None);
    }

    #[test]
    fn with_equal_loads_it_goes_in_turn() {
        let all = [staff("ann", Role::Specialist, &["north"]), staff("bob", Role::Specialist, &["north"])];
        assert_eq!(chosen(&all, "north", &loads(&[(&all[0], 1, 20), (&all[1], 1, 10)])).as_deref(), Some("bob"));
        assert_eq!(chosen(&all, "north", &loads(&[(&all[0], 0, 10), (&all[1], 0, 20)])).as_deref(), Some("ann"));
        assert_eq!(chosen(&all, "north", &Loads::new()).as_deref(), Some("ann"));
    }

    #[test]
    fn who_is_absent_gets_nothing_from_the_first_day_to_the_last() {
        let mut all = [staff("ann", Role::Specialist, &["north"]), staff("bob", Role::Specialist, &["north"])];
        let busy = loads(&[(&all[1], 50, 1)]);
        for (from, to, gets) in [
            (TODAY, TODAY, "bob"),
            (date(2026, 11, 20), TODAY, "bob"),
            (TODAY, date(2026, 12, 1), "bob"),
            (date(2026, 11, 20), date(2026, 11, 23), "ann"),
            (date(2026, 11, 25), date(2026, 12, 1), "ann"),
        ] {
            all[0].absent = vec![Absence { from, to }];
            assert_eq!(chosen(&all, "north", &busy).as_deref(), Some(gets), "{from} {to}");
        }
        all[0].absent = vec![Absence { from: TODAY, to: TODAY }];
        all[1].absent = all[0].absent.clone();
        assert_eq!(chosen(&all, "north", &Loads::new()), None);
    }

    #[test]
    fn a_specialist_without_lines_works_them_all_and_a_case_without_a_line_is_anybodys() {
        let all = [staff("ann", Role::Specialist, &["north"]), staff("bob", Role::Specialist, &[])];
        assert_eq!(chosen(&all, "south", &Loads::new()).as_deref(), Some("bob"));
        let busy = loads(&[(&all[1], 1, 1)]);
        assert_eq!(choose(&all, None, &busy, TODAY).map(|staff| staff.name.as_str()), Some("ann"));
    }

    #[test]
    fn the_manager_of_a_line_is_one_who_is_there() {
        let mut desk = crate::desk::shipped::desk(&crate::desk::shipped::ids()[0]).unwrap();
        desk.lines.truncate(1);
        let id = desk.lines[0].id.clone();
        desk.lines[0].supervisors.clear();
        let of = |name: &str, role, away: bool| Staff {
            absent: if away { vec![Absence { from: TODAY, to: TODAY }] } else { Vec::new() },
            ..staff(name, role, &[&id.0])
        };
        let everybody = |name: &str| staff(name, Role::Supervisor, &[]);
        for (all, expected) in [
            (vec![of("sue", Role::Supervisor, false), everybody("max")], Some("sue")),
            (vec![of("ann", Role::Specialist, false), everybody("max")], Some("max")),
            (vec![of("sue", Role::Supervisor, true), everybody("max")], Some("max")),
            (vec![of("sue", Role::Supervisor, true), of("tim", Role::Supervisor, false)], Some("tim")),
            // Never to somebody who is away.
            (vec![of("sue", Role::Supervisor, true)], None),
            (vec![of("ann", Role::Specialist, false)], None),
        ] {
            desk.staff = all;
            assert_eq!(manager(&desk, Some(&id), TODAY).map(|one| one.name.as_str()), expected);
        }
    }

    proptest! {
        /// Batches of cases at rising instants, some of them of another line: of each line they go round, whoever has what.
        #[test]
        fn who_is_next_follows_who_was_last(
            people in 1usize..5,
            batches in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 1..7), 1..8),
        ) {
            let all: Vec<Staff> =
                (0..people).map(|n| staff(&format!("s{n}"), Role::Specialist, &["north", "south"])).collect();
            let mut turns = Turns::new();
            let mut next = BTreeMap::from([("north", 0), ("south", 0)]);
            for (at, batch) in batches.iter().enumerate() {
                let now = Timestamp::from_second(at as i64).unwrap();
                for is_north in batch {
                    let name = if *is_north { "north" } else { "south" };
                    let of = line(name);
                    let got = in_turn(&all, Some(&of), &turns, TODAY).unwrap();
                    let place = next.get_mut(name).unwrap();
                    prop_assert_eq!(&got.email, &all[*place % people].email);
                    *place += 1;
                    note_turn(&mut turns, Some(&of), &got.email, now);
                }
            }
        }

        #[test]
        fn loads_stay_level_and_nobody_gets_another_lines_case(
            lines in proptest::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..6),
            cases in proptest::collection::vec(any::<bool>(), 0..60),
        ) {
            let all: Vec<Staff> = lines.iter().enumerate().map(|(i, (north, south, away))| {
                let of: Vec<&str> =
                    [(north, "north"), (south, "south")].iter().filter(|(is, _)| **is).map(|(_, name)| *name).collect();
                let mut one = staff(&format!("s{i}"), Role::Specialist, &of);
                if *away {
                    one.absent = vec![Absence { from: TODAY, to: TODAY }];
                }
                one
            }).collect();
            let mut loads = Loads::new();
            for (n, is_north) in cases.iter().enumerate() {
                let of = line(if *is_north { "north" } else { "south" });
                let able: Vec<&Staff> = all.iter()
                    .filter(|one| !one.is_absent(TODAY) && (one.lines.is_empty() || one.lines.contains(&of)))
                    .collect();
                let open = |one: &Staff| loads.get(&one.email).map_or(0, |load| load.open);
                let fewest = able.iter().map(|one| open(one)).min();
                let got = choose(&all, Some(&of), &loads, TODAY);
                prop_assert_eq!(got.map(open), fewest);
                if let Some(got) = got {
                    prop_assert!(able.iter().any(|one| one.email == got.email));
                    let got = got.email.clone();
                    note(&mut loads, &got, Timestamp::from_second(n as i64).unwrap());
                }
            }
        }
    }
}
