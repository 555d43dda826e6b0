//! RTF as Outlook puts it into TNEF: decompressed ([MS-OXRTFCP]) and made text, or the HTML that it wraps ([MS-OXRTFEX]).

use super::charset;
use super::tnef::Text;

const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Decompresses a `PR_RTF_COMPRESSED` value to at most `8 * limit` bytes.
pub(super) fn decompress(data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let (header, content) = data.split_at_checked(16)?;
    let limit = limit.saturating_mul(8);
    match header.get(8..12)? {
        b"MELA" => return Some(content.get(..content.len().min(limit))?.to_vec()),
        b"LZFu" => {}
        _ => return None,
    }
    let mut window = [b' '; 4096];
    window.get_mut(..DICTIONARY.len())?.copy_from_slice(DICTIONARY);
    let mut write = DICTIONARY.len();
    let mut out = Vec::new();
    let mut bytes = content.iter().copied();
    let mut put = |window: &mut [u8; 4096], out: &mut Vec<u8>, byte: u8| {
        if let Some(slot) = window.get_mut(write) {
            *slot = byte;
        }
        write = (write + 1) % 4096;
        out.push(byte);
        write
    };
    while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if out.len() >= limit {
                return Some(out);
            }
            let Some(first) = bytes.next() else { return Some(out) };
            if control & (1 << bit) == 0 {
                put(&mut window, &mut out, first);
                continue;
            }
            let Some(second) = bytes.next() else { return Some(out) };
            let mut from = usize::from(first) << 4 | usize::from(second >> 4);
            let length = usize::from(second & 15) + 2;
            for step in 0..length {
                let byte = window.get(from).copied().unwrap_or(b' ');
                if step == 0 && from == (DICTIONARY.len() + out.len()) % 4096 {
                    return Some(out); // A reference to the place that is written next ends the stream.
                }
                put(&mut window, &mut out, byte);
                from = (from + 1) % 4096;
            }
        }
    }
    Some(out)
}

/// Groups remembered at most.
const DEPTH: usize = 500;

/// What a group does with its text.
#[derive(Clone, Copy, Default)]
struct Group {
    skipped: bool,
    html_tag: bool,
    html_rtf: bool,
}

/// Reads RTF: the HTML that it wraps, where it does, else its text.
pub(super) fn read(rtf: &[u8]) -> Text {
    let html = rtf.windows(9).take(2000).any(|w| w == b"\\fromhtml");
    let mut reader = Reader {
        rest: rtf,
        html,
        out: Vec::new(),
        groups: vec![Group::default()],
        fallback: 0,
        page: "windows-1252".to_owned(),
    };
    let text = reader.run();
    if html { Text::Html(text) } else { Text::Plain(text) }
}

struct Reader<'a> {
    rest: &'a [u8],
    html: bool,
    out: Vec<char>,
    groups: Vec<Group>,
    /// Characters to skip that stand for a `\u` before them.
    fallback: usize,
    page: String,
}

impl Reader<'_> {
    fn run(&mut self) -> String {
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            match byte {
                b'{' => {
                    let group = self.groups.last().copied().unwrap_or_default();
                    if self.groups.len() < DEPTH {
                        self.groups.push(group);
                    }
                }
                b'}' => {
                    if self.groups.len() > 1 {
                        self.groups.pop();
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                _ => self.put(byte as char),
            }
        }
        self.out.iter().collect()
    }

    fn put(&mut self, c: char) {
        if self.fallback > 0 {
            self.fallback -= 1;
            return;
        }
        let shown = self.groups.last().is_none_or(|g| !(g.skipped || g.html_rtf && self.html));
        if shown {
            self.out.push(c);
        }
    }

    fn control(&mut self) {
        let Some((&first, after)) = self.rest.split_first() else { return };
        if !first.is_ascii_alphabetic() {
            self.rest = after;
            return self.symbol(first);
        }
        let word_end = self.rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(word_end);
        let digits = rest.iter().enumerate().position(|(at, b)| !(b.is_ascii_digit() || at == 0 && *b == b'-'));
        let (number, rest) = rest.split_at(digits.unwrap_or(rest.len()));
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let number: Option<i32> = std::str::from_utf8(number).ok().and_then(|n| n.parse().ok());
        self.word(word, number);
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'\'' => {
                let Some((digits, rest)) = self.rest.split_at_checked(2) else { return };
                self.rest = rest;
                let byte = std::str::from_utf8(digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok());
                for c in byte.map_or_else(Default::default, |b| charset::decode(&[b], Some(&self.page))).chars() {
                    self.put(c);
                }
            }
            b'*' => {
                // A destination that a reader may pass over; the wrapped tags are what we came for.
                let tag = self.rest.starts_with(b"\\htmltag");
                if let Some(group) = self.groups.last_mut() {
                    (group.skipped, group.html_tag) = (!(tag && self.html), tag);
                }
            }
            b'~' => self.put(' '),
            b'_' => self.put('-'),
            b'\\' | b'{' | b'}' => self.put(symbol as char),
            b'\r' | b'\n' => self.put('\n'),
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        match word {
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.put('\n'),
            b"tab" | b"cell" => self.put('\t'),
            b"lquote" => self.put('‘'),
            b"rquote" => self.put('’'),
            b"ldblquote" => self.put('“'),
            b"rdblquote" => self.put('”'),
            b"bullet" => self.put('•'),
            b"endash" => self.put('–'),
            b"emdash" => self.put('—'),
            b"ansicpg" => self.page = number.map_or("windows-1252".to_owned(), |n| format!("windows-{n}")),
            b"u" => {
                let code = number.map_or(0, |n| if n < 0 { n + 65536 } else { n });
                if let Some(c) = u32::try_from(code).ok().and_then(char::from_u32) {
                    self.put(c);
                }
                self.fallback = 1;
            }
            b"htmlrtf" => {
                if let Some(group) = self.groups.last_mut() {
                    group.html_rtf = number != Some(0);
                }
            }
            b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header" | b"footer" => {
                if let Some(group) = self.groups.last_mut() {
                    group.skipped = true;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtf_becomes_text() {
        for (rtf, text) in [
            (&br"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Hello\par caf\'e9 \u8211?x\tab y}"[..], "Hello\ncafé –x\ty"),
            (br"{\rtf1 a\{b\}{\*\generator X;}c}", "a{b}c"),
        ] {
            assert_eq!(read(rtf), Text::Plain(text.to_owned()));
        }
        let wrapped = br"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hi\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}";
        assert_eq!(read(wrapped), Text::Html("<p>Hi</p>".to_owned()));
    }

    #[test]
    fn compressed_rtf_is_read() {
        // The example of [MS-OXRTFCP], section 3.1.1.
        let data = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72,
            0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62,
            0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        let text = decompress(&data, 1000).unwrap();
        assert_eq!(text, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    }
}
