//! What the vendors' own guides for Okta promise, one test each, named after the promise (`dp_3_…` is DP-3): Okta asks
//! over a socket, a process as it is run translates by the mapping as it is shipped, and the fake vendor's state and
//! log say what came of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics has failed, and says where"
)]

#[path = "../vendors/fakes.rs"]
#[expect(dead_code, reason = "another target asks more of them")]
mod fakes;

#[expect(dead_code, reason = "another target asks more of it")]
mod harness;
#[expect(dead_code, reason = "another target asks more of it")]
mod okta;

mod acall;
mod carbon_voice;
mod dialpad;
mod envoy;
mod playvox;
mod table;
