//! Subjects as agents write them, and what is read from each: alone, and with a body that settles them.

use mailclerk::desk::{Desk, shipped};
use mailclerk::intake::{self, Completeness, Source};

fn desk() -> Desk {
    shipped::desk("agent-rsos").expect("the main desk loads")
}

fn judged(desk: &Desk, subject: &str, body: &str) -> Completeness {
    let request = intake::read_parts(desk, Source { subject, visible: body, ..Source::default() });
    intake::complete(desk, &request)
}

/// A whole body without the member's name and line.
fn body(more: &str) -> String {
    format!(
        "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\n{more}\nSummary of issue: ID card never came"
    )
}

fn reasons(judged: &Completeness) -> String {
    let code = |reason: &mailclerk::words::Reason| match &reason.field {
        Some(field) => format!("{}/{field}", reason.code),
        None => reason.code.to_string(),
    };
    judged.reasons.iter().map(code).collect::<Vec<_>>().join(" ")
}

fn check(table: &[(&str, &str, &str)]) {
    let desk = desk();
    let mut wrong = Vec::new();
    for (subject, more, expected) in table {
        let judged = judged(&desk, subject, &body(more));
        let topic = intake::read_parts(&desk, Source { subject, visible: "x", ..Source::default() }).subject.topic;
        let read = match (&judged.canonical_subject, judged.mixed_by_labels) {
            (_, true) => "mixed".to_owned(),
            (Some(canonical), _) if judged.reasons.is_empty() => format!("{} {canonical}", judged.subject_match),
            _ if topic.is_some() => format!("topic {}", topic.unwrap_or_default()),
            _ => format!("return {}", reasons(&judged)),
        };
        if read != *expected {
            wrong.push(format!("{subject:?} with {more:?}\n   read     {read}\n   expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

const UNKNOWN_MEMBER: &str = "return member_unknown missing_field/member_name";

#[test]
fn the_template_is_exact() {
    check(&[
        ("Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("smith, jane medicare", "", "exact Smith, Jane Medicare"),
        ("SMITH, JANE MEDICARE", "", "exact Smith, Jane Medicare"),
        ("Smith,Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("Smith, Jane HumanaOne", "", "exact Smith, Jane HumanaOne"),
        ("Smith, Jane HUMANAONE", "", "exact Smith, Jane HumanaOne"),
        ("Smith, Jane humanaone", "", "exact Smith, Jane HumanaOne"),
        ("Re: Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("RE: FW: Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("RE[2]: Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("[EXTERNAL] Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("[EXTERNAL] RE: [EXT] Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("EXTERNAL: Re: CAUTION: Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("AW: WG: TR: RV: Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("(secure) Smith, Jane Medicare", "", "exact Smith, Jane Medicare"),
        ("Smith, Jane Medicare [SECURE]", "", "exact Smith, Jane Medicare"),
        ("Re: Smith, Jane Medicare [RSOS-100001]", "", "exact Smith, Jane Medicare"),
        ("Smith, Jane\u{a0}Medicare", "", "exact Smith, Jane Medicare"),
        ("\u{200b}Smith,\u{200b} Ja\u{ad}ne Medicare\u{feff}", "", "exact Smith, Jane Medicare"),
        ("Smith,   Jane    Medicare", "", "exact Smith, Jane Medicare"),
        ("O'Brien, Mary HumanaOne", "", "exact O'Brien, Mary HumanaOne"),
        ("O\u{2019}Brien, Mary HumanaOne", "", "exact O\u{2019}Brien, Mary HumanaOne"),
        ("O'BRIEN, MARY HUMANAONE", "", "exact O'Brien, Mary HumanaOne"),
        ("MCDONALD, RONALD MEDICARE", "", "exact McDonald, Ronald Medicare"),
        ("McDonald, Ronald Medicare", "", "exact McDonald, Ronald Medicare"),
        ("Smith-Jones, Mary Ann Medicare", "", "exact Smith-Jones, Mary Ann Medicare"),
        ("de la Cruz, Maria Elena Medicare", "", "exact de la Cruz, Maria Elena Medicare"),
        ("van der Berg, Jan HumanaOne", "", "exact van der Berg, Jan HumanaOne"),
        ("Muñoz, José Medicare", "", "exact Muñoz, José Medicare"),
        ("Mun\u{303}oz, Jose\u{301} Medicare", "", "exact Muñoz, José Medicare"),
        ("Smith Jr., John Medicare", "", "exact Smith Jr., John Medicare"),
        ("Smith, John Jr. Medicare", "", "exact Smith Jr., John Medicare"),
        ("Smith III, John Medicare", "", "exact Smith III, John Medicare"),
        ("Smith, Jane M. Medicare", "", "exact Smith, Jane M. Medicare"),
        ("Smith, Mary Grace Medicare", "", "exact Smith, Mary Grace Medicare"),
        ("Smith, Bill Medicare", "", "exact Smith, Bill Medicare"),
        ("Smith, Will Medicare", "", "exact Smith, Will Medicare"),
        ("Do, Kim Medicare", "", "exact Do, Kim Medicare"),
        ("Nguyen, An Medicare", "", "exact Nguyen, An Medicare"),
        ("Nguyen, Thi My HumanaOne", "", "exact Nguyen, Thi My HumanaOne"),
        ("Case, Justin Medicare", "", "exact Case, Justin Medicare"),
        ("St. John, Pat Medicare", "", "exact St. John, Pat Medicare"),
        ("Garcia Lopez, Maria Medicare", "", "exact Garcia Lopez, Maria Medicare"),
        ("Van Dyke, Anna-Lena HumanaOne", "", "exact Van Dyke, Anna-Lena HumanaOne"),
        ("Reed, Ann Medicare", "", "exact Reed, Ann Medicare"),
        ("Bill, Anna Medicare", "", "exact Bill, Anna Medicare"),
        ("Price, Grant HumanaOne", "", "exact Price, Grant HumanaOne"),
        ("Ng, Al Medicare", "", "exact Ng, Al Medicare"),
        ("Smith, J Medicare", "", "exact Smith, J Medicare"),
        ("ΠΑΠΑΔΟΠΟΥΛΟΣ, ΜΑΡΙΑ MEDICARE", "", "exact Παπαδοπουλοσ, Μαρια Medicare"),
    ]);
}

#[test]
fn what_can_be_read_without_guessing_is_repaired() {
    check(&[
        ("Smith, Jane - Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane \u{2013} Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane-Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith,Jane-Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane: Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane | Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane (Medicare)", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane [Medicare]", "", "repaired Smith, Jane Medicare"),
        ("[Smith], [Jane] [Medicare]", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane, Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith , Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare.", "", "repaired Smith, Jane Medicare"),
        ("\"Smith, Jane Medicare\"", "", "repaired Smith, Jane Medicare"),
        ("Smith; Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Medicare Smith, Jane", "", "repaired Smith, Jane Medicare"),
        ("Medicare - Smith, Jane", "", "repaired Smith, Jane Medicare"),
        ("Medicare: Smith, Jane - ID card issue", "", "repaired Smith, Jane Medicare"),
        ("MEDICARE: SMITH, JANE - ID CARD ISSUE", "", "repaired Smith, Jane Medicare"),
        ("HumanaOne | Smith, Jane", "", "repaired Smith, Jane HumanaOne"),
        ("Medicare member Smith, Jane", "", "repaired Smith, Jane Medicare"),
        ("Medicare, Smith, Jane", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare - ID card issue", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare ID card not received", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare please help!!", "", "repaired Smith, Jane Medicare"),
        ("URGENT: Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("URGENT - Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("**URGENT** Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Urgent Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Member issue - Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Question about Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Help with Medicare member Smith, Jane", "", "repaired Smith, Jane Medicare"),
        ("2nd request: Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane's Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare Advantage", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane M. Medicare Advantage", "", "repaired Smith, Jane M. Medicare"),
        ("Smith, Jane Med Adv", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane MAPD", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane PDP", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Part D", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare Part D", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Humana One", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Humana-One", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Individual", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Individual plan", "", "repaired Smith, Jane HumanaOne"),
        ("Individual: Smith, Jane", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Medicre", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicaer", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medciare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Mdicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Meddicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicaire", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane HumanOne", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane HumannaOne", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Humana0ne", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Indivdual", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane Indvidaul", "", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane - Medicre - ID card", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jr., John Medicare", "", "repaired Smith Jr., John Medicare"),
        ("Smith, John, Jr. Medicare", "", "repaired Smith Jr., John Medicare"),
        ("Smith, Jane H12345678 Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane - H12345678 - Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane/Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane_Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane  -  Humana One  - billing", "", "repaired Smith, Jane HumanaOne"),
        ("Re: URGENT: Smith, Jane \u{2014} Medicare Advantage (ID card)", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Group Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Mrs. Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Dr. Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare not HumanaOne", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare (former HumanaOne member)", "", "repaired Smith, Jane Medicare"),
        ("Commission - Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Member: Smith, Jane Plan: Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Robert (Bob) Medicare", "", "repaired Smith, Robert Medicare"),
        ("Subject: Smith, Jane Medicare", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare and prescriptions", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare/Medicaid dual", "", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare - left HumanaOne in June", "", "repaired Smith, Jane Medicare"),
    ]);
}

#[test]
fn the_body_settles_what_the_subject_leaves_open() {
    const JANE: &str = "Member Name in question: Jane Smith";
    const COMMA: &str = "Member Name in question: Smith, Jane";
    check(&[
        ("Jane Smith Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Smith Jane Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Smith Jane Medicare", COMMA, "repaired Smith, Jane Medicare"),
        ("Jane Smith - Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Jane Smith, Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Medicare - Jane Smith", JANE, "repaired Smith, Jane Medicare"),
        ("Medicare Jane Smith ID card", JANE, "repaired Smith, Jane Medicare"),
        ("Jane Smith's Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("JANE SMITH MEDICARE", JANE, "repaired Smith, Jane Medicare"),
        ("smith jane humana one", JANE, "repaired Smith, Jane HumanaOne"),
        ("Smith. Jane Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Smith - Jane - Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Smith Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Medicare question", JANE, "repaired Smith, Jane Medicare"),
        ("ID card issue - Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Billing problem Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Need help with Medicare member", JANE, "repaired Smith, Jane Medicare"),
        ("Last, First Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("[Member Last Name Here], [Member First Name Here] Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Smith, Jane", "Line: Medicare", "repaired Smith, Jane Medicare"),
        ("Smith, Jane", "Plan: Humana Medicare Advantage PPO", "repaired Smith, Jane Medicare"),
        ("Smith, Jane", "Policy type: Individual", "repaired Smith, Jane HumanaOne"),
        ("Smith, Jane - ID card", "Product = HumanaOne", "repaired Smith, Jane HumanaOne"),
        ("Help please", "Member Name: Jane Smith\nLine: Medicare", "repaired Smith, Jane Medicare"),
        ("", "Member Name: Jane Smith\nLine of business: HumanaOne", "repaired Smith, Jane HumanaOne"),
        ("Jane Smith", "Member Name: Jane Smith\nPlan - Medicare", "repaired Smith, Jane Medicare"),
        ("Smith, Jane Medicare", JANE, "exact Smith, Jane Medicare"),
        ("Smith, Jane Medicare", "Member Name: N/A", "exact Smith, Jane Medicare"),
        ("Medicare Smith, Jane Denied Claim", JANE, "repaired Smith, Jane Medicare"),
        ("de la Cruz Maria Medicare", "Member Name: Maria de la Cruz", "repaired de la Cruz, Maria Medicare"),
        ("Member Jane Smith Medicare", JANE, "repaired Smith, Jane Medicare"),
        ("Jane Smith", JANE, "return line_unknown"),
        ("Smith, Jane", "", "return line_unknown"),
        ("Smith, Jane", JANE, "return line_unknown"),
        ("Smith, Jane - ID card", "", "return line_unknown"),
        ("Smith, Jane Medical", "", "return line_unknown"),
        ("Smith, Jane Humana", "", "return line_unknown"),
        ("Smith, Jane PPO", "", "return line_unknown"),
        ("Question about my client", JANE, "return line_unknown"),
        ("Hello, please help", JANE, "return line_unknown"),
        ("Billing, urgent", JANE, "return line_unknown"),
        ("Medicare", "", UNKNOWN_MEMBER),
        ("Jane Smith Medicare", "", UNKNOWN_MEMBER),
        ("Medicare question", "Member Name: unknown", UNKNOWN_MEMBER),
        ("Last, First Medicare", "", UNKNOWN_MEMBER),
        ("ID card issue Medicare", "", UNKNOWN_MEMBER),
        ("Help please", "", "return subject_unreadable missing_field/member_name"),
        ("", "", "return subject_unreadable missing_field/member_name"),
        ("Question, please help", "", "return subject_unreadable missing_field/member_name"),
        ("FW:", "", "return subject_unreadable missing_field/member_name"),
        ("Jane Smith", "", "return subject_unreadable missing_field/member_name"),
        ("Help please", "Line: Medicare", "return member_unknown missing_field/member_name"),
    ]);
}

#[test]
fn two_lines_are_mixed_and_scope_words_are_topics() {
    check(&[
        ("Smith, Jane Medicare and HumanaOne", "", "mixed"),
        ("Smith, Jane Medicare/HumanaOne", "", "mixed"),
        ("Smith, Jane Medicare & Individual", "", "mixed"),
        ("Smith, Jane HumanaOne Medicare", "", "mixed"),
        ("Medicare and Humana One questions", "", "mixed"),
        ("Smith, Jane MAPD + HumanaOne", "", "mixed"),
        ("Smith, Jane Medicare", "Line: HumanaOne\nPlan: Medicare", "mixed"),
        ("Smith, Jane", "Line: Medicare and HumanaOne", "mixed"),
        ("Smith, Jane Medicare", "Line: HumanaOne", "return line_conflict"),
        ("Smith, Jane Medicare", "Plan: Individual", "return line_conflict"),
        ("Smith, Jane Medicare", "Plan: Medicare Advantage", "exact Smith, Jane Medicare"),
        ("Smith, Jane Medicaid", "", "topic medicaid"),
        ("Smith, Jane Medicade", "", "topic medicaid"),
        ("Smith, Jane - Dental", "", "topic other_plan"),
        ("Smith, Jane TRICARE", "", "topic other_plan"),
        ("Dental - Smith, Jane", "", "topic other_plan"),
        ("Smith, Jane Commission", "", "topic commission"),
        ("Smith, Jane AOR change", "", "topic aor"),
    ]);
}

#[test]
fn names_that_cannot_be_one_person_are_told() {
    let desk = desk();
    let same = [
        ("Smith, Jane", "Jane Smith"),
        ("Smith, Jane", "Smith, Jane"),
        ("Smith, Jane", "SMITH, JANE"),
        ("Smith, Jane", "Smith Jane"),
        ("Smith, Jane", "Jane M. Smith"),
        ("Smith, Jane M", "Jane Smith"),
        ("Smith, Jane", "J. Smith"),
        ("Smith, J", "Jane Smith"),
        ("Smith, Jane", "Smith, J."),
        ("Smith, Robert", "Bob Smith"),
        ("Smith, Bob", "Robert Smith"),
        ("Smith, William", "Bill Smith"),
        ("Smith, Elizabeth", "Liz Smith"),
        ("Smith, Margaret", "Peggy Smith"),
        ("Smith Jr., John", "John Smith"),
        ("Smith, John", "John Smith, Jr."),
        ("Smith, John", "John Smith III"),
        ("Smith-Jones, Mary", "Mary Smith"),
        ("Smith, Mary", "Mary Smith-Jones"),
        ("Smith, Mary", "Mary Jones Smith"),
        ("Garcia Lopez, Maria", "Maria Garcia"),
        ("Garcia, Maria", "Maria Garcia Lopez"),
        ("Muñoz, José", "Jose Munoz"),
        ("Müller, Jörg", "Joerg Mueller"),
        ("O'Brien, Mary", "Mary OBrien"),
        ("O\u{2019}Brien, Mary", "Mary O'Brien"),
        ("O Brien, Mary", "Mary O'Brien"),
        ("de la Cruz, Maria", "Maria Delacruz"),
        ("De La Cruz, Maria", "MARIA DE LA CRUZ"),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("Smith, Mary Ann", "Mary Smith"),
        ("Smith, Maryann", "Mary Ann Smith"),
        ("Smith, Mary-Ann", "Mary Ann Smith"),
        ("Smith, John Robert", "Robert Smith"),
        ("Smith, Jane", "Mrs. Jane Smith"),
        ("Smith, Jane", "Jane Smith (DOB 01/02/1950)"),
        ("Smith, Jane", "Jane Smith - my client"),
        ("Smith, Jane", "Jane Smith, DOB 01/02/1950"),
        ("Smith, Jane", "Smith"),
        ("Smith, Jane", "Jane and John Smith"),
        ("Smith, John", "Jane & John Smith"),
        ("Smith, Robert", "Robert \"Bob\" Smith"),
        ("McDonald, Ronald", "Ronald Mc Donald"),
        ("Doe, Jane", "Jane Smith (formerly Jane Doe)"),
        ("Smith, Bob", "Zachary (Bob) Smith"),
        ("Smith, Jane", "Smith, Jane Medicare"),
        ("Nguyen, Thi My", "My Nguyen Thi"),
        ("Jane, Smith", "Jane Smith"),
    ];
    let other = [
        ("Smith, Jane", "John Smith"),
        ("Smith, Jane", "Smith, John"),
        ("Smith, Jane", "Jane Doe"),
        ("Smith, Jane", "Robert Jones"),
        ("Smith, Jane", "Jones, Jane"),
        ("Smith, Jane", "K. Smith"),
        ("Smith, Robert", "Ronald Smith"),
        ("Smith, John Lee", "Mary Lee Smith"),
        ("Smith, Paul", "Paula Smith"),
        ("Smith, Eric", "Erica Smith"),
        ("de la Cruz, Maria", "Maria de la Rosa"),
        ("van der Berg, Jan", "Jan van der Meer"),
        ("Smith, John A.", "Mary A. Smith"),
        ("Johnson, Jane", "Jane Johnston"),
        ("Smith Jr., John", "Jane Smith Jr."),
        ("O'Brien, Mary", "Mary O'Connor"),
        ("Smith, Jane", "Alan and Alice Smith"),
    ];
    let all = same.iter().map(|pair| (pair, false)).chain(other.iter().map(|pair| (pair, true)));
    let wrong: Vec<String> = all
        .filter(|((subject, name), mismatch)| {
            let judged = judged(&desk, &format!("{subject} Medicare"), &body(&format!("Member Name: {name}")));
            reasons(&judged) != if *mismatch { "member_mismatch" } else { "" }
        })
        .map(|((subject, name), mismatch)| format!("{subject:?} and {name:?} should mismatch: {mismatch}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_strict_desk_reads_the_template_alone() {
    let mut desk = desk();
    desk.subject.tolerance = mailclerk::desk::Tolerance::Strict;
    let name = body("Member Name: Jane Smith");
    assert_eq!(reasons(&judged(&desk, "Re: smith,jane medicare", &name)), "");
    for subject in ["Smith, Jane - Medicare", "Smith, Jane Medicre", "Medicare", "Smith, Jane MAPD", ""] {
        assert_eq!(reasons(&judged(&desk, subject, &name)), "subject_unreadable", "{subject:?}");
    }
}
