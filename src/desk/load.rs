//! Reading a policy file and checking it: strict, with file, line, reason and remedy, all faults at once.

use super::fault::{DeskError, DeskErrors};
use super::groups::Groups;
use super::reader::{Reading, Section};
use super::{
    Desk, DigestShows, breaker, fields, general, identity, issue_types, issues, keys, ladder, lines, mail_subject,
    needs, opening, pointers, priorities, privacy, records, secure, shipped, sides, topics, vocabulary,
};
use crate::address::EmailAddress;
use crate::strict::StrictError;
use crate::words::fold::fold;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Reads the policy file `path`; its name without `.toml` is the desk's id.
///
/// # Errors
///
/// The file cannot be read, or is wrong: see [`parse`].
pub fn load(path: &Path) -> Result<Desk, DeskError> {
    load_with_sources(path).0
}

/// As [`load`], with every file and folder that decides what the desk is, the policy file first: each may be missing,
/// and a change in any of them may change the desk, or mend the fault.
pub fn load_with_sources(path: &Path) -> (Result<Desk, DeskError>, Vec<PathBuf>) {
    let mut sources = vec![path.to_owned()];
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) => return (Err(DeskError::Read { path: path.to_owned(), source }), sources),
    };
    let mut besides = Besides::default();
    let desk = parse_with(&desk_id(path), path, &text, path.parent(), &mut besides);
    sources.extend(besides.sources);
    (desk.map_err(DeskError::from), sources)
}

/// The desk's id, by its policy file.
pub fn desk_id(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The policy files of `folder`, in order.
///
/// # Errors
///
/// The folder cannot be read.
pub fn policy_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml") && path.is_file());
    files.sort();
    Ok(files)
}

/// Every desk of `folder`, or the shipped ones where there is no folder, by id.
///
/// # Errors
///
/// A file cannot be read or is wrong, the folder holds none, or two desks share an address or a prefix.
pub fn load_all(folder: Option<&Path>) -> Result<BTreeMap<String, Desk>, DeskError> {
    let Some(folder) = folder else { return Ok(shipped::all()?) };
    let files = policy_files(folder).map_err(|source| DeskError::Read { path: folder.to_owned(), source })?;
    let mut desks = BTreeMap::new();
    let mut faults = Vec::new();
    for path in &files {
        match load(path) {
            Ok(desk) => {
                faults.extend(clashes(desks.values(), &desk, path));
                desks.insert(desk.id.clone(), desk);
            }
            Err(DeskError::Faults(DeskErrors(more))) => faults.extend(more),
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(DeskErrors(faults).into());
    }
    if desks.is_empty() {
        return Err(DeskError::Empty { path: folder.to_owned() });
    }
    Ok(desks)
}

/// What two desks may not share: mail would reach the wrong one. `others` are all but `desk`, whose policy is `file`.
pub fn clashes<'a>(others: impl Iterator<Item = &'a Desk>, desk: &Desk, file: &Path) -> Vec<StrictError> {
    let mut faults = Vec::new();
    for other in others {
        let own = |desk: &Desk| -> Vec<EmailAddress> {
            std::iter::once(&desk.address).chain(&desk.own_addresses).cloned().collect()
        };
        let shared = own(desk).iter().any(|address| other.is_own_address(address));
        for (clash, key) in [(shared, "address"), (desk.prefix == other.prefix, "prefix")] {
            if clash {
                let reason = format!("desk `{}` has this {key} already", other.id);
                let fault = StrictError::at(file, "", 0..0, key, &reason);
                faults.push(fault.remedy(format!("give each desk its own {key}")));
            }
        }
    }
    faults
}

/// Reads `text` as the policy of the desk `id`. `file` names it in errors; words files, calendars and templates are
/// looked for in its folder.
///
/// # Errors
///
/// All that is wrong with it, each with line, column, reason and remedy.
pub fn parse(id: &str, file: &Path, text: &str) -> Result<Desk, DeskErrors> {
    parse_with(id, file, text, file.parent(), &mut Besides::default())
}

/// Reads a policy that the binary carries: nothing that lies about on the disk changes it.
pub(super) fn parse_shipped(id: &str, file: &Path, text: &str) -> Result<Desk, DeskErrors> {
    parse_with(id, file, text, None, &mut Besides::default())
}

/// What the files that the policy file `path` names hold and the desk does not use, one sentence each, for `check`:
/// events of an .ics file that are no days off. Nothing where the policy cannot be read.
pub fn notes(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut besides = Besides::default();
    let desk = parse_with("notes", path, &text, path.parent(), &mut besides);
    desk.map(|_| besides.notes).unwrap_or_default()
}

/// What reading a policy brings besides the desk.
#[derive(Default)]
struct Besides {
    /// What the files that it names hold and the desk does not use.
    notes: Vec<String>,
    /// Files and folders that it was read from, its own left out.
    sources: Vec<PathBuf>,
}

fn parse_with(
    id: &str,
    file: &Path,
    text: &str,
    folder: Option<&Path>,
    besides: &mut Besides,
) -> Result<Desk, DeskErrors> {
    let reading = Reading::new(file, text, folder);
    let table = reading.parse();
    let top = Section::root(&reading, &keys::DESK, &table);
    let base = base_words(&top);
    let base_reading = Reading::new(&base.file, &base.text, None);
    let base_table = base_reading.parse();
    let base_top = vocabulary::open_words(&base_reading, &base_table);
    let version = version(text, &base.text);
    let desk = assemble(id, &top, &base_top, version, &mut besides.notes);
    besides.sources = reading.take_sources();
    let mut faults = reading.into_faults();
    faults.extend(base_reading.into_faults());
    match desk {
        Some(desk) if faults.is_empty() => Ok(desk),
        _ => Err(DeskErrors(faults)),
    }
}

/// The words file that a policy names.
struct BaseWords {
    file: PathBuf,
    text: Cow<'static, str>,
}

fn base_words(top: &Section<'_>) -> BaseWords {
    let named = top.text("words");
    let name = named.as_ref().map_or("english", |name| name.get_ref().as_str());
    let file = beside(top, &format!("base/{name}.toml"));
    let nothing = BaseWords { file: file.clone(), text: Cow::Borrowed("") };
    if name == "none" {
        return nothing;
    }
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let on_disk = top.reading.folder.is_some() && plain;
    if on_disk {
        top.reading.read_from(&file);
    }
    let own = Some(&file).filter(|_| on_disk).and_then(|file| std::fs::read_to_string(file).ok());
    match own.map(Cow::Owned).or_else(|| shipped::words(name).filter(|_| plain)) {
        Some(text) => BaseWords { file, text },
        None => {
            let span = named.as_ref().map_or(0..0, Spanned::span);
            let known = shipped::words_names().join(", ");
            let remedy = format!("write one of: none, {known}; or put the file {} there", file.display());
            top.fault(span, "words", format!("there is no words file `{name}`"), remedy);
            nothing
        }
    }
}

/// A path as the policy writes it, from the policy's own folder.
pub(super) fn beside(top: &Section<'_>, path: &str) -> PathBuf {
    top.reading.file.parent().unwrap_or(Path::new("")).join(path)
}

/// Twelve hexadecimal digits of the policy's and its words file's SHA-256.
fn version(text: &str, base: &str) -> String {
    let hash = Sha256::new().chain_update(text).chain_update([0]).chain_update(base).finalize();
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Puts the desk together. Every part is read before the first missing one ends it, so that all faults are found.
fn assemble<'a>(
    id: &str,
    top: &Section<'a>,
    base: &Section<'a>,
    version: String,
    notes: &mut Vec<String>,
) -> Option<Desk> {
    identity::check_id(top, id);
    let name = top.required_text("name", "\"Example Support\"");
    let specialist_title = top.text("specialist_title");
    if !top.has("address") {
        top.missing("address", "\"support@example.com\"");
    }
    let address = top.address("address");
    let prefix = identity::prefix(top);
    let calendar = opening::calendar(top, top.reading.file.parent().unwrap_or(Path::new("")), notes);
    let at = |key: &str, hour: i8, minute: i8| {
        top.time(key).map_or(jiff::civil::time(hour, minute, 0, 0), Spanned::into_inner)
    };
    let (assign_at, digest_at) = (at("assign_at", 9, 0), at("digest_at", 7, 30));
    let shows = [("numbers", DigestShows::Numbers), ("names", DigestShows::Names)];
    let digest_shows = top.one_of("digest_shows", &shows).unwrap_or_default();
    let clocks = general::clocks(top);
    let (lines, staff) = lines::lines_and_staff(top);
    let has_queues = top.has("queue");
    let groups = Groups::of(top, Some(base));
    let mut fields = fields::fields(top, &groups);
    mail_subject::check(top, &fields);
    let priorities = priorities::priorities(top, &groups);
    let lists = records::lists(top);
    let queues: &[super::Line] = if has_queues { &lines } else { &[] };
    let types = issue_types::issue_types(top, (queues, &lists), &priorities, &groups);
    general::check_seasons(top, &types, &priorities);
    let named = needs::Named { types: &types, priorities: &priorities, fields: &fields };
    let (whens, one_of) = (named.of_fields(top), named.one_of(top));
    for (id, when) in whens {
        if let Some(field) = fields.iter_mut().find(|field| field.id == id) {
            field.when = Some(when);
        }
    }
    let (issues, associations) = (issues::issues(top, &fields, &groups), issues::associations(top, &fields, &groups));
    let (privacy, identified_by) = (privacy::privacy(top, &fields), privacy::identified_by(top, &fields));
    if privacy.member_name && digest_shows == DigestShows::Names {
        let reason = "members' names are personal data by `[privacy] pii`, and digests would show them";
        let remedy = "write digest_shows = \"numbers\", or take \"member_name\" out of `pii`";
        top.fault(top.place("digest_shows"), "digest_shows", reason, remedy);
    }
    let topics = topics::topics(top, &lines, &lists, &groups);
    let (ladder, stages) = (ladder::ladder(top, &types, &groups), ladder::stages(top, &fields));
    let pointers = pointers::pointers(top);
    let mut words = vocabulary::vocabulary(top, Some(base), &groups);
    let (seasons, limits, breaker) = (general::seasons(top), general::limits(top), breaker::breaker(top));
    let (secure, sides) = (secure::secure(top), sides::sides(top));
    // What a gateway puts into our subjects comes back in replies.
    if has_queues {
        words.subject.line_labels.clear();
    }
    words.subject.own_tags = secure.subject_tags();
    words.subject.gateway_tags.extend(secure.subject_tags());
    let (spam_header, internal_domains, templates) =
        (identity::spam_header(top), identity::internal_domains(top), identity::templates(top));
    Some(Desk {
        id: id.to_owned(),
        name: name?.into_inner(),
        specialist_title: specialist_title.map_or_else(|| "specialist".to_owned(), Spanned::into_inner),
        address: address?.into_inner(),
        own_addresses: top.addresses("own_addresses").into_iter().map(Spanned::into_inner).collect(),
        internal_domains,
        own_lists: top.texts("own_lists").iter().map(|list| fold(list.get_ref())).collect(),
        numbering: identity::numbering(top, prefix.as_deref())?,
        prefix: prefix?,
        attaches_duplicates: identity::attaches_duplicates(top),
        numbers_returns: identity::numbers_returns(top),
        identified_by,
        privacy,
        spam_header,
        calendar: calendar?,
        assign_at,
        digest_at,
        digest_shows,
        clocks: clocks?,
        seasons,
        status_needs_note: general::status_needs_note(top),
        limits,
        lines,
        has_queues,
        types,
        priorities,
        one_of,
        issues,
        associations,
        ladder,
        stages,
        lists,
        subject: words.subject,
        fields,
        placeholders: words.placeholders,
        prose: top.flag("prose").unwrap_or(false),
        topics,
        pointers,
        scope: words.scope,
        urgency: words.urgency,
        staff,
        secure,
        sides,
        breaker,
        templates,
        portal: None,
        version,
    })
}
