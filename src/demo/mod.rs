//! A sample vendor in memory, and the Okta lifecycle played against it through the gateway.

pub mod vendor;
