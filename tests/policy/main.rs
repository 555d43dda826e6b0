//! Policy files: the shipped ones load, and a broken one is refused at the right line in words that teach the fix.

mod broken;

use jiff::civil::date;
use mailclerk::desk::{self, Desk, DeskError, DeskErrors, FieldRole, Role, SecureWay, shipped};
use std::path::Path;

const MAIN: &str = "agent-rsos";

fn text() -> String {
    shipped::text(MAIN).expect("the desk is shipped").into_owned()
}

fn parse(text: &str) -> Result<Desk, DeskErrors> {
    desk::parse(MAIN, Path::new("desk.toml"), text)
}

fn edited(from: &str, to: &str) -> String {
    let text = text();
    assert!(text.contains(from), "the shipped policy holds no {from:?}");
    text.replacen(from, to, 1)
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_file() {
    let text = edited("prefix = \"RSOS\"", "prefix = \"rsos\"")
        .replace("same_words = 3", "same_words = 0")
        .replace("role = \"supervisor\"\nlines = [\"humanaone\"]", "role = \"supervisor\"\nlines = [\"humana\"]");
    let DeskErrors(faults) = parse(&text).expect_err("three faults");
    let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["prefix", "limits.same_words", "staff[1].lines"]);
}

#[test]
fn lines_may_be_lost_without_a_panic_and_every_refusal_names_a_line() {
    let text = text();
    let lines: Vec<&str> = text.lines().collect();
    for lost in (0..lines.len()).step_by(7) {
        let rest: Vec<&str> = lines.iter().enumerate().filter(|(n, _)| *n != lost).map(|(_, line)| *line).collect();
        if let Err(DeskErrors(faults)) = parse(&rest.join("\n")) {
            assert!(!faults.is_empty() && faults.iter().all(|fault| fault.line <= lines.len()), "line {lost}");
        }
    }
    for cut in (0..text.len()).step_by(997).filter(|cut| text.is_char_boundary(*cut)) {
        let _ = parse(&text[..cut]);
    }
}

#[test]
fn the_main_desk_says_what_its_source_says() {
    let desk = shipped::desk(MAIN).expect("it loads");
    assert_eq!(desk.address.to_string(), "AgentRSOS@humana.com");
    assert_eq!(desk.subject_template(), "Last, First Medicare|HumanaOne");
    let line = |id: &str| desk.lines.iter().find(|line| line.id.0 == id).expect(id);
    assert_eq!(line("humanaone").phone.as_deref(), Some("1-800-833-6917"));
    assert_eq!(line("medicare").phone.as_deref(), Some("1-800-457-4708"));
    assert_eq!(line("medicare").synonyms, ["Medicare Advantage", "Med Adv", "MAPD", "PDP", "Part D"]);
    assert_eq!(line("humanaone").synonyms, ["Humana One", "Humana-One", "Individual"]);
    let supervisor = |id: &str| desk.staff_member(&line(id).supervisors[0]).expect(id).name.clone();
    assert_eq!(supervisor("medicare"), "Orinthous Richardson");
    assert_eq!(supervisor("humanaone"), "Dana VandenLangenberg");
    assert_eq!(desk.clocks.respond.to_string(), "72 business hours");
    assert_eq!(desk.clocks.update.to_string(), "5 business days");
    let ids: Vec<&str> = desk.fields.iter().map(|field| field.id.as_str()).collect();
    assert_eq!(ids, ["agent_name", "agent_san", "member_id", "member_name", "reference", "summary"]);
    let required: Vec<bool> = desk.fields.iter().map(|field| field.required).collect();
    assert_eq!(required, [true, true, true, true, false, true]);
    let topics: Vec<&str> = desk.topics.iter().map(|topic| topic.id.as_str()).collect();
    assert_eq!(topics, ["commission", "aor", "spaa", "medicaid", "other_plan"]);
    for id in ["commission", "aor"] {
        let topic = desk.topic(id).expect(id);
        assert_eq!(topic.address.as_ref().map(ToString::to_string).as_deref(), Some("AgentSupport@humana.com"));
        assert!(!topic.neutral);
    }
    assert!(["spaa", "medicaid", "other_plan"].iter().all(|id| desk.topic(id).is_some_and(|topic| topic.neutral)));
    for line in &desk.lines {
        let works = desk.staff.iter().filter(|s| s.role == Role::Specialist && s.lines.contains(&line.id)).count();
        assert!(works >= 2, "{}", line.id);
    }
}

#[test]
fn the_season_that_the_main_desk_offers_can_be_uncommented() {
    let mut text = String::new();
    for line in text_lines_with_season() {
        text.push_str(&line);
        text.push('\n');
    }
    let desk = parse(&text).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!((desk.seasons[0].from, desk.seasons[0].to), ((10, 15), (12, 7)));
    assert!(desk.seasons[0].notice.is_some() && shipped::desk(MAIN).expect("it loads").seasons.is_empty());
}

/// The shipped policy with the commented table `[[season]]` switched on.
fn text_lines_with_season() -> Vec<String> {
    let mut inside = false;
    let switch = |line: &str| {
        inside = line == "# [[season]]" || (inside && line.starts_with("# "));
        if inside { line.trim_start_matches("# ").to_owned() } else { line.to_owned() }
    };
    text().lines().map(switch).collect()
}

#[test]
fn the_nearest_entry_says_who_is_outside() {
    let external = |policy: &str| {
        let desk = parse(&edited("[limits]", &format!("[external]\n{policy}\n[limits]"))).unwrap();
        let own = desk.internal_domains[0].clone();
        move |address: &str| {
            let address = address.replace("OWN", &own);
            desk.is_external(&mailclerk::address::EmailAddress::parse(&address).unwrap())
        }
    };
    let usual = external("");
    assert_eq!(
        [usual("a@OWN"), usual("a@sub.OWN"), usual("a@notOWN"), usual("a@b.example")],
        [false, false, true, true]
    );
    let strict = external("subdomains = false");
    assert_eq!([strict("a@OWN"), strict("a@sub.OWN")], [false, true]);
    let all = external("everybody = true\ninside = [\"Pat@B.example\"]");
    assert_eq!([all("a@OWN"), all("pat@b.example"), all("kim@b.example")], [true, false, true]);
    let near = external(
        "inside = [\"b.example\", \"*.c.example\", \"x@guests.c.example\"]\n\
         outside = [\"pat@b.example\", \"*.guests.c.example\", \"guests.c.example\"]",
    );
    for (address, outside) in [
        ("kim@b.example", false),
        ("pat@b.example", true),
        ("kim@sub.b.example", true),
        ("a@c.example", true),
        ("a@one.c.example", false),
        ("a@guests.c.example", true),
        ("x@guests.c.example", false),
        ("a@two.guests.c.example", true),
    ] {
        assert_eq!(near(address), outside, "{address}");
    }
}

#[test]
fn partners_have_the_way_of_their_nearest_domain() {
    let policy = "way = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"\n\
                  [[secure.partner]]\ndomain = \"a.example\"\nway = \"none\"\n\
                  [[secure.partner]]\ndomain = \"b.a.example\"\nway = \"gateway\"\n\
                  [[secure.partner]]\ndomain = \"c.example\"\nway = \"gateway\"\ngateway_subject_tag = \"[x1]\"\n";
    let text = edited("way = \"none\"\nautomatic = \"plain\"", policy);
    let desk = parse(&text).unwrap_or_else(|faults| panic!("{faults}"));
    let way = |address: &str| desk.secure_way(&mailclerk::address::EmailAddress::parse(address).unwrap()).clone();
    assert_eq!(way("p@a.example"), SecureWay::None);
    assert_eq!(way("p@x.b.a.example"), desk.secure.way);
    assert_eq!(way("p@elsewhere.example"), desk.secure.way);
    assert_ne!(way("p@c.example"), desk.secure.way);
    assert!(desk.subject.gateway_tags.contains(&"[x1]".to_owned()));
}

#[test]
fn values_are_judged_as_the_policy_has_it() {
    let desk = shipped::desk(MAIN).expect("it loads");
    let fits = |role: FieldRole, value: &str| desk.field_of(role).unwrap().pattern.as_ref().unwrap().is_match(value);
    for (value, good) in [("1234", true), ("1234567890", true), ("123", false), ("12345678901", false), ("12a4", false)]
    {
        assert_eq!(fits(FieldRole::RequesterId, value), good, "{value}");
    }
    for (value, good) in [("H12345", true), ("H1234567890ABCD", true), ("H1234", false), ("H1234567890ABCDE", false)] {
        assert_eq!(fits(FieldRole::MemberId, value), good, "{value}");
    }
    let member_id = desk.field_of(FieldRole::MemberId).unwrap();
    assert_eq!(member_id.min_digits, 4);
    assert_eq!(desk.field_of(FieldRole::Summary).unwrap().min_words, 3);
    assert!(member_id.drop.contains(&" ".to_owned()), "white space in a list to drop is kept");
}

#[test]
fn what_a_desk_leaves_out_has_the_documented_defaults() {
    let text = r#"
        name = "Help"
        address = "help@example.com"
        prefix = "HELP"
        time_zone = "Europe/Berlin"
        hours = "09:00-16:00"
        holidays = [2026-12-25, "2027-01-01"]
        [clocks]
        respond = "2 business days"
        update = "5 business days"
        [[line]]
        id = "main"
        name = "Main"
        phone = "555-0100"
        [[field]]
        id = "issue"
        label = "Issue"
        role = "summary"
    "#;
    let desk = parse(text).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(desk.spam_header, Some(("X-Spam-Flag".into(), "YES".into())));
    assert_eq!((desk.assign_at.to_string(), desk.digest_at.to_string()), ("09:00:00".into(), "07:30:00".into()));
    assert_eq!(desk.limits, desk::Limits::default());
    assert_eq!(desk.secure.way, SecureWay::None);
    assert_eq!(desk.lines[0].title, "Main");
    assert_eq!(desk.specialist_title, "specialist");
    assert!(!desk.calendar.is_business_day(date(2026, 12, 25)));
    assert!(desk.subject.reply_marks.contains(&"aw".to_owned()) && desk.placeholders.contains(&"n/a".to_owned()));
    assert_eq!(desk.calendar.ends_on(), Some(date(2027, 1, 1)));
    assert!(!desk.fields[0].required && desk.topics.is_empty() && !desk.prose && desk.templates.is_none());

    let own = text.replace("time_zone", "extra_placeholders = [\"NOPE\"]\nwords = \"none\"\ntime_zone");
    let own = parse(&own).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(own.placeholders, ["nope"]);
    assert!(own.subject.reply_marks.is_empty());
    assert_ne!(own.version, desk.version);
}

#[test]
fn a_list_replaces_the_shared_one_and_an_extra_list_adds_to_it() {
    let shared = shipped::desk(MAIN).expect("it loads").subject;
    let replaced =
        parse(&edited("tolerance = \"repair\"", "tolerance = \"strict\"\nreply_marks = [\"Foo:\"]")).unwrap().subject;
    assert_eq!(replaced.reply_marks, ["foo"]);
    assert_eq!(replaced.suffixes, shared.suffixes);
    let added = parse(&edited("tolerance = \"repair\"", "extra_reply_marks = [\"Foo:\", \"RE:\"]")).unwrap().subject;
    assert_eq!(added.reply_marks.len(), shared.reply_marks.len() + 1);
}

#[test]
fn a_folder_of_desks_is_read_and_two_desks_may_not_share_a_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let empty = desk::load_all(Some(folder.path())).unwrap_err();
    assert!(matches!(empty, DeskError::Empty { .. }) && empty.to_string().contains("mailclerk init"), "{empty}");

    let written = shipped::write_to(folder.path(), None).unwrap();
    assert!(written.iter().any(|path| path.ends_with("base/english.toml")));
    assert!(shipped::write_to(folder.path(), None).unwrap().is_empty(), "what is there is left as it is");
    let desks = desk::load_all(Some(folder.path())).unwrap();
    assert_eq!(desks.keys().cloned().collect::<Vec<_>>(), shipped::ids());

    let words = folder.path().join("base/english.toml");
    let edited_words = std::fs::read_to_string(&words).unwrap().replacen("placeholders = [", "placeholdres = [", 1);
    std::fs::write(&words, edited_words).unwrap();
    let error = desk::load(&folder.path().join(format!("{MAIN}.toml"))).unwrap_err().to_string();
    assert!(error.contains("english.toml:") && error.contains("did you mean `placeholders`?"), "{error}");
    std::fs::remove_file(&words).unwrap();

    std::fs::copy(folder.path().join(format!("{MAIN}.toml")), folder.path().join("second.toml")).unwrap();
    let error = desk::load_all(Some(folder.path())).unwrap_err().to_string();
    assert!(error.contains("second.toml:1:1: address: desk `agent-rsos` has this address already"), "{error}");
    assert!(error.contains("prefix: desk `agent-rsos` has this prefix already"), "{error}");

    std::fs::rename(folder.path().join("second.toml"), folder.path().join("Second Desk.toml")).unwrap();
    let error = desk::load(&folder.path().join("Second Desk.toml")).unwrap_err().to_string();
    assert!(error.contains("is no desk id"), "{error}");
    assert!(matches!(shipped::desk("nobody").unwrap_err(), DeskError::Unknown { .. }));
}

#[test]
fn files_beside_the_policy_are_read_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                    DTSTART;VALUE=DATE:20261228\r\nSUMMARY:Away\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    std::fs::write(folder.path().join("days.ics"), calendar).unwrap();
    std::fs::create_dir(folder.path().join("own")).unwrap();
    let text = edited("\"us-federal\"", "\"ics:days.ics\"").replace("prose = false", "templates = \"own\"");
    let path = folder.path().join(format!("{MAIN}.toml"));
    std::fs::write(&path, text).unwrap();
    let desk = desk::load(&path).unwrap_or_else(|error| panic!("{error}"));
    assert!(!desk.calendar.is_business_day(date(2026, 12, 28)));
    assert_eq!(desk.templates.as_ref().map(|own| own.folder()), Some(folder.path().join("own").as_path()));
    assert_eq!(desk::load::notes(&path), Vec::<String>::new());
    let warned = desk::warnings(&desk, date(2026, 12, 1));
    assert!(warned.iter().any(|w| w.contains("the list of holidays ends on 2026-12-28, in 27 days")), "{warned:?}");
    let warned = desk::warnings(&desk, date(2027, 2, 1));
    assert!(warned.iter().any(|w| w.contains("ended on 2026-12-28")), "{warned:?}");
}

#[test]
fn warnings_say_what_is_still_to_be_done() {
    let today = date(2026, 12, 22);
    let warned =
        |text: &str| desk::warnings(&parse(text).unwrap_or_else(|faults| panic!("{faults}")), today).join("\n");
    let shipped = warned(&text());
    for topic in ["spaa", "medicaid", "other_plan"] {
        assert!(shipped.contains(&format!("the guidance of topic `{topic}` is the neutral text")), "{shipped}");
    }
    assert!(shipped.contains("no secure way is configured"));
    assert_eq!(shipped.lines().count(), 4, "{shipped}");
    let away = "role = \"specialist\"\nabsent = [{ from = \"2026-12-21\", to = \"2027-01-02\" }]\n";
    for (from, to, expected) in [
        ("role = \"specialist\"\n", away, "every specialist of line"),
        (
            "role = \"specialist\"\nlines = [\"medicare\"]",
            "role = \"specialist\"\nlines = [\"humanaone\"]",
            "line `medicare` has no specialist",
        ),
        ("role = \"supervisor\"", "role = \"specialist\"", "the desk has no supervisor"),
        (
            "role = \"supervisor\"\n",
            "role = \"supervisor\"\nabsent = [{ from = \"2026-12-22\", to = \"2026-12-22\" }]\n",
            "and nobody stands in",
        ),
        ("[\"humana.com\"]", "[]", "every requester is external"),
        ("automatic = \"plain\"", "automatic = \"secure\"", "no receipts either"),
        ("maria.castellan@humana.com", "maria@example.org", "has an address outside the internal domains"),
        ("reversed pay) to AgentSupport@humana.com.", "reversed pay) elsewhere.", "does not name its address"),
        ("required = true", "required = false", "no field is required"),
    ] {
        let text = text();
        assert!(text.contains(from), "{from}");
        let warned = warned(&text.replace(from, to));
        assert!(warned.contains(expected), "{to:?}: {expected:?} is not in\n{warned}");
    }
}

/// Rows of the reference page: the heading's table and its keys.
fn documented() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.md")).unwrap();
    let mut heading = None;
    let mut rows = Vec::new();
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = match title.split_once(" · ").map_or(title, |(name, _)| name) {
                "The top of the file" => Some(String::new()),
                name => name.strip_prefix('`').and_then(|name| name.strip_suffix('`')).map(str::to_owned),
            };
        } else if let (Some(heading), Some(row)) = (&heading, line.strip_prefix("| `")) {
            let key = row.split('`').next().unwrap_or_default();
            rows.push((heading.clone(), key.to_owned()));
        }
    }
    rows
}

#[test]
fn the_reference_page_and_the_language_know_the_same_keys() {
    let rows = documented();
    for kind in desk::keys::KINDS {
        for key in kind.keys {
            let row = (kind.heading.to_owned(), (*key).to_owned());
            assert_eq!(rows.iter().filter(|known| **known == row).count(), 1, "docs/policy.md: {row:?}");
        }
    }
    for (heading, key) in &rows {
        let kind = desk::keys::KINDS.iter().find(|kind| kind.heading == heading);
        let known = kind.unwrap_or_else(|| panic!("docs/policy.md explains an unknown table {heading}")).keys;
        assert!(known.contains(&key.as_str()), "docs/policy.md explains an unknown key {heading} {key}");
    }
}
