//! `okta`: what an admin types into the profile editor, and what Okta's API takes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that panics has failed, and says where"
)]

use serde_json::{Value, json};
use std::process::Command;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const WORKSTYLE: &str = "urn:ietf:params:scim:schemas:extension:wsos:2.0:User";

/// Exit code, stdout, stderr.
fn okta(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_scimshim"))
        .arg("okta")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What `okta` makes of a mapping with this name and text.
fn of_text(name: &str, text: &str, arguments: &[&str]) -> (i32, String, String) {
    let file = std::env::temp_dir().join(format!("scimshim-profile-{name}-{}", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let path = file.display().to_string();
    let all: Vec<&str> = std::iter::once(path.as_str()).chain(arguments.iter().copied()).collect();
    let outcome = okta(&all);
    std::fs::remove_file(&file).unwrap();
    outcome
}

/// The cells of the row with this external name.
fn row<'t>(table: &'t str, external_name: &str) -> Vec<&'t str> {
    let cells = |line: &'t str| -> Vec<&'t str> {
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
    };
    let found = table.lines().map(cells).find(|cells| cells.get(2) == Some(&external_name));
    found.unwrap_or_else(|| panic!("no row of {external_name} in\n{table}"))
}

/// ACALL's guide tells an admin which attributes to add, under which namespace and which external name.
#[test]
fn the_table_of_acall_is_that_of_its_guide() {
    let (code, table, _) = okta(&["mappings/acall.yaml"]);
    assert_eq!(code, 0);
    for (external_name, namespace, title, required) in [
        ("userName", CORE, "Username", "yes"),
        ("name.familyName", CORE, "Family name", "yes"),
        ("name.givenName", CORE, "Given name", "yes"),
        ("accounts.^[type=='slack'].value", CORE, "Slack account", "no"),
        ("accounts.^[type=='google'].value", CORE, "Google account", "no"),
        ("roles.^[primary==true].value", CORE, "Primary role", "no"),
        ("displayName", CORE, "Display name", "no"),
        ("name.familyNamePhonetic", WORKSTYLE, "Family name phonetic", "no"),
        ("name.givenNamePhonetic", WORKSTYLE, "Given name phonetic", "no"),
        ("name.additionalInformation", WORKSTYLE, "Additional information", "no"),
    ] {
        let row = row(&table, external_name);
        assert_eq!((row[0], row[3], row[6]), (title, namespace, required), "{row:?}");
    }
    assert_eq!(row(&table, "roles.^[primary==true].value")[5], "admin, general");
    assert!(table.contains("without an attribute of the profile: active, externalId\n"), "{table}");
}

/// Every kind of rule, and every way to be left out.
const ALL: &str = r#"
mapping: 1
name: all
title: All of it
evidence: assumed
upstream: { base_url: "https://v.example", auth: { bearer: { token: "{tenant.token}" } } }
tenant: { token: { type: text, secret: true } }
schemas:
  urn:acme:User:
    attributes:
      size: { type: string, one_of: [S, M], about: Of the shirt }
      seats: { type: integer }
      rate: { type: decimal }
      remote: { type: boolean }
      tags: { type: string, list: true }
      title: { type: string }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      active: { field: on, default: "true" }
      password: { field: secret, direction: write }
      nickName: { ignore: true }
      userType: { constant: staff }
      locale: { reject: true }
      profileUrl: { field: url, direction: read }
      title: { field: job, only: create }
      emails.[1].value: { field: second }
      photos:
        field: photos
        element: { value: { field: url }, type: { field: kind }, primary: { field: main } }
      urn:acme:User:size: { field: size }
      urn:acme:User:seats: { field: seats }
      urn:acme:User:rate: { field: rate }
      urn:acme:User:remote: { field: remote }
      urn:acme:User:tags: { field: tags }
      urn:acme:User:title: { field: other_title }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { page: { param: page } } }
      find: [{ filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }]
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
"#;

const TABLE: &str = "\
All of it: the users' profile of its app in Okta

To be added in the profile editor:

  display name        variable name     external name                   external namespace                          data type     enum  required  mutability  attribute type
  Email 2             email2            emails.[1].value                urn:ietf:params:scim:schemas:core:2.0:User  string        -     no        READ_WRITE  Personal
  Primary photo       primaryPhoto      photos.^[primary==true].value   urn:ietf:params:scim:schemas:core:2.0:User  string        -     no        READ_WRITE  Personal
  Primary photo type  primaryPhotoType  photos.^[primary==true].type    urn:ietf:params:scim:schemas:core:2.0:User  string        -     no        READ_WRITE  Personal
  Size                size              size                            urn:acme:User                               string        S, M  no        READ_WRITE  Group
  Seats               seats             seats                           urn:acme:User                               integer       -     no        READ_WRITE  Personal
  Rate                rate              rate                            urn:acme:User                               number        -     no        READ_WRITE  Personal
  Remote              remote            remote                          urn:acme:User                               boolean       -     no        READ_WRITE  Personal
  Tags                tags              tags                            urn:acme:User                               string array  -     no        READ_WRITE  Group
  Title               title2            title                           urn:acme:User                               string        -     no        READ_WRITE  Personal

There from the start, in an app made from one of Okta's SCIM templates:

  display name  variable name  external name  external namespace                          data type  enum  required  mutability  attribute type
  Username      userName       userName       urn:ietf:params:scim:schemas:core:2.0:User  string     -     yes       READ_WRITE  Personal
  Profile Url   profileUrl     profileUrl     urn:ietf:params:scim:schemas:core:2.0:User  string     -     no        READ_ONLY   Personal
  Title         title          title          urn:ietf:params:scim:schemas:core:2.0:User  string     -     no        IMMUTABLE   Personal

Okta sends without an attribute of the profile: active, password
Not in a profile: nickName (ignored)
Not in a profile: userType (always the same)
Not in a profile: locale (refused)

Okta never sends an attribute without an external namespace, nor one that nothing is mapped to.
";

#[test]
fn every_kind_of_rule_has_its_row_or_its_reason() {
    let (code, table, err) = of_text("all", ALL, &[]);
    assert_eq!(code, 0, "{table}{err}");
    let bare = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(bare(&table), bare(TABLE), "{table}");
    // The columns begin at one place, line by line.
    let at = |line: &str, cell: &str| line.find(cell).unwrap();
    let head = table.lines().find(|line| line.contains("display name")).unwrap();
    let seats = table.lines().find(|line| line.contains("Seats")).unwrap();
    assert_eq!(at(head, "external namespace"), at(seats, "urn:acme:User"));
    assert_eq!(at(head, "data type"), at(seats, "integer"));
}

/// The shape that `POST /api/v1/meta/schemas/apps/{appId}/default` takes: what is to be added, and nothing that an
/// app has already.
#[test]
fn the_schema_is_what_oktas_api_takes() {
    let (code, printed, err) = of_text("schema", ALL, &["--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let schema: Value = serde_json::from_str(&printed).unwrap();
    let custom = &schema["definitions"]["custom"];
    assert_eq!((&custom["id"], &custom["type"]), (&json!("#custom"), &json!("object")));
    let names: Vec<&String> = custom["properties"].as_object().unwrap().keys().collect();
    let added = [
        "email2",
        "primaryPhoto",
        "primaryPhotoType",
        "rate",
        "remote",
        "seats",
        "size",
        "tags",
        "title2",
    ];
    assert_eq!(names, added);
    let property = |name: &str, expected: Value| assert_eq!(custom["properties"][name], expected);
    property(
        "size",
        json!({
            "title": "Size", "description": "Of the shirt", "type": "string",
            "externalName": "size", "externalNamespace": "urn:acme:User",
            "required": false, "mutability": "READ_WRITE", "scope": "NONE",
            "enum": ["S", "M"], "oneOf": [{ "const": "S", "title": "S" }, { "const": "M", "title": "M" }],
        }),
    );
    property(
        "tags",
        json!({
            "title": "Tags", "type": "array", "items": { "type": "string" },
            "externalName": "tags", "externalNamespace": "urn:acme:User",
            "required": false, "mutability": "READ_WRITE", "scope": "NONE",
        }),
    );
    for (name, kind) in [("seats", "integer"), ("rate", "number"), ("remote", "boolean")] {
        let found = &custom["properties"][name];
        assert_eq!((&found["type"], &found["scope"]), (&json!(kind), &json!("SELF")), "{name}");
    }
    assert_eq!(schema.as_object().unwrap().len(), 1);
}

#[test]
fn what_gives_no_table_says_why() {
    let groups = "mapping: 1\nname: g\nevidence: assumed\nupstream: { base_url: \"https://v.example\", auth: { bearer: { token: \"{tenant.t}\" } } }\ntenant: { t: { type: text, secret: true } }\nresources:\n  Group:\n    key: id\n    match: [displayName]\n    attributes: { displayName: { field: name, required: true } }\n    operations:\n      get: { call: \"GET /g/{key}\", record: . }\n      list: { call: GET /g, items: g, paging: { page: { param: page } } }\n      find: [{ filter: \"displayName eq {n}\", call: GET /g, query: { n: \"{n}\" }, items: g }]\n      create: { call: POST /g, record: . }\n      update: [{ name: change, call: \"PATCH /g/{key}\", record: . }]\n      delete: { call: \"DELETE /g/{key}\" }\n";
    let (code, _, err) = of_text("groups", groups, &[]);
    assert!(code == 1 && err.contains("serves no User"), "{code} {err}");
    let (code, _, err) = of_text("wrong", "mapping: 1\nname: x\n", &[]);
    assert!(code == 2 && err.contains("error[M103]"), "{code} {err}");
    let (code, _, err) = okta(&["mappings/nowhere.yaml"]);
    assert!(code == 1 && err.contains("mappings/nowhere.yaml"), "{code} {err}");
}
