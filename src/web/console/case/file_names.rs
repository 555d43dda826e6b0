//! The name that a file is saved under: what a stranger wrote, made safe for a header and a folder.

use crate::worker::acts::file_name;

/// `Content-Disposition` of a download (RFC 6266): the name in ASCII for old programs, and whole in UTF-8 (RFC 8187).
pub(super) fn disposition(name: &str) -> String {
    let name = file_name(name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || " .-_()+,=@".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    // A name that begins with a dot would be hidden, or be a program's settings.
    let ascii = ascii.trim_start_matches(['.', ' ']).trim_end();
    let ascii = if ascii.chars().any(|c| c.is_ascii_alphanumeric()) { ascii } else { "file" };
    let whole: String = name.trim_start_matches('.').bytes().map(encoded).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

/// RFC 8187, section 3.2.1: `attr-char` stands for itself, any other byte as its code.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_made_safe() {
        for (name, expected) in [
            ("claim.pdf", "attachment; filename=\"claim.pdf\"; filename*=UTF-8''claim.pdf"),
            (
                "a \"b\"; x=1.pdf",
                "attachment; filename=\"a _b__ x=1.pdf\"; filename*=UTF-8''a%20%22b%22%3B%20x%3D1.pdf",
            ),
            ("a\r\nSet-Cookie: x", "attachment; filename=\"aSet-Cookie_ x\"; filename*=UTF-8''aSet-Cookie%3A%20x"),
            ("Zürich\u{202e}fdp.exe", "attachment; filename=\"Z_richfdp.exe\"; filename*=UTF-8''Z%C3%BCrichfdp.exe"),
            ("../../.bashrc", "attachment; filename=\"bashrc\"; filename*=UTF-8''bashrc"),
            ("\u{200f}", "attachment; filename=\"file\"; filename*=UTF-8''file"),
            ("文書", "attachment; filename=\"file\"; filename*=UTF-8''%E6%96%87%E6%9B%B8"),
        ] {
            assert_eq!(disposition(name), expected, "{name:?}");
        }
        let long = disposition(&format!("{}.pdf", "é".repeat(300)));
        assert!(long.len() < 2000 && long.ends_with(".pdf") && long.is_ascii(), "{long}");
    }
}
