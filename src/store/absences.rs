//! Days away that members of staff told by command.

use super::seal::{address_key, open_json, seal_json};
use super::value::{Value, args};
use super::{Result, Store, StoreError, audit};
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::desk::Absence;
use crate::effects::{AbsenceWrite, Chain, EventWrite};
use crate::words::keys::Keys;
use jiff::Timestamp;
use jiff::civil::Date;

/// A row of the table `absences`.
pub(super) fn absence_row(keys: &Keys, desk: &str, write: &AbsenceWrite, now: Timestamp) -> Result<Vec<Value>> {
    Ok(args![
        desk,
        address_key(keys, &write.email),
        write.from.to_string(),
        write.to.to_string(),
        now,
        seal_json(&write.email, "an absence")?,
    ])
}

impl Store {
    /// Takes back days away that were told, with a row in the desk's audit trail. Gives whether there were any.
    pub async fn end_absence(
        &self,
        desk: &str,
        (email, days): (&EmailAddress, Absence),
        by: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = audit::begin(&self.db).await?;
        let sql = "DELETE FROM absences WHERE desk = $1 AND address_key = $2 AND from_day = $3 AND to_day = $4";
        let key = address_key(&self.keys, email);
        if tx.run(sql, args![desk, key.as_str(), days.from.to_string(), days.to.to_string()]).await? == 0 {
            return Ok(false);
        }
        let ids = [("ended", "true"), ("by", by)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let content = serde_json::json!({ "staff": email, "from": days.from, "to": days.to });
        let event = EventWrite {
            chain: Chain::Desk,
            kind: EventKind::AbsenceSet,
            ids: ids.into_iter().collect(),
            content: Some(content),
        };
        audit::append(&mut tx, &self.keys, &[(desk.to_owned(), now, &event)]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What the staff of `desk` told of days away that end on `since` or later, in the order of the days.
    pub async fn absences(&self, desk: &str, since: Date) -> Result<Vec<(EmailAddress, Absence)>> {
        let sql = "SELECT from_day, to_day, sealed FROM absences WHERE desk = $1 AND to_day >= $2 \
                   ORDER BY from_day, to_day, address_key";
        let day = |text: String| text.parse::<Date>().map_err(|_| StoreError::Corrupt("a day away"));
        let rows = self.db.rows(sql, args![desk, since.to_string()]).await?;
        let told = rows.iter().map(|row| {
            let days = Absence { from: day(row.text("from_day")?)?, to: day(row.text("to_day")?)? };
            Ok((open_json(&row.bytes("sealed")?, "an absence")?, days))
        });
        told.collect()
    }
}
