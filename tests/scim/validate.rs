//! Required and immutable attributes.

use crate::fixture::{ENTERPRISE, group_type, resource, user_type};
use scimshim::scim::{
    error::{Error, ScimType},
    resource_type::ResourceType,
    schema::Mutability,
    validate::{create, update},
};
use serde_json::{Value, json};

fn told(result: Result<(), Error>) -> Option<(ScimType, String)> {
    result.err().map(|error| (error.scim_type.unwrap(), error.detail))
}

/// userName immutable, the last name and the department required.
fn strict() -> ResourceType {
    let mut kind = user_type();
    for attribute in &mut kind.schema.attributes {
        match attribute.name.as_str() {
            "title" => attribute.mutability = Mutability::Immutable,
            "name" => attribute.attributes[1].required = true,
            "emails" => attribute.attributes[0].required = true,
            _ => {}
        }
    }
    let department = kind.extensions[0].schema.attributes.iter_mut();
    department.filter(|each| each.name == "department").for_each(|each| each.required = true);
    kind
}

#[test]
fn required_when_created() {
    let full = json!({"userName": "a", ENTERPRISE: {"department": "x"}});
    assert_eq!(told(create(&resource(full.clone()), &strict())), None);
    let cases = [
        (
            json!({}),
            format!(
                "`userName`, `{ENTERPRISE}:department` are required: found no value, expected one"
            ),
        ),
        (
            json!({"userName": "a"}),
            format!("`{ENTERPRISE}:department` is required: found no value, expected one"),
        ),
        (
            json!({"userName": "a", "name": {"givenName": "x"}, "emails": [{"value": "a"}, {"type": "b"}], ENTERPRISE: {"department": "x"}}),
            "`name.familyName`, `emails.value` are required: found no value, expected one"
                .to_owned(),
        ),
    ];
    for (sent, detail) in cases {
        assert_eq!(
            told(create(&resource(sent), &strict())),
            Some((ScimType::InvalidValue, detail))
        );
    }
    // R83.
    assert!(create(&resource(json!({"members": []})), &group_type()).is_err());
}

#[test]
fn kept_when_updated() {
    let before = json!({"userName": "a", "title": "x"});
    let told_of =
        |after: Value| told(update(&resource(before.clone()), &resource(after), &strict()));
    // The department was missing before: that stops nobody from being deactivated.
    assert_eq!(told_of(json!({"userName": "b", "title": "x", "active": false})), None);
    assert_eq!(told_of(json!({"userName": "a"})), None, "an immutable attribute may be left out");
    let gone = "`userName` is required: found no value, expected one".to_owned();
    assert_eq!(told_of(json!({"title": "x"})), Some((ScimType::InvalidValue, gone)));
    let fixed = "`title` is immutable: it cannot be changed once it has a value".to_owned();
    assert_eq!(
        told_of(json!({"userName": "a", "title": "y"})),
        Some((ScimType::Mutability, fixed))
    );
    let first = update(
        &resource(json!({"userName": "a"})),
        &resource(json!({"userName": "a", "title": "y"})),
        &strict(),
    );
    assert_eq!(told(first), None, "an immutable attribute may be given its first value");
}
