//! Mail made to be slow to read: each kind as large as it hurts, by name. All of it is made here, none is a fixture.

/// A body of what is dear to read by the line or the word.
const BODY: usize = 1 << 20;
/// A message as large as servers let through.
const LARGE: usize = 20 << 20;
/// The largest message that is read at all.
const LARGEST: usize = (50 << 20) - 4096;

/// Every kind.
pub fn mails() -> Vec<(String, Vec<u8>)> {
    let mut mails = bodies();
    mails.extend(pages());
    mails.extend(headers());
    mails.extend(structures());
    mails.extend(large());
    mails
}

/// A megabyte of plain text.
fn bodies() -> Vec<(String, Vec<u8>)> {
    let kinds = [
        ("quote headers", "On Mon, Nov 16, 2026 at 9:00 AM Jane <jane@example.org> wrote:\r\n"),
        ("wrapped quote headers", "On Mon, Nov 16, 2026 at 9:00 AM\r\nJane Doe <jane@example.org>\r\nwrote:\r\n"),
        ("header blocks", "From: Jane\r\nSent: Monday\r\nTo: Joe\r\nSubject: x\r\n\r\n"),
        ("header blocks without end", "From: Jane\r\n"),
        ("header blocks quoted", "> From: Jane\r\n> Sent: Monday\r\n> To: Joe\r\n> Subject: x\r\n\r\nx\r\n"),
        ("dividing lines", "-----Original Message-----\r\nFrom: Jane\r\n"),
        ("forwarded marks", "---------- Forwarded message ---------\r\nFrom: Jane\r\nSubject: x\r\n\r\n"),
        ("quote marks", "> > > >\r\n"),
        ("300,000 quoted lines", ">\r\n"),
        ("quoted words", "> she needs her card\r\nyes\r\n"),
        ("deep quote marks", ">"),
        ("unknown labels", "Label: \r\n"),
        ("member blocks", "Member Name: Jane Smith\r\nMember ID: H12345678\r\n"),
        ("member ids without value", "Member ID:\r\n"),
        ("member ids in one line", "Member ID: H12345678 "),
        ("labels in one line", "Agent Name: x "),
        ("labels with brackets", "Agent Name: ("),
        ("labels with typos", "Agnet Nmae: x\r\n"),
        ("summaries", "Summary: she needs her card\r\n"),
        ("sign-offs", "Thanks,\r\nJane Doe\r\n\r\n"),
        ("signature delimiters", "-- \r\nJane\r\n"),
        ("lines of contact", "Jane Doe\r\n(555) 010-0199\r\njane@example.org\r\n\r\n"),
        ("disclaimers", "This email is confidential and intended only for the recipient.\r\n\r\n"),
        ("disclaimers in one line", "This email is confidential and intended only for the recipient. "),
        ("topic words", "I need my commission on the Medicaid plan, please fix AOR. "),
        ("topic words by the line", "I need my commission on the Medicaid plan, please fix AOR.\r\n"),
        ("one long word", "a"),
        ("one long number", "7"),
        ("one long line", "she called about nothing 42 times and 7 again, "),
        ("one long sentence", "needs her commission and "),
        ("urgent words", "surgery tomorrow at the pharmacy "),
        ("ids", "Jane Smith H12345678 also "),
        ("case numbers", "Case RSOS-123456 and case #123456 [RSOS-654321] "),
        ("case numbers by the line", "Case [RSOS-123456]\r\n"),
        ("social security numbers", "SSN 123-45-6789 born 01/02/1950 "),
        ("half social security numbers", "SSN: 123-45- DOB: 01/"),
        ("addresses", "jane.doe@example.org "),
        ("half addresses", "a.a.a.a@"),
        ("web addresses", "https://example.org/a/b?c=d&e=f#g "),
        ("web addresses by the line", "https://example.org/a/b?c=d&e=f#g\r\n"),
        ("dates", "01/02/2026 at 9:00 AM "),
        ("phones", "(555) 010-0199 "),
        ("table bars", "Agent Name | x | "),
        ("tabs", "Agent Name\tx\t"),
        ("blank lines", "\r\n"),
        ("lines of spaces", "          \r\n"),
        ("lines of one letter", "a\r\n"),
        ("bullets", "- her card\r\n"),
        ("questions", "why? "),
        ("full stops", ". "),
        ("look-alike letters", "Меmbеr ІD: Н12345678 АgеntNаmе "),
        ("wide letters", "Ｍｅｍｂｅｒ　ＩＤ：Ｈ１２３４５６７８ "),
        ("stacked accents", "e\u{301}\u{302}\u{303}\u{304}\u{323}"),
        ("letters that fold long", "\u{fdfa}\u{fdfa} "),
        ("invisible characters", "\u{200b}\u{feff}\u{ad}"),
        ("right to left", "\u{202e}abc\u{202c} "),
        ("emoji", "👩‍👩‍👧‍👦 "),
        ("brackets", "("),
        ("angle brackets", "<"),
        ("stars", "*"),
        ("underlines", "_ "),
        ("delivery report words", "550 5.1.1 <jane@example.org>: user unknown\r\n"),
        ("absence words", "I am out of the office until Monday. "),
        ("names", "Smith, Jane Medicare; "),
        ("apostrophes", "'s"),
    ];
    kinds
        .iter()
        .map(|(name, unit)| ((*name).to_owned(), mail("", "text/plain", SUBJECT, &filled(unit, BODY))))
        .collect()
}

/// Pages.
fn pages() -> Vec<(String, Vec<u8>)> {
    let page = |name: &str, open: &str, unit: &str, times: usize, close: &str| {
        let body = format!("<html><body>{open}{}x{}</body></html>", unit.repeat(times), close.repeat(times));
        (name.to_owned(), mail("", "text/html", SUBJECT, &body))
    };
    vec![
        page("table of 50,000 rows", "<table>", "<tr><td>Agent Name:</td><td>Jane</td></tr>", 50_000, ""),
        page("table of one row", "<table><tr>", "<td>Agent Name:</td><td>Jane</td>", 50_000, ""),
        page("table of 500,000 cells", "<table>", "<tr><td>a<td>b<td>c<td>d<td>e", 100_000, ""),
        page("nested tables", "", "<table><tr><td>", 50_000, ""),
        page("nested tables that end", "", "<table><tr><td>", 50_000, "</td></tr></table>"),
        page("nested blocks", "", "<div><blockquote>", 60_000, ""),
        page("200,000 nested divs", "", "<div>", 200_000, "</div>"),
        page("200,000 nested divs with words", "", "<div>a ", 200_000, "</div>"),
        page("nested lists", "", "<ul><li>a", 100_000, "</li></ul>"),
        page("nested spans", "", "<span style=\"color:red\">a", 50_000, "</span>"),
        page("ends without a beginning", "", "</div></td></p>", 70_000, ""),
        page("breaks", "", "<br>", 250_000, ""),
        page("rules", "", "<hr>", 250_000, ""),
        page("tags that do not end", "", "<a <b ", 170_000, ""),
        page("attributes", "<p ", "a=b ", 250_000, ">"),
        page("comments", "", "<!-- a -->", 100_000, ""),
        page("comments that do not end", "", "<!-- a ", 150_000, ""),
        page("character references", "", "&amp;&lt;&#8203;", 70_000, ""),
        page("long texts", "", "<p>she needs her card and called again</p>", 200_000, ""),
        page("hidden texts", "", "<p style=\"display:none\">a</p>", 40_000, ""),
        page("links", "", "<a href=\"https://example.org/a\">https://example.org/a</a> ", 20_000, ""),
        page("page of 8 MB", "", "<b>a</b>", 1_000_000, ""),
    ]
}

/// Headers.
fn headers() -> Vec<(String, Vec<u8>)> {
    let with = |name: &str, fields: String| (name.to_owned(), mail(&fields, "text/plain", SUBJECT, "Agent Name: x"));
    let names = "Smith, Jane Medicare HumanaOne, ".repeat(BODY / 32);
    vec![
        ("long subject".to_owned(), mail("", "text/plain", &names, "Agent Name: x")),
        ("subject of one word".to_owned(), mail("", "text/plain", &"a".repeat(BODY), "Agent Name: x")),
        ("subject of reply marks".to_owned(), mail("", "text/plain", &"Re: ".repeat(BODY / 4), "Agent Name: x")),
        (
            "subject of encoded words".to_owned(),
            mail("", "text/plain", &"=?utf-8?q?Smith=2C?= =?utf-8?b?SmFuZQ==?= ".repeat(20_000), "Agent Name: x"),
        ),
        ("subject of tags".to_owned(), mail("", "text/plain", &"[RSOS-123456] ".repeat(50_000), "Agent Name: x")),
        with("100,000 header lines", "X-A: b\r\n".repeat(100_000)),
        with("100,000 received lines", "Received: from a by b; Mon, 16 Nov 2026 09:00:00 +0000\r\n".repeat(100_000)),
        with("100,000 folded lines", format!("X-A: b\r\n{}", " c\r\n".repeat(100_000))),
        with("100,000 recipients", format!("Cc: {}x@example.org\r\n", "Jane <jane@example.org>, ".repeat(100_000))),
        with("100,000 recipients in lines", "Cc: Jane <jane@example.org>\r\n".repeat(100_000)),
        with("100,000 half recipients", format!("Cc: {}\r\n", "\"Jane <(".repeat(100_000))),
        with("100,000 references", format!("References: {}\r\n", "<a1@example.org>\r\n ".repeat(100_000) + "<z@b>")),
        with("100,000 answered", format!("In-Reply-To: {}\r\n", "<a1@example.org> ".repeat(100_000))),
        with("100,000 results", "Authentication-Results: mx.example.com; dmarc=pass\r\n".repeat(100_000)),
        with("parameters", format!("Content-Disposition: inline{}\r\n", "; filename*0=a".repeat(60_000))),
    ]
}

/// MIME structures.
fn structures() -> Vec<(String, Vec<u8>)> {
    let nested = |levels: usize| {
        (0..levels)
            .map(|at| format!("--b{at}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", at + 1))
            .collect()
    };
    let inside: String = "Content-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\n".repeat(20_000);
    let part = |kind: &str, body: &str| format!("--b0\r\nContent-Type: {kind}\r\n\r\n{body}\r\n");
    let whole = |name: &str, kind: &str, body: String| {
        (name.to_owned(), mail("", &format!("multipart/{kind}; boundary=b0"), SUBJECT, &body))
    };
    let words = "she needs her card ".repeat(2_000);
    vec![
        whole("20,000 nested parts", "mixed", nested(20_000)),
        whole("20 nested parts of 20 MB", "mixed", nested(19) + &filled("she needs her card\r\n", LARGE)),
        whole("same boundary nested", "mixed", part("multipart/mixed; boundary=b0", "x").repeat(20_000)),
        whole("boundaries", "mixed", "--b0\r\n".repeat(200_000)),
        whole("boundaries of no part", "mixed", "--b\r\n".repeat(300_000)),
        whole("900 texts", "mixed", part("text/plain", &words).repeat(900)),
        whole("900 pages", "mixed", part("text/html", &words).repeat(900)),
        whole("900 forms", "alternative", part("text/html", &words).repeat(900)),
        whole("20 texts twice", "mixed", (part("text/plain", &words) + &part("text/html", &words)).repeat(10)),
        whole("900 attachments", "mixed", part("application/pdf; name=a.pdf", &words).repeat(900)),
        whole(
            "100 messages inside",
            "mixed",
            part("message/rfc822", &format!("From: a@b.example\r\n\r\n{words}")).repeat(100),
        ),
        ("messages within messages".to_owned(), mail("", "message/rfc822", SUBJECT, &inside)),
        whole(
            "report of 100,000 recipients",
            "report; report-type=delivery-status",
            part("text/plain", "failed")
                + &part(
                    "message/delivery-status",
                    &"Final-Recipient: rfc822; a@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
                        .repeat(100_000),
                ),
        ),
        (
            "report in words".to_owned(),
            mail(
                "Return-Path: <>\r\n",
                "text/plain",
                "Undelivered Mail Returned to Sender",
                &filled("<a@example.org>: host mx.example.org said: 550 5.1.1 user unknown\r\n", BODY),
            ),
        ),
    ]
}

/// Messages of the sizes at which servers and this program stop.
fn large() -> Vec<(String, Vec<u8>)> {
    let encoded = |encoding: &str| format!("Content-Transfer-Encoding: {encoding}\r\n");
    let base64 = encoded("base64");
    let quoted = encoded("quoted-printable");
    let line = format!("{}\r\n", "QWdlbnQgTmFtZTog".repeat(4));
    let attached = |size: usize| {
        let body = format!(
            "--b0\r\nContent-Type: text/plain\r\n\r\nAgent Name: x\r\n--b0\r\nContent-Type: application/pdf; name=a.pdf\r\n{base64}\r\n{}\r\n--b0--",
            filled(&line, size)
        );
        mail("", "multipart/mixed; boundary=b0", SUBJECT, &body)
    };
    let plain = |unit: &str, size: usize| mail("", "text/plain", SUBJECT, &filled(unit, size));
    vec![
        ("20 MB of lines".to_owned(), plain("she needs her card\r\n", LARGE)),
        ("20 MB of one line".to_owned(), plain("she needs her card ", LARGE)),
        ("20 MB of bytes that are no text".to_owned(), plain("\u{fffd}\u{0}", LARGE)),
        (
            "20 MB of base64 in one line".to_owned(),
            mail(&base64, "text/plain", SUBJECT, &filled("QWdlbnQgTmFtZTog", LARGE)),
        ),
        ("20 MB of base64".to_owned(), mail(&base64, "text/plain", SUBJECT, &filled(&line, LARGE))),
        (
            "20 MB of quoted-printable".to_owned(),
            mail(&quoted, "text/plain", SUBJECT, &filled("=41=67=65 =\r\n", LARGE)),
        ),
        (
            "20 MB of page".to_owned(),
            mail("", "text/html", SUBJECT, &filled("<p>she needs her <b>card</b></p>", LARGE)),
        ),
        ("20 MB of tags".to_owned(), mail("", "text/html", SUBJECT, &filled("<b>", LARGE))),
        ("20 MB attached".to_owned(), attached(LARGE)),
        ("50 MB of lines".to_owned(), plain("she needs her card\r\n", LARGEST)),
        ("50 MB attached".to_owned(), attached(LARGEST)),
        (
            "50 MB of boundaries".to_owned(),
            mail("", "multipart/mixed; boundary=b0", SUBJECT, &filled("--b0\r\n", LARGEST)),
        ),
        ("more than is read".to_owned(), plain("she needs her card\r\n", LARGEST + (1 << 20))),
    ]
}

const SUBJECT: &str = "Smith, Jane Medicare";

/// `unit` again and again, about `size` bytes.
fn filled(unit: &str, size: usize) -> String {
    unit.repeat(size / unit.len())
}

fn mail(fields: &str, kind: &str, subject: &str, body: &str) -> Vec<u8> {
    let charset = if kind.starts_with("text/") { "; charset=utf-8" } else { "" };
    format!(
        "From: Jane Doe <jane@example.org>\r\nTo: desk@example.com\r\nSubject: {subject}\r\nMessage-ID: <1@example.org>\r\n\
         {fields}MIME-Version: 1.0\r\nContent-Type: {kind}{charset}\r\n\r\n{body}\r\n"
    )
    .into_bytes()
}
