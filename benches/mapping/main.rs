//! What it costs to load and check a mapping, and to evaluate its expressions: `cargo bench --bench mapping`.
//!
//! The mapping has 200 rules: texts, tables, converters, lists of elements, and expressions both ways.

#![expect(clippy::unwrap_used, reason = "a measurement that meets the unexpected stops")]

use scimshim::mapping::{
    self,
    expr::{Expression, Scope},
};
use serde_json::{Value, json};
use std::{fmt::Write, hint::black_box, time::Instant};

/// The gateway's own: what is compared is what is done with memory, not whose memory it is.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const RULES: usize = 200;
const LOADS: u32 = 10;
const ROUNDS: u32 = 50_000;
const URN: &str = "urn:bench:scim:2.0:User";

fn main() {
    let text = text();
    let loaded = mapping::load("bench.yaml", &text);
    assert_eq!(loaded.findings, [], "the mapping is sound");
    let rules = loaded.plan.unwrap().resource("User").unwrap().rules.len();
    println!("a mapping of {rules} rules and {} bytes", text.len());
    let look = time(LOADS, || drop(black_box(mapping::look("bench.yaml", black_box(&text)))));
    let load = time(LOADS, || drop(black_box(mapping::load("bench.yaml", black_box(&text)))));
    println!("  load and check without the laws {:.1} ms (target 20)", look / 1e3);
    println!("  load and check with the laws {:.1} ms (target 1000)", load / 1e3);

    let resource = json!({ "name": { "givenName": "Mia", "familyName": "Berg" } });
    let roles: Value = (0..8).map(|at| json!({ "name": format!("role-{at}") })).collect();
    let record = json!({ "state": "active", "roles": roles });
    let scope = Scope::new().with("resource", &resource).with("record", &record);
    for (what, text, expected, target) in [
        (
            "a concat",
            "resource.name.givenName + ' ' + resource.name.familyName",
            json!("Mia Berg"),
            1,
        ),
        (
            "an exists",
            "record.state != 'gone' && record.roles.exists(r, r.name == 'role-7')",
            json!(true),
            4,
        ),
    ] {
        let expression = Expression::parse(text).unwrap();
        assert_eq!(expression.evaluate(&scope).unwrap(), expected, "{text}");
        let spent = time(ROUNDS, || drop(black_box(expression.evaluate(black_box(&scope)))));
        println!("  {what} {spent:.2} µs (target {target}): `{text}`");
    }
}

/// µs of one round, after as many to warm up.
fn time(rounds: u32, mut round: impl FnMut()) -> f64 {
    (0..rounds).for_each(|_| round());
    let begun = Instant::now();
    (0..rounds).for_each(|_| round());
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
}

/// `userName`, `active`, and attributes of an extension for the rest.
fn text() -> String {
    let (mut schemas, mut attributes) = (String::new(), String::new());
    for at in 0..RULES - 2 {
        let (kind, rule) = rule(at);
        writeln!(schemas, "      a{at}: {kind}").unwrap();
        writeln!(attributes, "      \"{URN}:a{at}\": {rule}").unwrap();
    }
    format!(
        r#"mapping: 1
name: bench
evidence: seen
tenant: {{ token: {{ type: text, secret: true }} }}
upstream:
  base_url: https://api.acme.example
  auth: {{ bearer: {{ token: "{{tenant.token}}" }} }}
schemas:
  {URN}:
    attributes:
{schemas}resources:
  User:
    key: id
    attributes:
      userName: {{ field: login, required: true }}
      active: {{ field: status, values: {{ true: A, false: [S, "*"] }} }}
{attributes}    operations:
      get: {{ call: "GET /users/{{key}}", record: . }}
      list: {{ call: GET /users, items: users, paging: none }}
      find: [{{ filter: "userName eq {{login}}", call: GET /users, query: {{ login: "{{login}}" }}, items: users }}]
      create: {{ call: POST /users, record: . }}
      update: [{{ name: change, call: "PATCH /users/{{key}}", record: . }}]
      delete: {{ call: "DELETE /users/{{key}}" }}
"#
    )
}

/// Ten kinds of rule in turn: what its attribute is, and what it does.
fn rule(at: usize) -> (&'static str, String) {
    let text = "{ type: string }";
    let own = format!("resource['{URN}'].a{at}");
    match at % 10 {
        0 | 1 => (text, format!("{{ field: f{at} }}")),
        2 => (text, format!("{{ field: o{}.f{at} }}", at % 7)),
        3 => (text, format!("{{ field: f{at}, values: {{ red: R, green: G, blue: B }} }}")),
        4 => (text, format!("{{ field: f{at}, convert: [trim, lower, {{ prefix: \"x-\" }}] }}")),
        5 => ("{ type: dateTime }", format!("{{ field: f{at}, convert: [{{ epoch: s }}] }}")),
        6 => ("{ type: integer }", format!("{{ field: f{at} }}")),
        7 => (
            "{ list: true, attributes: { value: { type: string }, type: { type: string } } }",
            format!(
                "{{ field: f{at}, element: {{ value: {{ field: v }}, type: {{ field: t }} }} }}"
            ),
        ),
        8 => (
            text,
            format!("{{ field: f{at}, read: \"lower(record.f{at})\", write: \"lower({own})\" }}"),
        ),
        _ => (text, format!("{{ field: f{at}, read: \"coalesce(record.f{at}, record.login)\" }}")),
    }
}
