//! The state of rendering: open elements, the line being written, tables' cells.

use super::super::lines::{LineMark, MarkedLine};
use super::block::Block;
use super::elements::{self, Flow};
use super::marks::{self, Says};
use super::settle::settle;
use super::tokens::{Tag, Token};

/// Open elements remembered at most; what nests deeper is still shown.
const DEPTH: usize = 256;
/// Open elements that an end tag looks through for its start.
const REACH: usize = 64;

/// One open element.
#[derive(Debug, Default)]
struct Frame {
    name: String,
    paragraph: bool,
    line: bool,
    word: bool,
    hidden: bool,
    tiny: bool,
    pre: bool,
    cell: bool,
    mark: LineMark,
    bare: usize,
    /// For lists: the number of the next item; ordered or not.
    items: u32,
    /// For links: the target, and how much had been written and how many images seen when it opened.
    link: Option<(String, usize, usize)>,
}

pub(super) struct Renderer {
    frames: Vec<Frame>,
    blocks: Vec<Block>,
    written: usize,
    images: usize,
    limit: usize,
    bare_quotes: usize,
    separator: Option<Says>,
}

impl Renderer {
    pub(super) fn new(limit: usize) -> Self {
        let (frames, blocks) = (vec![Frame::default()], vec![Block::default()]);
        Self { frames, blocks, written: 0, images: 0, limit, bare_quotes: 0, separator: None }
    }

    pub(super) fn take(&mut self, token: Token) {
        match token {
            Token::Text(text) => self.text(&text),
            Token::Start(tag) => self.start(&tag),
            Token::End(name) => self.end(&name),
        }
    }

    pub(super) fn finish(mut self) -> Vec<MarkedLine> {
        self.close_to(1);
        let Some(mut page) = self.blocks.pop() else { return Vec::new() };
        page.break_line();
        settle(page.trimmed())
    }

    fn start(&mut self, tag: &Tag) {
        self.close_implied(&tag.name);
        let Some(parent) = self.frames.last() else { return };
        let style = elements::compact(tag.get("style").unwrap_or_default());
        let mut frame = Frame {
            name: tag.name.clone(),
            hidden: parent.hidden || elements::is_hidden(tag, &style),
            tiny: elements::is_tiny(&style).unwrap_or(parent.tiny),
            pre: elements::is_preformatted(tag, &style).unwrap_or(parent.pre),
            mark: parent.mark,
            bare: parent.bare,
            cell: matches!(tag.name.as_str(), "td" | "th"),
            ..Frame::default()
        };
        let void = elements::is_void(&tag.name);
        let deep = self.frames.len() >= DEPTH;
        if !frame.hidden {
            self.part(elements::flow(tag), &mut frame);
            self.void(&tag.name);
            self.mark(tag, &style, &mut frame);
            if let Some(href) = tag.get("href").filter(|_| tag.name == "a") {
                frame.link = Some((href.to_owned(), self.written, self.images));
            }
        }
        if tag.name == "li" && !frame.hidden {
            self.bullet();
        }
        if tag.name == "ol" {
            frame.items = tag.get("start").and_then(|s| s.trim().parse().ok()).unwrap_or(1).max(1);
        }
        if !void && !deep {
            if frame.cell {
                self.blocks.push(Block::default());
            }
            self.frames.push(frame);
        }
    }

    /// Ends the line or word before an element.
    fn part(&mut self, flow: Flow, frame: &mut Frame) {
        let Some(block) = self.blocks.last_mut() else { return };
        match flow {
            Flow::Inline => {}
            Flow::Word => {
                frame.word = true;
                block.space = true;
            }
            Flow::Line => {
                frame.line = true;
                block.break_line();
            }
            Flow::Paragraph => {
                frame.paragraph = true;
                block.break_line();
                block.gap |= block.bullet.is_empty();
            }
        }
    }

    fn void(&mut self, name: &str) {
        match name {
            "br" => {
                let (mark, bare) = self.frames.last().map_or_else(Default::default, |f| (f.mark, f.bare));
                if let Some(block) = self.blocks.last_mut() {
                    block.hard_break(mark, bare);
                }
            }
            "img" => self.images += 1,
            _ => {}
        }
    }

    fn mark(&mut self, tag: &Tag, style: &str, frame: &mut Frame) {
        match marks::says(tag, style) {
            Says::Nothing => {}
            Says::Inside(mark) => {
                if frame.mark != LineMark::Quoted {
                    frame.mark = mark;
                }
            }
            Says::BareQuote => {
                self.bare_quotes += 1;
                frame.bare = self.bare_quotes;
            }
            found @ (Says::PerhapsRest | Says::Rest) => {
                if self.separator != Some(Says::Rest) {
                    self.separator = Some(found);
                }
            }
        }
    }

    fn bullet(&mut self) {
        let list = self.frames.iter_mut().rev().take(REACH).find(|f| matches!(f.name.as_str(), "ul" | "ol" | "menu"));
        let (bullet, first) = match list {
            Some(list) if list.name == "ol" => {
                list.items = list.items.saturating_add(1);
                (format!("{}. ", list.items - 1), false)
            }
            Some(list) => {
                list.items = list.items.saturating_add(1);
                ("- ".to_owned(), list.items == 1)
            }
            None => ("- ".to_owned(), false),
        };
        if let Some(block) = self.blocks.last_mut() {
            block.gap &= first
                || block
                    .lines
                    .last()
                    .is_some_and(|l| !l.text.starts_with(['-', '1', '2', '3', '4', '5', '6', '7', '8', '9']));
            block.bullet = bullet;
        }
    }

    /// Elements that a new one ends without an end tag.
    fn close_implied(&mut self, name: &str) {
        let (ends, within): (&[&str], &[&str]) = match name {
            "td" | "th" => (&["td", "th"], &["table", "tr"]),
            "tr" => (&["tr", "td", "th"], &["table"]),
            "tbody" | "thead" | "tfoot" => (&["tr", "td", "th"], &["table"]),
            "li" => (&["li"], &["ul", "ol", "menu", "td", "th", "table"]),
            "option" => (&["option"], &["select"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl", "td", "th", "table"]),
            "body" => (&["head"], &[]),
            "p" if self.frames.last().is_some_and(|f| f.name == "p") => (&["p"], &[]),
            _ => return,
        };
        let mut found = None;
        for (at, frame) in self.frames.iter().enumerate().skip(1).rev().take(REACH) {
            if within.contains(&frame.name.as_str()) {
                break;
            }
            if ends.contains(&frame.name.as_str()) {
                found = Some(at);
                if name != "tr" {
                    break;
                }
            }
        }
        if let Some(at) = found {
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &str) {
        let table = matches!(name, "td" | "th" | "tr" | "table" | "tbody" | "thead" | "tfoot" | "body" | "html");
        for (at, frame) in self.frames.iter().enumerate().skip(1).rev().take(REACH) {
            if frame.name == name {
                return self.close_to(at);
            }
            if !table && matches!(frame.name.as_str(), "td" | "th" | "table")
                || name != "table" && table && frame.name == "table"
            {
                break; // The end of something outside the cell or table.
            }
        }
        if name == "br" {
            self.void("br");
        }
    }

    /// Closes open elements until `length` are left.
    fn close_to(&mut self, length: usize) {
        while self.frames.len() > length.max(1) {
            let Some(frame) = self.frames.pop() else { return };
            if let Some((href, written, images)) = &frame.link
                && (*written, *images) == (self.written, self.images)
                && let Some(target) = href.strip_prefix("mailto:").or_else(|| href.starts_with("http").then_some(href))
            {
                self.text(target);
            }
            if frame.cell
                && self.blocks.len() > 1
                && let Some(mut cell) = self.blocks.pop()
                && let Some(block) = self.blocks.last_mut()
            {
                cell.break_line();
                block.add_cell(cell.trimmed());
            }
            let Some(block) = self.blocks.last_mut().filter(|_| !frame.hidden) else { continue };
            if frame.line || frame.paragraph {
                block.break_line();
                block.gap |= frame.paragraph;
            }
            block.space |= frame.word && !frame.cell;
            if frame.name == "li" {
                block.bullet.clear();
            }
        }
    }

    fn text(&mut self, text: &str) {
        let Some(frame) = self.frames.last() else { return };
        if frame.hidden || frame.tiny {
            return;
        }
        let (mark, bare, pre) = (frame.mark, frame.bare, frame.pre);
        let Some(block) = self.blocks.last_mut() else { return };
        let mut previous = ' ';
        for c in text.chars() {
            let before = std::mem::replace(&mut previous, c);
            match c {
                '\n' if pre => block.hard_break(mark, bare),
                '\r' if pre => {}
                ' ' | '\t' if pre && !block.current.text.is_empty() => block.current.text.push(c),
                // Indentation of preformatted text.
                ' ' | '\t' if pre && block.bullet.is_empty() => {
                    block.begin(mark, bare, &mut self.separator);
                    block.current.text.push(c);
                }
                ' ' | '\t' | '\n' | '\r' | '\u{0c}' => block.space = true,
                '\u{a0}' | '\u{2007}' | '\u{202f}' => {
                    block.space = true;
                    block.touched = true;
                }
                '\u{200b}' | '\u{200c}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200e}'
                | '\u{200f}' => {}
                // Emoji are joined by it; between letters it is filling.
                '\u{200d}' if before < '\u{2000}' => {}
                c if c.is_control() => {}
                _ => {
                    if self.written >= self.limit {
                        return;
                    }
                    if block.begin(mark, bare, &mut self.separator) && block.space {
                        block.current.text.push(' ');
                        self.written += 1;
                    }
                    block.space = false;
                    block.current.text.push(c);
                    self.written += c.len_utf8();
                }
            }
        }
    }
}
