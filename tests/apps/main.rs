//! Two applications that nobody here designed, as real servers, behind their shipped mappings: Okta's whole lifecycle
//! is driven through, and what came of it is read at the application itself.
//!
//! `.ci/run` installs and starts them and runs these tests by name; elsewhere start one by `.ci/apps/NAME FOLDER PORT`
//! and set what the test asks for.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

#[path = "../serve/harness.rs"]
#[expect(dead_code, reason = "what other targets need of it")]
mod harness;

mod gateway;
mod mailman;
mod synapse;
