//! The audit trail as a file: JSON lines, or CSV for a spreadsheet. The command line writes the same.

use crate::store::{ExportCheckpoint, ExportRow};
use serde::Serialize;

/// The form of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TrailForm {
    /// One JSON object a line: can be verified elsewhere.
    #[default]
    Json,
    /// For a spreadsheet.
    Csv,
}

/// The heads of the columns, as a first line; JSON lines have none.
pub fn begin(form: TrailForm) -> String {
    match form {
        TrailForm::Json => String::new(),
        TrailForm::Csv => "desk,chain,seq,epoch,at,kind,ids,digest,before,hash\r\n".to_owned(),
    }
}

/// Rows, a line each.
pub fn lines(form: TrailForm, rows: &[ExportRow]) -> anyhow::Result<String> {
    match form {
        TrailForm::Json => json_lines(rows),
        TrailForm::Csv => csv_lines(rows.iter().map(|row| {
            let digest = row.digest.clone().unwrap_or_default();
            let (seq, epoch) = (row.seq.to_string(), row.epoch.to_string());
            let texts =
                [&row.desk, &row.chain, &seq, &epoch, &row.at, &row.kind, &row.ids, &digest, &row.before, &row.hash];
            texts.map(String::clone).to_vec()
        })),
    }
}

/// Checkpoints, a line each; a spreadsheet has none of them.
pub fn checkpoint_lines(form: TrailForm, checkpoints: &[ExportCheckpoint]) -> anyhow::Result<String> {
    match form {
        TrailForm::Json => json_lines(checkpoints),
        TrailForm::Csv => Ok(String::new()),
    }
}

fn json_lines<T: Serialize>(all: &[T]) -> anyhow::Result<String> {
    let mut text = String::new();
    for one in all {
        text.push_str(&serde_json::to_string(one)?);
        text.push('\n');
    }
    Ok(text)
}

/// Records of CSV (RFC 4180) in which no cell is a formula to a spreadsheet.
pub fn csv_lines(records: impl Iterator<Item = Vec<String>>) -> anyhow::Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record.iter().map(|cell| harmless(cell)))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A cell that a spreadsheet takes as text: what would begin a formula stands behind an apostrophe (OWASP, CSV Injection).
fn harmless(cell: &str) -> String {
    let begins = cell.trim_start_matches([' ', '\u{a0}']);
    if begins.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
#[test]
fn no_cell_is_a_formula() {
    for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{ff1d}1"] {
        let line = csv_lines(std::iter::once(vec!["a".to_owned(), cell.to_owned()])).unwrap();
        assert!(line.contains(&format!("'{cell}")) || line.contains(&format!("\"'{cell}")), "{line:?}");
    }
    assert_eq!(
        csv_lines(std::iter::once(vec!["a,b".into(), "c\"d".into(), "1".into()])).unwrap(),
        "\"a,b\",\"c\"\"d\",1\r\n"
    );
}
