//! The sender's new words, told apart from quoted history, signature and inline forwards.

use super::Forwarded;
use super::lines::{LineMark, MarkedLine};

/// A text in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The new words.
    pub visible: String,
    /// Quoted history.
    pub quoted: String,
    /// The signature.
    pub signature: String,
    /// Forwards written inline.
    pub forwarded: Vec<Forwarded>,
}

/// Splits plain text.
pub fn split(text: &str) -> Split {
    Split { visible: text.trim().to_owned(), ..Split::default() }
}

/// Splits rendered HTML by its marks.
pub fn split_marked(lines: &[MarkedLine]) -> Split {
    let pick = |mark: LineMark| {
        let found: Vec<&str> = lines.iter().filter(|l| l.mark == mark).map(|l| l.text.as_str()).collect();
        found.join("\n").trim().to_owned()
    };
    Split {
        visible: pick(LineMark::None),
        quoted: pick(LineMark::Quoted),
        signature: pick(LineMark::Signature),
        forwarded: Vec::new(),
    }
}
