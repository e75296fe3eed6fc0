//! Bulk: what is asked, in which order it is done, and how the answer tells of it.

use crate::fixture::{ENTERPRISE, types};
use http::Method;
use scimshim::scim::{
    bulk::{
        Bulk,
        order::{Turn, turns},
        reference,
    },
    decode::decode,
    error::{Error, ScimType},
    message::Request,
    outcome::{Outcome, response},
    reading::Reading,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn read(mut body: Value) -> Result<Bulk, Error> {
    body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    let (text, reading) = (body.to_string(), &mut Reading::default());
    match decode(&Method::POST, "/Bulk", None, text.as_bytes(), &types(), reading)? {
        Request::Bulk(bulk) => Ok(bulk),
        other => panic!("{other:?}"),
    }
}

fn of(operations: Value) -> Bulk {
    read(json!({ "Operations": operations })).unwrap()
}

#[test]
fn operations_are_read_each_by_itself() {
    let data = json!({ "userName": "a" });
    let made = |path: &str| json!({ "method": "POST", "path": path, "bulkId": "a", "data": data });
    for (sent, status) in [
        (made("/Users"), 200),
        (json!({ "METHOD": "post", "Path": "/users", "BULKID": "a", "Data": data }), 200),
        (json!({ "method": "PATCH", "path": "/Users/1", "data": data, "version": "W/\"1\"" }), 200),
        (json!({ "method": "Delete", "path": "/Users/a%2Fb", "bulkId": "a" }), 200),
        (json!({ "method": "PUT", "path": "/Groups/bulkId:a", "data": data }), 200),
        (json!({ "method": "GET", "path": "/Users/1" }), 400),
        (json!({ "path": "/Users/1" }), 400),
        (json!({ "method": "POST", "path": "/Users", "data": data }), 400),
        (json!({ "method": "POST", "path": "/Users", "bulkId": 7, "data": data }), 400),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "a" }), 400),
        (json!({ "method": "DELETE" }), 400),
        (made("Users"), 400),
        (made("https://evil.example/Users"), 400),
        (made("//evil.example/Users"), 404),
        (made("/Users?attributes=userName"), 400),
        (made("/Users#x"), 400),
        (made("/Users\r\nHost: x"), 400),
        (made("/Users\\..\\x"), 400),
        (made("/Bulk"), 404),
        (made("/.search"), 404),
        (made("/Users/.search"), 404),
        (made("/Schemas"), 404),
        (made("/Robots"), 404),
        (made("/../Users"), 404),
    ] {
        let bulk = of(json!([sent, { "method": "DELETE", "path": "/Users/1" }]));
        let found = bulk.operations[0].asked.as_ref().map_or_else(|error| error.status, |_| 200);
        assert_eq!(found, status, "{sent}: {bulk:?}");
        assert!(bulk.operations[1].asked.is_ok(), "one does not spoil the others");
    }
    let twice = of(json!([made("/Users"), made("/Users")]));
    assert!(twice.operations[0].asked.is_ok() && twice.operations[1].asked.is_err());
    for (body, scim_type) in [
        (json!({}), ScimType::InvalidSyntax),
        (json!({ "Operations": [] }), ScimType::InvalidSyntax),
        (json!({ "Operations": {} }), ScimType::InvalidSyntax),
        (json!({ "Operations": [1] }), ScimType::InvalidSyntax),
        (json!({ "failOnErrors": "1", "Operations": [made("/Users")] }), ScimType::InvalidSyntax),
    ] {
        let error = read(body.clone()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{body}");
    }
    for (sent, expected) in [(json!(null), None), (json!(0), None), (json!(2), Some(2))] {
        let body = json!({ "failOnErrors": sent, "Operations": [made("/Users")] });
        let found = read(body).map(|bulk| bulk.fail_on_errors);
        if sent.is_null() {
            assert!(found.is_err() || found == Ok(None), "{sent}");
        } else {
            assert_eq!(found, Ok(expected), "{sent}");
        }
    }
}

/// A POST that refers to others.
fn post(name: &str, to: &[&str]) -> Value {
    let members = to.iter().map(|to| json!({ "value": format!("bulkId:{to}") }));
    let data = json!({ "displayName": name, "members": members.collect::<Value>() });
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": data })
}

#[test]
fn what_is_referred_to_is_made_first() {
    let delete = |path: &str| json!({ "method": "DELETE", "path": path });
    // `2` is done; `2-a` is done without a; `+2` is mended.
    for (operations, expected) in [
        (json!([post("a", &[]), post("b", &["a"])]), "0 1"),
        (json!([post("b", &["a"]), delete("/Users/1"), post("a", &[])]), "2 0 1"),
        (json!([post("c", &["b"]), post("b", &["a"]), post("a", &[])]), "2 1 0"),
        (json!([post("a", &["x"])]), "0"),
        (json!([delete("/Users/bulkId:a"), post("a", &[])]), "1 0"),
        (json!([post("a", &["a"])]), "0-a +0"),
        (json!([post("a", &["b"]), post("b", &["a"])]), "1-a 0 +1"),
        (
            json!([
                post("a", &["b"]),
                post("b", &["c"]),
                post("c", &["a", "b"]),
                delete("/Users/1")
            ]),
            "2-a-b 1 0 +2 3",
        ),
        (json!([post("d", &["a"]), post("a", &["b"]), post("b", &["a"])]), "2-a 1 0 +2"),
    ] {
        let words = turns(&of(operations.clone())).into_iter().map(|turn| match turn {
            Turn::Do { operation, without } => {
                without.iter().fold(operation.to_string(), |word, name| format!("{word}-{name}"))
            }
            Turn::Mend { operation } => format!("+{operation}"),
        });
        assert_eq!(words.collect::<Vec<_>>().join(" "), expected, "{operations}");
    }
    // A chain as long as a request may be, each waiting for the next.
    let long: Value =
        (0..10_000).map(|at| post(&at.to_string(), &[&(at + 1).to_string()])).collect();
    assert_eq!(
        turns(&of(long)).first(),
        Some(&Turn::Do { operation: 9_999, without: BTreeSet::new() })
    );
}

#[test]
fn references_are_put_in_and_set_apart() {
    let mut data = json!({
        "userName": "a", "title": "bulkId", "displayName": "xbulkId:a",
        "members": [{ "value": "bulkId:a" }, { "value": "7" }],
        ENTERPRISE: { "department": "x", "manager": { "value": "bulkId:b" } },
    });
    let id = |name: &str| (name == "a").then(|| "1/2".to_owned());
    let put = reference::resolved(&data, &id);
    assert_eq!(put["members"], json!([{ "value": "1/2" }, { "value": "7" }]));
    assert_eq!((&put["displayName"], &put[ENTERPRISE]), (&data["displayName"], &data[ENTERPRISE]));
    let escaped = |id: &str| id.replace('/', "%2F");
    for (path, expected) in [
        ("/Users/bulkId:a", "/Users/1%2F2"),
        ("/Users/bulkId%3Aa", "/Users/1%2F2"),
        ("/Users/bulkId:x", "/Users/bulkId:x"),
        ("/Users/7", "/Users/7"),
    ] {
        assert_eq!(reference::path(path, &id, escaped), expected);
    }
    let open = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    let apart = reference::set_apart(&mut data, &open);
    let names: Vec<_> = apart.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [&format!("{ENTERPRISE}:manager"), "members"]);
    assert_eq!(data[ENTERPRISE], json!({ "department": "x" }));
    assert_eq!(data.get("members"), None);
}

/// RFC 7644 §3.7.2, in what selects elements too.
#[test]
fn references_in_the_filters_of_a_patch_are_put_in() {
    let id = |name: &str| (name == "a").then(|| "1\"2".to_owned());
    let asked = |method: &str, operations: Value| {
        let (path, data) = ("/Groups/7", json!({ "operations": operations }));
        let bulk = of(json!([{ "method": method, "path": path, "data": data }]));
        bulk.operations.into_iter().next().unwrap().asked.unwrap()
    };
    for (path, names, expected) in [
        (r#"members[value eq "bulkId:a"]"#, "a", r#"members[value eq "1\"2"]"#),
        (
            r#"members[value eq "bulkId:b" or VALUE eq "bulkId:a"].type"#,
            "a b",
            r#"members[value eq "bulkId:b" or VALUE eq "1\"2"].type"#,
        ),
        (r#"members[value eq "\u0062ulkId:a"]"#, "a", r#"members[value eq "1\"2"]"#),
        (r#"members[display eq "\"bulkId:a"]"#, "", r#"members[display eq "\"bulkId:a"]"#),
        (r#"members[value eq "bulkId:a"#, "", r#"members[value eq "bulkId:a"#),
        ("members", "", "members"),
    ] {
        let sent = asked("PATCH", json!([{ "op": "remove", "Path": path }, { "op": "add" }]));
        let found: Vec<_> = reference::names(&sent).into_iter().collect();
        assert_eq!(found.join(" "), names, "{path}");
        let put = reference::put_in(sent, &id, str::to_owned);
        assert_eq!(put.data["operations"][0]["Path"], expected, "{path}");
        // A key of a path-less value is a path to those who write it so.
        let sent = asked("PATCH", json!([{ "op": "add", "value": { path: true } }]));
        let found: Vec<_> = reference::names(&sent).into_iter().collect();
        assert_eq!(found.join(" "), names, "{path}");
        let put = reference::put_in(sent, &id, str::to_owned);
        assert_eq!(put.data["operations"][0]["value"], json!({ expected: true }), "{path}");
        // Elsewhere `path` is a name as others are.
        let sent = asked("PUT", json!([{ "op": "remove", "path": path }]));
        assert!(reference::names(&sent).is_empty(), "{path}");
        assert_eq!(reference::put_in(sent.clone(), &id, str::to_owned), sent, "{path}");
    }
}

#[test]
fn the_answer_tells_of_what_was_reached() {
    let bulk = of(json!([
        { "method": "post", "path": "/Users", "bulkId": "a", "data": {} },
        { "method": "DELETE", "path": "/Users/1" },
        { "method": "DELETE", "path": "/Users/2" },
    ]));
    let made = Outcome {
        status: 201,
        location: Some("l".to_owned()),
        version: Some("v".to_owned()),
        response: None,
    };
    let outcomes = [Some(made), Some(Outcome::refused(&Error::not_found("1"))), None];
    let wire = response(bulk.operations.iter().zip(outcomes));
    let body = wire.body.unwrap();
    assert_eq!(
        (wire.status, &body["schemas"]),
        (200, &json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]))
    );
    let told = body["Operations"].as_array().unwrap();
    let first = json!({ "method": "post", "bulkId": "a", "location": "l", "version": "v", "status": "201" });
    assert_eq!((told.len(), &told[0]), (2, &first));
    assert_eq!(
        (&told[1]["status"], &told[1]["response"]["status"]),
        (&json!("404"), &json!("404"))
    );
}
