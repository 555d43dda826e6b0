//! Names of folders: as a desk writes them, and as servers and file systems want them.

use super::error::RefusedCause;
use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// A folder's name as a desk writes it, such as `Accepted` or `Support/Accepted`: parts divided by `/`, checked once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FolderName {
    parts: Vec<String>,
}

impl FolderName {
    /// Reads a name. Refused are empty parts, `.` and `..`, control characters, and the wildcards of LIST.
    pub fn parse(text: &str) -> Result<Self, RefusedCause> {
        let refuse = |why| Err(RefusedCause::FolderName(text.chars().take(80).collect(), why));
        if text.len() > 200 {
            return refuse("it has more than 200 octets");
        }
        let parts: Vec<String> = text.split('/').map(|part| part.trim().to_owned()).collect();
        for part in &parts {
            if part.is_empty() || part == "." || part == ".." {
                return refuse("each part between slashes must be a name");
            }
            if part.chars().any(|c| c.is_control() || matches!(c, '*' | '%' | '\\' | '"')) {
                return refuse("it holds a control character, a quote, a backslash or a wildcard");
            }
        }
        Ok(Self { parts })
    }

    /// As an IMAP server wants it (RFC 3501, section 5.1.3), with the server's hierarchy delimiter. A server without
    /// hierarchy has `None`, and takes one part only.
    pub fn on_wire(&self, delimiter: Option<char>) -> Result<String, RefusedCause> {
        if delimiter.is_none() && self.parts.len() > 1 {
            return Err(RefusedCause::FolderName(self.parts.join("/"), "the server has no folders in folders"));
        }
        // A part may hold the delimiter: whoever knows the server writes `INBOX.Sent` as the server does.
        let divider = delimiter.map(String::from).unwrap_or_default();
        Ok(modified_utf7(&self.parts.join(&divider)))
    }

    /// As a Maildir++ subfolder is called: `.Support.Accepted`. No `/` and no leading `..` can be in it.
    pub fn in_maildir(&self) -> Result<String, RefusedCause> {
        if self.parts.iter().any(|part| part.contains('.')) {
            return Err(RefusedCause::FolderName(self.parts.join("/"), "a dot divides folders in a maildir"));
        }
        Ok(modified_utf7(&format!(".{}", self.parts.join("."))))
    }

    /// As the desk wrote it.
    pub fn as_written(&self) -> String {
        self.parts.join("/")
    }
}

/// RFC 3501, section 5.1.3: printable ASCII as it is, `&` as `&-`, all else as UTF-16 in base64 between `&` and `-`.
pub fn modified_utf7(text: &str) -> String {
    let engine = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);
    let mut out = String::with_capacity(text.len());
    let mut pending: Vec<u8> = Vec::new();
    let flush = |out: &mut String, pending: &mut Vec<u8>| {
        if !pending.is_empty() {
            out.push('&');
            out.push_str(&engine.encode(&*pending));
            out.push('-');
            pending.clear();
        }
    };
    for c in text.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut out, &mut pending);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0_u16; 2];
            pending.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut out, &mut pending);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modified_utf7_as_the_rfc_has_it() {
        for (plain, wire) in [
            ("INBOX", "INBOX"),
            ("Q & A", "Q &- A"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Zurückgewiesen", "Zur&APw-ckgewiesen"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(modified_utf7(plain), wire, "{plain}");
        }
    }

    #[test]
    fn names_follow_the_server_and_the_file_system() {
        let name = FolderName::parse("Support/Accepted").unwrap();
        assert_eq!(name.on_wire(Some('.')).unwrap(), "Support.Accepted");
        assert_eq!(name.on_wire(Some('/')).unwrap(), "Support/Accepted");
        assert!(name.on_wire(None).is_err());
        assert_eq!(name.in_maildir().unwrap(), ".Support.Accepted");
        assert_eq!(FolderName::parse("INBOX.Sent").unwrap().on_wire(Some('.')).unwrap(), "INBOX.Sent");
        assert!(FolderName::parse("a.b").unwrap().in_maildir().is_err());
    }

    #[test]
    fn dangerous_names_are_refused() {
        for bad in ["", "/", "a//b", "..", "a/..", "a\r\nb", "a*", "50%", "a\"b", "a\\b", " / ", &"x".repeat(201)] {
            assert!(FolderName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
