//! SCIM 1.1 at the edge: what comes in as 2.0, and what goes out as 1.1.

use crate::fixture::{BADGE, ENTERPRISE, mia, resource, types, user_type};
use http::Method;
use scimshim::scim::{
    decode::decode,
    dialect::{Abilities, Dialect},
    discovery::{self, Capabilities},
    encode::{self, Wire},
    error::Error,
    message::{Action, Discovery, Page, Projection, Request, Response},
    patch::apply::apply,
    profile::Profile,
    reading::Reading,
    resource::Resource,
};
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE_1: &str = "urn:scim:schemas:extension:enterprise:1.0";
const BASE: &str = "https://gw.acme.example/scim/v1";

fn heard(method: &str, path: &str, query: Option<&str>, body: &str) -> Result<Request, Error> {
    let (types, method) = (types(), Method::from_bytes(method.as_bytes()).unwrap());
    let heard = Dialect::V11.request(&method, path, query, body.as_bytes(), &types)?;
    let mut reading = Reading::new(Profile::Strict);
    decode(&method, &heard.path, heard.query.as_deref(), &heard.body, &types, &mut reading)
}

fn told(response: Response) -> Value {
    let wire = encode::response(response, Some(&user_type()), &types(), &Projection::Default, BASE);
    spoken(wire, Abilities::default())
}

fn spoken(wire: Wire, abilities: Abilities) -> Value {
    Dialect::V11.response(wire, &types(), || abilities).body.unwrap()
}

/// What Mia becomes.
fn patched(body: Value) -> Result<Resource, Error> {
    match heard("PATCH", "/Users/77c1", None, &body.to_string())? {
        Request::Resource { action: Action::Patch { operations, .. }, .. } => {
            apply(&operations, &mia(), &user_type(), &mut Reading::new(Profile::Strict))
                .map(|applied| applied.resource)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_user_is_created_with_the_urns_of_1_1() {
    let body = json!({
        "schemas": [CORE, ENTERPRISE_1, BADGE], "userName": "mia", "active": true, "groups": [],
        ENTERPRISE_1: { "department": "Ops", "manager": { "managerId": "77b0" } },
        BADGE: { "level": 1 }, "urn:okta:custom:user:1.0": { "x": "y" },
    });
    let text = format!("\u{feff}{body}");
    for (method, path) in [("POST", "/Users"), ("PUT", "/Users/77c1")] {
        let sent = match heard(method, path, None, &text).unwrap() {
            Request::Resource { action, unmapped, .. } => {
                assert_eq!(unmapped.names(), ["urn:okta:custom:user:1.0:x"]);
                action
            }
            other => panic!("{other:?}"),
        };
        let (Action::Create(sent) | Action::Replace { resource: sent, .. }) = sent else {
            panic!("{sent:?}")
        };
        let sent = Value::Object(sent.into_map());
        assert_eq!(sent[ENTERPRISE], json!({"department": "Ops", "manager": {"value": "77b0"}}));
        assert_eq!((&sent["userName"], &sent[BADGE]["level"]), (&json!("mia"), &json!(1)));
    }
}

#[test]
fn a_patch_is_a_part_of_the_resource() {
    let table = [
        (json!({"active": false}), "/active", json!(false)),
        (json!({"id": "77c1"}), "/active", json!(true)),
        (
            json!({"name": {"givenName": "Mi"}}),
            "/name",
            json!({"givenName": "Mi", "familyName": "Berg"}),
        ),
        (json!({"displayName": null}), "/displayName", Value::Null),
        (
            json!({"emails": [{"value": "m@x.example", "type": "other"}]}),
            "/emails/2",
            json!({"value": "m@x.example", "type": "other"}),
        ),
        (
            json!({"emails": [
                {"value": "mia@home.example", "operation": "DELETE"}, {"value": "new@home.example", "type": "home"},
            ]}),
            "/emails/1/value",
            json!("new@home.example"),
        ),
        (
            json!({"emails": [{"type": "work", "operation": "delete"}]}),
            "/emails",
            json!([{"value": "mia@home.example", "type": "home"}]),
        ),
        // What is named in meta.attributes goes first, so this replaces the list.
        (
            json!({"meta": {"attributes": ["emails", "name.givenName"]}, "emails": [{"value": "a@x.example"}]}),
            "/emails",
            json!([{"value": "a@x.example"}]),
        ),
        (
            json!({"meta": {"attributes": [format!("{ENTERPRISE_1}:department")]}}),
            &format!("/{ENTERPRISE}/department"),
            Value::Null,
        ),
        (
            json!({ENTERPRISE_1: {"department": "Sales", "manager": {"managerId": "1"}}}),
            &format!("/{ENTERPRISE}"),
            json!({"employeeNumber": "0042", "department": "Sales", "manager": {"value": "1"}}),
        ),
        (
            json!({BADGE: {"tags": ["green"]}}),
            &format!("/{BADGE}/tags"),
            json!(["red", "Blue", "green"]),
        ),
        (json!({"urn:okta:custom:group:1.0": {"description": "x"}}), "/active", json!(true)),
    ];
    for (mut body, pointer, expected) in table {
        body["schemas"] = json!([CORE]);
        let after = Value::Object(patched(body.clone()).unwrap().into_map());
        assert_eq!(after.pointer(pointer).cloned().unwrap_or_default(), expected, "{body}");
    }
}

#[test]
fn a_body_of_another_version_is_not_guessed_at() {
    let patch_op = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let table = [
        ("PATCH", "/Users/1", json!({"schemas": [patch_op], "Operations": []}).to_string(), CORE),
        ("PATCH", "/Users/1", json!({"active": false}).to_string(), CORE),
        ("POST", "/Users", json!({"schemas": [ENTERPRISE_1]}).to_string(), CORE),
        ("POST", "/Users", "{".to_owned(), "no JSON"),
        ("POST", "/Users", String::new(), "empty"),
        ("PUT", "/Users/1", "[]".to_owned(), "object"),
    ];
    for (method, path, body, says) in table {
        let error = heard(method, path, None, &body).unwrap_err();
        assert_eq!(error.status, 400, "{body}");
        assert!(error.detail.contains(says), "{body}: {}", error.detail);
    }
    assert_eq!(heard("POST", "/ServiceProviderConfigs", None, "test").unwrap_err().status, 405);
}

#[test]
fn filters_and_schemas_are_asked_for_by_the_names_of_1_1() {
    let query = format!("filter={ENTERPRISE_1}:manager.managerId+eq+%22{ENTERPRISE_1}:%22");
    let request = heard("GET", "/Users", Some(&query), "").unwrap();
    let Some(Action::Search(query)) = request.action() else { panic!("{request:?}") };
    let filter = query.filter.as_ref().unwrap().to_string();
    assert_eq!(filter, format!(r#"{ENTERPRISE}:manager.value eq "{ENTERPRISE_1}:""#));
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    for (path, id) in [
        ("/Schemas/Users", user),
        ("/schemas/urn:scim:schemas:core:1.0:user", user),
        (&format!("/Schemas/{ENTERPRISE_1}"), ENTERPRISE),
    ] {
        let expected = Request::Discovery(Discovery::Schemas(Some(id.to_owned())));
        assert_eq!(heard("GET", path, None, "").unwrap(), expected);
    }
}

#[test]
fn resources_and_lists_are_told_in_1_1() {
    let expected = json!({
        "schemas": [CORE, ENTERPRISE_1], "id": "77c1", "userName": "mia",
        "groups": [{"value": "g1"}], "meta": {"location": format!("{BASE}/Users/77c1"), "version": "W/\"b4ecddeb8c3c86dc\""},
        ENTERPRISE_1: {"department": "Ops", "manager": {"managerId": "77b0"}},
    });
    let resource = resource(json!({
        "id": "77c1", "userName": "mia", "groups": [{"value": "g1"}],
        ENTERPRISE: {"department": "Ops", "manager": {"value": "77b0"}},
    }));
    let one = Response::Resource { created: false, resource: resource.clone() };
    assert_eq!(told(one), expected);
    let page = Page::Indexed { total: 7, start_index: 3 };
    let list = Response::List { resources: vec![resource], page };
    assert_eq!(
        told(list),
        json!({
            "schemas": [CORE], "totalResults": 7, "startIndex": 3, "itemsPerPage": 1,
            "Resources": [expected],
        })
    );
}

#[test]
fn errors_are_told_in_1_1() {
    let detail = format!(
        "`schemas`: expected `urn:ietf:params:scim:schemas:core:2.0:User`, not `{ENTERPRISE}`"
    );
    let wire = Dialect::V11.error(encode::error(&Error::new(404, detail)));
    let said = format!("`schemas`: expected `{CORE}`, not `{ENTERPRISE_1}`");
    let expected = json!({"Errors": [{"description": said, "code": "404"}], "detail": said});
    assert_eq!((wire.status, wire.body), (404, Some(expected)));
}

#[test]
fn documents_are_told_in_1_1() {
    let capabilities = Capabilities {
        patch: true,
        page: 100,
        longest_page: 100,
        change_password: true,
        sort: false,
        etag: false,
        bulk: None,
        authentication: vec![discovery::Authentication::Bearer],
    };
    let document = |asked| {
        let document = discovery::document(&asked, &types(), &capabilities, BASE).unwrap();
        let wire = encode::response(
            Response::Document { document, unchanged: false },
            None,
            &types(),
            &Projection::Default,
            BASE,
        );
        spoken(wire, Abilities { list: true, activate: true, ..Abilities::default() })
    };
    let config = document(Discovery::ServiceProviderConfig);
    let okta = "urn:okta:schemas:scim:providerconfig:1.0";
    assert_eq!(config["schemas"], json!([CORE, okta]));
    assert_eq!(config["meta"], json!({"location": format!("{BASE}/ServiceProviderConfigs")}));
    assert_eq!(
        config[okta]["userManagementCapabilities"],
        json!([
            "IMPORT_NEW_USERS",
            "IMPORT_PROFILE_UPDATES",
            "PUSH_USER_DEACTIVATION",
            "REACTIVATE_USERS"
        ])
    );
    assert!(config["authenticationSchemes"][0]["specUrl"].is_string());
    assert_eq!(config.get("pagination"), None);

    let schemas = document(Discovery::Schemas(None));
    assert_eq!(schemas["schemas"], json!([CORE, format!("{CORE}:ListResponse")]));
    let user = &schemas["Resources"][0];
    let names = ["id", "schema", "endpoint"].map(|name| user[name].as_str().unwrap());
    assert_eq!(names, ["urn:scim:schemas:core:1.0:User", CORE, "/Users"]);
    assert_eq!(user["meta"]["location"], format!("{BASE}/Schemas/{CORE}:User"));
    let groups =
        user["attributes"].as_array().unwrap().iter().find(|each| each["name"] == "groups");
    let groups = groups.unwrap();
    assert_eq!((&groups["readOnly"], &groups["schema"]), (&json!(true), &json!(CORE)));
    assert_eq!(groups["subAttributes"][0]["readOnly"], true);
    assert!(groups.get("mutability").is_none() && groups.get("returned").is_none());

    let types = document(Discovery::ResourceTypes(None));
    assert_eq!(types["Resources"][0]["schema"], "urn:scim:schemas:core:1.0:User");
    assert_eq!(types["Resources"][0]["schemaExtensions"][0]["schema"], ENTERPRISE_1);
}
