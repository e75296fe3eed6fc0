//! What clients send, made canonical.

use crate::fixture::{BADGE, ENTERPRISE, group_type, user_type};
use scimshim::scim::{error::ScimType, reading::Reading, resource::Resource, schema::Attribute};
use serde_json::{Value, json};

fn canonical(sent: Value) -> (Value, Vec<String>) {
    let mut reading = Reading::default();
    let made = Resource::canonical(sent, &user_type(), &mut reading).unwrap();
    (made.as_value().clone(), reading.unmapped.names().to_vec())
}

#[test]
fn what_becomes_of_it() {
    let cases = [
        // R20: names in any case; order does not matter.
        (
            json!({"USERNAME": "a", "NAME": {"GIVENNAME": "b"}, "Emails": [{"VALUE": "c", "Type": "work"}]}),
            json!({"userName": "a", "name": {"givenName": "b"}, "emails": [{"value": "c", "type": "work"}]}),
        ),
        // R22: unassigned.
        (
            json!({"title": "", "nickName": null, "phoneNumbers": [], "emails": [{"value": ""}, null], "name": {"givenName": null}}),
            json!({}),
        ),
        // R12, R26, R59: what the server says of it.
        (
            json!({"schemas": ["x"], "id": "1", "meta": {"resourceType": "User"}, "groups": [{"value": "g"}], "userName": "a"}),
            json!({"userName": "a"}),
        ),
        // §3.10: the core URN as a wrapper.
        (
            json!({"urn:ietf:params:scim:schemas:core:2.0:User": {"username": "a"}, "title": "b"}),
            json!({"userName": "a", "title": "b"}),
        ),
        (
            json!({"URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User": {"DEPARTMENT": "x", "costCenter": ""}}),
            json!({ENTERPRISE: {"department": "x"}}),
        ),
        (json!({ENTERPRISE: {"department": ""}}), json!({})),
        (json!({ENTERPRISE: null}), json!({})),
        // Leniencies.
        (json!({"active": "True"}), json!({"active": true})),
        (json!({"active": "false"}), json!({"active": false})),
        (json!({"externalId": 42}), json!({"externalId": "42"})),
        (
            json!({"roles": {"value": "x", "primary": "True"}}),
            json!({"roles": [{"value": "x", "primary": true}]}),
        ),
        (json!({"roles": ["x", "y"]}), json!({"roles": [{"value": "x"}, {"value": "y"}]})),
        (json!({"roles": "x"}), json!({"roles": [{"value": "x"}]})),
        (json!({"roles": [7]}), json!({"roles": [{"value": "7"}]})),
        (
            json!({ENTERPRISE: {"manager": "77b0"}}),
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
        ),
        (
            json!({ENTERPRISE: {"manager": [{"value": "77b0"}]}}),
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "77b0", "displayName": "read-only"}}}),
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
        ),
        (
            json!({BADGE: {"level": "-7", "weight": "1.50", "tags": "a", "issued": "2026-01-31T12:00:00+09:00"}}),
            json!({BADGE: {"level": -7, "weight": digits("1.50"), "tags": ["a"], "issued": "2026-01-31T12:00:00+09:00"}}),
        ),
        (json!({BADGE: {"tags": [{"value": "a"}, "b"]}}), json!({BADGE: {"tags": ["a", "b"]}})),
        (
            json!({"x509Certificates": [{"value": "MIIB\r\nZw=="}]}),
            json!({"x509Certificates": [{"value": "MIIB\r\nZw=="}]}),
        ),
        // R10: text is kept as it is.
        (json!({"displayName": " Zoë 日本 😀 "}), json!({"displayName": " Zoë 日本 😀 "})),
    ];
    for (sent, expected) in cases {
        let (made, unmapped) = canonical(sent.clone());
        assert_eq!(made, expected, "{sent}");
        assert_eq!(unmapped, Vec::<String>::new(), "{sent}");
        assert_eq!(canonical(made.clone()).0, made, "canonical stays canonical: {sent}");
    }
}

#[test]
fn what_no_schema_has() {
    let (made, unmapped) = canonical(json!({
        "userName": "a", "favourite": 1, "empty": "",
        "emails": [{"value": "x", "flag": 1}, {"value": "y", "flag": 2}],
        ENTERPRISE: {"department": "x", "desk": "7"},
        "urn:none:2.0:User": {"a": 1, "b": "", "c": [1]}, "urn:text": "x",
    }));
    let expected = json!({
        "userName": "a", "emails": [{"value": "x"}, {"value": "y"}], ENTERPRISE: {"department": "x"}
    });
    assert_eq!(made, expected);
    let desk = format!("{ENTERPRISE}:desk");
    let names = [
        "emails.flag",
        "favourite",
        &desk,
        "urn:none:2.0:User:a",
        "urn:none:2.0:User:c",
        "urn:text",
    ];
    assert_eq!(unmapped, names);
}

#[test]
fn what_is_refused() {
    let cases = [
        (json!({"active": "banana"}), "`active`: found the text `banana`, expected true or false"),
        (json!({"active": 1}), "`active`: found the number 1, expected true or false"),
        (json!({"userName": 7}), "`userName`: found the number 7, expected text"),
        (json!({"userName": {"a": 1}}), "`userName`: found an object, expected text"),
        (json!({"userName": ["a"]}), "`userName`: found a list, expected text"),
        (json!({"name": "Mia"}), "`name`: found the text `Mia`, expected an object"),
        (
            json!({"name": [{"givenName": "a"}, {"givenName": "b"}]}),
            "`name`: found a list, expected an object",
        ),
        (json!({"name": {"givenName": true}}), "`name.givenName`: found true, expected text"),
        (json!({"emails": [{"value": "a"}, true]}), "`emails[1]`: found true, expected an object"),
        (
            json!({"emails": [{"value": "a", "primary": "x"}]}),
            "`emails[0].primary`: found the text `x`, expected true or false",
        ),
        (
            json!({"addresses": ["Main Street 1"]}),
            "`addresses[0]`: found the text `Main Street 1`, expected an object",
        ),
        (json!({"password": 12345678}), "`password`: found a number, expected text"),
        (
            json!({ENTERPRISE: "x"}),
            &format!("`{ENTERPRISE}`: found the text `x`, expected an object of attributes"),
        ),
        (
            json!({ENTERPRISE: {"department": 7}}),
            &format!("`{ENTERPRISE}:department`: found the number 7, expected text"),
        ),
        (
            json!({BADGE: {"level": 1.5}}),
            &format!("`{BADGE}:level`: found the number 1.5, expected a whole number"),
        ),
        (
            json!({BADGE: {"level": "007"}}),
            &format!("`{BADGE}:level`: found the text `007`, expected a whole number"),
        ),
        (
            json!({BADGE: {"weight": "heavy"}}),
            &format!("`{BADGE}:weight`: found the text `heavy`, expected a number"),
        ),
        (
            json!({BADGE: {"issued": "2026-01-31"}}),
            &format!(
                "`{BADGE}:issued`: found the text `2026-01-31`, expected a dateTime with a zone such as `2026-01-31T12:00:00Z`"
            ),
        ),
        (
            json!({"x509Certificates": [{"value": "no base64!"}]}),
            "`x509Certificates[0].value`: found the text `no base64!`, expected base64",
        ),
        // R23.
        (
            json!({"emails": [{"value": "a", "primary": true}, {"value": "b", "primary": "true"}]}),
            "`emails`: found several elements that are `primary`, expected one at most",
        ),
    ];
    for (sent, expected) in cases {
        let error =
            Resource::canonical(sent.clone(), &user_type(), &mut Reading::default()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)), "{sent}");
        assert_eq!(error.detail, expected);
    }
    let error = Resource::canonical(json!([1]), &user_type(), &mut Reading::default()).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
}

#[test]
fn patterns_and_enforced_values() {
    let mut kind = user_type();
    let narrow = |attribute: &mut Attribute| match attribute.name.as_str() {
        "userName" | "password" => attribute.pattern = Some(regex::Regex::new("^[^@]+@").unwrap()),
        "userType" => {
            attribute.canonical_values = vec!["Employee".to_owned(), "Guest".to_owned()];
            attribute.enforced = true;
        }
        _ => {}
    };
    kind.schema.attributes.iter_mut().for_each(narrow);
    let read = |sent: Value| Resource::canonical(sent, &kind, &mut Reading::default());
    assert!(read(json!({"userName": "a@b", "userType": "Guest"})).is_ok());
    assert_eq!(
        read(json!({"userType": "guest"})).unwrap().as_value(),
        &json!({"userType": "Guest"})
    );
    let refused = [
        (
            json!({"userName": "a"}),
            "`userName`: found the text `a`, expected text that matches `^[^@]+@`",
        ),
        (
            json!({"password": "secret"}),
            "`password`: found a text, expected text that matches `^[^@]+@`",
        ),
        (
            json!({"userType": "Robot"}),
            "`userType`: found the text `Robot`, expected one of `Employee`, `Guest`",
        ),
    ];
    for (sent, expected) in refused {
        assert_eq!(read(sent).unwrap_err().detail, expected);
    }
}

/// A number with all its digits.
fn digits(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_member_is_known_by_its_value() {
    let kind = group_type();
    let read = |members: Value| {
        let sent = json!({"displayName": "x", "members": members});
        Resource::canonical(sent, &kind, &mut Reading::default())
    };
    for (members, expected) in [
        // Entra, Okta, lists of ids, nobody.
        (json!([{"$ref": null, "value": "77c1"}]), json!([{"value": "77c1"}])),
        (json!([{"value": "77c1", "display": "mia"}]), json!([{"value": "77c1"}])),
        (json!(["77c1", 42]), json!([{"value": "77c1"}, {"value": "42"}])),
        (json!("77c1"), json!([{"value": "77c1"}])),
        (json!([]), Value::Null),
        (json!(null), Value::Null),
        (json!(""), Value::Null),
    ] {
        let made = read(members.clone()).unwrap();
        assert_eq!(
            made.as_map().get("members").cloned().unwrap_or_default(),
            expected,
            "{members}"
        );
    }
    for broken in [
        json!({"value": null}),
        json!({"value": ""}),
        json!({"$ref": "https://gw.acme.example/scim/v2/Users/77c1"}),
        json!({"display": "mia"}),
        json!({}),
        json!(null),
        json!(""),
    ] {
        let error = read(json!([{"value": "5a01"}, broken])).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{broken}");
        assert_eq!(
            error.detail,
            "`members[1]`: found no `value`, expected the id of what is referred to"
        );
    }
}
