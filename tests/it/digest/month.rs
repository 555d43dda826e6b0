//! Seven weeks of a desk, from a seed, through the real worker: the figures of every day are those that a plain count of
//! the raw rows gives, and a day's figures never change once it is over.

use super::clerk::{CANARIES, Clerk, POLICY, Sent, desk};
use super::naive;
use crate::support::postgres;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use mail_parser::{MessageParser, MimeHeaders};
use mailclerk::desk::Desk;
use mailclerk::digest::flow::Figure;
use mailclerk::digest::{Day, View};
use mailclerk::settings::DatabaseUrl;
use mailclerk::words::LineId;
use mailclerk::worker::release::Wish;
use std::collections::BTreeMap;

/// A Monday; the clocks of the zone change on November 1, and November 11 and 26 are holidays.
const FIRST: Date = date(2026, 10, 12);
const LAST: Date = date(2026, 11, 30);

/// Numbers that look like chance and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

struct Month {
    clerk: Clerk,
    desk: std::sync::Arc<Desk>,
    dice: Dice,
    written: u32,
    /// Mails by which staff and requesters may answer.
    got: Vec<Sent>,
    digests: Vec<Sent>,
}

const AGENTS: [&str; 4] = ["jo@agency.example", "kim@agency.example", "lou@agency.example", "max@broker.example"];

impl Month {
    fn form(&mut self, complete: bool) -> String {
        let n = self.written;
        let id = if complete { format!("H77{n:06}") } else { String::new() };
        format!(
            "Agent Name: Jo Field\nMember ID: {id}\nMember Name: Quetzalina Zebrafinch{}\nSummary: the quokka {n} card \
             number {} never arrived at the house {}\n",
            letters(n),
            letters(n * 7 + 1),
            letters(n * 13 + 5),
        )
    }

    /// Something comes in.
    fn write(&mut self) {
        self.written += 1;
        let n = self.written;
        let agent = AGENTS[self.dice.roll(4) as usize];
        let line = ["North", "South"][self.dice.roll(2) as usize];
        let name = format!("Zebrafinch{}, Quetzalina", letters(n));
        let id = format!("m{n}@agency.example");
        match self.dice.roll(14) {
            0..=4 => {
                let body = self.form(true);
                self.clerk.deliver(agent, &id, &format!("{name} {line}"), "", true, &body);
            }
            5 | 6 => {
                let body = self.form(false);
                self.clerk.deliver(agent, &id, &format!("{name} {line}"), "", true, &body);
            }
            7 => {
                let body = self.form(true);
                self.clerk.deliver(agent, &id, &format!("{name} North and South"), "", true, &body);
            }
            8 => {
                let body = format!("Hello,\n\nplease send an invoice copy for quokka {}.\n", letters(n));
                self.clerk.deliver(agent, &id, "invoice copy", "", true, &body);
            }
            9 => self.clerk.deliver(agent, &id, "Newsletter", "Auto-Submitted: auto-generated\n", true, "quokka news"),
            // Somebody who claims to be staff.
            10 => {
                let body = self.form(true);
                self.clerk.deliver("ann@desk.example", &id, &format!("{name} {line}"), "", false, &body);
            }
            _ => self.reply(&id),
        }
    }

    /// Somebody answers one of the newest mails that they got.
    fn reply(&mut self, id: &str) {
        let fitting: Vec<usize> = (0..self.got.len())
            .filter(|place| {
                matches!(self.got[*place].template.as_str(), "assignment" | "relay" | "closing" | "receipt" | "breach")
            })
            .collect();
        let newest = fitting.len().saturating_sub(14);
        let Some(near) = fitting.get(newest..).filter(|near| !near.is_empty()) else { return };
        let place = near[self.dice.roll(near.len() as u64) as usize];
        let (to, reply, case, template) = {
            let one = &self.got[place];
            (one.to.clone(), one.id.clone(), one.case.clone().unwrap_or_default(), one.template.clone())
        };
        let headers = format!("In-Reply-To: <{reply}>\n");
        let words = format!("We looked at the quokka matter {}, and it is on its way.", letters(self.written));
        let body = match (template.as_str(), self.dice.roll(8)) {
            ("assignment" | "relay", 0..=2) => words,
            ("assignment" | "relay", 3 | 4) => format!("#resolve {words}"),
            ("assignment" | "relay", 5) => "#pause".to_owned(),
            ("assignment" | "relay", 6) => "#opportunity coaching the form was quokka again".to_owned(),
            ("assignment" | "relay", _) => "#resume".to_owned(),
            ("breach", _) => "#note seen".to_owned(),
            _ => format!("There is a further question about quokka {}: when does it come?", letters(self.written)),
        };
        self.clerk.deliver(&to, id, &format!("Re: it [{case}]"), &headers, true, &body);
    }

    fn take(&mut self) {
        for one in self.clerk.sent() {
            if one.template == "digest" { self.digests.push(one) } else { self.got.push(one) }
        }
    }

    async fn hour(&mut self, at: Timestamp) {
        let writes = self.dice.roll(3);
        (0..writes).for_each(|_| self.write());
        self.clerk.rehearse(at).await;
        self.take();
    }

    /// What waits for a person is accepted.
    async fn release(&mut self) {
        let held = self.clerk.worker.store.held(None).await.unwrap();
        if let Some(one) = held.first() {
            let _ = self.clerk.worker.release(one.id, &Wish::Accept(None)).await;
        }
    }

    async fn day(&self, lines: Option<&[LineId]>, day: Date) -> Day {
        self.clerk.worker.day(&self.desk, lines, day, self.clerk.worker.clock.now()).await.unwrap()
    }
}

/// A number as letters, so that no two summaries are alike.
fn letters(mut n: u32) -> String {
    let mut word = String::new();
    for _ in 0..5 {
        word.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n = n / 26 + 7 * (n % 5) + 3;
    }
    word
}

async fn played(url: Option<DatabaseUrl>) -> (Month, BTreeMap<Date, BTreeMap<Figure, u64>>) {
    let desk = desk(POLICY);
    let start = desk.calendar.at_local(FIRST, jiff::civil::time(6, 0, 0, 0));
    let clerk = Clerk::new(start, url, POLICY).await;
    let mut month = Month { clerk, desk, dice: Dice(20_261), written: 0, got: Vec::new(), digests: Vec::new() };
    let mut told = BTreeMap::new();
    let mut day = FIRST;
    while day <= LAST {
        let is_weekend = !month.desk.calendar.is_business_day(day);
        for hour in if is_weekend { vec![11] } else { vec![7, 9, 10, 12, 15, 19] } {
            let at = month.desk.calendar.at_local(day, jiff::civil::time(hour, 5, 0, 0));
            // For two days nobody is there.
            if day == date(2026, 11, 4) || day == date(2026, 11, 5) {
                continue;
            }
            if day == date(2026, 11, 6) && hour == 7 {
                let at = month.desk.calendar.at_local(day, jiff::civil::time(7, 50, 0, 0));
                (0..3).for_each(|_| month.write());
                month.clerk.come_back(at).await;
                month.take();
                continue;
            }
            month.hour(at).await;
            if hour == 15 {
                month.release().await;
            }
        }
        if !is_weekend {
            let before = mailclerk::digest::periods::told_on(&month.desk.calendar, day);
            let told_day = month.day(None, before).await;
            let counts = Figure::ALL.iter().map(|figure| (*figure, told_day.flow.told(*figure))).collect();
            told.insert(before, counts);
        }
        day = day.tomorrow().unwrap();
    }
    (month, told)
}

async fn a_month(url: Option<DatabaseUrl>) {
    let (month, told) = played(url).await;
    let rows = naive::read(&month.clerk.url).await;
    let desk = &month.desk;
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for (day, then) in told.iter().filter(|(day, _)| **day >= FIRST) {
        for line in [None, Some("north"), Some("south")] {
            let lines = line.map(|line| vec![LineId(line.to_owned())]);
            let got = month.day(lines.as_deref(), *day).await;
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for row in &got.flow.rows {
                let part = row.part.as_ref().map(|part| format!("/{part}")).unwrap_or_default();
                counts.insert(format!("{}{part}", row.figure), row.counts.last().unwrap().unwrap());
            }
            counts.retain(|_, count| *count > 0);
            let expected = rows.figures(desk, *day, line);
            assert_eq!(counts, expected, "{day} {line:?}");
            expected.iter().for_each(|(name, count)| *seen.entry(name.clone()).or_default() += count);
            // Each column of the table is that day's own.
            for (column, period) in got.flow.columns.iter().enumerate().filter(|(_, one)| one.date >= FIRST) {
                let of_day = rows.figures(desk, period.date, line);
                let arrived = got.flow.row(Figure::Arrived).unwrap().counts[column].unwrap();
                assert_eq!(arrived, of_day.get("arrived").copied().unwrap_or_default(), "{day} {}", period.date);
            }
        }
        let now: BTreeMap<Figure, u64> = {
            let got = month.day(None, *day).await;
            let waits = rows.first_answers(desk, *day);
            let answered = got.answered.last().unwrap();
            assert_eq!(answered.count, waits.len(), "{day}");
            assert_eq!(answered.in_time, waits.iter().filter(|(_, in_time)| *in_time).count(), "{day}");
            if let Some((worst, _)) = waits.last() {
                let middle = waits.len() / 2;
                let median = match waits.len() % 2 {
                    1 => waits[middle].0,
                    _ => (waits[middle - 1].0 + waits[middle].0) / 2,
                };
                assert_eq!((answered.median, answered.worst), (median, *worst), "{day}: {waits:?}");
                *seen.entry("waits".into()).or_default() += waits.len() as u64;
            }
            Figure::ALL.iter().map(|figure| (*figure, got.flow.told(*figure))).collect()
        };
        assert_eq!(*then, now, "the figures of {day} changed after it was over");
    }
    let needed = [
        "accepted",
        "returned",
        "returned/missing_field:member_id",
        "rejected",
        "redirected",
        "redirected/billing",
        "ignored",
        "held",
        "attached",
        "answered",
        "resolved",
        "reopened",
        "missed",
        "open",
        "waits",
    ];
    for name in needed {
        assert!(seen.get(name).is_some_and(|count| *count > 1), "the month holds no {name}: {seen:?}");
    }
    look_at_digests(&month, &told);
    month.clerk.worker.store.close().await;
}

/// What went out: one a business day and recipient, whole, readable, and without a word about members.
fn look_at_digests(month: &Month, told: &BTreeMap<Date, BTreeMap<Figure, u64>>) {
    let calendar = &month.desk.calendar;
    let mut by_day: BTreeMap<Date, Vec<&str>> = BTreeMap::new();
    for one in &month.digests {
        by_day.entry(calendar.local(one.at).date()).or_default().push(&one.to);
        let mail = MessageParser::default().parse(&one.raw).unwrap();
        let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
        let table = mail.attachments().find(|part| part.attachment_name() == Some("digest.csv")).unwrap();
        let table = std::str::from_utf8(table.contents()).unwrap();
        let subject = mail.subject().unwrap();
        for canary in CANARIES {
            for (what, place) in [("subject", subject), ("text", &*text), ("html", &*html), ("table", table)] {
                assert!(!place.contains(canary), "{canary} stands in the {what} of {}", one.at);
            }
        }
        for hostile in ["<script", "<svg", "http://", "javascript:"] {
            assert!(!html.to_lowercase().contains(hostile), "{hostile}");
        }
        // Every picture of the HTML is in the mail, and none besides.
        let shown: Vec<&str> =
            html.match_indices("src=\"").map(|(at, _)| html[at + 5..].split('"').next().unwrap()).collect();
        let within: Vec<String> =
            mail.parts.iter().filter_map(|part| part.content_id()).map(|id| format!("cid:{id}")).collect();
        assert_eq!(shown, within);
        let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
        let mut cells = 0;
        for row in reader.records() {
            let row = row.unwrap();
            assert_eq!(row.len(), 7);
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
            cells += row.len();
        }
        assert!(cells > 100 && text.lines().all(|line| line.chars().count() < 200));
    }
    for (day, to) in &by_day {
        assert!(calendar.is_business_day(*day), "{day} is a day off");
        assert_eq!(to.len(), 2, "{day}: {to:?}");
        assert!(to.contains(&"eve@desk.example") && to.contains(&"sue@desk.example"), "{day}: {to:?}");
    }
    // The first morning is that on which the clerk begins; on two days nobody was there, and then it came once.
    let away = [date(2026, 11, 4), date(2026, 11, 5)];
    let expected: Vec<Date> =
        FIRST.series(1.day()).take_while(|day| *day <= LAST).filter(|day| calendar.is_business_day(*day)).collect();
    let expected: Vec<Date> = expected.into_iter().filter(|day| !away.contains(day)).collect();
    assert_eq!(by_day.keys().copied().collect::<Vec<_>>(), expected);
    assert!(told.len() > 20);
}

#[tokio::test]
async fn the_figures_of_a_month_are_those_of_the_raw_rows() {
    a_month(None).await;
}

#[tokio::test]
async fn the_figures_of_a_month_are_those_of_the_raw_rows_on_postgres() {
    a_month(Some(postgres::new_database())).await;
}

/// Members' names stand in the mail only where the policy allows them.
#[tokio::test]
async fn names_are_told_where_the_policy_says_so() {
    for (policy, tells) in [(POLICY.to_owned(), false), (POLICY.replace("prose", "prose"), false), (allowing(), true)] {
        let desk = desk(&policy);
        let start = desk.calendar.at_local(date(2026, 10, 19), jiff::civil::time(10, 0, 0, 0));
        let mut clerk = Clerk::new(start, None, &policy).await;
        let body = "Agent Name: Jo Field\nMember ID: H7700001\nMember Name: Quetzalina Zebrafinch\nSummary: the card \
                    never arrived at her house\n";
        clerk.deliver("jo@agency.example", "a@agency.example", "Zebrafinch, Quetzalina North", "", true, body);
        clerk.rehearse(start).await;
        // The answer is never given.
        let late = desk.calendar.at_local(date(2026, 10, 26), jiff::civil::time(8, 0, 0, 0));
        clerk.rehearse(late).await;
        let day = clerk.worker.day(&desk, None, date(2026, 10, 23), late).await.unwrap();
        let view = View::of(&desk, &day, None);
        let shown = serde_json::to_string(&(&view, &day)).unwrap();
        assert!(shown.contains("TEST-100001") && day.needs.as_ref().unwrap()[0].count == 1, "{shown}");
        assert_eq!(shown.contains("Zebrafinch"), tells, "{shown}");
        assert!(!shown.contains("H77"), "{shown}");
        clerk.worker.store.close().await;
    }
}

fn allowing() -> String {
    POLICY.replace("digest_at = \"07:30\"", "digest_at = \"07:30\"\ndigest_shows = \"names\"")
}
