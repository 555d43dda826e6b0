//! Figures with the limit that they are compared with, as a table and as JSON.

use serde_json::json;

/// One figure.
struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    /// What is asked for, in words.
    asked: String,
    /// The machine's own limit, in the same unit, and what it is of.
    limit: Option<(f64, String)>,
}

/// All of a run.
#[derive(Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Adds a figure and says it, so that a long run shows how far it is.
    pub fn add(&mut self, what: &str, value: f64, unit: &'static str, asked: &str) {
        eprintln!("{what}: {value:.2} {unit}");
        self.0.push(Figure { what: what.to_owned(), value, unit, asked: asked.to_owned(), limit: None });
    }

    /// Sets beside the last figure the limit `name`, where it was measured in this run.
    pub fn beside(&mut self, name: &str) {
        let limit = self.0.iter().find(|one| one.what == name).map(|one| (one.value, name.to_owned()));
        if let Some(last) = self.0.last_mut() {
            last.limit = limit;
        }
    }

    /// Prints the table, and the JSON where a file is named for it.
    pub fn print(&self) {
        println!("| figure | value | asked | limit here | share of it |");
        println!("| --- | ---: | --- | --- | ---: |");
        for one in &self.0 {
            let Figure { what, value, unit, asked, limit } = one;
            let (limit, share) = match limit {
                Some((limit, name)) => (format!("{limit:.0} ({name})"), format!("{:.3}", value / limit)),
                None => (String::new(), String::new()),
            };
            println!("| {what} | {value:.2} {unit} | {asked} | {limit} | {share} |");
        }
        if let Some(path) = std::env::var_os("MAILCLERK_FIGURES") {
            let all = self.0.iter().map(|one| {
                json!({ "figure": one.what, "value": one.value, "unit": one.unit, "asked": one.asked,
                        "limit": one.limit.as_ref().map(|(limit, _)| limit), "limit_of": one.limit.as_ref().map(|(_, name)| name) })
            });
            let all = serde_json::Value::Array(all.collect());
            std::fs::write(&path, all.to_string()).expect("the figures are written");
        }
    }
}
