//! Labels: which `Label: value` lines are fields of a form, and which only say how to reach the writer.
//!
//! No desk's words stand here: a label is a form's unless it is a known contact label.

use super::pattern::{clip, pattern, words};
use regex::Regex;
use std::sync::LazyLock;

/// What a line's label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LabelKind {
    /// There is no label.
    None,
    /// How to reach the writer, or a number of their licence: belongs in a signature.
    Contact,
    /// A field of a form.
    Form,
    /// A field of a form whose label says that it names or numbers something.
    StrongForm,
}

/// Words that make a label one of contact.
static CONTACT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:[tfmpocdewvhx]|phone|phones|tel|tél|telephone|téléphone|telefon|telefono|teléfono|telefone|telefoon|ph|fax|efax|e-?fax|email|e-?mails?|mail|correo|courriel|web|website|webseite|url|www|site|npn|san|doi|license|licence|licenses|licences|licensed|lic|address|addr|adresse|dirección|indirizzo|adres|office|offices|büro|bureau|cell|cellphone|cellular|mobile|mob|mobil|móvil|celular|cel|handy|direct|direkt|main|toll|tollfree|toll-free|tty|tdd|ext|extension|skype|linkedin|twitter|facebook|instagram|whatsapp|calendar|appointments?|hours|calls?|text|visit|schedule|тел|телефон|почта|電話|电话|전화)\.?$",
    )
});

/// Words that make a label one of somebody else's data, contact words or not: `Member phone`.
static SOMEBODY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:members?|mbr|clients?|customers?|consumers?|polic(?:y|ies)|policyholder|reference|ref|case|claim|summary|issue|subscriber|applicant|employee|employer|patient|beneficiary|enrollee|request|plan|dependent|group|callback)$",
    )
});

/// Words that name or number something.
static STRONG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:names?|id|ids|number|no|num|nbr|reference|ref|summary|issues?|description|details|question|dob|birth|date|line|type|members?|clients?|customers?|consumers?|subscriber|policy|plan|case|claim|applicant|reason|problem|concern)\b|#)",
    )
});

/// Sentences open with these; they are no labels of a form.
static REMARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:notice|confidential.*|disclaimer|p\.?\s?s\.?|please note|note|nb|caution|warning|attention|important|re|fw|fwd|https?|mailto|ftp|hi|hello|dear .*|quote|motto)$",
    )
});

/// `line` without bullets, numbering, emphasis and quote marks before its first word.
fn unbulleted(line: &str) -> &str {
    let text = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() < text.len() && text.len() - digits.len() <= 2 && digits.starts_with(['.', ')', ':']) {
        digits.trim_start_matches(|c: char| !c.is_alphanumeric())
    } else {
        text
    }
}

/// The label of a line, and its value. A colon, an equals sign or a tab may follow the label.
pub(super) fn label_of(line: &str) -> Option<(&str, &str)> {
    let line = clip(unbulleted(line), 400);
    let (at, mark) = line.char_indices().take(60).find(|(_, c)| matches!(c, ':' | '：' | '=' | '\t'))?;
    let label = line.get(..at)?.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_'));
    let value = line.get(at + mark.len_utf8()..)?.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_'));
    let time = label.ends_with(|c: char| c.is_ascii_digit()) && value.starts_with(|c: char| c.is_ascii_digit());
    let sentence = label.contains(['?', '!', ';', '@', '<', '"']) || label.contains(". ") || label.contains(", ");
    if !(1..=7).contains(&words(label)) || time || sentence || value.starts_with("//") {
        return None;
    }
    label.starts_with(char::is_alphabetic).then_some((label, value))
}

/// What the label of `line` is, if it has one. `line` as `pattern::seen` gives it.
pub(super) fn label_kind(line: &str) -> LabelKind {
    let Some((label, _)) = label_of(line) else {
        return if dashed_field(line) || lone_label(line) { LabelKind::StrongForm } else { LabelKind::None };
    };
    if REMARK.is_match(label) {
        return LabelKind::None;
    }
    let mut somebody = false;
    let mut contact = false;
    for word in label.split(|c: char| c.is_whitespace() || matches!(c, '/' | '(' | ')' | '&' | '|' | '#')) {
        somebody |= SOMEBODY.is_match(word);
        contact |= CONTACT.is_match(word);
    }
    if contact && !somebody {
        LabelKind::Contact
    } else if somebody || STRONG.is_match(label) {
        LabelKind::StrongForm
    } else {
        LabelKind::Form
    }
}

/// `Agent Name - Jane Doe`, `Member ID # H123`: a field whose label ends in a word that names or numbers something.
fn dashed_field(line: &str) -> bool {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[\p{L}']+\s){0,4}(?:(?:name|id|number|no\.|reference|ref|summary|member|issue|question)\s?#?\s?(?:-|–|—)\s?\S|(?:[\p{L}']+\s)?(?:id|number|ref|reference|member|policy|claim|case)\s?#\s?\S)",
        )
    });
    let line = unbulleted(line);
    line.len() <= 400 && line.contains(['-', '–', '—', '#']) && FIELD.is_match(line)
}

/// `Member ID #`: a label alone on its line; its value stands on the next one.
fn lone_label(line: &str) -> bool {
    static LONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[\p{L}']+\s){1,4}(?:name|id|#|number|in question)(?:\s?#)?\s?(?:\(required\))?$|^(?:reference|summary|ref|description) (?:#|of (?:issue|the issue|request|problem))$",
        )
    });
    let line = unbulleted(line);
    line.len() <= 60 && LONE.is_match(line)
}

/// Whether these lines are fields of a form, so that they can be nobody's signature: two labels that are not contact, or one that
/// names or numbers something.
pub(super) fn is_form<'a>(kinds: impl Iterator<Item = &'a LabelKind>) -> bool {
    let mut fields = 0;
    for kind in kinds {
        match kind {
            LabelKind::StrongForm => return true,
            LabelKind::Form => fields += 1,
            LabelKind::Contact | LabelKind::None => {}
        }
    }
    fields >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_apart() {
        for line in [
            "Agent Name: Jane Doe",
            "Member ID #: H12345678",
            "1. Member ID = H12345678",
            "• *Member Name in question:* John Smith",
            "Reference #",
            "Member phone: 502-555-0142",
            "Member Name - John Smith",
            "Member ID # H12345678",
            "Summary of issue: her card never came",
            "> Line: Medicare",
        ] {
            assert_eq!(label_kind(line), LabelKind::StrongForm, "{line}");
        }
        for line in [
            "Phone: 502-555-0142",
            "NPN #: 20114683",
            "FL License: W123",
            "Agent SAN: 1234567",
            "E-mail: a@example.com",
            "T: 1",
        ] {
            assert_eq!(label_kind(line), LabelKind::Contact, "{line}");
        }
        for line in [
            "https://example.com",
            "Her card never came.",
            "at 10:30 today",
            "Please note: closed on Friday",
            "CONFIDENTIALITY NOTICE: this message",
            "Jane Doe - Senior Broker",
        ] {
            assert_eq!(label_kind(line), LabelKind::None, "{line}");
        }
    }
}
