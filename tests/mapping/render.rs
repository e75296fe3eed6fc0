//! What a step and the values in its templates become on the wire: path, query, headers, body.

use scimshim::{
    mapping::{self, expr::Scope, plan::Plan, translate::render},
    upstream::call::{Body, Call},
};
use serde_json::{Value, json};

/// A mapping whose update has these keys.
fn plan(keys: &str) -> Plan {
    let text = format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }} }}
upstream: {{ base_url: "https://t.example", auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
resources:
  User:
    key: id
    attributes: {{ userName: {{ field: login, required: true }}, active: {{ field: on, direction: read }} }}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{login}}", call: GET /u, query: {{ q: "{{login}}" }}, items: . }}]
      create: {{ call: POST /u, record: . }}
      update: [{{ name: change, {keys} }}]
      delete: {{ call: "DELETE /u/{{key}}" }}
"#
    );
    let loaded = mapping::load("t.yaml", &text);
    loaded.plan.unwrap_or_else(|| unreachable!("{keys}: {:#?}", loaded.findings))
}

/// The update's call, where `changed.login` is this value.
fn call(plan: &Plan, value: &Value) -> Result<Call, String> {
    let (key, changed) = (json!("7"), json!({ "login": value }));
    let scope = Scope::new().with("key", &key).with("changed", &changed);
    let update = plan.resource("User").unwrap().operations.update.first().unwrap();
    render::call(update.operation.steps.first().unwrap(), &scope)
        .map_err(|error| format!("{error:?}"))
}

/// Values that a client can send.
fn values() -> [Value; 6] {
    [
        json!("x"),
        json!(7),
        json!(true),
        json!(null),
        json!(["a", 1, null]),
        json!({ "a": { "b": 1 } }),
    ]
}

#[test]
fn a_null_value_drops_its_member_and_a_list_repeats_its_name() {
    let keys = "call: \"POST /u/{key}\", query: { q: \"{changed.login}\", r: \"1\" }, headers: { X-Q: \"{changed.login}\" }, body: { b: \"{changed.login}\", c: \"{{}}\" }";
    let plan = plan(keys);
    let texts = [vec!["x"], vec!["7"], vec!["true"], vec![], vec!["a", "1"]];
    for (value, texts) in values().iter().zip(&texts) {
        let call = call(&plan, value).unwrap();
        let query: Vec<&str> = call
            .query
            .iter()
            .filter(|(name, _)| name == "q")
            .map(|(_, text)| text.as_str())
            .collect();
        assert_eq!(query, *texts, "{value}");
        let headers: Vec<&str> =
            call.headers.get_all("x-q").iter().map(|text| text.to_str().unwrap()).collect();
        assert_eq!(headers, *texts, "{value}");
        let body = match value {
            Value::Null => json!({ "c": "{}" }),
            value => json!({ "b": value, "c": "{}" }),
        };
        assert!(matches!(&call.body, Body::Json(found) if *found == body), "{:?}", call.body);
    }
    for value in [json!({ "a": 1 }), json!([["a"]]), json!(["a", { "b": 1 }])] {
        let why = call(&plan, &value).unwrap_err();
        assert!(why.contains("cannot stand in a query or a header"), "{value}: {why}");
    }
}

#[test]
fn no_value_makes_a_second_header_or_leads_to_another_path() {
    let header =
        plan("call: \"POST /u/{key}\", headers: { X-Q: \"a {changed.login}\" }, body: null");
    for (value, fits) in [
        ("b", true),
        ("Umeå", true),
        ("a\tb", false),
        ("b\r\nX-Admin: 1", false),
        ("b\n", false),
        ("b\rc", false),
        ("b\0", false),
        ("b\u{7f}", false),
    ] {
        let made = call(&header, &json!(value));
        assert_eq!(made.is_ok(), fits, "{value:?}");
        // The name alone is told: the value may be a secret.
        assert!(fits || made.is_err_and(|why| why.contains("`X-Q`") && !why.contains("Admin")));
    }
    let path = plan("call: \"POST /u/{key}/{changed.login}/x\"");
    for (value, segment) in [
        (json!("a/b"), Some("a%2Fb")),
        (json!("a..b"), Some("a..b")),
        (json!("%2f"), Some("%252f")),
        (json!(7), Some("7")),
        (json!("a/../b"), None),
        (json!("%2e%2e"), None),
        (json!("a\r\nb"), None),
        (json!("a\0"), None),
        (json!(".."), None),
        (json!("."), None),
        (json!(""), None),
        (json!(null), None),
        (json!(["a"]), None),
        (json!({ "a": 1 }), None),
    ] {
        let found = call(&path, &value).ok().map(|call| call.path);
        assert_eq!(found, segment.map(|segment| format!("/u/7/{segment}/x")), "{value}");
    }
}

#[test]
fn a_form_nests_by_brackets_repeats_lists_and_says_null_by_nothing() {
    let plan = plan(
        "call: \"PUT /u/{key}\", encoding: form, body: { user: \"{changed}\", gone: \"{null}\", none: null, all: [\"{key}\", 2] }",
    );
    let pairs: [&[(&str, &str)]; 6] = [
        &[("user[login]", "x")],
        &[("user[login]", "7")],
        &[("user[login]", "true")],
        &[("user[login]", "")],
        &[("user[login]", "a"), ("user[login]", "1"), ("user[login]", "")],
        &[("user[login][a][b]", "1")],
    ];
    let empty = (json!([]), &[("user[login]", "")][..]);
    for (value, pairs) in values().into_iter().zip(pairs).chain([empty]) {
        let Body::Form(mut found) = call(&plan, &value).unwrap().body else {
            unreachable!("a form")
        };
        let mut expected: Vec<(&str, &str)> = pairs.to_vec();
        expected.extend([("none", ""), ("all", "7"), ("all", "2")]);
        let mut found: Vec<(&str, &str)> =
            found.iter_mut().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{value}");
    }
}
