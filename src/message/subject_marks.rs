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

/// Whether `subject` begins with a reply mark: `Re:`, `AW:`, `RE[2]:`. Gateway tags in brackets before it do not count.
pub fn says_reply(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some(inner) = rest.strip_prefix('[') {
        let Some((tag, behind)) = inner.split_once(']') else { return false };
        if tag.len() > 40 {
            return false;
        }
        rest = behind.trim_start();
    }
    let Some((mark, _)) = rest.split_once([':', '\u{FF1A}']) else { return false };
    let mark: String = mark.chars().take(20).collect::<String>().to_lowercase();
    let mark = mark.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '^' | ' '));
    REPLY.contains(&mark)
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
    }
}
