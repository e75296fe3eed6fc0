//! The tables of keys: what they promise is what the parsers, the schemas and the reference do.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod config;
mod converters;
mod examples;
mod family;
mod mapping;
mod reference;
mod refused;
mod schema;
mod test_file;
mod validator;
