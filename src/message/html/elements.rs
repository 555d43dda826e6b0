//! What rendering needs to know of HTML's elements and styles.

use super::tokens::Tag;

/// Elements that have no content.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "basefont"
            | "bgsound"
            | "frame"
            | "keygen"
    )
}

/// How an element parts the text before it from its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Not at all.
    Inline,
    /// By a space.
    Word,
    /// By a line end.
    Line,
    /// By an empty line.
    Paragraph,
}

pub(super) fn flow(tag: &Tag) -> Flow {
    match tag.name.as_str() {
        "p" if is_tight(tag) => Flow::Line,
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "blockquote" | "pre" => Flow::Paragraph,
        "div" | "li" | "dt" | "dd" | "table" | "tr" | "caption" | "address" | "article" | "section" | "header"
        | "footer" | "main" | "nav" | "aside" | "form" | "fieldset" | "figure" | "figcaption" | "hr" | "center"
        | "body" | "html" | "details" | "summary" | "legend" | "thead" | "tbody" | "tfoot" | "menu" | "dir"
        | "plaintext" | "xmp" => Flow::Line,
        "textarea" | "select" | "option" | "button" | "input" | "td" | "th" => Flow::Word,
        _ => Flow::Inline,
    }
}

/// Word's paragraphs stand close together: their distance is an empty paragraph.
fn is_tight(tag: &Tag) -> bool {
    let class = tag.get("class").unwrap_or_default();
    if ["MsoNormal", "MsoPlainText", "MsoListParagraph", "x_MsoNormal"].iter().any(|name| class.contains(name)) {
        return true;
    }
    let style = compact(tag.get("style").unwrap_or_default());
    ["margin:0", "margin-top:0", "margin-bottom:0"].iter().any(|margin| style.contains(margin))
}

/// A style in lower case and without white space.
pub(super) fn compact(style: &str) -> String {
    style.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

/// The value of `property` in a compacted style.
fn property<'a>(style: &'a str, property: &str) -> Option<&'a str> {
    style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .rfind(|(name, _)| *name == property)
        .map(|(_, v)| v)
}

/// Whether nothing of the element is shown.
pub(super) fn is_hidden(tag: &Tag, style: &str) -> bool {
    if matches!(
        tag.name.as_str(),
        "head" | "template" | "script" | "style" | "title" | "svg" | "math" | "xml" | "object"
    ) {
        return true;
    }
    if tag.get("hidden").is_some() {
        return true;
    }
    let is = |name: &str, value: &str| property(style, name).is_some_and(|v| v.trim_end_matches("!important") == value);
    let zero = |name: &str| property(style, name).is_some_and(|v| is_zero(v.trim_end_matches("!important")));
    is("display", "none")
        || is("mso-hide", "all")
        || is("visibility", "hidden")
        || (is("overflow", "hidden") && (zero("max-height") || zero("height")))
}

/// What an element says about the size of its text: `Some(true)` for none at all.
pub(super) fn is_tiny(style: &str) -> Option<bool> {
    property(style, "font-size").map(|size| is_zero(size.trim_end_matches("!important")))
}

fn is_zero(size: &str) -> bool {
    let number = size.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse::<f32>().is_ok_and(|n| n == 0.0)
}

/// Whether white space counts in the element.
pub(super) fn is_preformatted(tag: &Tag, style: &str) -> Option<bool> {
    if matches!(tag.name.as_str(), "pre" | "xmp" | "plaintext" | "textarea" | "listing") {
        return Some(true);
    }
    property(style, "white-space").map(|value| value.starts_with("pre") || value == "break-spaces")
}
