//! The HTML part: Markdown with inline styles that Outlook, Gmail and a phone show alike.
//!
//! No colours are set for running text, so that a dark theme keeps its own; borders and links have a tone that can be
//! read on white and on black. Nothing is fetched: images become their words, raw HTML is dropped.

use super::links;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

const PARAGRAPH: &str = "margin:0 0 14px 0";
const HEADING: &str =
    "margin:0 0 18px 0;padding:8px 12px;border-left:4px solid #d64545;font-size:19px;line-height:1.4;font-weight:bold";
const LIST: &str = "margin:0 0 14px 0;padding:0 0 0 22px";
const ITEM: &str = "margin:0 0 6px 0";
const QUOTED_PARAGRAPH: &str = "margin:4px 0";
const QUOTE: &str = "margin:0 0 14px 0;padding:2px 12px;border-left:3px solid #8a94a0";
const LINK: &str = "color:#2878d0";
const BUTTON_CELL: &str = "padding:11px 18px;border-radius:6px;background-color:#0b5cad";
const BUTTON: &str = "color:#ffffff;font-weight:bold;text-decoration:none";

/// Renders `markdown` as HTML to stand inside the layout.
pub fn render(markdown: &str) -> String {
    let events: Vec<Event<'_>> = Parser::new(markdown).collect();
    let mut out = String::with_capacity(markdown.len() * 2);
    let mut open = Open::default();
    let mut at = 0;
    while let Some(event) = events.get(at) {
        if let Some((target, words, length)) = lone_link(events.get(at..).unwrap_or_default()) {
            button(&mut out, target, &words);
            at += length;
            continue;
        }
        match event {
            Event::Start(tag) => start(&mut out, tag, &mut open),
            Event::End(tag) => end(&mut out, *tag, &mut open),
            Event::Text(text) | Event::Code(text) => escape(&mut out, text),
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br>\n"),
            Event::Rule => out.push_str("<hr>\n"),
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
        at += 1;
    }
    out
}

/// What is open while events are read.
#[derive(Default)]
struct Open {
    /// Whether each link that is open may stand in a mail.
    links: Vec<bool>,
    /// How many quotes.
    quotes: usize,
}

/// A paragraph that is one link to write a mail or to open a page: it is shown as a button. Its target, its words and
/// how many events it takes.
fn lone_link<'a>(events: &'a [Event<'_>]) -> Option<(&'a str, String, usize)> {
    let [Event::Start(Tag::Paragraph), Event::Start(Tag::Link { dest_url, .. }), ..] = events else { return None };
    if !links::is_allowed(dest_url) || dest_url.starts_with("tel:") {
        return None;
    }
    let mut words = String::new();
    for (at, event) in events.iter().enumerate().skip(2) {
        match event {
            Event::Text(text) => words.push_str(text),
            Event::End(TagEnd::Link) if events.get(at + 1) == Some(&Event::End(TagEnd::Paragraph)) => {
                return Some((dest_url, words, at + 2));
            }
            _ => return None,
        }
    }
    None
}

fn button(out: &mut String, target: &str, words: &str) {
    out.push_str("<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:4px 0 18px 0\"><tr>");
    out.push_str(&format!("<td bgcolor=\"#0b5cad\" style=\"{BUTTON_CELL}\"><a style=\"{BUTTON}\" href=\""));
    escape(out, target);
    out.push_str("\">");
    escape(out, words);
    out.push_str("</a></td></tr></table>\n");
}

fn start(out: &mut String, tag: &Tag<'_>, open: &mut Open) {
    match tag {
        Tag::Paragraph if open.quotes > 0 => out.push_str(&format!("<p style=\"{QUOTED_PARAGRAPH}\">")),
        Tag::Paragraph => out.push_str(&format!("<p style=\"{PARAGRAPH}\">")),
        Tag::Heading { .. } => out.push_str(&format!("<h1 style=\"{HEADING}\">")),
        Tag::BlockQuote(_) => {
            open.quotes += 1;
            out.push_str(&format!("<blockquote style=\"{QUOTE}\">\n"));
        }
        Tag::CodeBlock(_) => out.push_str(&format!("<p style=\"{PARAGRAPH}\">")),
        Tag::List(Some(first)) => out.push_str(&format!("<ol start=\"{first}\" style=\"{LIST}\">\n")),
        Tag::List(None) => out.push_str(&format!("<ul style=\"{LIST}\">\n")),
        Tag::Item => out.push_str(&format!("<li style=\"{ITEM}\">")),
        Tag::Emphasis => out.push_str("<em>"),
        Tag::Strong => out.push_str("<strong>"),
        Tag::Link { link_type, dest_url, .. } => {
            let dest_url = links::target(*link_type, dest_url);
            let allowed = links::is_allowed(&dest_url);
            open.links.push(allowed);
            if allowed {
                out.push_str(&format!("<a style=\"{LINK}\" href=\""));
                escape(out, &dest_url);
                out.push_str("\">");
            }
        }
        _ => {}
    }
}

fn end(out: &mut String, tag: TagEnd, open: &mut Open) {
    match tag {
        TagEnd::Paragraph | TagEnd::CodeBlock => out.push_str("</p>\n"),
        TagEnd::Heading(_) => out.push_str("</h1>\n"),
        TagEnd::BlockQuote(_) => {
            open.quotes = open.quotes.saturating_sub(1);
            out.push_str("</blockquote>\n");
        }
        TagEnd::List(true) => out.push_str("</ol>\n"),
        TagEnd::List(false) => out.push_str("</ul>\n"),
        TagEnd::Item => out.push_str("</li>\n"),
        TagEnd::Emphasis => out.push_str("</em>"),
        TagEnd::Strong => out.push_str("</strong>"),
        TagEnd::Link if open.links.pop() == Some(true) => out.push_str("</a>"),
        _ => {}
    }
}

/// `text` as HTML text or attribute value.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_markup_comes_out() {
        let html = render(
            "# H\n\n[go](mailto:a@example.com?subject=a&b)\n\n- <script>x</script> [y](javascript:z) ![i](http://e.com/p.png)\n\n\\<b\\> & \"q\"",
        );
        assert!(html.contains("<h1 style"), "{html}");
        assert!(html.contains("href=\"mailto:a@example.com?subject=a&amp;b\">go</a></td>"), "{html}");
        assert!(html.contains("&lt;b&gt; &amp; &quot;q&quot;"), "{html}");
        for forbidden in ["<script", "javascript", "<img", "http:", "<b>"] {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
    }
}
