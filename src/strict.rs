//! Reading a TOML file strictly: what is not known is refused, with file, line, key, reason and remedy.
//!
//! Both the settings and the desks' policy files are read through [`read`], so that an operator meets one kind of
//! message whichever file is wrong. A structure read here should carry `#[serde(deny_unknown_fields)]`, and a value
//! that must be checked later can be a [`toml::Spanned`], whose place [`StrictError::at`] turns into a line.

use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Longer words are not compared: nobody mistypes a key of this length, and the comparison is quadratic.
const LONGEST_COMPARED: usize = 64;

/// Why a file was refused: where, which key, what is wrong, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictError {
    /// The file, as it was named by the operator.
    pub file: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Dotted path of the key (`mailbox[0].url`), empty where the file as a whole is meant.
    pub key: String,
    /// What is wrong, lower case, without a full stop.
    pub reason: String,
    /// What to do about it, lower case, without a full stop.
    pub remedy: Option<String>,
}

impl StrictError {
    /// An error about the bytes `span` of `text`, for checks that come after the file was read.
    pub fn at(file: &Path, text: &str, span: Range<usize>, key: &str, reason: &str) -> Self {
        let (line, column) = line_and_column(text, span.start);
        let (key, reason) = (key.to_owned(), reason.to_owned());
        Self { file: file.to_owned(), line, column, key, reason, remedy: None }
    }

    /// The same error with a remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for StrictError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: ", self.file.display(), self.line, self.column)?;
        if !self.key.is_empty() {
            write!(out, "{}: ", self.key)?;
        }
        out.write_str(&self.reason)?;
        match &self.remedy {
            Some(remedy) => write!(out, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for StrictError {}

/// Reads `text`, the content of `file`, as a `T`. `file` is only named in errors, never opened.
///
/// # Errors
///
/// Text that is not TOML, an unknown or missing key, and a value of the wrong kind, each with its place.
pub fn read<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, StrictError> {
    let refuse = |error: &toml::de::Error, path: &str| describe(file, text, error, path);
    let parsed = toml::Deserializer::parse(text).map_err(|error| refuse(&error, ""))?;
    serde_path_to_error::deserialize(parsed).map_err(|error| {
        // A value wrapped to know its place has a made-up key inside, which means nothing to the operator.
        let path = error.path().to_string().replace(".$__serde_spanned_private_value", "");
        refuse(error.inner(), if path == "." { "" } else { &path })
    })
}

/// The word of `known` that `word` was most likely meant to be, if one is near enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase().replace('-', "_");
    let length = folded.chars().count();
    if length == 0 || length > LONGEST_COMPARED {
        return None;
    }
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST_COMPARED)
        .filter_map(|candidate| {
            let other = candidate.to_lowercase().replace('-', "_");
            let distance = strsim::osa_distance(&folded, &other);
            let allowed = (length.max(other.chars().count()) / 3).max(1);
            let same_start = length >= 4 && (other.starts_with(&folded) || folded.starts_with(&other));
            // A word cut short, or run on, is nearer than its number of missing letters says.
            let weight = if same_start { distance.min(allowed) } else { distance };
            (weight <= allowed).then_some((weight, distance, candidate))
        })
        .min_by_key(|(weight, distance, _)| (*weight, *distance))
        .map(|(_, _, candidate)| candidate)
}

/// "did you mean `x`?", or the list of what is known where nothing is near.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match (nearest(word, known.iter().copied()), known) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "remove it: nothing is known here".to_owned(),
        (None, _) => format!("known here: {}", known.join(", ")),
    }
}

/// Line and column, both from 1, of a byte offset; columns count characters.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Turns what toml and serde say into words that name the key and teach the fix.
fn describe(file: &Path, text: &str, error: &toml::de::Error, path: &str) -> StrictError {
    let message = error.message().trim_end().replace('\n', ", ");
    let span = error.span().unwrap_or(0..0);
    let at = |key: &str, reason: &str| StrictError::at(file, text, span.clone(), key, reason);
    if let Some((word, known)) = unknown(&message, "unknown field ") {
        let reason = format!("unknown key `{word}`");
        return at(&joined(path, word), &reason).remedy(suggestion(word, &known));
    }
    if let Some((word, known)) = unknown(&message, "unknown variant ") {
        return at(path, &format!("unknown value `{word}`")).remedy(suggestion(word, &known));
    }
    if let Some(name) = message.strip_prefix("missing field ").and_then(quoted) {
        return at(&joined(path, name), &format!("required key `{name}` is missing"))
            .remedy(format!("add a line `{name} = …`"));
    }
    if message.starts_with("data did not match any variant") {
        return at(path, "the value has a form that is not known here");
    }
    at(path, &message)
}

/// Takes the word and the expected words out of serde's "unknown field `a`, expected one of `b`, `c`".
fn unknown<'a>(message: &'a str, start: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let rest = message.strip_prefix(start)?.strip_prefix('`')?;
    // The word came from the file and may hold anything, so that serde's own last words mark its end.
    let (word, expected) = rest.rsplit_once("`, expected ").or_else(|| rest.rsplit_once("`, there are no "))?;
    Some((word, expected.split('`').skip(1).step_by(2).collect()))
}

/// The first word between backticks.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

/// The path of `key` below `path`; serde names the parent for some errors and the key itself for others.
fn joined(path: &str, key: &str) -> String {
    let ends_with_key = path.strip_suffix(key).is_some_and(|parent| parent.is_empty() || parent.ends_with('.'));
    match path {
        "" => key.to_owned(),
        _ if ends_with_key => path.to_owned(),
        _ => format!("{path}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)] // only the reading is looked at
    struct Sample {
        name: String,
        #[serde(default)]
        colour: Option<Colour>,
        #[serde(default)]
        inner: Vec<Inner>,
        #[serde(default)]
        place: Option<toml::Spanned<String>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)] // only the reading is looked at
    struct Inner {
        password_file: u8,
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_remedy() {
        let cases = [
            ("name = \"a\"\nnmae = 1\n", "f.toml:2:1: nmae: unknown key `nmae`; did you mean `name`?"),
            (
                "name = \"a\"\nzzzzzz = 1\n",
                "f.toml:2:1: zzzzzz: unknown key `zzzzzz`; known here: name, colour, inner, place",
            ),
            ("colour = \"red\"\n", "f.toml:1:1: name: required key `name` is missing; add a line `name = …`"),
            ("name = 3\n", "f.toml:1:8: name: invalid type: integer `3`, expected a string"),
            ("name = \"a\"\ncolour = \"gren\"\n", "f.toml:2:10: colour: unknown value `gren`; did you mean `green`?"),
            (
                "name = \"a\"\n\n[[inner]]\npassword_file = 1\n[[inner]]\n  password-fil = 1\n",
                "f.toml:6:3: inner[1].password-fil: unknown key `password-fil`; did you mean `password_file`?",
            ),
            (
                "name = \"a\"\n[[inner]]\npassword_file = 300\n",
                "f.toml:3:17: inner[0].password_file: invalid value: integer `300`, expected u8",
            ),
            ("name = \"a\"\nplace = 1\n", "f.toml:2:9: place: invalid type: integer `1`, expected a string"),
            ("name = \"a\"\nname = \"b\"\n", "f.toml:2:1: duplicate key"),
        ];
        for (text, expected) in cases {
            let error = read::<Sample>(Path::new("f.toml"), text).expect_err(text);
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn a_spanned_value_gives_the_place_of_a_later_complaint() {
        let text = "name = \"é\"\nplace = \"here\"\n";
        let sample: Sample = read(Path::new("f.toml"), text).expect("it is right");
        let span = sample.place.expect("it is there").span();
        let error = StrictError::at(Path::new("f.toml"), text, span, "place", "is nowhere").remedy("move");
        assert_eq!(error.to_string(), "f.toml:2:9: place: is nowhere; move");
    }

    #[test]
    fn a_parse_error_has_its_line() {
        let error = read::<Sample>(Path::new("f.toml"), "name = \"a\"\ninner = [1,\n").expect_err("it is not closed");
        assert!(error.line >= 2, "{error}");
        assert!(error.to_string().starts_with("f.toml:"), "{error}");
    }

    #[test]
    fn hostile_keys_do_not_break_the_reading_of_serdes_words() {
        for word in ["a`, expected b", "`", "", "ü`", "a, expected one of `x`"] {
            let text = format!("name = \"a\"\n\"{word}\" = 1\n");
            let error = read::<Sample>(Path::new("f.toml"), &text).expect_err(word);
            assert_eq!(error.reason, format!("unknown key `{word}`"));
            assert_eq!(error.line, 2);
        }
    }

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["password_file", "password_env", "url", "desk", "start"];
        for (word, expected) in [
            ("password", Some("password_env")),
            ("Password-File", Some("password_file")),
            ("uri", Some("url")),
            ("desks", Some("desk")),
            ("strat", Some("start")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}
