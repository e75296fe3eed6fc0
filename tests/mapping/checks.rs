//! One mistake each in a sound mapping, and the one finding that it gives.

use scimshim::mapping;

/// The mapping of the README: sound, and short enough to break in every place.
pub fn sound() -> &'static str {
    let readme = include_str!("../../README.md");
    readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap()
}

/// The findings of the sound mapping with each first text replaced by its second, one a line:
/// `CODE severity: message`.
pub fn found(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = sound().to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is in the mapping");
        text = text.replace(old, new);
    }
    let loaded = mapping::load("m.yaml", &text);
    loaded
        .findings
        .iter()
        .map(|found| {
            assert!(found.place.span.line > 0 && found.place.span.column > 0, "{found}");
            format!("{} {}: {}", found.code, found.severity.word(), found.message)
        })
        .collect()
}

const CREATE: &str = "create: { call: POST /users, record: . }";
const UPDATE: &str = "- { name: change, call: \"PATCH /users/{key}\", record: . }";
const ACTIVE: &str = "active:          { field: retired, values: { true: 0, false: 1 } }";

fn table(cases: &[(&str, &[(&str, &str)], &[&str])]) {
    for (name, changes, expected) in cases {
        assert_eq!(found(changes), *expected, "{name}");
    }
}

#[test]
fn the_sound_mapping_is_sound() {
    assert_eq!(found(&[]), [""; 0]);
}

#[test]
fn what_is_claimed_reaches_the_call() {
    let groups = "\n  Group:\n    key: id\n    attributes:\n      displayName: { field: name, only: create }\n      members: { field: people, unordered: true, element: { value: { field: . } } }\n    operations:\n      get: { call: \"GET /g/{key}\", record: . }\n      find: [{ filter: \"displayName eq {n}\", scan: { at_most: 5 } }]\n      list: { call: GET /g, items: ., paging: { page: { param: p } } }\n      update:\n        - { name: join, claims: [members adds], call: \"POST /g/{key}/m\", body: { id: \"{item.value}\" }, for_each: changes.members.added }\n        - { name: leave, claims: [members removes], call: \"DELETE /g/{key}/m/all\", for_each: changes.members.removed }\n";
    let with_group = format!("{UPDATE}{groups}");
    table(&[
        (
            "a fixed body",
            &[(
                UPDATE,
                "- { name: change, call: \"PATCH /users/{key}\", record: ., body: { a: 1 } }",
            )],
            &[
                "M406 error: `change` takes `userName`, `name.givenName`, `name.familyName`, `active`, `roles.^[primary==true].value`, and its call does not depend on it",
            ],
        ),
        (
            "a claim that the body forgets",
            &[(
                UPDATE,
                "- { name: off, claims: [active, name], call: \"PATCH /users/{key}\", body: { retired: \"{changed.retired}\", first_name: \"{changed.first_name}\" } }\n        - { name: change, call: \"PATCH /users/{key}\", record: . }",
            )],
            &["M406 error: `off` claims `name`, and its call does not depend on it"],
        ),
        (
            "`changed` in a condition only",
            &[(
                UPDATE,
                "- { name: change, call: \"POST /users/{key}/sync\", record: ., body: { a: \"{changed != null}\" } }",
            )],
            &[
                "M406 error: `change` takes `userName`, `name.givenName`, `name.familyName`, `active`, `roles.^[primary==true].value`, and its call does not depend on it",
            ],
        ),
        (
            "removal of one that removes all",
            &[(UPDATE, &with_group)],
            &["M406 error: `leave` claims `members removes`, and its call does not depend on it"],
        ),
        (
            "a create without a body",
            &[(CREATE, "create: { call: POST /users, record: ., body: null }")],
            &["M408 error: create sends none of the attributes"],
        ),
        (
            "a create without what is required",
            &[(
                CREATE,
                "create: { call: POST /users, record: ., body: { first_name: \"{fields.first_name}\", last_name: \"{fields.last_name}\", retired: \"{fields.retired}\", role: \"{fields.role}\" } }",
            )],
            &["M408 error: create never sends `userName`, which is required"],
        ),
        (
            "a create that forgets the rest",
            &[(
                CREATE,
                "create: { call: POST /users, record: ., body: { email: \"{fields.email}\" } }",
            )],
            &[
                "M415 warning: create does not send `name.givenName`, `name.familyName`, `active`, `roles.^[primary==true].value`, and no update follows it up",
            ],
        ),
        (
            "a create that says what it sends",
            &[(
                CREATE,
                "create: { call: POST /users, record: ., claims: [userName], body: { email: \"{fields.email}\" } }",
            )],
            &[],
        ),
        (
            "a create that claims more than it sends",
            &[(
                CREATE,
                "create: { call: POST /users, record: ., claims: [userName, active], body: { email: \"{fields.email}\" } }",
            )],
            &["M406 error: `create` claims `active`, and its call does not depend on it"],
        ),
        (
            "a name that nobody writes",
            &[(
                CREATE,
                "create: { call: POST /users, record: ., claims: [userName], body: { email: \"{fields.email}\", x: \"{fields.fist_name}\" } }",
            )],
            &["M609 error: `fields.fist_name` is written by no rule and no entry of `fields`"],
        ),
        (
            "the vendor's own field of the record is no mistake",
            &[(
                UPDATE,
                "- { name: change, call: \"PUT /users/{key}\", record: ., body: \"{whole}\", headers: { If-Match: \"{whole.revision_of_the_vendor}\" } }",
            )],
            &[],
        ),
    ]);
}

#[test]
fn a_claim_on_what_no_client_can_change_is_dead() {
    let claimed = "- { name: off, claims: [active], call: \"PATCH /users/{key}\" }\n        - { name: change, call: \"PATCH /users/{key}\", record: . }";
    let rule = |rule: &'static str| [(ACTIVE, rule), (UPDATE, claimed)];
    let reads = "M416 error: `active` is claimed, and its rule only reads";
    for (text, expected) in [
        ("active: { field: retired, direction: read }", reads),
        ("active: { read: record.retired == 0, direction: read }", reads),
        (
            "active: { constant: true }",
            "M416 error: `active` is claimed, and its rule is a constant",
        ),
        (
            "active: { ignore: true }",
            "M416 error: `active` is claimed, and its rule takes no value",
        ),
    ] {
        let found = found(&rule(text));
        assert!(found.contains(&expected.to_owned()), "{text}: {found:?}");
    }
}
