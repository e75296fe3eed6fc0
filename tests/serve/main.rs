//! `serve` as a process of its own: what it logs, how it takes up changed files, how it starts and
//! how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod harness;
mod limits;
mod log;
mod notices;
mod probe;
mod proxies;
mod reload;
mod start;
mod stop;
mod storage;
mod tenants;
mod vendor;
