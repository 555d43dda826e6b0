//! The end of a command: its tagged status, response code, and what a server says it can do.

use super::super::error::{MailboxError, RetryCause};
use async_imap::imap_proto::rfc4315::UidSetMember;
use async_imap::imap_proto::{Capability, Outcome, Response, ResponseCode};
use std::collections::HashSet;

/// Which tagged status ended a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// OK.
    Ok,
    /// NO.
    No,
    /// BAD.
    Bad,
}

/// What a server may do, by its words in upper case (`IDLE`, `AUTH=PLAIN`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities(HashSet<String>);

impl Capabilities {
    /// Whether the server announced `word` (in upper case).
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    fn from_list(list: &[Capability<'_>]) -> Self {
        Self(
            list.iter()
                .map(|capability| match capability {
                    Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                    Capability::Auth(method) => format!("AUTH={}", method.to_ascii_uppercase()),
                    Capability::Atom(word) => word.to_ascii_uppercase(),
                })
                .collect(),
        )
    }
}

/// The tagged answer to a command.
#[derive(Clone, Debug)]
#[must_use]
pub(super) struct Reply {
    /// Its status.
    pub(super) verdict: Verdict,
    /// Its response code's word, where it has one.
    pub(super) code: Option<String>,
    /// UIDs that were copied or moved (RFC 4315), from the tagged or an untagged answer.
    pub(super) copied: Option<Vec<u32>>,
}

/// A tagged OK, and what came with it.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    /// Its response code's word, where it has one.
    pub(super) code: Option<String>,
    /// UIDs that were copied or moved.
    pub(super) copied: Option<Vec<u32>>,
}

impl Reply {
    /// Success, or NO and BAD as failures of which nobody knows more.
    pub(super) fn ok(self, doing: &'static str) -> Result<Accepted, MailboxError> {
        match self.verdict {
            Verdict::Ok => Ok(Accepted { code: self.code, copied: self.copied }),
            Verdict::No => Err(MailboxError::retry(doing, RetryCause::No(self.code))),
            Verdict::Bad => Err(MailboxError::retry(doing, RetryCause::Bad(self.code))),
        }
    }

    /// Whether the code says that the same may work later (RFC 5530).
    pub(super) fn is_passing(&self) -> bool {
        let passing = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA", "CONTACTADMIN", "EXPUNGEISSUED"];
        self.code.as_deref().is_some_and(|code| passing.contains(&code))
    }
}

/// The capabilities in a response code.
pub(super) fn capabilities_of(outcome: &Outcome<'_>) -> Option<Capabilities> {
    match &outcome.code {
        Some(ResponseCode::Capabilities(list)) => Some(Capabilities::from_list(list)),
        _ => None,
    }
}

/// The capabilities in an untagged answer.
pub(super) fn capabilities_in(answer: &Response<'_>) -> Option<Capabilities> {
    match answer {
        Response::Capabilities(list) => Some(Capabilities::from_list(list)),
        Response::Data { outcome, .. } => capabilities_of(outcome),
        _ => None,
    }
}

/// The source UIDs of COPYUID (RFC 4315).
pub(super) fn copied_of(outcome: &Outcome<'_>) -> Option<Vec<u32>> {
    let Some(ResponseCode::CopyUid(_, sources, _)) = &outcome.code else { return None };
    let mut uids = Vec::new();
    for member in sources {
        match member {
            UidSetMember::Uid(uid) => uids.push(*uid),
            // A server names no more UIDs than we asked for; a range beyond that is nonsense, not work.
            UidSetMember::UidRange(range) => uids.extend(range.clone().take(100_000)),
        }
    }
    Some(uids)
}

/// The word of a response code. The library leaves codes that it does not know in the text.
pub(super) fn code_of(outcome: &Outcome<'_>) -> Option<String> {
    match &outcome.code {
        Some(ResponseCode::TryCreate) => return Some("TRYCREATE".to_owned()),
        Some(ResponseCode::ReadOnly) => return Some("READ-ONLY".to_owned()),
        Some(ResponseCode::Alert) => return Some("ALERT".to_owned()),
        Some(_) => return None,
        None => {}
    }
    let text = outcome.information.as_deref()?.strip_prefix('[')?;
    let word: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let rest = text.get(word.len()..)?;
    (!word.is_empty() && rest.starts_with([']', ' '])).then(|| word.to_ascii_uppercase())
}
