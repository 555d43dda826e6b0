//! HTML bodies to text: what a reader of the mail sees, with the marks that mail programs leave on quoted history
//! and signatures.
//!
//! A stream of tags is enough for that: no tree is built, so nothing is quadratic in nesting depth. The tokenizer is
//! our own because html5ever's compares each attribute of a tag with all before it, which a hostile tag with a hundred
//! thousand attributes makes slow.

mod block;
mod elements;
mod marks;
mod renderer;
mod settle;
mod tokens;

use super::lines::MarkedLine;

/// Tags of a page that are read at most. The longest thread in Outlook's HTML has a third of them.
const TAGS: usize = 25_000;

/// Renders `html` as lines; about `limit` bytes of text are kept, and no more than [`TAGS`] tags are read.
pub(super) fn render(html: &str, limit: usize) -> Vec<MarkedLine> {
    let mut renderer = renderer::Renderer::new(limit);
    tokens::read(html, TAGS, &mut |token| renderer.take(token));
    renderer.finish()
}

/// What `cid:` links in `html` name (RFC 2392).
pub(super) fn content_ids(html: &str) -> impl Iterator<Item = String> {
    html.split("cid:").skip(1).map(|rest| {
        rest.chars()
            .take(256)
            .take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '>' | ')' | '<'))
            .collect()
    })
}

/// Lines as one text.
pub(super) fn join(lines: &[MarkedLine]) -> String {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        text.push_str(&line.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::lines::LineMark;
    use super::*;

    #[test]
    fn html_is_rendered_as_it_is_read() {
        for (html, text) in [
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"),
            ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"),
            ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
            ("<div>a<br></div><div>b</div>", "a\nb"),
            ("a  \n b <b>c</b>d", "a b cd"),
            ("&lt;a&gt; &amp; &eacute;&#233;&#xe9;&nbsp;x &notit; &#150; &bogus;", "<a> & ééé x ¬it; – &bogus;"),
            ("<style>p { x }</style><script>if (a<b) {}</script><title>t</title>x", "x"),
            ("<head><meta x><title>t</title></head><body>x</body>", "x"),
            ("<div style='display:none'>no<div>no</div></div>yes", "yes"),
            ("<span style=\"mso-hide:all\">no</span><span hidden>no</span>yes", "yes"),
            ("<td style='font-size:0'>no<span style='font-size:14px'>yes</span></td>", "yes"),
            ("<div style='font-size:0.9em'>yes</div>", "yes"),
            ("<ul><li>a</li><li><p>b</p></li></ul>c", "- a\n- b\n\nc"),
            ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
            ("<table><tr><td>Name:</td><td>Jo</td></tr><tr><td>Id<td>7</table>", "Name:\tJo\nId\t7"),
            ("<table><tr><td><p>Name:</p></td><td><p>Jo</p></td></tr></table>", "Name:\tJo"),
            ("<table><tr><td>a</td><td></td><td>c</td></tr></table>", "a\t\tc"),
            ("<table><tr><td>S:</td><td>one<br>two</td></tr></table>x", "S:\tone\ntwo\nx"),
            ("<table><tr><td>&nbsp;</td><td><table><tr><td>A</td><td>B</td></tr></table></td></tr></table>", "A\tB"),
            ("<table><tr><td>left</td></tr></table><table><tr><td>right</td></tr></table>", "left\nright"),
            (
                "<a href='mailto:a@example.com'>write</a> <a href='http://example.com/'></a>",
                "write http://example.com/",
            ),
            ("<a href='http://example.com/'><img src=x></a>x", "x"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("a\u{200b}b\u{ad}c\u{feff}", "abc"),
            ("<!-- no --><!DOCTYPE x><?xml no?>yes<![if !mso]>x<![endif]>", "yesx"),
            ("<!--[if mso]>no<![endif]-->yes", "yes"),
            ("1 < 2 and a<b>c", "1 < 2 and ac"),
            ("x<a title=\"never closed>y", "xy"),
            ("<o:p>&nbsp;</o:p>x", "x"),
            ("a<hr>b", "a\nb"),
            ("<textarea>form</textarea><select><option>o</option></select>x", "form o x"),
        ] {
            assert_eq!(join(&render(html, 10_000)), text, "{html}");
        }
    }

    fn marked(html: &str, mark: LineMark) -> String {
        let lines = render(html, 10_000);
        let found: Vec<&str> =
            lines.iter().filter(|l| l.mark == mark && !l.text.is_empty()).map(|l| l.text.as_str()).collect();
        found.join("|")
    }

    #[test]
    fn quoted_history_is_marked() {
        for (html, quoted) in [
            ("new<blockquote type=cite>old</blockquote>", "old"),
            (
                "new<div class=gmail_quote><div class=gmail_attr>On x wrote:</div><blockquote class=gmail_quote>old</blockquote>answer</div>",
                "On x wrote:|old",
            ),
            ("<blockquote>my own indent</blockquote>", ""),
            ("new<blockquote style='margin:0 0 0 40px;border:none'>Agent Name: Jo</blockquote>end", ""),
            ("new<div>On May 1, Jo Doe wrote:</div><blockquote>old</blockquote>", "On May 1, Jo Doe wrote:|old"),
            ("new<hr><div id=divRplyFwdMsg><b>From:</b> a<br></div><div>old</div>", "From: a|old"),
            (
                "new<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Jo<br><b>Sent:</b> Monday<br><b>To:</b> Al</p></div><p>old</p>",
                "From: Jo|Sent: Monday|To: Al|old",
            ),
            ("new<div style='border-top:solid red 1pt'>just a line</div>end", ""),
            ("new<div class=moz-cite-prefix>Jo wrote:</div><blockquote type=cite>old</blockquote>", "Jo wrote:|old"),
            ("new<div class=yahoo_quoted>old</div>", "old"),
            ("new<div class='ydp12 yahoo_quoted' id=ydp34yahoo_quoted_1>old</div>", "old"),
            ("new<div class=protonmail_quote>old</div><div class=zmail_extra>old too</div>", "old|old too"),
        ] {
            assert_eq!(marked(html, LineMark::Quoted), quoted, "{html}");
        }
    }

    #[test]
    fn signatures_are_marked() {
        for (html, signature) in [
            ("new<div class=gmail_signature>Jo</div>", "Jo"),
            ("new<pre class=moz-signature>-- \nJo</pre>", "--|Jo"),
            ("new<div id=Signature><div>Jo</div></div><div>x</div>", "Jo"),
            ("new<div id=ms-outlook-mobile-signature>Get it</div>", "Get it"),
            ("<blockquote type=cite><div class=gmail_signature>Jo</div></blockquote>", ""),
        ] {
            assert_eq!(marked(html, LineMark::Signature), signature, "{html}");
        }
    }

    #[test]
    fn hostile_pages_end() {
        let attributes: String = (0..100_000).map(|i| format!(" a{i}=1")).collect();
        for html in [
            "<div>".repeat(200_000),
            "<table><tr><td>".repeat(50_000),
            "<blockquote type=cite>x".repeat(50_000),
            "</div>".repeat(200_000),
            "<p><b>".repeat(100_000),
            "<a href=\"".repeat(100_000),
            "<!--".repeat(100_000),
            "<script>".repeat(100_000),
            "&".repeat(300_000),
            "&a".repeat(200_000),
            "<".repeat(300_000),
            "<ul><li>".repeat(50_000),
            format!("<a{attributes}>x"),
        ] {
            render(&html, 1 << 20);
        }
    }
}
