//! The rules of an `element`, both ways, and what must not stand there.

use crate::checks::found;
use scimshim::{
    mapping::{
        self,
        plan::Plan,
        translate::{names::Names, read, write::Writer},
    },
    scim::{reading::Reading, resource::Resource},
};
use serde_json::{Value, json};

const FIELD: &str = "name.givenName:  { field: first_name }";

/// A mapping whose addresses have these rules.
fn plan(element: &str) -> Plan {
    let text = format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }}, town: {{ type: text }} }}
upstream: {{ base_url: "https://{{tenant.town}}.example", auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login, required: true }}
      active: {{ field: on }}
      addresses:
        field: places
        element: {element}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, call: "PATCH /u/{{key}}" }}]
      delete: {{ call: "DELETE /u/{{key}}" }}
"#
    );
    let loaded = mapping::load("t.yaml", &text);
    loaded.plan.unwrap_or_else(|| unreachable!("{element}: {:#?}", loaded.findings))
}

const KIND: &str = "{ type: { field: kind, values: { work: O, home: H }, default: work, missing: home }, streetAddress: { field: street } }";

#[test]
fn an_element_is_read_with_what_it_lacks() {
    let here = "{ streetAddress: { field: street }, country: { field: land, missing: \"{element.state == 'BY' ? 'DE' : record.land}\" } }";
    let computed = "{ streetAddress: { field: street }, formatted: { read: \"join([element.street, tenant.town], ', ')\" } }";
    let table = [
        (
            KIND,
            json!({ "street": "A", "kind": "O" }),
            json!([{ "streetAddress": "A", "type": "work" }]),
        ),
        (
            KIND,
            json!({ "street": "A", "kind": "" }),
            json!([{ "streetAddress": "A", "type": "home" }]),
        ),
        // What cannot be read is not what is not there.
        (KIND, json!({ "street": "A", "kind": "X" }), json!([{ "streetAddress": "A" }])),
        (KIND, json!({ "other": "A" }), Value::Null),
        (
            here,
            json!({ "street": "A", "state": "BY" }),
            json!([{ "streetAddress": "A", "country": "DE" }]),
        ),
        (here, json!({ "street": "A" }), json!([{ "streetAddress": "A", "country": "SE" }])),
        (
            computed,
            json!({ "street": "A" }),
            json!([{ "streetAddress": "A", "formatted": "A, Lund" }]),
        ),
    ];
    let tenant = json!({ "town": "Lund" });
    for (element, place, addresses) in table {
        let plan = plan(element);
        let record = json!({ "id": 7, "login": "m", "land": "SE", "places": [place] });
        let read =
            read::resource(plan.resource("User").unwrap(), &record, &tenant, &Names::default())
                .unwrap();
        let found = read.resource.as_value().get("addresses").cloned().unwrap_or_default();
        assert_eq!(found, addresses, "{element} {place}");
    }
}

#[test]
fn each_part_that_cannot_be_read_is_told_with_its_rule() {
    let plan = plan(KIND);
    let table = [
        (json!([{ "street": "A", "kind": "X" }]), vec!["addresses.type"]),
        (
            json!([{ "street": "A", "kind": "X" }, { "street": { "a": 1 } }, { "kind": "Y" }]),
            vec!["addresses.type", "addresses.streetAddress", "addresses.type"],
        ),
        (json!([{ "street": "A", "kind": "O" }, { "street": null }]), vec![]),
        (json!("A"), vec!["addresses"]),
    ];
    for (places, expected) in table {
        let record = json!({ "id": 7, "login": "m", "places": places });
        let read =
            read::resource(plan.resource("User").unwrap(), &record, &json!({}), &Names::default())
                .unwrap();
        let told: Vec<&str> = read.unreadable.iter().map(|one| one.attribute.as_str()).collect();
        assert_eq!(told, expected, "{places}");
        // An element's part is told where it stands, the list where its rule does.
        for one in &read.unreadable {
            assert_eq!(one.place.span.line, if one.attribute.contains('.') { 15 } else { 13 });
        }
    }
}

#[test]
fn an_element_is_written_with_what_it_lacks() {
    let towns = "{ streetAddress: { field: street }, locality: { field: town, default: \"{tenant.town}\" }, formatted: { read: element.street } }";
    let table = [
        (
            KIND,
            json!({ "streetAddress": "A", "type": "home" }),
            json!({ "street": "A", "kind": "H" }),
        ),
        (KIND, json!({ "streetAddress": "A" }), json!({ "street": "A", "kind": "O" })),
        (KIND, json!({ "streetAddress": "A", "type": "" }), json!({ "street": "A", "kind": "O" })),
        (towns, json!({ "streetAddress": "A" }), json!({ "street": "A", "town": "Lund" })),
        (
            towns,
            json!({ "streetAddress": "A", "locality": "Umeå", "formatted": "B" }),
            json!({ "street": "A", "town": "Umeå" }),
        ),
    ];
    let (tenant, now) = (json!({ "town": "Lund" }), Value::Null);
    for (element, address, place) in table {
        let plan = plan(element);
        let user = plan.resource("User").unwrap();
        let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
        let sent = json!({ "schemas": ["x"], "userName": "m", "addresses": [address] });
        let sent = Resource::canonical(sent, &user.kind, &mut Reading::default()).unwrap();
        let fields = writer.fields(&sent, |_, _| true, true).unwrap();
        assert_eq!(fields["places"], json!([place]), "{element} {address}");
    }
}

/// A blank that is trimmed is nothing sent: it makes no part, and an element of nothing else is none.
#[test]
fn what_comes_to_nothing_is_written_nowhere() {
    let trimmed = "{ streetAddress: { field: street, convert: [trim] }, locality: { field: town, convert: [trim], default: \"{tenant.town}\" } }\n        where: { kind: home }";
    let table = [
        (json!([{ "streetAddress": " " }]), json!([])),
        (json!([{ "streetAddress": " ", "locality": " " }]), json!([])),
        (
            json!([{ "streetAddress": " ", "locality": "Umeå" }]),
            json!([{ "town": "Umeå", "kind": "home" }]),
        ),
        (
            json!([{ "streetAddress": " A ", "locality": " " }, { "streetAddress": " " }]),
            json!([{ "street": "A", "town": "Lund", "kind": "home" }]),
        ),
    ];
    let plan = plan(trimmed);
    let user = plan.resource("User").unwrap();
    let (tenant, now) = (json!({ "town": "Lund" }), Value::Null);
    let writer = Writer { plan: user, tenant: &tenant, now: &now, names: &Names::default() };
    for (addresses, places) in table {
        let sent = json!({ "schemas": ["x"], "userName": "m", "addresses": addresses });
        let sent = Resource::canonical(sent, &user.kind, &mut Reading::default()).unwrap();
        let fields = writer.fields(&sent, |_, _| true, true).unwrap();
        assert_eq!(fields["places"], places, "{addresses}");
    }
}

#[test]
fn what_is_required_in_each_element_is_in_the_schema() {
    let required = |more: &str| {
        let plan = plan(&format!("{{ streetAddress: {{ field: street, required: true{more} }} }}"));
        let kind = &plan.resource("User").unwrap().kind;
        let addresses = kind.schema.attributes.iter().find(|known| known.name == "addresses");
        addresses.unwrap().sub("streetAddress").unwrap().required
    };
    assert!(required(""));
    assert!(!required(", default: somewhere"));
}

#[test]
fn what_is_the_lists_own_is_told() {
    let table: [(&str, &[&str]); 14] = [
        ("type: { field: kind, only: create }", &["M217 error: `only` does nothing in an element"]),
        (
            "type: { field: kind, if_changed: ignore }",
            &["M217 error: `if_changed` does nothing in an element"],
        ),
        ("type: { field: kind, clear: omit }", &["M217 error: `clear` does nothing in an element"]),
        (
            "type: { field: kind, when: tenant.token != null }",
            &["M217 error: `when` does nothing in an element"],
        ),
        (
            "type: { field: kind, lossy: so it is }",
            &["M217 error: `lossy` does nothing in an element"],
        ),
        (
            "type: { field: kind, read: element.kind }",
            &["M215 error: `read` and `write` do nothing beside `field` in an element"],
        ),
        (
            "type: { field: kind, write: resource.userName }",
            &["M215 error: `read` and `write` do nothing beside `field` in an element"],
        ),
        (
            "type: { read: element.kind, default: work }",
            &["M217 error: `default` does nothing beside `read` alone"],
        ),
        (
            "type: { read: elment.kind }",
            &[
                "M602 error: `elment` is not in scope here; there are element, record, tenant, lookups",
            ],
        ),
        (
            "type: { kept: true }",
            &["M106 error: `type` in an element takes `field`, `read`, `constant` or `first`"],
        ),
        (
            "primary: { constant: maybe }",
            &["M210 error: `\"maybe\"` in `constant` of `primary` is no boolean"],
        ),
        (
            "primary: { first: true, required: true }",
            &["M217 error: `required` does nothing beside `first`"],
        ),
        (
            "type: { field: kind, values: { a: 1 }, default: b }",
            &["M210 error: `b` in `default` is not in `values`"],
        ),
        (
            "type: { field: kind, default: a, missing: b }",
            &["M305 warning: `missing` and `default` differ"],
        ),
    ];
    for (sub, expected) in table {
        let list = format!("ims: {{ field: ims, element: {{ value: {{ field: v }}, {sub} }} }}");
        assert_eq!(found(&[(FIELD, &list)]), expected, "{sub}");
    }
}
