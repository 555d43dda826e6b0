//! Values on their way into Markdown: escaped, so that nothing that anyone wrote becomes markup.

/// `value` as one run of Markdown text: every ASCII sign is escaped (CommonMark, section 2.4), line ends are spaces.
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + value.len() / 4);
    for c in value.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            c if c.is_ascii_punctuation() => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// `value` as a block quote, line for line.
pub fn quote(value: &str) -> String {
    lines(value, "> ")
}

/// `value` as paragraphs, line for line.
pub fn paragraphs(value: &str) -> String {
    lines(value, "")
}

fn lines(value: &str, mark: &str) -> String {
    let lines: Vec<&str> = value.lines().map(str::trim).collect();
    let mut markdown = String::with_capacity(value.len() * 2);
    for (at, line) in lines.iter().enumerate() {
        markdown.push_str(mark);
        markdown.push_str(&escape(line));
        // A backslash at the end of a line is a hard break, unless the paragraph ends there.
        if !line.is_empty() && lines.get(at + 1).is_some_and(|next| !next.is_empty()) {
            markdown.push('\\');
        }
        markdown.push('\n');
    }
    markdown
}
