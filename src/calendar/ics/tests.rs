//! Holidays from .ics files, in the ways that programs write them.

use super::*;
use jiff::civil::date;

/// A file with one event for each text, whose lines are separated by `|`.
fn file(events: &[&str]) -> String {
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), "PRODID:-//test//EN".to_owned()];
    for event in events {
        lines.push("BEGIN:VEVENT".to_owned());
        lines.extend(event.split('|').map(str::to_owned));
        lines.push("END:VEVENT".to_owned());
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.join("\r\n") + "\r\n"
}

fn days(event: &str) -> Vec<String> {
    let text = file(&[event]);
    let crlf = read(&text, "America/New_York").unwrap_or_else(|error| panic!("{event}: {error}"));
    let lf = read(&text.replace("\r\n", "\n"), "America/New_York").expect(event);
    assert_eq!(crlf, lf, "line ends make a difference in {event}");
    crlf.dates.iter().map(Date::to_string).collect()
}

#[test]
fn whole_days_are_found_however_they_are_written() {
    for (event, expected) in [
        ("DTSTART;VALUE=DATE:20261225", vec!["2026-12-25"]),
        ("dtstart;value=date:20261225|DTEND;VALUE=DATE:20261226", vec!["2026-12-25"]),
        ("DTSTART;VALUE=DATE:20261225|DTEND;VALUE=DATE:20261225", vec!["2026-12-25"]),
        ("DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20261227", vec!["2026-12-24", "2026-12-25", "2026-12-26"]),
        ("DTSTART;VALUE=DATE:20261224|DURATION:P2D", vec!["2026-12-24", "2026-12-25"]),
        ("DTSTART:20261225T000000|DTEND:20261226T000000", vec!["2026-12-25"]),
        ("DTSTART:20261225T000000|DTEND:20261225T235900", vec!["2026-12-25"]),
        ("DTSTART:20261225T000000|DURATION:PT24H", vec!["2026-12-25"]),
        ("DTSTART:20261225T050000Z|DTEND:20261226T050000Z", vec!["2026-12-25"]),
        (
            "DTSTART;TZID=America/New_York:20261101T000000|DTEND;TZID=America/New_York:20261102T000000",
            vec!["2026-11-01"],
        ),
        (
            "DTSTART;TZID=\"Eastern Standard Time\":20261225T000000|DTEND;TZID=\"Eastern Standard Time\":20261226T000000",
            vec!["2026-12-25"],
        ),
        // Two days in Berlin are one whole day in New York.
        ("DTSTART;TZID=Europe/Berlin:20261224T000000|DTEND;TZID=Europe/Berlin:20261226T000000", vec!["2026-12-24"]),
        ("SUMMARY:Folded over\r\n  two lines|DTSTART;VALUE=DATE:2026\r\n 1225", vec!["2026-12-25"]),
    ] {
        assert_eq!(days(event), expected, "{event}");
    }
}

#[test]
fn yearly_rules_are_followed() {
    for (event, expected) in [
        ("DTSTART;VALUE=DATE:20251225|RRULE:FREQ=YEARLY;COUNT=3", vec!["2025-12-25", "2026-12-25", "2027-12-25"]),
        (
            "DTSTART;VALUE=DATE:20251225|RRULE:FREQ=YEARLY;UNTIL=20271225",
            vec!["2025-12-25", "2026-12-25", "2027-12-25"],
        ),
        ("DTSTART;VALUE=DATE:20251225|RRULE:FREQ=YEARLY;UNTIL=20261224T235959Z", vec!["2025-12-25"]),
        ("DTSTART;VALUE=DATE:20251225|RRULE:FREQ=YEARLY;INTERVAL=2;COUNT=2", vec!["2025-12-25", "2027-12-25"]),
        // Thanksgiving in the four ways in which programs write it.
        ("DTSTART;VALUE=DATE:20251127|RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3", THANKSGIVING.to_vec()),
        ("DTSTART;VALUE=DATE:20251127|RRULE:FREQ=YEARLY;BYDAY=TH;BYMONTH=11;BYSETPOS=4;COUNT=3", THANKSGIVING.to_vec()),
        (
            "DTSTART;VALUE=DATE:20251127|RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYMONTHDAY=22,23,24,25,26,27,28;COUNT=3",
            THANKSGIVING.to_vec(),
        ),
        (
            "DTSTART:20251127T000000|DURATION:P1D|RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=+4TH;COUNT=3;WKST=SU",
            THANKSGIVING.to_vec(),
        ),
        (
            "DTSTART;VALUE=DATE:20260525|RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=2",
            vec!["2026-05-25", "2027-05-31"],
        ),
        ("DTSTART;VALUE=DATE:20240229|RRULE:FREQ=YEARLY;COUNT=2", vec!["2024-02-29", "2028-02-29"]),
        (
            "DTSTART;VALUE=DATE:20261231|DURATION:P2D|RRULE:FREQ=YEARLY;COUNT=2",
            vec!["2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01"],
        ),
        (
            "DTSTART;VALUE=DATE:20251225|RRULE:FREQ=YEARLY;COUNT=3|EXDATE;VALUE=DATE:20261225|RDATE;VALUE=DATE:20261228,20261229",
            vec!["2025-12-25", "2026-12-28", "2026-12-29", "2027-12-25"],
        ),
    ] {
        assert_eq!(days(event), expected, "{event}");
    }
}

const THANKSGIVING: [&str; 3] = ["2025-11-27", "2026-11-26", "2027-11-25"];

#[test]
fn a_file_ends_with_its_last_event_unless_all_repeat_for_ever() {
    let endless = "DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY";
    let found = read(&file(&[endless]), "UTC").expect("it is right");
    assert_eq!(found.last, None);
    assert!(found.dates.contains(&date(2099, 12, 25)));
    let found = read(&file(&[endless, "DTSTART;VALUE=DATE:20270326"]), "UTC").expect("it is right");
    assert_eq!(found.last, Some(date(2027, 3, 26)));
}

#[test]
fn an_occurrence_moved_by_hand_replaces_its_original() {
    let series = "UID:a|DTSTART;VALUE=DATE:20251225|RRULE:FREQ=YEARLY;COUNT=2";
    let moved = "UID:a|RECURRENCE-ID;VALUE=DATE:20261225|DTSTART;VALUE=DATE:20261228";
    let found = read(&file(&[series, moved]), "UTC").expect("it is right");
    assert_eq!(found.dates, [date(2025, 12, 25), date(2026, 12, 28)].into());
}

#[test]
fn what_is_no_day_off_is_skipped_and_said() {
    let text = file(&[
        "DTSTART;VALUE=DATE:20261225",
        "SUMMARY:Early closing|DTSTART:20261224T120000|DTEND:20261224T170000",
        "STATUS:CANCELLED|DTSTART;VALUE=DATE:20261226",
        "DTSTART:20261228T120000",
    ]);
    let found = read(&text, "UTC").expect("it is right");
    assert_eq!(found.dates, [date(2026, 12, 25)].into());
    let said: Vec<String> = found.skipped.iter().map(IcsError::to_string).collect();
    assert_eq!(
        said,
        [
            "line 7: the event covers no whole day",
            "line 12: the event is cancelled",
            "line 16: the event covers no whole day"
        ]
    );
}

#[test]
fn bad_files_are_refused_with_line_and_reason() {
    let with = |event: &str| file(&[event]);
    for (text, expected) in [
        (String::new(), "line 1: the file is no iCalendar file"),
        ("<html>".to_owned(), "line 1: a line must be a name, a colon and a value"),
        ("A:b".to_owned(), "line 1: the file must begin with `BEGIN:VCALENDAR`"),
        ("BEGIN:VEVENT\nEND:VEVENT\n".to_owned(), "line 1: the file must begin with `BEGIN:VCALENDAR`"),
        (file(&[]), "line 1: the file holds no day off; a holiday is an event that covers a whole day"),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\n".to_owned(),
            "line 2: the file ends before `END:VEVENT`: it may be cut short",
        ),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n".to_owned(), "line 3: `END:VEVENT` was expected here"),
        ("BEGIN:VCALENDAR\n".repeat(100_000), "line 9: components are nested more than 8 deep"),
        (with("SUMMARY:x"), "line 4: the event has no DTSTART"),
        (with("SUMMARY:x|DTSTART;VALUE=DATE:20261325"), "line 6: `20261325` is no date"),
        (with("DTSTART:20261225T9"), "line 5: `20261225T9` is no date and time"),
        (with("DTSTART;VALUE=DATE:20261225|DTEND;VALUE=DATE:20261224"), "line 6: the event ends before it starts"),
        (with("DTSTART;VALUE=DATE:20261225|DTEND;VALUE=DATE:20291224"), "line 6: the event lasts longer than a year"),
        (
            with("DTSTART;VALUE=DATE:20261225|DTEND:20261226T000000"),
            "line 6: DTSTART and DTEND must both be dates or both be times",
        ),
        (with("DTSTART;VALUE=DATE:20261225|DURATION:one day"), "line 6: the duration is none; write it like `P1D`"),
        (
            with("DTSTART;TZID=Mars:20261225T000000|DTEND;TZID=Mars:20261226T000000"),
            "line 5: unknown time zone `Mars`; write holidays as whole days (`DTSTART;VALUE=DATE:…`)",
        ),
        (
            with("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=WEEKLY"),
            "line 6: only rules with `FREQ=YEARLY` are understood; list other days off one by one",
        ),
        (
            with("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY;BYWEEKNO=3"),
            "line 6: `BYWEEKNO` in RRULE is not understood",
        ),
        (
            with("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY;BYMONTH=13"),
            "line 6: `13` in RRULE is no number that fits there",
        ),
        (with("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY;BYDAY=4TH"), "line 6: BYDAY needs a BYMONTH beside it"),
        (
            with("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY;INTERVAL=0"),
            "line 6: `0` in RRULE is no number that fits there",
        ),
        (
            with("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=é"),
            "line 6: `é` in RRULE is no day of the week",
        ),
    ] {
        let error = read(&text, "America/New_York").expect_err(&text);
        assert_eq!(error.to_string(), expected);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(noise in "[A-Z:;=,0-9TZ\r\n é-]{0,200}", value in "[0-9TZP,;=A-Z+-]{0,30}") {
        let _ = read(&noise, "UTC");
        let _ = read(&file(&[&noise.replace('|', "")]), "UTC");
        for name in ["DTSTART", "RRULE", "DTEND", "DURATION", "EXDATE"] {
            let _ = read(&file(&[&format!("DTSTART;VALUE=DATE:20261225|{name}:{value}")]), "UTC");
            let _ = read(&file(&[&format!("DTSTART;VALUE=DATE:20261225|RRULE:FREQ=YEARLY;{value}")]), "UTC");
        }
    }
}
