//! HTML as a stream of tags and text, after the WHATWG tokenizer as far as rendering needs it. Linear, never fails.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// What stands in a page.
#[derive(Debug)]
pub(super) enum Token {
    /// Text, its character references decoded.
    Text(String),
    /// A start tag.
    Start(Tag),
    /// An end tag's name, lower case.
    End(String),
}

/// A start tag with those of its attributes that rendering asks for.
#[derive(Debug, Default)]
pub(super) struct Tag {
    /// Lower case.
    pub(super) name: String,
    attributes: Vec<(&'static str, String)>,
}

impl Tag {
    /// The value of an attribute; `None` where it does not stand there.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }
}

const KEPT: &[&str] = &["class", "id", "style", "type", "cite", "href", "hidden", "data-smartmail", "start"];

/// Elements whose content is no markup, and whether it is shown.
const RAW_TEXT: &[(&str, bool)] = &[
    ("script", false),
    ("style", false),
    ("title", false),
    ("textarea", true),
    ("xmp", true),
    ("iframe", false),
    ("noembed", false),
    ("noframes", false),
];

/// Reads the first `tags` tags of `html`, with the text before them, and hands each token to `sink`.
pub(super) fn read(html: &str, tags: usize, sink: &mut impl FnMut(Token)) {
    let mut reader = Reader { html, at: 0, last_quotes: [html.rfind('\''), html.rfind('"')], raw_ends: [None; 8] };
    for _ in 0..tags {
        if reader.at >= html.len() {
            return;
        }
        reader.text(sink);
        reader.markup(sink);
    }
}

struct Reader<'a> {
    html: &'a str,
    at: usize,
    /// Where the last `'` and `"` stand: a value whose quote is never closed ends at the tag's `>`.
    last_quotes: [Option<usize>; 2],
    /// For each element of `RAW_TEXT`: that no end tag follows any more.
    raw_ends: [Option<()>; 8],
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.html.get(self.at..).unwrap_or_default()
    }

    /// Everything up to the next `<`.
    fn text(&mut self, sink: &mut impl FnMut(Token)) {
        let rest = self.rest();
        let end = rest.find('<').unwrap_or(rest.len());
        if end > 0 {
            sink(Token::Text(decode_references(rest.get(..end).unwrap_or_default())));
            self.at += end;
        }
    }

    /// What begins with `<` here.
    fn markup(&mut self, sink: &mut impl FnMut(Token)) {
        let Some(rest) = self.rest().strip_prefix('<') else { return };
        self.at += 1;
        let mut chars = rest.chars();
        match chars.next() {
            Some('!') if rest.starts_with("!--") => self.comment(),
            Some('!' | '?') => self.skip_past('>'),
            Some('/') if chars.next().is_some_and(|c| c.is_ascii_alphabetic()) => {
                self.at += 1;
                let tag = self.tag();
                sink(Token::End(tag.name));
            }
            Some(c) if c.is_ascii_alphabetic() => {
                let tag = self.tag();
                let raw = RAW_TEXT.iter().position(|(name, _)| *name == tag.name);
                sink(Token::Start(tag));
                if let Some(raw) = raw {
                    self.raw_text(raw, sink);
                }
            }
            _ => sink(Token::Text("<".to_owned())),
        }
    }

    fn skip_past(&mut self, end: char) {
        let rest = self.rest();
        self.at += rest.find(end).map_or(rest.len(), |at| at + end.len_utf8());
    }

    fn comment(&mut self) {
        self.at += 3;
        let rest = self.rest();
        // `<!-->` and `<!--->` are whole comments.
        let whole = ["->", ">"].into_iter().find(|end| rest.starts_with(end)).map(str::len);
        let closed = || rest.find("-->").map(|at| at + 3);
        self.at += whole.or_else(closed).unwrap_or(rest.len());
    }

    /// Name and attributes, up to and with the `>`.
    fn tag(&mut self) -> Tag {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).unwrap_or(rest.len());
        let name = rest.get(..end.min(rest.floor_char_boundary(64))).unwrap_or_default().to_ascii_lowercase();
        self.at += end;
        let mut tag = Tag { name, attributes: Vec::new() };
        loop {
            let rest = self.rest();
            let skip = rest.find(|c: char| !c.is_ascii_whitespace() && c != '/').unwrap_or(rest.len());
            self.at += skip;
            match self.rest().chars().next() {
                None => return tag,
                Some('>') => {
                    self.at += 1;
                    return tag;
                }
                Some(_) => self.attribute(&mut tag),
            }
        }
    }

    fn attribute(&mut self, tag: &mut Tag) {
        let rest = self.rest();
        // A leading `=` belongs to the name.
        let end = rest.char_indices().skip(1).find(|(_, c)| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
        let end = end.map_or(rest.len(), |(at, _)| at);
        let name = rest.get(..end).unwrap_or_default();
        self.at += end;
        let rest = self.rest();
        let blank = rest.len() - rest.trim_ascii_start().len();
        let mut value = "";
        if rest.get(blank..).is_some_and(|r| r.starts_with('=')) {
            self.at += blank + 1;
            let rest = self.rest();
            self.at += rest.len() - rest.trim_ascii_start().len();
            value = self.value();
        }
        if let Some(kept) = KEPT.iter().find(|kept| name.eq_ignore_ascii_case(kept))
            && tag.get(kept).is_none()
        {
            tag.attributes.push((kept, decode_references(value)));
        }
    }

    fn value(&mut self) -> &'a str {
        let rest = self.rest();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let last = match quote {
            Some('\'') => self.last_quotes[0],
            Some(_) => self.last_quotes[1],
            None => None,
        };
        let (begin, length, skip) = match quote {
            Some(quote) if last.is_some_and(|last| last > self.at) => {
                let inner = rest.get(1..).unwrap_or_default();
                (1, inner.find(quote).unwrap_or(inner.len()), 1)
            }
            _ => (0, rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len()), 0),
        };
        self.at += begin + length + skip;
        self.at = self.at.min(self.html.len());
        rest.get(begin..begin + length).unwrap_or_default()
    }

    /// The content of a raw text element up to its end tag, which is left for `markup`.
    fn raw_text(&mut self, raw: usize, sink: &mut impl FnMut(Token)) {
        let Some(&(name, shown)) = RAW_TEXT.get(raw) else { return };
        if self.raw_ends.get(raw).is_some_and(Option::is_some) {
            return; // Never closed: browsers lose the rest of the page, a reader of mail must not.
        }
        let rest = self.rest();
        let mut from = 0;
        let end = loop {
            let Some(at) = rest.get(from..).and_then(|r| r.find("</")).map(|at| from + at) else {
                if let Some(closed) = self.raw_ends.get_mut(raw) {
                    *closed = Some(());
                }
                return;
            };
            let after = rest.as_bytes().get(at + 2..at + 2 + name.len()).unwrap_or_default();
            let next = rest.as_bytes().get(at + 2 + name.len());
            if after.eq_ignore_ascii_case(name.as_bytes()) && next.is_none_or(|b| !b.is_ascii_alphanumeric()) {
                break at;
            }
            from = at + 2;
        };
        if shown {
            sink(Token::Text(decode_references(rest.get(..end).unwrap_or_default())));
        }
        self.at += end;
    }
}

/// Decodes `&name;`, `&name` where HTML allows it, `&#1;` and `&#x1;`.
fn decode_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        match reference(rest) {
            Some((decoded, length)) => {
                out.push_str(&decoded);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// The reference at the start of `text`, decoded, and how long it was.
fn reference(text: &str) -> Option<(String, usize)> {
    let body = text.get(1..)?;
    if let Some(number) = body.strip_prefix('#') {
        return numeric(number).map(|(c, length)| (c.to_string(), length + 2));
    }
    let name_length = body.bytes().take(32).take_while(u8::is_ascii_alphanumeric).count();
    let with_semicolon = name_length + usize::from(body.as_bytes().get(name_length) == Some(&b';'));
    // The longest name wins: `&notit;` is `¬it;`.
    (2..=with_semicolon).rev().find_map(|length| {
        let &(first, second) = NAMED_ENTITIES.get(body.get(..length)?)?;
        let first = char::from_u32(first).filter(|&c| c != '\0')?;
        let second = char::from_u32(second).filter(|&c| c != '\0');
        Some((std::iter::once(first).chain(second).collect(), length + 1))
    })
}

fn numeric(number: &str) -> Option<(char, usize)> {
    let (digits, radix, prefix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16, 1),
        None => (number, 10, 0),
    };
    let length = digits.bytes().take_while(|b| (*b as char).is_digit(radix)).count();
    let digits = digits.get(..length).filter(|d| !d.is_empty())?;
    let value =
        u32::from_str_radix(digits.trim_start_matches('0'), radix).unwrap_or(if length > 8 { u32::MAX } else { 0 });
    let replaced = value.checked_sub(0x80).and_then(|at| C1_REPLACEMENTS.get(at as usize).copied().flatten());
    let c = replaced.or_else(|| char::from_u32(value)).filter(|&c| c != '\0').unwrap_or('\u{fffd}');
    let semicolon = usize::from(number.as_bytes().get(prefix + length) == Some(&b';'));
    Some((c, prefix + length + semicolon))
}
