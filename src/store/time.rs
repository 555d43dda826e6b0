//! Instants as they are stored: TIMESTAMPTZ on PostgreSQL, text of fixed width on SQLite, so that the order of the text
//! is the order of time: `2026-11-21T10:15:00.000000Z`. Both keep microseconds, and the years 1 to 9999.

use super::{Result, StoreError};
use jiff::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type, TypeInfo};

/// The first instant of the year 1, in seconds since 1970: what is older is kept as this.
const FIRST_SECOND: i64 = -62_135_596_800;
/// PostgreSQL counts from the first instant of the year 2000; this many microseconds after 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;
/// The type `timestamptz` (pg_type.dat).
const TIMESTAMPTZ: Oid = Oid(1184);

/// `at` as both databases keep it: in whole microseconds, in the year 1 or later.
pub(crate) fn kept(at: Timestamp) -> Timestamp {
    let micros = at.as_microsecond().max(FIRST_SECOND * 1_000_000);
    Timestamp::from_microsecond(micros).unwrap_or(at)
}

pub(crate) fn to_text(at: Timestamp) -> String {
    format!("{:.6}", kept(at))
}

pub(crate) fn from_text(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| StoreError::Corrupt("an instant"))
}

/// An instant as PostgreSQL speaks of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl Type<Postgres> for Instant {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }

    fn compatible(other: &PgTypeInfo) -> bool {
        other.name() == "TIMESTAMPTZ"
    }
}

impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = kept(self.0).as_microsecond() - POSTGRES_EPOCH;
        <i64 as Encode<Postgres>>::encode_by_ref(&micros, buffer)
    }
}

impl Decode<'_, Postgres> for Instant {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Err("instants are read in binary form".into());
        }
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        let since_1970 = micros.checked_add(POSTGRES_EPOCH).ok_or("an instant is out of range")?;
        Ok(Self(Timestamp::from_microsecond(since_1970)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_text_is_the_order_of_time() {
        let instants = ["-005000-01-01T00:00:00Z", "0001-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z"]
            .into_iter()
            .chain(["1970-01-01T00:00:00Z", "2026-11-21T10:15:00Z", "2026-11-21T10:15:00.5Z", "9999-12-30T00:00:00Z"]);
        let texts: Vec<String> = instants.map(|text| to_text(text.parse().unwrap())).collect();
        assert!(texts.iter().all(|text| text.len() == 27), "{texts:?}");
        assert!(texts.is_sorted() && texts[4] == "2026-11-21T10:15:00.000000Z", "{texts:?}");
        for text in &texts {
            assert_eq!(&to_text(from_text(text).unwrap()), text);
        }
    }
}
