//! A SCIM 2.0 service in front of an API that speaks no SCIM.
//!
//! SCIM is the left bank, the vendor's API the right bank; neither knows the other. The mapping is
//! the deck laid across both and is pure; the gateway is the traffic on the deck.
//!
//! # The house, from the top floor down
//!
//! Each floor imports only floors below it (`tests/floors.rs` keeps this).
//!
//! | floor | what stands there |
//! |---|---|
//! | [`cli`] | `serve`, `demo`, `init`, `check`, `explain`, `okta`, `test`, `schema`, `token`, `health`: one file per command |
//! | [`demo`] | a sample vendor API in memory, and the Okta lifecycle played against it |
//! | [`init`] | the first draft of a mapping, pure: from nothing, or what a vendor's OpenAPI document says |
//! | [`app`] | configuration, building the parts, reload, drain |
//! | [`admin`] | health and metrics, on a listener of their own |
//! | [`server`] | one HTTP request from first byte to last: listener, TLS, clients, endpoint |
//! | [`gateway`] | SCIM operations, one file each; the steps they run; every failure judged in one place |
//! | [`mapping`] | text -> Document -> check -> Plan, and the Plan at work: read, write, render |
//! | [`upstream`] | Call -> Answer: auth, limits, retries, paging, transport; and `Script`, canned answers |
//! | [`store`] | Links, marks, kept attributes and Groups, tombstones; SQLite and PostgreSQL behind one trait |
//! | [`audit`] | a line for each write, in a file whose lines are a chain under a key; and who verifies it |
//! | [`scim`] | RFC 7643/7644, pure: attributes, filters, PATCH, schemas, messages |
//! | [`diagnostic`], [`yaml`], [`secret`], [`metrics`], [`dial`], [`crash`] | the ground |
//!
//! # Invariants
//!
//! 1. `scim`, `mapping` and `init` do no I/O, read no clock, spawn nothing.
//! 2. `scim` knows nothing of the vendor, `upstream` nothing of SCIM; only `mapping` and the floors
//!    above it know both.
//! 3. `mapping` has one door in, [`mapping::load`]; no floor above ever sees a `Document`.
//! 4. One trait stands between the gateway and the world: [`upstream::Upstream`]. `Client` (the
//!    world) and `Script` (a list) implement it, so `explain`, `test` and production are one engine.
//! 5. Failures of different kinds are joined and judged in `gateway/error.rs` and nowhere else.
//! 6. `metrics`, `diagnostic` and `crash` know nothing of anyone: they take strings and spans.
//! 7. A request takes [`gateway::Live`] once, at the gateway's door, and keeps it to the end; a
//!    reload swaps it whole.

pub mod admin;
pub mod app;
pub mod audit;
pub mod cli;
pub mod crash;
pub mod demo;
pub mod diagnostic;
pub mod dial;
pub mod gateway;
pub mod init;
pub mod mapping;
pub mod metrics;
pub mod scim;
pub mod secret;
pub mod server;
pub mod store;
pub mod upstream;
pub mod yaml;
