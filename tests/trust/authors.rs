//! `From` fields that name staff to one reader and somebody else to another, under every way of knowing a pass. The
//! server's mark says that the author passes, as it would for a colleague's or a forger's own address.

use crate::world::{Expect, Mode, Row, message};

/// Forged by somebody whom the server believes to be at the desk's own domain.
const COLLEAGUES: &[(&str, &str)] = &[
    ("two fields, staff first", "From: lee.stone@desk.example\nFrom: pat.hill@desk.example"),
    ("two fields, staff last", "From: pat.hill@desk.example\nFrom: lee.stone@desk.example"),
    ("two fields, the same", "From: lee.stone@desk.example\nFrom: lee.stone@desk.example"),
    ("two fields in other letters", "FROM: pat.hill@desk.example\nfrom: lee.stone@desk.example"),
    ("two fields, one empty", "From:\nFrom: lee.stone@desk.example"),
    ("two fields, one without an address", "From: Lee\nFrom: lee.stone@desk.example"),
    ("two fields, one with a space before its colon", "From : lee.stone@desk.example\nFrom: pat.hill@desk.example"),
    ("one field with a space before its colon", "From : lee.stone@desk.example"),
    ("one field with a tab before its colon", "From\t: lee.stone@desk.example"),
    ("two mailboxes", "From: pat.hill@desk.example, lee.stone@desk.example"),
    ("two mailboxes, staff first", "From: Lee <lee.stone@desk.example>, Pat <pat.hill@desk.example>"),
    ("two mailboxes, a semicolon between", "From: pat.hill@desk.example; lee.stone@desk.example"),
    ("two mailboxes, folded", "From: pat.hill@desk.example,\n lee.stone@desk.example"),
    ("an empty mailbox before", "From: , lee.stone@desk.example"),
    ("an empty mailbox behind", "From: lee.stone@desk.example,"),
    ("a name without an address before", "From: Pat Hill, lee.stone@desk.example"),
    ("an invalid address before", "From: pat@, lee.stone@desk.example"),
    ("a group", "From: Staff: lee.stone@desk.example;"),
    ("a group with two", "From: Staff: lee.stone@desk.example, pat.hill@desk.example;"),
    ("a group not closed", "From: Staff: lee.stone@desk.example"),
    ("a group without a name", "From: : lee.stone@desk.example;"),
    ("an empty group and an address", "From: Staff:; lee.stone@desk.example"),
    ("an address and an empty group", "From: lee.stone@desk.example, Staff:;"),
    ("a quoted group", "From: \"Staff\": lee.stone@desk.example;"),
    ("two pairs of brackets, staff first", "From: <lee.stone@desk.example> <pat.hill@desk.example>"),
    ("two pairs of brackets, staff last", "From: <pat.hill@desk.example> <lee.stone@desk.example>"),
    ("two pairs of brackets, one empty", "From: <> <lee.stone@desk.example>"),
    ("brackets in brackets", "From: <<lee.stone@desk.example>>"),
    ("brackets in brackets with another", "From: <pat.hill@desk.example<lee.stone@desk.example>>"),
    ("brackets not closed", "From: Lee <lee.stone@desk.example"),
    ("brackets not opened", "From: lee.stone@desk.example>"),
    ("an address behind the brackets", "From: <lee.stone@desk.example> pat.hill@desk.example"),
    ("an address before the brackets", "From: pat.hill@desk.example <lee.stone@desk.example>"),
    ("an address before empty brackets", "From: lee.stone@desk.example <>"),
    ("an address before a bad one", "From: lee.stone@desk.example <pat.hill>"),
    ("a name behind a bare address", "From: lee.stone@desk.example Pat Hill"),
    ("a name before a bare address", "From: Pat Hill lee.stone@desk.example"),
    ("two bare addresses", "From: pat.hill@desk.example lee.stone@desk.example"),
    ("a route", "From: <@desk.example:lee.stone@desk.example>"),
    ("a route of two", "From: <@a.example,@desk.example:lee.stone@desk.example>"),
    ("a mailto link", "From: <mailto:lee.stone@desk.example>"),
    ("an address as an encoded word", "From: =?utf-8?q?lee.stone=40desk.example?="),
    ("an address as an encoded word in base 64", "From: =?utf-8?b?bGVlLnN0b25lQGRlc2suZXhhbXBsZQ==?="),
    ("an encoded word in brackets", "From: Pat <=?utf-8?q?lee.stone=40desk.example?=>"),
    ("an encoded local part", "From: <=?utf-8?q?lee.stone?=@desk.example>"),
    ("an encoded domain", "From: <lee.stone@=?utf-8?q?desk.example?=>"),
    ("a comment in the address", "From: <lee.stone(x)@desk.example>"),
    ("a comment in a bare address", "From: lee.(x)stone@desk.example"),
    ("a comment not closed", "From: (Pat lee.stone@desk.example"),
    ("a quote not closed", "From: \"Pat <lee.stone@desk.example>"),
    ("a quote closed late", "From: \"Pat <pat.hill@desk.example>, \" lee.stone@desk.example"),
    ("an escaped quote", "From: \"Pat\\\" <lee.stone@desk.example>"),
    ("a quoted local part", "From: \"lee.stone\"@desk.example"),
    ("a quoted local part in brackets", "From: <\"lee.stone\"@desk.example>"),
    ("a local part quoted in part", "From: <lee.\"stone\"@desk.example>"),
    ("an escaped letter in a quoted local part", "From: <\"lee\\.stone\"@desk.example>"),
    ("single quotes", "From: 'lee.stone@desk.example'"),
    ("spaces round the at sign", "From: lee.stone @ desk.example"),
    ("a space in brackets", "From: < lee.stone@desk.example >"),
    ("folded in the address", "From: <lee.stone@\n desk.example>"),
    ("folded in the local part", "From: <lee.\n stone@desk.example>"),
    ("a tab in the address", "From: <lee.stone\t@desk.example>"),
    ("a NUL in the address", "From: <lee.stone@desk.example\u{0}>"),
    ("a NUL before the at sign", "From: lee.stone\u{0}@desk.example"),
    ("a bare CR in the address", "From: <lee.stone@desk\r.example>"),
    ("a bare CR before another From", "From: pat.hill@desk.example\rFrom: lee.stone@desk.example"),
    ("a backspace", "From: <lee.stonee\u{8}@desk.example>"),
    ("a byte order mark", "From: \u{feff}lee.stone@desk.example"),
    ("escapes of a Japanese charset", "From: <lee\u{1b}$B\u{1b}(B.stone@desk.example>"),
    ("a byte that is no UTF-8", "From: \u{e0e9} <lee.stone@desk.example>"),
    ("a no-break space behind it", "From: lee.stone@desk.example\u{a0}"),
    ("a no-break space before it", "From: \u{a0}lee.stone@desk.example"),
    ("a line that is no field in it", "From: Pat\n<lee.stone@desk.example>"),
    ("a trailing dot", "From: <lee.stone@desk.example.>"),
    ("a Kelvin sign in the domain", "From: <lee.stone@des\u{212a}.example>"),
    ("a domain literal", "From: <lee.stone@[desk.example]>"),
    ("two at signs", "From: <pat.hill@desk.example@lee.stone@desk.example>"),
    ("a bang path", "From: <desk.example!lee.stone>"),
    ("no From but Sender", "Sender: lee.stone@desk.example"),
    ("no From but Reply-To", "Reply-To: lee.stone@desk.example"),
    ("no From but Resent-From", "Resent-From: lee.stone@desk.example"),
    ("no address", "From: Lee Stone"),
    ("empty", "From:"),
    ("empty brackets", "From: Lee Stone <>"),
    ("an mbox line", "X-A: b\nFrom lee.stone@desk.example Mon Nov 23 10:00:00 2026"),
];

/// Forged by somebody who is believed to be at a domain of their own.
const STRANGERS: &[(&str, &str)] = &[
    ("staff's address as the name", "From: \"lee.stone@desk.example\" <eve@evil.example>"),
    ("staff's address in brackets as the name", "From: \"Lee <lee.stone@desk.example>\" <eve@evil.example>"),
    ("staff's address as an encoded name", "From: =?utf-8?q?lee=2Estone=40desk=2Eexample?= <eve@evil.example>"),
    ("staff's address as a bare name", "From: lee.stone@desk.example <eve@evil.example>"),
    ("staff's address in a comment", "From: eve@evil.example (lee.stone@desk.example)"),
    ("staff's name", "From: Lee Stone <eve@evil.example>"),
    ("staff as Sender", "From: eve@evil.example\nSender: lee.stone@desk.example"),
    ("staff as Reply-To", "From: eve@evil.example\nReply-To: lee.stone@desk.example"),
    ("staff as Resent-From", "From: eve@evil.example\nResent-From: lee.stone@desk.example"),
    ("staff as Return-Path", "Return-Path: <lee.stone@desk.example>\nFrom: eve@evil.example"),
    ("staff as X-Original-From", "X-Original-From: lee.stone@desk.example\nFrom: eve@evil.example"),
    ("staff in a second mailbox", "From: eve@evil.example, lee.stone@desk.example"),
    ("staff in a second field", "From: eve@evil.example\nFrom: lee.stone@desk.example"),
    ("staff in front of the brackets' address", "From: <lee.stone@desk.example> <eve@evil.example>"),
    ("staff's address at another domain", "From: lee.stone@desk.example@evil.example"),
    ("staff's address quoted as a local part", "From: \"lee.stone@desk.example\"@evil.example"),
    ("staff's address as a route", "From: <@desk.example:eve@evil.example>"),
    ("staff's address with a NUL", "From: lee.stone@desk.example\u{0}@evil.example"),
    ("a percent route", "From: <lee.stone%desk.example@evil.example>"),
    ("a superdomain", "From: lee.stone@example"),
    ("a subdomain of a forger's", "From: lee.stone@desk.example.evil.example"),
    ("a domain that ends alike", "From: lee.stone@evildesk.example"),
    ("an IDN look-alike", "From: lee.stone@d\u{435}sk.example"),
    ("its punycode", "From: lee.stone@xn--dsk-bma.example"),
    ("a full-width domain", "From: lee.stone@\u{ff44}esk.example"),
    ("a local part with a homoglyph", "From: l\u{435}e.stone@evil.example"),
    ("a zero-width space in the domain", "From: lee.stone@desk\u{200b}.example"),
    ("a soft hyphen in the domain", "From: lee.stone@de\u{ad}sk.example"),
    ("a one dot leader in the domain", "From: lee.stone@desk\u{2024}example"),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for mode in [Mode::Rfc8601, Mode::Microsoft365, Mode::Header] {
        for (name, from) in COLLEAGUES {
            let raw = message(&format!("{}\n{from}", mode.genuine("desk.example")));
            rows.push(Row { mode, name: format!("From: {name}"), raw, expect: Expect::NotBelieved });
        }
        for (name, from) in STRANGERS {
            let raw = message(&format!("{}\n{from}", mode.genuine("evil.example")));
            rows.push(Row { mode, name: format!("From of a stranger: {name}"), raw, expect: Expect::NotBelieved });
        }
    }
    let internal = "X-MS-Exchange-Organization-AuthAs: Internal";
    for (name, from) in COLLEAGUES {
        let raw = message(&format!("{internal}\n{from}"));
        let name = format!("From with AuthAs: {name}");
        rows.push(Row { mode: Mode::Microsoft365, name, raw, expect: Expect::NotBelieved });
    }
    rows
}
