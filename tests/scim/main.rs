//! The SCIM floor against the RFCs' own examples and what Okta and Entra send, in tables.

mod canonical;
mod changes;
mod decode;
mod discovery;
mod encode;
mod filter;
mod fixture;
mod patch;
mod project;
mod validate;
