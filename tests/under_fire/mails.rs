//! The mail that arrives in a storm, with what must become of each.

use crate::dice::Dice;
use crate::house::{ADDRESS, AGENCY, SERVER};
use crate::smtp_server::{GONE, Taken};
use std::collections::{BTreeMap, BTreeSet};

/// What a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A complete request: a case and a receipt.
    Accepted,
    /// The same, of somebody whose address the way out refuses.
    Refused,
    /// Something is missing.
    Returned,
    /// Out of scope.
    Redirected,
    /// About both lines.
    Mixed,
    /// A machine's.
    Machine,
    /// A mailing list's.
    List,
    /// The same request again in other words around it: one of the pair becomes a case, the other is told so.
    Duplicate,
    /// A requester's reply in the thread of their request, after its receipt.
    FollowUp,
    /// The same before anybody has answered: what it answers may be in the hands of another worker, and goes first.
    Hasty,
    /// An out-of-office mail in answer to one of ours.
    Away,
    /// One of our own mails comes back.
    Own,
    /// A specialist's answer to an assignment.
    Answer,
    /// A specialist closes a case.
    Closing,
}

impl Kind {
    /// The folders that it may be filed in.
    pub fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Accepted | Self::Refused => &["Accepted"],
            Self::Returned => &["Returned"],
            Self::Redirected => &["Redirected"],
            Self::Mixed => &["Rejected"],
            Self::Machine | Self::List | Self::Own => &["Ignored"],
            Self::Duplicate => &["Accepted", "Duplicates"],
            Self::FollowUp | Self::Hasty | Self::Away | Self::Answer | Self::Closing => &["Attached"],
        }
    }

    /// The template of the automatic reply that it gets in this folder.
    pub fn reply(self, folder: &str) -> Option<&'static str> {
        match (self, folder) {
            (Self::Accepted | Self::Refused | Self::Duplicate, "Accepted") => Some("receipt"),
            (Self::Duplicate, "Duplicates") => Some("duplicate"),
            (Self::Returned, _) => Some("return"),
            (Self::Redirected, _) => Some("redirect"),
            (Self::Mixed, _) => Some("reject_mixed"),
            _ => None,
        }
    }

    /// Whether nobody may ever be answered because of it.
    pub fn is_unanswerable(self) -> bool {
        matches!(self, Self::Machine | Self::List | Self::Away | Self::Own)
    }
}

/// A mail that was delivered.
#[derive(Clone, Debug)]
pub struct Mail {
    /// What it is.
    pub kind: Kind,
    /// The number in its `X-Fire` header.
    pub number: usize,
    /// Who wrote it.
    pub sender: String,
    /// Its Message-ID, without brackets.
    pub id: String,
    /// Its octets.
    pub raw: Vec<u8>,
    /// How often these very octets were delivered.
    pub copies: usize,
    /// The case that a member of staff writes about.
    pub case: Option<String>,
    /// The mail whose thread it is in, or whose twin it is.
    pub of: Option<usize>,
}

/// All mail of a storm.
#[derive(Default)]
pub struct Mails {
    /// What was delivered, by number.
    pub all: Vec<Mail>,
    /// Words that stand in members' names, ids and texts, and may stand in no log.
    pub canaries: BTreeSet<String>,
    seen: usize,
    assignments: Vec<(String, String, String)>,
    receipts: Vec<Vec<u8>>,
    closed: BTreeSet<String>,
    /// Message-IDs of requests that got their receipt.
    answered: BTreeSet<String>,
    /// Which requests' requesters have written again.
    followed: BTreeMap<usize, usize>,
}

impl Mails {
    /// Draws the next mails: one, or several that belong together.
    pub fn draw(&mut self, dice: &mut Dice) -> Vec<Mail> {
        let kinds = [
            (34, Kind::Accepted),
            (2, Kind::Refused),
            (10, Kind::Returned),
            (7, Kind::Redirected),
            (5, Kind::Mixed),
            (6, Kind::Machine),
            (3, Kind::List),
            (6, Kind::Duplicate),
            (6, Kind::FollowUp),
            (3, Kind::Hasty),
            (3, Kind::Away),
            (3, Kind::Own),
            (12, Kind::Answer),
            (6, Kind::Closing),
        ];
        let mut drawn = match dice.weighted(&kinds) {
            Kind::Duplicate => self.duplicates(),
            kind @ (Kind::FollowUp | Kind::Hasty) => self.follow_up(dice, kind),
            Kind::Away => self.away(dice),
            Kind::Own => self.own(dice),
            kind @ (Kind::Answer | Kind::Closing) => self.of_staff(dice, kind),
            kind => vec![self.request(kind)],
        };
        if let [one] = drawn.as_mut_slice() {
            match dice.below(14) {
                // The same octets arrive twice.
                0 if one.kind == Kind::Accepted => one.copies = 2,
                // Another mail has the same Message-ID.
                1 if one.kind == Kind::Accepted => {
                    let id = one.id.clone();
                    let at = one.number + 1;
                    let other = self.request_numbered(Kind::Accepted, at, &id);
                    drawn.push(other);
                }
                _ => {}
            }
        }
        self.all.extend(drawn.iter().cloned());
        drawn
    }

    /// The same request twice, in other words around it.
    pub fn twins(&mut self) -> Vec<Mail> {
        let drawn = self.duplicates();
        self.all.extend(drawn.iter().cloned());
        drawn
    }

    /// Reads what the transcript has got: what people may answer to.
    pub fn read_transcript(&mut self, new: &[Taken]) {
        self.seen += new.len();
        for taken in new {
            let template = header(&taken.bytes, "X-Mailclerk-Template").unwrap_or_default();
            let id = header(&taken.bytes, "Message-ID").unwrap_or_default();
            match (template.as_str(), header(&taken.bytes, "X-Mailclerk-Case")) {
                ("assignment", Some(case)) => self.assignments.push((taken.to.clone(), case, id)),
                ("receipt", _) => {
                    let of = header(&taken.bytes, "In-Reply-To").unwrap_or_default();
                    self.answered.insert(of.trim_matches(['<', '>']).to_owned());
                    if self.receipts.len() < 200 {
                        self.receipts.push(taken.bytes.clone());
                    }
                }
                _ => {}
            }
        }
    }

    /// How much of the transcript was read.
    pub fn seen(&self) -> usize {
        self.seen
    }

    fn request(&mut self, kind: Kind) -> Mail {
        let number = self.all.len();
        self.request_numbered(kind, number, &format!("request.{number}@{AGENCY}"))
    }

    fn request_numbered(&mut self, kind: Kind, number: usize, id: &str) -> Mail {
        let who = if kind == Kind::Refused { GONE } else { "agent" };
        let sender = format!("{who}{number}@{AGENCY}");
        let member = Member::new(number);
        self.canaries.extend(member.canaries());
        self.canaries.insert(sender.clone());
        let (subject, headers, body) = content(kind, number, &member);
        let raw = letter(&sender, id, &subject, &headers, number, &body);
        Mail { kind, number, sender, id: id.to_owned(), raw, copies: 1, case: None, of: None }
    }

    fn duplicates(&mut self) -> Vec<Mail> {
        let mut first = self.request(Kind::Accepted);
        first.kind = Kind::Duplicate;
        let number = first.number + 1;
        let member = Member::new(first.number);
        let (subject, headers, body) = content(Kind::Accepted, first.number, &member);
        let id = format!("request.{number}@{AGENCY}");
        let raw = letter(&first.sender, &id, &subject, &headers, number, &format!("{body}It is still so.\r\n"));
        first.of = Some(number);
        let second = Mail { number, id, raw, of: Some(first.number), ..first.clone() };
        vec![first, second]
    }

    /// A reply in the thread of a request that became, or becomes, a case.
    fn follow_up(&mut self, dice: &mut Dice, kind: Kind) -> Vec<Mail> {
        let open: Vec<usize> = self
            .all
            .iter()
            .filter(|mail| mail.kind == Kind::Accepted && mail.copies == 1 && mail.id == own_id(mail.number))
            .filter(|mail| self.answered.contains(&mail.id) == (kind == Kind::FollowUp))
            .map(|mail| mail.number)
            .collect();
        if open.is_empty() {
            return vec![self.request(Kind::Accepted)];
        }
        let of = *dice.one(&open);
        let times = self.followed.entry(of).or_default();
        *times += 1;
        if *times > 10 {
            return vec![self.request(Kind::Accepted)];
        }
        let number = self.all.len();
        let asked = &self.all[of];
        let (sender, id) = (asked.sender.clone(), own_id(number));
        let subject = format!("Re: {}", header(&asked.raw, "Subject").unwrap_or_default());
        let headers = format!("In-Reply-To: <{}>\r\n", asked.id);
        let word = word_of("Vq", number);
        self.canaries.insert(word.clone());
        let body = format!("One more thing about it: the neighbour {word} has seen parcel {number}.\r\n");
        let raw = letter(&sender, &id, &subject, &headers, number, &body);
        vec![Mail { kind, number, sender, id, raw, copies: 1, case: None, of: Some(of) }]
    }

    fn away(&mut self, dice: &mut Dice) -> Vec<Mail> {
        if self.receipts.is_empty() {
            return vec![self.request(Kind::Machine)];
        }
        let number = self.all.len();
        let receipt = dice.one(&self.receipts);
        let sender = header(receipt, "To").unwrap_or_default();
        let sender = sender.split(['<', '>']).nth(1).unwrap_or(&sender).to_owned();
        let id = own_id(number);
        let headers = format!(
            "In-Reply-To: {}\r\nAuto-Submitted: auto-replied\r\n",
            header(receipt, "Message-ID").unwrap_or_default()
        );
        let raw = letter(&sender, &id, "Out of office", &headers, number, "I am back on Monday.\r\n");
        vec![Mail { kind: Kind::Away, number, sender, id, raw, copies: 1, case: None, of: None }]
    }

    /// One of ours, with a mark of the storm's so that it is found again.
    fn own(&mut self, dice: &mut Dice) -> Vec<Mail> {
        if self.receipts.is_empty() {
            return vec![self.request(Kind::List)];
        }
        let number = self.all.len();
        let receipt = dice.one(&self.receipts);
        let raw = [format!("X-Fire: {number}\r\n").as_bytes(), receipt].concat();
        let id = header(receipt, "Message-ID").unwrap_or_default().trim_matches(['<', '>']).to_owned();
        vec![Mail { kind: Kind::Own, number, sender: ADDRESS.to_owned(), id, raw, copies: 1, case: None, of: None }]
    }

    fn of_staff(&mut self, dice: &mut Dice, kind: Kind) -> Vec<Mail> {
        let open: Vec<_> =
            self.assignments.iter().filter(|(_, case, _)| !self.closed.contains(case)).cloned().collect();
        if open.is_empty() {
            return vec![self.request(Kind::Accepted)];
        }
        let (specialist, case, assignment) = dice.one(&open).clone();
        let number = self.all.len();
        let id = format!("staff.{number}@desk.example");
        let word = word_of("Kj", number);
        self.canaries.insert(word.clone());
        let text = match kind {
            Kind::Closing => {
                self.closed.insert(case.clone());
                format!("#resolve The card was handed to {word}, note {number}.\r\n")
            }
            _ => format!("We have asked the printer {word}, answer {number} follows.\r\n"),
        };
        let headers = format!("In-Reply-To: {assignment}\r\n");
        let raw = letter(&specialist, &id, &format!("Re: your case [{case}]"), &headers, number, &text);
        vec![Mail { kind, number, sender: specialist, id, raw, copies: 1, case: Some(case), of: None }]
    }
}

fn own_id(number: usize) -> String {
    format!("request.{number}@{AGENCY}")
}

struct Member {
    first: String,
    last: String,
    id: String,
}

impl Member {
    fn new(number: usize) -> Self {
        let (first, last) = (word_of("Zo", number), word_of("Wy", number));
        Self { first, last, id: format!("Q7{number:07}K") }
    }

    fn canaries(&self) -> [String; 3] {
        [self.first.clone(), self.last.clone(), self.id.clone()]
    }
}

/// A word of its own for a number, such as a name is.
fn word_of(begin: &str, number: usize) -> String {
    let mut word = begin.to_owned();
    let mut rest = number + 1000;
    while rest > 0 {
        word.push(char::from(b'a' + u8::try_from(rest % 20).expect("a small number")));
        word.push(*['o', 'e', 'i', 'u'].get(rest % 4).expect("a vowel"));
        rest /= 20;
    }
    word
}

fn content(kind: Kind, number: usize, member: &Member) -> (String, String, String) {
    let line = if number.is_multiple_of(2) { "North" } else { "South" };
    let subject = format!("{}, {} {line}", member.last, member.first);
    let name = format!("Agent Name: Jo Field\r\nMember Name: {} {}\r\n", member.first, member.last);
    let summary = format!("Summary: The new card number {number} never came after the move to another street.\r\n");
    let complete = format!("{name}Member ID: {}\r\n{summary}", member.id);
    match kind {
        Kind::Returned => (subject, String::new(), format!("{name}{summary}")),
        Kind::Redirected => (
            "Billing".to_owned(),
            String::new(),
            format!("I have a question about Billing number {number}. Where is my bill?\r\n"),
        ),
        Kind::Mixed => (format!("{}, {} North and South", member.last, member.first), String::new(), complete),
        Kind::Machine => {
            let headers = "Auto-Submitted: auto-generated\r\n".to_owned();
            ("Nightly report".to_owned(), headers, format!("The nightly report {number} is attached.\r\n"))
        }
        Kind::List => {
            let headers = "List-Id: <news.example.org>\r\nPrecedence: list\r\n".to_owned();
            ("News of the week".to_owned(), headers, format!("Number {number} of our news.\r\n"))
        }
        _ => (subject, String::new(), complete),
    }
}

fn letter(from: &str, id: &str, subject: &str, headers: &str, number: usize, body: &str) -> Vec<u8> {
    let domain = from.split('@').nth(1).unwrap_or_default();
    format!(
        "Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\r\nX-Fire: {number}\r\nFrom: {from}\r\n\
         To: {ADDRESS}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A header's value in a mail, unfolded.
pub fn header(raw: &[u8], name: &str) -> Option<String> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len());
    let head = String::from_utf8_lossy(&raw[..end]).replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n").find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}
