//! Views with everything in them, and with nothing: what the templates are tried with.

use super::needs::NeedKind;
use super::view::{
    AgentView, Bar, ChartView, ItemView, LoadView, NeedView, OpportunityView, RowView, Tile, TimeView, View,
};

/// A full day, one with nothing to tell, and one of long ago.
pub fn samples() -> Vec<View> {
    let full = full();
    let quiet = View { quiet: true, ..View::default() };
    let past = View { tells_needs: false, needs: Vec::new(), tiles: Vec::new(), console: None, ..full.clone() };
    vec![full, quiet, past]
}

fn item(link: Option<&str>) -> ItemView {
    let link = link.map(str::to_owned);
    ItemView { name: "TEST-100001".into(), link, note: "due Fri Nov 20, 10:15 am · Sam Lee".into(), urgent: true }
}

fn full() -> View {
    let five = || vec!["1".to_owned(), "12".into(), "–".into(), "0".into(), "3".into()];
    let need = |tone, more, link: Option<&str>| NeedView {
        kind: NeedKind::Missed,
        title: "2 promised answers were missed".into(),
        advice: "Give the case to somebody who can answer it now.",
        tone,
        items: vec![item(link), item(None)],
        more,
        link: link.map(str::to_owned),
    };
    let row =
        |part, strong, begins| RowView { label: "Arrived".into(), part, strong, begins, cells: five(), percent: 40 };
    let time = |count, late| TimeView {
        label: "First answer",
        count,
        median: "1 d 2 h".into(),
        worst: "3 d 1 h".into(),
        in_time: "11 of 12".into(),
        promise: "72 business hours".into(),
        late,
        medians: five(),
    };
    let bar = |percent, tone| Bar { label: "0 to 1 days".into(), count: 3, percent, tone };
    View {
        desk: "Example Support".into(),
        today: "Monday, November 23".into(),
        told: "Friday, November 20 to Sunday, November 22".into(),
        scope: "all lines".into(),
        as_of: "7:30 am ET".into(),
        is_over: false,
        quiet: false,
        headline: "2 missed, 1 held".into(),
        stand_in: "You get this in the place of Lee Field, who is away.".into(),
        tiles: ["bad", "soon", "calm"].map(|tone| Tile { number: "2".into(), label: "missed".into(), tone }).to_vec(),
        tells_needs: true,
        needs: vec![
            need("bad", 3, Some("https://desk.example.com/queue")),
            need("soon", 3, None),
            need("calm", 0, None),
        ],
        columns: ["Mon", "Tue", "Wed", "Thu", "Fri"].map(|day| (day.to_owned(), "20".to_owned())).to_vec(),
        rows: vec![row(false, true, false), row(true, false, false), row(false, false, true)],
        times: vec![time(12, true), time(0, false)],
        line_heads: vec!["Accepted", "Open"],
        lines: vec![("Gold".into(), vec!["1".into(), "2".into()])],
        ages: vec![bar(0, "calm"), bar(50, "soon"), bar(100, "bad")],
        open_count: 3,
        open_words: "3 open.".into(),
        load: vec![
            LoadView { name: "Sam Lee".into(), open: 3, percent: 100, note: "1 missed · oldest 4 d".into() },
            LoadView { name: "Nobody".into(), open: 0, percent: 0, note: String::new() },
        ],
        opportunities: vec![OpportunityView {
            kind: "Coaching".into(),
            count: 2,
            lately: 5,
            cases: vec![item(Some("https://desk.example.com/x")), item(None)],
        }],
        agents: vec![AgentView {
            address: "jo@agency.example".into(),
            returned: 3,
            requests: 4,
            percent: 75,
            reasons: "Member ID missing (2)".into(),
        }],
        charts: vec![ChartView {
            name: "open",
            title: "Open at the end of the day",
            alt: "Open: between 2 and 9.".into(),
            legend: vec![("#3b82d6", "open")],
            source: "cid:open@example.com".into(),
            most: "top line: 9".into(),
            ends: ("Fri Oct 23".into(), "Fri Nov 20".into()),
        }],
        console: Some("https://desk.example.com".into()),
    }
}
