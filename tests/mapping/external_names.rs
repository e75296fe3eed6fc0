//! Okta's external names as admins write them: each is parsed, written to its own vendor field, and
//! read back with the `type` or `primary` that a client looks it up by.

use proptest::prelude::*;
use scimshim::{
    mapping::{
        self,
        path::RulePath,
        plan::Plan,
        translate::{names::Names, read, units, write::Writer},
    },
    scim::{reading::Reading, resource::Resource},
};
use serde_json::{Value, json};

const OWN: &str = "urn:ietf:params:scim:schemas:extension:wsos:2.0:User";

/// The external name, and the core attribute that Okta's profile sends for it.
fn names() -> Vec<(&'static str, Value)> {
    let element = |list: &str, element: Value| json!({ list: [element] });
    let kind = |list: &str, kind: &str| element(list, json!({ "type": kind, "value": "V" }));
    let primary =
        |list: &str, sub: &str, is: bool| element(list, json!({ "primary": is, sub: "V" }));
    vec![
        ("accounts.^[type=='slack'].value", kind("accounts", "slack")),
        ("accounts.^[type=='google'].value", kind("accounts", "google")),
        ("roles.^[primary==true].value", primary("roles", "value", true)),
        ("roles.^[primary=='true'].value", primary("roles", "value", true)),
        ("phoneNumbers.^[type=='sms'].value", kind("phoneNumbers", "sms")),
        ("phoneNumbers.^[type=='Dialpad'].value", kind("phoneNumbers", "Dialpad")),
        ("phoneNumbers.^[type=='work'].value", kind("phoneNumbers", "work")),
        ("phoneNumbers.^[primary==true].value", primary("phoneNumbers", "value", true)),
        ("phoneNumbers.^[primary==true].type", primary("phoneNumbers", "type", true)),
        ("phoneNumbers.^[primary==false].value", primary("phoneNumbers", "value", false)),
        ("emails.^[primary==true].value", primary("emails", "value", true)),
        ("emails.^[primary==true].type", primary("emails", "type", true)),
        ("emails.^[primary==false].value", primary("emails", "value", false)),
        ("emails.^[primary==false].type", primary("emails", "type", false)),
        ("photos.^[type=='photo'].value", kind("photos", "photo")),
        ("photos.^[type==photo].value", kind("photos", "photo")),
        ("entitlements.^[type=='WORKSPACE_IDS'].value", kind("entitlements", "WORKSPACE_IDS")),
        ("roles.^[type=='Administrator'].value", kind("roles", "Administrator")),
        ("roles.^[type=='seatType'].value", kind("roles", "seatType")),
        ("roles.^[type=='slot1'].value", kind("roles", "slot1")),
        ("roles.^[type=='slot2'].value", kind("roles", "slot2")),
        ("roles.^[type=='LICENSED_USER'].value", kind("roles", "LICENSED_USER")),
        ("roles.^[type=='Primary'].value", kind("roles", "Primary")),
        ("roles.^[type=='additional'].value", kind("roles", "additional")),
        ("roles.^[type=='projManager'].value", kind("roles", "projManager")),
        ("emails.[1].type", json!({ "emails": [{ "type": "U" }, { "type": "V" }] })),
        (
            "emails.[2].value",
            json!({ "emails": [{ "value": "a" }, { "value": "b" }, { "value": "V" }] }),
        ),
        (
            "urn:ietf:params:scim:schemas:extension:wsos:2.0:User:name.familyNamePhonetic",
            json!({ OWN: { "name": { "familyNamePhonetic": "V" } } }),
        ),
    ]
}

fn mapping_text(name: &str) -> String {
    let quoted = name.replace('"', "\\\"");
    format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }} }}
upstream: {{ base_url: https://v.example, auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
schemas:
  urn:ietf:params:scim:schemas:core:2.0:User:
    attributes: {{ accounts: {{ list: true, attributes: {{ value: {{ type: string }}, type: {{ type: string }} }} }} }}
  {OWN}:
    attributes: {{ name: {{ attributes: {{ familyNamePhonetic: {{ type: string }} }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login }}
      active: {{ field: on }}
      "{quoted}": {{ field: slot }}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, call: "PATCH /u/{{key}}" }}]
"#
    )
}

fn plan(name: &str) -> Plan {
    let loaded = mapping::load("t.yaml", &mapping_text(name));
    assert_eq!(loaded.findings, [], "{name}");
    loaded.plan.unwrap()
}

#[test]
fn every_external_name_is_written_and_echoed() {
    let names = names();
    assert_eq!(names.len(), 28);
    for (name, attribute) in names {
        let plan = plan(name);
        let user = &plan.resources[0];
        let (tenant, now) = (json!({}), Value::Null);
        let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
        let mut sent = attribute.clone();
        sent["schemas"] = json!(["x"]);
        sent["userName"] = json!("m");
        let sent = Resource::canonical(sent, &user.kind, &mut Reading::default()).unwrap();
        let mut record = writer.fields(&sent, |_, _| true, true).unwrap();
        assert_eq!(record, json!({ "login": "m", "slot": "V" }), "{name}");
        record["id"] = json!(7);
        let read = read::resource(user, &record, &tenant, &Names::default()).unwrap().resource;
        // A position counts from what is there: elements that nobody maps are not invented.
        if !name.contains(".[") {
            for (member, value) in attribute.as_object().unwrap() {
                assert_eq!(&read.as_value()[member], value, "{name}");
            }
            assert_eq!(units::between(user, &writer, &read, &sent).unwrap(), [], "{name}");
        } else {
            assert!(read.as_value()["emails"].to_string().contains("\"V\""), "{name}");
        }
    }
}

/// The findings of a mapping with these rules.
fn found(rules: &str) -> Vec<String> {
    let text = mapping_text("nickName").replace("\"nickName\": { field: slot }", rules);
    let loaded = mapping::load("t.yaml", &text);
    loaded.findings.iter().map(|one| format!("{}: {}", one.code, one.message)).collect()
}

#[test]
fn two_spellings_of_one_place_are_one_attribute() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let own = "urn:ietf:params:scim:schemas:extension:wsos:2.0:User:name";
    let table = [
        ("title", "TITLE".to_owned(), "title"),
        ("title", format!("{core}:title"), "title"),
        ("name.givenName", format!("{core}:Name.GivenName"), "name.givenName"),
        (
            "\"roles.^[primary==true]\"",
            "\"roles[primary eq 'True'].value\"".to_owned(),
            "roles.^[primary==true].value",
        ),
        (
            "\"accounts.^[type==slack].value\"",
            "\"ACCOUNTS.^[ Type == \u{2018}slack\u{2019} ]\"".to_owned(),
            "accounts.^[type=='slack'].value",
        ),
        (
            "\"urn:ietf:params:scim:schemas:extension:WSOS:2.0:user:name.familyNamePhonetic\"",
            format!("\"{own}.FAMILYNAMEPHONETIC\""),
            "urn:ietf:params:scim:schemas:extension:wsos:2.0:User:name.familyNamePhonetic",
        ),
    ];
    for (one, other, canonical) in table {
        let rules = format!("{one}: {{ field: a }}\n      {other}: {{ field: b }}");
        assert_eq!(found(&rules), [format!("M202: `{canonical}` has a rule already")], "{rules}");
    }
}

proptest! {
    /// Whatever stands in Okta's field: it is a path, or the finding says what is wrong.
    #[test]
    fn any_text_is_a_path_or_says_why_not(
        text in "(accounts|emails|name|urn:x:y|\\.|\\^|\\[|\\]|==|'|\"|type|value|:|\\$|\\?| |[0-9]|\u{2019}|\u{e9}){0,16}",
    ) {
        match RulePath::parse(&text) {
            Ok(path) => prop_assert_eq!(RulePath::parse(&path.to_string()), Ok(path)),
            Err(why) => prop_assert!(!why.is_empty()),
        }
    }
}
