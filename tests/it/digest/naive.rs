//! Figures counted by hand: all raw rows are read, and each figure is a plain loop over them, written from docs/digest.md
//! and not from the program. Business time is counted minute by minute.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};
use mailclerk::desk::Desk;
use mailclerk::settings::DatabaseUrl;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::collections::BTreeMap;

async fn texts(url: &DatabaseUrl, sql: &str) -> Vec<String> {
    let sql = AssertSqlSafe(sql.to_owned());
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        }
        DatabaseUrl::Postgres { url } => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        }
    }
}

async fn rows(url: &DatabaseUrl, columns: &[&str], from: &str) -> Vec<Vec<String>> {
    let column = |name: &&str| format!("COALESCE(CAST({name} AS TEXT), '')");
    let all = columns.iter().map(column).collect::<Vec<_>>().join(" || '\u{1}' || ");
    let texts = texts(url, &format!("SELECT {all} FROM {from}")).await;
    texts.iter().map(|text| text.split('\u{1}').map(str::to_owned).collect()).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|_| panic!("an instant: {text:?}"))
}

pub struct Event {
    pub at: Timestamp,
    pub kind: String,
    pub chain: String,
    pub ids: Value,
}

impl Event {
    fn id(&self, name: &str) -> &str {
        self.ids[name].as_str().unwrap_or_default()
    }
}

/// Everything, raw.
pub struct Rows {
    /// When each message was read, and its line.
    read: Vec<(Timestamp, String)>,
    /// Message to (reasons, line, topics).
    decided: BTreeMap<String, (Value, String, Value)>,
    pub events: Vec<Event>,
    /// Case to line.
    lines: BTreeMap<String, String>,
    answers: Vec<(Timestamp, String)>,
    promised: BTreeMap<String, Vec<Timestamp>>,
}

pub async fn read(url: &DatabaseUrl) -> Rows {
    let read = rows(
        url,
        &["m.recorded_at", "d.line"],
        "messages m LEFT JOIN message_decisions d ON d.message = m.id WHERE NOT m.is_sent",
    )
    .await;
    let decided = rows(url, &["message", "reasons", "line", "topics"], "message_decisions").await;
    let events = rows(url, &["at", "kind", "chain", "ids"], "audit_rows ORDER BY at, chain, seq").await;
    let cases = rows(url, &["id", "line"], "cases").await;
    let answers = rows(
        url,
        &["state_at", "about"],
        "mails WHERE state = 'sent' AND class = 'answer' AND template IN ('answer', 'return')",
    )
    .await;
    let clocks = rows(url, &["of_id", "started"], "clocks WHERE kind = 'respond' ORDER BY started").await;
    let mut promised: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for row in clocks {
        promised.entry(row[0].clone()).or_default().push(at(&row[1]));
    }
    let json = |text: &str| serde_json::from_str(text).unwrap();
    Rows {
        read: read.iter().map(|row| (at(&row[0]), row[1].clone())).collect(),
        decided: decided.iter().map(|row| (row[0].clone(), (json(&row[1]), row[2].clone(), json(&row[3])))).collect(),
        events: events
            .iter()
            .map(|row| Event { at: at(&row[0]), kind: row[1].clone(), chain: row[2].clone(), ids: json(&row[3]) })
            .collect(),
        lines: cases.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect(),
        answers: answers.iter().map(|row| (at(&row[0]), row[1].clone())).collect(),
        promised,
    }
}

/// From midnight of `first` to midnight of the next business day.
pub fn stretch(desk: &Desk, first: Date) -> (Timestamp, Timestamp) {
    let mut next = first.tomorrow().unwrap();
    while !desk.calendar.is_business_day(next) {
        next = next.tomorrow().unwrap();
    }
    (desk.calendar.at_local(first, Time::midnight()), desk.calendar.at_local(next, Time::midnight()))
}

impl Rows {
    fn line_of(&self, chain: &str) -> &str {
        self.lines.get(chain).map(String::as_str).unwrap_or_default()
    }

    /// Every figure of a day, by its word, of one line or of all.
    pub fn figures(&self, desk: &Desk, day: Date, line: Option<&str>) -> BTreeMap<String, u64> {
        let (from, to) = stretch(desk, day);
        let is_of = |other: &str| line.is_none_or(|line| line == other);
        let within = |at: Timestamp| from <= at && at < to;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut add = |name: &str| *counts.entry(name.to_owned()).or_default() += 1;
        for (at, line) in &self.read {
            if within(*at) && is_of(line) {
                add("arrived");
            }
        }
        for event in self.events.iter().filter(|event| within(event.at)) {
            if event.kind == "decided" {
                let (reasons, line, topics) = &self.decided[event.id("message")];
                if !is_of(line) {
                    continue;
                }
                add(match event.id("decision") {
                    "accept" => "accepted",
                    "return" => "returned",
                    "reject_mixed" => "rejected",
                    "redirect" => "redirected",
                    "duplicate" => "duplicate",
                    "attach" => "attached",
                    "hold" => "held",
                    "ignore" => "ignored",
                    _ => "reports",
                });
                if event.id("decision") == "return" {
                    for reason in reasons.as_array().unwrap() {
                        let field = reason["field"].as_str().map(|field| format!(":{field}")).unwrap_or_default();
                        add(&format!("returned/{}{field}", reason["code"].as_str().unwrap()));
                    }
                }
                if event.id("decision") == "redirect" {
                    topics
                        .as_array()
                        .unwrap()
                        .iter()
                        .for_each(|topic| add(&format!("redirected/{}", topic.as_str().unwrap())));
                }
            } else if event.chain != "desk" && is_of(self.line_of(&event.chain)) {
                match event.kind.as_str() {
                    "case_opened" => add("opened"),
                    "reopened" => add("reopened"),
                    "resolved" | "sent_elsewhere" => add("resolved"),
                    "merged" if event.ids["into"].is_string() => add("merged"),
                    "breached" => add("missed"),
                    "answered" if event.ids["by"].is_string() => add("answered"),
                    _ => {}
                }
            }
        }
        for (at, case) in &self.answers {
            if within(*at) && is_of(self.line_of(case)) {
                add("answered");
            }
        }
        let open = self.lines.iter().filter(|(case, line)| is_of(line) && self.is_open_before(case, to)).count();
        counts.insert("open".into(), open as u64);
        counts.retain(|_, count| *count > 0);
        counts
    }

    /// Whether a case was open at that instant, by what had happened to it before.
    fn is_open_before(&self, case: &str, at: Timestamp) -> bool {
        let mut open = false;
        for event in self.events.iter().filter(|event| event.chain == case && event.at < at) {
            match event.kind.as_str() {
                "case_opened" | "reopened" => open = true,
                "status_changed" if event.id("status") == "resolved" => open = false,
                _ => {}
            }
        }
        open
    }

    /// Seconds of business time from each opening whose first answer came on `day`, and whether it was in time.
    pub fn first_answers(&self, desk: &Desk, day: Date) -> Vec<(i64, bool)> {
        let (from, to) = stretch(desk, day);
        let mut found = Vec::new();
        for case in self.lines.keys() {
            let history: Vec<&Event> = self.events.iter().filter(|event| event.chain == *case).collect();
            for (place, opening) in history.iter().enumerate() {
                if !matches!(opening.kind.as_str(), "case_opened" | "reopened") {
                    continue;
                }
                let rest: Vec<&&Event> =
                    history[place + 1..].iter().take_while(|event| event.kind != "reopened").collect();
                let left = |at: Timestamp| {
                    let is_answer = |event: &&&&Event| {
                        event.at == at
                            && event.kind == "mail_queued"
                            && event.id("state") == "queued"
                            && matches!(event.id("template"), "answer" | "return")
                    };
                    rest.iter().find(is_answer).is_some()
                };
                let answer = rest.iter().find(|event| match event.kind.as_str() {
                    "resolved" | "sent_elsewhere" => true,
                    "answered" | "sent_back" => left(event.at) || event.ids["by"].is_string(),
                    _ => false,
                });
                let Some(answer) = answer.filter(|answer| from <= answer.at && answer.at < to) else { continue };
                let earlier =
                    history[..place].iter().rfind(|event| matches!(event.kind.as_str(), "case_opened" | "reopened"));
                let starts = self.promised.get(case).cloned().unwrap_or_default();
                let after = earlier.map_or(Timestamp::MIN, |earlier| earlier.at);
                let start = starts.into_iter().find(|at| after < *at && *at <= opening.at).unwrap_or(opening.at);
                let late = rest.iter().any(|event| event.kind == "breached" && event.at <= answer.at);
                let mut minutes = business_minutes(desk, start, answer.at);
                let mut paused: Option<Timestamp> = None;
                for event in rest.iter().filter(|event| event.at <= answer.at) {
                    match event.kind.as_str() {
                        "paused" => paused = paused.or(Some(event.at)),
                        "resumed" => {
                            minutes -= paused.take().map_or(0, |since| business_minutes(desk, since, event.at));
                        }
                        _ => {}
                    }
                }
                minutes -= paused.map_or(0, |since| business_minutes(desk, since, answer.at));
                found.push((minutes * 60, !late));
            }
        }
        found.sort_unstable();
        found
    }
}

/// Minutes of business days between two instants, on the wall's clock; what begins on a day off begins at the opening.
pub fn business_minutes(desk: &Desk, from: Timestamp, to: Timestamp) -> i64 {
    let calendar = &desk.calendar;
    let mut wall: DateTime = calendar.local(from).datetime();
    let end = calendar.local(to).datetime();
    if !calendar.is_business_day(wall.date()) {
        let mut day = wall.date();
        while !calendar.is_business_day(day) {
            day = day.tomorrow().unwrap();
        }
        wall = day.at(8, 0, 0, 0);
    }
    let mut minutes = 0;
    while wall < end {
        minutes += i64::from(calendar.is_business_day(wall.date()));
        wall = wall.checked_add(1.minute()).unwrap();
    }
    minutes
}
