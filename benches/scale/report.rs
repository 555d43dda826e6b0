//! The figures as a table, and as JSON.

use super::measure::{Amounts, Figures};

/// Prints all, and writes the JSON where it is asked for.
pub fn tell(few: &Amounts, large: &Amounts, before: &Figures, after: &Figures, sizes: &[(String, f64)]) {
    println!("\n| what | {} cases | {} cases | times |\n| --- | ---: | ---: | ---: |", few.cases, large.cases);
    let mut rows = Vec::new();
    for (name, large) in after {
        let few = before.get(name).copied().unwrap_or(f64::NAN);
        println!("| {name} | {} | {} | {:.2} |", short(few), short(*large), large / few);
        rows.push(serde_json::json!({ "what": name, "few": few, "large": large, "times": large / few }));
    }
    let all: f64 = sizes.iter().map(|(_, size)| size).sum();
    println!("\nThe store has {all:.0} octets a case:\n\n| table or index | octets a case |\n| --- | ---: |");
    for (name, size) in sizes {
        println!("| {name} | {size:.0} |");
    }
    let sizes: serde_json::Map<String, serde_json::Value> =
        sizes.iter().map(|(name, size)| (name.clone(), serde_json::json!(size.round()))).collect();
    let json = serde_json::json!({
        "bench": "scale", "database": super::setting("MAILCLERK_DATABASE").map_or("sqlite", |_| "postgres"),
        "few": few.cases, "large": large.cases, "figures": rows, "octets_a_case": all.round(), "sizes": sizes,
    });
    let mut arguments = std::env::args().skip_while(|argument| argument != "--json");
    match arguments.nth(1).or_else(|| super::setting("MAILCLERK_SCALE_JSON")) {
        Some(file) => std::fs::write(file, json.to_string()).expect("the JSON is written"),
        None => println!("\n{json}"),
    }
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
