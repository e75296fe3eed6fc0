//! The guard: more deactivations and deletions than it lets through are held back, and nothing else is. What is asked of
//! a promise is the answer, the vendor's log, and the metrics.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod answers;
mod counts;
#[path = "../serve/harness.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod harness;
#[path = "../store/server.rs"]
mod postgres;
mod running;
mod shared;
mod vendor;
mod world;
