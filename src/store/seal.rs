//! Sealed columns, where all member data stands: a codec byte, the id of a key, and the payload.
//!
//! Codec 0 is the payload as it is, codec 1 is the payload in a frame of zstd (RFC 8878). An authenticated cipher takes
//! the next number without a migration of the rows that stand.

use super::{Result, StoreError};
use crate::address::EmailAddress;
use crate::words::keys::{Keys, hex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};

/// Plain payload.
const PLAIN: u8 = 0;
/// A packed payload.
const PACKED: u8 = 1;
/// No key.
const NO_KEY: u8 = 0;
/// The quickest of zstd's usual levels: a mail to less than a third of its size, and the database writes what is left.
const LEVEL: i32 = 1;
/// What is shorter is not packed: a frame would save nothing.
const WORTH_PACKING: usize = 200;
/// No mail is larger unpacked: a bound against a damaged row.
const MOST_BYTES: usize = 256 * 1024 * 1024;

thread_local! {
    // To set one up takes longer than to pack a mail.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn packed(payload: &[u8]) -> std::io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|packer| match packer {
        Some(packer) => packer.compress(payload),
        None => packer.insert(Compressor::new(LEVEL)?).compress(payload),
    })
}

fn unpacked(frame: &[u8]) -> std::io::Result<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(frame).ok().flatten().unwrap_or(0);
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(MOST_BYTES);
    UNPACKER.with_borrow_mut(|unpacker| match unpacker {
        Some(unpacker) => unpacker.decompress(frame, size),
        None => unpacker.insert(Decompressor::new()?).decompress(frame, size),
    })
}

fn with_codec(codec: u8, payload: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(payload.len() + 2);
    sealed.extend([codec, NO_KEY]);
    sealed.extend(payload);
    sealed
}

/// Seals bytes, packed where that makes them shorter.
pub(crate) fn seal(payload: &[u8]) -> Vec<u8> {
    let worth = payload.len() >= WORTH_PACKING;
    match worth.then(|| packed(payload)) {
        Some(Ok(frame)) if frame.len() < payload.len() => with_codec(PACKED, &frame),
        _ => with_codec(PLAIN, payload),
    }
}

/// Opens what [`seal`] made; `what` names the column for an error.
pub(crate) fn open<'a>(sealed: &'a [u8], what: &'static str) -> Result<Cow<'a, [u8]>> {
    match sealed {
        [PLAIN, NO_KEY, payload @ ..] => Ok(Cow::Borrowed(payload)),
        [PACKED, NO_KEY, frame @ ..] => unpacked(frame).map(Cow::Owned).map_err(|_| StoreError::Corrupt(what)),
        _ => Err(StoreError::Corrupt(what)),
    }
}

/// Seals a value as JSON.
pub(crate) fn seal_json<T: Serialize>(value: &T, what: &'static str) -> Result<Vec<u8>> {
    Ok(seal(&serde_json::to_vec(value).map_err(|_| StoreError::Corrupt(what))?))
}

/// Opens what [`seal_json`] made.
pub(crate) fn open_json<T: DeserializeOwned>(sealed: &[u8], what: &'static str) -> Result<T> {
    serde_json::from_slice(&open(sealed, what)?).map_err(|_| StoreError::Corrupt(what))
}

/// Opens text.
pub(crate) fn open_text(sealed: &[u8], what: &'static str) -> Result<String> {
    let octets = open(sealed, what)?.into_owned();
    String::from_utf8(octets).map_err(|_| StoreError::Corrupt(what))
}

/// Packs and seals a raw mail: in codec 0 and always packed, as it was when that was the only codec.
pub(crate) fn seal_raw(raw: &[u8]) -> Result<Vec<u8>> {
    let frame = packed(raw).map_err(|_| StoreError::Corrupt("a raw mail"))?;
    Ok(with_codec(PLAIN, &frame))
}

/// Opens what [`seal_raw`] made.
pub(crate) fn open_raw(sealed: &[u8]) -> Result<Vec<u8>> {
    match sealed {
        [PLAIN, NO_KEY, frame @ ..] => unpacked(frame).map_err(|_| StoreError::Corrupt("a raw mail")),
        _ => Err(StoreError::Corrupt("a raw mail")),
    }
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
    use sha2::Digest;

    #[test]
    fn what_is_sealed_is_opened_and_nothing_else() {
        let raw = b"From: a@example.com\r\n\r\nhello".repeat(100);
        let sealed = seal_raw(&raw).unwrap();
        assert!(sealed.len() < raw.len() / 2 && sealed[..2] == [0, 0]);
        assert_eq!(open_raw(&sealed).unwrap(), raw);
        assert_eq!(open_raw(&seal_raw(b"").unwrap()).unwrap(), b"");
        for broken in [&b""[..], b"\0", b"\x01\0x", b"\x02\0x", b"\0\x07x"] {
            assert!(open(broken, "x").is_err(), "{broken:?}");
        }
        assert!(open_raw(b"\0\0garbage").is_err());
    }

    #[test]
    fn what_gains_by_it_is_packed() {
        for (payload, codec) in [
            (Vec::new(), PLAIN),
            (b"a".repeat(WORTH_PACKING - 1), PLAIN),
            (b"a".repeat(WORTH_PACKING), PACKED),
            // What has no pattern: a frame would be longer.
            ((0..20_u8).flat_map(|n| sha2::Sha256::digest([n])).collect(), PLAIN),
        ] {
            let sealed = seal(&payload);
            assert_eq!(sealed[0], codec, "{} octets", payload.len());
            assert_eq!(open(&sealed, "x").unwrap(), payload);
        }
    }

    #[test]
    fn what_was_sealed_before_there_was_a_second_codec_is_opened() {
        assert_eq!(open_text(b"\0\0some words", "x").unwrap(), "some words");
        assert_eq!(open_json::<Vec<u8>>(b"\0\0[1,2]", "x").unwrap(), [1, 2]);
    }
}
