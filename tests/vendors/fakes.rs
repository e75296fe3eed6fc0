//! The five vendors of the shipped mappings, each as a stranger would build it from the vendor's own pages: a real
//! server on the loopback with state, a log of every call, and trouble on demand. Nothing of the crate is used
//! here, so that a mistake of ours in reading a vendor is not made twice alike.
//!
//! Another test target takes them in with
//! `#[path = "../vendors/fakes.rs"] #[expect(dead_code, reason = "…")] mod fakes;`.
//!
//! Where no page of the vendor's says how it answers, the file of the vendor names what is assumed.

pub mod acall;
pub mod call;
pub mod carbon_voice;
pub mod dialpad;
pub mod envoy;
pub mod field;
pub mod playvox;
pub mod reply;
pub mod route;
pub mod server;
pub mod trouble;
