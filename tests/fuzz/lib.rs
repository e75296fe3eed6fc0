//! What libFuzzer runs: the files that `main.rs` runs with seeds, under another roof.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a property that panics has failed, and the input is kept"
)]

#[path = "../scim/fixture.rs"]
pub mod fixture;
pub mod targets;
