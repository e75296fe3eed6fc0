//! The mapping at work, without any I/O: which calls a change becomes, and that what is written
//! reads back.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod checks;
mod claims;
mod converted;
mod elements;
mod external_names;
mod forms;
mod generate;
mod kinds;
mod modifiers;
mod render;
mod resolved;
mod round_trip;
mod tenants;
