//! A hash that is the same in every process and every version, which the standard library's own does not
//! promise. It keeps no secret and guards against nobody.

/// FNV-1a of 64 bits.
#[derive(Debug, Clone, Copy)]
pub struct Hash(u64);

impl Hash {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The same with more behind it.
    pub fn and(self, bytes: &[u8]) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(bytes.iter().fold(self.0, step))
    }

    /// The number: every bit depends on every other, so that sums of hashes are hashes too (SplitMix64's last step).
    pub fn mixed(self) -> u64 {
        let hash = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^ (hash >> 31)
    }
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
        // Of the authors' own list.
        assert_eq!(Hash::new().and(b"foobar").0, 0x8594_4171_f739_67e8);
        assert_eq!(Hash::new().and(b"foo").and(b"bar").0, 0x8594_4171_f739_67e8);
        assert_ne!(Hash::new().mixed(), Hash::new().and(b"a").mixed());
    }
}
