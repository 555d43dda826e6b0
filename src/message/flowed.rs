//! `format=flowed` text (RFC 3676): soft line breaks joined again, quote depth kept.

/// Unfolds `text`. With `delete_space` (`DelSp=yes`) the space that marked a soft break is dropped as well.
pub(super) fn unfold(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut flowing: Option<usize> = None; // The quote depth of the line that the next one continues.
    for line in text.split('\n') {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content); // Space-stuffing, section 4.4.
        let delimiter = content == "-- ";
        let continues = flowing == Some(depth) && !delimiter;
        if !continues {
            if !out.is_empty() || flowing.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        let soft = content.ends_with(' ') && !delimiter;
        out.push_str(if soft && delete_space { content.strip_suffix(' ').unwrap_or(content) } else { content });
        // An empty first line must not vanish: `flowing` remembers that a line was there.
        flowing = Some(if soft { depth } else { usize::MAX });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_breaks_are_joined() {
        for (text, delete_space, expected) in [
            ("a \nb\nc", false, "a b\nc"),
            ("a \nb", true, "ab"),
            ("> a \n> b\nc", false, "> a b\nc"),
            (">> a \n> b", false, ">> a \n> b"),
            ("a \n\nb", false, "a \nb"),
            (" >not a quote", false, ">not a quote"),
            ("x \n-- \nme", false, "x \n-- \nme"),
            ("\na", false, "\na"),
            (">\n> a", false, ">\n> a"),
        ] {
            assert_eq!(unfold(text, delete_space), expected, "{text:?}");
        }
    }
}
