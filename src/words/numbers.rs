//! Case numbers and pending tokens: what stands in a subject's tag.

use std::fmt;

/// A case's number as people write it, such as `RSOS-123456`: unique in its desk.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CaseNumber(pub String);

/// A pending request's token as people see it, such as `RSOS-P7K3M9QX2`: the desk's prefix, `P`, and eight letters or
/// digits of Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PendingToken(pub String);

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for PendingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a tag in a subject names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `[RSOS-123456]`
    Case(CaseNumber),
    /// `[RSOS-P7K3M9QX2]`
    Pending(PendingToken),
}

impl PendingToken {
    /// A token of `prefix` from 40 random bits.
    pub fn from_bits(prefix: &str, bits: u64) -> Self {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let text: String = (0..8).rev().map(|i| ALPHABET[((bits >> (i * 5)) & 31) as usize] as char).collect();
        Self(format!("{prefix}-P{text}"))
    }
}

impl CaseNumber {
    /// Number `sequence` of a desk: at least six digits.
    pub fn from_sequence(prefix: &str, sequence: u64) -> Self {
        Self(format!("{prefix}-{sequence:06}"))
    }
}

/// How a desk writes its case numbers: a format of the policy, `{prefix}-{n:6}` or `{yymmdd}-{n:7}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The desk's prefix: it begins every pending token, and numbers whose format says so.
    pub prefix: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Prefix,
    /// Of the day on which the case was opened: each part in its digits.
    Day(Vec<DayPart>),
    /// The desk's running number, with at least so many digits.
    Number(usize),
    /// `-`, `/` or letters.
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayPart {
    /// `yyyy`
    Year,
    /// `yy`
    ShortYear,
    /// `mm`
    Month,
    /// `dd`
    Day,
}

impl DayPart {
    const ALL: [(&'static str, Self); 4] =
        [("yyyy", Self::Year), ("yy", Self::ShortYear), ("mm", Self::Month), ("dd", Self::Day)];

    /// The parts that `name` writes one behind the other, such as `yymmdd`.
    fn read(name: &str) -> Option<Vec<Self>> {
        let mut parts = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let (spelt, part) = Self::ALL.into_iter().find(|(spelt, _)| rest.starts_with(spelt))?;
            parts.push(part);
            rest = rest.get(spelt.len()..)?;
        }
        (!parts.is_empty()).then_some(parts)
    }

    fn of(self, day: jiff::civil::Date) -> String {
        match self {
            Self::Year => format!("{:04}", day.year()),
            Self::ShortYear => format!("{:02}", day.year().rem_euclid(100)),
            Self::Month => format!("{:02}", day.month()),
            Self::Day => format!("{:02}", day.day()),
        }
    }

    /// How many digits it has.
    fn digits(self) -> usize {
        if self == Self::Year { 4 } else { 2 }
    }
}

/// The most digits of a running number.
const MOST_DIGITS: usize = 15;

impl Numbering {
    /// `PREFIX-123456`.
    pub fn standard(prefix: &str) -> Self {
        let pieces = vec![Piece::Prefix, Piece::Text("-".to_owned()), Piece::Number(6)];
        Self { prefix: prefix.to_owned(), pieces }
    }

    /// Reads a format.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that teach: a placeholder that is not known, no running number at its end, or
    /// nothing by which a number is told from any other.
    pub fn parse(prefix: &str, format: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = format;
        while let Some((text, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or("a bracket is not closed")?;
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_uppercase()));
            }
            pieces.push(match name {
                "prefix" => Piece::Prefix,
                "n" => Piece::Number(6),
                _ => match DayPart::read(name) {
                    Some(parts) => Piece::Day(parts),
                    None => {
                        let width = name.strip_prefix("n:").and_then(|width| width.parse().ok());
                        Piece::Number(width.filter(|width| (1..=MOST_DIGITS).contains(width)).ok_or_else(|| {
                            format!("`{{{name}}}` is not known; write {{prefix}}, {{yymmdd}}, {{yyyy}}, {{n}} or {{n:7}}")
                        })?)
                    }
                },
            });
            rest = after;
        }
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.'));
        let texts = pieces.iter().all(|piece| if let Piece::Text(text) = piece { plain(text) } else { true });
        if !rest.is_empty() || !texts {
            return Err("only letters, digits, `-`, `/` and `.` stand between, and the running number ends it".into());
        }
        let numbers = pieces.iter().filter(|piece| matches!(piece, Piece::Number(_))).count();
        let told = pieces.iter().any(|piece| matches!(piece, Piece::Prefix | Piece::Day(_)));
        match pieces.last() {
            Some(Piece::Number(_)) if numbers == 1 && told => Ok(Self { prefix: prefix.to_owned(), pieces }),
            _ => Err("it needs {prefix} or a day such as {yymmdd}, and ends with one running number {n}".into()),
        }
    }

    /// The number of a case opened on the day `on`, the `sequence`th of its desk.
    pub fn number(&self, sequence: u64, on: jiff::civil::Date) -> CaseNumber {
        let piece = |piece: &Piece| match piece {
            Piece::Prefix => self.prefix.clone(),
            Piece::Day(parts) => parts.iter().map(|part| part.of(on)).collect(),
            Piece::Number(width) => format!("{sequence:0width$}"),
            Piece::Text(text) => text.clone(),
        };
        CaseNumber(self.pieces.iter().map(piece).collect())
    }

    /// A number as people would see it.
    pub fn example(&self) -> CaseNumber {
        self.number(100_123, jiff::civil::date(2026, 1, 2))
    }

    /// Reads a number as people write it; case does not matter.
    pub fn read(&self, text: &str) -> Option<CaseNumber> {
        let text = text.trim().to_uppercase();
        let mut rest = text.as_str();
        for piece in &self.pieces {
            rest = match piece {
                Piece::Prefix => rest.strip_prefix(&self.prefix.to_uppercase())?,
                Piece::Text(text) => rest.strip_prefix(text.as_str())?,
                Piece::Day(parts) => {
                    let count = parts.iter().map(|part| part.digits()).sum();
                    after_digits(rest, count..=count)?
                }
                Piece::Number(width) => after_digits(rest, *width..=MOST_DIGITS)?,
            };
        }
        if !rest.is_empty() {
            return None;
        }
        // The prefix is written as the desk writes it.
        let bare = text.strip_prefix(&self.prefix.to_uppercase());
        let is_prefixed = self.pieces.first() == Some(&Piece::Prefix);
        Some(CaseNumber(match bare.filter(|_| is_prefixed) {
            Some(bare) => format!("{}{bare}", self.prefix),
            None => text,
        }))
    }
}

/// What stands behind the digits that `text` begins with, where they are as many as that.
fn after_digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(*count.end());
    count.contains(&digits).then(|| text.get(digits..)).flatten()
}

/// Finds the tags of a desk in `subject`, in order, without repeats, and gives the subject without them.
///
/// A tag stands in square brackets; case does not matter.
pub fn take_tags(numbering: &Numbering, subject: &str) -> (Vec<Tag>, String) {
    let mut tags = Vec::new();
    let mut rest = String::with_capacity(subject.len());
    let mut tail = subject;
    while let Some(open) = tail.find('[') {
        let after = &tail[open + 1..];
        let tag = after.find(']').and_then(|close| read_tag(numbering, &after[..close]).map(|tag| (tag, close)));
        match tag {
            Some((tag, close)) => {
                rest.push_str(&tail[..open]);
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
                tail = &after[close + 1..];
            }
            None => {
                rest.push_str(&tail[..=open]);
                tail = after;
            }
        }
    }
    rest.push_str(tail);
    (tags, rest.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Reads `text` as what stands between the brackets of a tag.
pub fn read_tag(numbering: &Numbering, text: &str) -> Option<Tag> {
    if let Some(number) = numbering.read(text) {
        return Some(Tag::Case(number));
    }
    let (text, prefix) = (text.trim().to_uppercase(), &numbering.prefix);
    let token = text.strip_prefix(&prefix.to_uppercase())?.strip_prefix("-P")?;
    (token.len() == 8 && token.bytes().all(|b| b.is_ascii_alphanumeric()))
        .then(|| Tag::Pending(PendingToken(format!("{prefix}-P{token}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_anywhere_and_taken_out() {
        let (tags, rest) =
            take_tags(&Numbering::standard("RSOS"), "Re: Smith, Jane Medicare [rsos-100001] [x] [RSOS-P7K3M9QX2]");
        assert_eq!(tags.len(), 2);
        assert_eq!(rest, "Re: Smith, Jane Medicare [x]");
        assert_eq!(tags[0], Tag::Case(CaseNumber("RSOS-100001".into())));
        assert_eq!(take_tags(&Numbering::standard("RSOS"), "[RSOS-12] [[[RSOS-").0, vec![]);
        assert_eq!(PendingToken::from_bits("RSOS", 0).0, "RSOS-P00000000");
    }

    #[test]
    fn numbers_are_written_and_read_as_the_format_has_them() {
        let day = jiff::civil::date(2026, 11, 21);
        for (format, written, also, others) in [
            ("{prefix}-{n:6}", "AB-000042", "ab-000042", ["AB-42", "000042"]),
            ("{yymmdd}-{n:7}", "261121-0000042", " 261121-0000042", ["61121-0000042", "261121-42"]),
            ("{prefix}-{yyyy}-{n:5}", "AB-2026-00042", "ab-2026-00042", ["AB-26-00042", "AB-2026-42"]),
            ("CR{yy}{mm}-{n:5}", "CR2611-00042", "cr2611-00042", ["2611-00042", "CR26-00042"]),
            ("{prefix}/{yymmdd}/{n:4}", "AB/261121/0042", "ab/261121/0042", ["AB/0042", "AB/261121/0042x"]),
        ] {
            let numbering = Numbering::parse("AB", format).expect(format);
            assert_eq!(numbering.number(42, day).0, written, "{format}");
            for text in [written, also] {
                assert_eq!(numbering.read(text).map(|number| number.0).as_deref(), Some(written), "{text}");
            }
            for text in others {
                assert_eq!(numbering.read(text), None, "{text}");
            }
        }
        for format in
            ["", "{n}", "{prefix}-{n}-x", "{prefix}", "{day}-{n}", "{prefix}-{n:99}", "{prefix} {n}", "{n}{prefix}"]
        {
            assert!(Numbering::parse("AB", format).is_err(), "{format}");
        }
    }
}
