//! The Group schema (RFC 7643 §4.2, §8.7.1).

use super::definition::{Attribute, Mutability, Schema};

/// URN of the Group schema.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Who is in a Group (§4.2).
pub const MEMBERS: &str = "members";

/// The Group schema as RFC 7643 defines it.
pub fn group() -> Schema {
    Schema {
        id: GROUP.to_owned(),
        name: "Group".to_owned(),
        description: "A group of users".to_owned(),
        attributes: vec![
            // R83, RFC 7643 §4.2 with erratum 5368: required, although §8.7.1 prints false.
            Attribute::text("displayName").about("The name shown to people.").required(),
            members(),
        ],
    }
}

fn members() -> Attribute {
    Attribute::complex(
        MEMBERS,
        vec![
            // Ids are compared with case; a member never becomes another one (§4.2).
            Attribute::text("value")
                .about("The member's id.")
                .case_exact()
                .mutability(Mutability::Immutable),
            Attribute::reference("$ref", &["User", "Group"])
                .about("Where the member is read.")
                .mutability(Mutability::Immutable),
            Attribute::text("type")
                .about("What the member is.")
                .suggest(&["User", "Group"])
                .mutability(Mutability::Immutable),
            Attribute::text("display")
                .about("The member's name, for people.")
                .mutability(Mutability::ReadOnly),
        ],
    )
    .about("The members of the group.")
    .list()
}
