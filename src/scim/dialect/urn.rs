//! The URNs of 1.1 and what 2.0 calls the same.

use crate::scim::schema::ENTERPRISE_USER;

/// The schema of everything in 1.1: users, groups, lists and the configuration of the service.
pub const CORE: &str = "urn:scim:schemas:core:1.0";
/// The EnterpriseUser of 1.1.
pub const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
/// What 2.0 writes before the name of a core schema.
const CORE_2: &str = "urn:ietf:params:scim:schemas:core:2.0:";
/// What all URNs of 2.0 begin with.
const OF_2: &str = "urn:ietf:params:scim:";

/// The 2.0 URN of a schema that a 1.1 resource names; `core` is that of its kind.
pub fn inward<'a>(urn: &'a str, core: &'a str) -> &'a str {
    if is_core(urn) {
        core
    } else if urn.eq_ignore_ascii_case(ENTERPRISE) {
        ENTERPRISE_USER
    } else {
        urn
    }
}

/// The 1.1 URN that a resource names for one of 2.0. An extension of the vendor's has one name.
pub fn outward(urn: &str) -> &str {
    if urn.starts_with(CORE_2) {
        CORE
    } else if urn == ENTERPRISE_USER {
        ENTERPRISE
    } else {
        urn
    }
}

/// Whether it is 1.1's core schema, alone or with the name of one of its kinds.
pub fn is_core(urn: &str) -> bool {
    match urn.split_at_checked(CORE.len()) {
        Some((core, kind)) => {
            core.eq_ignore_ascii_case(CORE) && (kind.is_empty() || kind.starts_with(':'))
        }
        None => false,
    }
}

/// Whether it is a schema or a message of 2.0 (RFC 7643 §10).
pub fn is_of_2(urn: &str) -> bool {
    urn.split_at_checked(OF_2.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(OF_2))
}

/// The id of a schema's own document: the kind stands behind the core URN
/// (draft-scim-core-schema-01 §10).
pub fn document_id(urn: &str) -> String {
    match urn.strip_prefix(CORE_2) {
        Some(kind) => format!("{CORE}:{kind}"),
        None => outward(urn).to_owned(),
    }
}

/// A text for people, with the URNs that its reader knows.
pub fn in_words(text: &str) -> String {
    let text = text.replace(ENTERPRISE_USER, ENTERPRISE);
    let mut told = String::with_capacity(text.len());
    let mut parts = text.split(CORE_2);
    told.push_str(parts.next().unwrap_or_default());
    for part in parts {
        told.push_str(CORE);
        told.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::USER;

    #[test]
    fn urns_have_two_spellings() {
        let table = [
            (CORE, USER, CORE, "urn:scim:schemas:core:1.0:User"),
            ("URN:scim:schemas:core:1.0:User", USER, CORE, "urn:scim:schemas:core:1.0:User"),
            (ENTERPRISE, ENTERPRISE_USER, ENTERPRISE, ENTERPRISE),
            ("urn:acme:1.0", "urn:acme:1.0", "urn:acme:1.0", "urn:acme:1.0"),
            (
                "urn:scim:schemas:core:1.0x",
                "urn:scim:schemas:core:1.0x",
                "urn:scim:schemas:core:1.0x",
                "urn:scim:schemas:core:1.0x",
            ),
        ];
        for (sent, two, told, document) in table {
            assert_eq!(inward(sent, USER), two, "{sent}");
            assert_eq!(outward(two), told, "{sent}");
            assert_eq!(document_id(two), document, "{sent}");
        }
        let words = format!("`{USER}` and `{ENTERPRISE_USER}:department`");
        assert_eq!(in_words(&words), format!("`{CORE}` and `{ENTERPRISE}:department`"));
    }
}
