//! Attachments kept: which attachments of an inbound message go along with a mail of ours that speaks of it.
//!
//! A queued mail names them and holds no byte of them. They are taken from the stored message when the mail is sent, so
//! that its octets are the same whenever that is.

use crate::message::{Attachment, Message};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Decoded bytes of all attachments of one mail together: 25 MiB, less 256 KiB for the mail around them. In base64 that
/// stays below the 35,882,577 octets that Gmail takes, which is the least among large providers. What is more is left out
/// and named.
pub const MOST_BYTES: usize = (25 << 20) - (256 << 10);
/// Attachments of one mail.
pub const MOST_FILES: usize = 100;
/// A picture inside the text that is smaller than this is of a signature: a logo or an icon. A screenshot is larger.
const SIGNATURE_PICTURE: usize = 8 << 10;

/// An attachment of an outgoing mail: where it stands in an inbound message, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosed {
    /// The inbound message's row.
    pub message: Uuid,
    /// Its place among [`Message::attachments`], from 0. What is taken is known by its `sha256`, so that a program that
    /// reads messages better, and numbers otherwise, still finds it.
    pub place: usize,
    /// The file name that it goes out with.
    pub name: String,
    /// `type/subtype` as it came.
    pub content_type: String,
    /// Size of the decoded content in bytes.
    pub bytes: usize,
    /// Lower-case hex SHA-256 of the decoded content.
    pub sha256: String,
}

/// What of one message, or of several, goes along with one mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What goes along, in order; of the same content one only.
    pub enclosed: Vec<Enclosed>,
    /// File names of what a reader would miss: too much for one mail, or never taken along. Decoration, seals and
    /// further copies are not named.
    pub left_out: Vec<String>,
}

/// Who gets the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Whoever asked: no address of a specialist goes there.
    Requester,
    /// Whoever works the case.
    Staff,
}

/// What becomes of one attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Taken,
    /// Left out, and its name is told.
    Named,
    /// Left out: nobody misses it.
    Unnamed,
}

/// What of a staff member's `message`, whose row is `row`, goes along to a requester.
///
/// Besides cards, seals and pictures of signatures: no mail and no appointment, whose headers hold the specialist's
/// address; and no unnamed text, which is another form of the body with all that was taken out of it.
pub fn taken_along(row: Uuid, message: &Message) -> Taken {
    let mut taken = Taken::default();
    taken.add(row, message, Reader::Requester);
    taken
}

/// What of a requester's `message`, whose row is `row`, goes along to staff.
pub fn taken_to_staff(row: Uuid, message: &Message) -> Taken {
    let mut taken = Taken::default();
    taken.add_to_staff(row, message);
    taken
}

impl Taken {
    /// Adds what of a further message of the requester goes along to staff in the same mail.
    pub fn add_to_staff(&mut self, row: Uuid, message: &Message) {
        self.add(row, message, Reader::Staff);
    }

    /// The file names for the mail's text: what goes along, then what does not, marked so.
    pub fn listed(&self) -> Vec<String> {
        let enclosed = self.enclosed.iter().map(|one| one.name.clone());
        enclosed.chain(self.left_out.iter().map(|name| format!("{name} (not enclosed)"))).collect()
    }

    fn add(&mut self, row: Uuid, message: &Message, reader: Reader) {
        let mut behind_pgp = false;
        for (place, one) in message.attachments.iter().enumerate() {
            // RFC 3156, section 4: the encrypted text itself is a nameless octet-stream behind its control part.
            let encrypted = behind_pgp && one.content_type == "application/octet-stream";
            behind_pgp = one.content_type == "application/pgp-encrypted";
            if encrypted {
                continue;
            }
            let name = file_name(place, one);
            match fate(one, &name, reader) {
                Fate::Taken if self.enclosed.iter().any(|other| other.sha256 == one.sha256) => {}
                Fate::Taken if self.has_room(one.bytes) => self.enclosed.push(Enclosed {
                    message: row,
                    place,
                    name,
                    content_type: one.content_type.clone(),
                    bytes: one.bytes,
                    sha256: one.sha256.clone(),
                }),
                Fate::Taken | Fate::Named => self.left_out.push(name),
                Fate::Unnamed => {}
            }
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        let used: usize = self.enclosed.iter().map(|one| one.bytes).sum();
        used.saturating_add(bytes) <= MOST_BYTES && self.enclosed.len() < MOST_FILES
    }
}

fn fate(one: &Attachment, name: &str, reader: Reader) -> Fate {
    let kind = one.content_type.as_str();
    let extension = extension(name);
    let is_signature_picture = one.inline && kind.starts_with("image/") && one.bytes < SIGNATURE_PICTURE;
    if is_seal(kind, &extension) || is_tnef(kind, name) || is_signature_picture {
        return Fate::Unnamed;
    }
    if matches!(kind, "text/vcard" | "text/x-vcard" | "text/directory") || matches!(&*extension, "vcf" | "vcard") {
        return Fate::Named;
    }
    let is_nameless_text = one.name.is_none() && kind.starts_with("text/");
    if one.name.is_none() && (one.bytes == 0 || is_nameless_text && reader == Reader::Requester) {
        return Fate::Unnamed;
    }
    // What Outlook encloses in a winmail.dat without a name is a mail or an appointment.
    let is_unknown = one.name.is_none() && kind == "application/octet-stream";
    let bears_addresses = is_unknown
        || kind.starts_with("message/")
        || matches!(kind, "text/calendar" | "application/ics" | "application/vnd.ms-outlook")
        || matches!(&*extension, "eml" | "msg" | "ics");
    if bears_addresses && reader == Reader::Requester { Fate::Named } else { Fate::Taken }
}

/// Signatures, keys and envelopes of PGP (RFC 3156) and S/MIME (RFC 8551): without what they seal they say nothing, and
/// they name who sealed it.
fn is_seal(kind: &str, extension: &str) -> bool {
    let subtype = kind.strip_prefix("application/").unwrap_or_default();
    let subtype = subtype.strip_prefix("x-").unwrap_or(subtype);
    subtype.starts_with("pgp-")
        || matches!(subtype, "pkcs7-signature" | "pkcs7-mime")
        || matches!(extension, "p7s" | "p7m" | "p7c")
}

/// What stands in a `winmail.dat` is listed right behind it.
fn is_tnef(kind: &str, name: &str) -> bool {
    matches!(kind, "application/ms-tnef" | "application/vnd.ms-tnef") || name.eq_ignore_ascii_case("winmail.dat")
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// The name that an attachment goes out with; a mail gets the extension that mail programs open it by.
fn file_name(place: usize, one: &Attachment) -> String {
    let is_mail = matches!(one.content_type.as_str(), "message/rfc822" | "message/global");
    match &one.name {
        Some(name) if is_mail && extension(name) != "eml" => format!("{name}.eml"),
        Some(name) => name.clone(),
        None if is_mail => format!("message-{}.eml", place + 1),
        None => format!("attachment-{}{}", place + 1, usual_extension(&one.content_type)),
    }
}

/// The extension of the types that programs send without a name.
fn usual_extension(kind: &str) -> &'static str {
    match kind {
        "application/pdf" => ".pdf",
        "image/jpeg" | "image/jpg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "image/tiff" => ".tif",
        "image/heic" => ".heic",
        "image/bmp" => ".bmp",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/csv" => ".csv",
        "text/calendar" => ".ics",
        "application/zip" => ".zip",
        "application/msword" => ".doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.ms-excel" => ".xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, content_type: &str, bytes: usize, inline: bool) -> Attachment {
        let sha256 = format!("{name}{content_type}{bytes}");
        let name = (!name.is_empty()).then(|| name.to_owned());
        Attachment { name, content_type: content_type.to_owned(), bytes, sha256, inline }
    }

    fn message(attachments: Vec<Attachment>) -> Message {
        Message { attachments, ..Message::default() }
    }

    fn names(taken: &Taken) -> Vec<&str> {
        taken.enclosed.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn what_is_taken_and_what_is_not() {
        use Fate::{Named, Taken as Goes, Unnamed};
        // Name, type, bytes, inline; to a requester, to staff.
        for (name, kind, bytes, inline, outward, inward) in [
            ("claim.pdf", "application/pdf", 9, false, Goes, Goes),
            ("empty.txt", "text/plain", 0, false, Goes, Goes),
            ("", "application/pdf", 9, false, Goes, Goes),
            ("", "application/pdf", 0, false, Unnamed, Unnamed),
            ("logo.png", "image/png", SIGNATURE_PICTURE - 1, true, Unnamed, Unnamed),
            ("screen.png", "image/png", SIGNATURE_PICTURE, true, Goes, Goes),
            ("icon.png", "image/png", 9, false, Goes, Goes),
            ("list.pdf", "application/pdf", 9, true, Goes, Goes),
            ("jo.vcf", "text/x-vcard", 9, false, Named, Named),
            ("jo", "text/vcard", 9, false, Named, Named),
            ("Jo.VCF", "application/octet-stream", 9, false, Named, Named),
            ("winmail.dat", "application/octet-stream", 9, false, Unnamed, Unnamed),
            ("x.dat", "application/ms-tnef", 9, false, Unnamed, Unnamed),
            ("smime.p7s", "application/x-pkcs7-signature", 9, false, Unnamed, Unnamed),
            ("smime.p7m", "application/octet-stream", 9, false, Unnamed, Unnamed),
            ("", "application/pkcs7-mime", 9, false, Unnamed, Unnamed),
            ("signature.asc", "application/pgp-signature", 9, false, Unnamed, Unnamed),
            ("key.asc", "application/pgp-keys", 9, false, Unnamed, Unnamed),
            ("", "text/x-amp-html", 9, false, Unnamed, Goes),
            ("", "text/plain", 9, false, Unnamed, Goes),
            ("", "message/rfc822", 9, false, Named, Goes),
            ("", "application/octet-stream", 9, false, Named, Goes),
            ("a.msg", "application/octet-stream", 9, false, Named, Goes),
            ("invite.ics", "text/calendar", 9, false, Named, Goes),
        ] {
            let attachment = one(name, kind, bytes, inline);
            for (expected, taken) in [
                (outward, taken_along(Uuid::nil(), &message(vec![attachment.clone()]))),
                (inward, taken_to_staff(Uuid::nil(), &message(vec![attachment.clone()]))),
            ] {
                let found = (taken.enclosed.len(), taken.left_out.len());
                let counts = match expected {
                    Goes => (1, 0),
                    Named => (0, 1),
                    Unnamed => (0, 0),
                };
                assert_eq!(found, counts, "{name:?} {kind} {bytes} {inline}: {expected:?}");
            }
        }
    }

    #[test]
    fn the_row_and_the_place_are_those_of_the_message() {
        let logo = one("logo.png", "image/png", 9, true);
        let row = Uuid::from_u128(7);
        let taken = taken_along(row, &message(vec![logo, one("", "image/png", 9, false)]));
        let expected = Enclosed {
            message: row,
            place: 1,
            name: "attachment-2.png".into(),
            content_type: "image/png".into(),
            bytes: 9,
            sha256: "image/png9".into(),
        };
        assert_eq!(taken, Taken { enclosed: vec![expected], left_out: Vec::new() });
    }

    #[test]
    fn the_same_content_goes_once_also_from_two_messages() {
        let pdf = one("a.pdf", "application/pdf", 9, false);
        let copy = Attachment { name: Some("b.pdf".into()), ..pdf.clone() };
        let mut taken = taken_to_staff(Uuid::nil(), &message(vec![pdf, copy.clone()]));
        taken.add_to_staff(Uuid::max(), &message(vec![copy, one("c.pdf", "application/pdf", 8, false)]));
        assert_eq!(names(&taken), ["a.pdf", "c.pdf"]);
        assert_eq!(taken.enclosed[1].message, Uuid::max());
        assert!(taken.left_out.is_empty());
    }

    #[test]
    fn what_is_too_much_is_named_and_what_still_fits_goes() {
        let big = one("big.zip", "application/zip", MOST_BYTES - 10, false);
        let too_big = one("too.zip", "application/zip", 11, false);
        let fits = one("fits.txt", "text/plain", 10, false);
        let taken = taken_along(Uuid::nil(), &message(vec![big, too_big, fits]));
        assert_eq!((names(&taken), &taken.left_out[..]), (vec!["big.zip", "fits.txt"], &["too.zip".to_owned()][..]));
        assert_eq!(taken.listed(), ["big.zip", "fits.txt", "too.zip (not enclosed)"]);
        let many = (0..MOST_FILES + 2).map(|n| one(&format!("{n}.txt"), "text/plain", 1, false));
        let taken = taken_along(Uuid::nil(), &message(many.collect()));
        assert_eq!((taken.enclosed.len(), taken.left_out), (MOST_FILES, vec!["100.txt".into(), "101.txt".into()]));
    }

    #[test]
    fn an_encrypted_text_stays_where_it_is() {
        let parts = vec![
            one("", "application/pgp-encrypted", 11, false),
            one("", "application/octet-stream", 900, true),
            one("a.bin", "application/octet-stream", 9, false),
        ];
        for taken in [taken_to_staff(Uuid::nil(), &message(parts.clone())), taken_along(Uuid::nil(), &message(parts))] {
            assert_eq!((names(&taken), taken.left_out.len()), (vec!["a.bin"], 0));
        }
    }

    #[test]
    fn a_mail_is_named_so_that_it_opens() {
        let parts = vec![
            one("", "message/rfc822", 9, false),
            one("Re: card", "message/rfc822", 8, false),
            one("x.EML", "message/rfc822", 7, false),
        ];
        let taken = taken_to_staff(Uuid::nil(), &message(parts));
        assert_eq!(names(&taken), ["message-1.eml", "Re: card.eml", "x.EML"]);
    }
}
