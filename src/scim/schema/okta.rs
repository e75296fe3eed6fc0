//! Okta's schemas of what a user can be given: a Role and an Entitlement. Okta knows both by heart,
//! and finds the endpoints that serve them by these URNs in `/ResourceTypes`.

use super::definition::{Attribute, Schema};

/// URN of Okta's Role schema.
pub const OKTA_ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
/// URN of Okta's Entitlement schema.
pub const OKTA_ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";

/// Okta's Role schema; `id` is common to all resources (RFC 7643 §3.1).
pub fn okta_role() -> Schema {
    schema(OKTA_ROLE, "Role", "A role that a user can have")
}

/// Okta's Entitlement schema: a license, a seat, a permission.
pub fn okta_entitlement() -> Schema {
    schema(OKTA_ENTITLEMENT, "Entitlement", "An entitlement that a user can have")
}

fn schema(id: &str, name: &str, description: &str) -> Schema {
    Schema {
        id: id.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        attributes: vec![
            Attribute::text("displayName").about("The name shown to people.").required(),
            Attribute::text("description").about("What it is good for, for people."),
        ],
    }
}
