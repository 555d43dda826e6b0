//! Entries of the lists that a desk keeps besides its cases.

use super::db::Tx;
use super::seal::{open_json, seal_json};
use super::value::args;
use super::{Result, Store};
use crate::effects::{Effects, ListedContent};
use jiff::Timestamp;
use uuid::Uuid;

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ListRow {
    /// The list, by id.
    pub list: String,
    /// Its row.
    pub id: Uuid,
    /// Since when it stands there.
    pub at: Timestamp,
    /// Because of what: the id of a topic or a type, or `staff`.
    pub why: String,
    /// What it says; nothing where it was purged.
    #[serde(flatten)]
    pub content: ListedContent,
}

/// Writes entries; one that stands already is left as it is.
pub(super) async fn write(tx: &mut Tx, elements: &[&Effects]) -> Result<()> {
    let entries = elements.iter().flat_map(|one| one.listed.iter().map(move |entry| (*one, entry)));
    let rows = entries.map(|(one, entry)| {
        let sealed = seal_json(&entry.content, "an entry of a list")?;
        Ok(args![entry.id, one.desk.as_str(), entry.list.as_str(), entry.source, entry.why.as_str(), one.at, sealed])
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let head = "INSERT INTO list_entries (id, desk, list, source, why, at, sealed) VALUES";
    tx.run_rows(head, "ON CONFLICT (desk, list, source) DO NOTHING", rows).await.map(drop)
}

impl Store {
    /// The entries of a list of a desk, oldest first.
    pub async fn list_entries(&self, desk: &str, list: &str) -> Result<Vec<ListRow>> {
        let sql = "SELECT id, list, why, at, sealed FROM list_entries WHERE desk = $1 AND list = $2 ORDER BY at, id";
        let rows = self.db.rows(sql, args![desk, list]).await?;
        let entries = rows.iter().map(|row| {
            let content: ListedContent = match row.opt_bytes("sealed")? {
                Some(sealed) => open_json(&sealed, "an entry of a list")?,
                None => ListedContent::default(),
            };
            Ok(ListRow {
                list: row.text("list")?,
                id: row.id("id")?,
                at: row.time("at")?,
                why: row.text("why")?,
                content,
            })
        });
        entries.collect()
    }
}
