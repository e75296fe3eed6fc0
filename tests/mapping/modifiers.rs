//! What each modifier of a rule does to a change: which fields are sent, or why it is refused.

use scimshim::{
    mapping::{
        self,
        plan::Plan,
        translate::{Error, names::Names, read, units, write::Writer},
    },
    scim::{reading::Reading, resource::Resource},
};
use serde_json::{Value, json};

/// A mapping with this rule and these entries of `fields`.
fn source(rule: &str, fields: &str) -> String {
    format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }}, role: {{ type: text }} }}
upstream: {{ base_url: "https://{{tenant.role}}.example", auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login, required: true }}
      active: {{ field: on }}
      {rule}
{fields}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, call: "PATCH /u/{{key}}" }}]
      delete: {{ call: "DELETE /u/{{key}}" }}
"#
    )
}

fn plan(rule: &str, fields: &str) -> Plan {
    let loaded = mapping::load("t.yaml", &source(rule, fields));
    loaded.plan.unwrap_or_else(|| unreachable!("{rule}: {:#?}", loaded.findings))
}

/// What a change from the vendor's record to the client's resource comes to: the changed fields, or what
/// the client is told.
fn change(plan: &Plan, record: Value, after: Value) -> Result<Value, String> {
    let user = plan.resource("User").unwrap();
    let (tenant, now) = (json!({ "role": "staff" }), Value::Null);
    let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
    let mut whole = json!({ "id": 7, "login": "m", "on": true });
    whole.as_object_mut().unwrap().extend(record.as_object().unwrap().clone());
    let before = read::resource(user, &whole, &tenant, &Names::default()).unwrap().resource;
    let mut sent = json!({ "schemas": ["x"], "userName": "m", "active": true });
    sent.as_object_mut().unwrap().extend(after.as_object().unwrap().clone());
    let after = Resource::canonical(sent, &user.kind, &mut Reading::default()).unwrap();
    let said = |error| match error {
        Error::Refused(error) => error.detail,
        other => format!("{other:?}"),
    };
    let units = units::against(user, &writer, &whole, &before, &after).map_err(said)?;
    writer.changed(&units, &after, &whole).map_err(said)
}

#[test]
fn what_is_cleared_is_sent_as_the_rule_says() {
    let title = json!({ "title": "Boss" });
    let table = [
        // The rule, the record, what the client has, what is sent.
        ("title: { field: job }", title.clone(), Ok(json!({ "job": null }))),
        ("title: { field: job, clear: null }", title.clone(), Ok(json!({ "job": null }))),
        ("title: { field: job, clear: empty }", title.clone(), Ok(json!({ "job": "" }))),
        ("title: { field: job, clear: omit }", title.clone(), Ok(json!({}))),
        (
            "title: { field: job, clear: reject }",
            title.clone(),
            Err("`title` cannot be cleared at the vendor".to_owned()),
        ),
        ("title: { field: job, default: none }", title.clone(), Ok(json!({ "job": "none" }))),
        // What the default says instead is nothing that is refused.
        (
            "title: { field: job, clear: reject, default: none }",
            title.clone(),
            Ok(json!({ "job": "none" })),
        ),
        (
            "title: { field: job, default: \"{tenant.role}\" }",
            title.clone(),
            Ok(json!({ "job": "staff" })),
        ),
        ("title: { field: job, only: create }", title, Ok(json!({}))),
    ];
    for (rule, after, cleared) in table {
        let plan = plan(rule, "");
        for nothing in [json!({}), json!({ "title": "" }), json!({ "title": null })] {
            let found = change(&plan, json!({ "job": "Boss" }), nothing);
            assert_eq!(found, cleared, "{rule}");
        }
        // What is the same is no change, and neither is nothing where nothing was.
        assert_eq!(change(&plan, json!({ "job": "Boss" }), after), Ok(json!({})), "{rule}");
        assert_eq!(change(&plan, json!({}), json!({})), Ok(json!({})), "{rule}");
    }
}

#[test]
fn the_default_itself_is_a_value_that_a_client_can_send() {
    let plan = plan("title: { field: job, default: none }", "");
    let none = json!({ "title": "none" });
    assert_eq!(change(&plan, json!({}), none.clone()), Ok(json!({ "job": "none" })));
    assert_eq!(change(&plan, json!({ "job": "none" }), json!({})), Ok(json!({})));
    assert_eq!(change(&plan, json!({ "job": "Boss" }), none), Ok(json!({ "job": "none" })));
}

#[test]
fn lists_have_defaults_and_are_cleared_too() {
    let roles = |more: &str| {
        format!("roles: {{ field: roles, {more} element: {{ value: {{ field: id }} }} }}")
    };
    let table = [
        ("", json!({ "roles": null })),
        ("clear: empty,", json!({ "roles": [] })),
        ("default: guest,", json!({ "roles": [{ "id": "guest" }] })),
    ];
    for (more, cleared) in table {
        let plan = plan(&roles(more), "");
        let record = json!({ "roles": [{ "id": "admin" }] });
        assert_eq!(change(&plan, record, json!({})), Ok(cleared), "{more}");
    }
}

#[test]
fn what_cannot_change_is_ignored_or_refused() {
    let other = json!({ "title": "Chef" });
    let refused = Err("`title` cannot change once the resource is made".to_owned());
    let table = [
        ("title: { field: job, only: create }", refused.clone()),
        ("title: { field: job, only: create, if_changed: reject }", refused),
        ("title: { field: job, only: create, if_changed: ignore }", Ok(json!({}))),
    ];
    for (rule, expected) in table {
        let plan = plan(rule, "");
        assert_eq!(change(&plan, json!({ "job": "Boss" }), other.clone()), expected, "{rule}");
        let same = json!({ "title": "Boss" });
        assert_eq!(change(&plan, json!({ "job": "Boss" }), same), Ok(json!({})), "{rule}");
    }
}

#[test]
fn if_changed_is_about_what_is_sent_once() {
    let field = "name.givenName:  { field: first_name }";
    for (rule, idle) in [
        ("{ field: first_name, if_changed: reject }", true),
        ("{ read: record.first_name, if_changed: reject }", true),
        ("{ ignore: true, if_changed: ignore }", true),
        ("{ field: first_name, only: create, if_changed: reject }", false),
    ] {
        let told = "M217 error: `if_changed` does nothing without `only: create`";
        let found = crate::checks::found(&[(field, &format!("name.givenName: {rule}"))]);
        assert_eq!(found.iter().any(|found| found == told), idle, "{rule}: {found:?}");
        assert!(idle || found.is_empty(), "{rule}: {found:?}");
    }
}

#[test]
fn an_update_sends_the_defaults_of_what_it_knows_to_be_unassigned() {
    let rules = "title: { field: job, default: none }\n      password: { field: pw, direction: write, default: first }";
    let plan = plan(rules, "");
    let user = plan.resource("User").unwrap();
    let (tenant, now) = (json!({}), Value::Null);
    let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
    let sent = json!({ "schemas": ["x"], "userName": "m" });
    let sent = Resource::canonical(sent, &user.kind, &mut Reading::default()).unwrap();
    let fields = |creating| writer.fields(&sent, |_, _| true, creating).unwrap();
    assert_eq!(fields(true), json!({ "login": "m", "job": "none", "pw": "first" }));
    assert_eq!(fields(false), json!({ "login": "m", "job": "none" }));
}

#[test]
fn entries_of_fields_follow_the_attributes_that_they_are_written_from() {
    let fields = r#"    fields:
      label: { write: "resource.title == null ? null : upper(resource.title)" }
      urn: { write: "resource['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department" }
      first: { write: resource.userName, only: create }
      kind: { constant: person }"#;
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let rules = format!(
        "title: {{ field: job }}\n      nickName: {{ field: nick }}\n      {urn}:department: {{ field: dep }}"
    );
    let plan = plan(&rules, fields);
    let record = json!({ "job": "Boss", "nick": "m", "dep": "d" });
    let department = json!({ "department": "d" });
    let table = [
        (
            json!({ "title": "Chef", "nickName": "m", urn: department }),
            json!({ "job": "Chef", "label": "CHEF" }),
        ),
        (json!({ "nickName": "m", urn: department }), json!({ "job": null, "label": null })),
        (json!({ "title": "Boss", "nickName": "n", urn: department }), json!({ "nick": "n" })),
        (
            json!({ "title": "Boss", "nickName": "m", urn: { "department": "e" } }),
            json!({ "dep": "e", "urn": "e" }),
        ),
        (json!({ "title": "Boss", "nickName": "m", urn: department }), json!({})),
    ];
    for (after, changed) in table {
        assert_eq!(change(&plan, record.clone(), after.clone()), Ok(changed), "{after}");
    }
}

#[test]
fn a_constant_keeps_its_type_and_only_its_texts_are_templates() {
    let cases = [
        ("false", json!({ "kind": false })),
        ("7", json!({ "kind": 7 })),
        ("9007199254740993", json!({ "kind": 9_007_199_254_740_993_u64 })),
        ("\"7\"", json!({ "kind": "7" })),
        ("null", json!({ "kind": null })),
        ("[a, 1]", json!({ "kind": ["a", 1] })),
        (
            "{ notify: false, role: \"a {tenant.role}\" }",
            json!({ "kind": { "notify": false, "role": "a 3" } }),
        ),
        ("\"{tenant.role}\"", json!({ "kind": 3 })),
        ("\"{tenant.role == 3 ? null : 1}\"", json!({})),
    ];
    for (constant, sent) in cases {
        let plan = plan(
            "nickName: { field: nick }",
            &format!("    fields:\n      kind: {{ constant: {constant} }}"),
        );
        let user = plan.resource("User").unwrap();
        let (tenant, now) = (json!({ "role": 3 }), Value::Null);
        let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
        let made = writer.fields(&Resource::new(), |_, _| true, true).unwrap();
        assert_eq!(made, sent, "{constant}");
    }
}

#[test]
fn a_default_of_elements_has_the_type_of_their_values() {
    let rules = "roles:\n        field: seats\n        default: 5\n        element: { value: { field: . } }";
    let plan = plan(rules, "");
    let user = plan.resource("User").unwrap();
    let (tenant, now) = (json!({}), Value::Null);
    let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
    let made = writer.fields(&Resource::new(), |_, _| true, true).unwrap();
    assert_eq!(made, json!({ "seats": ["5"] }));
}

#[test]
fn what_reads_as_its_missing_has_nothing_to_clear() {
    let rules = [
        "title: { field: job, missing: none }",
        "title: { field: job, missing: none, clear: reject }",
        "title: { field: job, missing: none, default: none }",
        "title: { field: job, missing: \"{record.login}\" }",
    ];
    for rule in rules {
        let plan = plan(rule, "");
        for record in [json!({}), json!({ "job": null }), json!({ "job": "" })] {
            assert_eq!(change(&plan, record, json!({})), Ok(json!({})), "{rule}");
        }
    }
    let cleared = change(&plan(rules[0], ""), json!({ "job": "Boss" }), json!({}));
    assert_eq!(cleared, Ok(json!({ "job": null })));
}

#[test]
fn a_list_of_plain_values_is_a_set_where_it_is_unordered() {
    // The rule of a list of plain values, and whether another order of it is a change.
    let table = [
        ("field: floors", json!(["a", "b", "c"]), true),
        ("field: floors, unordered: true", json!(["a", "b", "c"]), false),
        (
            "field: floors, unordered: true, element: { value: { field: . } }",
            json!(["a", "b", "c"]),
            false,
        ),
        ("field: floors, convert: [{ split: \",\" }]", json!("a,b,c"), true),
        ("field: floors, convert: [{ split: \",\" }], unordered: true", json!("a,b,c"), false),
    ];
    let urn = "urn:acme:scim:schemas:extension:1.0:User";
    for (keys, present, ordered) in table {
        let schemas = format!(
            "schemas: {{ \"{urn}\": {{ attributes: {{ floors: {{ type: string, list: true }} }} }} }}"
        );
        let text = source(&format!("{urn}:floors: {{ {keys} }}"), "");
        let loaded =
            mapping::load("t.yaml", &text.replace("resources:", &format!("{schemas}\nresources:")));
        let plan = loaded.plan.unwrap_or_else(|| unreachable!("{keys}: {:#?}", loaded.findings));
        let sent = |floors: Value| json!({ urn: { "floors": floors } });
        let change = |floors| change(&plan, json!({ "floors": present }), sent(floors)).unwrap();
        assert_eq!(change(json!(["a", "b", "c"])), json!({}), "{keys}");
        assert_eq!(change(json!(["c", "a", "b"])) != json!({}), ordered, "{keys}");
        // What is more, less or another is a change of any list.
        for other in [json!(["a", "b"]), json!(["a", "b", "d"]), json!(["c", "b", "a", "d"])] {
            assert_ne!(change(other.clone()), json!({}), "{keys} {other}");
        }
    }
}
