//! Each leniency: the request that clients send, as it is taken with it and as `strict` answers it.

use crate::fixture::{BADGE, ENTERPRISE, mia, resource, types};
use http::Method;
use scimshim::scim::{
    attribute::AttributePath,
    decode::decode,
    error::{Error, ScimType},
    leniency::Leniency::{self, *},
    message::{Action, Projection, Request},
    patch::apply::apply,
    profile::Profile,
    reading::Reading,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const MICROSOFT: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// What a request asks for: the resource as it shall be, or the filter.
fn served(line: &str, body: &Value, reading: &mut Reading) -> Result<Value, Error> {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let types = types();
    let request = decode(&method, path, query, body.to_string().as_bytes(), &types, reading)?;
    let (kind, action, projection) = match request {
        Request::Resource { kind, action, projection, .. } => (kind, action, projection),
        Request::Bulk(bulk) => {
            let asked = bulk.operations.into_iter().next().unwrap().asked?;
            return Ok(json!(asked.method.as_str()));
        }
        other => panic!("{other:?}"),
    };
    let before = match kind.as_str() {
        "User" => mia(),
        _ => resource(json!({
            "id": "g9", "displayName": "Sales", "members": [{"value": "77c1"}, {"value": "5a01"}]
        })),
    };
    Ok(match action {
        Action::Create(resource) => resource.as_value().clone(),
        Action::Patch { operations, .. } => {
            let kind = types.by_name(&kind).unwrap();
            apply(&operations, &before, kind, reading)?.resource.as_value().clone()
        }
        Action::Search(query) => match query.filter {
            Some(filter) => json!(filter.to_string()),
            None => json!({"count": query.count, "projection": format!("{projection:?}")}),
        },
        other => panic!("{other:?}"),
    })
}

/// Leniency, request, its body or `Operations`, where in the outcome to look and what for, and the strict
/// answer's keyword.
type Row = (Leniency, &'static str, Value, String, Value, ScimType);

fn rows() -> Vec<Row> {
    let row = |leniency, line, body: Value, at: &str, expected: Value, strict| {
        (leniency, line, body, at.to_owned(), expected, strict)
    };
    let user = |members: Value| {
        let mut body = json!({"schemas": [USER, ENTERPRISE, BADGE], "userName": "mia"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let (patch_user, patch_group) = ("PATCH /Users/77c1", "PATCH /Groups/g9");
    let manager = format!("/{ENTERPRISE}/manager/value");
    let work = r#"emails[type eq "work"].value"#;
    let fax = r#"phoneNumbers[type eq "fax"].value"#;
    let department = format!("{ENTERPRISE}:department");
    vec![
        row(
            OpCase,
            patch_user,
            json!([{"op": "Replace", "path": "active", "value": false}]),
            "/active",
            json!(false),
            ScimType::InvalidSyntax,
        ),
        row(
            MethodCase,
            "POST /Bulk",
            json!({"schemas": [BULK], "Operations": [{"method": "delete", "path": "/Users/77c1"}]}),
            "",
            json!("DELETE"),
            ScimType::InvalidSyntax,
        ),
        row(
            EmptyPath,
            patch_user,
            json!([{"op": "add", "path": "", "value": {"title": "x"}}]),
            "/title",
            json!("x"),
            ScimType::InvalidPath,
        ),
        row(
            RemoveListed,
            patch_group,
            json!([{"op": "remove", "path": "members", "value": [{"$ref": null, "value": "77c1"}]}]),
            "/members",
            json!([{"value": "5a01"}]),
            ScimType::InvalidValue,
        ),
        row(
            RemoveListed,
            patch_user,
            json!([{"op": "remove", "path": "emails", "value": [{"value": "mia@acme.example"}]}]),
            "/emails/0/type",
            json!("home"),
            ScimType::InvalidValue,
        ),
        row(
            PathKeys,
            patch_user,
            json!([{"op": "replace", "value": {"name.givenName": "Mia L"}}]),
            "/name/givenName",
            json!("Mia L"),
            ScimType::InvalidValue,
        ),
        row(
            PathKeys,
            patch_user,
            json!([{"op": "replace", "value": {work: "m@acme.example"}}]),
            "/emails/0/value",
            json!("m@acme.example"),
            ScimType::InvalidValue,
        ),
        row(
            PathKeys,
            patch_user,
            json!([{"op": "replace", "value": {department: "Sales"}}]),
            &format!("/{ENTERPRISE}/department"),
            json!("Sales"),
            ScimType::InvalidValue,
        ),
        row(
            ReadOnlyKeys,
            patch_group,
            json!([{"op": "replace", "value": {"id": "g9", "displayName": "Sales EU"}}]),
            "/displayName",
            json!("Sales EU"),
            ScimType::Mutability,
        ),
        row(
            ReadOnlyKeys,
            patch_user,
            json!([{"op": "replace", "value": {"groups": [], "title": "x"}}]),
            "/title",
            json!("x"),
            ScimType::Mutability,
        ),
        row(
            ForeignSchemas,
            "POST /Groups",
            json!({"schemas": [GROUP, MICROSOFT], "displayName": "Sales"}),
            "/displayName",
            json!("Sales"),
            ScimType::InvalidValue,
        ),
        row(
            ForeignSchemas,
            patch_group,
            json!([{"op": "add", "path": "schemas", "value": [GROUP, MICROSOFT]}]),
            "/displayName",
            json!("Sales"),
            ScimType::InvalidValue,
        ),
        row(
            UnnamedExtension,
            "POST /Users",
            json!({"schemas": [USER], "userName": "mia", ENTERPRISE: {"department": "x"}}),
            &format!("/{ENTERPRISE}/department"),
            json!("x"),
            ScimType::InvalidValue,
        ),
        row(
            BooleanText,
            "POST /Users",
            user(json!({"active": "False"})),
            "/active",
            json!(false),
            ScimType::InvalidValue,
        ),
        row(
            BooleanText,
            patch_user,
            json!([{"op": "replace", "path": "active", "value": "False"}]),
            "/active",
            json!(false),
            ScimType::InvalidValue,
        ),
        row(
            NumberText,
            "POST /Users",
            user(json!({BADGE: {"level": "3"}})),
            &format!("/{BADGE}/level"),
            json!(3),
            ScimType::InvalidValue,
        ),
        row(
            NumberText,
            "POST /Users/.search",
            json!({"schemas": [SEARCH], "count": "1"}),
            "/count",
            json!(1),
            ScimType::InvalidValue,
        ),
        row(
            NumericId,
            "POST /Users",
            user(json!({"externalId": 42})),
            "/externalId",
            json!("42"),
            ScimType::InvalidValue,
        ),
        row(
            SingleForList,
            "POST /Users",
            user(json!({"emails": {"value": "mia@acme.example"}})),
            "/emails",
            json!([{"value": "mia@acme.example"}]),
            ScimType::InvalidValue,
        ),
        row(
            SingleForList,
            "POST /Users",
            json!({"schemas": USER, "userName": "mia"}),
            "/userName",
            json!("mia"),
            ScimType::InvalidSyntax,
        ),
        row(
            SingleForList,
            "POST /Users/.search",
            json!({"schemas": [SEARCH], "attributes": "userName"}),
            "/projection",
            json!(format!("{:?}", Projection::Only(vec![AttributePath::core("userName")]))),
            ScimType::InvalidValue,
        ),
        row(
            ListForSingle,
            "POST /Users",
            user(json!({ENTERPRISE: {"manager": [{"value": "77b0"}]}})),
            &manager,
            json!("77b0"),
            ScimType::InvalidValue,
        ),
        row(
            BareValue,
            "POST /Users",
            user(json!({ENTERPRISE: {"manager": "77b0"}})),
            &manager,
            json!("77b0"),
            ScimType::InvalidValue,
        ),
        row(
            BareValue,
            patch_user,
            json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "1"}]),
            &manager,
            json!("1"),
            ScimType::InvalidValue,
        ),
        row(
            WrappedValue,
            "POST /Users",
            user(json!({BADGE: {"tags": [{"value": "red"}]}})),
            &format!("/{BADGE}/tags"),
            json!(["red"]),
            ScimType::InvalidValue,
        ),
        row(
            UnknownParameter,
            "GET /Users?aadOptscim062020&filter=userName+eq+%22a%22&tenant=%FF",
            Value::Null,
            "",
            json!(r#"userName eq "a""#),
            ScimType::InvalidValue,
        ),
        row(
            UnknownParameter,
            "POST /Users?aadOptscim062020",
            user(json!({"title": "x"})),
            "/title",
            json!("x"),
            ScimType::InvalidValue,
        ),
        row(
            UnknownParameter,
            "POST /Users/.search",
            json!({"schemas": [SEARCH], "filtre": "", "filter": "title pr"}),
            "",
            json!("title pr"),
            ScimType::InvalidValue,
        ),
        row(
            UnquotedValue,
            "GET /Users?filter=externalId+eq+jyoung",
            Value::Null,
            "",
            json!(r#"externalId eq "jyoung""#),
            ScimType::InvalidFilter,
        ),
        row(
            UnquotedValue,
            "GET /Users?filter=displayName+eq+2026",
            Value::Null,
            "",
            json!(r#"displayName eq "2026""#),
            ScimType::InvalidFilter,
        ),
        row(
            BooleanText,
            "GET /Users?filter=roles%5Bprimary+eq+%22True%22%5D",
            Value::Null,
            "",
            json!("roles.primary eq true"),
            ScimType::InvalidFilter,
        ),
        row(
            BooleanText,
            "POST /Users/.search",
            json!({"schemas": [SEARCH], "filter": "active ne \"false\""}),
            "",
            json!("active ne false"),
            ScimType::InvalidFilter,
        ),
        row(
            BooleanText,
            patch_user,
            json!([{"op": "replace", "path": "emails[primary eq \"True\"].value", "value": "m@acme.example"}]),
            "/emails/0/value",
            json!("m@acme.example"),
            ScimType::InvalidFilter,
        ),
        row(
            NumberText,
            "GET /Users?filter=urn:x:badge:2.0:User:level+eq+%223%22",
            Value::Null,
            "",
            json!(format!("{BADGE}:level eq 3")),
            ScimType::InvalidFilter,
        ),
        row(
            NumericId,
            "GET /Users?filter=externalId+eq+42",
            Value::Null,
            "",
            json!(r#"externalId eq "42""#),
            ScimType::InvalidFilter,
        ),
        row(
            NumericId,
            patch_group,
            json!([{"op": "remove", "path": "members[value eq 42]"}]),
            "/displayName",
            json!("Sales"),
            ScimType::InvalidFilter,
        ),
        row(
            FilteredReplaceAdds,
            patch_user,
            json!([{"op": "replace", "path": fax, "value": "+46 1"}]),
            "/phoneNumbers",
            json!([{"type": "fax", "value": "+46 1"}]),
            ScimType::NoTarget,
        ),
    ]
}

#[test]
fn each_is_taken_where_it_may_be_and_refused_where_not() {
    let mut seen = BTreeSet::from([PatchNoContent]);
    for (leniency, line, body, at, expected, scim_type) in rows() {
        seen.insert(leniency);
        let body = match body {
            Value::Array(operations) => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
            }),
            other => other,
        };
        for (name, profile) in Profile::NAMES {
            let mut reading = Reading::new(profile);
            let outcome = served(line, &body, &mut reading);
            let used: Vec<_> = reading.used().collect();
            if leniency.is_of(profile) {
                let outcome = outcome.unwrap_or_else(|error| panic!("{name} {body}: {error:?}"));
                assert_eq!(outcome.pointer(&at), Some(&expected), "{name} {body}");
                assert_eq!(used, [(leniency, 1)], "{name} {body}");
            } else {
                let error = outcome.expect_err(&body.to_string());
                assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{error:?}");
                assert!(used.is_empty(), "{name} {body}: {used:?}");
            }
        }
    }
    // What a PATCH is answered with is the gateway's: its test stands with the faults.
    assert_eq!(seen, BTreeSet::from(Leniency::ALL));
}

/// What nobody can have meant is refused whoever sends it.
#[test]
fn nonsense_is_borne_with_nowhere() {
    let search = |members: Value| {
        let mut body = json!({"schemas": [SEARCH]});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        ("POST /Users/.search", body)
    };
    let rows = [
        search(json!({"attributes": ["userName", 5]})),
        search(json!({"excludedAttributes": [5]})),
        search(json!({"attributes": {"value": "userName"}})),
        search(json!({"count": "one"})),
        search(json!({"count": true})),
        search(json!({"sortBy": 5})),
        ("PATCH /Users/77c1", json!([{"op": "remove", "path": "schemas"}])),
        ("PATCH /Users/77c1", json!([{"op": "replace", "path": "schemas", "value": []}])),
        ("PATCH /Users/77c1", json!([{"op": "add", "path": "schemas", "value": [5]}])),
        (
            "POST /Bulk",
            json!({"schemas": [BULK], "Operations": [{"method": "GET", "path": "/Users"}]}),
        ),
    ];
    for (line, body) in rows {
        let body = match body {
            Value::Array(operations) => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
            }),
            other => other,
        };
        for (name, profile) in Profile::NAMES {
            let outcome = served(line, &body, &mut Reading::new(profile));
            assert_eq!(outcome.map_err(|error| error.status), Err(400), "{name} {body}");
        }
    }
}

/// A key of a path-less value asks for no more than the same path does.
#[test]
fn a_filtered_key_that_selects_nothing_is_counted_where_it_makes() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "value": {"phoneNumbers[type eq \"fax\"].value": "+46 1"}}],
    });
    let mut reading = Reading::new(Profile::Entra);
    let outcome = served("PATCH /Users/77c1", &body, &mut reading).unwrap();
    assert_eq!(outcome["phoneNumbers"], json!([{"type": "fax", "value": "+46 1"}]));
    assert_eq!(reading.used().collect::<Vec<_>>(), [(PathKeys, 1), (FilteredReplaceAdds, 1)]);
    for profile in [Profile::Okta, Profile::OktaOpp11] {
        let error = served("PATCH /Users/77c1", &body, &mut Reading::new(profile)).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::NoTarget), "{error:?}");
    }
}

#[test]
fn what_the_rfc_allows_is_no_leniency() {
    let rows = [
        // `schemas` follow from the attributes.
        (
            "PATCH /Users/77c1",
            json!([{"op": "add", "path": "schemas", "value": [USER, ENTERPRISE]}]),
        ),
        (
            "POST /Users",
            json!({"SCHEMAS": [USER.to_uppercase()], "USERNAME": "mia", "id": "7", "meta": {}}),
        ),
        (
            "POST /Users",
            json!({"schemas": [USER, ENTERPRISE], "userName": "a", ENTERPRISE: {"department": "x"}}),
        ),
        // §3.5.2.1: "a new value is added to the attribute".
        (
            "PATCH /Users/77c1",
            json!([{"op": "add", "path": "emails", "value": {"value": "a@x.example", "type": "other"}}]),
        ),
        ("PATCH /Groups/g9", json!([{"op": "add", "path": "members", "value": {"value": "1"}}])),
        ("PATCH /Groups/g9", json!([{"op": "remove", "path": "members"}])),
        (
            "PATCH /Users/77c1",
            json!([{"op": "add", "value": {"nickName": "Mi", ENTERPRISE: {"department": "x"}}}]),
        ),
        (
            "PATCH /Users/77c1",
            json!([{"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "x"}]),
        ),
    ];
    for (line, body) in rows {
        let body = match body {
            Value::Array(operations) => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
            }),
            other => other,
        };
        let mut reading = Reading::new(Profile::Strict);
        served(line, &body, &mut reading).unwrap_or_else(|error| panic!("{body}: {error:?}"));
        let mut reading = Reading::new(Profile::Okta);
        served(line, &body, &mut reading).unwrap();
        assert_eq!(reading.used().count(), 0, "{body}");
    }
}

#[test]
fn the_page_is_the_table() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/profiles.md");
    let page = std::fs::read_to_string(page).unwrap();
    let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let known: Vec<String> = Leniency::ALL
        .iter()
        .map(|each| {
            let whose = each
                .only()
                .map_or("all but `strict`".to_owned(), |only| format!("`{}`", only.name()));
            format!("| `{}` | {whose} | {} |", each.name(), each.doc())
        })
        .collect();
    assert_eq!(written, known, "copy the right side into the page:\n{}", known.join("\n"));
}
