//! The right bank: the vendor's API. Knows nothing of SCIM.

pub mod call;
pub mod error;
pub mod paging;
pub mod record;
pub mod retry;
pub mod settings;

pub use call::{Answer, Body, Call, Upstream};
pub use error::Error;
