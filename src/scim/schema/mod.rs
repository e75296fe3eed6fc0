//! Schemas: what they are made of, and those that RFC 7643 defines.

pub mod definition;
pub mod enterprise;
pub mod envelope;
pub mod group;
pub mod user;

pub use definition::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};
pub use enterprise::{ENTERPRISE_USER, enterprise_user};
pub use envelope::common;
pub use group::{GROUP, group};
pub use user::{USER, user};
