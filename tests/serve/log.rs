//! One line for every request and one for every failure of the vendor's, and nobody's data in any.

use crate::{
    harness::{Folder, NEVER, Served},
    vendor::{self, Row},
};
use serde_json::{Value, json};

const MAPPING: &str = r#"
mapping: 1
name: test
evidence: assumed
tenant:
  url: { type: text }
  key: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}"
  auth: { bearer: { token: "{tenant.key}" } }
  errors:
    - { when: "answer.body.ok == false", means: forbidden }
resources:
  User:
    key: id
    exists: record.state > 0
    attributes:
      userName: { field: email }
      nickName: { field: nick }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users }
      find:
        - { filter: "userName eq {email}", call: GET /search, query: { email: "{email}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: nick, claims: [nickName], call: "PUT /users/{key}/nick", may_fail: true }
        - { name: change, call: "PATCH /users/{key}", record: . }
"#;

/// What no log may hold: vendors put it everywhere.
const PRIVATE: &str = "private@person.example";

const TABLE: &[Row] = &[
    (
        "GET /users/fine",
        200,
        r#"{ "id": "fine", "email": "private@person.example", "nick": "N", "state": 1 }"#,
    ),
    ("GET /users/no", 200, r#"{ "ok": false, "message": "private@person.example" }"#),
    ("GET /users/page", 200, "<html>private@person.example</html>"),
    ("GET /users/moved", 302, ""),
    ("GET /users/list", 200, r#"["private@person.example"]"#),
    ("GET /users/odd", 200, r#"{ "id": "odd", "state": "private@person.example" }"#),
    ("GET /users/gone", 404, r#"{ "message": "private@person.example" }"#),
    ("GET /users/denied", 401, r#"{ "message": "private@person.example" }"#),
    ("GET /users", 200, "{}"),
    ("GET /search", 422, r#"{ "message": "private@person.example is no address" }"#),
    (
        "PATCH /users/fine",
        200,
        r#"{ "id": "fine", "email": "private@person.example", "state": 1 }"#,
    ),
    ("PUT /users/fine/nick", 409, r#"{ "message": "private@person.example has it" }"#),
];

/// The level, message, meaning and line of the mapping that the log says of a request.
type Told = (&'static str, &'static str, Option<&'static str>, &'static str);

fn served(name: &str) -> (Folder, Served) {
    let folder = Folder::new(name);
    folder.write("m.yaml", MAPPING);
    let served = Served::start(&folder, &[("acme", &vendor::scripted(TABLE))], NEVER);
    (folder, served)
}

fn check_clean(lines: &[Value]) {
    let text = lines.iter().map(Value::to_string).collect::<String>();
    for private in [PRIVATE, "private%40person", "token-of", "Bearer"] {
        assert!(!text.contains(private), "{private} is in {text}");
    }
}

#[test]
fn every_failure_of_the_vendors_is_one_line_with_the_mappings_place() {
    let (_folder, mut served) = served("failures");
    let get = r#"get: { call: "GET"#;
    let refused = "vendor refused";
    let unfit = "mapping and vendor do not fit";
    let table: [(&str, u16, &[Told]); 10] = [
        ("/Users/fine", 200, &[]),
        ("/Users/gone", 404, &[]),
        ("/Users/no", 403, &[("WARN", refused, Some("forbidden"), "answer.body.ok == false")]),
        ("/Users/page", 502, &[("WARN", refused, Some("broken"), get)]),
        ("/Users/moved", 502, &[("WARN", refused, Some("broken"), get)]),
        ("/Users/list", 502, &[("WARN", unfit, None, get)]),
        ("/Users/odd", 500, &[("WARN", unfit, None, "User:")]),
        ("/Users", 502, &[("WARN", unfit, None, "list: {")]),
        (
            "/Users?filter=userName+eq+%22private@person.example%22",
            400,
            &[("WARN", refused, Some("invalid"), "filter:")],
        ),
        (
            "/Users/denied",
            502,
            &[("ERROR", "vendor refused the gateway's own credential", Some("broken"), get)],
        ),
    ];
    for (path, status, told) in table {
        assert_eq!(served.scim("token-of-acme", path).0, status, "{path}");
        let mut lines = served.lines_of_a_request();
        check_clean(&lines);
        let request = lines.pop().unwrap();
        assert_eq!(lines.len(), told.len(), "{path}: {lines:?}");
        for (line, (level, message, means, mapping)) in lines.iter().zip(told) {
            assert_eq!((&line["level"], &line["message"]), (&(*level).into(), &(*message).into()));
            assert_eq!(line["means"].as_str(), *means, "{path}: {line}");
            let at = MAPPING.lines().position(|text| text.contains(mapping)).unwrap() + 1;
            let place = line["place"].as_str().unwrap();
            assert!(place.contains(&format!("m.yaml:{at}:")), "{path}: {line}");
            assert_eq!(line["request_id"], request["request_id"], "{path}");
            assert!(means.is_none() || line["ms"].is_u64(), "{path}: {line}");
        }
    }
    let metrics = served.metrics();
    let counted = r#"scimshim_vendor_credential_refused_total{tenant="acme"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn a_requests_line_says_who_what_and_how_it_ended() {
    let (_folder, mut served) = served("lines");
    let table = [
        ("GET /scim/v2/Users/fine", "", "User.get", Some("fine"), "ok", 200),
        ("GET /scim/v2/Users/gone", "", "User.get", Some("gone"), "not_found", 404),
        ("POST /scim/v2/Users", "{", "User.create", None, "bad_request", 400),
        ("PATCH /scim/v2/Users/a%2Fb", "no", "User.patch", Some("a/b"), "bad_request", 400),
        ("PUT /scim/v2/Users", "", "-", None, "wrong_method", 405),
        ("GET /scim/v2/Nonsense", "", "-", None, "not_found", 404),
    ];
    for (line, body, operation, resource, outcome, status) in table {
        assert_eq!(served.send(served.port, "token-of-acme", line, body).0, status, "{line}");
        let lines = served.lines_of_a_request();
        check_clean(&lines);
        let found = lines.last().unwrap();
        assert_eq!(found["level"], "INFO", "{line}");
        assert_eq!((&found["tenant"], &found["client"]), (&"acme".into(), &"okta".into()));
        assert_eq!(found["operation"], operation, "{line}");
        assert_eq!(found["resource"].as_str(), resource, "{line}");
        assert_eq!((&found["outcome"], &found["status"]), (&outcome.into(), &status.into()));
        for number in ["ms", "vendor_calls"] {
            assert!(found[number].is_u64(), "{line}: {found}");
        }
    }
    let counted =
        r#"scimshim_requests_total{operation="User.patch",outcome="bad_request",tenant="acme"} 1"#;
    let metrics = served.metrics();
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn a_refused_credential_says_why_and_an_expired_one_whose_it_was() {
    let (_folder, mut served) = served("reasons");
    for (token, reason, tenant, client) in [
        ("token-of-nobody", "unknown", "acme", "-"),
        ("old-token-of-acme", "expired", "acme", "okta"),
    ] {
        assert_eq!(served.scim(token, "/Users/fine").0, 401, "{token}");
        let lines = served.lines_of_a_request();
        check_clean(&lines);
        let line = &lines[0];
        assert_eq!((&line["reason"], &line["status"]), (&reason.into(), &401.into()));
        assert_eq!((&line["tenant"], &line["client"]), (&tenant.into(), &client.into()), "{token}");
    }
}

#[test]
fn an_update_that_may_fail_says_so_without_the_vendors_words() {
    let (_folder, mut served) = served("may-fail");
    let body = r#"{ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        { "op": "replace", "value": { "nickName": "M", "userName": "new@person.example" } }] }"#;
    served.send(served.port, "token-of-acme", "PATCH /scim/v2/Users/fine", body);
    let lines = served.lines_of_a_request();
    check_clean(&lines);
    let remark = lines.iter().find_map(|line| line["remark"].as_str()).unwrap();
    assert!(remark.starts_with("update `nick` failed and may: the vendor answered 409, conflict"));
    assert!(remark.contains("m.yaml:"), "{remark}");
}

#[test]
fn what_is_no_http_is_noted_as_well() {
    use std::io::{Read, Write};
    let (_folder, mut served) = served("no-http");
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(40_000));
    for (sent, outcome, status) in
        [("nonsense\r\n\r\n", "bad_request", 400), (long.as_str(), "too_large", 431)]
    {
        let mut stream = served.connect(served.port);
        stream.write_all(sent.as_bytes()).unwrap();
        let mut answer = vec![];
        let _ = stream.read_to_end(&mut answer);
        let line = served.lines_of_a_request().remove(0);
        assert_eq!((&line["outcome"], &line["status"]), (&outcome.into(), &status.into()));
        assert!(line["reason"].is_string(), "{line}");
        let counted =
            format!(r#"scimshim_requests_total{{operation="-",outcome="{outcome}",tenant="-"}} 1"#);
        let metrics = served.metrics();
        assert!(metrics.contains(&counted), "{metrics}");
    }
}

#[test]
fn a_list_that_is_cut_says_so_when_it_ends_and_how_much_was_told() {
    let folder = Folder::new("cut");
    let paged = MAPPING.replace(
        "items: users }\n      find",
        "items: users, paging: { next_url: { field: next } } }\n      find",
    );
    assert_ne!(paged, MAPPING);
    folder.write("m.yaml", &paged);
    let page = |from: usize, next: &str| -> &'static str {
        let users: Vec<Value> = (from..from + 300)
            .map(|id| json!({ "id": id, "email": PRIVATE, "nick": "n".repeat(200), "state": 1 }))
            .collect();
        // A vendor's table lasts as long as the process.
        Box::leak(json!({ "users": users, "next": next }).to_string().into_boxed_str())
    };
    let table = |third: Row| -> &'static [Row] {
        let rows = vec![
            ("GET /users", 200, page(0, "/users/second")),
            ("GET /users/second", 200, page(300, "/users/third")),
            third,
        ];
        Box::leak(rows.into_boxed_slice())
    };
    let path = "GET /scim/v2/Users?count=5000";
    let broken = ("GET /users/third", 422, r#"{ "message": "private@person.example" }"#);
    let mut served = Served::start(&folder, &[("acme", &vendor::scripted(table(broken)))], NEVER);
    let (status, body) = served.send(served.port, "token-of-acme", path, "");
    assert!(status == 200 && !body.ends_with("0\r\n\r\n"), "{status} {body}");
    let mut lines = served.lines_of_a_request();
    check_clean(&lines);
    let request = lines.pop().unwrap();
    assert_eq!((&request["outcome"], &request["status"]), (&"cut".into(), &200.into()));
    let resources = request["resources"].as_u64().unwrap();
    assert!((400..=600).contains(&resources), "{request}");
    assert_eq!(request["vendor_calls"], 3);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (&lines[0]["message"], &lines[0]["status"]),
        (&"vendor refused".into(), &422.into())
    );

    let last = ("GET /users/third", 200, page(600, ""));
    let mut served = Served::start(&folder, &[("acme", &vendor::scripted(table(last)))], NEVER);
    let (_, body) = served.send(served.port, "token-of-acme", path, "");
    assert!(body.ends_with("0\r\n\r\n"));
    let request = served.lines_of_a_request().pop().unwrap();
    let told = (&request["outcome"], &request["resources"], &request["vendor_calls"]);
    assert_eq!(told, (&"ok".into(), &900.into(), &3.into()));
}

#[test]
fn what_became_of_who_is_outside_stands_in_the_line() {
    let folder = Folder::new("outside");
    let rows = "    outside:\n      - { when: resource.nickName == null, then: reject }\n      \
                - { when: resource.nickName == 'Guest', then: skip }\n    attributes:\n";
    folder.write("m.yaml", &MAPPING.replacen("    attributes:\n", rows, 1));
    let vendor = vendor::scripted(TABLE);
    let mut served = Served::started(&folder, &[("acme", &vendor)], NEVER, |config| {
        format!("store: {{ sqlite: {{ path: kept.db }} }}\n{config}")
    });
    let user = |nick: Value| {
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        serde_json::json!({ "schemas": schemas, "userName": PRIVATE, "nickName": nick }).to_string()
    };
    for (nick, status, outside) in [(Value::Null, 400, "reject"), ("Guest".into(), 201, "skip")] {
        let line = "POST /scim/v2/Users";
        let (found, _) = served.send(served.port, "token-of-acme", line, &user(nick));
        assert_eq!(found, status);
        let lines = served.lines_of_a_request();
        check_clean(&lines);
        let request = lines.last().unwrap();
        assert_eq!((&request["outside"], &request["vendor_calls"]), (&outside.into(), &0.into()));
        let metrics = served.metrics();
        let counted = format!(
            "scimshim_outside_total{{resource=\"User\",tenant=\"acme\",then=\"{outside}\"}} 1"
        );
        assert!(metrics.contains(&counted), "{metrics}");
    }
    assert_eq!(served.scim("token-of-acme", "/Users/fine").0, 200);
    assert_eq!(served.lines_of_a_request().last().unwrap()["outside"], Value::Null);
}
