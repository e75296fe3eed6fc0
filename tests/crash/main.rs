//! The proof that nothing is lost and nothing is a lie when the gateway dies: the real program is killed at every
//! point of its work and at random, in front of a vendor that misbehaves, under clients that write at once; what the
//! vendor and the clients wrote down is judged. Of the gateway's own only its dead letters are read: what it says there that it
//! did not do it need not have done.
//!
//! `CRASH_SEEDS=200 cargo test --test crash -- --nocapture` makes more runs, `CRASH_SEED=17` makes one again.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed"
)]

mod client;
mod controls;
mod database;
mod dead;
mod dice;
mod disk;
mod engine;
mod figures;
mod folder;
mod gateway;
mod halves;
mod instant;
mod judge;
mod killer;
mod late;
mod outage;
mod passages;
mod points;
#[path = "../serve/port.rs"]
mod port;
mod replicas;
mod run;
mod seeds;
#[path = "../store/server.rs"]
mod server;
mod takeover;
mod vendor;
mod wire;
mod write;
