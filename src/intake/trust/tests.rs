//! The trust modes against headers that people and forgers write.

use super::*;

fn verdict(trust: &Trust, headers: &[&str]) -> Authentication {
    let raw = format!("{}\r\n\r\nbody\r\n", headers.join("\r\n"));
    authenticate(trust, &Message::read(raw.as_bytes()))
}

const FROM: &str = "From: Jo <jo@agency.example>";

#[test]
fn rfc8601_believes_only_its_own_topmost_field() {
    use Authentication::*;
    let trust = Trust::Rfc8601 { authserv_id: "mx.desk.example".into() };
    let good = "Authentication-Results: mx.desk.example; dmarc=pass header.from=agency.example";
    for (expected, headers) in [
        (Pass, vec![good, FROM]),
        (
            Pass,
            vec!["Authentication-Results: MX.desk.example 1; spf=none; dkim=pass (good) header.d=agency.example", FROM],
        ),
        (
            Pass,
            vec!["Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=bounce@mail.agency.example", FROM],
        ),
        (Unknown, vec![FROM]),
        (Unknown, vec!["Authentication-Results: mx.other.example; dmarc=pass header.from=agency.example", FROM]),
        (
            Unknown,
            vec![
                "Authentication-Results: (mx.desk.example;) evil.example; dmarc=pass header.from=agency.example",
                FROM,
            ],
        ),
        (Unknown, vec!["Authentication-Results: mx.desk.example.evil; dmarc=pass header.from=agency.example", FROM]),
        (Unknown, vec!["Authentication-Results: mx.desk.example; dmarc=pass", FROM]),
        (Unknown, vec!["Authentication-Results: mx.desk.example; dkim=pass header.d=evil.example", FROM]),
        (Unknown, vec!["Authentication-Results: mx.desk.example; dmarc=pass (\" header.from=agency.example", FROM]),
        (Fail, vec!["Authentication-Results: mx.desk.example; dmarc=pass header.from=evil.example", FROM]),
        (Fail, vec!["Authentication-Results: mx.desk.example; dmarc=fail header.from=agency.example", good, FROM]),
        (Fail, vec!["Authentication-Results: mx.desk.example; dmarc=fail; dkim=pass header.d=agency.example", FROM]),
        (Fail, vec!["Authentication-Results: mx.desk.example; spf=fail smtp.mailfrom=agency.example", FROM]),
        (Fail, vec![good, FROM, "From: Ann <ann@agency.example>"]),
        (Fail, vec![good, "From: jo@agency.example, ann@agency.example"]),
    ] {
        assert_eq!(verdict(&trust, &headers), expected, "{headers:?}");
    }
}

#[test]
fn the_other_modes() {
    use Authentication::*;
    let inside = "X-MS-Exchange-Organization-AuthAs: Internal";
    let dialect = "Authentication-Results: spf=pass smtp.mailfrom=agency.example; dmarc=pass action=none header.from=agency.example";
    assert_eq!(verdict(&Trust::Microsoft365, &[inside, FROM]), Pass);
    assert_eq!(verdict(&Trust::Microsoft365, &["X-MS-Exchange-Organization-AuthAs: Anonymous", FROM]), Unknown);
    assert_eq!(verdict(&Trust::Microsoft365, &[dialect, FROM]), Pass);
    let forged_below = [dialect.replace("pass", "fail"), dialect.to_owned()];
    assert_eq!(verdict(&Trust::Microsoft365, &[&forged_below[0], &forged_below[1], FROM]), Fail);
    let header = Trust::Header { name: "X-Verified".into(), value: "yes".into() };
    assert_eq!(verdict(&header, &["X-Verified: yes", FROM]), Pass);
    assert_eq!(verdict(&header, &["X-Verified: no", "X-Verified: yes", FROM]), Unknown);
    assert_eq!(verdict(&Trust::None, &["X-Verified: yes", FROM]), Unknown);
}
