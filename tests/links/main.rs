//! Links over real sockets and a real store: by which id a resource goes, who is ours, and lists of a vendor
//! that has none.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod ids;
mod listed;
mod many;
mod owned;
mod references;
mod vendor;
mod world;
