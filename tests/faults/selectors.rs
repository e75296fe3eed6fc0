//! One element of a list is what a person is known by: creates look for it, and clients' filters are the vendor's.

use crate::harness::{Vendor, World, detail, http, json_answer, user};
use scimshim::{mapping, scim::profile::Profile};
use serde_json::{Value, json};
use std::sync::Arc;

const MAPPING: &str = r#"
mapping: 1
name: faulty
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}/api"
  auth: { bearer: { token: "{tenant.token}" } }
resources:
  User:
    key: id
    match: ["emails.^[primary=='true'].value"]
    attributes:
      userName: { field: login, required: true }
      emails.^[primary==true].value: { field: mail }
      emails.^[primary==true].type: { constant: work }
      addresses.^[type=='work'].locality: { field: town }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find:
        - { filter: "emails[primary eq true].value eq {mail}", call: GET /users, query: { mail: "{mail}" }, items: users, paging: none }
        - { filter: "addresses[type eq 'work'].locality eq {town}", call: GET /users, query: { town: "{town}" }, items: users, paging: none }
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users, paging: none }
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
"#;

/// A vendor that ignores every filter.
async fn everybody(users: Value) -> Vendor {
    let list = json!({ "users": users });
    Vendor::new(Arc::new(move |line, _| match line {
        "POST /api/users" => {
            json_answer(&json!({ "id": 9, "login": "mia", "mail": "mia@acme.example" }))
        }
        line if line.starts_with("GET /api/users?") || line == "GET /api/users" => {
            json_answer(&list)
        }
        _ => http(404, "", "{}"),
    }))
    .await
}

fn mia(emails: Value) -> Value {
    let mut one = user("mia");
    one.as_object_mut().unwrap().insert("emails".to_owned(), emails);
    one
}

#[tokio::test]
async fn a_create_looks_for_the_element_that_match_selects() {
    let work = json!([{ "value": "mia@acme.example", "primary": true }]);
    let unmarked = json!([{ "value": "mia@acme.example" }, { "value": "other@acme.example" }]);
    let second = json!([{ "value": "other@acme.example" }, { "value": "MIA@acme.example", "primary": true }]);
    let there = json!([{ "id": 7, "login": "m", "mail": "mia@acme.example" }, { "id": 8, "login": "o", "mail": "other@acme.example" }]);
    let elsewhere = json!([{ "id": 7, "login": "m", "mail": "who@acme.example" }]);
    let twice = json!([{ "id": 7, "login": "m", "mail": "mia@acme.example" }, { "id": 8, "login": "o", "mail": "Mia@acme.example" }]);
    let rows = [
        (&work, &there, 409, "`emails.^[primary==true].value` is taken"),
        (&unmarked, &there, 409, "is taken"),
        (&second, &there, 409, "is taken"),
        (&work, &twice, 409, "more than one record"),
        (&work, &elsewhere, 201, ""),
    ];
    for (emails, users, status, told) in rows {
        let vendor = everybody(users.clone()).await;
        let world = World::of(MAPPING, &vendor.url, Profile::Strict);
        let wire = world.send("POST", "/Users", &mia(emails.clone())).await;
        assert_eq!(wire.status, status, "{emails}: {}", detail(&wire));
        assert!(detail(&wire).contains(told), "{}", detail(&wire));
        let asked = vendor.asked();
        assert!(
            asked[0].to_lowercase().starts_with("get /api/users?mail=mia%40acme.example"),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn a_filter_that_selects_is_the_vendors_search() {
    let users = json!([{ "id": 7, "login": "mia", "mail": "mia@acme.example", "town": "Oslo" }]);
    let by_mail = "GET /api/users?mail=mia%40acme.example";
    let by_town = "GET /api/users?town=Oslo";
    let rows = [
        (r#"emails[primary eq true].value eq "mia@acme.example""#, by_mail, 1),
        (r#"emails[primary eq true and value eq "mia@acme.example"]"#, by_mail, 1),
        (
            r#"emails[value eq "mia@acme.example" and primary eq true and type eq "work"]"#,
            by_mail,
            1,
        ),
        (
            r#"emails[value eq "mia@acme.example" and primary eq true and type eq "home"]"#,
            by_mail,
            0,
        ),
        (r#"Emails[Primary eq true].Value eq "mia@acme.example" and userName sw "z""#, by_mail, 0),
        (r#"addresses[type eq "Work"].locality eq "Oslo""#, by_town, 1),
        (r#"addresses[type eq "work" and locality eq "Oslo" and type eq "home"]"#, by_town, 0),
        // None of these is among the vendor's.
        (r#"emails.value eq "mia@acme.example""#, "GET /api/users", 1),
        (r#"emails[type eq "work"].value eq "mia@acme.example""#, "GET /api/users", 1),
        (r#"emails[primary ne true].value eq "mia@acme.example""#, "GET /api/users", 0),
        (r#"addresses[type eq "work"].locality co "Os""#, "GET /api/users", 1),
    ];
    for (filter, expected, found) in rows {
        let vendor = everybody(users.clone()).await;
        let world = World::of(MAPPING, &vendor.url, Profile::Strict);
        let encoded = filter.replace(' ', "%20").replace('"', "%22");
        let wire = world.send("GET", &format!("/Users?filter={encoded}"), &Value::Null).await;
        assert_eq!(wire.status, 200, "{filter}: {}", detail(&wire));
        assert_eq!(vendor.asked(), [expected], "{filter}");
        assert_eq!(wire.body.unwrap()["totalResults"], found, "{filter}");
    }
}

/// A search at any element finds no fewer than one at the selected one; a rule for the whole list translates both.
#[tokio::test]
async fn a_search_of_all_elements_serves_one_of_them() {
    let one = "      emails.^[primary==true].value: { field: mail }\n      emails.^[primary==true].type: { constant: work }\n";
    let all = "      emails: { field: mails, element: { value: { field: at }, primary: { field: main } } }\n";
    let mapping = MAPPING
        .replace(one, all)
        .replace("emails[primary eq true].value eq {mail}", "emails.value eq {mail}");
    let users =
        json!([{ "id": 7, "login": "mia", "mails": [{ "at": "mia@acme.example", "main": true }] }]);
    for selecting in [false, true] {
        let mapping = match selecting {
            true => mapping.replace("emails.value eq", "emails[primary eq true].value eq"),
            false => mapping.clone(),
        };
        let vendor = everybody(users.clone()).await;
        let world = World::of(&mapping, &vendor.url, Profile::Strict);
        let emails = json!([{ "value": "mia@acme.example", "primary": true }]);
        let wire = world.send("POST", "/Users", &mia(emails)).await;
        assert_eq!(wire.status, 409, "{}", detail(&wire));
        assert_eq!(vendor.asked(), ["GET /api/users?mail=mia%40acme.example"]);
    }
}

#[test]
fn what_no_find_serves_is_a_finding_with_its_selector() {
    let find = "        - { filter: \"emails[primary eq true].value eq {mail}\", call: GET /users, query: { mail: \"{mail}\" }, items: users, paging: none }\n";
    let findings = mapping::load("m.yaml", &MAPPING.replace(find, "")).findings;
    let said = findings.iter().find(|finding| finding.code == "M503").unwrap();
    assert_eq!(
        said.message,
        "`match` by `emails.^[primary==true].value`: no find serves it, and it is not kept"
    );
}
