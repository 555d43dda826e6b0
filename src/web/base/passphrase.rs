//! Passphrases: which are good enough, and how they are kept and checked (argon2id, RFC 9106).

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// The fewest characters.
pub const FEWEST: usize = 12;
/// The most bytes: longer ones only cost time.
pub const MOST_BYTES: usize = 1024;
/// Passphrases that are tried first by whoever guesses, one a line, in lower case.
const COMMON: &str = include_str!("common.txt");
/// How many are checked at the same time: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// The memory (KiB), rounds and lanes that a hash costs: the second choice of OWASP's list of equals.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What is wrong with a new passphrase of `email`, in a sentence with its remedy.
pub fn fault(passphrase: &str, email: &str) -> Option<&'static str> {
    if passphrase.chars().count() < FEWEST {
        return Some(
            "the passphrase is shorter than 12 characters: take four or five words that do not belong together",
        );
    }
    if passphrase.len() > MOST_BYTES {
        return Some("the passphrase is longer than 1024 bytes: take a shorter one");
    }
    if passphrase.contains(['\n', '\r', '\0']) {
        return Some("the passphrase has a line end in it: write it on one line");
    }
    let folded = folded(passphrase);
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    let is_of_address = local.len() > 3 && folded.replace(&local, "").chars().count() < FEWEST / 2;
    if is_common(&folded) || is_regular(&folded) || is_of_address {
        return Some("the passphrase is among those that are guessed first: take words that do not belong together");
    }
    None
}

/// In small letters, without spaces and the digits and marks that are put behind a word to make it pass.
fn folded(passphrase: &str) -> String {
    passphrase.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
}

fn is_common(folded: &str) -> bool {
    let bare = folded.trim_end_matches(|c: char| !c.is_alphabetic());
    let plain: String = bare
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect();
    COMMON.lines().any(|common| common == folded || (bare.len() >= 4 && (common == bare || common == plain)))
}

/// One piece over and over, or characters in a row.
fn is_regular(folded: &str) -> bool {
    let letters: Vec<char> = folded.chars().collect();
    let repeats = |size: usize| letters.iter().zip(letters.iter().skip(size)).all(|(one, other)| one == other);
    let step = |pair: &[char]| match pair {
        [one, other] => i64::from(u32::from(*other)) - i64::from(u32::from(*one)),
        _ => 0,
    };
    let runs = letters.windows(2).filter(|pair| step(pair).abs() <= 1).count();
    (1..=letters.len() / 2).any(repeats) || runs * 4 >= letters.len().saturating_sub(1) * 3
}

/// The PHC string of a passphrase; takes a while.
///
/// # Errors
///
/// Where the system gives no random salt.
pub fn hash(passphrase: &str) -> anyhow::Result<String> {
    let hashed = argon2().hash_password(passphrase.as_bytes());
    Ok(hashed.map_err(|_| anyhow::anyhow!("failed to hash a passphrase"))?.to_string())
}

/// Whether `passphrase` is the one that `hashed` was made of; takes a while.
pub fn is_right(passphrase: &str, hashed: &str) -> bool {
    PasswordHash::new(hashed).is_ok_and(|hashed| argon2().verify_password(passphrase.as_bytes(), &hashed).is_ok())
}

/// Checks passphrases off the threads that everything runs on, few at a time.
#[derive(Clone, Debug)]
pub(in crate::web) struct Checker(Arc<Semaphore>);

impl Default for Checker {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Checker {
    /// Whether the passphrase is right. Where there is no hash, as much work is done in vain, so that nobody learns from
    /// the time it takes which accounts there are.
    pub(in crate::web) async fn check(&self, passphrase: String, hashed: Option<String>) -> anyhow::Result<bool> {
        static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this passphrase").unwrap_or_default());
        let _permit = self.0.acquire().await?;
        let work = move || match hashed {
            Some(hashed) => is_right(&passphrase, &hashed),
            None => {
                let _in_vain = is_right(&passphrase, &NOBODY);
                false
            }
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }

    /// The PHC string of a passphrase.
    pub(in crate::web) async fn hash(&self, passphrase: String) -> anyhow::Result<String> {
        let _permit = self.0.acquire().await?;
        tokio::task::spawn_blocking(move || hash(&passphrase)).await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for bad in [
            "short",
            "elevenchars",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "123456789012",
            "abcdefghijklm",
            "Password1234",
            "P@ssw0rd2026!",
            "password password",
            "qwertyuiop123",
            "correct horse battery staple",
            "jane.doe2026",
            "two\nlines of words here",
        ] {
            assert!(fault(bad, "jane.doe@example.com").is_some(), "{bad:?}");
        }
        for good in ["violet kettle under maps", "xK8#vq!Zr2Lw", "größere Häuser am See", "the-ferry-was-late-again"]
        {
            assert_eq!(fault(good, "jane.doe@example.com"), None, "{good:?}");
        }
        assert!(fault(&"long words ".repeat(200), "a@example.com").is_some());
    }

    #[test]
    fn a_hash_fits_its_passphrase_only() {
        let hashed = hash("violet kettle under maps").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(is_right("violet kettle under maps", &hashed));
        assert!(!is_right("violet kettle under map", &hashed) && !is_right("", &hashed));
        assert!(!is_right("x", "no hash") && !is_right("x", ""));
        assert_ne!(hash("violet kettle under maps").unwrap(), hashed, "salted");
    }
}
