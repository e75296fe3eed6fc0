//! Test files, and where each container stands in one.

use crate::family::{Family, Place, place};
use scimshim::{
    cli::{exchange, keys},
    yaml::schema,
};

const BASE: &str = r#"
test: 1
tenant: { token: t0ken }
answers: { mia: { body: { id: 7 } } }
tests:
  - name: nobody
    request: { GET /Users/7: null }
    store: { groups: { g1: { displayName: Sales } } }
    calls: [{ call: GET /users/7, answer: { status: 404 } }]
    response: { status: 404 }
    store_after: { groups: { g1: { displayName: Sales } } }
"#;

pub fn family() -> Family {
    Family {
        root: &keys::TEST_FILE,
        schema: schema::schema(&keys::TEST_FILE, true),
        base: BASE,
        places: PLACES,
        read: |text| match exchange::read("m.test.yaml", text) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(ToString::to_string).collect(),
        },
    }
}

const CALL: &str = "/tests/0/calls/0";

static PLACES: &[Place] = &[
    place("test file", &[], &[], ""),
    place("test", &[], &[], "/tests/0"),
    place("expected call", &["body_has", "answers"], &[(CALL, "{ call: GET /users/7 }")], CALL),
    place(
        "expected call",
        &["waits"],
        &[(CALL, "{ call: GET /users/7, answers: [{ status: 429 }, { status: 404 }] }")],
        CALL,
    ),
    place("expected call", &[], &[], CALL),
    place("answer", &[], &[], "/tests/0/calls/0/answer"),
    place("response", &[], &[], "/tests/0/response"),
    place("stored", &[], &[], "/tests/0/store"),
    place("store", &[], &[], "/tests/0/store"),
    place("store_after", &[], &[], "/tests/0/store_after"),
    place("kept group", &[], &[], "/tests/0/store/groups/g1"),
    place("kept group after", &[], &[], "/tests/0/store_after/groups/g1"),
];
