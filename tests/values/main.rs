//! Groups that are the values of a User's attribute, over real sockets: whoever joins and leaves is changed at the
//! vendor, and what is half done is told.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod clients;
mod faults;
mod forms;
mod names;
mod vendor;
mod world;
