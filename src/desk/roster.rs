//! The roster of associations: a CSV file beside the policy, read with it. What is wrong in it is told by line and column.

use super::issues::squeezed;
use super::load::beside;
use super::reader::Section;
use crate::address::EmailAddress;
use std::collections::BTreeSet;
use toml::Spanned;

/// A larger file is no roster of a desk's requesters: 32 MiB.
const MOST_BYTES: u64 = 32 << 20;
/// More associations than that are refused.
const MOST_LINES: usize = 1_000_000;
/// Faults of one file that are told.
const MOST_FAULTS: usize = 20;

const REMEDY: &str = "write a file with the columns `address,id,case`, one association a line";

/// The associations: the address's key, the identity and the case, each squeezed to letters and digits.
pub(super) fn read(section: &Section<'_>, file: &Spanned<String>) -> BTreeSet<(String, String, String)> {
    let path = beside(section, file.get_ref());
    section.reading.read_from(&path);
    let found = match std::fs::metadata(&path).map(|about| about.len()) {
        Ok(bytes) if bytes > MOST_BYTES => Err(vec![format!("is larger than {} MiB", MOST_BYTES >> 20)]),
        _ => match std::fs::read_to_string(&path) {
            Ok(text) => parse(&text),
            Err(error) => {
                let reason = format!("failed to read {}: {}", file.get_ref(), error.kind());
                section.fault(file.span(), "roster", reason, REMEDY);
                return BTreeSet::new();
            }
        },
    };
    found.unwrap_or_else(|faults| {
        for fault in faults {
            // A place in the file is part of its name: `roster.csv:3:7`.
            let parted = if fault.starts_with(':') { "" } else { " " };
            section.fault(file.span(), "roster", format!("{}{parted}{fault}", file.get_ref()), REMEDY);
        }
        BTreeSet::new()
    })
}

/// The associations of `text`, or what is wrong with it: `:LINE:COLUMN: …` where a place is at fault.
fn parse(text: &str) -> Result<BTreeSet<(String, String, String)>, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{FEFF}') == name);
    let (Some(address), Some(id), Some(case)) = (column("address"), column("id"), column("case")) else {
        return Err(vec![":1:1: the columns `address`, `id` and `case` are not named".to_owned()]);
    };
    let (mut known, mut faults) = (BTreeSet::new(), Vec::new());
    for record in reader.records() {
        if faults.len() >= MOST_FAULTS {
            break;
        }
        if known.len() >= MOST_LINES {
            return Err(vec![format!("holds more than {MOST_LINES} associations")]);
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(format!(":{line}:1: the line has not as many columns as the first"));
                break;
            }
        };
        let of = |column: usize| record.get(column).unwrap_or_default();
        let mut lacks = |column: usize, what: &str| {
            let at = record.position();
            let start = at.and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(0);
            let place = column_of(text.get(start..).unwrap_or_default(), column);
            faults.push(format!(":{}:{place}: {what}", at.map_or(0, csv::Position::line)));
        };
        match EmailAddress::parse(of(address)) {
            Ok(_) if squeezed(of(id)).is_empty() => lacks(id, "an id is missing"),
            Ok(_) if squeezed(of(case)).is_empty() => lacks(case, "a case is missing"),
            Ok(who) => drop(known.insert((who.key(), squeezed(of(id)), squeezed(of(case))))),
            Err(_) => lacks(address, "this is no email address"),
        }
    }
    if faults.is_empty() { Ok(known) } else { Err(faults) }
}

/// Where the value of a column begins, in characters from 1, in the record that `text` begins with.
fn column_of(text: &str, column: usize) -> usize {
    let (mut at, mut quoted) = (0, false);
    // Empty lines before a record belong to none.
    for (place, sign) in text.trim_start_matches(['\r', '\n']).chars().enumerate() {
        if at == column {
            return place + 1;
        }
        match sign {
            '"' => quoted = !quoted,
            ',' if !quoted => at += 1,
            '\n' if !quoted => break,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn faults_are_told_by_line_and_column() {
        for (text, faults) in [
            ("address,id,case\nann@shop.example,4711,K1\n", vec![]),
            ("case,address,id\n# a remark\nK1, ann@shop.example ,4711\n", vec![]),
            ("who,id,case\n", vec![":1:1: the columns `address`, `id` and `case` are not named"]),
            (
                "address,id,case\nann@shop.example,4711,\nann,4711,K1\n",
                vec![":2:23: a case is missing", ":3:1: this is no email address"],
            ),
            ("id,address,case\n\"4,7\",nobody,K1\n", vec![":2:7: this is no email address"]),
            ("address,id,case\nann@shop.example,4711\n", vec![":2:1: the line has not as many columns as the first"]),
        ] {
            assert_eq!(parse(text).err().unwrap_or_default(), faults, "{text:?}");
        }
    }
}
