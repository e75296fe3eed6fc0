//! A hash that is the same in every process and every version, which the standard library's own does not
//! promise. It keeps no secret and guards against nobody.

/// Of 64 bits, eight bytes at a time: it is made for every answer.
#[derive(Debug, Clone, Copy)]
pub struct Hash(u64);

/// Of SplitMix64: an odd number whose bits are half ones.
const SPREAD: u64 = 0xbf58_476d_1ce4_e5b9;

impl Hash {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The same with more behind it. Where one piece ends and the next begins counts.
    pub fn and(self, bytes: &[u8]) -> Self {
        self.and_marked(0, bytes)
    }

    /// The same of a piece of its kind: equal bytes with another mark are something else.
    pub fn and_marked(self, mark: u8, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words.iter().fold(self.0, |hash, word| step(hash, u64::from_le_bytes(*word)));
        let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        // A rest has at most seven bytes: its length and the mark share the eighth.
        let end = (rest.len() as u64) << 61 | u64::from(mark & 0x1f) << 56;
        Self(step(hash, last | end))
    }

    /// The number: every bit depends on every other, so that sums of hashes are hashes too (SplitMix64's last step).
    pub fn mixed(self) -> u64 {
        let hash = (self.0 ^ (self.0 >> 30)).wrapping_mul(SPREAD);
        let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^ (hash >> 31)
    }
}

/// Multiplying spreads a bit upwards, folding brings it down again.
fn step(hash: u64, word: u64) -> u64 {
    let spread = (hash ^ word).wrapping_mul(SPREAD);
    spread ^ (spread >> 32)
}

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Hash;

    #[test]
    fn it_is_what_it_was() {
        let seen = |pieces: &[&str]| {
            pieces.iter().fold(Hash::new(), |hash, piece| hash.and(piece.as_bytes())).mixed()
        };
        // What a client was told by an earlier version must hold.
        assert_eq!(seen(&["foobar"]), 0xe193_5a5d_7146_03c2);
        assert_eq!(seen(&["a text of more than eight bytes"]), 0xadc3_1887_f379_27eb);
        for (one, other) in [("", "\0"), ("a", "a\0"), ("12345678", "123456780"), ("ab", "ba")] {
            assert_ne!(seen(&[one]), seen(&[other]), "{one:?} {other:?}");
        }
        assert_ne!(seen(&["ab", "c"]), seen(&["a", "bc"]));
        assert_ne!(Hash::new().mixed(), Hash::new().and(b"a").mixed());
        assert_ne!(
            Hash::new().and_marked(1, b"a").mixed(),
            Hash::new().and_marked(2, b"a").mixed()
        );
    }
}
