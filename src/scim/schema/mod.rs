//! Schemas: what they are made of, and those that RFC 7643 and Okta define.

pub mod definition;
pub mod enterprise;
pub mod envelope;
pub mod group;
pub mod okta;
pub mod user;

pub use definition::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};
pub use enterprise::{ENTERPRISE_USER, enterprise_user};
pub use envelope::common;
pub use group::{GROUP, MEMBERS, group};
pub use okta::{OKTA_ENTITLEMENT, OKTA_ROLE, okta_entitlement, okta_role};
pub use user::{USER, user};

/// URNs of the core schemas that are built in.
pub const CORE: [&str; 4] = [USER, GROUP, OKTA_ROLE, OKTA_ENTITLEMENT];

/// The core schema of that URN, in any case; nothing when none of those that are built in has it.
pub fn core(urn: &str) -> Option<Schema> {
    let made: [fn() -> Schema; 4] = [user, group, okta_role, okta_entitlement];
    let mut known = CORE.into_iter().zip(made);
    known.find(|(id, _)| id.eq_ignore_ascii_case(urn)).map(|(_, schema)| schema())
}
