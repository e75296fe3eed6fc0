//! The journal: what must not be lost is carried out, in order, whatever becomes of vendor, client and process; and
//! nothing is told that is not so.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod ada;
mod answered;
mod clock;
mod creates;
mod doubt;
mod durable;
mod early;
mod groups;
mod halves;
#[path = "../serve/harness.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod harness;
mod keyed;
mod leaving;
mod life;
mod mailman;
mod namesakes;
mod operator;
mod order;
mod outage;
mod promised;
mod running;
mod since;
mod steps;
mod unheard;
mod world;
