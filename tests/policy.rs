//! Policy files: the shipped ones load, and a broken one is refused at the right line in words that teach the fix.

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

/// One edit: what is replaced by what, a text on the line that the error must name, and words of the error.
type Broken = (&'static str, &'static str, &'static str, &'static [&'static str]);

const BROKEN: &[Broken] = &[
    // Keys and kinds of values.
    ("assign_at =", "asign_at =", "asign_at =", &["unknown key `asign_at`", "did you mean `assign_at`?"]),
    (
        "respond = \"72",
        "responde = \"72",
        "responde =",
        &["clocks.responde: unknown key `responde`", "did you mean `respond`?"],
    ),
    (
        "title = \"Medicare\"",
        "titel = \"Medicare\"",
        "titel =",
        &["line[0].titel: unknown key", "did you mean `title`?"],
    ),
    ("[secure]", "[secrue]", "[secrue]", &["unknown key `secrue`", "did you mean `secure`?"]),
    ("min_words = 3", "min_words = \"3\"", "min_words = \"3\"", &["a text stands where a whole number belongs"]),
    ("required = true", "required = \"yes\"", "required = \"yes\"", &["a text stands where true or false belongs"]),
    (
        "own_lists = []",
        "own_lists = \"list\"",
        "own_lists = \"list\"",
        &["a text stands where a list of texts belongs"],
    ),
    ("own_lists = []", "own_lists = [1]", "own_lists = [1]", &["a number stands where a text belongs"]),
    ("own_lists = []", "own_lists = [\" \"]", "own_lists = [\" \"]", &["an entry of the list is empty"]),
    ("[limits]", "[[limits]]", "[[limits]]", &["a list stands where a table belongs"]),
    ("prose = false", "prose = false\nprose = true", "prose = true", &["duplicate key"]),
    ("prose = false", "prose = ", "prose = \n", &["prose", "toml"]),
    // What has no default.
    (
        "prefix = \"RSOS\"\n",
        "",
        "# The policy of one desk",
        &["prefix: required key `prefix` is missing", "it has no default"],
    ),
    ("respond = \"72 business hours\"\n", "", "[clocks]", &["clocks.respond: required key `respond` is missing"]),
    ("time_zone = \"America/New_York\"\n", "", "# The policy", &["required key `time_zone` is missing"]),
    ("holidays = \"us-federal\"\n", "", "# The policy", &["required key `holidays` is missing"]),
    ("address = \"AgentRSOS@humana.com\"\n", "", "# The policy", &["required key `address` is missing"]),
    ("phone = \"1-800-457-4708\"\n", "", "[[line]]", &["line[0].phone: required key `phone` is missing"]),
    // The desk itself.
    ("AgentRSOS@humana.com", "AgentRSOS at humana.com", "address =", &["is no email address", "name@example.com"]),
    ("prefix = \"RSOS\"", "prefix = \"rsos\"", "prefix =", &["`rsos` cannot begin a case number", "capital letters"]),
    ("prefix = \"RSOS\"", "prefix = \"R\"", "prefix =", &["2 to 8 capital letters"]),
    ("name = \"Agent Retail", "name = \"Agent\\r\\nBcc: Retail", "name =", &["line end or another control character"]),
    ("[\"humana.com\"]", "[\"@humana.com\"]", "internal_domains", &["is no domain", "without @"]),
    ("[\"humana.com\"]", "[\"com\"]", "internal_domains", &["`com` is a public suffix"]),
    ("\"X-Spam-Flag: YES\"", "\"X-Spam-Flag\"", "spam_header", &["is no header field", "\"X-Name: value\""]),
    ("words = \"english\"", "words = \"klingon\"", "words =", &["there is no words file `klingon`", "none, english"]),
    ("prose = false", "prose = false\ntemplates = \"nowhere\"", "templates =", &["there is no folder nowhere"]),
    // Time.
    ("America/New_York", "America/New_Yrok", "time_zone =", &["unknown time zone", "did you mean `America/New_York`?"]),
    ("\"08:00-17:00\"", "\"17:00-08:00\"", "hours =", &["the closing must be later than the opening"]),
    ("\"08:00-17:00\"", "\"all day\"", "hours =", &["unusable opening hours", "08:00-17:00"]),
    ("assign_at = \"09:00\"", "assign_at = \"9 am\"", "assign_at =", &["`9 am` is not a time of day", "24-hour clock"]),
    ("assign_at = \"09:00\"", "assign_at = \"25:00\"", "assign_at =", &["`25:00` is not a time of day"]),
    ("closures = []", "closures = [\"2026-11-31\"]", "closures =", &["`2026-11-31` is not a date"]),
    ("\"us-federal\"", "\"us-fedral\"", "holidays =", &["unknown holidays `us-fedral`", "us-federal"]),
    ("\"us-federal\"", "\"ics:no-such.ics\"", "holidays =", &["failed to read no-such.ics"]),
    ("\"saturday\"", "\"satday\"", "weekend =", &["unknown day of the week `satday`"]),
    ("day_ends = \"midnight\"", "day_ends = \"noon\"", "day_ends =", &["unknown value `noon`", "midnight, closing"]),
    ("72 business hours", "72 hours", "respond = \"72", &["is no length of business time", "5 business days"]),
    ("72 business hours", "0 business hours", "respond = \"0", &["at least 1"]),
    (
        "# Until the desk says",
        "[[season]]\nname = \"peak\"\nfrom = \"10-35\"\nto = \"12-07\"\nnotice = \"x\"\n# Until the desk says",
        "from = \"10-35\"",
        &["season[0].from: `10-35` is no day of the year"],
    ),
    (
        "# Until the desk says",
        "[[season]]\nname = \"peak\"\nfrom = \"10-15\"\nto = \"12-07\"\n# Until the desk says",
        "[[season]]\nname = \"peak\"",
        &["the season changes nothing"],
    ),
    (
        "# Until the desk says",
        "[[season]]\nname = \"peak\"\nfrom = \"10-15\"\nto = \"12-07\"\nnotice = \"x\"\n\
         [[season]]\nname = \"turn\"\nfrom = \"12-07\"\nto = \"01-10\"\nnotice = \"x\"\n# Until the desk says",
        "[[season]]\nname = \"turn\"",
        &["season `turn` overlaps season `peak` at line "],
    ),
    // The secure way and the limits.
    ("way = \"none\"", "way = \"gateway\"", "[secure]", &["needs the header or tag that tells the gateway"]),
    ("way = \"none\"", "way = \"pigeon\"", "way =", &["unknown value `pigeon`", "none, portal, gateway"]),
    (
        "way = \"none\"",
        "way = \"portal\"\ngateway_subject_tag = \"[x]\"",
        "gateway_subject_tag",
        &["says nothing while way = \"portal\""],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"X-Secure: yes\"\ngateway_subject_tag = \"[x]\"",
        "gateway_subject_tag",
        &["both `gateway_header` and `gateway_subject_tag`"],
    ),
    (
        "same_words = 3",
        "same_words = 1",
        "same_words =",
        &["1 makes no sense here: every message would be held", "write 2 or more"],
    ),
    ("replies = 50", "replies = 0", "replies =", &["nobody would ever get a reply"]),
    ("pending_days = 10", "pending_days = 0", "pending_days =", &["closed at once"]),
    ("a_case = 20", "a_case = -1", "a_case =", &["below 0 or too large"]),
    // Lines.
    (
        "\"Individual\"]",
        "\"Individual\", \"part d\"]",
        "\"Individual\", \"part d\"]",
        &["`part d` means another line already, at line "],
    ),
    ("\"individual plan\",", "\"Med-Adv\",", "\"Med-Adv\",", &["`Med-Adv` means another line already"]),
    ("phone = \"1-800-457-4708\"", "phone = \"\"", "phone = \"\"", &["the text is empty"]),
    ("phone = \"1-800-457-4708\"", "phone = \"call us\"", "phone =", &["`call us` is no phone number"]),
    (
        "id = \"humanaone\"",
        "id = \"Humana One\"",
        "id = \"Humana One\"",
        &["`Humana One` is no id", "lower-case letters"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"nobody@humana.com\"]",
        "supervisors =",
        &["supervisor nobody@humana.com has no entry under [[staff]]"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"maria.castellan@humana.com\"]",
        "supervisors =",
        &["has another role under [[staff]]"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"dana.vandenlangenberg@humana.com\"]",
        "supervisors =",
        &["does not have `medicare` among the lines"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"orinthous.richardson@humana.com\", \"Orinthous.Richardson@humana.com\"]",
        "supervisors =",
        &["is listed twice"],
    ),
    // The subject and shared words.
    (
        "tolerance = \"repair\"",
        "tolerance = \"lenient\"",
        "tolerance =",
        &["unknown value `lenient`", "repair, strict"],
    ),
    (
        "tolerance = \"repair\"",
        "tolerance = \"repair\"\nextra_nicknames = [[\"Bob\"]]",
        "extra_nicknames",
        &["`Bob` stands alone in its group"],
    ),
    (
        "tolerance = \"repair\"",
        "tolerance = \"repair\"\nextra_line_labels = [\"Issue:\"]",
        "extra_line_labels",
        &["`Issue:` is the label of a field too"],
    ),
    // Fields.
    (
        "id = \"agent_san\"",
        "id = \"agent_name\"",
        "id = \"agent_name\"\nlabel = \"Agent SAN\"",
        &["the id `agent_name` belongs to another field"],
    ),
    (
        "role = \"reference\"",
        "role = \"summary\"",
        "role = \"summary\"\nrequired = true",
        &["the role `summary` belongs to another field"],
    ),
    ("role = \"summary\"", "role = \"sumary\"", "role = \"sumary\"", &["unknown value `sumary`"]),
    ("role = \"summary\"", "role = \"other\"", "# The policy", &["no field has the role `summary`"]),
    (
        "\"MBR ID\",",
        "\"SAN No\",",
        "\"SAN No\", \"MBR ID #\"",
        &["`SAN No` is the label of another field already, at line"],
    ),
    ("\"[0-9]{4,10}\"", "\"[0-9{4,10}\"", "pattern =", &["the pattern cannot be read", "Rust regex"]),
    ("hint = \"4 to 10 digits\"\n", "", "[[field]]\nid = \"agent_san\"", &["`pattern` is given and no `hint`"]),
    // Topics.
    (
        "guidance = \"SPAA issues are not",
        "neutral_guidance = \"SPAA issues are not",
        "neutral_guidance",
        &["unknown key", "guidance"],
    ),
    ("guidance = \"SPAA", "#", "[[topic]]\nid = \"spaa\"", &["the topic has no guidance"]),
    (
        "id = \"aor\"",
        "id = \"commission\"",
        "id = \"commission\"\ntitle = \"agent-of",
        &["`commission` belongs to another topic already"],
    ),
    ("\"SPAA Issue\",", "\"AOR\",", "\"AOR\", \"SPAA Request\"", &["`AOR` belongs to another topic already"]),
    ("\"Medicade\",", "\"MAPD\",", "\"MAPD\", \"Medi-Cal\"", &["`MAPD` means the line `medicare` already"]),
    (
        "\"my spaa\"",
        "\"my spaa *\"",
        "\"my spaa *\"",
        &["`*` cannot stand like this", "word of its own between two words"],
    ),
    ("\"not a spaa\"", "\"my spaa\"", "except = [\"my spaa\"", &["`my spaa` stands under `phrases` too"]),
    (
        "\"emergency contact\"",
        "\"emergency\"",
        "\"emergency\", \"emergency room bill\"",
        &["`emergency` stands under `phrases` too"],
    ),
    // Staff.
    (
        "role = \"specialist\"\nlines = [\"medicare\"]",
        "role = \"specialist\"\nlines = [\"medicaer\"]",
        "lines = [\"medicaer\"]",
        &["there is no line with the id `medicaer`", "did you mean `medicare`?"],
    ),
    (
        "role = \"specialist\"\nlines = [\"medicare\"]",
        "role = \"specialist\"",
        "[[staff]]\nname = \"Maria",
        &["a specialist without lines"],
    ),
    (
        "role = \"specialist\"\n",
        "role = \"boss\"\n",
        "role = \"boss\"",
        &["unknown value `boss`", "specialist, supervisor, deputy"],
    ),
    ("role = \"specialist\"\n", "role = \"deputy\"\n", "[[staff]]\nname = \"Maria", &["a deputy for nobody"]),
    (
        "role = \"specialist\"\n",
        "role = \"deputy\"\ndeputy_for = [\"theo.brandvold@humana.com\"]\n",
        "deputy_for",
        &["deputy for theo.brandvold@humana.com, who is no supervisor"],
    ),
    (
        "theo.brandvold@",
        "maria.castellan@",
        "[[staff]]\nname = \"Theo",
        &["maria.castellan@humana.com has two entries"],
    ),
    ("theo.brandvold@", "agentrsos@", "[[staff]]\nname = \"Theo", &["the desk's own address"]),
    (
        "role = \"specialist\"\n",
        "role = \"specialist\"\nabsent = [{ from = \"2026-12-21\", to = \"2026-12-02\" }]\n",
        "absent =",
        &["the absence ends on 2026-12-02, before it begins"],
    ),
    (
        "role = \"specialist\"\n",
        "role = \"specialist\"\nabsent = [{ from = \"2026-12-21\" }]\n",
        "absent =",
        &["staff[2].absent[0].to: required key `to` is missing"],
    ),
];

#[test]
fn a_broken_policy_is_refused_at_its_line_with_its_remedy() {
    assert!(BROKEN.len() >= 40);
    for (from, to, place, words) in BROKEN {
        let text = edited(from, to);
        let at = text.find(place).unwrap_or_else(|| panic!("{place:?} is not there after the edit {to:?}"));
        let line = text[..at].matches('\n').count() + 1;
        let DeskErrors(faults) = parse(&text).expect_err(to);
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let fits = |fault: &String| {
            fault.starts_with(&format!("desk.toml:{line}:")) && words.iter().all(|word| fault.contains(word))
        };
        assert!(
            shown.iter().any(fits),
            "{from:?} to {to:?}: line {line} and {words:?} are not in\n{}",
            shown.join("\n")
        );
        assert!(faults.iter().all(|fault| fault.remedy.is_some()), "a remedy is missing in\n{}", shown.join("\n"));
        assert!(faults.iter().all(|fault| fault.column > 0 && !fault.reason.is_empty()));
    }
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
    assert_eq!(line("humanaone").phone, "1-800-833-6917");
    assert_eq!(line("medicare").phone, "1-800-457-4708");
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

    let written = shipped::write_to(folder.path()).unwrap();
    assert!(written.iter().any(|path| path.ends_with("base/english.toml")));
    assert!(shipped::write_to(folder.path()).unwrap().is_empty(), "what is there is left as it is");
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
    assert_eq!(desk.templates, Some(folder.path().join("own")));
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
