//! Lines of a body with the mark that a mail program left on them.

/// What the HTML of a mail program said about a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineMark {
    /// Nothing.
    #[default]
    None,
    /// It stands in quoted history.
    Quoted,
    /// It stands in a signature.
    Signature,
}

/// One line of text, without its line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedLine {
    /// The text.
    pub text: String,
    /// What the HTML said about it.
    pub mark: LineMark,
}
