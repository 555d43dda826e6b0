//! TNEF, the `winmail.dat` of Outlook ([MS-OXTNEF]): the text and the attachments in it. Bounded, never fails.

use super::entity::{Entity, safe_name};
use super::{Limits, charset, rtf};

/// What stands in a `winmail.dat`.
#[derive(Debug, Default)]
pub(super) struct Tnef {
    pub(super) text: Option<Text>,
    /// Name and content of each attachment.
    pub(super) attachments: Vec<(Option<String>, Vec<u8>)>,
}

/// A text and what it is written in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    Plain(String),
    Html(String),
}

/// Whether `entity` is TNEF by its type or name.
pub(super) fn is_tnef(entity: &Entity) -> bool {
    matches!(entity.content_type.value.as_str(), "application/ms-tnef" | "application/vnd.ms-tnef")
        || entity.file_name().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"))
}

const SIGNATURE: u32 = 0x223e_9f78;
const BODY: u32 = 0x0002_800c;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const ATTACHMENT_TITLE: u32 = 0x0001_8010;
const ATTACHMENT_DATA: u32 = 0x0006_800f;
const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;
const CODE_PAGE: u32 = 0x0006_9007;

const PROPERTY_BODY: u16 = 0x1000;
const PROPERTY_RTF: u16 = 0x1009;
const PROPERTY_HTML: u16 = 0x1013;
const PROPERTY_LONG_NAME: u16 = 0x3707;
const PROPERTY_DATA: u16 = 0x3701;

/// Reads `data`; `None` where it is no TNEF.
pub(super) fn read(data: &[u8], limits: &Limits) -> Option<Tnef> {
    let mut cursor = Cursor(data);
    if cursor.u32()? != SIGNATURE {
        return None;
    }
    cursor.u16()?;
    let mut found = Tnef::default();
    let (mut plain, mut html, mut rtf_text) = (None, None, None);
    let mut code_page = "windows-1252".to_owned();
    while let Some((attribute, value)) = cursor.attribute() {
        match attribute {
            CODE_PAGE => {
                if let Some(page) = Cursor(value).u32() {
                    code_page = code_page_label(page);
                }
            }
            BODY => plain = plain.or_else(|| Some(string8(value, &code_page))),
            MESSAGE_PROPERTIES => {
                for (id, value) in properties(value, limits.parts) {
                    match id {
                        PROPERTY_BODY => plain = Some(value.text(&code_page)),
                        PROPERTY_HTML => html = Some(value.text(&code_page)),
                        PROPERTY_RTF => {
                            rtf_text = rtf::decompress(value.bytes, limits.text_bytes).map(|r| rtf::read(&r))
                        }
                        _ => {}
                    }
                }
            }
            ATTACHMENT_BEGINS if found.attachments.len() < limits.parts => found.attachments.push((None, Vec::new())),
            _ => {
                if let Some(last) = found.attachments.last_mut() {
                    attachment(last, attribute, value, &code_page, limits);
                }
            }
        }
    }
    let filled = |text: &String| !text.trim().is_empty();
    found.text = plain.filter(filled).map(Text::Plain).or(html.filter(filled).map(Text::Html)).or(rtf_text);
    Some(found)
}

fn attachment(last: &mut (Option<String>, Vec<u8>), attribute: u32, value: &[u8], code_page: &str, limits: &Limits) {
    match attribute {
        ATTACHMENT_TITLE if last.0.is_none() => last.0 = safe_name(&string8(value, code_page)),
        ATTACHMENT_DATA => last.1 = value.to_vec(),
        ATTACHMENT_PROPERTIES => {
            for (id, value) in properties(value, limits.parts) {
                match id {
                    PROPERTY_LONG_NAME => last.0 = safe_name(&value.text(code_page)).or(last.0.take()),
                    PROPERTY_DATA if last.1.is_empty() => last.1 = value.bytes.to_vec(),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn code_page_label(page: u32) -> String {
    match page {
        65001 => "utf-8".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        page => format!("windows-{page}"),
    }
}

fn string8(value: &[u8], code_page: &str) -> String {
    let end = value.iter().position(|&b| b == 0).unwrap_or(value.len());
    charset::decode(value.get(..end).unwrap_or_default(), Some(code_page))
}

/// The value of a MAPI property.
struct Value<'a> {
    unicode: bool,
    bytes: &'a [u8],
}

impl Value<'_> {
    fn text(&self, code_page: &str) -> String {
        if self.unicode {
            charset::decode(self.bytes, Some("utf-16le")).trim_end_matches('\0').to_owned()
        } else {
            string8(self.bytes, code_page)
        }
    }
}

/// The properties of a MAPI property list that hold text or bytes.
fn properties(data: &[u8], most: usize) -> Vec<(u16, Value<'_>)> {
    let mut cursor = Cursor(data);
    let mut found = Vec::new();
    let count = cursor.u32().unwrap_or(0);
    for _ in 0..count.min(10_000) {
        if found.len() >= most || cursor.property(&mut found).is_none() {
            break;
        }
    }
    found
}

/// Bytes that are read from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// Level, id, length, value, checksum. A value that is cut off is taken as far as it goes.
    fn attribute(&mut self) -> Option<(u32, &'a [u8])> {
        self.take(1)?;
        let id = self.u32()?;
        let length = self.length()?;
        let value = self.take(length.min(self.0.len()))?;
        self.take(2.min(self.0.len()))?;
        Some((id, value))
    }

    fn padded(&mut self, length: usize) -> Option<&'a [u8]> {
        let value = self.take(length)?;
        self.take((4 - length % 4) % 4)?;
        Some(value)
    }

    fn property(&mut self, found: &mut Vec<(u16, Value<'a>)>) -> Option<()> {
        let kind = self.u16()?;
        let id = self.u16()?;
        if id >= 0x8000 {
            self.take(16)?;
            if self.u32()? == 0 {
                self.u32()?;
            } else {
                let length = self.length()?;
                self.padded(length)?;
            }
        }
        let multiple = kind & 0x1000 != 0;
        let sized = matches!(kind & 0x0fff, 0x000d | 0x001e | 0x001f | 0x0102);
        let count = if multiple || sized { self.u32()?.min(10_000) } else { 1 };
        for _ in 0..count {
            match kind & 0x0fff {
                0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => _ = self.take(4)?,
                0x0005..=0x0007 | 0x0014 | 0x0040 => _ = self.take(8)?,
                0x0048 => _ = self.take(16)?,
                0x000d | 0x001e | 0x001f | 0x0102 => {
                    let length = self.length()?;
                    let bytes = self.padded(length)?;
                    found.push((id, Value { unicode: kind & 0x0fff == 0x001f, bytes }));
                }
                _ => return None,
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, value: &[u8]) -> Vec<u8> {
        let mut out = vec![level];
        out.extend(id.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
        out.extend([0, 0]);
        out
    }

    fn sample() -> Vec<u8> {
        let name: Vec<u8> = "lóng.pdf\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut list = 1u32.to_le_bytes().to_vec();
        list.extend(0x001fu16.to_le_bytes());
        list.extend(PROPERTY_LONG_NAME.to_le_bytes());
        list.extend(1u32.to_le_bytes());
        list.extend((name.len() as u32).to_le_bytes());
        list.extend(&name);
        list.extend(std::iter::repeat_n(0, (4 - name.len() % 4) % 4));
        let mut raw = SIGNATURE.to_le_bytes().to_vec();
        raw.extend([1, 0]);
        raw.extend(attribute(1, BODY, b"caf\xe9\0"));
        raw.extend(attribute(2, ATTACHMENT_BEGINS, b""));
        raw.extend(attribute(2, ATTACHMENT_TITLE, b"SHORT.PDF\0"));
        raw.extend(attribute(2, ATTACHMENT_DATA, b"content"));
        raw.extend(attribute(2, ATTACHMENT_PROPERTIES, &list));
        raw
    }

    #[test]
    fn text_and_attachments_are_read() {
        let found = read(&sample(), &Limits::default()).unwrap();
        assert_eq!(found.text, Some(Text::Plain("café".to_owned())));
        assert_eq!(found.attachments, [(Some("lóng.pdf".to_owned()), b"content".to_vec())]);
    }

    #[test]
    fn what_is_inside_is_taken_out_by_its_place() {
        let mut raw =
            b"From: a@example.com\nContent-Type: application/ms-tnef\nContent-Transfer-Encoding: binary\n\n".to_vec();
        raw.extend(sample());
        let places: Vec<_> = crate::message::Message::read(&raw).attachments.into_iter().map(|one| one.name).collect();
        assert_eq!(places, [None, Some("lóng.pdf".to_owned())]);
        let inside = crate::message::Message::attachment_contents(&raw, 100, |place, _| place == 1);
        assert_eq!(inside.into_iter().collect::<Vec<_>>(), [(1, b"content".to_vec())]);
    }

    #[test]
    fn cut_off_files_are_read_as_far_as_they_go() {
        let raw = sample();
        for length in 0..raw.len() {
            read(&raw[..length], &Limits::default());
        }
        assert!(read(b"not tnef", &Limits::default()).is_none());
    }
}
