//! Policy files that change while desks are served.

use super::*;
use crate::desk::shipped;
use jiff::civil::date;
use std::fs;
use tempfile::TempDir;

/// The shipped desks as files, watched.
struct Place {
    folder: TempDir,
    desks: Desks,
    id: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("own")).unwrap();
        let policies = folder.path().join("desks");
        shipped::write_to(&policies, Some("../own")).unwrap();
        let loaded = load::load_all(Some(&policies)).unwrap();
        let id = loaded.keys().next().unwrap().clone();
        let loaded = loaded.into_iter().map(|(id, desk)| (id, Arc::new(desk))).collect();
        let place = Self { desks: Desks::watching(loaded, Some(&policies)), folder, id };
        assert_eq!(place.settle(), "");
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("desks").join(format!("{}.toml", self.id))
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    /// Gives the desk another name.
    fn rename(&self, name: &str) {
        let text = self.text();
        let line = text.lines().find(|line| line.starts_with("name = ")).unwrap();
        fs::write(self.file(), text.replacen(line, &format!("name = {name:?}"), 1)).unwrap();
    }

    fn name(&self) -> String {
        self.desks.get(&self.id).unwrap().name.clone()
    }

    /// Looks until nothing moves, and takes up what has changed; what was new, in words.
    fn settle(&self) -> String {
        let mut told = Vec::new();
        loop {
            let looked = self.desks.look();
            for news in looked.news {
                told.push(match news {
                    News::Changed(change) => {
                        let parts = change.old.parts_other_than(&change.new).join(", ");
                        self.desks.take_up(*change);
                        format!("changed: {parts}")
                    }
                    News::Refused { faults, .. } => format!("refused: {}", faults.join(" | ")),
                    News::Gone { id, .. } => format!("gone: {id}"),
                    News::LeftOut { file } => format!("left out: {}", file.file_name().unwrap().display()),
                });
            }
            if !looked.moving {
                return told.join("\n");
            }
        }
    }
}

#[test]
fn a_changed_policy_is_taken_up_when_it_is_whole_and_what_is_in_hands_stays() {
    let place = Place::new();
    let in_hands = place.desks.get(&place.id).unwrap();
    place.rename("The Other Desk");
    let looked = place.desks.look();
    assert!(looked.moving && looked.news.is_empty(), "it may be written at this moment");
    place.rename("Another Desk");
    let looked = place.desks.look();
    assert!(looked.moving && looked.news.is_empty(), "it was");
    assert_eq!(place.settle(), "changed: policy");
    assert_eq!(place.name(), "Another Desk");
    assert!(place.desks.all().iter().any(|desk| desk.name == "Another Desk"));
    assert_ne!(in_hands.name, "Another Desk");
    assert_eq!(place.settle(), "");
    // What was not taken up is found again.
    place.rename("A Third Desk");
    place.desks.look();
    for _ in 0..2 {
        let looked = place.desks.look();
        assert!(matches!(looked.news.as_slice(), [News::Changed(_)]), "{:?}", looked.news);
        assert_eq!(place.name(), "Another Desk");
    }
}

#[test]
fn a_broken_policy_is_refused_once_with_line_and_remedy_and_the_former_stays() {
    let place = Place::new();
    let (before, text) = (place.name(), place.text());
    let broken = text.replacen("name = ", "nmae = ", 1);
    fs::write(place.file(), &broken).unwrap();
    let told = place.settle();
    let line = broken.lines().position(|line| line.starts_with("nmae")).unwrap() + 1;
    assert!(told.starts_with("refused: ") && told.contains(&format!(".toml:{line}:1: ")), "{told}");
    assert!(told.contains("unknown key `nmae`; did you mean `name`?"), "{told}");
    assert_eq!((place.name(), place.settle()), (before.clone(), String::new()), "it is told once");
    fs::write(place.file(), format!("{broken}\n# Still.\n")).unwrap();
    assert!(place.settle().contains("nmae"), "it is told again when the file changes again");
    // Not even TOML, and empty.
    for text in ["name = \"", ""] {
        fs::write(place.file(), text).unwrap();
        assert!(place.settle().starts_with("refused: "));
    }
    // As it was: there is nothing to take up.
    fs::write(place.file(), &text).unwrap();
    assert_eq!((place.settle().as_str(), place.name()), ("", before));
    place.rename("Mended");
    assert_eq!((place.settle().as_str(), place.name()), ("changed: policy", "Mended".to_owned()));
}

#[test]
fn what_a_policy_is_read_from_besides_is_watched_too() {
    let place = Place::new();
    let write = |name: &str, text: &str| fs::write(place.folder.path().join(name), text).unwrap();
    write("own/closing.md", "Subject: {{ subject }}\n\nAll done.\n");
    assert!(place.settle().starts_with("changed: templates"));
    let closing = |place: &Place| {
        let own = place.desks.get(&place.id).unwrap().templates.clone().unwrap();
        own.text("closing.md").unwrap().unwrap().to_owned()
    };
    assert!(closing(&place).contains("All done."));
    write("own/closing.md", "Subject: {{ subject }}\n\n{{ subjekt }}\n");
    let told = place.settle();
    assert!(told.contains("closing.md:3: there is no variable subjekt; did you mean subject?"), "{told}");
    assert!(closing(&place).contains("All done."), "the former one is still used");
    assert_eq!(place.settle(), "");
    fs::remove_file(place.folder.path().join("own/closing.md")).unwrap();
    assert!(place.settle().starts_with("changed: templates"));
    // A calendar that is not there yet, and comes.
    let text = place.text();
    let line = text.lines().find(|line| line.starts_with("holidays = ")).unwrap();
    fs::write(place.file(), text.replacen(line, "holidays = \"ics:days.ics\"", 1)).unwrap();
    assert!(place.settle().contains("days.ics"));
    write(
        "desks/days.ics",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART;VALUE=DATE:20261228\r\nSUMMARY:Away\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    assert_eq!(place.settle(), "changed: policy, calendar");
    assert!(!place.desks.get(&place.id).unwrap().calendar.is_business_day(date(2026, 12, 28)));
}

#[test]
fn a_policy_that_vanishes_stays_in_force_and_one_that_comes_is_left_out() {
    let place = Place::new();
    let (before, text) = (place.name(), place.text());
    fs::remove_file(place.file()).unwrap();
    assert_eq!(place.settle(), format!("gone: {}", place.id));
    assert_eq!((place.settle().as_str(), place.name()), ("", before.clone()));
    fs::write(place.file(), &text).unwrap();
    assert_eq!(place.settle(), "");
    fs::remove_file(place.file()).unwrap();
    assert_eq!(place.settle(), format!("gone: {}", place.id), "it is gone again");
    fs::write(place.file(), &text).unwrap();
    // One that could not be served either way, with the address of another.
    fs::write(place.folder.path().join("desks/newcomer.toml"), &text).unwrap();
    assert_eq!(place.settle(), "left out: newcomer.toml");
    assert_eq!(place.settle(), "");
    assert!(place.desks.get("newcomer").is_none());
    place.rename("Still Served");
    assert_eq!((place.settle().as_str(), place.name()), ("changed: policy", "Still Served".to_owned()));
}

#[test]
fn days_away_lie_over_the_newest_policy() {
    let place = Place::new();
    let who = place.desks.get(&place.id).unwrap().staff[0].email.clone();
    let days = Absence { from: date(2026, 12, 21), to: date(2026, 12, 23) };
    let is_away = |place: &Place, day| place.desks.get(&place.id).unwrap().staff_member(&who).unwrap().is_absent(day);
    place.desks.set_absences(&place.id, vec![(who.clone(), days)]);
    place.desks.set_absences("nobody", vec![(who.clone(), days)]);
    for (day, expected) in [(20, false), (21, true), (23, true), (24, false)] {
        assert_eq!(is_away(&place, date(2026, 12, day)), expected, "{day}");
    }
    place.rename("Renamed");
    assert_eq!(place.settle(), "changed: policy");
    assert!(is_away(&place, date(2026, 12, 22)) && place.name() == "Renamed");
    place.desks.set_absences(&place.id, Vec::new());
    assert!(!is_away(&place, date(2026, 12, 22)));
}
