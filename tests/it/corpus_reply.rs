//! New words told from quoted history, on labelled public mail: the folder named by `MAILCLERK_CORPUS`.
//!
//! # Labels that we read otherwise, or disagree with
//!
//! - Two of the sources label two different things. The labels of `talon__*` are what is left when the *quotation* is taken away: `Hi. I am
//!   fine. Thanks, Alex`, `Hello  Sent from my iPhone`, `Hello -- xxx Sent with Sparrow …` keep the signature, as that library's function
//!   for quotations does, which looks at nothing else. The labels of `talon_sig__*` are the signature itself. Our new words are without
//!   both. So for the first we compare all that is not quoted, new words and signature in the order of the text, and count besides how many agree
//!   when the new words alone are compared.
//! - `talon_sig__short_url_body` says that `Thank you, Noam` is a signature while the nine `talon__*.html` files have `Thanks, Alex` in what they
//!   label as visible: taken as labels of the same thing, one of the two would be wrong. We hold with the first.
//! - The bodies of the four reply parsers have no label in the index. They are split all the same: nothing may be lost, and the new words
//!   split again must stay as they are.

use mail_parser::{MessageParser, MimeHeaders};
use mailclerk::message::lines::{LineMark, MarkedLine};
use mailclerk::message::reply::{Split, split, split_marked};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Stands before each line of a signature in one file of `talon_sig__*`: the label, written into the text, and no part of the mail.
const MARK: &str = "#sig#";

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILCLERK_CORPUS").map(|folder| PathBuf::from(folder).join("quote_various"));
    if folder.is_none() {
        println!("skipped: MAILCLERK_CORPUS is not set");
    }
    folder.filter(|folder| folder.join("index.jsonl").is_file())
}

struct Labelled {
    file: String,
    label: serde_json::Value,
}

fn index(folder: &Path) -> Vec<Labelled> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).expect("the index can be read");
    let entry = |line: &str| {
        let entry: serde_json::Value = serde_json::from_str(line).expect("a line of the index is JSON");
        Labelled { file: entry["file"].as_str().unwrap_or_default().to_string(), label: entry["expect"].clone() }
    };
    index.lines().filter(|line| !line.trim().is_empty()).map(entry).collect()
}

fn read(folder: &Path, file: &str) -> Split {
    let bytes = std::fs::read(folder.join(file)).expect("a file of the index can be read");
    if file.ends_with(".html") {
        return split_marked(&rendered(&String::from_utf8_lossy(&bytes)));
    }
    if file.ends_with(".eml") {
        let message = MessageParser::default().parse(&bytes).expect("a mail of the corpus can be parsed");
        let plain = message
            .parts
            .iter()
            .find(|part| part.is_text() && !part.is_text_html() && part.attachment_name().is_none());
        return split(plain.and_then(|part| part.text_contents()).unwrap_or_default());
    }
    split(&String::from_utf8_lossy(&bytes).replace(MARK, ""))
}

/// A rough rendering, enough for these files: blocks and line breaks end lines, what stands in a `blockquote` is marked.
fn rendered(html: &str) -> Vec<MarkedLine> {
    let mut lines = vec![MarkedLine::default()];
    let (mut depth, mut hidden) = (0usize, false);
    let body = html.find("<body").or_else(|| html.find("<BODY")).map_or(html, |at| &html[at..]);
    for piece in body.split('<').enumerate() {
        let (tag, text) = match piece {
            (0, text) if !body.starts_with('<') => ("", text),
            (_, piece) => piece.split_once('>').unwrap_or((piece, "")),
        };
        let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let name = name.trim_end_matches('/');
        match name {
            "blockquote" => depth += 1,
            "/blockquote" => depth = depth.saturating_sub(1),
            "style" | "/style" => hidden = name == "style",
            _ => {}
        }
        let breaks = ["br", "p", "/p", "div", "/div", "hr", "blockquote", "/blockquote"].contains(&name);
        if breaks && (name == "br" || lines.last().is_some_and(|line| !line.text.trim().is_empty()) || name == "p") {
            lines.push(MarkedLine::default());
        }
        let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        if let (Some(line), false) = (lines.last_mut(), hidden) {
            let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let space = text.starts_with(char::is_whitespace) && !line.text.is_empty() && !folded.is_empty();
            line.text.push_str(if space { " " } else { "" });
            line.text.push_str(&folded);
            line.text.push_str(if text.ends_with(char::is_whitespace) && !folded.is_empty() { " " } else { "" });
            line.mark = if depth > 0 { LineMark::Quoted } else { LineMark::None };
        }
    }
    lines
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn labelled_replies_agree() {
    let Some(folder) = corpus() else { return };
    let mut agreed: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut alone = 0;
    for Labelled { file, label } in index(&folder) {
        let (source, right) = if let Some(visible) = label["visible_text"].as_str() {
            let split = read(&folder, &file);
            alone += usize::from(folded(&split.visible) == folded(visible));
            let unquoted = format!("{} {}", split.visible, split.signature);
            let kind = if file.ends_with(".html") { "quotation, HTML" } else { "quotation, mail" };
            let right = folded(&unquoted) == folded(visible);
            if !right {
                println!("{file}: expected {visible:?}, found {unquoted:?}");
            }
            (kind, right)
        } else if let Some(signature) = label["signature"].as_str() {
            let split = read(&folder, &file);
            let right = folded(&split.signature) == folded(&signature.replace(MARK, ""));
            if !right {
                println!("{file}: expected signature {signature:?}, found {:?}", split.signature);
            }
            ("signature", right)
        } else {
            continue;
        };
        let entry = agreed.entry(source).or_default();
        *entry = (entry.0 + usize::from(right), entry.1 + 1);
    }
    let (right, all) = agreed.values().fold((0, 0), |sum, (right, all)| (sum.0 + right, sum.1 + all));
    println!("{agreed:?}; {right} of {all}; new words alone equal the label in {alone}");
    assert!(all > 0, "no label was found");
    assert!(right * 100 >= all * 96, "{right} of {all} labels agree");
}

#[test]
fn unlabelled_bodies_lose_nothing_and_stay_as_they_are() {
    let Some(folder) = corpus() else { return };
    let mut again = Vec::new();
    let mut count = 0;
    for Labelled { file, .. } in index(&folder).iter().filter(|entry| entry.file.ends_with(".txt")) {
        let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        let first = split(&text);
        let signs =
            |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}' && *c != '\u{200b}').count();
        assert!(
            signs(&text) == signs(&first.visible) + signs(&first.quoted) + signs(&first.signature),
            "{file}: something is lost"
        );
        if split(&first.visible).visible != first.visible {
            again.push(file.clone());
        }
        count += 1;
    }
    println!("{count} bodies");
    assert!(count > 0 && again.is_empty(), "split again, these change: {again:?}");
}
