//! The tree is kept: the ranks of the map in `lib.rs`, what the pure ranks may not mention, and what stands in no file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Crates that reach outside: only ranks above [`PURE`] mention them.
const OUTSIDE: [&str; 4] = ["tokio", "sqlx", "lettre", "async_imap"];

/// The highest rank that reaches nothing outside.
const PURE: u8 = 6;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under `folder` with one of these endings, with its text.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root().join(folder)).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let ending = entry.path().extension().unwrap_or_default().to_string_lossy().into_owned();
        if entry.file_type().is_file() && endings.contains(&ending.as_str()) {
            let bytes = std::fs::read(entry.path()).expect("a file of the tree can be read");
            let path = entry.path().strip_prefix(root()).expect("a path under the root").to_owned();
            found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    let found = files("src", &["rs"]);
    assert!(!found.is_empty(), "there is no source");
    found
}

/// The module at the top of `src/` that a file belongs to; `None` for the crate's two roots.
fn module(path: &Path) -> Option<String> {
    let top = path.components().nth(1)?.as_os_str().to_string_lossy().into_owned();
    let name = top.trim_end_matches(".rs").to_owned();
    (!matches!(name.as_str(), "lib" | "main")).then_some(name)
}

/// Ranks by module, as the table in `lib.rs` has them.
fn ranks() -> BTreeMap<String, u8> {
    let map = std::fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs can be read");
    let mut ranks = BTreeMap::new();
    for line in map.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let mut cells = line.split(" | ");
        let Some(rank) = cells.next().and_then(|rank| rank.parse().ok()) else { continue };
        for name in cells.next().unwrap_or_default().split(',') {
            let name = name.trim().trim_matches(|c: char| "[]`".contains(c)).to_owned();
            assert!(ranks.insert(name.clone(), rank).is_none(), "{name} stands twice in the map");
        }
    }
    ranks
}

/// Names of modules that `text` reaches: what follows `crate::`, alone or in braces.
fn reached(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' => start = depth == 0,
                        c if start && !c.is_whitespace() => {
                            found.insert(word(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => drop(found.insert(word(rest))),
        }
    }
    found
}

#[test]
fn a_group_of_imports_is_read() {
    let names = reached("use crate::{address::{A, b}, words};\nuse crate::desk::Desk;\n// crate::nothing\n");
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["address", "desk", "words"]);
}

#[test]
fn modules_reach_lower_ranks_only() {
    let ranks = ranks();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(own) = module(&path) else { continue };
        let Some(rank) = ranks.get(&own) else {
            wrong.push(format!("{} is not in the map of lib.rs", path.display()));
            continue;
        };
        seen.insert(own.clone());
        for other in reached(&text).into_iter().filter(|other| *other != own) {
            let lower = ranks.get(&other).is_some_and(|other| other < rank);
            if !lower && ranks.contains_key(&other) {
                wrong.push(format!("{} (rank {rank}) reaches {other} (rank {})", path.display(), ranks[&other]));
            }
        }
    }
    let gone: Vec<_> = ranks.keys().filter(|name| !seen.contains(*name)).collect();
    assert!(gone.is_empty(), "the map names what is not there: {gone:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_ranks_reach_nothing_outside() {
    let ranks = ranks();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let pure = module(&path).and_then(|own| ranks.get(&own).copied()).is_some_and(|rank| rank <= PURE);
        for name in OUTSIDE.iter().filter(|_| pure) {
            let mentions = text.match_indices(name).any(|(at, _)| is_word(&text, at, name.len()));
            wrong.extend(mentions.then(|| format!("{} mentions {name}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the bytes at `at` are a word by themselves.
fn is_word(text: &str, at: usize, length: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    !text[..at].ends_with(joins) && !text[at + length..].starts_with(joins)
}

#[test]
fn no_desk_is_named_in_the_source() {
    let desks = std::fs::read_dir(root().join("desks")).expect("the desks can be read");
    let ids: Vec<String> =
        desks.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned)).collect();
    assert!(!ids.is_empty(), "there is no desk");
    for (path, text) in sources() {
        for id in &ids {
            // The paragraph of POLICY.md that a rule comes from may be cited in a comment.
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!lines.clone().any(|line| line.contains(id.as_str())), "{} names the desk {id}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests", "benches"].into_iter().filter(|folder| root().join(folder).is_dir()) {
        for (path, text) in files(folder, &["rs"]) {
            assert!(text.starts_with("//! "), "{} does not begin with what it is for", path.display());
        }
    }
}

#[test]
fn no_file_names_a_path_of_a_machine() {
    // Put together here, so that this file does not name them either.
    let homes = ["work", "home", "root", "Users"].map(|folder| format!("/{folder}/"));
    let endings = ["rs", "toml", "md", "html", "json", "eml", "tsv", "txt", "sql", "sh", "yml"];
    for folder in ["src", "tests", "benches", "desks", "templates", "docs", "training", "fixtures", "migrations"] {
        if !root().join(folder).is_dir() {
            continue;
        }
        for (path, text) in files(folder, &endings) {
            for home in &homes {
                let hit = text.match_indices(home.as_str()).any(|(at, _)| {
                    // Behind a letter or a dot it is part of a link or of a relative path.
                    !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '-')
                });
                assert!(!hit, "{} names a path of a machine: {home}…", path.display());
            }
        }
    }
}
