//! The journal among replicas, over a PostgreSQL of the tests' own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

#[path = "../journal/ada.rs"]
mod ada;
mod alike;
mod creates;
#[path = "../serve/harness.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod harness;
mod kept;
#[path = "../journal/leaving.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod leaving;
mod looks;
#[path = "../store/server.rs"]
mod server;
#[path = "../journal/world.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod world;
