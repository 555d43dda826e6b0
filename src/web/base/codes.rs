//! Second factors: codes that change every thirty seconds (RFC 6238), as authenticator apps show them.

use crate::address::EmailAddress;
use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Bytes of a secret: those of the hash that it is used with (RFC 4226, section 4, R6).
pub const SECRET_BYTES: usize = 20;
/// How many steps a clock may be off, either way.
const SKEW: u16 = 1;

fn totp(secret: &[u8]) -> Option<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(SKEW).with_step_duration(30);
    builder.with_secret(secret.to_vec()).build().ok()
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

/// The time step that this code belongs to, where it is one of those around `now`.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    i64::try_from(totp(secret)?.check(&code, seconds(now))?).ok()
}

/// The code of this instant, as an app shows it.
pub fn code_at(secret: &[u8], at: Timestamp) -> Option<String> {
    Some(totp(secret)?.generate(seconds(at)).to_string())
}

/// A secret in base32, as it is typed into an app.
pub fn in_base32(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// The address that an app reads, from a picture or a link.
pub fn address(secret: &[u8], email: &EmailAddress) -> String {
    let label: String = email.to_string().bytes().fold(String::new(), |mut text, byte| {
        use std::fmt::Write;
        let _ = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => write!(text, "{}", byte as char),
            _ => write!(text, "%{byte:02X}"),
        };
        text
    });
    let secret = in_base32(secret);
    format!("otpauth://totp/mailclerk:{label}?secret={secret}&issuer=mailclerk&algorithm=SHA1&digits=6&period=30")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of eight digits, SHA-1.
        let secret = b"12345678901234567890";
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(code_at(secret, at).as_deref(), Some(code));
            assert_eq!(step_of(secret, code, at), Some(second / 30));
            assert_eq!(step_of(secret, &format!("{} {}", &code[..3], &code[3..]), at), Some(second / 30));
            let later = |seconds: i64| Timestamp::from_second(second + seconds).unwrap();
            assert_eq!(step_of(secret, code, later(30)), Some(second / 30), "a clock may be a little off");
            assert_eq!(step_of(secret, code, later(90)), None);
        }
        for wrong in ["", "28708", "2870822", "28708x", "２８７０８２"] {
            assert_eq!(step_of(secret, wrong, Timestamp::from_second(59).unwrap()), None, "{wrong}");
        }
        let email = EmailAddress::parse("jo+x@example.com").unwrap();
        assert!(address(secret, &email).starts_with("otpauth://totp/mailclerk:jo%2Bx%40example.com?secret=GEZDGNBV"));
    }
}
