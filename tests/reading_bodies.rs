//! Bodies as agents write them, in many shapes, and the values that are read from each.

use mailclerk::desk::{Desk, shipped};
use mailclerk::intake::{self, Completeness, Request, Source};
use mailclerk::message::Forwarded;
use mailclerk::words::Reason;

fn desk() -> Desk {
    shipped::desk("agent-rsos").expect("the main desk loads")
}

const SUBJECT: &str = "Smith, Jane Medicare";

fn read(desk: &Desk, visible: &str) -> Request {
    intake::read_parts(desk, Source { subject: SUBJECT, visible, ..Source::default() })
}

fn told(reasons: &[Reason]) -> String {
    let code = |reason: &Reason| match &reason.field {
        Some(field) => format!("{}/{field}", reason.code),
        None => reason.code.to_string(),
    };
    reasons.iter().map(code).collect::<Vec<_>>().join(" ")
}

/// Fields in one line: `name|san|id|member|reference|summary`, nothing for what was not read.
fn fields(judged: &Completeness) -> String {
    let ids = ["agent_name", "agent_san", "member_id", "member_name", "reference", "summary"];
    ids.map(|id| judged.fields.get(id).map_or("", String::as_str)).join("|").replace('\n', "/")
}

/// Each body and what is read from it: fields, and reasons behind ` ! ` where there are any.
fn check(table: &[(&str, &str)]) {
    let desk = desk();
    let mut wrong = Vec::new();
    for (body, expected) in table {
        let judged = intake::complete(&desk, &read(&desk, body));
        let mixed = if judged.mixed_by_labels { " mixed" } else { "" };
        let reasons = if judged.reasons.is_empty() { String::new() } else { format!(" ! {}", told(&judged.reasons)) };
        let got = format!("{}{reasons}{mixed}", fields(&judged));
        if got != *expected {
            wrong.push(format!("{body:?}\n   read     {got}\n   expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

const ALL: &str = "Bob Jones|1234567|H12345678|Jane Smith|ABC-99|ID card never came";

#[test]
fn the_template_in_every_dress() {
    let dresses = [
        "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #: ABC-99\nSummary of issue: ID card never came",
        "Agent Name:Bob Jones\nAgent SAN:1234567\nMember ID #:H12345678\nMember Name in question:Jane Smith\nReference #:ABC-99\nSummary of issue:ID card never came",
        "AGENT NAME: Bob Jones\nAGENT SAN: 1234567\nMEMBER ID #: H12345678\nMEMBER NAME IN QUESTION: Jane Smith\nREFERENCE #: ABC-99\nSUMMARY OF ISSUE: ID card never came",
        "agent name: Bob Jones\nagent san: 1234567\nmember id: H12345678\nmember name: Jane Smith\nref: ABC-99\nissue: ID card never came",
        "Agent Name: (Required) Bob Jones\nAgent SAN: (Required) 1234567\nMember ID #: (Required) H12345678\nMember Name in question: (Required) Jane Smith\nReference #: (If applicable) ABC-99\nSummary of issue: (Required) ID card never came",
        "Agent Name (Required): Bob Jones\nAgent SAN (Required): 1234567\nMember ID # (Required): H12345678\nMember Name in question (Required): Jane Smith\nReference # (If applicable): ABC-99\nSummary of issue (Required): ID card never came",
        "*Agent Name:* Bob Jones\n*Agent SAN:* 1234567\n*Member ID #:* H12345678\n*Member Name in question:* Jane Smith\n*Reference #:* ABC-99\n*Summary of issue:* ID card never came",
        "**Agent Name**: Bob Jones\n**Agent SAN**: 1234567\n**Member ID #**: H12345678\n**Member Name in question**: Jane Smith\n**Reference #**: ABC-99\n**Summary of issue**: ID card never came",
        "_Agent Name_: Bob Jones\n_Agent SAN_: 1234567\n_Member ID #_: H12345678\n_Member Name in question_: Jane Smith\n_Reference #_: ABC-99\n_Summary of issue_: ID card never came",
        "1. Agent Name: Bob Jones\n2. Agent SAN: 1234567\n3. Member ID #: H12345678\n4. Member Name in question: Jane Smith\n5. Reference #: ABC-99\n6. Summary of issue: ID card never came",
        "1) Agent Name: Bob Jones\n2) Agent SAN: 1234567\n3) Member ID #: H12345678\n4) Member Name in question: Jane Smith\n5) Reference #: ABC-99\n6) Summary of issue: ID card never came",
        "1.Agent Name: Bob Jones\n2.Agent SAN: 1234567\n3.Member ID #: H12345678\n4.Member Name in question: Jane Smith\n5.Reference #: ABC-99\n6.Summary of issue: ID card never came",
        "a) Agent Name: Bob Jones\nb) Agent SAN: 1234567\nc) Member ID #: H12345678\nd) Member Name in question: Jane Smith\ne) Reference #: ABC-99\nf) Summary of issue: ID card never came",
        "- Agent Name: Bob Jones\n- Agent SAN: 1234567\n- Member ID #: H12345678\n- Member Name in question: Jane Smith\n- Reference #: ABC-99\n- Summary of issue: ID card never came",
        "\u{2022}\tAgent Name: Bob Jones\n\u{2022}\tAgent SAN: 1234567\n\u{2022}\tMember ID #: H12345678\n\u{2022}\tMember Name in question: Jane Smith\n\u{2022}\tReference #: ABC-99\n\u{2022}\tSummary of issue: ID card never came",
        "\u{b7} Agent Name = Bob Jones\n\u{b7} Agent SAN = 1234567\n\u{b7} Member ID # = H12345678\n\u{b7} Member Name in question = Jane Smith\n\u{b7} Reference # = ABC-99\n\u{b7} Summary of issue = ID card never came",
        "Agent Name - Bob Jones\nAgent SAN - 1234567\nMember ID # - H12345678\nMember Name in question - Jane Smith\nReference # - ABC-99\nSummary of issue - ID card never came",
        "Agent Name \u{2013} Bob Jones\nAgent SAN \u{2013} 1234567\nMember ID # \u{2013} H12345678\nMember Name in question \u{2013} Jane Smith\nReference # \u{2013} ABC-99\nSummary of issue \u{2013} ID card never came",
        "Agent Name\tBob Jones\nAgent SAN\t1234567\nMember ID #\tH12345678\nMember Name in question\tJane Smith\nReference #\tABC-99\nSummary of issue\tID card never came",
        "Agent Name:\tBob Jones\nAgent SAN:\t1234567\nMember ID #:\tH12345678\nMember Name in question:\tJane Smith\nReference #:\tABC-99\nSummary of issue:\tID card never came",
        "Agent Name:\nBob Jones\nAgent SAN:\n1234567\nMember ID #:\nH12345678\nMember Name in question:\nJane Smith\nReference #:\nABC-99\nSummary of issue:\nID card never came",
        "Agent Name\nBob Jones\n\nAgent SAN\n1234567\n\nMember ID #\nH12345678\n\nMember Name in question\nJane Smith\n\nReference #\nABC-99\n\nSummary of issue\nID card never came",
        "Agent Name: Bob Jones\n\nAgent SAN: 1234567\n\n\nMember ID #: H12345678\n\nMember Name in question: Jane Smith\n\nReference #: ABC-99\n\nSummary of issue: ID card never came",
        "Agent Name: Bob Jones Agent SAN: 1234567 Member ID #: H12345678 Member Name in question: Jane Smith Reference #: ABC-99 Summary of issue: ID card never came",
        "Agent Name: Bob Jones, SAN: 1234567, Member ID: H12345678, Member Name: Jane Smith, Ref #: ABC-99, Issue: ID card never came",
        "Agent Name: Bob Jones | SAN: 1234567 | Member ID: H12345678 | Member Name: Jane Smith | Ref #: ABC-99 | Summary: ID card never came",
        "Agent Name: Bob Jones; Agent SAN: 1234567\nMember ID #: H12345678; Member Name: Jane Smith; Reference: ABC-99\nSummary: ID card never came",
        "Hi team, Agent Name: Bob Jones Agent SAN: 1234567 Member ID: H12345678 Member Name: Jane Smith Reference #: ABC-99 Summary of issue: ID card never came",
        "Agent Name\tAgent SAN\tMember ID #\tMember Name in question\tReference #\tSummary of issue\nBob Jones\t1234567\tH12345678\tJane Smith\tABC-99\tID card never came",
        "Agent Name\tBob Jones\tAgent SAN\t1234567\nMember ID #\tH12345678\tMember Name\tJane Smith\nReference #\tABC-99\t\t\nSummary of issue\tID card never came\t\t",
        "| Agent Name | Bob Jones |\n|---|---|\n| Agent SAN | 1234567 |\n| Member ID # | H12345678 |\n| Member Name in question | Jane Smith |\n| Reference # | ABC-99 |\n| Summary of issue | ID card never came |",
        "Agnet Name: Bob Jones\nAgent SNA: 1\nAgent SAN: 1234567\nMemeber ID #: H12345678\nMember Nmae in question: Jane Smith\nRefrence #: ABC-99\nSumary of isue: ID card never came",
        "AgentName: Bob Jones\nAgentSAN: 1234567\nMemberID: H12345678\nMemberName: Jane Smith\nRef#: ABC-99\nSummary: ID card never came",
        "Agent's Name: Bob Jones\nSAN#: 1234567\nMember ID No.: H12345678\nMember\u{2019}s Name: Jane Smith\nRef No: ABC-99\nIssue Summary: ID card never came",
        "Agent Name :Bob Jones\nAgent SAN :1234567\nMember ID# :H12345678\nMember Name in question :Jane Smith\nReference# :ABC-99\nSummary of issue :ID card never came",
        "Agent Name      Bob Jones\nAgent SAN       1234567\nMember ID #     H12345678\nMember Name     Jane Smith\nReference #     ABC-99\nSummary of issue    ID card never came",
        "Agent Name Bob Jones\nAgent SAN 1234567\nMember ID # H12345678\nMember Name Jane Smith\nReference # ABC-99\nSummary of issue: ID card never came",
        "Agent\u{a0}Name:\u{a0}Bob Jones\nAgent\u{a0}SAN:\u{a0}1234567\nMember\u{a0}ID\u{a0}#:\u{a0}H12345678\nMember Name in question:\u{a0}Jane Smith\nReference #: ABC-99\nSummary of issue:\u{a0}ID card never came",
        "Agent Name: Bob Jones\u{200b}\nAgent SAN: \u{200b}1234567\nMember ID #: H12345678\u{feff}\nMember Name in question: Jane Smith\nReference #: ABC-99\nSummary of issue: ID card never came",
        "Hello,\n\nPlease see below.\n\nAgent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #: ABC-99\nSummary of issue: ID card never came\n\nThank you,\nBob Jones\nJones Insurance Agency\n555-123-4567",
        "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #: ABC-99\n\nID card never came",
        "Summary of issue: ID card never came\nAgent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #: ABC-99",
        "Summary of issue: ID card never came\n\nReference #: ABC-99\nMember Name: Jane Smith\nMember ID: H12345678\nSAN: 1234567\nAgent Name: Bob Jones\n\nThanks,\nBob",
        "Agent Name / SAN: Bob Jones / 1234567\nMember Name / ID: Jane Smith / H12345678\nReference #: ABC-99\nSummary of issue: ID card never came",
        "Agent Name & SAN: Bob Jones 1234567\nMember Name & ID #: Jane Smith, H12345678\nReference #: ABC-99\nSummary of issue: ID card never came",
        "Agent Name:\nAgent SAN:\nMember ID #:\nMember Name in question:\nReference #:\nSummary of issue:\n\nBob Jones\n1234567\nH12345678\nJane Smith\nABC-99\nID card never came",
        "\"Agent Name\": Bob Jones\n\"Agent SAN\": 1234567\n\"Member ID #\": H12345678\n\"Member Name\": Jane Smith\n\"Reference #\": ABC-99\n\"Summary of issue\": ID card never came",
        "Agent Name --> Bob Jones\nAgent SAN --> 1234567\nMember ID # --> H12345678\nMember Name --> Jane Smith\nReference # --> ABC-99\nSummary of issue --> ID card never came",
        "Agent Name* : Bob Jones\nAgent SAN* : 1234567\nMember ID #* : H12345678\nMember Name in question* : Jane Smith\nReference # : ABC-99\nSummary of issue* : ID card never came",
        "Agent: Bob Jones\nSAN 1234567\nMember: Jane Smith ID: H12345678\nReference: ABC-99\nIssue: ID card never came",
        "Agent Name: Bob Jones\nID: 1234567\nMember Name: Jane Smith\nID: H12345678\nRef: ABC-99\nProblem: ID card never came",
        "AGENT NAME - Bob Jones / AGENT SAN - 1234567\nMEMBER ID - H12345678 / MEMBER NAME - Jane Smith\nREFERENCE # - ABC-99\nSUMMARY - ID card never came",
        "Agent Name: Bob Jones. Agent SAN: 1234567. Member ID #: H12345678. Member Name: Jane Smith. Reference #: ABC-99 Summary: ID card never came",
        "[Agent Name]: Bob Jones\n[Agent SAN]: 1234567\n[Member ID #]: H12345678\n[Member Name in question]: Jane Smith\n[Reference #]: ABC-99\n[Summary of issue]: ID card never came",
        "Agent Name (Required) Bob Jones\nAgent SAN (Required) 1234567\nMember ID # (Required) H12345678\nMember Name in question (Required) Jane Smith\nReference # (If applicable) ABC-99\nSummary of issue (Required) ID card never came",
        "Agent Name.....: Bob Jones\nAgent SAN......: 1234567\nMember ID #....: H12345678\nMember Name....: Jane Smith\nReference #....: ABC-99\nSummary........: ID card never came",
        "Agent Name:\tAgent SAN:\tMember ID #:\nBob Jones\t1234567\tH12345678\nMember Name in question:\tReference #:\tSummary of issue:\nJane Smith\tABC-99\tID card never came",
        "Agent Name-Bob Jones\nAgent SAN-1234567\nMember ID #-H12345678\nMember Name in question-Jane Smith\nReference #-ABC-99\nSummary of issue-ID card never came",
        "agent name Bob Jones\nsan 1234567\nmember id H12345678\nmember name Jane Smith\nref # ABC-99\nsummary: ID card never came",
        "Broker Name: Bob Jones\nSAN Number: 1234567\nMBR ID: H12345678\nClient Name: Jane Smith\nCase #: ABC-99\nDescription of issue: ID card never came",
    ];
    let table: Vec<(&str, &str)> = dresses.iter().map(|dress| (*dress, ALL)).collect();
    check(&table);
}

#[test]
fn values_as_they_are_written() {
    check(&[
        (
            "Agent Name: Bob Jones\nAgent SAN: SAN 123-4567\nMember ID #: H1234 5678\nSummary: needs new card please",
            "Bob Jones|SAN 123-4567|H1234 5678|Smith, Jane||needs new card please",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: #1234567\nMember ID #: h12345678\nSummary: needs new card please",
            "Bob Jones|#1234567|h12345678|Smith, Jane||needs new card please",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 123\nMember ID #: H12345678\nSummary: needs new card please",
            "Bob Jones||H12345678|Smith, Jane||needs new card please ! invalid_field/agent_san",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 12345678901\nMember ID #: H12\nSummary: needs new card please",
            "Bob Jones|||Smith, Jane||needs new card please ! invalid_field/agent_san invalid_field/member_id",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: N/A\nMember ID #: unknown\nSummary: needs new card please",
            "Bob Jones|||Smith, Jane||needs new card please ! missing_field/agent_san missing_field/member_id",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: TBD\nMember ID #: xxxxxxxxxxxx\nSummary: needs new card please",
            "Bob Jones|||Smith, Jane||needs new card please ! missing_field/agent_san missing_field/member_id",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: -\nMember ID #: [Member ID]\nSummary: needs new card please",
            "Bob Jones|||Smith, Jane||needs new card please ! missing_field/agent_san missing_field/member_id",
        ),
        (
            "Agent Name: [Agent Name]\nAgent SAN: ____\nMember ID #: unknown at this time\nSummary: see below",
            "|||Smith, Jane|| ! missing_field/agent_name missing_field/agent_san missing_field/member_id missing_field/summary",
        ),
        (
            "Agent Name:\nAgent SAN:\nMember ID #:\nMember Name in question:\nReference #:\nSummary of issue:",
            "|||Smith, Jane|| ! missing_field/agent_name missing_field/agent_san missing_field/member_id missing_field/summary",
        ),
        (
            "Agent Name: (Required)\nAgent SAN: (Required)\nMember ID #: (Required)\nMember Name in question: (Required)\nReference #: (If applicable)\nSummary of issue: (Required)",
            "|||Smith, Jane|| ! missing_field/agent_name missing_field/agent_san missing_field/member_id missing_field/summary",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: not sure\nSummary: needs card",
            "Bob Jones|1234567||Smith, Jane|| ! missing_field/member_id invalid_field/summary",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: lost the card\nSummary: needs new card now",
            "Bob Jones|1234567||Smith, Jane||needs new card now ! invalid_field/member_id",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678 (new id)\nSummary: needs new card now",
            "Bob Jones|1234567|H12345678 (new id)|Smith, Jane||needs new card now",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567 - Humana\nMember ID #: H12345678, H87654321\nSummary: needs new card now",
            "Bob Jones|1234567 - Humana|H12345678, H87654321|Smith, Jane||needs new card now",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: 123-45-6789\nSummary: needs new card now",
            "Bob Jones|1234567|123-45-6789|Smith, Jane||needs new card now",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: ABCDEFGH\nSummary: needs new card now",
            "Bob Jones|1234567||Smith, Jane||needs new card now ! invalid_field/member_id",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: 1EG4-TE5-MK73\nReference #: N/A\nSummary: needs new card now",
            "Bob Jones|1234567|1EG4-TE5-MK73|Smith, Jane||needs new card now",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #:\nSummary of issue: Her claim was denied.\nShe called twice.\n\nPlease review it.\n\nThanks,\nBob",
            "Bob Jones|1234567|H12345678|Jane Smith||Her claim was denied./She called twice.//Please review it.",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #:\n\nHer ID card never came. Please resend it.",
            "Bob Jones|1234567|H12345678|Jane Smith||Her ID card never came. Please resend it.",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\n\nThanks,\nBob Jones\nJones Insurance Agency\n555-123-4567",
            "Bob Jones|1234567|H12345678|Jane Smith|| ! missing_field/summary",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\n\nBob Jones\nJones Insurance Agency\n555-123-4567",
            "Bob Jones|1234567|H12345678|Jane Smith|| ! missing_field/summary",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\nSummary: see below\n\nShe never received her new card.",
            "Bob Jones|1234567|H12345678|Jane Smith||see below//She never received her new card.",
        ),
        (
            "Summary:\nAgent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\nShe never received her new card.",
            "Bob Jones|1234567|H12345678|Jane Smith||She never received her new card.",
        ),
        (
            "My client Jane Smith, H12345678, never got her card. My SAN is 1234567. Bob Jones",
            "|||Smith, Jane|| ! missing_field/agent_name missing_field/agent_san missing_field/member_id missing_field/summary",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nSummary: Member ID card was lost and the member name - misspelled on it.\nThe issue: she moved.",
            "Bob Jones|1234567|H12345678|Smith, Jane||Member ID card was lost and the member name - misspelled on it./The issue: she moved.",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nSummary: She called about the issue: her card never came.\nPharmacy: Walgreens\nPhone: 555-123-4567",
            "Bob Jones|1234567|H12345678|Smith, Jane||She called about the issue: her card never came./Pharmacy: Walgreens/Phone: 555-123-4567",
        ),
        (
            "Agent Name: Bob Jones\nPhone: 555-123-4567\nEmail: bob@example.com\nAgent SAN: 1234567\nAgency: Jones Insurance\nMember ID #: H12345678\nDOB: 01/02/1950\nSummary: card never came yet",
            "Bob Jones|1234567|H12345678|Smith, Jane||card never came yet",
        ),
        (
            "Agency Name: Jones Insurance\nAgent SAN: 1234567\nMember ID #: H12345678\nSummary: card never came yet",
            "|1234567|H12345678|Smith, Jane||card never came yet ! missing_field/agent_name",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember: Jane Smith\nMember #: H12345678\nSummary: card never came yet",
            "Bob Jones|1234567|H12345678|Jane Smith||card never came yet",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\nIssue\n- card never came\n- called twice already",
            "Bob Jones|1234567|H12345678|Jane Smith||card never came/- called twice already",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\nSummary of issue: card",
            "Bob Jones|1234567|H12345678|Jane Smith|| ! invalid_field/summary",
        ),
        (
            "AGENT NAME: BOB JONES\nAGENT SAN: 1234567\nMEMBER ID: H12345678\nMEMBER NAME: JANE SMITH\n\nHER ID CARD NEVER CAME PLEASE RESEND",
            "BOB JONES|1234567|H12345678|JANE SMITH||HER ID CARD NEVER CAME PLEASE RESEND",
        ),
        (
            "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name: Jane Smith\nReference #: none\nSummary: 1. card never came\n2. claim denied",
            "Bob Jones|1234567|H12345678|Jane Smith||1. card never came/2. claim denied",
        ),
        ("", "||||| ! empty"),
        ("  \n\u{200b}\n", "||||| ! empty"),
    ]);
}

#[test]
fn members_one_or_several() {
    const HEAD: &str = "Agent Name: Bob\nAgent SAN: 1234567\n";
    let desk = desk();
    let table = [
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nSummary: card never came\n\nMember ID #: H87654321\nMember Name: John Smith\nSummary: card never came too",
            "several_members",
        ),
        (
            "Member Name: Jane Smith\nMember ID #: H12345678\nSummary: card never came\n\nMember Name: Alan Brown\nMember ID #: H87654321\nSummary: card never came too",
            "several_members",
        ),
        (
            "Member 1 Name: Jane Smith\nMember 1 ID: H12345678\nMember 2 Name: John Smith\nMember 2 ID: H87654321\nSummary: cards never came at all",
            "several_members",
        ),
        (
            "Member ID #: H12345678, H87654321\nMember Name: Jane and John Smith\nSummary: cards never came at all",
            "several_members",
        ),
        (
            "Member ID #: H12345678 / H87654321\nMember Name: Jane Smith / John Smith\nSummary: cards never came at all",
            "several_members",
        ),
        (
            "Member ID #: H12345678 and H87654321\nMember Name: Jane Smith & John Smith\nSummary: cards never came at all",
            "several_members",
        ),
        (
            "Member Name\tMember ID #\nJane Smith\tH12345678\nJohn Smith\tH87654321\nSummary: cards never came at all",
            "several_members",
        ),
        (
            "Member ID #: H12345678\nMember ID #: H87654321\nMember Name: Jane Smith\nSummary: card never came at all",
            "",
        ),
        ("Member ID #: H12345678, H87654321\nMember Name: Jane Smith\nSummary: card never came at all", ""),
        (
            "Member Name: Jane Smith\nMember ID #: H12345678\nMember ID #: H87654321\nSummary: card never came at all",
            "",
        ),
        ("Member Name: Jane and John Smith\nMember ID #: H12345678\nSummary: card never came at all", ""),
        ("Member Name: Jane Smith\nMember ID #: H12345678\nSummary: card never came, her husband John got his", ""),
        (
            "Member Name: Jane Smith\nMember ID #: H12345678\nMember Name: Jane Smith\nMember ID #: H12345678\nSummary: card never came at all",
            "",
        ),
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nSummary: needs a card. Also, please send one to her husband John Smith, member ID: H87654321.",
            "several_members",
        ),
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nSummary: needs a card. Please do the same for Alan Brown (H87654321).",
            "several_members",
        ),
        (
            "Member 1: Jane Smith H12345678\nMember 2: John Smith H87654321\nSummary: both need new cards",
            "several_members",
        ),
        ("Members: Jane Smith (H12345678), Alan Brown (H87654321)\nSummary: both need new cards", "several_members"),
        (
            "Member ID #: H12345678 (Jane), H87654321 (John)\nMember Name: Jane Smith and John Smith\nSummary: both need new cards",
            "several_members",
        ),
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nSummary: She needs a card. Her husband John Smith H87654321 already got his.",
            "",
        ),
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nSummary: Please fix her card. Claim 123456789 for Dr. Alan Brown was denied.",
            "",
        ),
        (
            "Member ID #: H12345678 (old one was H87654321)\nMember Name: Jane Smith (formerly Jane Doe)\nSummary: need new card please",
            "",
        ),
        ("Member Name: Jane Smith\nMember ID #: H12345678\nSummary: card never came, her old ID was H87654321", ""),
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nLine: Medicare\nSummary: card never came\n\nMember ID #: H87654321\nMember Name: John Smith\nLine: HumanaOne\nSummary: card never came too",
            "several_members mixed",
        ),
        (
            "Member ID #: H12345678\nMember Name: Jane Smith\nPlan: Individual Medicare Advantage\nSummary: card never came at all",
            "",
        ),
    ];
    let mut wrong = Vec::new();
    for (body, expected) in table {
        let judged = intake::complete(&desk, &read(&desk, &format!("{HEAD}{body}")));
        let mixed = if judged.mixed_by_labels { " mixed" } else { "" };
        let got = format!("{}{mixed}", told(&judged.reasons));
        if got != expected {
            wrong.push(format!("{body:?}\n   read {got:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const WHOLE: &str = "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nReference #: ABC-99\nSummary of issue: ID card never came";

fn inner(subject: &str, text: &str) -> Forwarded {
    Forwarded {
        from: None,
        subject: Some(subject.to_owned()),
        text: text.to_owned(),
        visible: text.to_owned(),
        attached: true,
    }
}

#[test]
fn forwards_and_signatures_are_read_where_the_body_lacks_the_template() {
    let desk = desk();
    let forwarded = [inner(SUBJECT, WHOLE)];
    let request = intake::read_parts(
        &desk,
        Source { subject: "Fwd: please", visible: "See below", forwarded: &forwarded, ..Source::default() },
    );
    let judged = intake::complete(&desk, &request);
    assert_eq!((fields(&judged).as_str(), told(&judged.reasons)), (ALL, String::new()));
    assert_eq!(judged.canonical_subject.as_deref(), Some(SUBJECT));

    let request =
        intake::read_parts(&desk, Source { subject: SUBJECT, visible: "", forwarded: &forwarded, ..Source::default() });
    assert_eq!(told(&intake::complete(&desk, &request).reasons), "");

    let request = intake::read_parts(
        &desk,
        Source {
            subject: SUBJECT,
            visible: "SAN: 7654321\nsee below please",
            forwarded: &forwarded,
            ..Source::default()
        },
    );
    assert_eq!(intake::complete(&desk, &request).fields["agent_san"], "7654321");

    let body = WHOLE.replace("Agent SAN: 1234567\n", "");
    for signature in
        ["--\nBob Jones\nSAN: 1234567", "Bob Jones | SAN 1234567 | 555-123-4567", "Bob\nAgent SAN# 1234567"]
    {
        let request =
            intake::read_parts(&desk, Source { subject: SUBJECT, visible: &body, signature, ..Source::default() });
        assert_eq!(told(&intake::complete(&desk, &request).reasons), "", "{signature:?}");
    }
    let body = WHOLE.replace("Agent Name: Bob Jones\n", "");
    let request = intake::read_parts(
        &desk,
        Source { subject: SUBJECT, visible: &body, signature: "Agent Name: Bob Jones", ..Source::default() },
    );
    assert_eq!(told(&intake::complete(&desk, &request).reasons), "missing_field/agent_name");
    let request = intake::read_parts(
        &desk,
        Source { subject: SUBJECT, visible: "any news?", quoted: WHOLE, ..Source::default() },
    );
    assert_eq!(intake::complete(&desk, &request).fields.len(), 1);
}

#[test]
fn social_security_numbers_and_birth_dates_warn() {
    let desk = desk();
    let pii = |more: &str| read(&desk, &format!("{WHOLE}\n{more}")).pii;
    assert!(pii("Her DOB is 01/02/1950"));
    assert!(pii("SSN 123456789"));
    assert!(pii("123-45-6789"));
    assert!(!pii("call 555-123-4567 before 01/02/2026"));
    assert!(!pii("123456789"));
}

#[test]
fn a_desk_that_reads_prose_takes_identifiers_behind_their_names() {
    let mut desk = desk();
    let body = "My SAN is 1234567, member ID H12345678. Her card never came and she called twice about it.";
    assert!(!read(&desk, body).given.contains_key("agent_san"));
    desk.prose = true;
    let judged = intake::complete(&desk, &read(&desk, body));
    assert_eq!(judged.fields["agent_san"], "1234567");
    assert_eq!(judged.fields["member_id"], "H12345678");
    assert!(judged.fields["summary"].contains("card never came"));
}

#[test]
fn own_words_hold_the_template_or_do_not() {
    let desk = desk();
    let mail = |body: &str| {
        let head = "From: bob@example.com\r\nTo: desk@example.com\r\nSubject: Out of office\r\n\r\n";
        mailclerk::message::Message::read(format!("{head}{}", body.replace('\n', "\r\n")).as_bytes())
    };
    assert!(intake::holds_template(&desk, &mail(WHOLE)));
    assert!(!intake::holds_template(&desk, &mail("I am away until Monday.\nSAN: 1234567")));
    let quoted: Vec<String> = WHOLE.lines().map(|line| format!("> {line}")).collect();
    let away = format!("I am away until Monday.\n\nOn Monday the desk wrote:\n{}", quoted.join("\n"));
    assert!(!intake::holds_template(&desk, &mail(&away)));
}
