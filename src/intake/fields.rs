//! The body's labelled values, in the order in which they stand, and the lines that belong to none.

use super::evidence::takes_field;
use super::form::Form;
use super::joined::{fill_column, split_joined};
use super::labels::{self, Hit, Separator};
use super::values::{self, Worth};
use super::vocabulary::{Target, Vocabulary};
use super::{lines, members, mentions, text, tokens};
use crate::desk::{Field, FieldRole};

/// One labelled value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the label names.
    pub target: Target,
    /// The value, tidy; a summary with its lines.
    pub value: String,
    /// The line of the text on which the label stands.
    pub line: usize,
}

/// What was found in one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Labelled values.
    pub entries: Vec<Entry>,
    /// Lines that are part of none, with their places.
    pub free: Vec<(usize, String)>,
}

/// Reads the labelled values of `text`.
pub fn scan(voc: &Vocabulary<'_>, text: &str) -> Scan {
    let text = text::clean_lines(text);
    let form = Form::of(voc, text.lines());
    let mut scanner = Scanner {
        voc,
        form,
        scan: Scan::default(),
        open: None,
        header: None,
        pair_row: None,
        gap: 0,
        head: String::new(),
    };
    for (place, line) in text.lines().enumerate() {
        scanner.line(place, line);
    }
    scanner.close_header(None);
    let mut scan = scanner.scan;
    fill_column(voc, &mut scan);
    for entry in &mut scan.entries {
        entry.value = match role(voc, entry.target) {
            Some(FieldRole::Summary) => tidy_summary(&entry.value),
            Some(FieldRole::RequesterName | FieldRole::MemberName) => without_stop(values::tidy(&entry.value)),
            _ if has_form(voc, entry.target) => {
                before_next_label(voc, entry.target, values::tidy(&entry.value).trim_end_matches(['.', ',', ';']))
                    .to_owned()
            }
            _ => values::tidy(&entry.value),
        };
    }
    scan
}

/// The role of the field of `target`; `None` for a label of the line.
pub fn role(voc: &Vocabulary<'_>, target: Target) -> Option<FieldRole> {
    match target {
        Target::Field(place) => voc.field(place).map(|field| field.role),
        Target::Line => None,
    }
}

/// An identifier without another label and its value that share its line: `7203318, Person ID 195530`.
fn before_next_label<'v>(voc: &Vocabulary<'_>, target: Target, value: &'v str) -> &'v str {
    let Target::Field(place) = target else { return value };
    let Some(field) = voc.field(place) else { return value };
    let Some((own, behind)) = value.split_once([',', ';', '/', '|']) else { return value };
    let names_another =
        labels::at_start(voc, behind.trim_start(), "").is_some_and(|hit| !hit.targets.contains(&target));
    if names_another && values::fits(field, own.trim_end()) { own.trim_end() } else { value }
}

/// A name without the full stop that ends its sentence; that of `Jr.` or an initial stays.
fn without_stop(name: String) -> String {
    let long = name.strip_suffix('.').filter(|rest| {
        let last = rest.split_whitespace().next_back().unwrap_or_default();
        last.chars().count() > 3 && !last.contains('.')
    });
    long.map(str::to_owned).unwrap_or(name)
}

/// A summary without the sign-off behind it.
pub fn tidy_summary(value: &str) -> String {
    let all: Vec<&str> = value.lines().collect();
    values::tidy(&lines::before_sign_off(&all).join("\n"))
}

/// The most words of a plain value on a line of its own.
const PLAIN_WORDS: usize = 25;
/// The most words of one that names a choice, rightly or wrongly.
const CHOICE_WORDS: usize = 4;

/// Fewer words are no sentence of a request.
const SENTENCE: usize = 3;

/// Rows of one table stand so many lines apart at most: a blank line may stand between two.
const ROWS_APART: usize = 2;

struct Scanner<'v, 'a> {
    voc: &'v Vocabulary<'a>,
    /// How the text parts labels from values.
    form: Form,
    scan: Scan,
    /// The entry that the next lines belong to: a summary, or a label without a value yet.
    open: Option<usize>,
    /// Labels of a table's head row, by column.
    header: Option<(usize, Vec<Option<Target>>, bool)>,
    /// The last row of a table that held a label and its value.
    pair_row: Option<usize>,
    /// Blank lines since the open label.
    gap: usize,
    /// The first word of the last label, where it named a person.
    head: String,
}

impl Scanner<'_, '_> {
    fn line(&mut self, place: usize, line: &str) {
        if line.trim().is_empty() {
            self.gap += 1;
            if self.summary_open() {
                self.append("");
            }
            return;
        }
        if let Some(cells) = lines::cells(line) {
            let under_header = self.header.is_some() && self.row(place, &cells);
            if under_header || self.cells(place, line, &cells) {
                return;
            }
        }
        self.close_header(Some(place));
        self.plain(place, line);
    }

    fn summary_open(&self) -> bool {
        let entry = self.open.and_then(|open| self.scan.entries.get(open));
        entry.is_some_and(|entry| role(self.voc, entry.target) == Some(FieldRole::Summary))
    }

    /// Whether a summary is open that has words already.
    fn summary_runs(&self) -> bool {
        let entry = self.open.and_then(|open| self.scan.entries.get(open));
        self.summary_open() && entry.is_some_and(|entry| entry.value.chars().any(char::is_alphanumeric))
    }

    fn append(&mut self, line: &str) {
        if let Some(entry) = self.open.and_then(|open| self.scan.entries.get_mut(open)) {
            if !entry.value.is_empty() {
                entry.value.push('\n');
            }
            entry.value.push_str(line.trim_end());
        }
    }

    /// A line of plain text, with labels or without.
    fn plain(&mut self, place: usize, line: &str) {
        if self.names_choice(line) {
            self.unlabelled(place, line);
            return;
        }
        let (first, mut hits) = self.labels_of(line);
        let lone = first.is_none() && hits.len() < 2;
        // A label that the line begins with ends the summary, and what stands behind it is no part of that either.
        let in_summary = first.as_ref().map_or_else(
            || self.summary_runs(),
            |hit| hit.targets.iter().any(|t| role(self.voc, *t) == Some(FieldRole::Summary)),
        );
        let bounds: Vec<usize> = hits.iter().skip(1).map(|hit| hit.start).chain([line.len()]).collect();
        let mut bound = bounds.into_iter();
        hits.retain(|hit| {
            let end = bound.next().unwrap_or(line.len());
            self.takes_within(line.get(hit.value..end).unwrap_or_default(), line, hit, lone, in_summary)
        });
        let all: Vec<Hit> = first.into_iter().chain(hits).collect();
        let Some(start) = all.first().map(|hit| hit.start) else {
            self.unlabelled(place, line);
            return;
        };
        let before = line.get(..start).unwrap_or_default();
        if before.chars().filter(|c| c.is_alphanumeric()).count() > 2 {
            self.unlabelled(place, before);
        }
        for (order, hit) in all.iter().enumerate() {
            let end = all.get(order + 1).map_or(line.len(), |next| next.start);
            let value = line.get(hit.value..end).unwrap_or_default();
            self.entry(place, hit, value.trim_end_matches([' ', '/', '(', '|', ';', ',']));
            self.head = labels::head(self.voc, line, hit);
        }
    }

    /// Whether `line` is one of the choices of the field whose label stands right above without a value: the word may be
    /// another field's label as well (`Role`, and below it `Agent`).
    fn names_choice(&self, line: &str) -> bool {
        let open = self.open.filter(|_| self.gap == 0).and_then(|open| self.scan.entries.get(open));
        open.is_some_and(|entry| entry.value.is_empty() && self.is_choice(entry.target, line))
    }

    /// Whether `value` is one of the choices of the field of `target`, and no more than that.
    fn is_choice(&self, target: Target, value: &str) -> bool {
        let Target::Field(place) = target else { return false };
        let Some(field) = self.voc.field(place) else { return false };
        text::count_words(value) <= CHOICE_WORDS
            && !value.contains([':', '='])
            && values::choice(field, value).is_some()
    }

    /// The label that `line` begins with, if what follows shows that it is one, and the labels that may stand behind it.
    fn labels_of(&self, line: &str) -> (Option<Hit>, Vec<Hit>) {
        if let Some(hit) = labels::at_start(self.voc, line, &self.head) {
            let head = labels::head(self.voc, line, &hit);
            let behind = labels::within(self.voc, line, hit.value, &head);
            let end = behind.first().map_or(line.len(), |next| next.start);
            let own = line.get(..end).unwrap_or(line).trim_end_matches([' ', '/', '(', '|', ';', ',']);
            if self.takes(own, &hit, true) {
                return (Some(hit), behind);
            }
        }
        (None, labels::within(self.voc, line, 0, &self.head))
    }

    /// Whether the label at the start of a line is one, judged by what follows it.
    fn takes(&self, line: &str, hit: &Hit, alone: bool) -> bool {
        let value = values::tidy(line.get(hit.value..).unwrap_or_default());
        let runs = self.summary_runs();
        hit.targets.iter().all(|target| match target {
            Target::Line => {
                let names_line = !line_mentions(self.voc, &value).is_empty();
                match hit.separator {
                    Separator::Strong | Separator::Cell => !runs || names_line,
                    Separator::End => !runs,
                    Separator::Dash | Separator::Weak => names_line,
                    Separator::Space => false,
                }
            }
            Target::Field(place) => self.voc.field(*place).is_some_and(|field| {
                let lone_word = alone && hit.words < 2 && hit.separator == Separator::End;
                let name = matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName);
                let as_others = alone && self.form.holds(line, hit) && !self.is_given(*target);
                let by_itself = !(lone_word && name)
                    && takes_field(self.voc, field, hit, &value, runs && alone, capital_at(line, hit.start));
                as_others || by_itself
            }),
        })
    }

    /// Whether a label in the middle of a line is one.
    fn takes_within(&self, value: &str, line: &str, hit: &Hit, lone: bool, in_summary: bool) -> bool {
        let value = values::tidy(value);
        let capital = capital_at(line, hit.start);
        let parted = line
            .get(..hit.start)
            .is_some_and(|before| before.trim_end().ends_with([',', ';', '|', '/', '\u{2022}', '.']));
        hit.targets.iter().all(|target| {
            let Target::Field(place) = target else { return !line_mentions(self.voc, &value).is_empty() };
            let Some(field) = self.voc.field(*place) else { return false };
            let form = field.pattern.is_some() && values::fits(field, &value);
            let name = matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName);
            let plausible = !name || value.split_whitespace().all(text::is_capitalised);
            if hit.separator == Separator::Dash {
                let named = name && hit.words > 1 && plausible && lines::is_name_like(self.voc, &value);
                let text = field.role == FieldRole::Summary && hit.words > 1 && capital;
                return !in_summary && !lone && (form || named || text);
            }
            match (in_summary, lone) {
                (true, _) => {
                    let label = capital && hit.words > 1 && field.role != FieldRole::Summary && plausible;
                    (form || label) && !self.is_given(*target)
                }
                (false, true) => form || (hit.words > 1 && (capital || parted)) || (capital && parted),
                (false, false) => field.role != FieldRole::Summary || capital || parted || hit.words > 1,
            }
        })
    }

    /// Whether the label of `target` has a usable value already.
    fn is_given(&self, target: Target) -> bool {
        let Target::Field(place) = target else { return false };
        let Some(field) = self.voc.field(place) else { return false };
        let usable = |entry: &&Entry| values::judge(self.voc, field, &values::tidy(&entry.value)) == Worth::Usable;
        self.scan.entries.iter().filter(|entry| entry.target == target).take(8).any(|entry| usable(&entry))
    }

    fn entry(&mut self, place: usize, hit: &Hit, value: &str) {
        self.close_header(None);
        let parts = split_joined(self.voc, &hit.targets, value);
        for (target, value) in hit.targets.iter().zip(parts) {
            self.push(*target, value, place);
        }
    }

    fn push(&mut self, target: Target, value: String, line: usize) {
        let value = self.without_next_sentence(target, value, line);
        let blank = !value.chars().any(char::is_alphanumeric) && values::tidy(&value).is_empty();
        let summary = role(self.voc, target) == Some(FieldRole::Summary);
        self.scan.entries.push(Entry { target, value: if blank { String::new() } else { value }, line });
        self.open = (blank || summary).then(|| self.scan.entries.len() - 1);
        self.gap = 0;
    }

    /// On desks that read prose, an identifier or a name ends with its sentence: what goes on behind the full stop is free text.
    fn without_next_sentence(&mut self, target: Target, value: String, line: usize) -> String {
        let Target::Field(place) = target else { return value };
        let field = self.voc.field(place).filter(|_| self.voc.parts.prose);
        let parted = field.and_then(|field| {
            let (own, behind) = value.split_once(". ")?;
            let is_name = matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName)
                && text::count_words(own) > 1
                && lines::is_name_like(self.voc, own);
            let is_whole = is_name || (field.pattern.is_some() && values::fits(field, &values::tidy(own)));
            (is_whole && text::count_words(behind) >= SENTENCE).then_some((own, behind))
        });
        let Some((own, behind)) = parted else { return value };
        self.scan.free.push((line, behind.to_owned()));
        own.to_owned()
    }

    /// A line without a label: the value of the label before it, more of the summary, or free.
    fn unlabelled(&mut self, place: usize, line: &str) {
        if self.summary_open() {
            self.append(line);
            return;
        }
        let target = self.open.take().and_then(|open| Some((open, self.scan.entries.get(open)?.target)));
        if let Some((open, target)) = target
            && self.gap < 3
            && self.can_be_value(target, line)
            && let Some(entry) = self.scan.entries.get_mut(open)
        {
            entry.value = value_of_line(self.voc, target, line).to_owned();
            entry.line = place;
            return;
        }
        if self.lists_member(place, line) {
            return;
        }
        self.scan.free.push((place, line.to_owned()));
    }

    /// Takes one more member of a list below a member's label; whether it was one.
    fn lists_member(&mut self, place: usize, line: &str) -> bool {
        let above = self.scan.entries.last().filter(|entry| entry.line + 1 == place && self.gap == 0);
        let target = above.map(|entry| entry.target);
        let Some(target) = target.filter(|target| role(self.voc, *target) == Some(FieldRole::MemberName)) else {
            return false;
        };
        let line = value_of_line(self.voc, target, line);
        let is_member = members::continues_list(self.voc, line);
        if is_member {
            self.scan.entries.push(Entry { target, value: line.to_owned(), line: place });
        }
        is_member
    }

    /// Whether a line by itself is the value of the blank label above it.
    fn can_be_value(&self, target: Target, line: &str) -> bool {
        let value = values::tidy(value_of_line(self.voc, target, line));
        let Target::Field(place) = target else { return !line_mentions(self.voc, &value).is_empty() };
        let Some(field) = self.voc.field(place) else { return false };
        let digits = value.chars().any(|c| c.is_ascii_digit());
        let words = text::count_words(&value);
        if field.pattern.is_some() {
            let worth = values::judge(self.voc, field, &value);
            return (worth != Worth::Invalid && words <= 6) || (self.gap == 0 && words == 1 && digits);
        }
        // "Payment page: July is paid" right below what was looked into: the desk knows no such label, and it needs a value.
        let in_words = field.required && field.role == FieldRole::Other && self.gap == 0;
        if lines::looks_labelled(line) && !in_words {
            return false;
        }
        if values::is_placeholder(self.voc, field, &value) {
            return true;
        }
        match field.role {
            FieldRole::RequesterName | FieldRole::MemberName => lines::is_name_like(self.voc, &value),
            FieldRole::Other => self.can_be_plain_value(field, line, &value),
            FieldRole::Type | FieldRole::Priority => self.gap == 0 && words <= 8 && !lines::is_sign_off(line),
            FieldRole::PriorityReason => self.gap == 0 && !lines::is_sign_off(line),
            _ => self.gap == 0 && digits && words <= 4,
        }
    }

    /// As [`Self::can_be_value`], for a field whose values are any words: in the next line, or, as tables become text,
    /// behind one blank line.
    fn can_be_plain_value(&self, field: &Field, line: &str, value: &str) -> bool {
        let most = if field.choices.is_empty() { PLAIN_WORDS } else { CHOICE_WORDS };
        self.gap < 2 && text::count_words(value) <= most && !lines::is_sign_off(line)
    }

    /// A row of a table, where a cell is a label. Whether it was one.
    fn cells(&mut self, place: usize, line: &str, cells: &[&str]) -> bool {
        let mut found: Vec<Option<Hit>> = cells.iter().map(|cell| self.cell_label(cell)).collect();
        if let ([label, value], [Some(hit), second @ Some(_)]) = (cells, found.as_mut_slice())
            && self.is_pair(place, label, hit, value)
        {
            *second = None;
        }
        if found.iter().all(Option::is_none) {
            return false;
        }
        self.close_header(Some(place));
        let alone = |(cell, hit): (&&str, &Option<Hit>)| {
            cell.is_empty()
                || hit.as_ref().is_some_and(|hit| hit.separator == Separator::End || blank_behind(cell, hit))
        };
        let filled = found.iter().flatten().count();
        if filled > 1 && cells.iter().zip(&found).all(alone) {
            let head = found.iter().map(|hit| hit.as_ref().and_then(|hit| hit.targets.first().copied())).collect();
            self.header = Some((place, head, false));
            self.open = None;
            return true;
        }
        let runs = self.summary_runs();
        if runs
            && found.iter().flatten().all(|hit| hit.separator == Separator::End && hit.words < 2)
            && !line.contains('\t')
        {
            return false;
        }
        if matches!(found.as_slice(), [Some(_), None]) {
            self.pair_row = Some(place);
        }
        for (cell, hit) in cells.iter().zip(&found) {
            match hit {
                Some(hit) => self.plain_cell(place, cell, hit),
                None if cell.is_empty() => {}
                None => self.value_cell(place, cell),
            }
        }
        true
    }

    /// Whether a row of two cells holds a label and its value although the value is a word that labels something too: it
    /// is one of the label's choices, or the rows above hold a label and its value.
    fn is_pair(&self, place: usize, label: &str, hit: &Hit, value: &str) -> bool {
        let behind_pair = self.pair_row.is_some_and(|row| place - row <= ROWS_APART);
        let is_bare = hit.separator == Separator::End || blank_behind(label, hit);
        let chosen = || hit.targets.first().is_some_and(|target| self.is_choice(*target, value));
        is_bare && (chosen() || (behind_pair && !value.contains([':', '='])))
    }

    fn plain_cell(&mut self, place: usize, cell: &str, hit: &Hit) {
        let value = cell.get(hit.value..).unwrap_or_default();
        if labels::within(self.voc, cell, hit.value, "").is_empty() {
            self.entry(place, hit, value);
            self.head = labels::head(self.voc, cell, hit);
        } else {
            self.plain(place, cell);
        }
    }

    /// The cell behind a label, or one that stands by itself.
    fn value_cell(&mut self, place: usize, cell: &str) {
        let open = self.open.filter(|open| self.scan.entries.get(*open).is_some_and(|entry| entry.value.is_empty()));
        let Some(open) = open else {
            self.unlabelled(place, cell);
            return;
        };
        let Some(entry) = self.scan.entries.get_mut(open) else { return };
        if entry.line != place && role(self.voc, entry.target) != Some(FieldRole::Summary) {
            self.unlabelled(place, cell);
            return;
        }
        entry.value = cell.to_owned();
        if role(self.voc, entry.target) != Some(FieldRole::Summary) {
            self.open = None;
        }
    }

    fn cell_label(&self, cell: &str) -> Option<Hit> {
        let hit = labels::at_start(self.voc, cell, &self.head)?;
        match hit.separator {
            Separator::Strong | Separator::End => self.takes(cell, &hit, false).then_some(hit),
            Separator::Dash | Separator::Weak => self.takes(cell, &hit, true).then_some(hit),
            Separator::Cell | Separator::Space => None,
        }
    }

    /// A row under a head row: each cell is the value of its column.
    fn row(&mut self, place: usize, cells: &[&str]) -> bool {
        let rule = cells.iter().all(|cell| cell.chars().all(|c| text::is_dash(c) || c == ':' || c == '='));
        if rule {
            return true;
        }
        let head = self.header.as_ref().map(|(_, head, _)| head.as_slice()).unwrap_or_default();
        // "Agent" below "Role" is a value, although it labels something elsewhere.
        let is_label = |(column, cell): (usize, &&str)| {
            let chosen = || head.get(column).copied().flatten().is_some_and(|target| self.is_choice(target, cell));
            self.cell_label(cell).is_some() && !chosen()
        };
        if cells.iter().enumerate().any(is_label) {
            return false;
        }
        let Some((_, head, used)) = &mut self.header else { return false };
        *used = true;
        let head = head.clone();
        let mut open = None;
        for (target, cell) in head.iter().zip(cells) {
            if let Some(target) = target {
                self.scan.entries.push(Entry { target: *target, value: (*cell).to_owned(), line: place });
                let summary = role(self.voc, *target) == Some(FieldRole::Summary);
                open = if summary { Some(self.scan.entries.len() - 1) } else { open };
            }
        }
        self.open = open;
        true
    }

    /// Ends a table's head row; labels under which nothing stood are blank.
    fn close_header(&mut self, _place: Option<usize>) {
        let Some((line, head, used)) = self.header.take() else { return };
        if !used {
            let blanks = head.into_iter().flatten();
            self.scan.entries.extend(blanks.map(|target| Entry { target, value: String::new(), line }));
            let last = self.scan.entries.len().checked_sub(1);
            self.open = last;
            self.gap = 0;
        }
    }
}

/// What a line says for a field that stands above it: a name without the number or bullet of its list.
fn value_of_line<'l>(voc: &Vocabulary<'_>, target: Target, line: &'l str) -> &'l str {
    let named = matches!(role(voc, target), Some(FieldRole::MemberName | FieldRole::RequesterName));
    let start = if named { labels::after_bullets(line) } else { 0 };
    line.get(start..).unwrap_or(line).trim()
}

fn blank_behind(cell: &str, hit: &Hit) -> bool {
    values::tidy(cell.get(hit.value..).unwrap_or_default()).is_empty()
}

fn capital_at(line: &str, at: usize) -> bool {
    line.get(at..).is_some_and(text::is_capitalised_here)
}

/// The lines that a label's value names. `Individual Medicare …` is one product, named by its last word.
pub fn line_mentions(voc: &Vocabulary<'_>, value: &str) -> Vec<crate::words::LineId> {
    let all = tokens::tokens(&text::clean(value));
    let found = mentions::lines(voc, &all);
    let mut named = Vec::new();
    for (place, mention) in found.iter().enumerate() {
        let next = found.get(place + 1).filter(|next| next.what != mention.what && next.at.start == mention.at.end);
        let joined = next
            .and_then(|next| all.get(next.at.start))
            .is_some_and(|token| token.gap == tokens::Gap::Space && mention.spelling == mentions::Spelling::Synonym);
        if !joined && !named.contains(&mention.what) {
            named.push(mention.what.clone());
        }
    }
    named
}

/// Whether the field of `target` has a pattern.
pub fn has_form(voc: &Vocabulary<'_>, target: Target) -> bool {
    match target {
        Target::Field(place) => voc.field(place).is_some_and(|field| field.pattern.is_some()),
        Target::Line => false,
    }
}
