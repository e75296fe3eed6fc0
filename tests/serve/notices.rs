//! What went well and is not as it should be: told of by attribute and line of the mapping, without a value.

use crate::{
    harness::{Folder, NEVER, Served},
    vendor::{self, Row},
};
use serde_json::{Value, json};

const MAPPING: &str = r#"
mapping: 1
name: test
evidence: assumed
tenant:
  url: { type: text }
  key: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}"
  auth: { bearer: { token: "{tenant.key}" } }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: email, convert: [lower] }
      nickName: { field: nick }
      title: { field: title, missing: Worker }
      displayName: { field: shown, lossy: the vendor shortens it }
      userType: { field: role, only: create }
      locale: { field: locale, direction: write }
      emails: { field: mails, element: { value: { field: address }, type: { field: kind } } }
      active: { field: state, values: { true: 1, false: 0 } }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users }
      find:
        - { filter: "userName eq {email}", call: GET /search, query: { email: "{email}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: change, call: "PATCH /users/{key}", record: . }
"#;

/// What no line may hold.
const PRIVATE: &str = "private@person.example";

const OLD: &str = r#"{ "id": "kept", "email": "old-private@person.example", "nick": "N", "title": "T",
    "state": 1, "mails": [{ "address": "a-private@person.example", "kind": "work" }] }"#;

const TABLE: &[Row] = &[
    ("GET /users/kept", 200, OLD),
    ("PATCH /users/kept", 200, OLD),
    (
        "GET /users/taken",
        200,
        r#"{ "id": "taken", "email": "old-private@person.example", "state": 1 }"#,
    ),
    (
        "PATCH /users/taken",
        200,
        r#"{ "id": "taken", "email": "private@person.example", "nick": "M", "state": 1, "mails": [
            { "address": "b-private@person.example", "kind": "work" },
            { "address": "own-private@person.example", "kind": "other" }] }"#,
    ),
    (
        "GET /users/odd",
        200,
        r#"{ "id": "odd", "email": "private@person.example", "state": "private@person.example" }"#,
    ),
    (
        "GET /users",
        200,
        r#"{ "users": [{ "id": "1", "email": "private@person.example", "state": 7 },
            { "id": "2", "email": "private@person.example", "state": 8 }] }"#,
    ),
    ("GET /search", 200, r#"{ "users": [] }"#),
    (
        "POST /users",
        200,
        r#"{ "id": "made", "email": "private@person.example", "nick": "other", "role": "other", "state": 1,
            "mails": [{ "address": "own-private@person.example", "kind": "other" }] }"#,
    ),
];

/// The attributes that lines with this message name in the next request, each with its rule's line; and that the
/// lines hold nobody's data.
fn told(served: &mut Served, message: &str) -> Vec<String> {
    let lines = served.lines_of_a_request();
    let text = lines.iter().map(Value::to_string).collect::<String>();
    assert!(!text.contains(PRIVATE), "{text}");
    let (request, notices) = lines.split_last().unwrap();
    let mut named = vec![];
    for line in notices {
        assert_eq!((&line["level"], &line["message"]), (&"WARN".into(), &message.into()), "{line}");
        assert_eq!(
            (&line["tenant"], &line["request_id"]),
            (&"acme".into(), &request["request_id"])
        );
        let attribute = line["attribute"].as_str().unwrap().to_owned();
        let rule = format!("{attribute}: {{");
        let at = MAPPING.lines().position(|text| text.trim_start().starts_with(&rule)).unwrap() + 1;
        assert!(line["place"].as_str().unwrap().contains(&format!("m.yaml:{at}:")), "{line}");
        named.push(attribute);
    }
    named
}

#[test]
fn a_change_that_the_record_does_not_show_is_told_and_counted() {
    let folder = Folder::new("unshown");
    folder.write("m.yaml", MAPPING);
    let mut served = Served::start(&folder, &[("acme", &vendor::scripted(TABLE))], NEVER);
    let mail = json!([{ "value": "b-private@person.example", "type": "work" }]);
    let rows = [
        ("kept", json!({ "userName": "private@person.example" }), vec!["userName"]),
        ("kept", json!({ "nickName": "M", "emails": mail }), vec!["nickName", "emails"]),
        ("kept", json!({ "nickName": null }), vec!["nickName"]),
        // As the rule has it, not as it was sent.
        ("taken", json!({ "userName": "PRIVATE@person.example", "nickName": "M" }), vec![]),
        // What the vendor has beside it is its own.
        ("taken", json!({ "emails": mail }), vec![]),
        // What need not come back as it was sent.
        ("kept", json!({ "displayName": "D", "locale": "de", "title": null }), vec![]),
    ];
    for (user, value, expected) in rows {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": value }],
        });
        let line = format!("PATCH /scim/v2/Users/{user}");
        let (status, answer) = served.send(served.port, "token-of-acme", &line, &body.to_string());
        assert_eq!(status, 200, "{value}: {answer}");
        assert_eq!(told(&mut served, "change not shown"), expected, "{user} {value}");
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "Private@person.example", "nickName": "M", "emails": mail, "userType": "M",
    });
    let (status, answer) =
        served.send(served.port, "token-of-acme", "POST /scim/v2/Users", &body.to_string());
    assert_eq!(status, 201, "{answer}");
    assert_eq!(told(&mut served, "change not shown"), ["nickName", "emails", "userType"]);

    let metrics = served.metrics();
    for (attribute, times) in [("userName", 1), ("nickName", 3), ("emails", 2)] {
        let line = format!(
            r#"scimshim_unshown_changes_total{{attribute="{attribute}",tenant="acme"}} {times}"#
        );
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
}

#[test]
fn a_value_that_is_left_out_is_told_once_a_request() {
    let folder = Folder::new("left-out");
    folder.write("m.yaml", MAPPING);
    let mut served = Served::start(&folder, &[("acme", &vendor::scripted(TABLE))], NEVER);
    for (path, counted) in [("/Users/odd", 1), ("/Users", 3)] {
        let (status, answer) = served.scim("token-of-acme", path);
        assert!(status == 200 && !answer.contains("active"), "{status} {answer}");
        assert_eq!(told(&mut served, "vendor value left out"), ["active"], "{path}");
        let line = format!(
            r#"scimshim_unreadable_values_total{{attribute="active",tenant="acme"}} {counted}"#
        );
        let metrics = served.metrics();
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
}
