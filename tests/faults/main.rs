//! A vendor that misbehaves, over real sockets: what the client is told, and that nothing is
//! written which was not asked for, nor lost.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod batches;
mod deletes;
mod flights;
mod generated;
mod groups;
mod harness;
mod kept;
mod kept_groups;
mod limits;
mod lists;
mod locked;
mod lookups;
mod members;
mod parts;
mod reads;
mod refused;
mod scans;
mod selectors;
mod several;
mod streams;
mod tenants;
mod undo;
mod untrusted;
mod writes;
