//! Mails that carry payloads in every place that a page shows: subject, names, addresses, fields, text, HTML, names and
//! types of files.

use crate::support::clerk::DeskFile;
use base64::Engine;

/// How many payloads one mail carries.
pub const IN_ONE: usize = 9;

/// What a mail is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A case.
    Accepted,
    /// Held for a person: it bears the mark of spam and yet holds the template.
    Held,
    /// Returned: its subject is a payload and nothing else.
    Returned,
}

/// The `n`-th mail, with the payloads that are its own.
pub fn mail(desk: &DeskFile, n: usize, fate: Fate, payloads: &[String]) -> Vec<u8> {
    let [subject, author, value, more, summary, html, file, kind, local] = payloads else {
        panic!("{} payloads for a mail that carries {IN_ONE}", payloads.len())
    };
    let line = &desk.lines[n % desk.lines.len()];
    let heading = match fate {
        Fate::Returned => subject.clone(),
        Fate::Accepted | Fate::Held => format!("Smith, Jane {line} {subject}"),
    };
    let mark = if fate == Fate::Held { "X-Spam-Flag: YES\r\n" } else { "" };
    let mut form = String::new();
    for (role, label) in &desk.fields {
        let text = match role.as_str() {
            "requester_name" => format!("Dale Wheeler {value}"),
            "requester_id" => format!("{}", 1_000_000 + n),
            "member_id" => format!("H{}", 61_000_000 + n),
            "member_name" => format!("Jane Smith {more}"),
            "summary" | "description" => format!("The new card number {n} never came. {summary}"),
            other => panic!("a required field of the role {other:?}: teach this test to fill it in"),
        };
        form.push_str(&format!("{label}: {text}\r\n"));
    }
    let page = format!("<html><head><title>x</title></head><body><p>Hello</p>{html}<pre>{}</pre></body></html>", form);
    let from = local_part(local, n);
    format!(
        "{mark}From: {} <{from}@example.org>\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <hostile.{n}@example.org>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n\
         --outer\r\nContent-Type: multipart/alternative; boundary=\"inner\"\r\n\r\n\
         --inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{form}\r\n\
         --inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--inner--\r\n\
         --outer\r\nContent-Type: text/html; name*=utf-8''{}\r\nContent-Disposition: attachment; \
         filename*=utf-8''{}\r\n\r\n{html}\r\n\
         --outer\r\nContent-Type: image/svg+xml{}\r\nContent-Disposition: inline; filename=\"x.svg\"\r\n\r\n\
         <svg xmlns='http://www.w3.org/2000/svg'>{html}</svg>\r\n--outer--\r\n",
        word(author),
        desk.address,
        word(&heading),
        percent(file),
        percent(file),
        kind.replace(['\r', '\n'], " "),
    )
    .into_bytes()
}

/// A quoted local part that holds the payload, where one of every four mails has it.
fn local_part(payload: &str, n: usize) -> String {
    if !n.is_multiple_of(4) {
        return format!("writer{n}");
    }
    let safe: String = payload.chars().filter(|c| c.is_ascii() && !matches!(c, '"' | '\\' | '\r' | '\n')).collect();
    format!("\"{n} {}\"", safe.chars().take(50).collect::<String>())
}

/// RFC 2047.
fn word(text: &str) -> String {
    let pieces = text.chars().collect::<Vec<_>>();
    let words = pieces.chunks(30).map(|piece| {
        let piece: String = piece.iter().collect();
        format!("=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(piece))
    });
    words.collect::<Vec<_>>().join("\r\n ")
}

/// RFC 2231.
fn percent(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02X}")).collect()
}
