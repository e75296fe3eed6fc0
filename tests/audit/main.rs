//! The audit log, written by a process and read again by another: what stands in it, what is found of whatever was
//! done to it, and what becomes of writes while it cannot be written.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod cut;
mod deeds;
mod delivered;
mod disk;
#[path = "../serve/harness.rs"]
#[expect(dead_code, reason = "what the tests of `serve` need is more")]
mod harness;
mod lines;
mod start;
mod tampered;
#[path = "../serve/vendor.rs"]
#[expect(dead_code, reason = "the same")]
mod vendor;
mod world;
