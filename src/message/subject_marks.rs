//! The mark that a mail program puts before a subject: whether the mail answers another one.

/// Reply marks, folded, in the languages of the usual mail programs. Forward marks are others: `Fw`, `Fwd`, `WG`, `TR`, `RV` …
const REPLY: &[&str] = &[
    "re",
    "aw",
    "antw",
    "antwort",
    "sv",
    "vs",
    "rif",
    "r",
    "res",
    "odp",
    "ynt",
    "vá",
    "va",
    "atb",
    "bls",
    "ots",
    "повторно",
    "ответ",
    "відп",
    "回复",
    "回覆",
    "答复",
    "返信",
    "답장",
    "σχετ",
    "απ",
    "השב",
    "رد",
];

/// Forward marks, folded, in the same languages.
const FORWARD: &[&str] = &[
    "fw",
    "fwd",
    "forward",
    "wg",
    "tr",
    "rv",
    "enc",
    "vl",
    "vb",
    "doorst",
    "pd",
    "ilt",
    "vidaresänt",
    "vidarebefordrat",
    "i",
    "továbbítás",
    "tov",
    "пересл",
    "转发",
    "轉寄",
    "转寄",
    "전달",
    "προθ",
    "הועבר",
    "إعادة توجيه",
];

/// Whether `subject` begins with a reply mark: `Re:`, `AW:`, `RE[2]:`. Gateway tags in brackets before it do not count.
pub fn says_reply(subject: &str) -> bool {
    first_mark(subject).is_some_and(|mark| REPLY.contains(&mark.as_str()))
}

/// Whether `subject` begins with a forward mark: `Fw:`, `Fwd:`, `WG:`, `TR:`. Gateway tags in brackets before it do not
/// count.
pub fn says_forward(subject: &str) -> bool {
    first_mark(subject).is_some_and(|mark| FORWARD.contains(&mark.as_str()))
}

/// The word before the first colon, folded, without its count.
fn first_mark(subject: &str) -> Option<String> {
    let mut rest = subject.trim_start();
    while let Some(inner) = rest.strip_prefix('[') {
        let (tag, behind) = inner.split_once(']')?;
        if tag.len() > 40 {
            return None;
        }
        rest = behind.trim_start();
    }
    let (mark, _) = rest.split_once([':', '\u{FF1A}'])?;
    let mark: String = mark.chars().take(20).collect::<String>().to_lowercase();
    let mark = mark.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '^' | ' '));
    Some(mark.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_told_from_forwards() {
        for subject in
            ["Re: a", "RE:a", "re[2]: a", "AW: WG: a", "[EXTERNAL] Re: Fwd: a", "SV: a", "Re^2: a", "回复：a"]
        {
            assert!(says_reply(subject), "{subject}");
        }
        for subject in ["", "Fwd: Re: a", "FW: a", "WG: a", "TR: a", "Smith, Jane", "[EXTERNAL] FW: RE: a", "Return: a"]
        {
            assert!(!says_reply(subject), "{subject}");
        }
        for (subject, forward) in [
            ("FW: a", true),
            ("WG: AW: a", true),
            ("[EXTERNAL] Fwd: a", true),
            ("Re: Fwd: a", false),
            ("Smith, Jane", false),
        ] {
            assert_eq!(says_forward(subject), forward, "{subject}");
        }
    }
}
