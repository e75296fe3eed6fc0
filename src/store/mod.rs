//! What we hold because the vendor cannot: Links, marks, kept attributes, kept Groups, tombstones; the journal, and who
//! was counted lately.
//!
//! Takes strings, JSON values and instants; knows neither SCIM nor the vendor. One trait,
//! [`Store`], and two engines behind it, [`sqlite`] and [`postgres`]. No verb of the trait is an engine's own, and
//! `tests/store/` holds every engine to the same promises. Every key begins with tenant and kind, so
//! that no look-up can reach another tenant's rows.

pub mod change;
pub mod contract;
pub mod entry;
pub mod error;
pub mod lease;
pub mod postgres;
pub mod rate;
pub mod rows;
pub mod settings;
pub mod sqlite;
mod values;
pub mod watch;

pub use change::{Batch, Change, Expected, Receipt};
pub use contract::{Pending, Store};
pub use entry::{Depth, Entry, Stage};
pub use error::{Clash, Error, Refusal};
pub use lease::Lease;
pub use rate::{Rate, Share};
pub use rows::{
    Group, GroupName, Held, Holding, Link, Mark, Member, Outsider, Page, Scope, Sought, State,
    Tally, Tombstone, fold,
};
pub use watch::Watch;
