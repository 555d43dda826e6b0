//! Which parts of a mail are its body, and their text.

use super::entity::Entity;
use super::lines::{LineMark, MarkedLine};
use super::reply::{self, Split};
use super::{BodySource, Limits, charset, flowed, html, tnef};
use std::cell::Cell;

/// The body of one message: its text, how it divides, and which entities it was read from.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) text: String,
    pub(super) source: BodySource,
    pub(super) split: Split,
    /// Ids of the entities that are the body, or another form of it.
    pub(super) parts: Vec<usize>,
}

/// The text of one part.
struct Piece {
    source: BodySource,
    text: String,
    /// Lines with their marks, where the part was HTML.
    lines: Option<Vec<MarkedLine>>,
    part: usize,
    /// It has a file name, so that it is the body only where nothing else is.
    named: bool,
}

/// Bytes of a page that are read for each byte of text kept.
const PAGE: usize = 8;
/// A tag takes as long to read as so many bytes of text.
const TAG: usize = 64;

/// What all parts of one body may cost together, in bytes of pages. A part behind the one that spent it is not read; it is an attachment.
struct Budget<'l> {
    limits: &'l Limits,
    left: Cell<usize>,
}

impl<'l> Budget<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self { limits, left: Cell::new(limits.text_bytes.saturating_mul(PAGE)) }
    }

    fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    fn spend(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
    }
}

/// Reads the body below `root`.
pub(super) fn read(root: &Entity, limits: &Limits) -> Read {
    let mut parts = Vec::new();
    let mut pieces = pieces(root, &Budget::new(limits), &mut parts, true);
    let unnamed = pieces.iter().any(|p| !p.named && !p.text.trim().is_empty());
    pieces.retain(|p| !(unnamed && p.named));
    parts.extend(pieces.iter().map(|p| p.part));
    drop_repeated(&mut pieces);
    pieces.retain(|p| !p.text.trim().is_empty());
    if pieces.is_empty() {
        pieces.extend(from_tnef(root, limits));
    }
    let source = pieces.first().map_or_else(Default::default, |p| p.source);
    let (text, split) = join(pieces, limits.text_bytes);
    Read { text, source, split, parts }
}

/// One text of all pieces, in order.
fn join(pieces: Vec<Piece>, limit: usize) -> (String, Split) {
    if pieces.iter().all(|p| p.lines.is_none()) {
        let texts: Vec<&str> = pieces.iter().map(|p| p.text.trim_end_matches('\n')).collect();
        let mut text = texts.join("\n\n");
        charset::cut(&mut text, limit);
        let split = reply::split(&text);
        return (text, split);
    }
    let mut lines: Vec<MarkedLine> = Vec::new();
    for piece in pieces {
        if !lines.is_empty() {
            lines.push(MarkedLine::default());
        }
        let plain = || piece.text.trim_end_matches('\n').split('\n');
        let unmarked = || plain().map(|line| MarkedLine { text: line.to_owned(), mark: LineMark::None }).collect();
        lines.extend(piece.lines.unwrap_or_else(unmarked));
    }
    let mut room = limit;
    lines.retain(|line| {
        let fits = line.text.len() < room;
        room = if fits { room - line.text.len() - 1 } else { 0 };
        fits
    });
    let split = reply::split_marked(&lines);
    (html::join(&lines), split)
}

fn pieces(entity: &Entity, budget: &Budget, parts: &mut Vec<usize>, root: bool) -> Vec<Piece> {
    let kind = entity.content_type.value.as_str();
    match kind {
        "multipart/alternative" => alternative(entity, budget, parts),
        "multipart/related" => {
            let start = entity.content_type.get("start");
            let is_start =
                |c: &&Entity| start.is_some() && c.header.get("Content-ID").map(str::trim) == start.map(str::trim);
            let chosen = entity.children.iter().find(is_start).or(entity.children.first());
            chosen.map_or_else(Default::default, |child| pieces(child, budget, parts, false))
        }
        "multipart/signed" | "multipart/report" | "multipart/appledouble" => {
            entity.children.first().map_or_else(Default::default, |child| pieces(child, budget, parts, false))
        }
        "multipart/encrypted" | "multipart/digest" => Vec::new(),
        _ if !entity.children.is_empty() => {
            let mut all: Vec<Piece> = entity.children.iter().flat_map(|c| pieces(c, budget, parts, false)).collect();
            drop_stubs(&mut all, parts);
            all
        }
        _ => piece(entity, budget, root).into_iter().collect(),
    }
}

/// The text of a leaf, if it is shown as text.
fn piece(entity: &Entity, budget: &Budget, root: bool) -> Option<Piece> {
    if (entity.disposition.value == "attachment" && !root) || budget.is_spent() {
        return None;
    }
    let limits = budget.limits;
    let named = !root && entity.file_name().is_some();
    let part = entity.id;
    match entity.content_type.value.as_str() {
        "text/plain" => {
            let mut text = entity.text(limits.text_bytes);
            if entity.content_type.get("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")) {
                let delete = entity.content_type.get("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes"));
                text = flowed::unfold(&text, delete);
            }
            charset::cut(&mut text, limits.text_bytes);
            budget.spend(text.len().saturating_mul(PAGE));
            // Some programs send a page and call it plain.
            let start = text.trim_start();
            if start.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("<html"))
                || start.get(..9).is_some_and(|s| s.eq_ignore_ascii_case("<!doctype"))
            {
                return Some(html_piece(&text, limits, part, named));
            }
            Some(Piece { source: BodySource::Plain, text, lines: None, part, named })
        }
        "text/html" | "text/enriched" | "text/richtext" | "application/xhtml+xml" => {
            let page = entity.text(limits.text_bytes.saturating_mul(PAGE));
            budget.spend(page.len() + page.bytes().filter(|byte| *byte == b'<').count() * TAG);
            Some(html_piece(&page, limits, part, named))
        }
        _ => None,
    }
}

fn html_piece(page: &str, limits: &Limits, part: usize, named: bool) -> Piece {
    let mut lines = html::render(page, limits.text_bytes);
    // A character reference may have brought a letter and its accent together.
    lines.iter_mut().for_each(|line| line.text = charset::tidy(&line.text));
    Piece { source: BodySource::Html, text: html::join(&lines), lines: Some(lines), part, named }
}

/// Of several forms of one text the plain one, unless it only says that there is another.
fn alternative(entity: &Entity, budget: &Budget, parts: &mut Vec<usize>) -> Vec<Piece> {
    let mut forms: Vec<Vec<Piece>> = entity.children.iter().map(|c| pieces(c, budget, parts, false)).collect();
    parts.extend(forms.iter().flatten().map(|p| p.part));
    let is_html = |form: &Vec<Piece>| form.iter().any(|p| p.source == BodySource::Html && !p.text.trim().is_empty());
    let html = forms.iter().position(is_html);
    let page = html.and_then(|at| forms.get(at)).map(|form| form.iter().map(|p| squeeze(&p.text)).collect::<String>());
    let is_plain =
        |form: &Vec<Piece>| form.iter().any(|p| p.source == BodySource::Plain && !is_stub(&p.text, page.as_deref()));
    let chosen = forms.iter().position(is_plain).or(html).or_else(|| forms.iter().position(|f| !f.is_empty()));
    chosen.map_or_else(Default::default, |at| forms.swap_remove(at))
}

/// In a mixed message too, a plain part may only say that the next part is the text.
fn drop_stubs(pieces: &mut Vec<Piece>, parts: &mut Vec<usize>) {
    let page: String = pieces.iter().filter(|p| p.source == BodySource::Html).map(|p| squeeze(&p.text)).collect();
    if page.is_empty() || pieces.len() > COMPARED {
        return;
    }
    pieces.retain(|piece| {
        let stub = piece.source == BodySource::Plain && !piece.named && is_stub(&piece.text, Some(&page));
        if stub {
            parts.push(piece.part);
        }
        !stub
    });
}

/// Parts that are compared with each other at most; mail with more is no person's.
const COMPARED: usize = 20;

/// Whether `plain` holds nothing but a request to look at the HTML part, or nothing. `page` is that part, squeezed.
fn is_stub(plain: &str, page: Option<&str>) -> bool {
    let text = plain.trim();
    let Some(page) = page.filter(|page| !page.is_empty()) else { return text.is_empty() };
    if text.chars().all(|c| !c.is_alphanumeric()) {
        return true;
    }
    if text.chars().count() > 400 {
        return false;
    }
    let lower = text.to_lowercase();
    let names_html = [
        "html",
        "mime",
        "rich text",
        "e-mail client",
        "email client",
        "mail client",
        "mail reader",
        "web browser",
        "in your browser",
    ]
    .iter()
    .any(|word| lower.contains(word));
    let asks = [
        "view",
        "display",
        "read",
        "support",
        "enable",
        "format",
        "capable",
        "compatible",
        "anzeigen",
        "darstell",
        "unterstütz",
        "afficher",
        "visualiser",
        "visualizar",
        "mostrar",
        "visualizzare",
        "weergeven",
        "multi-part",
        "multipart",
        "open",
    ]
    .iter()
    .any(|word| lower.contains(word));
    // What a person wrote stands in the page as well.
    names_html && asks && !page.contains(&squeeze(text))
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Side by side, without `multipart/alternative`, some programs send the same text twice.
fn drop_repeated(pieces: &mut Vec<Piece>) {
    let plain: Vec<String> =
        pieces.iter().filter(|p| p.source == BodySource::Plain).map(|p| squeeze(&p.text)).collect();
    let plain = plain.concat();
    if plain.is_empty() || pieces.len() > COMPARED {
        return;
    }
    pieces.retain(|piece| {
        piece.source != BodySource::Html || {
            let page = squeeze(&piece.text);
            !page.is_empty() && !plain.contains(&page) && !page.contains(&plain)
        }
    });
}

fn from_tnef(root: &Entity, limits: &Limits) -> Option<Piece> {
    let mut found = None;
    root.walk(&mut |entity| {
        if found.is_none() && tnef::is_tnef(entity) {
            found = tnef::read(&entity.decoded(), limits).and_then(|t| t.text).map(|text| (text, entity.id));
        }
    });
    let (text, part) = found?;
    Some(match text {
        tnef::Text::Plain(text) => {
            Piece { source: BodySource::Tnef, text: charset::tidy(&text), lines: None, part, named: false }
        }
        tnef::Text::Html(page) => Piece { source: BodySource::Tnef, ..html_piece(&page, limits, part, false) },
    })
}
