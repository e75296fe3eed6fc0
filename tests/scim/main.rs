//! The SCIM floor against the RFCs' own examples and what Okta and Entra send, in tables.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod bulk;
mod canonical;
mod changes;
mod cursor;
mod decode;
mod dialect;
mod difference;
mod discovery;
mod encode;
mod filter;
mod fixture;
mod hostile;
mod leniency;
mod narrow;
mod patch;
mod project;
mod sort;
mod validate;
mod version;
