//! RFC 7643 and RFC 7644, pure: no I/O, no clock, nothing of any vendor.

pub mod attribute;
pub mod canonical;
pub mod changes;
pub mod compare;
pub mod conditions;
pub mod decode;
pub mod dialect;
pub mod discovery;
pub mod encode;
pub mod error;
pub mod filter;
pub mod hash;
pub mod leniency;
pub mod message;
pub mod patch;
pub mod profile;
pub mod project;
pub mod reading;
pub mod resource;
pub mod resource_type;
pub mod schema;
pub mod shown;
pub mod sort;
pub mod unmapped;
pub mod validate;
pub mod version;
