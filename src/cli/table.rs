//! Tables for people, and the way they show an instant.

use super::Failure;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use jiff::Timestamp;

/// Prints rows under `header`; `nothing` where there are none.
pub(super) fn show(header: &[&str], rows: impl Iterator<Item = Vec<String>>, nothing: &str) -> Result<(), Failure> {
    show_within((None, &[]), header, rows, nothing)
}

/// The same, at most `width` columns wide where the output is no terminal, whose own width counts otherwise. Columns
/// at the places `whole` are never broken.
pub(super) fn show_within(
    (width, whole): (Option<u16>, &[usize]),
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
    for place in whole {
        if let Some(column) = table.column_mut(*place) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    super::print_line(&if any { table.to_string() } else { nothing.to_owned() })
}

/// An instant, to the minute, in UTC.
pub(super) fn when(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
