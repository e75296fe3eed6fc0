//! The chain: what seals a line, so that whoever changes one must know the key.

use super::refusal::Refusal;
use crate::secret::Secret;
use aws_lc_rs::hmac;
use std::fmt::{self, Write};

/// Bytes of a key at least: as many as the hash has, or the key would be the easier thing to guess.
const SHORTEST: usize = 32;

/// What seals lines. Never printed.
pub struct Key(hmac::Key);

/// The hash of a line, in which those of all lines before it are: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head(String);

impl Key {
    /// The key that a secret holds: its bytes as they stand.
    pub fn of(secret: &Secret) -> Result<Self, Refusal> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < SHORTEST {
            let message = format!(
                "the audit log's key has {} bytes, expected at least {SHORTEST}",
                bytes.len()
            );
            return Err(Refusal::of_key(message, MADE));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// The hash of a line's text. The text ends with the hash before it, so nothing else has to be told.
    pub fn seal(&self, text: &str) -> Head {
        let tag = hmac::sign(&self.0, text.as_bytes());
        let mut digits = String::with_capacity(HEX);
        for byte in tag.as_ref() {
            // Writing to a String does not fail.
            let _ = write!(digits, "{byte:02x}");
        }
        Head(digits)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// How a key is made.
const MADE: &str = "make one with `openssl rand -hex 32`, and keep a copy where no one who can write the file can read it";

/// Digits of a hash.
pub const HEX: usize = 64;

impl Head {
    /// What stands before the first line of all.
    pub fn none() -> Self {
        Self("0".repeat(HEX))
    }

    /// Reads one that somebody wrote down: 64 hexadecimal digits, in any case.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.len() == HEX && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `openssl dgst -sha256 -hmac` says: the page that tells how to verify by hand is right.
    #[test]
    fn a_hash_is_hmac_sha_256() {
        let key = Key::of(&Secret::new("0123456789abcdef0123456789abcdef")).unwrap();
        let expected = "137e6557c3c13a1ca5dc7e52a389a0f86be8cb4db4ae61c62396058b00acacd0";
        assert_eq!(key.seal("what do ya want for nothing?").as_str(), expected);
        assert_eq!(format!("{key:?}"), "Key(..)");
    }

    #[test]
    fn a_short_key_is_refused_and_not_repeated() {
        let refused = Key::of(&Secret::new("hunter2")).unwrap_err();
        assert!(refused.message.contains("7 bytes") && !refused.message.contains("hunter2"));
    }

    #[test]
    fn a_head_is_64_digits() {
        let head = Head::read(&"AB".repeat(32)).unwrap();
        assert_eq!(head.as_str(), "ab".repeat(32));
        for wrong in ["", "ab", &"g".repeat(64), &"a".repeat(65)] {
            assert_eq!(Head::read(wrong), None, "{wrong}");
        }
    }
}
