//! Ids of our own.

use super::error::Failure;
use crate::scim::error::Error;

/// A UUID of version 4 (RFC 9562 §5.4).
pub fn new() -> Result<String, Failure> {
    let mut bytes = [0u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Error::new(500, "the system gives no randomness"))?;
    Ok(shown(bytes, 4))
}

/// One of version 8 (RFC 9562 §5.8), which the first bytes of a digest make: the same each time.
pub fn of(digest: &[u8]) -> String {
    let mut bytes = [0u8; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, from)| *byte = *from);
    shown(bytes, 8)
}

fn shown(bytes: [u8; 16], version: u128) -> String {
    let bits = u128::from_be_bytes(bytes);
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (version << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let ends = [8, 12, 16, 20, 32];
    let parts = std::iter::once(0).chain(ends).zip(ends);
    let parts: Vec<&str> = parts.filter_map(|(from, to)| hex.get(from..to)).collect();
    parts.join("-")
}
