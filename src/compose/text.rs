//! The plain-text part: Markdown, as a person would type it into a mail. Emphasis marks and escapes are gone, a list
//! has dashes, a quote is indented, and a long link stands at the foot under its number.

use super::links;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// A link longer than this goes to the foot.
const LONG_LINK: usize = 60;

/// Renders `markdown` as plain text with `\n` line ends and one at the end.
pub fn render(markdown: &str) -> String {
    let mut writer = Writer::default();
    for event in Parser::new(markdown) {
        writer.take(event);
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The running text of the block that is being read.
    inline: String,
    /// What stands before each line of a block, from the outermost container inwards.
    indents: Vec<&'static str>,
    /// What stands before the first line of the next block instead of its innermost indent.
    marker: Option<String>,
    /// Numbers of the ordered lists that are open; `None` for a bulleted one.
    lists: Vec<Option<u64>>,
    /// Whether an empty line goes before the next block.
    gap: bool,
    /// Links that are open: where they go, and where their words begin in `inline`.
    links: Vec<(String, usize)>,
    /// Links at the foot.
    foot: Vec<String>,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.inline.push_str(&text),
            Event::SoftBreak => self.inline.push(' '),
            Event::HardBreak => self.inline.push('\n'),
            Event::Rule => {
                self.inline.push_str("----");
                self.flush(true);
            }
            // Raw HTML is nothing in a text; the rest needs extensions that are off.
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => {
                self.flush(false);
                self.indents.push("    ");
            }
            Tag::List(first) => {
                self.flush(false);
                self.lists.push(first);
            }
            Tag::Item => {
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number += 1;
                        marker
                    }
                    _ => "- ".to_owned(),
                });
                self.indents.push("  ");
            }
            Tag::Link { link_type, dest_url, .. } => {
                self.links.push((links::target(link_type, &dest_url), self.inline.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock => self.flush(true),
            TagEnd::BlockQuote(_) => {
                self.flush(true);
                self.indents.pop();
            }
            TagEnd::Item => {
                self.flush(false);
                self.indents.pop();
                self.marker = None;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap |= self.lists.is_empty();
            }
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((target, start)) = self.links.pop() else { return };
        if links::writes_for_you(&target) {
            // The link would repeat what was given, as a line that nobody can read: the text has the empty form instead.
            self.inline.truncate(start);
            return;
        }
        let words = self.inline.get(start..).unwrap_or_default();
        if !links::is_allowed(&target) || target.starts_with("tel:") || links::bare(&target) == links::bare(words) {
            return;
        }
        if target.len() > LONG_LINK {
            self.foot.push(target);
            self.inline.push_str(&format!(" [{}]", self.foot.len()));
        } else {
            self.inline.push_str(&format!(": {target}"));
        }
    }

    /// Writes the block read so far; `gap`: an empty line follows it.
    fn flush(&mut self, gap: bool) {
        let block = std::mem::take(&mut self.inline);
        let block = block.trim();
        if block.is_empty() {
            return;
        }
        if self.gap && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.gap = gap;
        for line in block.lines() {
            let marker = self.marker.take();
            let outer = self.indents.len() - usize::from(marker.is_some() && !self.indents.is_empty());
            self.out.extend(self.indents.iter().take(outer).copied());
            self.out.push_str(marker.as_deref().unwrap_or_default());
            self.out.push_str(line.trim());
            self.out.push('\n');
        }
    }

    fn finish(mut self) -> String {
        self.flush(true);
        for (at, link) in self.foot.iter().enumerate() {
            self.out.push_str(&format!("\n[{}] {link}\n", at + 1));
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_reads_as_typed() {
        let long = format!("https://example.com/{}", "x".repeat(80));
        let written = "a\n\n[Answer](<mailto:a@example.com?subject=b&body=c>)\n\nend";
        assert_eq!(render(written), "a\n\nend\n");
        for (markdown, text) in [
            ("# Call *now*\n\nOne **two**\nthree\\\nfour", "Call now\n\nOne two three\nfour\n"),
            ("a\n\n- b\n- c\n\nd", "a\n\n- b\n- c\n\nd\n"),
            ("1. b\n2. c", "1. b\n2. c\n"),
            ("> q\\\n> r\n>\n> s\n\nend", "    q\n    r\n\n    s\n\nend\n"),
            ("- a\\\n  b", "- a\n  b\n"),
            ("[1-800](tel:+1800) <a@example.com>", "1-800 a@example.com\n"),
            ("[in](https://example.com/a)", "in: https://example.com/a\n"),
            ("<b>x</b> ![alt](https://example.com/a.png)", "x alt\n"),
            ("[x](javascript:y)", "x\n"),
            ("\\<b\\> \\&amp\\; \\*", "<b> &amp; *\n"),
        ] {
            assert_eq!(render(markdown), text, "{markdown:?}");
        }
        assert_eq!(render(&format!("[Answer]({long})\n\nend")), format!("Answer [1]\n\nend\n\n[1] {long}\n"));
    }
}
