//! Lines of a body, with what the HTML renderer knew about each of them.

/// What the renderer knew of a line. Plain text has no marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineMark {
    /// Nothing was known.
    #[default]
    None,
    /// It stood in a quotation: `blockquote`, `gmail_quote`, Outlook's `divRplyFwdMsg` and their kin.
    Quoted,
    /// It stood in a signature: `gmail_signature` and its kin.
    Signature,
}

/// One line of text, without its line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedLine {
    /// The text.
    pub text: String,
    /// What the renderer knew about it.
    pub mark: LineMark,
}
