//! A SCIM client's own credential on its way to the vendor: it is checked there, and kept nowhere.

use crate::secret::Secret;
use aws_lc_rs::digest::{Context, SHA256};
use std::fmt;

/// What a client has brought.
#[derive(Debug, Clone)]
pub struct Credential {
    /// All of it, as it was sent.
    pub sent: Secret,
    /// The same without the scheme before it.
    pub bare: Secret,
}

/// Whose a credential is, as far as memory has to know: of the same credential the same in every process, so that a
/// cursor of one replica holds at another, and nothing that leads back to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Whose(u128);

impl fmt::Debug for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whose(..)")
    }
}

impl Whose {
    /// Of the credential as it goes on: behind whichever scheme it came, it is the same one.
    pub fn of(travels: &[u8]) -> Self {
        let mut hash = Context::new(&SHA256);
        hash.update(b"the credential of a SCIM client\0");
        hash.update(travels);
        let bytes = hash.finish().as_ref().first_chunk().copied().unwrap_or_default();
        Self(u128::from_be_bytes(bytes))
    }

    /// What cursors are sealed with.
    pub fn seal(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_credential_is_the_same_ones_and_nothing_is_shown_of_it() {
        assert_eq!(Whose::of(b"a"), Whose::of(b"a"));
        assert_ne!(Whose::of(b"a"), Whose::of(b"b"));
        // A cursor that a client was given by an earlier version must hold.
        assert_eq!(Whose::of(b"a").seal(), 0x18b4_dff0_3c92_1c45_c7d6_6451_3e88_dbe9);
        assert_eq!(format!("{:?}", Whose::of(b"a")), "Whose(..)");
        let credential = Credential { sent: Secret::new("Basic a"), bare: Secret::new("a") };
        assert!(!format!("{credential:?}").contains("Basic"));
    }
}
