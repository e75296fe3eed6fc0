//! The right bank: the vendor's API. Knows nothing of SCIM.

pub mod call;
pub mod error;

pub use call::{Answer, Body, Call, Upstream};
pub use error::Error;
