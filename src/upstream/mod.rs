//! The right bank: the vendor's API. Knows nothing of SCIM.

pub mod auth;
pub mod base;
pub mod call;
pub mod client;
pub mod curl;
pub mod encode;
pub mod error;
pub mod limit;
pub mod paging;
pub mod reach;
pub mod record;
pub mod request;
pub mod retry;
pub mod roots;
pub mod script;
pub mod settings;
pub mod signature;
pub mod transport;

pub use call::{Answer, Body, Call, Upstream};
pub use client::Client;
pub use error::Error;
pub use script::Script;
