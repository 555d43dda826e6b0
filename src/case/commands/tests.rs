//! The grammar in tables: well-formed, tolerated, malformed; and what holds of any text.

use super::*;
use crate::calendar::{Calendar, CalendarParts};
use crate::desk::shipped;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Saturday, November 21, 2026, 10:00 in New York; the desk opens at 8:00, and November 26 is a holiday.
const SATURDAY: &str = "2026-11-21T15:00:00Z";
/// Tuesday, December 1, 2026, 10:00.
const TUESDAY: &str = "2026-12-01T15:00:00Z";

fn staff(name: &str, email: &str, role: Role) -> Staff {
    let email = EmailAddress::parse(email).expect("an address");
    Staff { name: name.into(), email, role, lines: vec![], deputy_for: vec![], absent: vec![] }
}

/// A desk with neutral words: a shipped one with its names replaced.
static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let mut desk = shipped::all().expect("the shipped desks load").into_values().next().expect("a desk");
    desk.calendar = Calendar::new(CalendarParts::new("America/New_York", "08:00-17:00")).expect("a calendar");
    desk.prefix = "TEST".into();
    desk.numbering = crate::words::numbers::Numbering::standard("TEST");
    desk.address = EmailAddress::parse("desk@example.com").expect("an address");
    desk.own_addresses.clear();
    let mut line = desk.lines.first().expect("a line").clone();
    (line.id, line.name, line.title) = (LineId("alpha".into()), "Alpha".into(), "Alpha plans".into());
    (line.synonyms, line.words) = (vec!["Alpha Plus".into()], vec![]);
    let mut other = line.clone();
    (other.id, other.name, other.title) = (LineId("beta".into()), "Beta One".into(), "Beta plans".into());
    other.synonyms = vec!["Individual".into()];
    desk.lines = vec![line, other];
    let mut topic = desk.topics.first().expect("a topic").clone();
    (topic.id, topic.title, topic.names) = ("moon".into(), "moon questions".into(), vec!["lunar".into()]);
    desk.topics = vec![topic];
    desk.staff = vec![
        staff("Theo Brandt", "theo.brandt@example.com", Role::Specialist),
        staff("Theo Zimmer", "tzimmer@example.com", Role::Specialist),
        staff("Ana María O'Neil", "ana@example.com", Role::Specialist),
        staff("Anabel Quist", "quist@example.com", Role::Specialist),
        staff("Sue Perry", "sue@example.com", Role::Supervisor),
    ];
    let template = desk.fields.first().expect("a field").clone();
    let field = |id: &str, label: &str, role| {
        let mut field = template.clone();
        (field.id, field.label, field.role, field.aliases) = (id.into(), label.into(), role, vec![]);
        field
    };
    desk.fields = vec![
        field("member_id", "Member ID #", crate::desk::FieldRole::MemberId),
        field("reference", "Reference #", crate::desk::FieldRole::Reference),
        field("summary", "Summary of issue", crate::desk::FieldRole::Summary),
    ];
    desk
});

fn at(now: &str, sender: usize, text: &str) -> Parsed {
    let now = now.parse().expect("an instant");
    parse(text, &Situation { desk: &DESK, sender: &DESK.staff[sender], now })
}

/// By the supervisor, on the Saturday.
fn read(text: &str) -> Parsed {
    at(SATURDAY, 4, text)
}

/// The commands as they are printed; a refusal is `REFUSED` with its reasons.
fn shown(parsed: &Parsed) -> Vec<String> {
    match parsed {
        Parsed::Understood { commands, .. } => commands.iter().map(|written| written.command.to_string()).collect(),
        Parsed::Refused { refusals, .. } => {
            std::iter::once("REFUSED".to_owned()).chain(refusals.iter().map(Refusal::sentences)).collect()
        }
    }
}

fn is_understood(text: &str, expected: &str) {
    assert_eq!(shown(&read(text)), vec![expected.to_owned()], "{text:?}");
}

/// Refused, with one refusal that holds `says`.
fn is_refused(text: &str, says: &str) {
    let said = shown(&read(text));
    assert_eq!(said.first().map(String::as_str), Some("REFUSED"), "{text:?} gives {said:?}");
    assert!(said.iter().any(|sentence| sentence.contains(says)), "{text:?} says {said:?}");
}

#[test]
fn each_command_is_read_as_written_and_as_people_write_it() {
    for (text, expected) in [
        ("#resolve", "#resolve"),
        ("#Resolve.", "#resolve"),
        ("#resolve: A new card was sent.", "#resolve A new card was sent."),
        ("# Resolve", "#resolve"),
        ("\u{ff03}resolve", "#resolve"),
        ("\u{a0}#\u{200b}resolve\u{a0}", "#resolve"),
        ("*#resolve*", "#resolve"),
        ("**#Resolve**", "#resolve"),
        ("- #resolve", "#resolve"),
        ("\u{201c}#resolve\u{201d}", "#resolve"),
        ("#note called billing", "#note called billing"),
        ("#NOTE \u{2013} called billing", "#note called billing"),
        ("*#note called billing*", "#note called billing"),
        ("#update We asked billing.", "#update We asked billing."),
        ("#next-update 2026-12-01", "#next-update 2026-12-01"),
        ("#Next\u{2013}Update 12/1", "#next-update 2026-12-01"),
        ("#next update Dec 1", "#next-update 2026-12-01"),
        ("#nextupdate: tomorrow", "#next-update 2026-11-22"),
        ("#next_update Friday, 3pm.", "#next-update 2026-11-27 15:00"),
        ("#pause", "#pause"),
        ("#pause until 12/1", "#pause until 2026-12-01"),
        ("#Pause 12/1", "#pause until 2026-12-01"),
        ("#pause till Dec. 1st", "#pause until 2026-12-01"),
        ("#resume!", "#resume"),
        ("#assign Theo Brandt", "#assign theo.brandt@example.com"),
        ("#priority Urgent", "#priority urgent"),
        ("#waiting internal", "#waiting internal"),
        ("#waiting on External, until friday", "#waiting external until 2026-11-27"),
        // Of a range the longer end counts: what somebody outside said that it takes.
        ("#waiting external for 5-7 business days", "#waiting external until 2026-12-02"),
        ("#waiting external 5 to 7 business days.", "#waiting external until 2026-12-02"),
        ("#waiting external, for 7 Business Days", "#waiting external until 2026-12-02"),
        ("#pause for 2 business days", "#pause until 2026-11-25"),
        ("#opportunity coaching Wrong form used.", "#opportunity coaching Wrong form used."),
        ("#Opportunity Communications: letter unclear", "#opportunity communication letter unclear"),
        ("#line beta one", "#line beta"),
        ("#line Alpha\u{a0}Plus.", "#line alpha"),
        ("#field member_id=H123", "#field member_id=H123"),
        ("#field Member ID: H123", "#field member_id=H123"),
        ("#field \"Reference #\" \u{ff1d} A=B", "#field reference=A=B"),
        ("#return Please send the letter.", "#return Please send the letter."),
        ("#redirect Moon questions", "#redirect moon"),
        ("#accept", "#accept"),
        ("#accept Individual", "#accept beta"),
        ("#split", "#split"),
        ("#merge TEST-000123", "#merge TEST-000123"),
        ("#merge with [test\u{2013}000123].", "#merge TEST-000123"),
        ("#merge 000123", "#merge TEST-000123"),
        ("#for jane@example.org", "#for jane@example.org"),
        ("#for Jane Doe <mailto:jane@example.org>", "#for Jane Doe <jane@example.org>"),
        ("#for jane@example.org<mailto:jane@example.org>", "#for jane@example.org"),
        ("#out 2026-12-21..2027-01-02", "#out 2026-12-21..2027-01-02"),
        ("#help", "#help"),
        ("#Help #assign", "#help"),
    ] {
        is_understood(text, expected);
    }
}

#[test]
fn what_is_not_wholly_understood_is_refused_with_the_nearest() {
    for (text, says) in [
        ("#reslove", "Did you mean `#resolve`?"),
        ("#close", "Did you mean `#resolve`?"),
        ("#urgent", "Did you mean `#priority urgent`?"),
        ("#waiting-internal", "Did you mean `#waiting`?"),
        ("#xyzzy", "There is no command `#xyzzy`."),
        ("#note", "missing"),
        ("#note ...", "missing"),
        ("#update TEXT", "your own words"),
        ("#return", "missing"),
        ("#resume please", "stands alone"),
        ("#split these", "stands alone"),
        ("#help how do I close this", "stands alone"),
        ("#resolve #note done", "stands inside this one"),
        ("#note he wrote #assign below", "stands inside this one"),
        ("#assign", "missing"),
        ("#assign Theo", "`Theo Brandt` or `Theo Zimmer`"),
        ("#assign Teho Brandt", "Did you mean `#assign Theo Brandt`?"),
        ("#assign nobody@example.com", "no address of this desk's staff"),
        ("#assign Theo Zimmer <theo.brandt@example.com>", "the name is another"),
        ("#priority high", "It knows `urgent` and `normal`."),
        ("#priority urgnt", "Did you mean `#priority urgent`?"),
        ("#waiting", "`internal` or `external`"),
        ("#waiting extrenal", "Did you mean `#waiting external`?"),
        ("#waiting internal please", "not understood in a date"),
        ("#waiting external 5-7 days", "Did you mean `#waiting external for 5-7 business days`?"),
        ("#waiting external for 0 business days", "no length of business time"),
        ("#opportunity", "`coaching`"),
        ("#opportunity coaching", "missing"),
        ("#opportunity trainning late", "Did you mean `#opportunity training late`?"),
        ("#line gamma", "It knows `Alpha` and `Beta One`."),
        ("#line Beta On", "Did you mean `#line Beta One`?"),
        ("#line", "The line is missing."),
        ("#field", "equals sign"),
        ("#field member id H123", "equals sign"),
        ("#field member_idd=1", "Did you mean `#field member_id=1`?"),
        ("#field member_id=", "missing"),
        ("#redirect mooon", "Did you mean `#redirect moon`?"),
        ("#redirect", "The topic is missing."),
        ("#accept gamma", "no line"),
        ("#merge", "missing"),
        ("#merge 12", "no case number"),
        ("#merge OTHER-000123", "no case number"),
        ("#for Jane", "missing"),
        ("#for jane@", "no address"),
        ("#for a@example.org b@example.org", "Two addresses"),
        ("#for desk@example.com", "desk's own"),
        ("#pause until", "missing"),
        ("#pause soon", "not understood in a date"),
        ("#next-update", "missing"),
    ] {
        is_refused(text, says);
    }
}

#[test]
fn dates_are_read_as_people_write_them() {
    for (text, due) in [
        ("2026-12-01", "2026-12-01T08:00:00"),
        ("2026-12-01T15:00", "2026-12-01T15:00:00"),
        ("2026-12-01 at 15:00", "2026-12-01T15:00:00"),
        ("12/1", "2026-12-01T08:00:00"),
        ("12/01/2026", "2026-12-01T08:00:00"),
        ("12/1/26", "2026-12-01T08:00:00"),
        ("12-1-2026", "2026-12-01T08:00:00"),
        ("Dec 1", "2026-12-01T08:00:00"),
        ("December 1st, 2026", "2026-12-01T08:00:00"),
        ("the 1st of December", "2026-12-01T08:00:00"),
        ("1 Dec 2026", "2026-12-01T08:00:00"),
        ("Tuesday, December 1, 10:15 am ET", "2026-12-01T10:15:00"),
        ("Tue 12/1 3 p.m. EST", "2026-12-01T15:00:00"),
        ("3pm on 12/1", "2026-12-01T15:00:00"),
        ("12/1 @3:30PM", "2026-12-01T15:30:00"),
        ("Dec 1 10 am", "2026-12-01T10:00:00"),
        ("12/1 noon", "2026-12-01T12:00:00"),
        ("12/1 12am", "2026-12-01T00:00:00"),
        ("12/1 9:30", "2026-12-01T09:30:00"),
        ("12/1 03:30", "2026-12-01T03:30:00"),
        ("friday", "2026-11-27T08:00:00"),
        ("by Fri.", "2026-11-27T08:00:00"),
        ("monday at 3 pm", "2026-11-23T15:00:00"),
        // A Sunday, and the Saturday that today is: the next business day's opening.
        ("tomorrow", "2026-11-23T08:00:00"),
        ("tomorrow 3pm", "2026-11-23T08:00:00"),
        ("saturday", "2026-11-30T08:00:00"),
        ("this saturday", "2026-11-23T08:00:00"),
        ("1/5", "2027-01-05T08:00:00"),
        ("10/1", "2027-10-01T08:00:00"),
    ] {
        match read(&format!("#next-update {text}")) {
            Parsed::Understood { commands, .. } => match &commands[0].command {
                Command::NextUpdate(date) => assert_eq!(date.due.local, due.parse().expect("a date"), "{text:?}"),
                other => panic!("{text:?} gives {other:?}"),
            },
            refused => panic!("{text:?} gives {:?}", shown(&refused)),
        }
    }
}

#[test]
fn dates_that_may_be_two_or_none_are_refused() {
    for (text, says) in [
        ("2026-11-20", "is past"),
        ("11/20/2026", "is past"),
        ("11/20", "only lately"),
        ("2027-11-22", "more than a year ahead"),
        ("2/30", "no day 2/30"),
        ("2/29/2027", "no day 2/29 in 2027"),
        ("2/29", "more than a year ahead"),
        ("13/1", "no day 13/1"),
        ("next friday", "`next friday` may be"),
        ("next week", "is no date"),
        ("wednesday 12/1", "do not agree"),
        ("12/1 12/2", "Two dates"),
        ("12/1 3pm 4pm", "Two times"),
        ("12/1 at 3", "may be in the morning"),
        ("12/1 3:30", "may be in the morning"),
        ("12/1 25:00", "no time of day"),
        ("12/1 13pm", "no time of day"),
        ("3pm", "The day is missing"),
        ("12/1 3pm PT", "not understood"),
        ("1.12.", "not understood"),
        ("tommorow", "Did you mean `#next-update tomorrow`?"),
        ("in 3 days", "not understood"),
        ("DATE", "not understood"),
        ("12/1 please", "not understood"),
    ] {
        is_refused(&format!("#next-update {text}"), says);
    }
}

#[test]
fn a_day_that_has_begun_counts_from_now() {
    let tuesday = |text: &str| shown(&at(TUESDAY, 0, text));
    assert_eq!(tuesday("#next-update today 3pm"), ["#next-update 2026-12-01 15:00"]);
    assert_eq!(tuesday("#next-update 12/1 3pm"), ["#next-update 2026-12-01 15:00"]);
    assert_eq!(tuesday("#next-update tuesday"), ["#next-update 2026-12-08"]);
    assert!(tuesday("#next-update today")[1].contains("today's opening is past"));
    assert!(tuesday("#next-update 12/1")[1].contains("today's opening is past"));
    assert!(tuesday("#next-update today 9am")[1].contains("is past"));
    assert!(tuesday("#next-update this tuesday")[1].contains("is past"));
}

#[test]
fn an_absence_is_one_range_of_days() {
    for (text, expected) in [
        ("12/21..1/2", "2026-12-21..2027-01-02"),
        ("12/21 .. 1/2", "2026-12-21..2027-01-02"),
        ("12/21\u{2026}1/2", "2026-12-21..2027-01-02"),
        ("12/21...1/2", "2026-12-21..2027-01-02"),
        ("12/21 \u{2013} 1/2", "2026-12-21..2027-01-02"),
        ("12/21\u{2013}1/2", "2026-12-21..2027-01-02"),
        ("12/21-1/2", "2026-12-21..2027-01-02"),
        ("2026-12-21-2027-01-02", "2026-12-21..2027-01-02"),
        ("2026-12-21 - 2027-01-02.", "2026-12-21..2027-01-02"),
        ("from Dec 21 to Jan 2", "2026-12-21..2027-01-02"),
        ("Dec. 21 through Dec. 31", "2026-12-21..2026-12-31"),
        ("Dec 21-31", "2026-12-21..2026-12-31"),
        ("monday..wednesday", "2026-11-23..2026-11-25"),
        ("friday to monday", "2026-11-27..2026-11-30"),
        ("today until 12/1", "2026-11-21..2026-12-01"),
        ("12/24", "2026-12-24..2026-12-24"),
        ("2026-12-24", "2026-12-24..2026-12-24"),
    ] {
        is_understood(&format!("#out {text}"), &format!("#out {expected}"));
    }
    for (text, says) in [
        ("", "missing"),
        ("FROM..TO", "nothing else"),
        ("12/21..", "missing"),
        ("..12/21", "missing"),
        ("2026-12-21..2026-12-01", "before it begins"),
        ("2026-11-18..2026-12-01", "is past"),
        ("12/21..12/1", "only lately"),
        ("12/21..11/2", "more than half a year"),
        ("friday..friday", "one day or eight"),
        ("12/21..12/24..12/26", "nothing else"),
        ("12/21 3pm..12/24", "whole days"),
    ] {
        is_refused(&format!("#out {text}"), says);
    }
}

#[test]
fn a_colleague_is_found_by_what_only_they_are_called() {
    for (text, found) in [
        ("theo.brandt@example.com", "theo.brandt@example.com"),
        ("Theo Brandt <THEO.BRANDT@example.com>", "theo.brandt@example.com"),
        ("@theo brandt", "theo.brandt@example.com"),
        ("Brandt, Theo", "theo.brandt@example.com"),
        ("to Theo B.", "theo.brandt@example.com"),
        ("brand", "theo.brandt@example.com"),
        ("tzimmer", "tzimmer@example.com"),
        ("ana maria oneil", "ana@example.com"),
        ("O\u{2019}Neil", "ana@example.com"),
        // A whole word of one name, and only the beginning of another.
        ("Ana", "ana@example.com"),
        ("anab", "quist@example.com"),
        ("me", "sue@example.com"),
    ] {
        is_understood(&format!("#assign {text}"), &format!("#assign {found}"));
    }
    for text in ["Theo", "t", "Brandt Zimmer", "NAME", "theo brandt and sue"] {
        is_refused(&format!("#assign {text}"), "");
    }
}

#[test]
fn a_supervisor_reassigns_all_cases_of_somebody() {
    let all = "#assign sue@example.com all from quist@example.com";
    for text in ["#assign Sue all from Quist", "#assign me all cases of Quist's cases", "#assign all from Quist to Sue"]
    {
        is_understood(text, all);
    }
    is_refused("#assign Sue all from Sue", "same person");
    is_refused("#assign Sue all from Quits", "Did you mean `#assign Sue Perry all from Anabel Quist`?");
    is_refused("#assign Sue all from Quist\n#resolve", "all cases of somebody");
    assert!(shown(&at(SATURDAY, 0, "#assign Sue all from Quist"))[1].contains("Only a supervisor or a deputy"));
}

#[test]
fn commands_stand_above_the_text() {
    for (text, commands, rest) in [
        ("Dear Jane,\n\nyour card is on its way.", vec![], "Dear Jane,\n\nyour card is on its way."),
        (
            "\n\n#note called\n\n#priority urgent\r\n\r\nDear Jane,\nhello\n",
            vec!["#note called", "#priority urgent"],
            "Dear Jane,\nhello",
        ),
        ("#split\nDear Jane", vec!["#split"], "Dear Jane"),
        ("#note one\ntwo\n\nDear Jane", vec!["#note one\ntwo"], "Dear Jane"),
        ("#note\none\ntwo\n#resolve\nthree\n\nDear Jane", vec!["#note one\ntwo", "#resolve three"], "Dear Jane"),
        ("#field summary=the card\nnever came\n\nDear Jane", vec!["#field summary=the card\nnever came"], "Dear Jane"),
        ("#field member_id=12345678\nDear Jane", vec!["#field member_id=12345678"], "Dear Jane"),
        ("#1 of your list is done.\n#2 is not.", vec![], "#1 of your list is done.\n#2 is not."),
        ("# Answer\nDear Jane", vec![], "# Answer\nDear Jane"),
        (
            "Dear Jane,\nas for the #resolve you saw\n#H1234567 is the id",
            vec![],
            "Dear Jane,\nas for the #resolve you saw\n#H1234567 is the id",
        ),
        ("> #resolve", vec![], "> #resolve"),
        ("", vec![], ""),
    ] {
        let parsed = read(text);
        assert_eq!(shown(&parsed), commands, "{text:?}");
        assert_eq!(parsed.text(), rest, "{text:?}");
    }
}

#[test]
fn a_command_below_the_text_leaves_the_mail_undone() {
    is_refused("Hi,\n#resolve", "above its text");
    is_refused("#split\n\nDear Jane\n*#note she called*", "above its text");
    is_refused("Dear Jane\n\n#nte she called", "Did you mean `#note`?");
    is_refused("#help\n\nHow does this work?", "without further text");
    let parsed = read("#priority urgent\n#reslove\n\nDear Jane");
    let Parsed::Refused { undone, refusals, text } = parsed else { panic!("it was understood") };
    assert_eq!((undone.len(), refusals.len(), text.as_str()), (1, 1, "Dear Jane"));
    assert_eq!(refusals[0].line, "#reslove");
}

#[test]
fn commands_that_contradict_each_other_are_refused_and_both_named() {
    for (text, says) in [
        ("#resolve\n#pause", "`#resolve` and `#pause`"),
        ("#assign Brandt\n#assign Zimmer", "`#assign` stands there twice"),
        ("#split\n#split", "`#split` stands there twice"),
        ("#pause\n#next-update 12/1", "`#pause` and `#next-update`"),
        ("#return Please write again.\n#redirect moon", "`#return` and `#redirect`"),
        ("#accept alpha\n#line beta", "`#accept` and `#line`"),
        ("#field member_id=1\n#field Member ID=2", "`#field` stands there twice"),
        ("#merge 000123\n#priority urgent", "`#merge` and `#priority`"),
        ("#waiting internal\n#resume", "`#waiting` and `#resume`"),
    ] {
        is_refused(text, says);
    }
    for text in [
        "#note a\n#note b\n#opportunity training c\n#opportunity training d\n#resolve e",
        "#field member_id=1\n#field reference=2\n#line alpha\n#assign Brandt",
        "#update We asked.\n#next-update 12/1\n#waiting external",
        "#for jane@example.org\n#line alpha\n#field member_id=1\n#note called\n\nCard never came.",
        "#resolve done\n#out 12/21..12/24",
        "#accept\n#line alpha\n#priority urgent",
    ] {
        assert!(matches!(read(text), Parsed::Understood { .. }), "{text:?} gives {:?}", shown(&read(text)));
    }
}

#[test]
fn every_example_of_the_help_is_understood() {
    for desk in shipped::all().expect("the shipped desks load").values().chain([&*DESK]) {
        for now in [SATURDAY, TUESDAY, "2026-12-31T23:30:00Z", "2028-02-28T12:00:00Z"] {
            let now: Timestamp = now.parse().expect("an instant");
            for role in [Role::Specialist, Role::Supervisor] {
                let sender = staff("Someone Else", "someone@example.com", role);
                let list = help(desk, role, now);
                assert!(list.len() >= Word::ALL.iter().filter(|word| help::is_of(desk, **word)).count());
                for line in list {
                    let parsed = parse(&line.example, &Situation { desk, sender: &sender, now });
                    assert!(
                        matches!(&parsed, Parsed::Understood { commands, .. } if commands.len() == 1),
                        "{line:?}: {parsed:?}"
                    );
                }
            }
        }
    }
    for word in Word::ALL {
        let case = matches!(word.concerns(), Concerns::Case | Concerns::CaseOrUndecided) || *word == Word::Help;
        assert_eq!(
            one_line(&DESK).split(", ").any(|usage| usage == help::usage(*word)),
            case && help::is_of(&DESK, *word),
            "{word}"
        );
    }
}

/// Takes the lines of a mail that was written by somebody in a hurry.
fn line() -> impl Strategy<Value = String> {
    let word = prop::sample::select(Word::ALL.to_vec()).prop_map(|word| word.as_str().to_owned());
    let rest = prop::sample::select(vec![
        "",
        "until 12/1",
        "friday 3pm",
        "Theo Brandt",
        "me all from Quist",
        "alpha",
        "member_id=1",
        "moon",
        "000123",
        "Jane <jane@example.org>",
        "12/21..1/2",
        "coaching : too late",
        "external till Dec 5",
        "urgent",
        "- text: (more)*",
        "2026-12-05",
    ]);
    prop_oneof![
        (word, rest).prop_map(|(word, rest)| format!("#{word} {rest}")),
        "\\PC{0,30}",
        "[#\u{ff03}*\\-. a-z0-9/:@<>\u{2026}\u{a0}]{0,24}",
        Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_it_fail(text in "(?s).{0,200}") {
        read(&text);
    }

    #[test]
    fn what_is_printed_is_read_as_the_same(lines in prop::collection::vec(line(), 1..4)) {
        let text = lines.join("\n");
        if let Parsed::Understood { commands, text: rest } = read(&text) {
            for written in &commands {
                let again = read(&written.command.to_string());
                let Parsed::Understood { commands, .. } = &again else {
                    return Err(TestCaseError::fail(format!("{text:?}: {:?} gives {:?}", written.command, shown(&again))));
                };
                prop_assert_eq!(commands.iter().map(|written| &written.command).collect::<Vec<_>>(), vec![&written.command]);
            }
            prop_assert!(text.replace("\r\n", "\n").contains(rest.lines().next().unwrap_or_default()));
        }
    }

    #[test]
    fn a_refused_mail_has_a_reason_and_no_text_holds_a_command(lines in prop::collection::vec(line(), 1..6)) {
        match read(&lines.join("\n")) {
            Parsed::Refused { refusals, .. } => prop_assert!(!refusals.is_empty() && refusals.iter().all(|refusal| !refusal.why.is_empty())),
            Parsed::Understood { text, .. } => {
                let known = |line: &str| line.trim().strip_prefix('#').is_some_and(|rest| Word::ALL.iter().any(|word| rest == word.as_str()));
                prop_assert!(!text.lines().any(known), "{:?}", text);
            }
        }
    }
}

#[test]
fn hostile_text_is_read_once() {
    // Each of these would take minutes if a rule read the rest of the text for every line or word of it.
    for text in [
        "#nxte\n".repeat(60_000),
        format!("#note {}", "#a ".repeat(100_000)),
        format!("x\n{}", "#resolv\n".repeat(60_000)),
        format!("#out {}", "12/1-".repeat(50_000)),
        format!("#out {}", ".. ".repeat(50_000)),
        format!("#next-update {}", "at ".repeat(100_000)),
        format!("#assign {}", "all from ".repeat(50_000)),
        format!("#for {}", "a@b ".repeat(50_000)),
        format!("{}resolve", "*".repeat(200_000)),
        format!("#field {}", "=".repeat(200_000)),
        format!("#line {}", "\u{fdfa}".repeat(20_000)),
    ] {
        read(&text);
    }
}
