//! Texts of places and affixes that are each tenant's own: `{tenant.x}` in selectors, JSONPath, `prefix` and
//! `suffix`.

use crate::checks::found;
use scimshim::{
    mapping::{
        self,
        plan::Plan,
        translate::{names::Names, read, units, write::Writer},
    },
    scim::resource::Resource,
};
use serde_json::{Value, json};

fn plan(rules: &str, items: &str) -> Plan {
    let text = format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant:
  token: {{ type: text, secret: true }}
  idp: {{ type: text }}
  from: {{ type: text, default: a }}
upstream: {{ base_url: "https://{{tenant.from}}.{{tenant.idp}}.example", auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
resources:
  User:
    key: ids[of={{tenant.idp}}].id
    attributes:
      userName: {{ field: login, required: true }}
      active: {{ field: on }}
      {rules}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      list: {{ call: GET /u, items: "{items}", paging: none }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, call: "PATCH /u/{{key}}" }}]
      delete: {{ call: "DELETE /u/{{key}}" }}
"#
    );
    let loaded = mapping::load("t.yaml", &text);
    loaded.plan.unwrap_or_else(|| unreachable!("{rules}: {:#?}", loaded.findings))
}

const RULES: &str = r#"title: { field: job, convert: [{ prefix: "{tenant.from}/" }, { suffix: "{{{tenant.idp}}}" }] }
      nickName: { field: "names[of={tenant.idp},kind=nick].name" }
      roles: { field: roles, element: { value: { field: "id", convert: [{ prefix: "{tenant.from}:" }] } } }"#;

#[test]
fn each_tenant_reads_and_writes_its_own_places() {
    let plan = plan(RULES, ".");
    // A value is text as it stands: what would mean something in a path means nothing there.
    for (idp, from) in [("okta", "x"), ("entra", "y"), ("a]b,c=d.e", "{q}")] {
        let tenant = json!({ "token": "t", "idp": idp, "from": from });
        let own = plan.of_tenant(&tenant).unwrap().unwrap();
        let user = own.resource("User").unwrap();
        let now = Value::Null;
        let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
        let mut sent = json!({ "userName": "m", "active": true, "title": "Boss", "nickName": "z",
            "roles": [{ "value": "admin" }], "schemas": ["x"] });
        let resource =
            Resource::canonical(sent.clone(), &user.kind, &mut Default::default()).unwrap();
        let mut record = writer.fields(&resource, |_, _| true, true).unwrap();
        assert_eq!(record["job"], format!("{from}/Boss{{{idp}}}"));
        assert_eq!(record["names"], json!([{ "of": idp, "kind": "nick", "name": "z" }]));
        assert_eq!(record["roles"], json!([{ "id": format!("{from}:admin") }]));
        record["ids"] = json!([{ "of": "other", "id": 1 }, { "of": idp, "id": 7 }]);
        let read = read::resource(user, &record, &tenant, &Names::default()).unwrap();
        sent["id"] = json!("7");
        sent.as_object_mut().unwrap().remove("schemas");
        let mut found = read.resource.as_value().clone();
        found.as_object_mut().unwrap().remove("schemas");
        assert_eq!(found, sent, "{idp}");
        assert_eq!(units::between(user, &writer, &read.resource, &resource).unwrap(), []);
    }
}

#[test]
fn jsonpath_holds_a_tenants_value_inside_its_quotes() {
    let places = ["$.all[?@.of == '{tenant.idp}']", "$.all[?@.of == \\\"{tenant.idp}\\\"]"];
    for items in places {
        let plan = plan("title: { field: job }", items);
        for idp in ["okta", "it's", "say \"x\"", "a\\b", "' || true || '"] {
            let own = plan.of_tenant(&json!({ "idp": idp })).unwrap().unwrap();
            let list = own.resource("User").unwrap().operations.list.as_ref().unwrap();
            let place = list.operation.steps[0].items.as_ref().unwrap();
            let body = json!({ "all": [{ "of": "other", "id": 1 }, { "of": idp, "id": 2 }] });
            let ids: Vec<&Value> = place.all(&body).into_iter().map(|one| &one["id"]).collect();
            assert_eq!(ids, [&json!(2)], "{items} {idp}");
        }
    }
}

const ACCOUNTS: &str = r#"emails.^[type=='{tenant.from}'].value: { field: mail }
      phoneNumbers.^[type=='x{tenant.idp}'].value: { field: phone }"#;

#[test]
fn each_tenant_has_its_own_element_of_a_list() {
    let plan = plan(ACCOUNTS, ".");
    for (from, other) in [("work", "home"), ("home", "work")] {
        let tenant = json!({ "token": "t", "idp": "okta", "from": from });
        let own = plan.of_tenant(&tenant).unwrap().unwrap();
        let user = own.resource("User").unwrap();
        let writer =
            Writer { plan: user, tenant: &tenant, now: &Value::Null, names: &Names::default() };
        let emails =
            json!([{ "type": other, "value": "no@x" }, { "type": from, "value": "yes@x" }]);
        let sent = json!({ "schemas": ["x"], "userName": "m", "active": true, "emails": emails });
        let sent = Resource::canonical(sent, &user.kind, &mut Default::default()).unwrap();
        let mut record = writer.fields(&sent, |_, _| true, true).unwrap();
        assert_eq!(record["mail"], "yes@x", "{from}");
        record["ids"] = json!([{ "of": "okta", "id": 7 }]);
        record["phone"] = json!("+1");
        let read = read::resource(user, &record, &tenant, &Names::default()).unwrap().resource;
        let read = read.as_value();
        assert_eq!(read["emails"], json!([{ "type": from, "value": "yes@x" }]));
        assert_eq!(read["phoneNumbers"], json!([{ "type": "xokta", "value": "+1" }]));
    }
}

#[test]
fn a_tenants_element_that_cannot_be_is_told_before_anything_is_served() {
    let two = "emails.^[type=='{tenant.from}'].value: { field: mail }
      emails.^[type=='home'].value: { field: private }";
    let table = [
        (
            ACCOUNTS,
            json!({ "idp": "a", "from": null }),
            "`{tenant.from}` cannot be made: it is null",
        ),
        (two, json!({ "idp": "a", "from": "home" }), "two rules would mean the same element"),
    ];
    for (rules, tenant, told) in table {
        let why = plan(rules, ".").of_tenant(&tenant).unwrap_err();
        assert!(why.contains(told), "{why}");
    }
}

#[test]
fn what_cannot_be_made_is_told_before_anything_is_served() {
    let plan = plan(RULES, ".");
    let without = json!({ "token": "t", "idp": null, "from": "x" });
    let told = "`{tenant.idp}` cannot be made: it is null";
    assert_eq!(plan.of_tenant(&without).unwrap_err(), told);
    let settings = plan.settings(&without).unwrap_err();
    assert!(settings.starts_with("a place of mapping `t`: "), "{settings}");
    // A mapping that is the same for all is not copied.
    let loaded = mapping::load("m.yaml", crate::checks::sound());
    assert!(loaded.plan.unwrap().of_tenant(&json!({})).unwrap().is_none());
}

#[test]
fn a_mistake_in_such_a_text_has_its_finding() {
    let field = "name.givenName:  { field: first_name }";
    let table: [(&str, &[&str]); 8] = [
        (
            "emails.^[type=='{tenant.nope}'].value: { field: first_name }",
            &["M703 error: tenant `nope` is used and not declared"],
        ),
        (
            "emails.^[type=='{record.a}'].value: { field: first_name }",
            &["M602 error: `record` is not in scope here; there are tenant"],
        ),
        (
            "name.givenName: { field: \"names[of={tenant.nope}].first\" }",
            &["M703 error: tenant `nope` is used and not declared"],
        ),
        (
            "name.givenName: { field: \"names[of={record.a}].first\" }",
            &["M602 error: `record` is not in scope here; there are tenant"],
        ),
        (
            "name.givenName: { field: \"names[of={tenant.token].first\" }",
            &["M601 error: `{` opens and `}` never closes it"],
        ),
        (
            "name.givenName: { field: first_name, convert: [{ prefix: \"{now}\" }] }",
            &["M602 error: `now` is not in scope here; there are tenant"],
        ),
        (
            "name.givenName: { field: first_name, convert: [{ suffix: \"}\" }] }",
            &["M601 error: `}` closes nothing"],
        ),
        ("name.givenName: { field: first_name, convert: [{ prefix: \"{{\" }] }", &[]),
    ];
    for (rule, expected) in table {
        assert_eq!(found(&[(field, rule)]), expected, "{rule}");
    }
    let line = "        field: names[of={tenant.nope}].first";
    let rule = format!("name.givenName:\n{line}");
    let loaded = mapping::load("m.yaml", &crate::checks::sound().replace(field, &rule));
    let column = loaded.findings[0].place.span.column;
    assert_eq!(column as usize, line.find("tenant").unwrap() + 1);
}
