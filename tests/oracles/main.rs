//! Independent implementations as oracles: the npm packages scim2-parse-filter and scim-patch are asked what they
//! make of generated filters and PATCHes. They know no schema and have mistakes of their own, so where an
//! oracle answers otherwise, the rules of a table make the question one that it understands; then it must agree.
//! No case is left out, and a rule that no case needs is an offence.
//!
//! Ignored, because it wants Node and the packages: `.ci/run` installs both and runs it, with
//! `SCIMSHIM_ORACLES` naming the folder of `node_modules`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod filter;
#[path = "../scim/fixture.rs"]
#[expect(dead_code, reason = "the oracles are asked about users of their own")]
mod fixture;
mod node;
mod patch;
mod rules;

use scimshim::scim::resource_type::ResourceType;
use std::sync::LazyLock;

static USER: LazyLock<ResourceType> = LazyLock::new(fixture::user_type);
