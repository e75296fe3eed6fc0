//! The bytes of every call of every mapping, and of what none of them does.

use crate::both::Mapping;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every mapping that is shipped, the demo's among them, and every draft: JSON:API, forms, envelopes.
fn mappings() -> Vec<PathBuf> {
    let folders = ["mappings", "tests/init/drafts"].map(|folder| fs::read_dir(root().join(folder)));
    let files = folders.into_iter().flat_map(Result::unwrap).map(|entry| entry.unwrap().path());
    let mapping = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.ends_with(".yaml") && !name.ends_with(".test.yaml")
    };
    let mut files: Vec<PathBuf> = files.filter(mapping).collect();
    files.sort();
    files
}

#[test]
fn every_call_of_every_mapping_is_the_same_by_curl() {
    for file in mappings() {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let mapping = Mapping::new(name, &fs::read_to_string(&file).unwrap());
        let mut called = BTreeSet::new();
        let more = root().join(format!("tests/explain/more/{name}.yaml"));
        for exchanges in [file.with_extension("test.yaml"), more.clone()] {
            if exchanges.exists() {
                called.extend(mapping.run(&exchanges));
            }
        }
        let operations = mapping.plan.resources.iter().flat_map(|kind| kind.operations.all());
        let steps = operations.flat_map(|operation| &operation.steps);
        let all: BTreeSet<String> =
            steps.map(|step| format!("{} at line {}", step.label, step.place.span.line)).collect();
        let missing: Vec<&String> = all.difference(&called).collect();
        assert!(missing.is_empty(), "{name}: write exchanges to {}: {missing:#?}", more.display());
    }
}

/// What no other mapping does: each way to sign, forms, headers, secrets in every place.
const HARD: &str = r#"
mapping: 1
name: hard
evidence: assumed
tenant:
  token: { type: text, secret: true }
upstream:
  base_url: https://v.example/a%20b/[1]
  auth: AUTH
  headers: { X-Client: "a 'b' $c `d` \"e\" \\", X-Session: "s {tenant.token} s", Accept: application/vnd.hard+json }
resources:
  User:
    key: id
    match: [userName]
    unmapped: ignore
    attributes:
      userName: { field: login, required: true }
      name.givenName: { field: person.first }
      name.familyName: { field: person.last }
      active: { field: active }
    fields:
      origin: { constant: "it's scim & co" }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { page: { param: "page[no]", size_param: n, size: 2, total: total } } }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { "login[]": "{login}" }, items: users, paging: none }
      create:
        steps:
          - name: place
            call: POST /places
            encoding: form
            body: { owner: "{fields.login}", key: "{tenant.token}", deep: { tags: [a b, "c&d=e+f"] } }
            capture: { id: place.id }
          - name: user
            call: POST /users
            headers: { X-Place: "{steps.place.id}", Content-Type: application/vnd.hard+json }
            body: { user: "{fields}", place: "{steps.place.id}", key: "{tenant.token}", fixed: 7, none: null }
            record: .
      update:
        - { name: whole, call: "PUT /users/{key}", encoding: form, body: "{whole}" }
        - { name: on, claims: [active becomes true], call: "POST /users/{key}/on" }
        - { name: off, claims: [active becomes false], call: "PUT /users/{key}/off", query: { why: "it's \"over\"" } }
      delete: { call: "DELETE /users/{key}" }
"#;

const EXCHANGES: &str = r#"
test: 1
answers:
  mia: { body: { id: "a/b ü$1", login: "mia o'neil", person: { first: M, last: B }, active: true, extra: [1, { x: "y z" }] } }
  nobody: { body: { users: [], total: 0 } }
tests:
  - name: read
    request: { 'GET /Users/a%2Fb%20%C3%BC%241': null }
    calls: [{ call: "GET /users/a%2Fb%20%C3%BC%241", answer: { as: mia } }]
  - name: list
    request: { GET /Users: null }
    calls: [{ call: "GET /users?page[no]=1&n=2", answer: { as: nobody } }]
  - name: search
    request: { 'GET /Users?filter=userName%20eq%20%22mia%20o%27neil%22': null }
    calls: [{ call: "GET /users?login[]=mia%20o'neil", answer: { as: nobody } }]
  - name: make
    request:
      POST /Users:
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"]
        userName: mia o'neil
        name: { givenName: "$(id) `id` \\ \"M\"", familyName: "日本\n2" }
        active: true
    calls:
      - { call: "GET /users?login[]=mia%20o'neil", answer: { as: nobody } }
      - { call: POST /places, answer: { body: { place: { id: p1 } } } }
      - { call: POST /users, answer: { as: mia } }
      - { call: "PUT /users/a%2Fb%20%C3%BC%241", times: any, answer: { body: {} } }
      - { call: "GET /users/a%2Fb%20%C3%BC%241", times: any, answer: { as: mia } }
  - name: change
    request:
      PATCH /Users/a%2Fb%20%C3%BC%241:
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        Operations: [{ op: replace, value: { active: false, name: { givenName: "N & Co" } } }]
    calls:
      - { call: "GET /users/a%2Fb%20%C3%BC%241", answer: { as: mia } }
      - { call: "PUT /users/a%2Fb%20%C3%BC%241", answer: { body: {} } }
      - { call: "PUT /users/a%2Fb%20%C3%BC%241/off?why=it's%20%22over%22", answer: { body: {} } }
      - { call: "GET /users/a%2Fb%20%C3%BC%241", times: any, answer: { as: mia, body: { active: false, person: { first: "N & Co" } } } }
  - name: back
    request:
      PATCH /Users/a%2Fb%20%C3%BC%241:
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        Operations: [{ op: replace, path: active, value: true }]
    calls:
      - { call: "GET /users/a%2Fb%20%C3%BC%241", answer: { as: mia, body: { active: false } } }
      - { call: "POST /users/a%2Fb%20%C3%BC%241/on", answer: { body: {} } }
      - { call: "GET /users/a%2Fb%20%C3%BC%241", answer: { as: mia } }
  - name: end
    request: { 'DELETE /Users/a%2Fb%20%C3%BC%241': null }
    calls:
      - { call: "DELETE /users/a%2Fb%20%C3%BC%241", answer: { status: 204 } }
      - { call: "GET /users/a%2Fb%20%C3%BC%241", answer: { status: 404 } }
"#;

#[test]
fn every_way_to_sign_and_every_sign_of_a_shell_is_the_same_by_curl() {
    let exchanges = std::env::temp_dir().join(format!("scimshim-hard-{}.yaml", std::process::id()));
    fs::write(&exchanges, EXCHANGES).unwrap();
    for (name, auth) in [
        ("bearer", r#"{ bearer: { token: "{tenant.token}" } }"#),
        ("basic", r#"{ basic: { user: "it's me", password: "{tenant.token}" } }"#),
        ("query", r#"{ api_key: { query: the key, value: "{tenant.token}" } }"#),
        ("header", r#"{ api_key: { header: X-Key, value: "{tenant.token}" } }"#),
    ] {
        let mapping = Mapping::new(&format!("hard-{name}"), &HARD.replace("AUTH", auth));
        let called = mapping.run(&exchanges);
        assert_eq!(called.len(), 9, "{name}: {called:?}");
    }
    fs::remove_file(&exchanges).unwrap();
}

#[test]
fn no_line_beside_a_command_is_one() {
    let text = HARD
        .replace("AUTH", r#"{ bearer: { token: "{tenant.token}" } }"#)
        .replace("secret: true }", "secret: true, about: \"one\\ntouch it\" }")
        .replace("place: \"{steps.place.id}\"", "place: \"{steps.place.id\\n+ ''}\"");
    let mapping = Mapping::new("lines", &text);
    let exchanges =
        std::env::temp_dir().join(format!("scimshim-lines-{}.yaml", std::process::id()));
    fs::write(&exchanges, EXCHANGES).unwrap();
    let shown = mapping.explained(&exchanges);
    fs::remove_file(&exchanges).unwrap();
    for line in ["# touch it", "# + ''}`"] {
        let found = shown.lines().any(|found| found.starts_with(line));
        assert!(found, "{line} is not in\n{shown}");
    }
    let command = |line: &&str| !line.is_empty() && !line.starts_with(['#', ' ']);
    let others = shown.lines().filter(command).filter(|line| !line.starts_with("curl "));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&str>::new());
}
