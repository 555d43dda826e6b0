//! Searching for a case: by its number at once, else by whole words.

use super::values::{Cursor, QueueFilter, QueuePage};
use super::words::Typed;
use crate::desk::access::Access;
use crate::store::{Result, Store};
use crate::words::numbers::CaseNumber;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// What was typed has no letter and no digit.
    NothingTyped,
    /// It is the number of just this case, which the account may see.
    Case {
        /// The desk's id.
        desk: String,
        /// Its number as it is written.
        number: CaseNumber,
    },
    /// These hold every word of it, newest first.
    Cases(QueuePage),
}

impl Store {
    /// The cases that `access` may see and `typed` means: a number, with or without its prefix; else whole words of
    /// number, requester, agent, member, ids and subject, all of which must be there. `filter` narrows the words alone.
    pub async fn search(
        &self,
        access: &Access,
        typed: &str,
        filter: &QueueFilter,
        after: Option<&Cursor>,
    ) -> Result<Found> {
        let Some(typed) = Typed::read(typed, &self.keys) else { return Ok(Found::NothingTyped) };
        if after.is_none() {
            let of_desk = QueueFilter { desk: filter.desk.clone(), ..everything() };
            let by_number = self.with_words(access, &of_desk, std::slice::from_ref(&typed.number), None).await?;
            if let [one] = by_number.cases.as_slice() {
                let (desk, number) = (one.case.desk.clone(), one.case.number.clone());
                return Ok(Found::Case { desk, number });
            }
        }
        let mut page = QueuePage::default();
        for words in typed.readings() {
            page = self.with_words(access, filter, &words, after).await?;
            if !page.cases.is_empty() {
                break;
            }
        }
        Ok(Found::Cases(page))
    }

    /// The keys of the words of a search, for its row in the audit trail.
    pub(super) fn keys_of_search(&self, typed: &str) -> Vec<String> {
        Typed::read(typed, &self.keys).map(|typed| typed.words).unwrap_or_default()
    }
}

/// A filter that leaves nothing out.
pub(super) fn everything() -> QueueFilter {
    QueueFilter { status: super::values::QueueStatus::All, ..QueueFilter::default() }
}
