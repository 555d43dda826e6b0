//! HTML that came by mail, or goes out by it, made harmless: a document of its own without scripts, forms, links or
//! anything from elsewhere.
//!
//! The sanitiser is the first wall, the document's own Content-Security-Policy the second, and the frame's `sandbox` the
//! third: each alone keeps scripts from running and requests from leaving.

use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::HashSet;

/// What the document may do: show text, its own styles, and pictures that stand in it.
pub(super) const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                                 base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/// More HTML than this, in bytes, is not shown.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Sanitising takes time with the square of the depth of nesting.
const DEEPEST: usize = 150;

/// Styles that change how text looks, and nothing else.
const STYLES: &[&str] = &[
    "color",
    "background-color",
    "font-weight",
    "font-style",
    "font-size",
    "text-align",
    "text-decoration",
    "vertical-align",
    "padding",
    "margin",
    "border",
    "border-collapse",
    "width",
];

/// Why a message's HTML is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TooMuch {
    /// It is nested too deeply.
    Deep,
}

/// The document that shows `html`, or says that it is too much to be shown.
pub(super) fn shown(html: &str) -> String {
    let document = if html.len() > MOST_BYTES { None } else { document(html).ok() };
    document.unwrap_or_else(|| {
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Message</title></head><body>\
         <p>This message is too large or too deeply nested to be shown with its formatting.</p></body></html>"
            .to_owned()
    })
}

/// The document that shows `html`. Takes time linear in it.
fn document(html: &str) -> Result<String, TooMuch> {
    if depth(html) > DEEPEST {
        return Err(TooMuch::Deep);
    }
    let clean = sanitiser().clean(html).to_string();
    Ok(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Message</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{font:14px/1.5 system-ui,sans-serif;\
         margin:12px;color:#1a222d;background:#fff;overflow-wrap:anywhere}}img,table{{max-width:100%}}</style></head>\
         <body>{clean}</body></html>"
    ))
}

fn sanitiser() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .add_generic_attributes(["style"])
        .filter_style_properties(STYLES.iter().copied().collect())
        .rm_tag_attributes("a", ["href", "hreflang"])
        .link_rel(None)
        .url_schemes(HashSet::from(["data"]))
        .url_relative(UrlRelative::Deny)
        .clean_content_tags(HashSet::from(["script", "style", "title", "noscript", "template", "svg", "math"]))
        .strip_comments(true)
        .attribute_filter(|_, attribute, value| match attribute {
            "src" if !is_picture(value) => None,
            "style" if value.contains("url") || value.contains('\\') => None,
            // What names another place has no place here, wherever it stands.
            "cite" | "longdesc" | "srcset" | "background" | "action" | "formaction" | "poster" => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
}

/// Whether `value` is a picture that stands in the document itself.
fn is_picture(value: &str) -> bool {
    let kinds = ["png", "jpeg", "jpg", "gif", "webp"];
    let rest = value.trim_start().to_ascii_lowercase();
    rest.strip_prefix("data:image/").is_some_and(|rest| kinds.iter().any(|kind| rest.starts_with(&format!("{kind};"))))
}

/// At most so deep are elements nested in `html`: a scan of its tags. Elements that end by themselves do not count.
fn depth(html: &str) -> usize {
    let (mut now, mut deepest) = (0_usize, 0);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let is_end = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() || ENDS_BY_ITSELF.contains(&name.as_str()) {
            continue;
        }
        now = if is_end { now.saturating_sub(1) } else { now + 1 };
        deepest = deepest.max(now);
    }
    deepest
}

const ENDS_BY_ITSELF: &[&str] = &[
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn body(html: &str) -> String {
        let document = document(html).unwrap();
        document.split("<body>").nth(1).unwrap().trim_end_matches("</body></html>").to_owned()
    }

    #[test]
    fn what_looks_stays_and_what_acts_goes() {
        for (html, expected) in [
            ("<b>bold</b> <i>text</i>", "<b>bold</b> <i>text</i>"),
            ("<p style=\"color: red; position: fixed\">x</p>", "<p style=\"color:red\">x</p>"),
            ("<a href=\"https://else.example\" onclick=\"x()\">link</a>", "<a>link</a>"),
            ("<img src=\"https://else.example/p.png\" alt=\"logo\">", "<img alt=\"logo\">"),
            ("<img src=\"cid:1\"><img src=\"//else.example/x\">", "<img><img>"),
            ("<img src=\"data:image/svg+xml;base64,AA==\">", "<img>"),
            ("<img src=\"data:image/png;base64,AA==\">", "<img src=\"data:image/png;base64,AA==\">"),
            ("<p style=\"background-color:url(https://else.example)\">x</p>", "<p>x</p>"),
            ("a<script>x()</script><style>b{}</style><title>t</title>b", "ab"),
            ("<form action=\"/x\"><input name=a><button>go</button></form>", "go"),
            ("<iframe src=\"/x\"></iframe><object data=x></object><base href=\"//e\">", ""),
            ("<svg onload=x()><image href=\"https://e\"/></svg><!-- c -->", ""),
            ("<meta http-equiv=refresh content=\"0;url=//e\"><link rel=stylesheet href=//e>", ""),
            (
                "<table background=\"https://e/x\"><tr><td>x</td></tr></table>",
                "<table><tbody><tr><td>x</td></tr></tbody></table>",
            ),
            ("<blockquote cite=\"https://e\">q</blockquote>", "<blockquote>q</blockquote>"),
        ] {
            assert_eq!(body(html), expected, "{html}");
        }
    }

    #[test]
    fn nothing_is_left_that_runs_or_loads() {
        for html in [
            "<script>x</script><p>text</p>",
            "<p onclick=x>text</p>",
            "<img src=http://example.com/x.png><p>text</p>",
            "<a href=\"javascript:x\">text</a>",
            "<style>@import url(http://example.com)</style><p>text</p>",
            "<form action=http://example.com><button>text</button></form>",
            "<svg onload=x></svg><p>text</p>",
        ] {
            let cleaned = body(html);
            assert!(cleaned.contains("text"), "{cleaned}");
            for gone in ["<script", "onclick", "onload", "src=", "href=", "javascript:", "@import", "<form", "<svg"] {
                assert!(!cleaned.contains(gone), "{gone} in {cleaned}");
            }
        }
    }

    #[test]
    fn what_is_nested_too_deeply_is_not_shown() {
        assert_eq!(document(&"<div>".repeat(100_000)), Err(TooMuch::Deep));
        assert_eq!(document(&"<p><b id=1>".repeat(10_000)), Err(TooMuch::Deep));
        assert!(document(&"<p>x<br>".repeat(10_000)).is_ok());
        assert!(document(&"<div>x</div>".repeat(10_000)).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_brings_anything_from_elsewhere(html in "(<|>|a|b|img|svg|script|style|/| |=|\"|'|src|href|on|https://e\\.example|url\\(|data:|x){0,60}") {
            let body = document(&html).map(|document| document.split("<body>").nth(1).unwrap_or_default().to_owned());
            let body = body.unwrap_or_default();
            let tags: Vec<&str> = body.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect();
            for tag in tags {
                proptest::prop_assert!(!tag.contains("https:") && !tag.starts_with("script") && !tag.contains(" on"), "{}", body);
            }
        }
    }
}
