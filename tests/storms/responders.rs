//! What answers our mail: more than twenty kinds of machine, from the polite to the broken. Each gives the mails that come
//! back for one mail of ours.

use super::clerk::{Sent, mail};

/// Who first wrote to the desk, and whose mailbox answers.
pub const PAT: &str = "pat@partner.example";

/// What a responder sees.
pub struct Got<'a> {
    pub mail: &'a Sent,
    pub desk: &'a str,
    /// Counts up with each mail of ours.
    pub n: usize,
}

impl Got<'_> {
    fn re(&self) -> String {
        format!("Re: {}", self.mail.subject())
    }
    fn thread(&self) -> String {
        let id = self.mail.id();
        format!("In-Reply-To: <{id}>\nReferences: <{id}>\n")
    }
    fn quoted(&self) -> String {
        self.mail.mail.body.text.lines().map(|line| format!("> {line}\n")).collect()
    }
    /// Words that no other mail has.
    fn random(&self, salt: usize) -> String {
        let mut state = (self.n * 31 + salt + 1) as u64;
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("w{:x}", state >> 40)
        };
        (0..12).map(|_| word()).collect::<Vec<_>>().join(" ")
    }
    fn write(&self, from: &str, subject: &str, headers: &str, body: &str) -> String {
        let id = format!("r{}.{}@partner.example", self.n, headers.len() + body.len() + from.len());
        mail(from, self.desk, &id, subject, headers, body)
    }
}

const AWAY: &str = "I am out of the office and will be back on Monday.\n\nPat";

pub type Responder = fn(&Got<'_>) -> Vec<String>;

/// Every kind, by name.
pub const KINDS: &[(&str, Responder)] = &[
    ("a marked auto-reply", |got| {
        vec![got.write(PAT, &got.re(), &format!("{}Auto-Submitted: auto-replied\n", got.thread()), AWAY)]
    }),
    ("an auto-reply marked by an older header", |got| {
        vec![got.write(PAT, &got.re(), &format!("{}X-Autoreply: yes\nPrecedence: bulk\n", got.thread()), AWAY)]
    }),
    ("an unmarked vacation notice", |got| {
        vec![got.write(PAT, &format!("Out of office: {}", got.mail.subject()), "", AWAY)]
    }),
    ("an unmarked notice in other words, in the thread", |got| {
        vec![got.write(PAT, &got.re(), &got.thread(), "Thank you for your message. We will look at it shortly.")]
    }),
    ("one that strips every header of the thread", |got| {
        vec![got.write(PAT, &got.re(), "", "Thank you for your message. We will look at it shortly.")]
    }),
    ("one that changes subjects", |got| {
        let subject = format!("Your message {} was received", got.n);
        vec![got.write(PAT, &subject, "", "Your message was received and will be read.")]
    }),
    ("one that changes subjects and words", |got| {
        vec![got.write(PAT, &format!("Matter {}", got.random(3)), "", &got.random(5))]
    }),
    ("one that bounces every mail with a report", |got| {
        let report = format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
             The mail could not be delivered.\n\n--b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.partner.example\n\nFinal-Recipient: rfc822; {PAT}\nAction: failed\nStatus: 5.1.1\n\n\
             --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{}>\nFrom: {}\nTo: {PAT}\n\n--b--\n",
            got.mail.id(),
            got.desk
        );
        let head = format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@partner.example\nTo: {}\nSubject: Undelivered Mail Returned to Sender\n\
             Message-ID: <dsn{}@partner.example>\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n",
            got.desk, got.n
        );
        vec![format!("{head}{report}")]
    }),
    ("one that bounces in plain words", |got| {
        let body = format!("Your message to {PAT} could not be delivered: 550 5.1.1 user unknown\n\n{}", got.quoted());
        vec![got.write("Mail Delivery System <postmaster@partner.example>", "Delivery failed", "", &body)]
    }),
    ("one that bounces from its own address", |got| {
        vec![got.write(
            PAT,
            "Mail delivery failed: returning message to sender",
            "",
            "This address is no longer in use.",
        )]
    }),
    ("one that answers twice", |got| {
        let say = |k: usize| got.write(PAT, &got.re(), &got.thread(), &format!("We have your message, part {k}."));
        vec![say(1), say(22)]
    }),
    ("a challenge", |got| {
        let body = format!("Please confirm that you are a person: https://partner.example/confirm/{}", got.n);
        vec![got.write(PAT, &format!("Please confirm: {}", got.mail.subject()), &got.thread(), &body)]
    }),
    ("a ticket system with a new number each time", |got| {
        let subject = format!("[Ticket #{}] {}", 48_000 + got.n, got.mail.subject());
        let body = format!("A ticket was opened with the number {}. We will get back to you.", 48_000 + got.n);
        vec![got.write(PAT, &subject, "", &body)]
    }),
    ("a ticket system that quotes what it got", |got| {
        let subject = format!("Ticket {} created", 48_000 + got.n);
        let body = format!("Ticket {} was created from your message:\n\n{}", 48_000 + got.n, got.mail.mail.body.text);
        vec![got.write(PAT, &subject, &got.thread(), &body)]
    }),
    ("a mailing list", |got| {
        let headers = "List-Id: <all.partner.example>\nList-Post: <mailto:all@partner.example>\nPrecedence: list\n";
        vec![got.write(got.desk, &format!("[all] {}", got.mail.subject()), headers, &got.mail.mail.body.text)]
    }),
    ("a forwarder that sends our mail back in its own name", |got| {
        let body = got.mail.raw.split_once("\r\n\r\n").unwrap().1.to_owned();
        let kind = got.mail.raw.lines().skip_while(|line| !line.starts_with("Content-Type")).take(2);
        let kind = kind.collect::<Vec<_>>().join("\n");
        let head = format!(
            "From: {PAT}\nTo: {}\nSubject: {}\nMessage-ID: <f{}@partner.example>\nMIME-Version: 1.0\n{kind}\n",
            got.desk,
            got.mail.subject(),
            got.n
        );
        vec![format!("{head}\n{body}")]
    }),
    ("a forwarder that leaves all as it is", |got| vec![got.mail.raw.clone()]),
    ("one with growing quotes", |got| {
        let body = format!("We have your message.\n\nOn Monday the desk wrote:\n{}", got.quoted().repeat(got.n + 1));
        vec![got.write(PAT, &got.re(), &got.thread(), &body)]
    }),
    ("one with growing text", |got| {
        let body = "We have your message, and the one before it. ".repeat(got.n + 1);
        vec![got.write(PAT, &got.re(), &got.thread(), &body)]
    }),
    ("one with other words each time", |got| vec![got.write(PAT, &got.re(), &got.thread(), &got.random(7))]),
    ("one with another sender each time", |got| {
        let from = format!("noreply-{}@partner.example", got.n);
        vec![got.write(&from, &got.re(), &got.thread(), "Thank you for your message. We will look at it shortly.")]
    }),
    ("one with another sender each time, without a thread", |got| {
        let from = format!("noreply-{}@partner.example", got.n);
        vec![got.write(&from, &got.re(), "", "Thank you for your message. We will look at it shortly.")]
    }),
    ("one with another sender and other words each time", |got| {
        let from = format!("noreply-{}@partner.example", got.n);
        vec![got.write(&from, &got.re(), &got.thread(), &got.random(11))]
    }),
    ("one with another sender, subject and words each time", |got| {
        let from = format!("noreply-{}@partner.example", got.n);
        vec![got.write(&from, &format!("Matter {}", got.random(3)), "", &got.random(11))]
    }),
    ("one that sends the form back empty", |got| {
        let body = "Agent Name:\nMember ID:\nMember Name:\nSummary:\n";
        vec![got.write(PAT, &got.re(), &got.thread(), body)]
    }),
    ("a read receipt", |got| {
        let headers = "Content-Disposition: inline\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n";
        vec![got.write(PAT, &format!("Read: {}", got.mail.subject()), headers, "Your message was read on Monday.")]
    }),
];
