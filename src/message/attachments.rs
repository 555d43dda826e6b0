//! The parts of a mail that are not its body.

use super::entity::Entity;
use super::{Attachment, Limits, html, tnef};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Every leaf below `root` but those named in `body`, in order; what a `winmail.dat` holds stands right behind it.
pub(super) fn read(root: &Entity, body: &[usize], limits: &Limits) -> Vec<Attachment> {
    let body: HashSet<usize> = body.iter().copied().collect();
    let shown = html_references(root, limits);
    let mut found = Vec::new();
    root.walk(&mut |entity| {
        let seal = matches!(
            entity.content_type.value.as_str(),
            "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature"
        );
        if seal && root.find("multipart/signed").is_some() {
            return; // It belongs to the text that it signs (RFC 1847).
        }
        let empty_root = entity.id == root.id && entity.content_type.value.starts_with("text/");
        if !entity.children.is_empty() || body.contains(&entity.id) || empty_root {
            return;
        }
        let content = entity.decoded();
        let id = entity.header.get("Content-ID").map(|id| id.trim().trim_matches(['<', '>']).to_owned());
        let inline = entity.disposition.value == "inline" || id.is_some_and(|id| shown.contains(&id));
        found.push(attachment(entity.file_name(), &entity.content_type.value, &content, inline));
        if tnef::is_tnef(entity)
            && let Some(inside) = tnef::read(&content, limits)
        {
            let room = limits.parts.saturating_sub(found.len());
            let inner = inside.attachments.into_iter().take(room);
            found.extend(inner.map(|(name, content)| attachment(name, "application/octet-stream", &content, false)));
        }
    });
    found
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
