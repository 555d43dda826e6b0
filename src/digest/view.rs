//! A day in words: what the mail's text, its HTML and the page Today show, ready to be printed. Nothing here is markup.

use super::day::{Day, Scope};
use super::flow::{Figure, Flow, Row};
use super::needs::{Need, NeedItem, NeedKind};
use super::people::Load;
use super::times::Waits;
use super::words;
use crate::calendar::Unit;
use crate::compose::clean::fold;
use crate::desk::Desk;
use crate::words::LineId;
use serde::Serialize;

/// A day in words.
#[derive(Clone, Debug, Default, Serialize)]
pub struct View {
    /// The desk's name.
    pub desk: String,
    /// The day on which it is told: `Monday, November 23`.
    pub today: String,
    /// The day that is told: `Friday, November 20 to Sunday, November 22`.
    pub told: String,
    /// Which lines.
    pub scope: String,
    /// When it is told: `7:30 am ET`.
    pub as_of: String,
    /// Whether the day that is told is over.
    pub is_over: bool,
    /// Whether there is nothing to tell.
    pub quiet: bool,
    /// The gravest of it in a few words, for a subject.
    pub headline: String,
    /// In whose place the reader gets it.
    pub stand_in: String,
    /// The figures above all others.
    pub tiles: Vec<Tile>,
    /// Whether it is told what needs a decision.
    pub tells_needs: bool,
    /// What needs a decision.
    pub needs: Vec<NeedView>,
    /// Heads of the table's columns: weekday and day.
    pub columns: Vec<(String, String)>,
    /// The table's rows.
    pub rows: Vec<RowView>,
    /// How long requesters waited.
    pub times: Vec<TimeView>,
    /// The day line by line: heads, then rows.
    pub line_heads: Vec<&'static str>,
    /// The rows of it.
    pub lines: Vec<(String, Vec<String>)>,
    /// Open cases by age.
    pub ages: Vec<Bar>,
    /// How many cases are open.
    pub open_count: usize,
    /// What is said of all open cases.
    pub open_words: String,
    /// Who has how much.
    pub load: Vec<LoadView>,
    /// What could be better.
    pub opportunities: Vec<OpportunityView>,
    /// Whom to coach.
    pub agents: Vec<AgentView>,
    /// The charts.
    pub charts: Vec<ChartView>,
    /// Where the console is, without a slash at the end; nothing: there are no links.
    pub console: Option<String>,
}

/// A figure above all others.
#[derive(Clone, Debug, Serialize)]
pub struct Tile {
    /// The number.
    pub number: String,
    /// What it counts.
    pub label: String,
    /// `bad`, `soon` or `calm`.
    pub tone: &'static str,
}

/// One kind of decision.
#[derive(Clone, Debug, Serialize)]
pub struct NeedView {
    /// Its word, for links and styles.
    pub kind: NeedKind,
    /// What it is, with its number.
    pub title: String,
    /// What there is to do.
    pub advice: &'static str,
    /// `bad`, `soon` or `calm`.
    pub tone: &'static str,
    /// The first of them.
    pub items: Vec<ItemView>,
    /// How many more there are.
    pub more: usize,
    /// Where all of them are.
    pub link: Option<String>,
}

/// One thing that waits.
#[derive(Clone, Debug, Serialize)]
pub struct ItemView {
    /// What it is: a case's number, a mail, an address.
    pub name: String,
    /// Where it is.
    pub link: Option<String>,
    /// Since when, until when, why, who has it.
    pub note: String,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
}

/// A row of the table.
#[derive(Clone, Debug, Serialize)]
pub struct RowView {
    /// What it counts.
    pub label: String,
    /// Whether it is a part of the row above.
    pub part: bool,
    /// Whether it stands out.
    pub strong: bool,
    /// Whether a new group of rows begins with it.
    pub begins: bool,
    /// A cell a column, oldest first.
    pub cells: Vec<String>,
    /// The told day's share of the greatest cell, in percent.
    pub percent: u64,
}

/// A label with a bar.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// What it counts.
    pub label: String,
    /// The number.
    pub count: usize,
    /// Its share of the greatest, in percent.
    pub percent: u64,
    /// `bad`, `soon` or `calm`.
    pub tone: &'static str,
}

/// One kind of waiting.
#[derive(Clone, Debug, Serialize)]
pub struct TimeView {
    /// For what.
    pub label: &'static str,
    /// How many waits ended on the day.
    pub count: usize,
    /// The median; nothing where none ended.
    pub median: String,
    /// The worst.
    pub worst: String,
    /// How many of them in time: `11 of 12`.
    pub in_time: String,
    /// The promise.
    pub promise: String,
    /// Whether any was late.
    pub late: bool,
    /// The medians of all columns, oldest first.
    pub medians: Vec<String>,
}

/// What one specialist has.
#[derive(Clone, Debug, Serialize)]
pub struct LoadView {
    /// Who.
    pub name: String,
    /// How many, as a share of the fullest.
    pub open: usize,
    /// In percent.
    pub percent: u64,
    /// What stands out among them.
    pub note: String,
}

/// One kind of opportunity.
#[derive(Clone, Debug, Serialize)]
pub struct OpportunityView {
    /// For what.
    pub kind: String,
    /// How many on the day.
    pub count: u64,
    /// How many in the last twenty business days.
    pub lately: u64,
    /// The cases of the day.
    pub cases: Vec<ItemView>,
}

/// Whose requests were returned.
#[derive(Clone, Debug, Serialize)]
pub struct AgentView {
    /// Who.
    pub address: String,
    /// How many were returned.
    pub returned: u64,
    /// Of how many.
    pub requests: u64,
    /// In percent.
    pub percent: u64,
    /// Why.
    pub reasons: String,
}

/// One chart.
#[derive(Clone, Debug, Serialize)]
pub struct ChartView {
    /// Its name: the Content-ID's left part, and the file's name.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// What its lines say.
    pub alt: String,
    /// Its lines: colour and name.
    pub legend: Vec<(&'static str, &'static str)>,
    /// Where the picture is: `cid:…` in a mail, a path on a page.
    pub source: String,
    /// What the line at the top stands for.
    pub most: String,
    /// The first and last day.
    pub ends: (String, String),
}

/// Items of one kind that are shown.
const MOST_ITEMS: usize = 6;

impl View {
    /// `day` in words. `console` is where the console is reached, without a slash at the end (empty: on the same host);
    /// `None`: there are no links.
    pub fn of(desk: &Desk, day: &Day, console: Option<&str>) -> Self {
        let looks = Looks { desk, day, console };
        let calendar = &desk.calendar;
        let local = calendar.local(day.as_of);
        let moment = words::moment(desk, day.as_of);
        let time = moment.split_once(", ").map(|(_, time)| time).unwrap_or_default();
        Self {
            desk: fold(&desk.name),
            today: calendar.date_in_words(local.date(), day.as_of),
            told: words::period(desk, &day.period, day.as_of),
            scope: looks.scope(),
            as_of: format!("{time} {}", calendar.zone_in_words(day.as_of)),
            is_over: day.is_over,
            quiet: day.is_quiet(),
            headline: looks.headline(),
            stand_in: String::new(),
            tiles: looks.tiles(),
            tells_needs: day.needs.is_some(),
            needs: day.needs.iter().flatten().map(|need| looks.need(need)).collect(),
            columns: day.flow.columns.iter().map(words::column).collect(),
            rows: looks.rows(&day.flow),
            times: looks.times(),
            line_heads: LINE_FIGURES.iter().map(|(_, head)| *head).collect(),
            lines: looks.lines(),
            ages: looks.ages(),
            open_count: day.open(),
            open_words: looks.open_words(),
            load: looks.load(),
            opportunities: looks.opportunities(),
            agents: looks.agents(),
            charts: super::chart::views(&day.flow),
            console: console.map(str::to_owned),
        }
    }
}

/// The figures of the table line by line, with their heads.
const LINE_FIGURES: [(Figure, &str); 6] = [
    (Figure::Accepted, "Accepted"),
    (Figure::Returned, "Returned"),
    (Figure::Answered, "Answers"),
    (Figure::Resolved, "Resolved"),
    (Figure::Missed, "Missed"),
    (Figure::Open, "Open"),
];

struct Looks<'a> {
    desk: &'a Desk,
    day: &'a Day,
    console: Option<&'a str>,
}

impl Looks<'_> {
    fn scope(&self) -> String {
        let name = |id: &LineId| self.desk.line(id).map_or_else(|| id.0.clone(), |line| line.name.clone());
        match &self.day.scope {
            Scope::All if self.desk.lines.len() > 1 => "all lines".to_owned(),
            Scope::All => self.desk.lines.iter().map(|line| line.name.clone()).collect(),
            Scope::Lines(lines) => lines.iter().map(name).collect::<Vec<_>>().join(" and "),
        }
    }

    fn link(&self, path: &str) -> Option<String> {
        self.console.map(|console| format!("{console}{path}"))
    }

    fn case_link(&self, number: &str) -> Option<String> {
        self.link(&format!("/cases/{}/{number}", self.desk.id))
    }

    fn tiles(&self) -> Vec<Tile> {
        let mut tiles = Vec::new();
        if let Some(needs) = &self.day.needs {
            for (kind, tone) in [(NeedKind::Missed, "bad"), (NeedKind::DueToday, "soon"), (NeedKind::Held, "soon")] {
                let count = needs.iter().find(|need| need.kind == kind).map_or(0, |need| need.count);
                let tone = if count > 0 { tone } else { "calm" };
                tiles.push(Tile { number: count.to_string(), label: words::tile(kind).to_owned(), tone });
            }
            tiles.push(Tile { number: self.day.open().to_string(), label: "open".to_owned(), tone: "calm" });
        }
        tiles
    }

    fn headline(&self) -> String {
        let Some(needs) = &self.day.needs else { return words::period(self.desk, &self.day.period, self.day.as_of) };
        let told = [NeedKind::Missed, NeedKind::DueToday, NeedKind::Held];
        let told = told.iter().filter_map(|kind| needs.iter().find(|need| need.kind == *kind));
        let told: Vec<String> = told.map(|need| format!("{} {}", need.count, words::tile(need.kind))).collect();
        match (told.is_empty(), needs.len()) {
            (false, _) => told.join(", "),
            (true, 0) if self.day.is_quiet() => "nothing to tell".to_owned(),
            (true, 0) => "nothing needs a decision".to_owned(),
            (true, 1) => "one matter needs a decision".to_owned(),
            (true, more) => format!("{more} matters need a decision"),
        }
    }

    fn need(&self, need: &Need) -> NeedView {
        let calendar = &self.desk.calendar;
        let today = calendar.local(self.day.as_of).date();
        let next = calendar.date_in_words(calendar.next_business_day(today), self.day.as_of);
        let path = match need.kind {
            NeedKind::Held => Some("/held"),
            NeedKind::WaitingSecure | NeedKind::Failed | NeedKind::Uncertain | NeedKind::Withheld => Some("/mail"),
            NeedKind::PolicyRefused | NeedKind::CalendarEnds | NeedKind::Unreachable => None,
            _ => Some("/queue"),
        };
        let items: Vec<ItemView> = need.items.iter().take(MOST_ITEMS).map(|item| self.item(need.kind, item)).collect();
        NeedView {
            kind: need.kind,
            title: words::need(need.kind, need.count, &next),
            advice: words::advice(need.kind),
            tone: tone(need.kind),
            more: need.count.saturating_sub(items.len()),
            items,
            link: path.and_then(|path| self.link(path)),
        }
    }

    fn item(&self, kind: NeedKind, item: &NeedItem) -> ItemView {
        let mut notes: Vec<String> = Vec::new();
        notes.extend(item.subject.as_ref().map(|subject| fold(subject)));
        notes.extend(item.template.map(words::mail));
        if let Some(at) = item.at {
            let moment = words::moment(self.desk, at);
            notes.push(match kind {
                NeedKind::Missed => format!("was due {moment}"),
                NeedKind::DueToday | NeedKind::DueNext => format!("due {moment}"),
                NeedKind::PastTarget => format!("target {moment}"),
                NeedKind::Unassigned | NeedKind::Unlisted => format!("opened {moment}"),
                _ => format!("since {moment}"),
            });
        }
        notes.extend(item.date.map(|date| self.desk.calendar.date_in_words(date, self.day.as_of)));
        notes.extend(item.reasons.iter().map(|key| match kind {
            NeedKind::PolicyRefused => fold(key),
            _ => words::reason(self.desk, key),
        }));
        let names_nobody =
            matches!(kind, NeedKind::Missed | NeedKind::DueToday | NeedKind::DueNext | NeedKind::NoActivity);
        if item.specialist.is_none() && names_nobody {
            notes.push("nobody has it".to_owned());
        }
        notes.extend(item.specialist.as_ref().map(|address| words::person(self.desk, address)));
        notes.extend(item.cases.map(|count| match (count, &item.case) {
            (0, _) | (_, None) => "no open case".to_owned(),
            (1, Some(case)) => format!("open case {case}"),
            (more, Some(case)) => format!("{more} open cases, the oldest {case}"),
        }));
        let (name, link) = match (&item.address, &item.message, &item.mail, &item.case) {
            (Some(address), ..) => (address.to_string(), item.case.as_ref().and_then(|case| self.case_link(case))),
            (None, Some(message), ..) => {
                (format!("Message {}", short(message)), self.link(&format!("/held/{message}")))
            }
            (None, None, Some(mail), case) => {
                let name = case.clone().unwrap_or_else(|| format!("Mail {}", short(mail)));
                (name, self.link(&format!("/mail/{mail}")))
            }
            (None, None, None, Some(case)) => (case.clone(), self.case_link(case)),
            (None, None, None, None) => (String::new(), None),
        };
        ItemView { name, link, note: notes.join(" · "), urgent: item.urgent }
    }

    fn rows(&self, flow: &Flow) -> Vec<RowView> {
        let always = [
            Figure::Arrived,
            Figure::Accepted,
            Figure::Returned,
            Figure::Redirected,
            Figure::Ignored,
            Figure::Answered,
            Figure::Resolved,
            Figure::Missed,
            Figure::Open,
        ];
        let is_shown = |row: &&Row| always.contains(&row.figure) || row.counts.iter().flatten().any(|count| *count > 0);
        let row = |row: &Row| {
            let label = match (&row.part, row.figure) {
                (Some(key), Figure::Redirected) => words::topic(self.desk, key),
                (Some(key), _) => words::reason(self.desk, key),
                (None, figure) => words::figure(figure).to_owned(),
            };
            let greatest = row.counts.iter().flatten().copied().max().unwrap_or_default();
            let last = row.counts.last().copied().flatten().unwrap_or_default();
            RowView {
                label: capital(&label),
                part: row.part.is_some(),
                strong: row.part.is_none() && matches!(row.figure, Figure::Arrived | Figure::Resolved | Figure::Open),
                begins: row.part.is_none()
                    && matches!(row.figure, Figure::Opened | Figure::Answered)
                    && (row.figure == Figure::Opened || flow.row(Figure::Opened).is_none()),
                cells: row.counts.iter().map(|count| count.map_or("–".to_owned(), |count| count.to_string())).collect(),
                percent: percent(last, greatest),
            }
        };
        flow.rows.iter().filter(is_shown).map(row).collect()
    }

    fn times(&self) -> Vec<TimeView> {
        let desk = self.desk;
        let clocks = desk.clocks_at(self.day.period.stretch.from);
        let unit = clocks.respond.unit;
        let view = |label, promise: String, columns: &[Waits]| {
            let told = columns.last().copied().unwrap_or_default();
            let words = |seconds: i64| if told.count == 0 { String::new() } else { words::long(seconds, unit) };
            let median = |waits: &Waits| match waits.count {
                0 => "–".to_owned(),
                _ => brief(waits.median, unit),
            };
            TimeView {
                label,
                count: told.count,
                median: words(told.median),
                worst: words(told.worst),
                in_time: format!("{} of {}", told.in_time, told.count),
                promise,
                late: told.in_time < told.count,
                medians: columns.iter().map(median).collect(),
            }
        };
        vec![
            view("Acknowledgement", "the next daily assignment".to_owned(), &self.day.acknowledged),
            view("First answer", clocks.respond.to_string(), &self.day.answered),
        ]
    }

    fn lines(&self) -> Vec<(String, Vec<String>)> {
        let name = |id: &LineId| self.desk.line(id).map_or_else(|| id.0.clone(), |line| line.name.clone());
        let row = |row: &super::flow::LineRow| {
            let label = row.line.as_ref().map_or_else(|| "No line".to_owned(), name);
            let cell = |(figure, _): &(Figure, &str)| row.counts.get(figure).copied().unwrap_or_default().to_string();
            (label, LINE_FIGURES.iter().map(cell).collect())
        };
        self.day.lines.iter().map(row).collect()
    }

    fn ages(&self) -> Vec<Bar> {
        let Some(ages) = &self.day.ages else { return Vec::new() };
        let greatest = ages.classes.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let mut least = 0;
        let mut bars = Vec::new();
        for (most, count) in &ages.classes {
            let label = match most {
                Some(most) => format!("{least} to {most} days"),
                None => format!("more than {} days", least - 1),
            };
            let tone = if most.is_some_and(|most| most <= 5) { "calm" } else { "soon" };
            let tone = if most.is_none() { "bad" } else { tone };
            bars.push(Bar { label, count: *count, percent: percent(*count as u64, greatest as u64), tone });
            least = most.unwrap_or(least) + 1;
        }
        bars
    }

    fn open_words(&self) -> String {
        let Some(ages) = self.day.ages.as_ref().filter(|ages| ages.open > 0) else {
            return "Nothing is open.".to_owned();
        };
        let days = |n: u32| if n == 1 { "1 business day".to_owned() } else { format!("{n} business days") };
        let mut words = format!("{} open", ages.open);
        for (count, what) in [(ages.urgent, "urgent"), (ages.new, "not yet assigned"), (ages.paused, "paused")] {
            if count > 0 {
                words.push_str(&format!(", {count} {what}"));
            }
        }
        let oldest = ages.oldest_case.as_ref().map(|case| format!(", {case}")).unwrap_or_default();
        format!("{words}. Median age {}; the oldest {}{oldest}.", days(ages.median), days(ages.oldest))
    }

    fn load(&self) -> Vec<LoadView> {
        let loads = self.day.load.as_deref().unwrap_or_default();
        let greatest = loads.iter().map(|load| load.open).max().unwrap_or_default();
        let view = |load: &Load| {
            let mut notes: Vec<String> = Vec::new();
            if load.away {
                notes.push("away".to_owned());
            } else if load.specialist.is_some() && load.name.is_none() {
                notes.push("no longer listed".to_owned());
            }
            let counts = [
                (load.missed, "missed"),
                (load.due_today, "due today"),
                (load.urgent, "urgent"),
                (load.waiting, "waiting"),
            ];
            notes.extend(counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
            if load.open > 0 {
                notes.push(format!("oldest {} d", load.oldest));
            }
            let unnamed = || load.specialist.as_ref().map_or("Nobody".to_owned(), ToString::to_string);
            LoadView {
                name: load.name.clone().unwrap_or_else(unnamed),
                open: load.open,
                percent: percent(load.open as u64, greatest as u64),
                note: notes.join(" · "),
            }
        };
        loads.iter().map(view).collect()
    }

    fn opportunities(&self) -> Vec<OpportunityView> {
        let noted = &self.day.opportunities;
        let view = |(kind, (count, lately)): (&String, &(u64, u64))| {
            let of_kind = noted.cases.iter().filter(|(other, _)| other == kind);
            let item = |(_, number): &(String, String)| ItemView {
                name: number.clone(),
                link: self.case_link(number),
                note: String::new(),
                urgent: false,
            };
            let kind = capital(&kind.replace('_', " "));
            OpportunityView { kind, count: *count, lately: *lately, cases: of_kind.map(item).collect() }
        };
        noted.kinds.iter().map(view).collect()
    }

    fn agents(&self) -> Vec<AgentView> {
        let view = |agent: &super::people::Agent| {
            let reasons = agent.reasons.iter().take(3);
            let reasons = reasons.map(|(key, count)| format!("{} ({count})", words::reason(self.desk, key)));
            AgentView {
                address: agent.address.to_string(),
                returned: agent.returned,
                requests: agent.requests,
                percent: percent(agent.returned, agent.requests),
                reasons: reasons.collect::<Vec<_>>().join(", "),
            }
        };
        self.day.agents.iter().map(view).collect()
    }
}

fn tone(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Missed | NeedKind::Failed | NeedKind::Uncertain | NeedKind::PolicyRefused => "bad",
        NeedKind::DueNext
        | NeedKind::Escalated
        | NeedKind::PastTarget
        | NeedKind::CalendarEnds
        | NeedKind::PausedWithoutEnd
        | NeedKind::Withheld => "calm",
        _ => "soon",
    }
}

/// The end of an id: enough to find it in a list.
fn short(id: &uuid::Uuid) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or_default()
}

/// A length for a narrow cell.
fn brief(seconds: i64, unit: Unit) -> String {
    match seconds / 3600 {
        0 => format!("{}m", seconds / 60),
        hours if hours < 24 || unit == Unit::WorkingHours => format!("{hours}h"),
        hours => format!("{}d{}h", hours / 24, hours % 24),
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}
