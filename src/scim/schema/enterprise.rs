//! The EnterpriseUser extension (RFC 7643 §4.3, §8.7.1).

use super::definition::{Attribute, Mutability, Schema};

/// URN of the EnterpriseUser extension.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The EnterpriseUser extension as RFC 7643 defines it.
pub fn enterprise_user() -> Schema {
    Schema {
        id: ENTERPRISE_USER.to_owned(),
        name: "EnterpriseUser".to_owned(),
        description: "What an enterprise knows about a user".to_owned(),
        attributes: vec![
            Attribute::text("employeeNumber").about("The number or code of the person."),
            Attribute::text("costCenter").about("The cost center."),
            Attribute::text("organization").about("The organization."),
            Attribute::text("division").about("The division."),
            Attribute::text("department").about("The department."),
            manager(),
        ],
    }
}

fn manager() -> Attribute {
    Attribute::complex(
        "manager",
        vec![
            Attribute::text("value").about("The manager's id.").case_exact(),
            Attribute::reference("$ref", &["User"]).about("Where the manager is read."),
            Attribute::text("displayName")
                .about("The manager's name, for people.")
                .mutability(Mutability::ReadOnly),
        ],
    )
    .about("The user's manager.")
}
