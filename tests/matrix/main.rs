//! Every fault of the fake vendors in every step of every operation of every shipped mapping: what the client is told is
//! what `README.md` says of the failure, a 2xx is true at the vendor, and after anything else the client's repeat comes
//! to the same end as if nothing had happened. The steps are those of the Plan, each known by its place:
//! one that some fault has not struck fails the test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics has failed, and says where"
)]

#[path = "../vendors/fakes.rs"]
#[expect(dead_code, reason = "another target asks more of them")]
mod fakes;
#[path = "../promises/harness.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod harness;
#[path = "../promises/okta.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod okta;

mod act;
mod all;
mod case;
mod expected;
mod figures;
mod mapping;
mod steps;
mod subject;
mod world;

mod acall;
mod carbon_voice;
mod dialpad;
mod envoy;
mod playvox;

mod strict;
mod undone;
