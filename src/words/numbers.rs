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

/// Finds the tags of `prefix` in `subject`, in order, without repeats, and gives the subject without them.
///
/// A tag stands in square brackets; case does not matter.
pub fn take_tags(prefix: &str, subject: &str) -> (Vec<Tag>, String) {
    let mut tags = Vec::new();
    let mut rest = String::with_capacity(subject.len());
    let mut tail = subject;
    while let Some(open) = tail.find('[') {
        let after = &tail[open + 1..];
        let tag = after.find(']').and_then(|close| read_tag(prefix, &after[..close]).map(|tag| (tag, close)));
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
pub fn read_tag(prefix: &str, text: &str) -> Option<Tag> {
    let text = text.trim().to_uppercase();
    let number = text.strip_prefix(&prefix.to_uppercase())?.strip_prefix('-')?;
    if number.len() >= 6 && number.len() <= 15 && number.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Tag::Case(CaseNumber(format!("{prefix}-{number}"))));
    }
    let token = number.strip_prefix('P')?;
    (token.len() == 8 && token.bytes().all(|b| b.is_ascii_alphanumeric()))
        .then(|| Tag::Pending(PendingToken(format!("{prefix}-P{token}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_anywhere_and_taken_out() {
        let (tags, rest) = take_tags("RSOS", "Re: Smith, Jane Medicare [rsos-100001] [x] [RSOS-P7K3M9QX2]");
        assert_eq!(tags.len(), 2);
        assert_eq!(rest, "Re: Smith, Jane Medicare [x]");
        assert_eq!(tags[0], Tag::Case(CaseNumber("RSOS-100001".into())));
        assert_eq!(take_tags("RSOS", "[RSOS-12] [[[RSOS-").0, vec![]);
        assert_eq!(PendingToken::from_bits("RSOS", 0).0, "RSOS-P00000000");
    }
}
