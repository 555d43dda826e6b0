//! Headers that forgers write, over every way of knowing a pass: none is believed.

use mailclerk::intake::trust::{Authentication, authenticate};
use mailclerk::message::Message;
use mailclerk::settings::Trust;

const FROM: &str = "From: Jo <jo@agency.example>";

fn judged(trust: &Trust, headers: &[&str]) -> Authentication {
    authenticate(trust, &Message::read(format!("{}\r\n\r\nbody\r\n", headers.join("\r\n")).as_bytes()))
}

#[test]
fn no_forged_result_is_believed() {
    let trust = Trust::Rfc8601 { authserv_id: "mx.desk.example".into() };
    let pass = "dmarc=pass header.from=agency.example";
    let ids = [
        "mx.desk.example.evil.example",
        "evil-mx.desk.example",
        "mx.desk-example",
        "mxdesk.example",
        "mx.desk.example.",
        "mx..desk.example",
        "mx.desk.exampIe",
        "mx.d\u{435}sk.example",
        "desk.example",
        "x mx.desk.example",
        "(mx.desk.example) evil.example",
        "evil.example (mx.desk.example)",
        "mx.desk.example@evil.example",
        "mx.desk.example=1",
        "=mx.desk.example",
        "<mx.desk.example>",
        "mx.desk.example,",
        "mx.desk.example:25",
        "\"mx.desk.example",
        "(mx.desk.example",
        "mx.desk.example 1 2",
        "mx.desk.example/1",
        "'mx.desk.example'",
        "evil.example; mx.desk.example",
        ";mx.desk.example",
        "mx.desk.example\t1\t1",
        "*.desk.example",
        "localhost",
        "mx.desk.example\\",
        "=?utf-8?q?mx.desk.example?=",
    ];
    let statements = [
        "",
        "dmarc=pass",
        "dmarc=passed header.from=agency.example",
        "dmarc=none header.from=agency.example",
        "dmarc=pass header.from=evil.example",
        "dmarc=pass (header.from=agency.example)",
        "(dmarc=pass header.from=agency.example)",
        "dmarc=pass header.from=agency.example.evil.example",
        "dmarc=pass header.from=evilagency.example",
        "dmarc=pass; header.from=agency.example",
        "dkim=pass header.d=evil.example",
        "dkim=pass header.i=jo@agency.example@evil.example",
        "dkim=pass (header.d=agency.example)",
        "spf=pass smtp.mailfrom=agency.example@evil.example",
        "spf=pass smtp.helo=agency.example",
        "arc=pass header.from=agency.example",
        "iprev=pass policy.iprev=1.2.3.4",
        "dmarc=fail header.from=agency.example; dmarc=pass header.from=agency.example",
        "dmarc=pass header.from=evil.example; dmarc=pass header.from=agency.example",
        "dmarc=temperror header.from=agency.example",
        "dmarc=permerror header.from=agency.example",
        "spf=pass smtp.mailfrom=\"x; dmarc=pass header.from=agency.example\"@evil.example",
        "spf=fail reason=\"dmarc=pass header.from=agency.example\"",
        "dmarc=\"pass header.from=agency.example\"",
        "dmarc=fail (pass) header.from=agency.example",
        "xdmarc=pass header.from=agency.example",
        "auth=pass smtp.auth=jo@agency.example",
        "dmarc pass header.from=agency.example",
        "none",
        "dmarc=pass (unclosed header.from=agency.example",
    ];
    let mut tried = 0;
    let mut refuse = |trust: &Trust, headers: &[&str]| {
        tried += 1;
        assert_ne!(judged(trust, headers), Authentication::Pass, "{headers:?}");
    };
    for id in ids {
        refuse(&trust, &[&format!("Authentication-Results: {id}; {pass}"), FROM]);
    }
    let good = format!("Authentication-Results: mx.desk.example; {pass}");
    for statement in statements {
        let own = format!("Authentication-Results: mx.desk.example; {statement}");
        refuse(&trust, &[&own, FROM]);
        // What stands below the server's own result is the sender's.
        refuse(&trust, &[&own, &good, FROM]);
        // The dialect without an id never begins with one.
        refuse(&Trust::Microsoft365, &[&own, FROM]);
    }
    let own_id = "Authentication-Results: spf=pass smtp.mailfrom=agency.example; dmarc=fail header.from=agency.example";
    let dialect = format!("Authentication-Results: {pass}");
    refuse(&Trust::Microsoft365, &[own_id, &dialect, FROM]);
    for value in ["Anonymous", "internal@evil", "\"Internal\"", "Internal, Internal", "=?utf-8?q?Internal?="] {
        refuse(&Trust::Microsoft365, &[&format!("X-MS-Exchange-Organization-AuthAs: {value}"), FROM]);
        refuse(
            &Trust::Microsoft365,
            &[
                "X-MS-Exchange-Organization-AuthAs: Anonymous",
                &format!("X-MS-Exchange-Organization-AuthAs: {value}"),
                FROM,
            ],
        );
    }
    for from in [
        "From: jo@agency.example, eve@evil.example",
        "From: jo@agency.example\r\nFrom: eve@evil.example",
        "From: eve@evil.example\r\nFrom: jo@agency.example",
        "From: Team: jo@agency.example, eve@evil.example;",
        "From: \"jo@agency.example\" <eve@evil.example>",
        "From: =?utf-8?q?jo=40agency=2Eexample?= <eve@evil.example>",
        "From: jo@agency.example <eve@evil.example>",
        "From: <eve@evil.example> (jo@agency.example)",
        "From: =?utf-8?q?Jo_=3Cjo=40agency=2Eexample=3E?= <eve@evil.example>",
        "Sender: jo@agency.example",
        "From:",
        "From: undisclosed-recipients:;",
        "From: \"<jo@agency.example>\" eve@evil.example",
        "From: jo@agency.example.evil.example",
        "From: jo@evil.example",
    ] {
        refuse(&trust, &[&good, from]);
        refuse(&Trust::Microsoft365, &[&dialect, from]);
    }
    let header = Trust::Header { name: "X-Verified".into(), value: "yes".into() };
    for headers in [
        ["X-Verified: no", "X-Verified: yes"],
        ["X-Verified: yes, no", "X-Verified: yes"],
        ["X-Verified-: yes", "X-Verifled: yes"],
        ["X-Verified: yess", ""],
    ] {
        refuse(&header, &[headers[0], headers[1], FROM]);
    }
    refuse(&Trust::None, &[&good, &dialect, "X-MS-Exchange-Organization-AuthAs: Internal", FROM]);
    assert!(tried >= 100, "{tried}");
    assert_eq!(judged(&trust, &[&good, FROM]), Authentication::Pass, "and the true one is");
}
