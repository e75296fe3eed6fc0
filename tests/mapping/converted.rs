//! `convert` beside `element`: a list of elements that is one value at the vendor, both ways.

use crate::checks::found;
use scimshim::{
    mapping::{
        self,
        plan::Plan,
        translate::{Error, names::Names, read, unit::Unit, units, write::Writer},
    },
    scim::{reading::Reading, resource::Resource},
};
use serde_json::{Value, json};

const URN: &str = "urn:acme:scim:schemas:extension:1.0:User";

/// A mapping with these rules beside userName; `words` is a list of plain values.
fn plan(rules: &str) -> Plan {
    let text = format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }} }}
upstream: {{ base_url: "https://acme.example", auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
schemas: {{ "{URN}": {{ attributes: {{ words: {{ type: string, list: true }} }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login, required: true }}
      active: {{ field: on }}
      {rules}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, call: "PATCH /u/{{key}}" }}]
      delete: {{ call: "DELETE /u/{{key}}" }}
"#
    );
    let loaded = mapping::load("t.yaml", &text);
    loaded.plan.unwrap_or_else(|| unreachable!("{rules}: {:#?}", loaded.findings))
}

fn read(plan: &Plan, record: &Value) -> (Resource, usize) {
    let user = plan.resource("User").unwrap();
    let read = read::resource(user, record, &json!({}), &Names::default()).unwrap();
    (read.resource, read.unreadable.len())
}

fn sent(plan: &Plan, more: Value) -> Resource {
    let mut sent = json!({ "schemas": ["x"], "userName": "m" });
    sent.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let kind = &plan.resource("User").unwrap().kind;
    Resource::canonical(sent, kind, &mut Reading::default()).unwrap()
}

/// What a create sends.
fn made(plan: &Plan, more: Value) -> Result<Value, Error> {
    let writer = |writer: &Writer<'_>| writer.fields(&sent(plan, more), |_, _| true, true);
    writing(plan, writer)
}

/// What an update of the record sends.
fn changed(plan: &Plan, record: &Value, more: Value) -> Value {
    let (before, _) = read(plan, record);
    let after = sent(plan, more);
    writing(plan, |writer| {
        let units: Vec<Unit> = units::against(writer.plan, writer, record, &before, &after)?;
        writer.changed(&units, &after, record)
    })
    .unwrap()
}

fn writing<T>(plan: &Plan, write: impl FnOnce(&Writer<'_>) -> T) -> T {
    let user = plan.resource("User").unwrap();
    let (tenant, now) = (json!({}), Value::Null);
    write(&Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() })
}

const WORDS: &str = "field: Groups, unordered: true, convert: [{ split: \",\" }], clear: empty, element: { value: { field: ., convert: [trim] } }";

#[test]
fn a_text_is_a_list_of_plain_values() {
    let plan = plan(&format!("{URN}:words: {{ {WORDS} }}"));
    let words = |words: Value| json!({ URN: { "words": words } });
    let record = |text: Value| json!({ "id": 7, "login": "m", "Groups": text });
    for (vendor, list) in [
        (json!("sales, emea"), json!(["sales", "emea"])),
        (json!("sales"), json!(["sales"])),
        (json!(" , "), Value::Null),
        (json!(""), Value::Null),
        (Value::Null, Value::Null),
    ] {
        let (resource, unreadable) = read(&plan, &record(vendor.clone()));
        let found = resource.as_value().pointer(&format!("/{URN}/words")).cloned();
        assert_eq!((found.unwrap_or_default(), unreadable), (list, 0), "{vendor}");
    }
    let (_, unreadable) = read(&plan, &record(json!({ "a": 1 })));
    assert_eq!(unreadable, 1);

    assert_eq!(made(&plan, words(json!([" sales", "emea"]))).unwrap()["Groups"], "sales,emea");
    assert_eq!(made(&plan, json!({})).unwrap().get("Groups"), None);
    // What the vendor would take for two is told, and nothing is written.
    let why = match made(&plan, words(json!(["sales, emea"]))).unwrap_err() {
        Error::Refused(refusal) => refusal.detail,
        other => format!("{other:?}"),
    };
    assert!(why.contains("words") && why.contains("no value may hold `,`"), "{why}");

    let present = record(json!("sales, emea"));
    for (list, expected) in [
        (json!(["sales", "emea"]), json!({})),
        (json!(["emea", "sales"]), json!({})),
        (json!(["sales", "emea", "apac"]), json!({ "Groups": "sales,emea,apac" })),
        (json!(["emea"]), json!({ "Groups": "emea" })),
        (json!([]), json!({ "Groups": "" })),
    ] {
        assert_eq!(changed(&plan, &present, words(list.clone())), expected, "{list}");
    }
}

#[test]
fn a_text_of_json_is_a_list_of_objects_and_each_keeps_what_no_rule_knows() {
    let rule = |kind: &str, more: &str| {
        format!(
            "{kind}: {{ field: held, convert: [json], {more} element: {{ value: {{ field: v }} }} }}"
        )
    };
    let plan = plan(&format!(
        "{}\n      {}",
        rule("emails", "where: { kind: mail },"),
        rule("ims", "where: { kind: im },")
    ));
    let held = r#"[{"kind":"mail","v":"a@x","n":1},{"kind":"im","v":"i"},{"kind":"fax","v":"f"}]"#;
    let record = json!({ "id": 7, "login": "m", "held": held });
    let (resource, unreadable) = read(&plan, &record);
    assert_eq!(unreadable, 0);
    assert_eq!(resource.as_value()["emails"], json!([{ "value": "a@x" }]));
    assert_eq!(resource.as_value()["ims"], json!([{ "value": "i" }]));

    let both =
        json!({ "emails": [{ "value": "a@x" }, { "value": "b@x" }], "ims": [{ "value": "i" }] });
    let sends = |fields: Value| -> Value {
        serde_json::from_str(fields["held"].as_str().unwrap()).unwrap()
    };
    assert_eq!(
        sends(changed(&plan, &record, both.clone())),
        json!([
            { "kind": "im", "v": "i" }, { "kind": "fax", "v": "f" },
            { "kind": "mail", "v": "a@x", "n": 1 }, { "kind": "mail", "v": "b@x" },
        ])
    );
    // Two rules that share a text share what a create sends.
    assert_eq!(
        sends(made(&plan, both).unwrap()),
        json!([
            { "kind": "mail", "v": "a@x" }, { "kind": "mail", "v": "b@x" },
            { "kind": "im", "v": "i" },
        ])
    );
    // An emptied part leaves the others where they are.
    let none = json!({ "ims": [{ "value": "i" }] });
    assert_eq!(
        sends(changed(&plan, &record, none)),
        json!([{ "kind": "im", "v": "i" }, { "kind": "fax", "v": "f" }])
    );
}

#[test]
fn what_makes_no_list_is_told() {
    let known = "name.givenName:  { field: first_name }";
    for (keys, expected) in [
        (
            "convert: [{ split: \",\" }], element: { value: { field: v } }",
            "M216 error: split `,` beside `element` cuts a text into texts, and its elements have fields",
        ),
        (
            "convert: [lower], element: { value: { field: . } }",
            "M216 error: lower beside `element` is of single values, and this is a list",
        ),
        (
            "lookup: office, element: { value: { field: v } }",
            "M217 error: `lookup` does nothing beside `element`",
        ),
        (
            "refers: User, element: { value: { field: v } }",
            "M217 error: `refers` does nothing beside `element`",
        ),
    ] {
        let list = format!("ims: {{ field: ims, {keys} }}");
        assert_eq!(found(&[(known, &list)]), [expected], "{keys}");
    }
}
