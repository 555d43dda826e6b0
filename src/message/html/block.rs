//! Text that is laid out line by line: the page, or a cell of a table.

use super::super::lines::LineMark;
use super::marks::Says;

/// A finished line, with what decides its mark at the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) mark: LineMark,
    /// `Says::PerhapsRest` or `Says::Rest` stood right before it.
    pub(super) separator: Option<Says>,
    /// The bare quote it stands in, from 1; 0 for none.
    pub(super) bare: usize,
}

/// Text that is laid out by itself: the page, or one cell of a table.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<Line>,
    pub(super) current: Line,
    /// White space or a no-break space has been seen, so that an empty line is a line.
    pub(super) touched: bool,
    pub(super) space: bool,
    pub(super) gap: bool,
    /// A list item's bullet, written with its first word.
    pub(super) bullet: String,
    /// The cells of the table row that is open, and how many there were.
    pub(super) row: Option<(Line, usize)>,
}

impl Block {
    /// Makes sure that a line is open for text of this kind. Whether text stood in it already.
    pub(super) fn begin(&mut self, mark: LineMark, bare: usize, separator: &mut Option<Says>) -> bool {
        self.end_row();
        if !self.current.text.is_empty() {
            if (self.current.mark, self.current.bare) == (mark, bare) {
                return true;
            }
            self.break_line();
        }
        if self.gap {
            let same = self.lines.last().is_some_and(|l| l.mark == mark);
            self.blank(if same { mark } else { LineMark::None }, 0);
        }
        self.gap = false;
        self.space = false;
        self.current = Line { text: std::mem::take(&mut self.bullet), mark, separator: separator.take(), bare };
        false
    }

    /// An empty line, unless one stands there or nothing does.
    pub(super) fn blank(&mut self, mark: LineMark, bare: usize) {
        if self.lines.last().is_some_and(|l| !l.text.is_empty()) {
            self.lines.push(Line { mark, bare, ..Line::default() });
        }
    }

    pub(super) fn break_line(&mut self) {
        self.end_row();
        let mut line = std::mem::take(&mut self.current);
        line.text.truncate(line.text.trim_end().len());
        if !line.text.is_empty() {
            self.lines.push(line);
        } else if std::mem::take(&mut self.touched) {
            self.blank(line.mark, line.bare);
        }
        self.touched = false;
        self.space = false;
    }

    pub(super) fn hard_break(&mut self, mark: LineMark, bare: usize) {
        self.end_row();
        if self.current.text.trim().is_empty() {
            self.current = Line::default();
            self.blank(mark, bare);
        }
        self.break_line();
    }

    /// Puts a finished cell into the open row: behind a tab, or on lines of its own where it has several.
    pub(super) fn add_cell(&mut self, lines: Vec<Line>) {
        if self.row.is_none() {
            self.break_line();
        }
        let (mut row, cells) = self.row.take().unwrap_or_default();
        let mut lines = lines.into_iter();
        let first = lines.next().unwrap_or_default();
        if cells > 0 {
            row.text.push('\t');
        }
        if row.text.trim().is_empty() {
            let lead = std::mem::take(&mut row.text);
            row = Line { text: lead + &first.text, ..first };
        } else {
            row.text.push_str(&first.text);
        }
        let mut rest = lines.peekable();
        if rest.peek().is_some() {
            self.push_row(row);
            self.lines.extend(rest);
            self.row = Some((Line::default(), 0));
        } else {
            self.row = Some((row, cells + 1));
        }
    }

    pub(super) fn end_row(&mut self) {
        if let Some((row, _)) = self.row.take() {
            self.push_row(row);
        }
    }

    pub(super) fn push_row(&mut self, row: Line) {
        let text = row.text.trim();
        if !text.is_empty() {
            if self.gap {
                self.blank(LineMark::None, 0);
            }
            self.gap = false;
            self.lines.push(Line { text: text.to_owned(), ..row });
        }
    }

    /// The lines without empty ones at both ends.
    pub(super) fn trimmed(mut self) -> Vec<Line> {
        while self.lines.last().is_some_and(|l| l.text.is_empty()) {
            self.lines.pop();
        }
        let lead = self.lines.iter().take_while(|l| l.text.is_empty()).count();
        self.lines.drain(..lead);
        self.lines
    }
}
