//! Said: of which attributes a write says something, so that what was wanted before and comes later does not go over that.
//!
//! ```json
//! ["active", "name.familyName", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"]
//! ```

use super::{
    attribute::AttributePath, message::Action, patch::PatchOp, resource_type::ResourceType,
};
use serde_json::{Map, Value};

/// All of a resource: what a PUT leaves out is to be gone (RFC 7644 §3.5.1).
pub const ALL: &str = "*";

/// The canonical paths of all attributes that an action says something of, and that [`ALL`] stands for.
pub fn said(action: &Action, kind: &ResourceType) -> Vec<String> {
    match action {
        Action::Patch { operations, .. } => {
            operations.iter().flat_map(|operation| of_one(operation, kind)).collect()
        }
        Action::Create(resource) => of_members(None, resource.as_map(), kind),
        Action::Replace { .. } | Action::Delete { .. } => vec![ALL.to_owned()],
        Action::Get { .. } | Action::Search(_) => Vec::new(),
    }
}

/// Whether one of these says something of what stands at this canonical path.
pub fn speaks(said: &[String], of: &AttributePath) -> bool {
    let whole = AttributePath { sub: None, ..of.clone() }.to_string();
    let covers = |said: &str| {
        let (said, sub) = match AttributePath::parse(said) {
            Ok(AttributePath { urn, name, sub }) => {
                (AttributePath { urn, name, sub: None }.to_string(), sub)
            }
            Err(_) => (said.to_owned(), None),
        };
        let is_same = said == whole && (sub.is_none() || of.sub.is_none() || sub == of.sub);
        said == ALL || is_same || of.urn.as_ref() == Some(&said)
    };
    said.iter().any(|said| covers(said))
}

fn of_one(operation: &PatchOp, kind: &ResourceType) -> Vec<String> {
    let members = operation.value.as_ref().and_then(Value::as_object);
    match (&operation.path, members) {
        (None, Some(members)) => of_members(None, members, kind),
        (None, None) => Vec::new(),
        (Some(path), members) => {
            let selects = path.filter.is_some();
            of_value(path.attribute.clone(), members.filter(|_| !selects), kind)
        }
    }
}

fn of_members(urn: Option<&str>, members: &Map<String, Value>, kind: &ResourceType) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| {
        let path = match urn {
            Some(urn) => Ok(AttributePath::of(urn, name)),
            None => AttributePath::parse(name),
        };
        path.map_or_else(|_| Vec::new(), |path| of_value(path, value.as_object(), kind))
    };
    members.iter().flat_map(of).collect()
}

/// Beside those that it has, the parts of a complex value stay as they are.
fn of_value(
    path: AttributePath,
    members: Option<&Map<String, Value>>,
    kind: &ResourceType,
) -> Vec<String> {
    let path = kind.canonical(&path).unwrap_or(path);
    match (members, kind.extension(&path.to_string())) {
        (Some(members), Some(extension)) => of_members(Some(&extension.id), members, kind),
        (Some(members), None) if path.sub.is_none() => {
            members.keys().map(|sub| path.clone().dot(sub).to_string()).collect()
        }
        _ => vec![path.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{
        intent::Intent,
        resource_type::Extension,
        schema::{enterprise_user, user},
    };
    use serde_json::json;

    fn kind() -> ResourceType {
        ResourceType {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: String::new(),
            schema: user(),
            extensions: vec![Extension { schema: enterprise_user(), required: false }],
            external_id: true,
            read_only: false,
            whole: None,
        }
    }

    /// What is held of a write, what that says something of, and what not.
    #[test]
    fn a_write_says_something_of_what_it_names() {
        const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let department = format!("{ENTERPRISE}:department");
        let department = department.as_str();
        let patch = |path: Option<&str>, value: Value| match path {
            Some(path) => json!({ "patch": [{ "op": "replace", "path": path, "value": value }] }),
            None => json!({ "patch": [{ "op": "replace", "value": value }] }),
        };
        let name = json!({ "familyName": "B" });
        let elsewhere = json!({ ENTERPRISE: { "department": "d" } });
        let all = ["active", "name.familyName", "emails", department];
        let cases: [(Value, &[&str], &[&str]); 13] = [
            (patch(Some("title"), json!("t")), &["title"], &["active", "emails", department]),
            (patch(Some("ACTIVE"), json!(false)), &["active"], &["title"]),
            (
                patch(Some("name.familyName"), json!("B")),
                &["name.familyName", "name"],
                &["name.givenName"],
            ),
            (patch(Some("name"), name.clone()), &["name.familyName"], &["name.givenName", "title"]),
            (patch(Some("name"), Value::Null), &["name.familyName", "name.givenName"], &["title"]),
            (patch(None, json!({ "name": name })), &["name.familyName"], &["name.givenName"]),
            (
                patch(None, json!({ "title": "t", "active": true })),
                &["title", "active"],
                &["emails"],
            ),
            (
                patch(Some("emails[type eq \"work\"].value"), json!("a@b")),
                &["emails", "emails.value"],
                &["title"],
            ),
            (patch(Some(department), json!("d")), &[department], &["title"]),
            (patch(None, elsewhere.clone()), &[department], &["title"]),
            (patch(Some(ENTERPRISE), elsewhere[ENTERPRISE].clone()), &[department], &["title"]),
            (json!({ "replace": { "userName": "ada" } }), &all, &[]),
            (
                json!({ "create": { "userName": "ada", "active": false } }),
                &["userName", "active"],
                &["title"],
            ),
        ];
        for (held, spoken_of, not) in cases {
            let said = said(&Intent::action(&held, "1").unwrap(), &kind());
            for (paths, is) in [(spoken_of, true), (not, false)] {
                for path in paths {
                    let of = AttributePath::parse(path).unwrap();
                    assert_eq!(speaks(&said, &of), is, "{held}: {said:?}: {path}");
                }
            }
        }
        let gone = json!({ "patch": [{ "op": "remove", "path": ENTERPRISE }] });
        let said = said(&Intent::action(&gone, "1").unwrap(), &kind());
        assert!(speaks(&said, &AttributePath::parse(department).unwrap()), "{said:?}");
    }
}
