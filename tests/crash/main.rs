//! The proof that nothing is lost and nothing is a lie when the gateway dies: the real program is killed at every
//! point of its work and at random, in front of a vendor that misbehaves, under clients that write at once; what the
//! vendor and the clients wrote down is judged, and nothing of the gateway's own.
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
mod dead;
mod dice;
mod disk;
mod engine;
mod figures;
mod folder;
mod gateway;
mod instant;
mod judge;
mod killer;
mod outage;
mod points;
mod run;
mod seeds;
#[path = "../store/server.rs"]
mod server;
mod vendor;
mod wire;
mod write;

/// Whether this build has a journal. Without one nothing is ever promised (`Set-Txn`), so what demands a promise is not
/// run: the outages, the disks, the builds that leave a mechanism out, and that the seeds see promises at all.
const JOURNAL: bool = false;

/// Whether this build lets a call that nobody answered settle before another write to the same person, whichever life
/// of the process sent it. Until it does, a call that lands late undoes what was said to be done after it: the proof
/// finds that within ten seeds (`CRASH_SEED=5`), so the vendor has no slow moods yet.
const SETTLING: bool = false;
