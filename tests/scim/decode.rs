//! Requests, from the bytes that clients send.

use crate::fixture::{ENTERPRISE, types, user_type};
use http::Method;
use scimshim::scim::{
    attribute::AttributePath,
    decode::decode,
    encode,
    error::{Error, ScimType},
    message::{Action, Discovery, Projection, Query, Request, Start},
    patch::PatchKind,
    reading::Reading,
    resource_type::{ResourceType, ResourceTypes},
    sort::Sort,
};
use serde_json::json;
use std::sync::Arc;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn read(method: &str, target: &str, body: &str) -> Result<Request, Error> {
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    let (method, reading) =
        (Method::from_bytes(method.as_bytes()).unwrap(), &mut Reading::default());
    decode(&method, path, query, body.as_bytes(), &types(), reading)
}

fn action(request: Request) -> Action {
    match request {
        Request::Resource { action, .. } => action,
        other => panic!("{other:?}"),
    }
}

fn search(target: &str) -> Query {
    match action(read("GET", target, "").unwrap()) {
        Action::Search(query) => query,
        other => panic!("{other:?}"),
    }
}

#[test]
fn routes() {
    for (target, id) in [
        ("/Users/42", "42"),
        ("/users/42/", "42"),
        ("//Users//42", "42"),
        ("/Users/a%20b%2Fc%2B", "a b/c+"),
        ("/Users/a+b", "a+b"),
        ("/Users/%E6%97%A5", "日"),
    ] {
        let get = Action::Get { id: id.to_owned() };
        assert_eq!(action(read("GET", target, "").unwrap()), get, "{target}");
        let delete = Action::Delete { id: id.to_owned() };
        assert_eq!(action(read("DELETE", target, "").unwrap()), delete, "{target}");
    }
    for (target, expected) in [
        ("/ServiceProviderConfig", Discovery::ServiceProviderConfig),
        ("/ServiceProviderConfigs/", Discovery::ServiceProviderConfig),
        ("/ResourceTypes", Discovery::ResourceTypes(None)),
        ("/ResourceTypes/User", Discovery::ResourceTypes(Some("User".to_owned()))),
        ("/Schemas?startIndex=2&count=1&attributes=id", Discovery::Schemas(None)),
        ("/Schemas?count=x", Discovery::Schemas(None)),
        (&format!("/Schemas/{USER}"), Discovery::Schemas(Some(USER.to_owned()))),
    ] {
        assert_eq!(read("GET", target, ""), Ok(Request::Discovery(expected)), "{target}");
    }
}

#[test]
fn what_is_not_to_be_had() {
    let long = format!("/Users/{}", "x".repeat(1025));
    let cases = [
        ("GET", "", 404),
        ("GET", "/", 404),
        ("GET", "/Robots", 404),
        ("POST", "/Robots/1", 404),
        ("GET", "/Users/1/photo", 404),
        ("GET", "/Users/%FF", 404),
        ("GET", &long, 404),
        ("GET", "/Users/..", 404),
        ("DELETE", "/Users/%2e%2E", 404),
        ("PATCH", "/Users/.", 404),
        ("PUT", "/Users/%2e", 404),
        ("GET", "/ServiceProviderConfig/1", 404),
        ("GET", "/Schemas/a/b", 404),
        ("PUT", "/Users", 405),
        ("PATCH", "/Users", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/42", 405),
        ("BREW", "/Users/42", 405),
        ("GET", "/Users/.search", 405),
        ("POST", "/Schemas", 405),
        ("PUT", "/ResourceTypes/User", 405),
        ("DELETE", "/ServiceProviderConfig", 405),
        ("GET", "/ServiceProviderConfig?filter=id%20pr", 403),
        ("GET", "/Schemas?filter=id+pr", 403),
        ("GET", "/ResourceTypes?filter=", 403),
        ("GET", "/Me", 501),
        ("PATCH", "/me", 501),
        ("GET", "/Bulk", 405),
        ("POST", "/Bulk/1", 404),
        ("GET", "/.search", 405),
        ("POST", "/?filter=id%20pr", 404),
    ];
    for (method, target, status) in cases {
        let error = read(method, target, "").unwrap_err();
        assert_eq!(error.status, status, "{method} {target}: {}", error.detail);
    }
}

#[test]
fn standard_endpoints_that_are_not_served() {
    let types = ResourceTypes::new(vec![Arc::new(user_type())]);
    let ask = |method: Method, path: &str, query: Option<&str>| {
        decode(&method, path, query, b"", &types, &mut Reading::default())
    };
    let empty = Query { filter: None, start: Start::Index(1), count: Some(100), sort: None };
    assert_eq!(
        ask(Method::GET, "/Groups", Some("startIndex=1&count=100")),
        Ok(Request::Unserved(empty))
    );
    for (method, path, query, status) in [
        (Method::GET, "/Groups", Some("filter=broken"), 400),
        (Method::POST, "/Groups", None, 501),
        (Method::PUT, "/Groups", None, 405),
        (Method::GET, "/Groups/1", None, 404),
        (Method::PATCH, "/Groups/1", None, 404),
        (Method::DELETE, "/Groups/1", None, 404),
    ] {
        assert_eq!(ask(method.clone(), path, query).unwrap_err().status, status, "{method} {path}");
    }
}

#[test]
fn query_strings() {
    let filter = |target: &str| search(target).filter.unwrap().to_string();
    // Okta, Entra; a plus in a name; what other clients leave there.
    for (target, expected) in [
        (
            "/Users?filter=userName%20eq%20%22mia%40acme.example%22&startIndex=1&count=100",
            r#"userName eq "mia@acme.example""#,
        ),
        ("/Users?filter=userName+eq+%22mia%2Bx%25%27%C3%A9%22", r#"userName eq "mia+x%'é""#),
        ("/Users?aadOptscim062020&FILTER=USERNAME+EQ+%22a%22&x=%FF", r#"userName eq "a""#),
        (
            "/Groups?excludedAttributes=members&filter=displayName+eq+%22Sales%22",
            r#"displayName eq "Sales""#,
        ),
        (
            "/Groups?filter=id eq \"g9\" and members eq \"77c1\"&attributes=id",
            r#"id eq "g9" and members.value eq "77c1""#,
        ),
    ] {
        assert_eq!(filter(target), expected, "{target}");
    }
    // R36-R38.
    for (query, start_index, count) in [
        ("", 1, None),
        ("startIndex=101&count=100", 101, Some(100)),
        ("startIndex=0&count=1", 1, Some(1)),
        ("startIndex=-5&count=-3", 1, Some(0)),
        ("count=0", 1, Some(0)),
        ("startIndex=&count=", 1, None),
        ("count=99999999999999999999999", 1, Some(2_147_483_647)),
        ("startIndex=2147483648&count=2147483647", 2_147_483_647, Some(2_147_483_647)),
    ] {
        let found = search(&format!("/Users?{query}"));
        assert_eq!((found.start, found.count), (Start::Index(start_index), count), "{query}");
    }
    // RFC 9865 §2.
    for (query, cursor, count) in [
        ("cursor", "", None),
        ("cursor=&count=2", "", Some(2)),
        ("count=10&CURSOR=a.b-c", "a.b-c", Some(10)),
        ("cursor=x&startIndex=", "x", None),
    ] {
        let found = search(&format!("/Users?{query}"));
        assert_eq!(
            (found.start, found.count),
            (Start::Cursor(cursor.to_owned()), count),
            "{query}"
        );
    }
    let sorted = |query: &str| search(&format!("/Users?{query}")).sort;
    let by_name = AttributePath::core("userName");
    for (query, descending) in [
        ("sortBy=USERNAME&sortOrder=Descending", true),
        ("sortBy=username", false),
        ("sortBy=userName&sortOrder=ascending", false),
        ("sortOrder=&sortBy=userName", false),
    ] {
        assert_eq!(sorted(query), Some(Sort { by: by_name.clone(), descending }), "{query}");
    }
    assert_eq!(sorted("sortBy=&sortOrder=down"), None);
}

#[test]
fn a_parameter_stands_once_or_is_a_list() {
    let ask = |path: &str, query: &str| {
        decode(&Method::GET, path, Some(query), b"", &types(), &mut Reading::default())
    };
    for (query, scim_type) in [
        ("filter=title%20pr&filter=userName%20pr", ScimType::InvalidFilter),
        ("FILTER=title%20pr&filter=title%20pr", ScimType::InvalidFilter),
        ("count=1&count=2", ScimType::InvalidValue),
        ("startIndex=1&startIndex=1", ScimType::InvalidValue),
        ("cursor=a&cursor=b", ScimType::InvalidValue),
        ("sortBy=title&sortby=userName", ScimType::InvalidValue),
        ("sortOrder=ascending&sortOrder=descending", ScimType::InvalidValue),
    ] {
        let error = ask("/Users", query).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{query}");
        assert!(error.detail.contains("found twice"), "{error:?}");
    }
    for name in ["attributes", "excludedAttributes"] {
        let once = ask("/Users", &format!("{name}=title,userName")).unwrap();
        let twice = ask("/Users", &format!("{name}=title&{name}=userName")).unwrap();
        assert_eq!(once, twice, "{name}");
    }
    let error = ask("/Schemas", "filter=id%20pr&filter=id%20pr").unwrap_err();
    assert_eq!(error.status, 403, "{error:?}");
}

/// A deactivation does not hang on which of two equal names a parser keeps.
#[test]
fn a_name_stands_once_in_an_object() {
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    for (method, path, body) in [
        (
            Method::POST,
            "/Users",
            format!(r#"{{"schemas":["{user}"],"userName":"a","USERNAME":"b"}}"#),
        ),
        (
            Method::POST,
            "/Users",
            format!(r#"{{"schemas":["{user}"],"userName":"c","userName":"d"}}"#),
        ),
        (
            Method::PUT,
            "/Users/1",
            format!(
                r#"{{"schemas":["{user}"],"userName":"a","name":{{"givenName":"a","GivenName":"b"}}}}"#
            ),
        ),
        (
            Method::PATCH,
            "/Users/1",
            format!(
                r#"{{"schemas":["{patch}"],"Operations":[{{"op":"replace","value":{{"active":false,"Active":true}}}}]}}"#
            ),
        ),
        (
            Method::PATCH,
            "/Users/1",
            format!(
                r#"{{"schemas":["{patch}"],"Operations":[{{"op":"replace","Op":"add","path":"title","value":"x"}}]}}"#
            ),
        ),
    ] {
        let mut reading = Reading::default();
        let error =
            decode(&method, path, None, body.as_bytes(), &types(), &mut reading).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)), "{body}");
        assert!(error.detail.contains("twice"), "{error:?}");
    }
}

#[test]
fn broken_queries() {
    for (query, scim_type) in [
        ("filter=userName%20zz%20%22a%22", ScimType::InvalidFilter),
        ("filter=", ScimType::InvalidFilter),
        ("filter=emial%20pr", ScimType::InvalidFilter),
        ("filter=active%20gt%20true", ScimType::InvalidFilter),
        ("filter=password%20pr", ScimType::Sensitive),
        ("filter=%FF", ScimType::InvalidValue),
        ("count=ten", ScimType::InvalidValue),
        ("startIndex=1.5", ScimType::InvalidValue),
        ("count=-", ScimType::InvalidValue),
        ("attributes=a%20b", ScimType::InvalidValue),
        ("cursor&startIndex=1", ScimType::InvalidValue),
        ("sortBy=emial", ScimType::InvalidValue),
        ("sortBy=a%20b", ScimType::InvalidValue),
        ("sortBy=name", ScimType::InvalidValue),
        ("sortBy=password", ScimType::Sensitive),
        ("sortBy=userName&sortOrder=down", ScimType::InvalidValue),
    ] {
        let error = read("GET", &format!("/Users?{query}"), "").unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{query}");
    }
}

#[test]
fn projections() {
    let projection = |query: &str| match read("GET", &format!("/Users/1?{query}"), "").unwrap() {
        Request::Resource { projection, .. } => projection,
        other => panic!("{other:?}"),
    };
    let name = AttributePath::core("userName");
    for (query, expected) in [
        ("", Projection::Default),
        ("attributes=", Projection::Default),
        ("attributes=USERNAME", Projection::Only(vec![name.clone()])),
        ("attributes=unknown", Projection::Only(vec![])),
        (
            "attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName,%20name.familyName,",
            Projection::Only(vec![name.clone(), AttributePath::core("name").dot("familyName")]),
        ),
        ("excludedAttributes=userName", Projection::Except(vec![name.clone()])),
        ("excludedAttributes=title&attributes=userName", Projection::Only(vec![name])),
    ] {
        assert_eq!(projection(query), expected, "{query}");
    }
}

#[test]
fn search_by_post() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["displayName", "userName"], "filter": "displayName sw \"smith\"",
        "startIndex": 1, "count": 10
    });
    let request = read("POST", "/Users/.search", &body.to_string()).unwrap();
    let Request::Resource { action: Action::Search(query), projection, .. } = request else {
        panic!()
    };
    assert_eq!(query.filter.unwrap().to_string(), "displayName sw \"smith\"");
    assert_eq!((query.start, query.count), (Start::Index(1), Some(10)));
    let names = [AttributePath::core("displayName"), AttributePath::core("userName")];
    assert_eq!(projection, Projection::Only(names.to_vec()));
    for body in [
        "",
        "{}",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":7.5}"#,
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":{}}"#,
    ] {
        assert_eq!(read("POST", "/Users/.search", body).unwrap_err().status, 400, "{body}");
    }
}

#[test]
fn okta_creates() {
    let body = json!({
        "schemas": [USER], "userName": "mia.berg@acme.example",
        "name": {"givenName": "Mia", "familyName": "Berg"},
        "emails": [{"primary": true, "value": "mia.berg@acme.example", "type": "work"}],
        "displayName": "Mia Berg", "locale": "sv-SE", "externalId": "00u1mia2berg3XYZ0h7",
        "groups": [], "password": "q8Zt1-random", "active": true
    });
    let request = read("POST", "/Users", &body.to_string()).unwrap();
    let Request::Resource { kind, action: Action::Create(resource), unmapped, .. } = request else {
        panic!()
    };
    let mut expected = body;
    for name in ["schemas", "groups"] {
        expected.as_object_mut().unwrap().remove(name);
    }
    assert_eq!((kind.as_str(), unmapped.count()), ("User", 0));
    assert_eq!(resource.as_value(), &expected);
}

#[test]
fn entra_creates() {
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1", "displayName": "Sales", "meta": {"resourceType": "Group"}
    });
    let created = action(read("POST", "/Groups", &group.to_string()).unwrap());
    let Action::Create(resource) = created else { panic!() };
    assert_eq!(resource.as_value(), &json!({"externalId": "8aa1", "displayName": "Sales"}));
    let user = json!({
        "schemas": [USER, ENTERPRISE], "userName": "mberg", "roles": [],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Ops", "manager": "77b0"}
    });
    let Action::Create(resource) = action(read("POST", "/Users", &user.to_string()).unwrap())
    else {
        panic!()
    };
    let extension = json!({"department": "Ops", "manager": {"value": "77b0"}});
    assert_eq!(resource.as_value(), &json!({"userName": "mberg", ENTERPRISE: extension}));
}

#[test]
fn okta_replaces() {
    let body = json!({
        "schemas": [USER], "id": "another", "userName": "mia", "active": true, "groups": [{"value": "g"}],
        "meta": {"resourceType": "User"}, "shoeSize": 38
    });
    let request = read("PUT", "/Users/77c1", &body.to_string()).unwrap();
    let Request::Resource { action: Action::Replace { id, resource }, unmapped, .. } = request
    else {
        panic!()
    };
    assert_eq!(id, "77c1");
    assert_eq!(resource.as_value(), &json!({"id": "77c1", "userName": "mia", "active": true}));
    assert_eq!(unmapped.names(), ["shoeSize"]);
}

#[test]
fn patches() {
    let body = json!({
        "Schemas": [PATCH],
        "operations": [
            {"op": "replace", "value": {"active": false}},
            {"OP": "Add", "Path": "members", "Value": [{"value": "77c1"}]},
            {"op": "REMOVE", "path": "members[value eq \"5a01\"]"},
            {"op": "replace", "path": "", "value": {"title": null}}
        ]
    });
    let patch = action(read("PATCH", "/Users/77c1", &body.to_string()).unwrap());
    let Action::Patch { id, operations } = patch else { panic!() };
    assert_eq!(id, "77c1");
    let read: Vec<_> = operations
        .iter()
        .map(|each| (each.kind, each.path.as_ref().map(ToString::to_string), each.value.is_some()))
        .collect();
    let expected = [
        (PatchKind::Replace, None, true),
        (PatchKind::Add, Some("members".to_owned()), true),
        (PatchKind::Remove, Some("members[value eq \"5a01\"]".to_owned()), false),
        (PatchKind::Replace, None, true),
    ];
    assert_eq!(read, expected);
}

#[test]
fn broken_bodies() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let cases = [
        ("POST", "/Users", "", "the body is empty, expected a JSON object"),
        ("PUT", "/Users/1", "  \n", "the body is empty, expected a JSON object"),
        (
            "POST",
            "/Users",
            r#"{"schemas":["#,
            "the body is no JSON: EOF while parsing a list at line 1 column 12",
        ),
        (
            "POST",
            "/Users",
            "{\n \"a\": tru }",
            "the body is no JSON: expected ident at line 2 column 10",
        ),
        ("POST", "/Users", "[]", "the body is a list, expected a JSON object"),
        ("POST", "/Users", "\"x\"", "the body is the text `x`, expected a JSON object"),
        ("POST", "/Users", &deep, "the body is no JSON: it is nested too deep"),
        (
            "POST",
            "/Users",
            r#"{"userName":"a"}"#,
            "`schemas`: found nothing, expected it to name `urn:ietf:params:scim:schemas:core:2.0:User`",
        ),
        (
            "POST",
            "/Users",
            r#"{"schemas":[],"userName":"a"}"#,
            "`schemas`: found nothing, expected it to name `urn:ietf:params:scim:schemas:core:2.0:User`",
        ),
        (
            "POST",
            "/Users",
            r#"{"schemas":["urn:x"],"userName":"a"}"#,
            "`schemas`: found `urn:x`, expected it to name `urn:ietf:params:scim:schemas:core:2.0:User`",
        ),
        (
            "PATCH",
            "/Users/1",
            r#"{"Operations":[]}"#,
            "`schemas`: found nothing, expected it to name `urn:ietf:params:scim:api:messages:2.0:PatchOp`",
        ),
    ];
    for (method, target, body, detail) in cases {
        let error = read(method, target, body).unwrap_err();
        assert_eq!(error.detail, detail);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)), "{body}");
    }
    let error = read("POST", "/Users", &json!({"schemas": [USER], "active": "banana"}).to_string());
    assert_eq!(error.unwrap_err().scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn broken_patches() {
    let value = json!(1);
    let cases = [
        (
            json!(null),
            ScimType::InvalidSyntax,
            "`Operations`: found null, expected a list of operations",
        ),
        (
            json!([]),
            ScimType::InvalidSyntax,
            "`Operations`: found an empty list, expected a list of operations",
        ),
        (
            json!({"op": "add"}),
            ScimType::InvalidSyntax,
            "`Operations`: found an object, expected a list of operations",
        ),
        (
            json!([7]),
            ScimType::InvalidSyntax,
            "operation 1: found the number 7, expected an object",
        ),
        (
            json!([{"op": "destroy", "path": "title"}]),
            ScimType::InvalidSyntax,
            "operation 1: `op`: found the text `destroy`, expected add, remove or replace",
        ),
        (
            json!([{"path": "title"}]),
            ScimType::InvalidSyntax,
            "operation 1: `op`: found nothing, expected add, remove or replace",
        ),
        (
            json!([{"op": "add", "path": "title"}]),
            ScimType::InvalidValue,
            "operation 1: `value`: found nothing, expected what to add",
        ),
        (
            json!([{"op": "add", "path": 7, "value": value}]),
            ScimType::InvalidPath,
            "operation 1: `path`: found the number 7, expected text",
        ),
        (
            json!([{"op": "remove", "path": "title"}, {"op": "replace", "path": "emails[type eq", "value": value}]),
            ScimType::InvalidPath,
            "operation 2: path at 15: expected a value: \"text\" in double quotes, a number, true, false or null, found the end",
        ),
        (
            json!(vec![json!({"op": "remove", "path": "x"}); 10_001]),
            ScimType::TooMany,
            "`Operations`: found 10001 operations, expected at most 10000",
        ),
    ];
    for (operations, scim_type, detail) in cases {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        let error = read("PATCH", "/Users/1", &body.to_string()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)));
        assert_eq!(error.detail, detail);
    }
}

#[test]
fn a_405_says_what_is_allowed() {
    for (method, target, allowed) in [
        ("PUT", "/Users", "GET, POST"),
        ("POST", "/Users/42", "GET, PUT, PATCH, DELETE"),
        ("GET", "/Users/.search", "POST"),
        ("POST", "/Schemas", "GET"),
    ] {
        let error = read(method, target, "").unwrap_err();
        assert_eq!((error.status, error.allowed), (405, Some(allowed)), "{method} {target}");
        assert_eq!(encode::error(&error).allowed, Some(allowed));
    }
    assert_eq!(read("GET", "/Robots", "").unwrap_err().allowed, None);
}

#[test]
fn no_message_holds_what_cannot_be_seen() {
    for target in [
        "/Rob%0D%0Aots",
        "/Users/7?count=1%0D%0ASet-Cookie:%20x",
        "/Users?count=%1B%5B31m",
        "/Users?attributes=a%0Ab",
        "/Users?attributes=a%0Ab:c",
        "/Users?filter=userName%20%E2%80%AEzz%0A%22a%22",
        "/Users?filter=active%20eq%20%22%0D%0A%22",
        "/Schemas/urn:%0D%0A",
    ] {
        let Err(error) = read("GET", target, "") else { continue };
        let hidden = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!error.detail.contains(hidden), "{target}: {:?}", error.detail);
    }
    assert_eq!(Error::not_found("7\r\n8").detail, r"resource `7\r\n8` not found");
}

#[test]
fn what_an_action_is() {
    let body = json!({"schemas": [USER], "userName": "a"}).to_string();
    let changes = json!({"schemas": [PATCH], "Operations": [{"op": "remove", "path": "title"}]});
    let changes = changes.to_string();
    for (method, target, body, kind, verb, id, writes) in [
        ("GET", "/Users/7", "", Some("User"), Some("get"), Some("7"), false),
        ("GET", "/Users", "", Some("User"), Some("search"), None, false),
        ("POST", "/Users", &body, Some("User"), Some("create"), None, true),
        ("PUT", "/Users/7", &body, Some("User"), Some("replace"), Some("7"), true),
        ("PATCH", "/Users/7", &changes, Some("User"), Some("patch"), Some("7"), true),
        ("DELETE", "/Groups/7", "", Some("Group"), Some("delete"), Some("7"), true),
        ("GET", "/Schemas", "", None, None, None, false),
    ] {
        let request = read(method, target, body).unwrap();
        assert_eq!((request.kind(), request.writes()), (kind, writes), "{method} {target}");
        assert_eq!(request.action().map(Action::verb), verb, "{method} {target}");
        assert_eq!(request.action().and_then(Action::id), id, "{method} {target}");
    }
    let request = read("GET", "/Users/7?attributes=userName", "").unwrap();
    assert_eq!(request.projection(), &Projection::Only(vec![AttributePath::core("userName")]));
}

#[test]
fn what_is_only_read_refuses_every_other_method_before_the_body_is_looked_at() {
    let kind = ResourceType { read_only: true, ..user_type() };
    let types = ResourceTypes::new(vec![Arc::new(kind)]);
    let read = |method: Method, path: &str, body: &[u8]| {
        decode(&method, path, None, body, &types, &mut Reading::default())
    };
    let search = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
    assert!(read(Method::GET, "/Users", b"").is_ok());
    assert!(read(Method::GET, "/Users/7", b"").is_ok());
    assert!(read(Method::POST, "/Users/.search", search).is_ok());
    for (method, path, allowed) in [
        (Method::POST, "/Users", "GET"),
        (Method::PUT, "/Users/7", "GET"),
        (Method::PATCH, "/Users/7", "GET"),
        (Method::DELETE, "/Users/7", "GET"),
        (Method::DELETE, "/Users/.search", "POST"),
    ] {
        let error = read(method.clone(), path, b"no json").unwrap_err();
        assert_eq!((error.status, error.allowed), (405, Some(allowed)), "{method} {path}");
    }
}
