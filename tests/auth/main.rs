//! Credentials towards the vendor, over real sockets: who is asked for them, how often, and what comes of a refusal.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod gateway;
mod log;
mod login;
mod oauth;
mod passed;
mod secrets;
mod tls;
mod vendor;
