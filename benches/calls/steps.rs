//! Operations of three steps, beside a pass-through that makes the same calls.

use super::{
    MAPPING,
    load::{self, Shot},
    process::{Process, Served, free_port},
    with,
};
use serde_json::{Value, json};

const CONNECTIONS: usize = 32;
/// Requests of one measurement; the kernel counts CPU in hundredths of a second.
const REQUESTS: usize = 10_000;
/// Times what the pass-through takes.
const TARGET: f64 = 2.2;

const GET: &str = r#"get: { call: "GET /people/{key}", record: data }"#;
const GET_BY_STEPS: &str = r#"get:
        steps:
          - { name: person, call: "GET /people/{key}", record: data }
          - { name: teams, call: "GET /people/{key}/teams", items: data.teams, into: teams }
          - { name: places, call: "GET /people/{key}/places", items: data.places, into: places }"#;
const UPDATE: &str = r#"- { name: change, call: "PATCH /people/{key}", record: data }"#;
const UPDATE_BY_STEPS: &str = r#"- name: change
          steps:
            - { name: draft, call: "PATCH /people/{key}/draft", body: "{changed}", capture: { id: data.id } }
            - { name: check, call: "PATCH /people/{steps.draft.id}/check", body: "{changed}" }
            - { name: take, call: "PATCH /people/{key}", body: "{changed}", record: data }"#;

pub fn measure() {
    let vendor = Process::role("vendor", &[]);
    let pass = Process::role("pass", &[("SCIMSHIM_BENCH_VENDOR", &vendor.url)]);
    println!(
        "operations of three steps: {CONNECTIONS} keep-alive connections, {REQUESTS} requests, CPU of the process per request\n"
    );
    println!(
        "| request | vendor calls | scimshim | pass-through, the same calls | ratio | target |"
    );
    println!("|---|---|---|---|---|---|");
    let get = |path: &str| Shot { method: "GET", path: path.to_owned(), body: String::new() };
    let change = |path: &str| {
        let body = json!({ "job": "Lead" }).to_string();
        Shot { method: "PATCH", path: path.to_owned(), body }
    };
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "title": "Lead" } }],
    });
    let user = "/scim/v2/Users/{n}";
    let patch = Shot { method: "PATCH", path: user.to_owned(), body: patch.to_string() };
    row(
        "GET, composed of three",
        &with(MAPPING, GET, GET_BY_STEPS),
        &get(user),
        &[get("/people/{n}"), get("/people/{n}/teams"), get("/people/{n}/places")],
        (&vendor, &pass),
    );
    row(
        "PATCH, read and changed by three",
        &with(MAPPING, UPDATE, UPDATE_BY_STEPS),
        &patch,
        &[
            get("/people/{n}"),
            change("/people/{n}/draft"),
            change("/people/{n}/check"),
            change("/people/{n}"),
        ],
        (&vendor, &pass),
    );
}

fn row(
    name: &str,
    mapping: &str,
    shot: &Shot,
    calls: &[Shot],
    (vendor, pass): (&Process, &Process),
) {
    let served = Served { mapping, store: None, admin: free_port() };
    let (gateway, _) = Process::serving(&vendor.url, &served);
    let (status, body) = load::one(&gateway.url, shot);
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    assert_eq!((status, &body["name"]["formatted"]), (200, &json!("Mia Berg")), "{name}: {body}");
    let through = |target: &Process, shot: &Shot| {
        load::shoot(&target.url, shot, CONNECTIONS, REQUESTS / 10);
        let before = target.cpu();
        load::shoot(&target.url, shot, CONNECTIONS, REQUESTS);
        (target.cpu() - before).as_secs_f64() * 1e6 / REQUESTS as f64
    };
    let ours = through(&gateway, shot);
    let theirs: f64 = calls.iter().map(|call| through(pass, call)).sum();
    println!(
        "| {name} | {} | {ours:.1} µs | {theirs:.1} µs | {:.2} | {TARGET} |",
        calls.len(),
        ours / theirs
    );
}
