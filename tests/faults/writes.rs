//! Writes: each failure has its outcome, what may be done is looked at, and nothing is sent twice
//! that must not be.

use crate::harness::{
    Deed, MAPPING, Sent, Streaming, Vendor, World, detail, http, json_answer, patch, send, user,
};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn a_create_without_an_answer_is_looked_up_and_never_sent_twice() {
    for (made, expected) in [(true, 201), (false, 504)] {
        let script = move |line: &str, before: usize| match (line.starts_with("POST"), before) {
            (true, _) => Deed::HangUp,
            (false, later) if later > 0 && made => {
                json_answer(&json!({ "users": [{ "id": 7, "login": "mia" }] }))
            }
            (false, _) => json_answer(&json!({ "users": [] })),
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let wire = send(&vendor.url, Profile::Okta, "POST", "/Users", &user("mia")).await;
        assert_eq!(wire.status, expected, "{}", detail(&wire));
        let posts = vendor.asked().iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts, 1, "{:?}", vendor.asked());
    }
}

#[tokio::test]
async fn an_update_without_an_answer_is_believed_only_when_the_record_shows_it() {
    for (done, expected) in [(true, 200), (false, 504)] {
        let script = move |line: &str, before: usize| match (line.starts_with("PATCH"), before) {
            (true, _) => Deed::HangUp,
            (false, later) => {
                let active = !(done && later > 0);
                json_answer(&json!({ "id": 7, "login": "mia", "active": active }))
            }
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": { "active": false } }],
        });
        let wire = send(&vendor.url, Profile::Okta, "PATCH", "/Users/7", &body).await;
        assert_eq!(wire.status, expected, "{}", detail(&wire));
        let patches = vendor.asked().iter().filter(|line| line.starts_with("PATCH")).count();
        assert_eq!(patches, 1);
    }
}

#[tokio::test]
async fn a_deactivation_that_the_record_does_not_show_is_no_success() {
    let still = json!({ "id": 7, "login": "mia", "active": true });
    let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&still))).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    let wire = send(&vendor.url, Profile::Okta, "PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    assert!(detail(&wire).contains("does not show it"));
}

/// What the client of a profile `okta` and of another is told when a write of `method` meets
/// `deed`, and how often the write was sent. The record shows that nothing was done.
#[tokio::test]
async fn each_failure_of_a_write_has_its_outcome() {
    let html = "<!doctype html><h1>Sign in</h1>";
    let half = || Deed::Write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\": 7".to_vec());
    let rows: Vec<(&str, Deed, u16, u16, [usize; 3])> = vec![
        // name, deed, okta, strict, times sent: POST, PATCH, DELETE
        ("400", http(400, "", r#"{"message": "no"}"#), 400, 400, [1, 1, 1]),
        ("409", http(409, "", "{}"), 409, 409, [1, 1, 1]),
        ("402, a row", http(402, "", "{}"), 403, 403, [1, 1, 1]),
        ("401", http(401, "", "{}"), 502, 502, [1, 1, 1]),
        ("429", http(429, "retry-after: 0\r\n", "{}"), 429, 429, [2, 2, 2]),
        ("503", http(503, "", "down"), 429, 503, [1, 1, 2]),
        ("500", http(500, "", html), 502, 502, [1, 1, 2]),
        ("301", http(301, "location: https://evil.example/\r\n", ""), 502, 502, [1, 1, 1]),
        ("html", http(200, "content-type: text/html\r\n", html), 502, 502, [1, 1, 1]),
        ("half a body", half(), 504, 504, [1, 1, 2]),
        ("silence", Deed::Silence, 504, 504, [1, 1, 2]),
        ("hang-up", Deed::HangUp, 504, 504, [1, 1, 2]),
    ];
    for (name, deed, okta, strict, times) in rows {
        for (profile, expected) in [(Profile::Okta, okta), (Profile::Strict, strict)] {
            for (method, times) in ["POST", "PATCH", "DELETE"].into_iter().zip(times) {
                let deed = deed.clone();
                let script = move |line: &str, _: usize| match line {
                    line if line.starts_with("GET /api/users?") => {
                        json_answer(&json!({ "users": [] }))
                    }
                    line if line.starts_with("GET") => {
                        json_answer(&json!({ "id": 7, "login": "mia", "active": true }))
                    }
                    _ => deed.clone(),
                };
                let vendor = Vendor::new(Arc::new(script)).await;
                let (path, body) = match method {
                    "POST" => ("/Users", user("mia")),
                    "PATCH" => {
                        let off = json!([{ "op": "replace", "value": { "active": false } }]);
                        ("/Users/7", patch(off))
                    }
                    _ => ("/Users/7", Value::Null),
                };
                let wire = send(&vendor.url, profile, method, path, &body).await;
                let case = format!("{name} {method} {profile:?}: {}", detail(&wire));
                // An answer that a safe call may be repeated for is not in doubt.
                let expected = match (name, method) {
                    ("half a body", "DELETE") => 502,
                    _ => expected,
                };
                assert_eq!(wire.status, expected, "{case}");
                assert!(!detail(&wire).contains('<'), "{case}");
                assert_eq!(wire.retry_after.is_some(), matches!(wire.status, 429 | 503), "{case}");
                let sent = vendor.asked().iter().filter(|line| line.starts_with(method)).count();
                assert_eq!(sent, times, "{case}: {:?}", vendor.asked());
            }
        }
    }
}

#[tokio::test]
async fn a_delete_that_was_done_is_a_204_however_it_was_answered() {
    // The first answer is lost; the repeat finds nobody, or its answer is lost as well.
    for second in [http(404, "", "{}"), Deed::HangUp, http(500, "", "{}")] {
        let script = move |line: &str, before: usize| match (line.starts_with("DELETE"), before) {
            (true, 0) => Deed::HangUp,
            (true, _) => second.clone(),
            (false, _) => http(404, "", "{}"),
        };
        let mapping = MAPPING.replace("    exists: record.state != 'deleted'\n", "");
        let vendor = Vendor::new(Arc::new(script)).await;
        let world = World::of(&mapping, &vendor.url, Profile::Okta);
        let wire = world.send("DELETE", "/Users/7", &Value::Null).await;
        assert_eq!(wire.status, 204, "{} {:?}", detail(&wire), vendor.asked());
    }
    // Nobody was there from the start.
    let vendor = Vendor::new(Arc::new(|_, _| http(404, "", "{}"))).await;
    let wire = send(&vendor.url, Profile::Okta, "DELETE", "/Users/7", &Value::Null).await;
    assert_eq!(wire.status, 404);
}

#[tokio::test]
async fn a_create_that_stopped_half_way_is_finished_by_its_repeat() {
    // The answer is lost and the search lags behind; a moment later the user is there.
    let script = |line: &str, before: usize| match (line.starts_with("POST"), before) {
        (true, _) => Deed::HangUp,
        (false, ..5) => json_answer(&json!({ "users": [] })),
        (false, _) if line.contains('?') => {
            json_answer(&json!({ "users": [{ "id": 7, "login": "mia" }] }))
        }
        (false, _) => json_answer(&json!({ "id": 7, "login": "mia" })),
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::new(&vendor.url, Profile::Okta);
    let first = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(first.status, 504, "{} {:?}", detail(&first), vendor.asked());
    while vendor.asked().len() < 5 {
        world.send("GET", "/Users?filter=userName%20eq%20%22x%22", &Value::Null).await;
    }
    let repeat = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!((repeat.status, &repeat.body.unwrap()["id"]), (201, &json!("7")));
    let posts = vendor.asked().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 1, "{:?}", vendor.asked());
    // It has ended: the next one is a conflict, as for everybody.
    assert_eq!(world.send("POST", "/Users", &user("mia")).await.status, 409);
}

#[tokio::test]
async fn a_record_of_another_key_in_an_answer_is_no_success() {
    let script = |line: &str, _: usize| match line.starts_with("PATCH") {
        true => json_answer(&json!({ "id": 8, "login": "other", "active": false })),
        false => json_answer(&json!({ "id": 7, "login": "mia", "active": true })),
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let body = patch(json!([{ "op": "replace", "value": { "active": false } }]));
    let wire = send(&vendor.url, Profile::Okta, "PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    assert!(detail(&wire).contains("another record"), "{}", detail(&wire));
}

const STEPWISE: &str = r#"
mapping: 1
name: stepwise
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}/api"
  auth: { bearer: { token: "{tenant.token}" } }
  timeout: 150ms
  retries: { times: 0, first: 1ms, longest: 2ms }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      title: { field: job }
      active: { field: active }
      nickName: { reject: true }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { cursor: { param: after, next: next } } }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
      create: { call: POST /users, body: { login: "{fields.login}" }, record: . }
      update:
        - { name: change, call: "PATCH /users/{key}", record: . }
        - { name: suspend, claims: [active becomes false], call: "POST /users/{key}/suspend" }
        - { name: resume, claims: [active becomes true], call: "POST /users/{key}/resume" }
"#;

#[tokio::test]
async fn a_refused_profile_does_not_keep_a_leavers_account_alive() {
    let script = |line: &str, _: usize| match line {
        line if line.starts_with("PATCH") => http(422, "", r#"{"message": "no such job"}"#),
        line if line.starts_with("POST") => http(204, "", ""),
        _ => json_answer(&json!({ "id": 7, "login": "mia", "active": true })),
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(STEPWISE, &vendor.url, Profile::Okta);
    let body = patch(json!([{ "op": "replace", "value": { "active": false, "title": "x" } }]));
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 400);
    assert!(detail(&wire).contains("no such job"), "{}", detail(&wire));
    assert!(detail(&wire).contains("deactivation of the same request was carried out"));
    assert_eq!(vendor.asked().last().unwrap(), "POST /api/users/7/suspend");
}

/// Of several updates the first was carried out: the client is told which, and so is the operator.
#[tokio::test]
async fn what_was_carried_out_before_an_update_that_failed_is_told() {
    let mia = |active: bool| json_answer(&json!({ "id": 7, "login": "mia", "active": active }));
    for (deed, status) in [(http(422, "", "{}"), 400), (Deed::HangUp, 504)] {
        let script = move |line: &str, before: usize| match line {
            line if line.contains("/resume") => deed.clone(),
            line if line.starts_with("PATCH") => mia(false),
            _ => mia(before > 100),
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let world = World::of(STEPWISE, &vendor.url, Profile::Okta);
        let body = patch(json!([{ "op": "replace", "value": { "active": true, "title": "x" } }]));
        let sent = Sent { method: "PATCH", body: &body, ..Sent::get("/Users/7") };
        let Streaming { wire, trace, .. } = world.stream(sent, async |_| ()).await;
        assert_eq!(wire.status, status, "{}", detail(&wire));
        let words = "of the request was carried out: `change`";
        assert!(detail(&wire).ends_with(words), "{}", detail(&wire));
        assert!(trace.remarks.iter().any(|remark| remark.ends_with(words)), "{:?}", trace.remarks);
    }
    // The vendor takes both, and does not do the second.
    let script = move |_: &str, _: usize| mia(false);
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(STEPWISE, &vendor.url, Profile::Okta);
    let body = patch(json!([{ "op": "replace", "value": { "active": true, "title": "x" } }]));
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    assert!(detail(&wire).ends_with("of the request was carried out: `change`"), "{wire:?}");
    // The first one fails: nothing was.
    let script = move |line: &str, _: usize| match line.starts_with("PATCH") {
        true => http(422, "", "{}"),
        false => mia(false),
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(STEPWISE, &vendor.url, Profile::Okta);
    let body = patch(json!([{ "op": "replace", "value": { "active": true, "title": "x" } }]));
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert!(!detail(&wire).contains("carried out"), "{}", detail(&wire));
    // An answer that should be the record and is an error says nothing of what was carried out.
    let script = move |line: &str, _: usize| match line.starts_with("PATCH") {
        true => json_answer(&json!({ "error": { "message": "not allowed" } })),
        false => mia(true),
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    let body = patch(json!([{ "op": "replace", "value": { "active": false } }]));
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    assert!(!detail(&wire).contains("carried out"), "{}", detail(&wire));
}

/// The create was done, and what follows it is refused.
#[tokio::test]
async fn a_create_whose_update_is_refused_says_that_the_resource_is_there() {
    let matched = "    match: [userName]\n";
    assert!(STEPWISE.contains(matched));
    let stepwise = STEPWISE.replace("body: { login: \"{fields.login}\" }", "claims: [userName]");
    let unmatched = stepwise.replace(matched, "");
    for (mapping, words) in [
        (stepwise.as_str(), "a repeat of the request goes on from there"),
        (unmatched.as_str(), "a repeat of the request makes another"),
    ] {
        let script = |line: &str, _: usize| match line {
            line if line.starts_with("PATCH") => http(422, "", r#"{"message": "no such job"}"#),
            line if line.starts_with("GET /api/users?") => json_answer(&json!({ "users": [] })),
            _ => json_answer(&json!({ "id": 7, "login": "mia", "active": true })),
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let world = World::of(mapping, &vendor.url, Profile::Okta);
        let mut mia = user("mia");
        mia["title"] = json!("x");
        let sent = Sent { method: "POST", body: &mia, ..Sent::get("/Users") };
        let Streaming { wire, trace, .. } = world.stream(sent, async |_| ()).await;
        assert_eq!(wire.status, 400, "{}", detail(&wire));
        let words = format!("the User was made, with the id `7`: {words}");
        assert!(detail(&wire).contains("no such job"), "{}", detail(&wire));
        assert!(detail(&wire).ends_with(&words), "{}", detail(&wire));
        assert!(trace.remarks.iter().any(|remark| remark.ends_with(&words)), "{:?}", trace.remarks);
    }
}

#[tokio::test]
async fn a_404_of_an_update_is_looked_at() {
    for (gone, expected) in [(true, 404), (false, 502)] {
        let script = move |line: &str, before: usize| match line {
            line if line.starts_with("POST") => http(404, "", "{}"),
            _ if gone && before > 0 => http(404, "", "{}"),
            _ => json_answer(&json!({ "id": 7, "login": "mia", "active": true })),
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let world = World::of(STEPWISE, &vendor.url, Profile::Okta);
        let body = patch(json!([{ "op": "replace", "value": { "active": false } }]));
        let wire = world.send("PATCH", "/Users/7", &body).await;
        assert_eq!(wire.status, expected, "gone {gone}: {}", detail(&wire));
    }
}

#[tokio::test]
async fn what_the_mapping_refuses_is_refused_however_it_comes() {
    let script = |line: &str, _: usize| match line.contains('?') {
        true => json_answer(&json!({ "users": [] })),
        false => json_answer(&json!({ "id": 7, "login": "mia", "active": true })),
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(STEPWISE, &vendor.url, Profile::Okta);
    let mut named = user("mia");
    named["nickName"] = json!("Mi");
    let replace = patch(json!([{ "op": "replace", "path": "nickName", "value": "Mi" }]));
    for (method, path, body) in
        [("POST", "/Users", &named), ("PUT", "/Users/7", &named), ("PATCH", "/Users/7", &replace)]
    {
        let wire = world.send(method, path, body).await;
        assert_eq!(wire.status, 400, "{method}");
        assert!(detail(&wire).contains("`nickName` is refused"), "{}", detail(&wire));
    }
    assert!(vendor.asked().iter().all(|line| line.starts_with("GET")), "{:?}", vendor.asked());
}

#[tokio::test]
async fn a_second_write_waits_and_gives_up_in_time() {
    let vendor = Vendor::new(Arc::new(|_, _| Deed::Silence)).await;
    let mapping = MAPPING.replace("timeout: 150ms", "timeout: 10s");
    for (profile, expected) in [(Profile::Okta, 429), (Profile::Strict, 503)] {
        let world = World::of(&mapping, &vendor.url, profile);
        let body = patch(json!([{ "op": "replace", "value": { "active": false } }]));
        let (long, short) = (Duration::from_millis(400), Duration::from_millis(100));
        let first = world.send_within(long, "PATCH", "/Users/7", &body);
        let second = world.send_within(short, "PATCH", "/Users/7", &body);
        let (first, second) = tokio::join!(biased; first, second);
        assert_eq!(first.status, 504, "{}", detail(&first));
        assert_eq!((second.status, second.retry_after.is_some()), (expected, true));
        assert!(detail(&second).contains("another write"), "{}", detail(&second));
    }
}

#[tokio::test]
async fn a_patch_is_answered_without_a_body_where_nobody_reads_it() {
    let asleep = json!({ "id": 7, "login": "mia", "active": false });
    let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&asleep))).await;
    let body = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let all = ["/Users/7", "/Users/7?attributes=userName", "/Users/7?excludedAttributes=name"];
    let wanted = [204, 200, 200];
    for (profile, expected) in
        [(Profile::Entra, wanted), (Profile::Okta, [200; 3]), (Profile::Strict, [200; 3])]
    {
        for (path, expected) in all.into_iter().zip(expected) {
            let wire = send(&vendor.url, profile, "PATCH", path, &body).await;
            assert_eq!(wire.status, expected, "{path} {profile:?}");
            assert_eq!(wire.body.is_none(), expected == 204, "{path} {profile:?}");
        }
    }
}

#[tokio::test]
async fn what_is_borne_with_is_counted() {
    let asleep = json!({ "id": 7, "login": "mia", "active": false });
    let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&asleep))).await;
    let operations = json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Replace", "path": "active", "value": false },
    ]);
    for (profile, status, found, counts) in [
        (
            Profile::Entra,
            204,
            200,
            [("op_case", 2), ("boolean_text", 1), ("patch_no_content", 1), ("numeric_id", 1)]
                .as_slice(),
        ),
        (Profile::Okta, 200, 200, &[("op_case", 2), ("boolean_text", 1), ("numeric_id", 1)]),
        (Profile::Strict, 400, 400, &[]),
    ] {
        let world = World::new(&vendor.url, profile);
        let wire = world.send("PATCH", "/Users/7", &patch(operations.clone())).await;
        assert_eq!(wire.status, status, "{profile:?}");
        let wire = world.send("GET", "/Users?filter=id%20eq%207", &Value::Null).await;
        assert_eq!(wire.status, found, "{profile:?} {wire:?}");
        let shown = world.metrics.render();
        let lines = shown.lines().filter(|line| line.starts_with("scimshim_leniencies_total"));
        assert_eq!(lines.count(), counts.len(), "{profile:?}");
        for (name, times) in counts {
            let line =
                format!(r#"scimshim_leniencies_total{{leniency="{name}",tenant="t"}} {times}"#);
            assert!(shown.contains(&line), "{profile:?}: {line}");
        }
    }
}

#[tokio::test]
async fn what_a_bulk_has_no_time_for_is_told_and_not_done() {
    let vendor = Vendor::new(Arc::new(|_, _| http(200, "", "{}"))).await;
    let world = World::new(&vendor.url, Profile::Okta);
    let delete = |id: &str| json!({ "method": "DELETE", "path": format!("/Users/{id}") });
    let body = |operations: Value| {
        let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        json!({ "schemas": [urn], "Operations": operations })
    };
    let two = body(json!([delete("1"), delete("2")]));
    let wire = world.send_within(Duration::ZERO, "POST", "/Bulk", &two).await;
    let told = wire.body.unwrap()["Operations"].clone();
    for operation in told.as_array().unwrap() {
        assert_eq!(operation["status"], "503");
        assert!(operation["response"]["detail"].as_str().unwrap().contains("not done"), "{told}");
    }
    assert_eq!((told.as_array().unwrap().len(), vendor.asked().len()), (2, 0));
    let eleven = body((0..11).map(|_| delete("1")).collect());
    assert_eq!(world.send("POST", "/Bulk", &eleven).await.status, 413);
    assert_eq!(vendor.asked().len(), 0);
}

#[tokio::test]
async fn what_a_row_calls_broken_names_the_row() {
    let row = r#"{ when: "answer.body.ok == null", means: broken }"#;
    let invalid =
        r#"{ when: "answer.body.ok == false", means: invalid, detail: "{answer.body.why}" }"#;
    let mapping = MAPPING.replace(invalid, row);
    let at = mapping.lines().position(|line| line.contains(row)).unwrap() + 1;
    for (status, body, words) in [(200, "{}", ""), (418, r#"{"message": "no"}"#, ": no")] {
        let vendor = Vendor::new(Arc::new(move |_, _| http(status, "", body))).await;
        let world = World::of(&mapping, &vendor.url, Profile::Okta);
        let wire = world.send("GET", "/Users/7", &Value::Null).await;
        let place = format!("faulty.yaml:{at}:7");
        let expected = format!("the vendor answered {status}, which {place} calls `broken`{words}");
        assert_eq!((wire.status, detail(&wire)), (502, expected));
    }
}
