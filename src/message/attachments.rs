//! The parts of a mail that are not its body: listed, and taken out by their place in that list.

use super::entity::Entity;
use super::{Attachment, Limits, html, tnef};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// Every leaf below `root` but those named in `body`, in order; what a `winmail.dat` holds stands right behind it.
pub(super) fn read(root: &Entity, body: &[usize], limits: &Limits) -> Vec<Attachment> {
    let mut found = Vec::new();
    each(root, body, limits, &mut |attachment, _| found.push(attachment));
    found
}

/// The decoded content of those that are `wanted`, by their place in what [`read`] gives. What would make them more than
/// `most` bytes together is passed over.
pub(super) fn contents(
    root: &Entity,
    body: &[usize],
    limits: &Limits,
    most: usize,
    wanted: &mut dyn FnMut(usize, &Attachment) -> bool,
) -> BTreeMap<usize, Vec<u8>> {
    let (mut found, mut place, mut room) = (BTreeMap::new(), 0, most);
    each(root, body, limits, &mut |attachment, content| {
        if wanted(place, &attachment) && content.len() <= room {
            room -= content.len();
            found.insert(place, content.into_owned());
        }
        place += 1;
    });
    found
}

/// Comes by every attachment in order, one content in memory at a time. The only walk: what is listed and what is taken
/// out cannot disagree.
fn each(root: &Entity, body: &[usize], limits: &Limits, visit: &mut dyn FnMut(Attachment, Cow<'_, [u8]>)) {
    let body: HashSet<usize> = body.iter().copied().collect();
    let shown = html_references(root, limits);
    let is_signed = root.find("multipart/signed").is_some();
    let mut count = 0;
    root.walk(&mut |entity| {
        let seal = matches!(
            entity.content_type.value.as_str(),
            "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature"
        );
        if seal && is_signed {
            return; // It belongs to the text that it signs (RFC 1847).
        }
        let empty_root = entity.id == root.id && entity.content_type.value.starts_with("text/");
        if !entity.children.is_empty() || body.contains(&entity.id) || empty_root {
            return;
        }
        let content = entity.decoded();
        let id = entity.header.get("Content-ID").map(|id| id.trim().trim_matches(['<', '>']).to_owned());
        let inline = entity.disposition.value == "inline" || id.is_some_and(|id| shown.contains(&id));
        let inside = tnef::is_tnef(entity).then(|| tnef::read(&content, limits)).flatten();
        visit(attachment(entity.file_name(), &entity.content_type.value, &content, inline), content);
        count += 1;
        for (name, content) in inside.map(|inside| inside.attachments).unwrap_or_default() {
            if count >= limits.parts {
                break;
            }
            visit(attachment(name, "application/octet-stream", &content, false), Cow::Owned(content));
            count += 1;
        }
    });
}

fn attachment(name: Option<String>, content_type: &str, content: &[u8], inline: bool) -> Attachment {
    let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    Attachment { name, content_type: content_type.to_owned(), bytes: content.len(), sha256, inline }
}

/// The `cid:` targets that stand in HTML parts.
fn html_references(root: &Entity, limits: &Limits) -> HashSet<String> {
    let mut found = HashSet::new();
    // Without a part that could be meant no page is read for this.
    let mut named = false;
    root.walk(&mut |entity| named |= entity.header.get("Content-ID").is_some());
    root.walk(&mut |entity| {
        if named && entity.is("text/html") {
            found.extend(html::content_ids(&entity.text(limits.text_bytes.saturating_mul(8))));
        }
    });
    found
}
