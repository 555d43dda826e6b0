//! What the page Queue is asked: its form's fields, as they stand in its address, and what they mean.

use crate::desk::Desk;
use crate::store::{Cursor, QueueDue, QueueFilter, QueueOrder, QueueSpecialist, QueueStatus};
use crate::web::base::SignedIn;
use crate::words::{LineId, Status};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The fields of the form, all of them text; what is not known counts as not said.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Ask {
    /// What is searched for.
    pub(super) find: String,
    desk: String,
    line: String,
    status: String,
    who: String,
    due: String,
    urgent: String,
    order: String,
    /// Where the page begins.
    pub(super) after: String,
}

/// One option of a select.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    value: String,
    name: String,
    is_chosen: bool,
}

/// The form as it is shown again.
#[derive(Debug, Serialize)]
pub(super) struct Fields {
    find: String,
    urgent: bool,
    desks: Vec<Choice>,
    lines: Vec<Choice>,
    statuses: Vec<Choice>,
    people: Vec<Choice>,
    dues: Vec<Choice>,
    orders: Vec<Choice>,
    /// Whether anything is asked besides what the page shows by itself.
    is_narrowed: bool,
}

const DUES: [(&str, &str); 5] =
    [("", "Any time"), ("overdue", "Overdue"), ("today", "Today"), ("week", "In seven days"), ("none", "Nothing due")];
const ORDERS: [(&str, &str); 3] = [("", "What is due first"), ("newest", "Newest first"), ("oldest", "Oldest first")];

impl Ask {
    pub(super) fn is_search(&self) -> bool {
        !self.find.trim().is_empty()
    }

    pub(super) fn cursor(&self) -> Option<Cursor> {
        Cursor::parse(&self.after)
    }

    pub(super) fn order(&self) -> QueueOrder {
        match self.order.as_str() {
            "newest" => QueueOrder::Newest,
            "oldest" => QueueOrder::Oldest,
            _ => QueueOrder::Due,
        }
    }

    /// What the fields mean for somebody at `now`. Who searches means every status, unless they say one.
    pub(super) fn filter(&self, who: &SignedIn, now: Timestamp) -> QueueFilter {
        let desks = who.desks();
        QueueFilter {
            desk: desks.iter().find(|desk| desk.id == self.desk).map(|desk| desk.id.clone()),
            line: Some(&self.line).filter(|line| !line.is_empty()).map(|line| LineId(line.clone())),
            status: self.status(),
            specialist: self.specialist(who, &desks),
            due: self.due(desks.iter().find(|desk| desk.id == self.desk).or(desks.first()), now),
            urgent: !self.urgent.is_empty(),
        }
    }

    fn status(&self) -> QueueStatus {
        match self.status.as_str() {
            "open" => QueueStatus::Open,
            "all" => QueueStatus::All,
            "waiting" => QueueStatus::Waiting,
            "" if self.is_search() => QueueStatus::All,
            other => Status::from_word(other).map_or(QueueStatus::Open, QueueStatus::One),
        }
    }

    fn specialist(&self, who: &SignedIn, desks: &[Arc<Desk>]) -> QueueSpecialist {
        let staff = desks.iter().flat_map(|desk| &desk.staff).find(|staff| staff.email.to_string() == self.who);
        match self.who.as_str() {
            "me" => QueueSpecialist::One(who.account.email.clone()),
            "nobody" => QueueSpecialist::Nobody,
            "somebody" => QueueSpecialist::Somebody,
            _ => staff.map_or(QueueSpecialist::Anyone, |staff| QueueSpecialist::One(staff.email.clone())),
        }
    }

    fn due(&self, desk: Option<&Arc<Desk>>, now: Timestamp) -> QueueDue {
        let end_in = |days: i64| {
            let desk = desk?;
            let day: Date = desk.calendar.local(now).date().checked_add(days.days()).ok()?;
            Some(desk.calendar.at_local(day, Time::midnight()))
        };
        match self.due.as_str() {
            "overdue" => QueueDue::Before(now),
            "today" => end_in(1).map_or(QueueDue::Any, |end| QueueDue::Between(now, end)),
            "week" => end_in(8).map_or(QueueDue::Any, |end| QueueDue::Between(now, end)),
            "none" => QueueDue::Nothing,
            _ => QueueDue::Any,
        }
    }

    /// The form, with what was asked chosen in it.
    pub(super) fn fields(&self, who: &SignedIn) -> Fields {
        let desks = who.desks();
        let of_desk = |desk: &&Arc<Desk>| self.desk.is_empty() || desk.id == self.desk;
        let mut lines = vec![(String::new(), "Every line".to_owned())];
        let mut people = vec![
            (String::new(), "Anyone".to_owned()),
            ("me".to_owned(), "Me".to_owned()),
            ("nobody".to_owned(), "Nobody yet".to_owned()),
            ("somebody".to_owned(), "Somebody".to_owned()),
        ];
        for desk in desks.iter().filter(of_desk) {
            let seen = who.access.desks.iter().find(|one| one.desk == desk.id).and_then(|one| one.lines.as_ref());
            let lines_of = desk.lines.iter().filter(|line| seen.is_none_or(|seen| seen.contains(&line.id)));
            lines.extend(lines_of.map(|line| (line.id.0.clone(), line.name.clone())));
            people.extend(desk.staff.iter().map(|staff| (staff.email.to_string(), staff.name.clone())));
        }
        lines.dedup();
        let mut statuses = vec![(String::new(), "Open".to_owned())];
        if self.is_search() {
            statuses = vec![(String::new(), "Every status".to_owned()), ("open".to_owned(), "Open".to_owned())];
        }
        statuses.push(("waiting".to_owned(), "Waiting".to_owned()));
        let named = Status::ALL.iter().map(|status| (status.to_string(), in_words(status.as_str())));
        statuses.extend(named);
        if !self.is_search() {
            statuses.push(("all".to_owned(), "Every status".to_owned()));
        }
        let all_desks = std::iter::once((String::new(), "Every desk".to_owned()));
        let asked = [&self.find, &self.desk, &self.line, &self.status, &self.who, &self.due, &self.urgent, &self.order];
        Fields {
            find: self.find.clone(),
            urgent: !self.urgent.is_empty(),
            desks: choices(all_desks.chain(desks.iter().map(|desk| (desk.id.clone(), desk.name.clone()))), &self.desk),
            lines: choices(lines, &self.line),
            statuses: choices(statuses, &self.status),
            people: choices(people, &self.who),
            dues: choices(DUES.map(|(value, name)| (value.to_owned(), name.to_owned())), &self.due),
            orders: choices(ORDERS.map(|(value, name)| (value.to_owned(), name.to_owned())), &self.order),
            is_narrowed: asked.iter().any(|field| !field.is_empty()),
        }
    }

    /// The address of this page, or of the page behind `after`.
    pub(super) fn address(&self, after: Option<&Cursor>) -> String {
        let mut asked = self.clone();
        asked.after = after.map(Cursor::to_text).unwrap_or_default();
        let fields = [
            ("find", asked.find),
            ("desk", asked.desk),
            ("line", asked.line),
            ("status", asked.status),
            ("who", asked.who),
            ("due", asked.due),
            ("urgent", asked.urgent),
            ("order", asked.order),
            ("after", asked.after),
        ];
        let said: Vec<(&str, String)> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        match serde_urlencoded::to_string(&said) {
            Ok(query) if !query.is_empty() => format!("/queue?{query}"),
            _ => "/queue".to_owned(),
        }
    }
}

fn choices(all: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, name): (String, String)| Choice { is_chosen: value == chosen, value, name };
    all.into_iter().map(choice).collect()
}

/// A word of the engine as a person reads it: `Waiting internal`.
pub(super) fn in_words(word: &str) -> String {
    let spaced = word.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
