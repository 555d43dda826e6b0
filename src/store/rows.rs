//! Statements with several rows, built in few sizes, so that each is prepared once for a connection.

use super::Result;
use super::db::{Db, Tx};
use super::value::{Row, Value};
use std::fmt::Write;

/// The sizes in which statements with several rows are built.
const SIZES: [usize; 7] = [100, 40, 20, 10, 5, 2, 1];

/// `($1,$2),($3,$4)`: `rows` rows of `columns` columns, counted from `$1`. SQLite looks a number up by going through all
/// that have one, so there it is `(?,?),(?,?)`.
pub(crate) fn values(columns: usize, rows: usize, numbered: bool) -> String {
    let mut text = String::with_capacity(columns * rows * 5);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 1..=columns {
            text.push_str(if column == 1 { "" } else { "," });
            if numbered {
                let _ = write!(text, "${}", row * columns + column);
            } else {
                text.push('?');
            }
        }
        text.push(')');
    }
    text
}

/// A list for `IN`, padded by repeating a value to one of few sizes; `$` numbers count on from `arguments`.
/// An empty list becomes `none`, a value that nothing has.
pub(crate) fn list<T: Into<Value>>(
    arguments: &mut Vec<Value>,
    items: impl IntoIterator<Item = T>,
    none: Value,
) -> String {
    let mut items: Vec<Value> = items.into_iter().map(Into::into).collect();
    let filler = items.first().cloned().unwrap_or(none);
    let size = match items.len() {
        0 | 1 => 1,
        2..=10 => 10,
        more => more.div_ceil(100) * 100,
    };
    items.resize(size, filler);
    let first = arguments.len() + 1;
    let mut text = String::with_capacity(size * 5);
    for number in first..first + size {
        let _ = write!(text, "{}${number}", if number == first { "" } else { "," });
    }
    arguments.extend(items);
    text
}

/// Cuts `rows` into pieces of these sizes, the largest first.
fn pieces(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Vec<Value>>> {
    let mut pieces = Vec::new();
    for size in SIZES {
        while rows.len() >= size {
            let rest = rows.split_off(size);
            pieces.push(std::mem::replace(&mut rows, rest));
        }
    }
    pieces
}

/// The statements `head (…), (…) tail` for all rows (`head` ends with `VALUES`), each with its arguments.
fn statements(
    head: &str,
    tail: &str,
    rows: Vec<Vec<Value>>,
    numbered: bool,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    pieces(rows).into_iter().map(move |piece| {
        let columns = piece.first().map_or(0, Vec::len);
        let sql = format!("{head} {} {tail}", values(columns, piece.len(), numbered));
        (sql, piece.into_iter().flatten().collect())
    })
}

impl Db {
    /// As [`Tx::fetch_rows`], of committed rows.
    pub(crate) async fn read_rows(&self, head: &str, tail: &str, rows: Vec<Vec<Value>>) -> Result<Vec<Row>> {
        let mut fetched = Vec::new();
        for (sql, values) in statements(head, tail, rows, self.is_postgres()) {
            fetched.extend(self.rows(&sql, values).await?);
        }
        Ok(fetched)
    }
}

impl Tx {
    /// Runs `head (…), (…) tail` for all rows (`head` ends with `VALUES`); gives how many rows were changed.
    pub(crate) async fn run_rows(&mut self, head: &str, tail: &str, rows: Vec<Vec<Value>>) -> Result<u64> {
        let mut changed = 0;
        for (sql, values) in statements(head, tail, rows, self.is_postgres()) {
            changed += self.run(&sql, values).await?;
        }
        Ok(changed)
    }

    /// As [`Tx::run_rows`], for a statement that returns rows. They come in no order.
    pub(crate) async fn fetch_rows(&mut self, head: &str, tail: &str, rows: Vec<Vec<Value>>) -> Result<Vec<Row>> {
        let mut fetched = Vec::new();
        for (sql, values) in statements(head, tail, rows, self.is_postgres()) {
            fetched.extend(self.rows(&sql, values).await?);
        }
        Ok(fetched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_in_few_sizes() {
        assert_eq!(values(2, 2, true), "($1,$2),($3,$4)");
        assert_eq!(values(2, 2, false), "(?,?),(?,?)");
        let rows = |n: usize| vec![vec![Value::Int(Some(1))]; n];
        let sizes = |n: usize| pieces(rows(n)).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(0), Vec::<usize>::new());
        assert_eq!(sizes(249), [100, 100, 40, 5, 2, 2]);
        let mut arguments = vec![Value::Int(Some(7))];
        assert_eq!(list(&mut arguments, [1i64, 2], Value::Int(None)), "$2,$3,$4,$5,$6,$7,$8,$9,$10,$11");
        assert_eq!(arguments.len(), 11);
        assert_eq!(list(&mut Vec::new(), Vec::<i64>::new(), Value::Int(None)), "$1");
    }
}
