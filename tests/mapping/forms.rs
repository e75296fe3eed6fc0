//! A key belongs to one form of its container: an operation of one call or of several, a find that calls
//! or scans, a delete that calls or runs an update, what reads and what writes.

use crate::checks::found;

const GET: &str = "get:    { call: \"GET /users/{key}\", record: . }";
const FIND: &str = "query: { email: \"{email}\" }, items: users }";
const CREATE: &str = "create: { call: POST /users, record: . }";
const UPDATE: &str = "- { name: change, call: \"PATCH /users/{key}\", record: . }";

#[test]
fn keys_of_another_form_are_told() {
    let steps = "steps: [{ name: user, call: \"GET /users/{key}\", record: . }]";
    let off = "- { name: off, claims: [active becomes false], call: \"POST /users/{key}/off\" }\n        \
               - { name: on, claims: [active becomes true], call: \"POST /users/{key}/on\" }";
    let table = [
        (
            "a call's key beside steps",
            GET,
            format!("get: {{ {steps}, query: {{ a: b }} }}"),
            "M106 error: `steps` and `query` exclude each other",
        ),
        (
            "a call beside scan",
            FIND,
            "query: { email: \"{email}\" }, scan: { at_most: 5 } }".to_owned(),
            "M106 error: `scan` and `call` exclude each other",
        ),
        (
            "a call beside run",
            UPDATE,
            format!(
                "{UPDATE}\n        {off}\n      delete: {{ run: off, afterwards: gone, call: \"DELETE /users/{{key}}\" }}"
            ),
            "M106 error: `run` and `call` exclude each other",
        ),
        (
            "what only a list has",
            CREATE,
            "create: { call: POST /users, record: ., read_again: [get] }".to_owned(),
            "M101 error: unknown key `read_again`",
        ),
        (
            "what only a write has",
            GET,
            "get: { call: \"GET /users/{key}\", record: ., claims: [active] }".to_owned(),
            "M101 error: unknown key `claims`",
        ),
        (
            "a list in a write",
            CREATE,
            "create: { call: POST /users, record: ., items: users }".to_owned(),
            "M217 error: `items` does nothing in `create`",
        ),
        (
            "pages in a write",
            UPDATE,
            "- { name: change, call: \"PATCH /users/{key}\", record: ., paging: none }".to_owned(),
            "M217 error: `paging` does nothing in `update`",
        ),
    ];
    for (what, old, new, expected) in table {
        let found = found(&[(old, &new)]);
        assert!(found.iter().any(|one| one == expected), "{what}: {found:#?}");
    }
}
