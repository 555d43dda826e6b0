//! What servers really write, in each mode: believed, so that the tables of forged mail can fail both ways.

use crate::world::{AGENT, COLLEAGUE, KNOWN, Mode, OTHER_STAFF, STAFF, World, message, threaded};
use mailclerk::case::LinkRole;
use mailclerk::words::{Decision, ReasonCode, Template};

const FIELDS: &[(Mode, &str)] = &[
    (Mode::Rfc8601, "Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example"),
    (Mode::Rfc8601, "authentication-results: MX.Desk.Example 1; dmarc=PASS header.from=DESK.example"),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example;\n\tdmarc=pass (p=reject dis=none)\n\theader.from=desk.example;",
    ),
    (Mode::Rfc8601, "Authentication-Results: mx.desk.example (amavisd-new); dmarc = pass header.from = desk.example"),
    (Mode::Rfc8601, "Authentication-Results: mx.desk.example; dmarc/1=pass header.from=\"desk.example\""),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example; dkim=pass (2048-bit key) header.d=desk.example header.i=@desk.example header.b=abcdefg= x-bits=2048",
    ),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example; dkim=pass header.i=@desk.example header.s=s1 header.b=Ab/Cd+12",
    ),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example; dkim=fail header.d=list.example; dkim=pass header.d=mail.desk.example",
    ),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example; spf=pass (mx: domain of a@desk.example designates 192.0.2.1) smtp.mailfrom=a@desk.example; dmarc=none header.from=desk.example",
    ),
    (Mode::Rfc8601, "Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=bounces.desk.example"),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example; dmarc=pass policy.published-domain-policy=none policy.policy-from=p header.from=desk.example",
    ),
    (Mode::Rfc8601, "Authentication-Results: mx.desk.example; dmarc=pass(p=NONE) header.from=desk.example;"),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.other.example; dmarc=fail header.from=desk.example\nAuthentication-Results: mx.desk.example; dmarc=pass header.from=desk.example",
    ),
    (
        Mode::Rfc8601,
        "Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\nAuthentication-Results: mx.desk.example; dkim=fail header.d=desk.example\nAuthentication-Results: mx.desk.example; spf=none smtp.mailfrom=desk.example",
    ),
    (
        Mode::Rfc8601,
        "Received: by mx.desk.example\nAuthentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\nReceived: from x",
    ),
    (
        Mode::Microsoft365,
        "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\n smtp.mailfrom=desk.example; dkim=pass (signature was verified)\n header.d=desk.example;dmarc=pass action=none\n header.from=desk.example;compauth=pass reason=100",
    ),
    (
        Mode::Microsoft365,
        "Authentication-Results: spf=pass smtp.mailfrom=desk.example; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none header.from=desk.example;compauth=pass reason=109",
    ),
    (
        Mode::Microsoft365,
        "X-MS-Exchange-Organization-AuthAs: Anonymous\nAuthentication-Results: dmarc=pass action=none header.from=desk.example",
    ),
    (
        Mode::Microsoft365,
        "Authentication-Results: dkim=none (message not signed)\n header.d=none;dmarc=none action=none header.from=desk.example;\nX-MS-Exchange-Organization-AuthSource: mx\nX-MS-Exchange-Organization-AuthAs: Internal",
    ),
    (Mode::Microsoft365, "x-ms-exchange-organization-authas: Internal"),
    (
        Mode::Microsoft365,
        "Authentication-Results: dmarc=pass action=none header.from=desk.example\nAuthentication-Results: mx.other.example; dmarc=fail header.from=desk.example",
    ),
    (Mode::Header, "X-Verified: yes; by=mx"),
    (Mode::Header, "x-verified:  yes; by=mx \t"),
    (Mode::Header, "X-Verified: yes;\n by=mx"),
    (Mode::Header, "X-Verified: yes; by=mx\nX-Verified: yes; by=mx"),
];

const AUTHORS: &[&str] = &[
    "lee.stone@desk.example",
    "<lee.stone@desk.example>",
    "Lee Stone <Lee.Stone@Desk.Example>",
    "\"Stone, Lee\" <lee.stone@desk.example>",
    "=?utf-8?q?L=C3=A9e?= Stone <lee.stone@desk.example>",
    "L\u{e9}e Stone <lee.stone@desk.example> (at work)",
    "Lee J. Stone [Support] (west)\n\t<lee.stone@desk.example>",
    "lee.stone@desk.example <lee.stone@desk.example>",
    "lee.stone@desk.example (Lee \"L\" Stone)",
    "\"Lee (pat.hill@desk.example)\" <lee.stone@desk.example>",
];

#[test]
fn staff_and_colleagues_are_believed() {
    let world = World::new();
    for (mode, fields) in FIELDS {
        let (_, judged) = world.judge(*mode, &message(&format!("{fields}\nFrom: Lee <{STAFF}>")));
        let role = judged.belongs.map(|(_, role)| role);
        assert_eq!((judged.decision, role), (Decision::Attach, Some(LinkRole::Staff)), "{fields}: {:?}", judged.trace);
        let (_, judged) = world.judge(*mode, &message(&format!("{fields}\nFrom: Pat <{COLLEAGUE}>")));
        assert_eq!(judged.belongs.map(|(_, role)| role), Some(LinkRole::Internal), "{fields}");
    }
}

#[test]
fn authors_are_believed_in_every_usual_form() {
    let world = World::new();
    for mode in [Mode::Rfc8601, Mode::Microsoft365, Mode::Header] {
        for author in AUTHORS {
            let (_, judged) = world.judge(mode, &message(&format!("{}\nFrom: {author}", mode.genuine("desk.example"))));
            assert_eq!(judged.belongs.map(|(_, role)| role), Some(LinkRole::Staff), "{}: {author}", mode.name());
        }
    }
}

#[test]
fn an_internationalised_domain_is_itself_in_both_spellings() {
    let world = World::new();
    for (from, domain) in [("b\u{fc}ro.example", "xn--bro-hoa.example"), ("xn--bro-hoa.example", "b\u{fc}ro.example")] {
        let headers = format!("{}\nFrom: jo@{from}\nReply-To: desk@{from}", Mode::Rfc8601.genuine(domain));
        let (_, judged) = world.judge(Mode::Rfc8601, &message(&headers));
        assert_eq!(judged.answer_to.unwrap().address.local(), "desk", "{from} passes, so its Reply-To counts");
    }
}

#[test]
fn participants_are_believed_and_those_who_fail_are_held() {
    let world = World::new();
    for mode in [Mode::Rfc8601, Mode::Microsoft365, Mode::Header, Mode::None] {
        let headers = format!("{}\nFrom: {AGENT}\nReply-To: office@agency.example", mode.genuine("agency.example"));
        let (_, judged) = world.judge(mode, &message(&headers));
        let role = judged.belongs.map(|(_, role)| role);
        assert_eq!((judged.decision, role), (Decision::Attach, Some(LinkRole::Participant)), "{}", mode.name());
        let reply_to = judged.answer_to.unwrap().address.to_string();
        assert_eq!(reply_to == "office@agency.example", mode != Mode::None, "{}", mode.name());
    }
    for mode in [Mode::Rfc8601, Mode::Microsoft365] {
        let headers = format!("{}\nFrom: {AGENT}", mode.genuine("agency.example").replace("dmarc=pass", "dmarc=fail"));
        let (_, judged) = world.judge(mode, &message(&headers));
        let reason = judged.reasons.first().map(|reason| reason.code);
        assert_eq!(
            (judged.decision, reason),
            (Decision::Hold, Some(ReasonCode::UnauthenticatedParticipant)),
            "{}",
            mode.name()
        );
    }
    let (_, judged) = world.judge(Mode::Rfc8601, &message(&format!("From: {STAFF}")));
    assert_eq!(judged.reasons.first().map(|reason| reason.code), Some(ReasonCode::UnauthenticatedStaff));
}

#[test]
fn a_token_proves_whom_it_went_to() {
    let world = World::new();
    let id = world.token(Template::Assignment, &world.about(1), STAFF, 30);
    let others = (0..200).map(|n| format!("<other-{n}@agency.example>")).collect::<Vec<_>>().join("\n ");
    let local = id.split('@').next().unwrap();
    let theirs = world.token(Template::Receipt, &world.about(1), AGENT, 30);
    for (what, thread) in [
        ("in In-Reply-To", format!("In-Reply-To: <{id}>\n")),
        ("in References alone", format!("References: <{KNOWN}> <{id}>\n")),
        ("among hundreds", format!("References: {others}\n <{id}>\n {others}\n <{KNOWN}>\n")),
        ("in capitals", format!("In-Reply-To: <{}>\n", id.to_uppercase())),
        ("with another domain", format!("In-Reply-To: <{local}@gateway.example>\n")),
        ("folded inside", format!("In-Reply-To: <{}\n {}>\n", &id[..40], &id[40..])),
        (
            "behind the requester's of the same case",
            format!("In-Reply-To: <{theirs}>\nReferences: <{id}> <{theirs}>\n"),
        ),
    ] {
        let (_, judged) = world.judge(Mode::None, &threaded(&format!("From: Lee Stone <{STAFF}>"), &thread));
        let role = judged.belongs.map(|(_, role)| role);
        assert_eq!((judged.decision, role), (Decision::Attach, Some(LinkRole::Staff)), "{what}: {:?}", judged.trace);
        let (_, judged) = world.judge(Mode::None, &threaded(&format!("From: <{OTHER_STAFF}>"), &thread));
        assert_eq!(judged.decision, Decision::Hold, "somebody else's, {what}");
    }
}
