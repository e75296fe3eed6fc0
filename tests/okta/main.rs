//! What Okta sends, sequence by sequence, over real TLS sockets: the gateway, its sample mapping and
//! the sample vendor behind it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod bulk;
mod declared;
mod discovery;
mod entitlements;
mod groups;
mod harness;
mod heads;
mod import;
mod limits;
mod queries;
mod users;
mod version_1_1;
mod versions;
