//! The words of an `Authentication-Results` field: statements parted by semicolons, and a method's result with its
//! properties in one of them (RFC 8601, section 2.2).

/// The words between two semicolons, without comments and quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement(Vec<Word>);

/// One word; white space round its `=` is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Word {
    text: String,
    /// Whether quotes stood in its name, or where no value stands: there the grammar has none.
    oddly_quoted: bool,
}

/// One method's result with its properties (`header.d` and the like), all in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Method {
    pub(super) name: String,
    pub(super) result: String,
    properties: Vec<(String, String)>,
    /// Whether all of the statement was understood; else it proves nothing.
    understood: bool,
}

impl Statement {
    /// The authserv-id, where this is the field's first statement: one bare word, or two with the version.
    pub(super) fn id(&self) -> Option<&str> {
        let (id, rest) = self.0.split_first()?;
        let bare = |word: &Word| !word.text.contains('=') && !word.oddly_quoted;
        (rest.len() <= 1 && bare(id) && rest.iter().all(bare)).then_some(id.text.as_str())
    }

    /// Whether the version behind the id is 1 or not there (section 2.2: others are not read).
    pub(super) fn is_current_version(&self) -> bool {
        self.0.get(1).is_none_or(|version| version.text == "1")
    }

    /// Whether it has the form of a method's result rather than of an id.
    pub(super) fn is_method(&self) -> bool {
        self.0.first().is_some_and(|word| word.text.contains('='))
    }

    /// The method that it gives the result of.
    pub(super) fn method(&self) -> Option<Method> {
        let (first, rest) = self.0.split_first()?;
        let (written, result) = first.text.split_once('=')?;
        let (name, version) = written.split_once('/').unwrap_or((written, "1"));
        let properties: Option<Vec<(String, String)>> = rest.iter().map(Word::property).collect();
        let understood = version == "1"
            && !first.oddly_quoted
            && properties.as_ref().is_some_and(|all| all.iter().all(|(name, _)| is_property(name)));
        // What is not understood may still say that something failed, or about whom: all that can be read is kept.
        let properties = properties.unwrap_or_else(|| rest.iter().filter_map(Word::property).collect());
        let (name, result) = (name.to_ascii_lowercase(), result.to_ascii_lowercase());
        Some(Method { name, result, properties, understood })
    }
}

impl Word {
    fn property(&self) -> Option<(String, String)> {
        let (name, value) = self.text.split_once('=').filter(|_| !self.oddly_quoted)?;
        Some((name.to_ascii_lowercase(), value.to_ascii_lowercase()))
    }

    /// Whether it is `name=` and waits for its value.
    fn wants_value(&self) -> bool {
        self.text.strip_suffix('=').is_some_and(|name| !name.contains('='))
    }
}

/// `ptype.property`, and the bare words that servers write besides: a reason, what was done, and private ones.
fn is_property(name: &str) -> bool {
    let is_keyword =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    match name.split_once('.') {
        Some((kind, property)) => is_keyword(kind) && is_keyword(property),
        None => matches!(name, "reason" | "action") || (name.starts_with("x-") && is_keyword(name)),
    }
}

impl Method {
    /// Whether it says pass, in a statement that was understood.
    pub(super) fn is_pass(&self) -> bool {
        self.result == "pass" && self.understood
    }

    /// All values of the property called `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.properties.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The value of the property called `name`, where there is just one.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut all = self.all(name);
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    /// The domain that DKIM or SPF speaks for.
    pub(super) fn identity(&self) -> Option<String> {
        let domain_of = |address: &str| address.rsplit_once('@').map_or(address, |(_, domain)| domain).to_owned();
        match self.name.as_str() {
            "dkim" if self.all("header.d").next().is_some() => {
                self.one("header.d").filter(|domain| !domain.contains('@')).map(str::to_owned)
            }
            "dkim" => self.one("header.i").map(domain_of),
            "spf" => self.one("smtp.mailfrom").map(domain_of),
            _ => None,
        }
    }
}

/// Splits a value at `;` into statements of words. A comment parts words as white space does; only spaces and tabs are
/// white space. `None` where a comment or quoted string is not closed, or a quoted string stands inside a word.
pub(super) fn statements(value: &str) -> Option<Vec<Statement>> {
    let mut all = vec![Statement::default()];
    let mut word = Word::default();
    let mut depth = 0usize;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '(' => {
                depth += 1;
                flush(&mut word, &mut all);
            }
            ')' => depth = depth.checked_sub(1)?,
            '\\' if depth > 0 => {
                chars.next()?;
            }
            _ if depth > 0 => {}
            '"' if word.text.is_empty() || word.wants_value() => quoted(&mut word, &mut chars, &all)?,
            '"' => return None,
            ';' => {
                flush(&mut word, &mut all);
                all.push(Statement::default());
            }
            ' ' | '\t' => flush(&mut word, &mut all),
            c => word.text.push(c),
        }
    }
    flush(&mut word, &mut all);
    (depth == 0).then_some(all)
}

/// Reads a quoted string. Only a property has a quoted value; a name, an id or a result is never quoted.
fn quoted(word: &mut Word, chars: &mut std::str::Chars<'_>, all: &[Statement]) -> Option<()> {
    let words = all.last().map_or(&[][..], |statement| &statement.0);
    let (before, waits) = match words.split_last() {
        Some((last, before)) if word.text.is_empty() && last.wants_value() => (before, true),
        _ => (words, word.wants_value()),
    };
    word.oddly_quoted |= before.is_empty() || !waits;
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => word.text.push(chars.next()?),
            inner => word.text.push(inner),
        }
    }
}

/// Ends a word; one that continues `name =` or `name` with `=` is joined to what stands before it.
fn flush(word: &mut Word, all: &mut [Statement]) {
    if word.text.is_empty() && !word.oddly_quoted {
        return;
    }
    let word = std::mem::take(word);
    let Some(Statement(words)) = all.last_mut() else { return };
    match words.last_mut() {
        Some(last) if last.wants_value() || (word.text.starts_with('=') && !last.text.contains('=')) => {
            last.text.push_str(&word.text);
            last.oddly_quoted |= word.oddly_quoted;
        }
        _ => words.push(word),
    }
}
