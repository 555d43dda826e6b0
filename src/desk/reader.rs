//! Reading a policy's tables key by key, noting every fault with its place instead of stopping at the first.

use super::keys::Kind;
use crate::strict::{self, StrictError};
use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One file being read, and what is wrong with it so far.
pub(super) struct Reading<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
    /// Where files that it names are looked for; `None` where nothing is to be read from disk.
    pub(super) folder: Option<&'a Path>,
    faults: RefCell<Vec<StrictError>>,
    /// Files and folders that the policy was read from besides its own, whether they are there or not.
    sources: RefCell<Vec<PathBuf>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str, folder: Option<&'a Path>) -> Self {
        Self { file, text, folder, faults: RefCell::default(), sources: RefCell::default() }
    }

    /// Parses the text; syntax errors become faults.
    pub(super) fn parse(&self) -> Spanned<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let reason = error.message().trim_end().replace('\n', ", ");
            self.fault(error.span().unwrap_or(0..0), "", reason, "write it as TOML has it, https://toml.io");
        }
        table
    }

    /// Notes a fault at the bytes `span`.
    pub(super) fn fault(&self, span: Range<usize>, key: &str, reason: impl AsRef<str>, remedy: impl Into<String>) {
        let error = StrictError::at(self.file, self.text, span, key, reason.as_ref()).remedy(remedy);
        self.faults.borrow_mut().push(error);
    }

    /// Notes a file or folder that the policy is read from besides.
    pub(super) fn read_from(&self, path: &Path) {
        self.sources.borrow_mut().push(path.to_owned());
    }

    /// What [`Reading::read_from`] noted so far.
    pub(super) fn take_sources(&self) -> Vec<PathBuf> {
        self.sources.take()
    }

    /// The line, from 1, of a span: for faults that point to another place.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        strict::line_and_column(self.text, span.start).0
    }

    /// All faults, in the order of the file.
    pub(super) fn into_faults(self) -> Vec<StrictError> {
        let mut faults = self.faults.into_inner();
        let place = |fault: &StrictError| (fault.line, fault.column, fault.key.clone(), fault.reason.clone());
        faults.sort_by_cached_key(place);
        faults.dedup();
        faults
    }
}

/// One table of a file.
pub(super) struct Section<'a> {
    pub(super) reading: &'a Reading<'a>,
    kind: &'static Kind,
    path: String,
    table: Option<&'a DeTable<'a>>,
    /// Where the table begins; faults about what is missing point here.
    pub(super) span: Range<usize>,
}

impl<'a> Section<'a> {
    /// Opens the whole file as a table of `kind` and refuses the keys that it does not know.
    pub(super) fn root(reading: &'a Reading<'a>, kind: &'static Kind, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self::open(reading, kind, String::new(), Some(table.get_ref()), 0..0)
    }

    fn open(
        reading: &'a Reading<'a>,
        kind: &'static Kind,
        path: String,
        table: Option<&'a DeTable<'a>>,
        span: Range<usize>,
    ) -> Self {
        let section = Self { reading, kind, path, table, span };
        for key in table.into_iter().flat_map(|table| table.keys()) {
            let word = key.get_ref().as_ref();
            if !kind.keys.contains(&word) {
                let remedy = strict::suggestion(word, kind.keys);
                reading.fault(key.span(), &section.key(word), format!("unknown key `{word}`"), remedy);
            }
        }
        section
    }

    /// The dotted path of one of its keys, for error texts.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Whether tables of its kind may have the key.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.kind.keys.contains(&key)
    }

    /// Whether the key stands in the file.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Where the value of `key` stands, or the table where it does not.
    pub(super) fn place(&self, key: &str) -> Range<usize> {
        self.value(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Notes a fault about `key` at `span`.
    pub(super) fn fault(&self, span: Range<usize>, key: &str, reason: impl AsRef<str>, remedy: impl Into<String>) {
        self.reading.fault(span, &self.key(key), reason, remedy);
    }

    /// Notes what another module found wrong; its words are a reason and, after a semicolon, a remedy.
    pub(super) fn teach(&self, span: Range<usize>, key: &str, error: &dyn std::error::Error) {
        let text = error.to_string();
        let (reason, remedy) = text.rsplit_once("; ").unwrap_or((&text, "see the reference page of the policy"));
        self.fault(span, key, reason, remedy);
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.kind.keys.contains(&key), "{key} is not listed in keys.rs under {}", self.kind.heading);
        self.table.and_then(|table| table.get(key))
    }

    pub(super) fn wrong_kind(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str, example: &str) {
        let reason = format!("{} stands where {wanted} belongs", what_it_is(value.get_ref()));
        self.fault(value.span(), key, reason, format!("write it as {example}"));
    }

    /// Notes that a key is missing which has no default.
    pub(super) fn missing(&self, key: &str, example: &str) {
        let reason = format!("required key `{key}` is missing");
        self.fault(self.span.clone(), key, reason, format!("add `{key} = {example}`; it has no default"));
    }

    /// A text on one line, trimmed, not empty.
    pub(super) fn text(&self, key: &str) -> Option<Spanned<String>> {
        let text = self.prose(key)?;
        self.one_line(key, &text).then_some(text)
    }

    /// A text on one line that must be there.
    pub(super) fn required_text(&self, key: &str, example: &str) -> Option<Spanned<String>> {
        if !self.has(key) {
            self.missing(key, example);
        }
        self.text(key)
    }

    /// A text of one or more lines, trimmed, not empty.
    pub(super) fn prose(&self, key: &str) -> Option<Spanned<String>> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_kind(key, value, "a text", "\"…\"");
            return None;
        };
        if text.trim().is_empty() {
            self.fault(value.span(), key, "the text is empty", "write the text, or remove the key");
            return None;
        }
        Some(Spanned::new(value.span(), text.trim().to_owned()))
    }

    fn one_line(&self, key: &str, text: &Spanned<String>) -> bool {
        let fits = !text.get_ref().chars().any(char::is_control);
        if !fits {
            let remedy = "write it on one line: it may stand in a mail's header";
            self.fault(text.span(), key, "the text holds a line end or another control character", remedy);
        }
        fits
    }

    /// A list of texts on one line each, trimmed, none empty; an absent key is an empty list.
    pub(super) fn texts(&self, key: &str) -> Vec<Spanned<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        self.texts_of(key, value)
    }

    fn texts_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<Spanned<String>> {
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, "a list of texts", "[\"…\", \"…\"]");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list.iter() {
            let Some(text) = item.get_ref().as_str() else {
                self.wrong_kind(key, item, "a text", "\"…\"");
                continue;
            };
            let text = Spanned::new(item.span(), text.trim().to_owned());
            if text.get_ref().is_empty() {
                self.fault(text.span(), key, "an entry of the list is empty", "write the word, or remove the entry");
            } else if self.one_line(key, &text) {
                texts.push(text);
            }
        }
        texts
    }

    /// One text, or a list of them, each trimmed and not empty.
    pub(super) fn text_or_texts(&self, key: &str) -> Vec<Spanned<String>> {
        match self.value(key) {
            Some(value) if value.get_ref().as_str().is_some() => self.text(key).into_iter().collect(),
            _ => self.texts(key),
        }
    }

    /// A list of texts as they were written, white space included.
    pub(super) fn raw_texts(&self, key: &str) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = value.get_ref().as_array().map(|list| list.iter().map(|item| item.get_ref().as_str()));
        match list.map(Iterator::collect::<Option<Vec<&str>>>) {
            Some(Some(texts)) if texts.iter().all(|text| !text.is_empty()) => {
                return texts.into_iter().map(str::to_owned).collect();
            }
            Some(Some(_)) => {
                self.fault(value.span(), key, "an entry of the list is empty", "write the word, or remove the entry");
            }
            _ => self.wrong_kind(key, value, "a list of texts", "[\"…\", \"…\"]"),
        }
        Vec::new()
    }

    /// A list of lists of texts.
    pub(super) fn groups(&self, key: &str) -> Vec<Vec<Spanned<String>>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, "a list of groups", "[[\"…\", \"…\"], [\"…\", \"…\"]]");
            return Vec::new();
        };
        list.iter().map(|group| self.texts_of(key, group)).collect()
    }

    /// The lists of texts in the table under `key`, by their names; an absent table is empty.
    pub(super) fn lists(&self, key: &str) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_kind(key, value, "a table of lists", "name = [\"…\", \"…\"]");
            return Vec::new();
        };
        let list = |(name, list): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
            let name = Spanned::new(name.span(), name.get_ref().to_string());
            let texts = self.texts_of(&format!("{key}.{}", name.get_ref()), list);
            (name, texts)
        };
        table.iter().map(list).collect()
    }

    /// The texts in the table under `key`, by their names; an absent table is empty.
    pub(super) fn words(&self, key: &str) -> Vec<(Spanned<String>, Spanned<String>)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_kind(key, value, "a table of texts", "{ name = \"…\" }");
            return Vec::new();
        };
        let mut words = Vec::new();
        for (name, value) in table.iter() {
            let name = Spanned::new(name.span(), name.get_ref().to_string());
            match value.get_ref().as_str() {
                Some(text) => words.push((name, Spanned::new(value.span(), text.trim().to_owned()))),
                None => self.wrong_kind(key, value, "a text", "\"…\""),
            }
        }
        words
    }

    /// The table under `key`; an absent one is empty.
    pub(super) fn table(&self, key: &str, kind: &'static Kind) -> Section<'a> {
        let path = self.key(key);
        let Some(value) = self.value(key) else {
            return Self::open(self.reading, kind, path, None, self.span.clone());
        };
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_kind(key, value, "a table", &format!("[{path}]"));
        }
        Self::open(self.reading, kind, path, table, value.span())
    }

    /// The tables of the list under `key`.
    pub(super) fn tables(&self, key: &str, kind: &'static Kind) -> Vec<Section<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, "a list of tables", &format!("[[{}]]", self.key(key)));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in list.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => {
                    let path = format!("{}[{index}]", self.key(key));
                    sections.push(Self::open(self.reading, kind, path, Some(table), item.span()));
                }
                None => self.wrong_kind(key, item, "a table", "a table of keys"),
            }
        }
        sections
    }
}

pub(super) fn what_it_is(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
