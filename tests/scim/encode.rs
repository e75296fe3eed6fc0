//! What goes out.

use crate::fixture::{ENTERPRISE, group_type, mia, resource, types, user_type};
use scimshim::scim::{
    attribute::AttributePath,
    dialect::{Abilities, Dialect},
    encode::{error, response},
    error::{Error, ScimType},
    listing::Listing,
    message::{Page, Projection, Response},
    resource_type::{ResourceType, ResourceTypes},
};
use serde_json::{Value, json};
use std::sync::Arc;

const BASE: &str = "https://gw.acme.example/scim/v2";

#[test]
fn one_resource() {
    let answer = Response::Resource { created: true, resource: mia() };
    let wire = response(answer, Some(&user_type()), &types(), &Projection::Default, BASE);
    assert_eq!(wire.status, 201);
    assert_eq!(wire.location.as_deref(), Some("https://gw.acme.example/scim/v2/Users/77c1"));
    let body = wire.body.unwrap();
    assert_eq!(body["schemas"][0], "urn:ietf:params:scim:schemas:core:2.0:User");
    assert_eq!(body["schemas"][1], ENTERPRISE);
    let meta = json!({
        "resourceType": "User", "created": "2010-01-23T04:56:22Z",
        "lastModified": "2011-05-13T04:42:34Z", "location": wire.location, "version": wire.etag
    });
    assert_eq!(body["meta"], meta);
    assert_eq!(body["groups"][0]["$ref"], format!("{BASE}/Groups/g1"));
    assert_eq!(body[ENTERPRISE]["manager"]["$ref"], format!("{BASE}/Users/77b0"));
}

#[test]
fn order_does_not_depend_on_the_mapping() {
    let text = |members: Value| {
        let answer = Response::Resource { created: false, resource: resource(members) };
        let wire = response(answer, Some(&user_type()), &types(), &Projection::Default, BASE);
        assert_eq!(wire.status, 200);
        wire.body.unwrap().to_string()
    };
    let one = text(json!({"active": true, "id": "1", "userName": "a", "title": "x"}));
    assert_eq!(one, text(json!({"title": "x", "userName": "a", "id": "1", "active": true})));
    assert_eq!(
        one,
        r#"{"active":true,"id":"1","meta":{"location":"https://gw.acme.example/scim/v2/Users/1","resourceType":"User","version":"W/\"2d35beaed4dbfcc5\""},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"title":"x","userName":"a"}"#
    );
}

#[test]
fn projected() {
    let only = Projection::Only(vec![AttributePath::core("userName")]);
    let answer = Response::Resource { created: false, resource: mia() };
    let wire = response(answer, Some(&user_type()), &types(), &only, BASE);
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "77c1", "userName": "Mia.Berg@acme.example"
    });
    assert_eq!(wire.body, Some(expected));
    assert!(wire.location.is_some(), "the header does not depend on what is asked for");
    let whole = Response::Resource { created: false, resource: mia() };
    let whole = response(whole, Some(&user_type()), &types(), &Projection::Default, BASE);
    assert!(wire.etag.is_some() && wire.etag == whole.etag, "nor does the version");
}

#[test]
fn what_the_client_has_already_is_not_sent() {
    let answer = Response::Unchanged(mia());
    let wire = response(answer, Some(&user_type()), &types(), &Projection::Default, BASE);
    assert_eq!((wire.status, &wire.body), (304, &None));
    assert!(wire.etag.is_some() && wire.location.is_some());
}

#[test]
fn members_are_referred_to_where_their_type_is_sure() {
    let group = || {
        resource(json!({
            "id": "g 1/2", "displayName": "x",
            "members": [{"value": "1"}, {"value": "2", "type": "User"}, {"value": "3", "type": "Group"}]
        }))
    };
    let wire = |kind| {
        let answer = Response::Resource { created: false, resource: group() };
        response(answer, Some(&kind), &types(), &Projection::Default, BASE)
    };
    let either = wire(group_type());
    assert_eq!(either.location, Some(format!("{BASE}/Groups/g%201%2F2")));
    let expected = json!([
        {"value": "1"},
        {"value": "2", "type": "User", "$ref": format!("{BASE}/Users/2")},
        {"value": "3", "type": "Group", "$ref": format!("{BASE}/Groups/3")}
    ]);
    assert_eq!(either.body.unwrap()["members"], expected);
    let mut users = group_type();
    users.schema.attributes[1].attributes[1].reference_types = vec!["User".to_owned()];
    let first = json!({"value": "1", "type": "User", "$ref": format!("{BASE}/Users/1")});
    assert_eq!(wire(users).body.unwrap()["members"][0], first);
}

#[test]
fn references_lead_to_the_endpoints_that_are_served() {
    let place = |types: Vec<ResourceType>| {
        let types = ResourceTypes::new(types.into_iter().map(Arc::new).collect());
        let answer = Response::Resource { created: false, resource: mia() };
        let wire = response(answer, Some(&user_type()), &types, &Projection::Default, BASE);
        wire.body.unwrap()["groups"][0]["$ref"].clone()
    };
    let teams = ResourceType { endpoint: "/Teams".to_owned(), ..group_type() };
    assert_eq!(place(vec![user_type(), teams]), format!("{BASE}/Teams/g1"));
    assert_eq!(place(vec![user_type()]), Value::Null, "there is nothing to read");
}

#[test]
fn lists() {
    let page = Page::Indexed { total: 230, start_index: 101 };
    let answer = Response::List { resources: vec![mia()], page };
    let body =
        response(answer, Some(&user_type()), &types(), &Projection::Default, BASE).body.unwrap();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let counts = (&body["totalResults"], &body["startIndex"], &body["itemsPerPage"]);
    assert_eq!(counts, (&json!(230), &json!(101), &json!(1)));
    assert_eq!(body["Resources"][0]["meta"]["resourceType"], "User");
    assert!(body["Resources"][0]["meta"]["version"].is_string());
    let page = Page::Indexed { total: 0, start_index: 1 };
    let answer = Response::List { resources: Vec::new(), page };
    let body = response(answer, None, &types(), &Projection::Default, BASE).body.unwrap();
    assert_eq!(body["Resources"], json!([]));
    assert_eq!(body["itemsPerPage"], 0);
}

#[test]
fn lists_by_cursor() {
    for (total, next) in [(Some(230), Some("x")), (None, Some("x")), (Some(1), None)] {
        let page = Page::Cursored { total, next: next.map(str::to_owned) };
        let answer = Response::List { resources: vec![mia()], page };
        let wire = response(answer, Some(&user_type()), &types(), &Projection::Default, BASE);
        let body = wire.body.unwrap();
        assert_eq!(body.get("totalResults"), total.map(Value::from).as_ref());
        assert_eq!(body.get("nextCursor"), next.map(Value::from).as_ref());
        assert_eq!((body.get("startIndex"), &body["itemsPerPage"]), (None, &json!(1)));
    }
}

#[test]
fn nothing_and_documents() {
    let nothing = response(Response::NoContent, None, &types(), &Projection::Default, BASE);
    assert_eq!((nothing.status, nothing.body), (204, None));
    let told = |document: &Value, unchanged| {
        let document = Response::Document { document: document.clone(), unchanged };
        response(document, None, &types(), &Projection::Default, BASE)
    };
    let list = json!({"a": 1});
    let wire = told(&list, false);
    assert_eq!((wire.status, wire.location, wire.etag), (200, None, None));
    assert_eq!(wire.body, Some(list));
    let one = json!({"meta": {"location": "https://x"}});
    let wire = told(&one, false);
    assert_eq!((wire.status, wire.location.as_deref()), (200, Some("https://x")));
    assert_eq!(wire.body, Some(one.clone()));
    let same = told(&one, true);
    assert_eq!((same.status, same.location, same.body), (304, wire.location, None));
    assert!(same.etag.is_some() && same.etag == wire.etag);
}

#[test]
fn errors() {
    let wire = error(&Error::bad(ScimType::NoTarget, "nothing there").retry_after(7));
    assert_eq!((wire.status, wire.retry_after), (400, Some(7)));
    let expected = r#"{"detail":"nothing there","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"noTarget","status":"400"}"#;
    assert_eq!(wire.body.unwrap().to_string(), expected);
    let wire = error(&Error::new(502, "the vendor knows no `7\r\n\u{202e}8`"));
    assert_eq!(wire.body.unwrap()["detail"], r"the vendor knows no `7\r\n\u{202e}8`");
    let wire = error(&Error::not_found("7"));
    assert_eq!(wire.body.unwrap().get("scimType"), None);
}

#[test]
fn a_list_as_text_is_the_list() {
    let pages = [
        Page::Indexed { total: 9, start_index: 3 },
        Page::Cursored { total: None, next: Some("2.2.x".to_owned()) },
        Page::Cursored { total: Some(2), next: None },
    ];
    let only = Projection::Only(vec![AttributePath::parse("userName").unwrap()]);
    let (kind, types) = (user_type(), types());
    for page in pages {
        for (projection, count) in
            [(&Projection::Default, 0), (&Projection::Default, 2), (&only, 3)]
        {
            for dialect in [Dialect::V2, Dialect::V11] {
                let resources = vec![mia(); count];
                let mut listing = Listing::new(&kind, &types, projection, BASE, dialect);
                let mut text = Vec::new();
                listing.begin(&mut text);
                resources.iter().for_each(|one| listing.put(one.clone(), &mut text));
                assert_eq!(listing.held(), count);
                listing.end(page.clone(), &mut text);
                let answer = Response::List { resources, page: page.clone() };
                let wire = response(answer, Some(&kind), &types, projection, BASE);
                let whole = dialect.response(wire, &types, Abilities::default).body;
                let told: Value = serde_json::from_slice(&text).unwrap();
                assert_eq!(Some(told), whole, "{page:?} {projection:?} {dialect:?}");
            }
        }
    }
}
