//! `trust = none`: tokens of ours in the wrong hands, in the wrong thread, at the wrong place. Those that were changed
//! stand in `tokens_changed`.

use crate::world::{AGENT, COLLEAGUE, Expect, KNOWN, Mode, OTHER_STAFF, Row, STAFF, World, bytes, threaded};
use mailclerk::words::Template;
use mailclerk::words::keys::Keys;
use mailclerk::words::token::About;

pub fn rows(world: &World) -> Vec<Row> {
    let mut rows = replayed(world);
    rows.extend(misplaced(world));
    rows.extend(authors(world));
    rows.extend(headers_of_other_modes());
    rows
}

fn row(name: impl Into<String>, lines: &str, thread: &str) -> Row {
    Row { mode: Mode::None, name: name.into(), raw: threaded(lines, thread), expect: Expect::Held }
}

fn from_staff() -> String {
    format!("From: Lee Stone <{STAFF}>")
}

/// Whole tokens of ours that went to somebody else, are about something else, or prove nothing any more.
fn replayed(world: &World) -> Vec<Row> {
    let (first, second) = (&world.about(1), &world.about(2));
    let mut rows = Vec::new();
    let mut add = |name: String, thread: String| rows.push(row(name, &from_staff(), &thread));
    let whole = |token: &str| format!("In-Reply-To: <{token}>\nReferences: <{token}>\n");
    for purpose in Template::ALL {
        for (whose, address) in
            [("the requester's", AGENT), ("a colleague's", COLLEAGUE), ("other staff's", OTHER_STAFF)]
        {
            add(format!("{whose} {purpose}"), whole(&world.token(*purpose, first, address, 30)));
        }
        add(format!("staff's {purpose}, expired"), whole(&world.token(*purpose, first, STAFF, -1)));
    }
    let staffs = world.token(Template::Assignment, first, STAFF, 30);
    let agents = world.token(Template::Receipt, second, AGENT, 30);
    let other_keys = Keys::derive(&[8; 32]);
    let what = (Template::Assignment, first, STAFF, 30);
    let of_others = world.token_of(&other_keys, &world.desk.id, what);
    let of_other_desk = world.token_of(&world.keys, "another-desk", what);
    let nothing = world.token(Template::Digest, &About::Nothing, STAFF, 30);
    for (name, thread) in [
        ("no token", format!("In-Reply-To: <{KNOWN}>\n")),
        ("no thread", String::new()),
        ("expiring at this moment", whole(&world.token(Template::Assignment, first, STAFF, 0))),
        ("of another installation", whole(&of_others)),
        ("of another desk", whole(&of_other_desk)),
        (
            "of one case in the other's thread, by the requester's token",
            format!("In-Reply-To: <{agents}>\nReferences: <{staffs}>\n"),
        ),
        ("of one case in the other's thread, behind it", format!("References: <{staffs}> <{agents}>\n")),
        ("of the other case in a thread by Message-ID", format!("In-Reply-To: <{KNOWN}>\nReferences: <{nothing}>\n")),
        ("of no case in a case's thread", format!("In-Reply-To: <{nothing}>\nReferences: <{KNOWN}>\n")),
        (
            "an expired one among the requester's",
            format!(
                "In-Reply-To: <{agents}>\nReferences: <{}>\n",
                world.token(Template::Assignment, second, STAFF, -1)
            ),
        ),
        ("an expired one among hundreds", {
            let expired = world.token(Template::Assignment, first, STAFF, -1);
            let many: Vec<String> = (0..400).map(|n| format!("<x{n}@evil.example>")).collect();
            format!("References: {}\n <{expired}>\n {}\n", many[..200].join("\n "), many[200..].join("\n "))
        }),
        ("hundreds of the requester's", {
            let many = Template::ALL.iter().cycle().take(300).map(|one| world.token(*one, first, AGENT, 30));
            format!("References: {}\n", many.map(|id| format!("<{id}>")).collect::<Vec<_>>().join("\n "))
        }),
    ] {
        add(name.into(), thread);
    }
    rows
}

/// Staff's own token where it proves nothing.
fn misplaced(world: &World) -> Vec<Row> {
    let id = world.token(Template::Assignment, &world.about(1), STAFF, 30);
    let known = format!("In-Reply-To: <{KNOWN}>\n");
    let mut rows = Vec::new();
    for (name, field) in [
        ("Message-ID's twin", "X-Message-ID"),
        ("Resent-Message-ID", "Resent-Message-ID"),
        ("Thread-Index", "Thread-Index"),
        ("Thread-Topic", "Thread-Topic"),
        ("Original-Message-ID", "Original-Message-ID"),
        ("X-In-Reply-To", "X-In-Reply-To"),
        ("X-References", "X-References"),
        ("Content-ID", "Content-ID"),
        ("Comments", "Comments"),
        ("Keywords", "Keywords"),
        ("List-ID", "X-List"),
        ("Return-Path", "Return-Path"),
        ("our own mark", "X-Mailclerk-Message-ID"),
        ("a reference of another kind", "Reference"),
        ("a homoglyph", "In-R\u{435}ply-To"),
        ("Supersedes", "Supersedes"),
    ] {
        rows.push(row(format!("a token in {name}"), &format!("{field}: <{id}>\n{}", from_staff()), &known));
    }
    for (name, rest) in [
        ("the subject", format!("Subject: Re: {id}\n\n#resolve\n")),
        ("the subject in brackets", format!("Subject: Re: [<{id}>]\n\n#resolve\n")),
        ("the body", format!("Subject: x\n\n<{id}>\n#resolve\n")),
        ("a header in the body", format!("Subject: x\n\nIn-Reply-To: <{id}>\n\n#resolve\n")),
        ("quoted history", format!("Subject: x\n\n#resolve\n\n> Message-ID: <{id}>\n")),
        (
            "an attached message",
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n#resolve\n--b\nContent-Type: message/rfc822\n\nFrom: desk@desk.example\nMessage-ID: <{id}>\nIn-Reply-To: <{id}>\n\nx\n--b--\n"
            ),
        ),
        (
            "a part's header",
            format!("Content-Type: multipart/mixed; boundary=b\n\n--b\nIn-Reply-To: <{id}>\n\n#resolve\n--b--\n"),
        ),
        ("the recipient's display name", format!("To: \"<{id}>\" <desk@desk.example>\n\n#resolve\n")),
        ("Message-ID itself", format!("Message-ID: <{id}>\n\n#resolve\n")),
    ] {
        let raw = bytes(&format!("{}\nIn-Reply-To: <{KNOWN}>\n{rest}", from_staff()));
        rows.push(Row { mode: Mode::None, name: format!("a token in {name}"), raw, expect: Expect::Held });
    }
    rows
}

/// Staff's own token with an author who is not clearly the one whom it went to.
fn authors(world: &World) -> Vec<Row> {
    let id = world.token(Template::Assignment, &world.about(1), STAFF, 30);
    let authors = [
        ("other staff", "From: kim.reed@desk.example"),
        ("other staff under the first one's name", "From: \"lee.stone@desk.example\" <kim.reed@desk.example>"),
        ("two fields", "From: lee.stone@desk.example\nFrom: eve@evil.example"),
        ("two fields, staff last", "From: eve@evil.example\nFrom: lee.stone@desk.example"),
        ("two mailboxes", "From: lee.stone@desk.example, kim.reed@desk.example"),
        ("a group", "From: Staff: lee.stone@desk.example;"),
        ("two pairs of brackets", "From: <lee.stone@desk.example> <eve@evil.example>"),
        ("two pairs, staff last", "From: <eve@evil.example> <lee.stone@desk.example>"),
        ("a route", "From: <@evil.example:lee.stone@desk.example>"),
        ("an encoded word", "From: =?utf-8?q?lee.stone=40desk.example?="),
        ("Sender alone", "From: eve@evil.example\nSender: lee.stone@desk.example"),
        ("Reply-To alone", "From: eve@evil.example\nReply-To: lee.stone@desk.example"),
        ("the display name alone", "From: \"lee.stone@desk.example\" <eve@evil.example>"),
        ("a homoglyph", "From: l\u{435}e.stone@desk.example"),
        ("a subdomain", "From: lee.stone@mail.desk.example"),
        ("a sub-address", "From: lee.stone+1@desk.example"),
        ("a quoted local part", "From: \"lee.stone\"@desk.example"),
        ("no author", "Sender: lee.stone@desk.example"),
    ];
    let thread = format!("In-Reply-To: <{id}>\n");
    let row = |(name, from): (&str, &str)| Row {
        expect: Expect::NotBelieved,
        ..row(format!("author: {name}"), from, &thread)
    };
    authors.map(row).into()
}

/// Where nothing is believed, nothing of the other modes is.
fn headers_of_other_modes() -> Vec<Row> {
    let thread = format!("In-Reply-To: <{KNOWN}>\n");
    let modes = [Mode::Rfc8601, Mode::Microsoft365, Mode::Header];
    let mut rows: Vec<Row> = modes
        .iter()
        .map(|mode| {
            let lines = format!("{}\n{}", mode.genuine("desk.example"), from_staff());
            row(format!("the mark of {}", mode.name()), &lines, &thread)
        })
        .collect();
    let lines = format!("X-MS-Exchange-Organization-AuthAs: Internal\n{}", from_staff());
    rows.push(row("Exchange's mark of a colleague", &lines, &thread));
    let all = modes.map(|mode| mode.genuine("desk.example")).join("\n");
    rows.push(row("all marks together", &format!("{all}\n{}", from_staff()), &thread));
    rows
}
