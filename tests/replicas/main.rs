//! The journal among replicas, over a PostgreSQL of the tests' own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

#[path = "../journal/ada.rs"]
mod ada;
mod creates;
#[path = "../store/server.rs"]
mod server;
#[path = "../journal/world.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod world;
