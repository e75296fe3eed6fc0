//! `explain`: its commands send what production sends, and its words say what a mapping does.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed, and says where"
)]

mod both;
mod bytes;
mod vendor;
mod words;
