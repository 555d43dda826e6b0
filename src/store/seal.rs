//! Sealed columns, where all member data stands: a codec byte, the id of a key, and the payload.
//!
//! Codec 0 is plain; an authenticated cipher takes the next number without a migration of the rows that stand.

use super::{Result, StoreError};
use crate::address::EmailAddress;
use crate::words::keys::{Keys, hex};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Plain payload.
const PLAIN: u8 = 0;
/// No key.
const NO_KEY: u8 = 0;
/// zstd's own default: a mail to a third of its size at some hundred megabytes a second.
const LEVEL: i32 = 3;
/// No mail is larger unpacked: a bound against a damaged row.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Seals bytes.
pub(crate) fn seal(payload: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(payload.len() + 2);
    sealed.extend([PLAIN, NO_KEY]);
    sealed.extend(payload);
    sealed
}

/// Opens what [`seal`] made; `what` names the column for an error.
pub(crate) fn open<'a>(sealed: &'a [u8], what: &'static str) -> Result<&'a [u8]> {
    match sealed {
        [PLAIN, NO_KEY, payload @ ..] => Ok(payload),
        _ => Err(StoreError::Corrupt(what)),
    }
}

/// Seals a value as JSON.
pub(crate) fn seal_json<T: Serialize>(value: &T, what: &'static str) -> Result<Vec<u8>> {
    let mut sealed = vec![PLAIN, NO_KEY];
    serde_json::to_writer(&mut sealed, value).map_err(|_| StoreError::Corrupt(what))?;
    Ok(sealed)
}

/// Opens what [`seal_json`] made.
pub(crate) fn open_json<T: DeserializeOwned>(sealed: &[u8], what: &'static str) -> Result<T> {
    serde_json::from_slice(open(sealed, what)?).map_err(|_| StoreError::Corrupt(what))
}

/// Opens text.
pub(crate) fn open_text(sealed: &[u8], what: &'static str) -> Result<String> {
    Ok(std::str::from_utf8(open(sealed, what)?).map_err(|_| StoreError::Corrupt(what))?.to_owned())
}

/// Compresses and seals a raw mail.
pub(crate) fn seal_raw(raw: &[u8]) -> Result<Vec<u8>> {
    let packed = zstd::bulk::compress(raw, LEVEL).map_err(|_| StoreError::Corrupt("a raw mail"))?;
    Ok(seal(&packed))
}

/// Opens what [`seal_raw`] made.
pub(crate) fn open_raw(sealed: &[u8]) -> Result<Vec<u8>> {
    let packed = open(sealed, "a raw mail")?;
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().unwrap_or(0);
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(MOST_BYTES);
    zstd::bulk::decompress(packed, size).map_err(|_| StoreError::Corrupt("a raw mail"))
}

/// What an address is found by.
pub(crate) fn address_key(keys: &Keys, address: &EmailAddress) -> String {
    keys.lookup("address", &address.key())
}

/// What a Message-ID is found by.
pub(crate) fn message_id_key(keys: &Keys, id: &str) -> String {
    keys.lookup("message_id", id.trim().trim_start_matches('<').trim_end_matches('>'))
}

/// What a mail's bytes are found by.
pub(crate) fn content_key(keys: &Keys, hash: &[u8; 32]) -> String {
    keys.lookup("content", &hex(hash))
}

/// What a hash of words or of a subject is found by: it is of few possible texts, so that bare it could be guessed.
pub(crate) fn hash_key(keys: &Keys, kind: &str, hash: &str) -> String {
    keys.lookup(kind, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_and_nothing_else() {
        let raw = b"From: a@example.com\r\n\r\nhello".repeat(100);
        let sealed = seal_raw(&raw).unwrap();
        assert!(sealed.len() < raw.len() / 2 && sealed[..2] == [0, 0]);
        assert_eq!(open_raw(&sealed).unwrap(), raw);
        assert_eq!(open_raw(&seal_raw(b"").unwrap()).unwrap(), b"");
        for broken in [&b""[..], b"\0", b"\x01\0x", b"\0\x07x"] {
            assert!(open(broken, "x").is_err(), "{broken:?}");
        }
        assert!(open_raw(b"\0\0garbage").is_err());
    }
}
