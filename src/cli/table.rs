//! Tables for people, and the way they show an instant.

use super::Failure;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use jiff::Timestamp;

/// Prints rows under `header`; `nothing` where there are none.
pub(super) fn show(header: &[&str], rows: impl Iterator<Item = Vec<String>>, nothing: &str) -> Result<(), Failure> {
    show_within(None, header, rows, nothing)
}

/// The same, at most `width` columns wide where the output is no terminal, whose own width counts otherwise. The last
/// column is never broken.
pub(super) fn show_within(
    width: Option<u16>,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    nothing: &str,
) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width.filter(|_| table.width().is_none()) {
        table.set_width(width);
    }
    table.set_header(header);
    let mut any = false;
    for row in rows {
        any = true;
        table.add_row(row);
    }
    if let (true, Some(last)) = (width.is_some(), table.column_iter_mut().last()) {
        last.set_constraint(ColumnConstraint::ContentWidth);
    }
    super::print_line(&if any { table.to_string() } else { nothing.to_owned() })
}

/// An instant, to the minute, in UTC.
pub(super) fn when(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
