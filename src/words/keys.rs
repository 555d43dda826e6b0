//! Keys derived from the installation's one secret: for lookups of member data, for tokens, for the audit trail.
//!
//! The keys of lookups and of the audit trail stay as long as the rows that they made; the token key goes in
//! generations (see [`Generations`]).

pub use super::ring::Generations;
use super::ring::Ring;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What everything secret is derived from: 32 bytes that never leave the key file.
#[derive(Clone)]
pub struct Keys {
    lookup: Zeroizing<[u8; 32]>,
    /// Generation 0 of the token key.
    token: Zeroizing<[u8; 32]>,
    /// What its later generations are derived from.
    later_tokens: Zeroizing<[u8; 32]>,
    salt: Zeroizing<[u8; 32]>,
    ring: Ring,
}

impl Keys {
    /// Derives all keys from `master` by HKDF-SHA-256 (RFC 5869), one context each.
    pub fn derive(master: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"mailclerk"), master);
        let expand = |context: &[u8]| {
            let mut key = Zeroizing::new([0u8; 32]);
            // 32 bytes are always within RFC 5869's bound of 255 blocks.
            let _ = hkdf.expand(context, key.as_mut());
            key
        };
        Self {
            lookup: expand(b"lookup v1"),
            token: expand(b"token v1"),
            later_tokens: expand(b"token generations v1"),
            salt: expand(b"audit v1"),
            ring: Ring::default(),
        }
    }

    /// The generations of the token key that are believed.
    pub fn token_generations(&self) -> Generations {
        self.ring.now()
    }

    /// From here on these generations are believed, by all clones of these keys.
    pub fn follow_token_generations(&self, generations: Generations) {
        self.ring.follow(generations);
    }

    /// What a value of member data is looked up by: a keyed hash of its kind and its normalised form, as 32 hex digits.
    /// The caller normalises (an address by its key, an identifier in capitals without spaces and dashes).
    pub fn lookup(&self, kind: &str, normalised: &str) -> String {
        hex(&mac(&self.lookup, &[kind.as_bytes(), normalised.as_bytes()])[..16])
    }

    /// 256 bits that nobody guesses who has not the keys, of a kind and a name: they need not be kept to be known again.
    pub fn secret_of(&self, kind: &str, name: &str) -> [u8; 32] {
        // The kind begins as no lookup's does, of which the first half stands in the database.
        mac(&self.lookup, &[b"secret of", kind.as_bytes(), name.as_bytes()])
    }

    /// The lookup key of an identifier such as a member id: letters and digits in capitals count, nothing else.
    pub fn lookup_id(&self, kind: &str, written: &str) -> String {
        let folded: String = written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        self.lookup(kind, &folded)
    }

    /// A MAC over `parts` for tokens, by a generation of the token key; whether that is believed is for the caller to ask.
    /// Parts are told apart by their lengths.
    pub(super) fn token_mac(&self, generation: u32, parts: &[&[u8]]) -> [u8; 32] {
        if generation == 0 {
            return mac(&self.token, parts);
        }
        let Ok(hkdf) = Hkdf::<Sha256>::from_prk(self.later_tokens.as_slice()) else {
            unreachable!("32 bytes are as long as a SHA-256 hash, which HKDF asks for")
        };
        let mut key = Zeroizing::new([0u8; 32]);
        // 32 bytes are always within RFC 5869's bound, as above.
        let _ = hkdf.expand(format!("token v1 {generation}").as_bytes(), key.as_mut());
        mac(&key, parts)
    }

    /// A salted digest of content for the audit trail: purging the content leaves the chain whole and the digest mute.
    pub fn content_digest(&self, salt: &[u8], content: &[u8]) -> String {
        hex(&mac(&self.salt, &[salt, content]))
    }

    /// The same of content that is too long to stand in memory in one piece: `write` gives it piece by piece, twice the
    /// same.
    pub fn long_digest(&self, salt: &[u8], write: impl Fn(&mut dyn FnMut(&[u8]))) -> String {
        let mut length = 0_u64;
        write(&mut |piece| length += piece.len() as u64);
        let mut mac = keyed(&self.salt);
        mac.update(&(salt.len() as u64).to_be_bytes());
        mac.update(salt);
        mac.update(&length.to_be_bytes());
        write(&mut |piece| mac.update(piece));
        hex(&mac.finalize().into_bytes())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let Ok(mac) = Hmac::new_from_slice(key) else { unreachable!("HMAC takes keys of any length") };
    mac
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
