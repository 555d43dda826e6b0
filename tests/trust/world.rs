//! One desk with two cases, and how a message is judged there: what the store would know of it is put together by hand.

use jiff::Timestamp;
use mailclerk::address::EmailAddress;
use mailclerk::case::standing::{CaseFacts, Standing, Target};
use mailclerk::case::{Case, LinkRole};
use mailclerk::desk::{Desk, Role, Staff, load};
use mailclerk::intake::decide::{Context, Judgement, decide};
use mailclerk::intake::lookups::lookups;
use mailclerk::message::Message;
use mailclerk::settings::Trust;
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::token::{self, About, Mint};
use mailclerk::words::{Decision, Status, Template};
use uuid::Uuid;

pub const SERVER: &str = "mx.desk.example";
/// Who may command.
pub const STAFF: &str = "lee.stone@desk.example";
pub const OTHER_STAFF: &str = "kim.reed@desk.example";
/// Of the organisation, and no staff.
pub const COLLEAGUE: &str = "pat.hill@desk.example";
/// The requester of both cases.
pub const AGENT: &str = "jo.field@agency.example";
/// The Message-ID of a mail that stands in the first case, as a provider may have replaced ours.
pub const KNOWN: &str = "known-1@provider.example";

/// Whose headers are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Rfc8601,
    Microsoft365,
    Header,
    None,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfc8601 => "rfc8601",
            Self::Microsoft365 => "microsoft365",
            Self::Header => "header",
            Self::None => "none",
        }
    }

    pub fn trust(self) -> Trust {
        match self {
            Self::Rfc8601 => Trust::Rfc8601 { authserv_id: SERVER.into() },
            Self::Microsoft365 => Trust::Microsoft365,
            Self::Header => Trust::Header { name: "X-Verified".into(), value: "yes; by=mx".into() },
            Self::None => Trust::None,
        }
    }

    /// What the server writes when it is sure of the author at `domain`.
    pub fn genuine(self, domain: &str) -> String {
        match self {
            Self::Rfc8601 => format!("Authentication-Results: {SERVER}; dmarc=pass header.from={domain}"),
            Self::Microsoft365 => format!(
                "Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom={domain};dkim=pass (signature \
                 was verified) header.d={domain};dmarc=pass action=none header.from={domain};compauth=pass reason=100"
            ),
            Self::Header => "X-Verified: yes; by=mx".into(),
            Self::None => "X-Nothing: said".into(),
        }
    }
}

/// What is expected of a forged message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Held, so that a person looks.
    Held,
    /// Anything but the powers of staff or of the organisation; held where its `From` names staff.
    NotBelieved,
}

/// One forged message.
pub struct Row {
    pub mode: Mode,
    pub name: String,
    pub raw: Vec<u8>,
    pub expect: Expect,
}

/// Lines of a header as bytes: a character from U+E080 on stands for the byte that it ends with, so that bytes that are no
/// UTF-8 can be written; line ends become CRLF.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for c in text.chars() {
        match c {
            '\u{e080}'..='\u{e0ff}' => out.push((u32::from(c) & 0xff) as u8),
            '\n' => out.extend(b"\r\n"),
            c => out.extend(c.to_string().bytes()),
        }
    }
    out
}

/// A message in the first case's thread whose header begins with `lines`; `From` is among them.
pub fn message(lines: &str) -> Vec<u8> {
    threaded(lines, &format!("In-Reply-To: <{KNOWN}>\n"))
}

/// The same with other lines that say what it answers.
pub fn threaded(lines: &str, thread: &str) -> Vec<u8> {
    bytes(&format!(
        "{lines}\nTo: desk@desk.example\nSubject: Re: a question\nMessage-ID: <new-1@client.example>\n{thread}\n\
         #resolve\n\nThis is done and may be closed now.\n"
    ))
}

/// A row whose `From` is staff's.
pub fn staff_row(mode: Mode, name: impl Into<String>, headers: &str) -> Row {
    let raw = message(&format!("{}\nFrom: Lee Stone <{STAFF}>", headers.replace("{domain}", "desk.example")));
    Row { mode, name: name.into(), raw, expect: Expect::Held }
}

pub struct World {
    pub desk: Desk,
    pub keys: Keys,
    pub now: Timestamp,
    cases: Vec<Case>,
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// The first shipped desk, its people and addresses replaced: its words do not matter here.
fn desk() -> Desk {
    let mut desk = load::load_all(None).unwrap().into_values().next().unwrap();
    let staff = |name: &str, email: &str| Staff {
        name: name.into(),
        email: address(email),
        role: Role::Specialist,
        lines: desk.lines.iter().map(|line| line.id.clone()).collect(),
        deputy_for: Vec::new(),
        absent: Vec::new(),
    };
    let staff = vec![staff("Lee Stone", STAFF), staff("Kim Reed", OTHER_STAFF)];
    desk.staff = staff;
    desk.address = address("desk@desk.example");
    desk.own_addresses.clear();
    desk.internal_domains = vec!["desk.example".into()];
    desk
}

impl World {
    pub fn new() -> Self {
        let desk = desk();
        let now = "2026-11-23T15:00:00Z".parse().unwrap();
        let cases = (1..=2).map(|n| case(&desk, n, now)).collect();
        Self { desk, keys: Keys::derive(&[7; 32]), now, cases }
    }

    pub fn about(&self, case: usize) -> About {
        About::Case(self.cases[case - 1].number.clone())
    }

    /// A Message-ID of ours for a mail of this purpose to `recipient`, which proves for `days` more days.
    pub fn token(&self, purpose: Template, about: &About, recipient: &str, days: i64) -> String {
        self.token_of(&self.keys, &self.desk.id, (purpose, about, recipient, days))
    }

    pub fn token_of(&self, keys: &Keys, desk: &str, what: (Template, &About, &str, i64)) -> String {
        let (purpose, about, recipient, days) = what;
        let recipient = &address(recipient);
        let expires = self.now + jiff::SignedDuration::from_hours(24 * days);
        token::mint(keys, &Mint { desk, purpose, about, recipient, expires, nonce: 5, domain: "desk.example" })
    }

    /// What is decided about `raw` in `mode`.
    pub fn judge(&self, mode: Mode, raw: &[u8]) -> (Message, Judgement) {
        let message = Message::read(raw);
        let asked = lookups(&self.desk, &self.keys, &message, Uuid::from_u128(99));
        let cases = self.cases.iter().map(|case| CaseFacts { case: case.clone(), texts: vec![], messages_in_day: 0 });
        let mut standing = Standing { arrived: self.now, cases: cases.collect(), ..Standing::default() };
        standing.by_token = standing.named(&asked.tokens);
        standing.by_tag = standing.named(&asked.tags);
        if asked.message_ids.iter().any(|id| id == KNOWN) {
            standing.by_message_id = vec![Target::Case(self.cases[0].id)];
        }
        let trust = mode.trust();
        let context = Context { standing: &standing, trust: &trust, keys: &self.keys, now: self.now, model: false };
        let judgement = decide(&self.desk, &message, &context);
        (message, judgement)
    }

    /// Whether a message has the powers of staff, or of the organisation.
    pub fn is_believed(judgement: &Judgement) -> bool {
        matches!(judgement.belongs, Some((_, LinkRole::Staff | LinkRole::Internal)))
    }

    /// What is wrong with the judgement of a forged message; nothing where it is not believed.
    pub fn why_wrong(&self, row: &Row) -> Option<String> {
        let (message, judgement) = self.judge(row.mode, &row.raw);
        let names_staff = message.from.iter().any(|mailbox| self.desk.staff_member(&mailbox.address).is_some());
        let must_hold = names_staff || row.expect == Expect::Held;
        // Mail that bears our own marks is passed over before anything else: nothing is done for it either.
        let is_out = matches!(judgement.decision, Decision::Hold | Decision::Ignore);
        if !Self::is_believed(&judgement) && (is_out || !must_hold) {
            return None;
        }
        let outcome = format!("{} as {:?}", judgement.decision, judgement.belongs.map(|(_, role)| role));
        Some(format!("{}: {}: {outcome}", row.mode.name(), row.name))
    }
}

fn case(desk: &Desk, n: u64, now: Timestamp) -> Case {
    Case {
        id: Uuid::from_u128(n.into()),
        version: 1,
        desk: desk.id.clone(),
        number: CaseNumber::from_sequence(&desk.prefix, n),
        line: desk.lines.first().map(|line| line.id.clone()),
        kind: None,
        priority: None,
        status: Status::InReview,
        urgent: false,
        requester: address(AGENT),
        requester_name: None,
        participants: vec![address(AGENT)],
        external: true,
        specialist: Some(address(STAFF)),
        assigned_at: Some(now),
        entries: Vec::new(),
        subject: format!("Case {n}"),
        opened_at: now,
        resolved_at: None,
        links: Vec::new(),
        next_words: None,
        paused: None,
        waits_until: None,
        merged_into: None,
        course: Default::default(),
    }
}
