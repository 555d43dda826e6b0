//! No byte that goes out in clear to somebody outside bears anything of a member, of the request or of what staff wrote:
//! every automatic template, every decision and the whole life of a case, with a canary in every field that there is.

use super::clerk::{Clerk, SERVER, Sent, after, desk, mail};
use mail_parser::MimeHeaders;
use mailclerk::compose::{render, samples};
use mailclerk::words::{MemberName, Template, Variant};

const PAT: &str = "pat@partner.example";

/// Words that stand nowhere else, one for each place that a person can write in.
const CANARIES: [&str; 17] = [
    "zqlast",
    "zqfirst",
    "zqagent",
    "zqh77419137",
    "zqreference",
    "zqsummary",
    "zqattachment",
    "zqquoted",
    "zqcopied",
    "zqdisplay",
    "zqspecialist",
    "zqupdate",
    "zqreturned",
    "zqclosing",
    "zqsubject",
    "zqsignature",
    "zqinside",
];

/// A canary as it stands in `text`, however it is cut, folded or marked.
fn found(text: &str) -> Vec<&'static str> {
    let lower = text.to_lowercase();
    let squeezed: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let unescaped: String = percent_decoded(&lower).chars().filter(|c| c.is_alphanumeric()).collect();
    let mut hits: Vec<&str> = CANARIES.into_iter().filter(|c| squeezed.contains(c) || unescaped.contains(c)).collect();
    // The end of an id, as masks show it.
    if lower.contains("9137") {
        hits.push("zqh77419137");
    }
    hits
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Every clear text of a mail: raw bytes, each header decoded by RFC 2047 and 2231, and each part decoded, with its name.
fn clear_texts(raw: &str) -> Vec<String> {
    let mut texts = vec![raw.to_owned()];
    let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).expect("a mail of ours is a mail");
    for part in &mail.parts {
        texts.extend(part.headers.iter().map(|header| format!("{:?} {:?}", header.name, header.value)));
        texts.extend(part.attachment_name().map(str::to_owned));
        texts.push(String::from_utf8_lossy(part.contents()).into_owned());
    }
    texts.extend(mail.subject().map(str::to_owned));
    texts.extend((0..mail.html_body_count()).filter_map(|at| mail.body_html(at).map(std::borrow::Cow::into_owned)));
    texts.extend((0..mail.text_body_count()).filter_map(|at| mail.body_text(at).map(std::borrow::Cow::into_owned)));
    texts
}

fn canaries_in(raw: &str) -> Vec<&'static str> {
    let mut all: Vec<_> = clear_texts(raw).iter().flat_map(|text| found(text)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn the_search_finds_what_is_hidden() {
    for hidden in [
        "Subject: =?utf-8?B?enFsYXN0?=\r\n\r\nx",
        "Subject: =?utf-8?Q?zql=61st?=\r\n\r\nx",
        "Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\neCB6cWxhc3QgeA==\r\n",
        "Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nx zql=\r\nast x\r\n",
        "Subject: x\r\nContent-Type: text/html\r\n\r\n<a href=\"mailto:a@b.example?body=zql%61st\">x</a>\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: a/b\r\nContent-Disposition: attachment;\r\n \
         filename*=utf-8''zql%61st.pdf\r\n\r\nx\r\n--b--\r\n",
    ] {
        assert_eq!(canaries_in(hidden), ["zqlast"], "{hidden}");
    }
}

/// Every automatic template in its plain variant, with all that a context can hold.
#[test]
fn no_plain_variant_bears_a_canary_whatever_its_context_holds() {
    let mut desks = vec![desk("alpha.example", "")];
    for id in mailclerk::desk::shipped::ids() {
        desks.extend(mailclerk::desk::shipped::desk(&id));
    }
    let mut rendered = 0;
    for desk in &desks {
        for mut context in samples::samples(desk) {
            context.original_subject = "Zqsubject zqlast".into();
            // Where the policy writes the subject of its mails, and of open values alone, it holds those and nothing else.
            let value = |id: &str| {
                // A type and a priority are named as the desk calls them, not as the requester wrote them.
                let is_named = matches!(id, "type" | "priority");
                let is_open = is_named || desk.field(id).is_none_or(|field| !field.private);
                Some(if is_open { "174097" } else { "ZQH77419137 zqsummary" }.to_owned())
            };
            let written = desk.mail_subject(value).filter(|_| desk.mail_subject_is_open());
            context.canonical_subject = written.or(Some("Zqlast, Zqfirst North".into()));
            context.member = Some(MemberName { last: "Zqlast".into(), first: "Zqfirst".into() });
            context.fields =
                desk.fields.iter().map(|field| (field.id.clone(), "ZQH77419137 zqsummary".into())).collect();
            context.specialist = context.specialist.map(|_| "Zqspecialist".into());
            context.words = context.words.map(|_| "zqupdate".into());
            context.request = Some("zqsummary zqquoted".into());
            context.attachments = vec!["zqattachment.pdf".into()];
            context.requester = context.requester.map(|mut one| {
                one.name = Some("Zqdisplay".into());
                one
            });
            for template in Template::ALL.iter().filter(|template| template.is_outward()) {
                let letter = render(desk, *template, Variant::Plain, &context).expect("it is written");
                let all = format!("{}\n{}\n{}", letter.subject, letter.text, letter.html);
                assert_eq!(found(&all), Vec::<&str>::new(), "{template} of {}: {}", desk.id, letter.text);
                rendered += 1;
            }
        }
    }
    assert!(rendered > 300, "{rendered}");
}

/// One outside requester's mails, and staff's hands on them.
struct Story {
    clerk: Clerk,
    count: usize,
    minute: i64,
    all: Vec<Sent>,
}

impl Story {
    async fn new(policy: &str) -> Self {
        Self { clerk: Clerk::new("alpha.example", policy).await, count: 0, minute: 0, all: Vec::new() }
    }

    async fn go(&mut self, minutes: i64) {
        self.minute += minutes;
        let sent = self.clerk.run(after(self.minute)).await;
        self.all.extend(sent);
    }

    async fn write(&mut self, subject: &str, headers: &str, body: &str) {
        self.count += 1;
        let id = format!("m{}@partner.example", self.count);
        let from = format!("\"Zqdisplay Pat\" <{PAT}>");
        let body = format!("{body}\n\n> zqquoted history\n\n--\nPat zqsignature\n");
        let headers = format!("Cc: Zqcopied <zqcopied@partner.example>\n{headers}");
        let raw = mail(&from, "desk@alpha.example", &id, subject, &headers, &body);
        let raw = raw.replace(
            "Content-Type: text/plain; charset=utf-8\n",
            "Content-Type: multipart/mixed; boundary=zz\n\n--zz\nContent-Type: text/plain; charset=utf-8\n",
        );
        let attached = "--zz\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"zqattachment.pdf\"\n\n\
                        zqinside\n--zz--\n";
        self.clerk.deliver(&format!("{raw}\n{attached}"));
        self.go(3).await;
    }

    /// A member of staff replies to the newest mail of this template that they got.
    async fn reply(&mut self, who: &str, template: &str, text: &str) {
        let to = self.all.iter().rfind(|one| one.to == who && one.template == template).expect(template).clone();
        self.count += 1;
        let headers = format!(
            "Authentication-Results: {SERVER}; dmarc=pass header.from=alpha.example\nIn-Reply-To: <{}>\n",
            to.id()
        );
        let id = format!("s{}@alpha.example", self.count);
        let from = format!("Zqspecialist <{who}>");
        let subject = format!("Re: {}", to.subject());
        self.clerk.deliver(&mail(&from, "desk@alpha.example", &id, &subject, &headers, text));
        self.go(3).await;
    }

    fn last(&self) -> String {
        self.all.iter().rfind(|one| one.to == PAT).expect("a mail to the requester").id()
    }

    /// Every decision, and a case from its first mail to the one behind its end.
    async fn whole(&mut self) {
        let form = |id: &str, n: usize| {
            format!(
                "Agent Name: Zqagent Jo\nMember ID: {id}\nMember Name: Zqfirst Zqlast\nReference: ZQREFERENCE{n}\n\
                 Summary: zqsummary about matter number{n} that nobody else has"
            )
        };
        self.write("Zqlast, Zqfirst North", "", &form("", 1)).await;
        self.write("Re: Zqlast, Zqfirst North", &format!("In-Reply-To: <{}>\n", self.last()), "still zqsummary").await;
        self.write("Re: Zqlast, Zqfirst North", &format!("In-Reply-To: <{}>\n", self.last()), "Member ID: ZQH77419137")
            .await;
        self.write("zqsubject please help", "", "zqsummary without a form").await;
        self.write("Zqlast, Zqfirst North and South", "", &form("ZQH77419137", 2)).await;
        self.write("zqsubject about an account", "", "Please send the zqsummary commission statement, thank you").await;
        self.write("Zqlast, Zqfirst North", "", &form("ZQH77419137", 1)).await;
        self.write("Zqlast, Zqfirst North", "X-Spam-Flag: YES\n", &form("ZQH77419137", 9)).await;
        // The next morning it is assigned.
        self.go(24 * 60).await;
        self.reply("ann@alpha.example", "assignment", "zqspecialist says: zqsummary is done.").await;
        self.write("Re: my zqsubject", &format!("In-Reply-To: <{}>\n", self.last()), "And what of zqsummary?").await;
        self.reply("ann@alpha.example", "assignment", "#update zqupdate is under way").await;
        self.go(9 * 24 * 60).await;
        self.reply("ann@alpha.example", "assignment", "#return zqreturned is still missing").await;
        self.go(9 * 24 * 60).await;
        self.reply("ann@alpha.example", "assignment", "#resolve zqclosing was done").await;
        self.write(
            "Re: my zqsubject",
            &format!("In-Reply-To: <{}>\n", self.last()),
            "It is open still, says zqsummary",
        )
        .await;
        self.reply("ann@alpha.example", "assignment", "#resolve").await;
        self.go(20 * 24 * 60).await;
        self.write("Re: my zqsubject", &format!("In-Reply-To: <{}>\n", self.last()), "Once more, says zqsummary").await;
        self.write("Zqlast, Zqfirst South", "", &form("ZQH77419137", 4)).await;
        self.go(24 * 60).await;
        self.reply("ann@alpha.example", "assignment", "#redirect billing").await;
        self.go(15 * 24 * 60).await;
    }

    fn to_requester(&self) -> Vec<&Sent> {
        self.all.iter().filter(|one| one.to.ends_with("partner.example")).collect()
    }

    fn templates(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.to_requester().iter().map(|one| one.template.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

const AUTOMATIC: [&str; 10] = [
    "acknowledgement",
    "closing",
    "duplicate",
    "pending_closed",
    "receipt",
    "redirect",
    "reject_mixed",
    "return",
    "update",
    "answer",
];

#[tokio::test]
async fn without_a_secure_way_no_byte_of_a_whole_life_bears_a_canary() {
    let mut story = Story::new("").await;
    story.whole().await;
    for one in story.to_requester() {
        assert_eq!(canaries_in(&one.raw), Vec::<&str>::new(), "{}: {}", one.template, one.raw);
    }
    let templates = story.templates();
    let missing: Vec<_> = AUTOMATIC.iter().filter(|name| **name != "answer" && !templates.contains(name)).collect();
    assert!(missing.is_empty(), "the life has no {missing:?}: {templates:?}");
    // The canaries were there to be found.
    let staff: Vec<_> = story.all.iter().filter(|one| one.to == "ann@alpha.example").collect();
    let seen: std::collections::BTreeSet<_> = staff.iter().flat_map(|one| canaries_in(&one.raw)).collect();
    assert!(seen.len() > 10, "{seen:?}");
    let waiting = story.clerk.worker.store.outbox(None, false).await.unwrap();
    assert!(waiting.iter().filter(|one| one.state.as_str() == "waiting_secure").count() >= 4, "{waiting:?}");
    story.clerk.close().await;
}

#[tokio::test]
async fn through_a_gateway_only_bodies_of_marked_mail_bear_content() {
    let mut story = Story::new("\n[secure]\nway = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"\n").await;
    story.whole().await;
    let mut marked = 0;
    for one in story.to_requester() {
        let head = one.raw.split("\r\n\r\n").next().unwrap();
        let marks = head.lines().filter(|line| *line == "X-Encrypt: yes").count();
        if marks == 0 {
            assert_eq!(canaries_in(&one.raw), Vec::<&str>::new(), "{}: {}", one.template, one.raw);
            continue;
        }
        assert_eq!(marks, 1);
        marked += 1;
        let clear = format!("{head}\r\nX: {}\r\n\r\n", one.subject());
        assert_eq!(canaries_in(&clear), Vec::<&str>::new(), "a header of {}: {head}", one.template);
    }
    assert!(marked >= 4, "{marked}");
    story.clerk.close().await;
}
