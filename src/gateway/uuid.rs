//! Ids of our own.

use super::error::Failure;
use crate::scim::error::Error;

/// A UUID of version 4 (RFC 9562 §5.4).
pub fn new() -> Result<String, Failure> {
    let mut bytes = [0u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Error::new(500, "the system gives no randomness"))?;
    let bits = u128::from_be_bytes(bytes);
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let ends = [8, 12, 16, 20, 32];
    let parts = std::iter::once(0).chain(ends).zip(ends);
    let parts: Vec<&str> = parts.filter_map(|(from, to)| hex.get(from..to)).collect();
    Ok(parts.join("-"))
}
