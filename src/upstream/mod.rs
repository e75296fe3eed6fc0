//! The right bank: the vendor's API. Knows nothing of SCIM.

pub mod auth;
pub mod base;
pub mod breaker;
pub mod call;
pub mod client;
pub mod credential;
pub mod curl;
pub mod encode;
pub mod error;
pub mod gate;
pub mod limit;
mod names;
pub mod paging;
pub mod reach;
pub mod record;
pub mod request;
pub mod retry;
pub mod roots;
pub mod script;
pub mod settings;
pub mod signature;
pub mod spelled;
pub mod transport;
pub mod vendor;

pub use call::{Answer, Body, Call};
pub use client::Client;
pub use error::Error;
pub use gate::Gate;
pub use script::Script;
pub use vendor::Upstream;
