//! The server over real sockets: what it takes, what it refuses, when it hangs up, how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod credentials;
mod drain;
mod harness;
mod hosts;
mod limits;
mod lists;
mod tls;
