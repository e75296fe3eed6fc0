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

const MATCH: &str = "match: [userName]";
const REFUSED: &str = "match: [userName]\n    fields: { site: { constant: main, refers: User } }";
const CREATE: &str = "create: { call: POST /users, record: . }";
const UPDATE: &str = "- { name: change, call: \"PATCH /users/{key}\", record: . }";
const ELSEWHERE: &str = "M515 warning: the list has paging, and this find at another address has none: behind its first page nobody is found";
const ACTIVE: &str = "active:          { field: retired, values: { true: 0, false: 1 } }";

/// What it shows, what is replaced by what, and the findings.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

fn table(cases: &[Case<'_>]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(_, changes, expected)| found(changes) != *expected)
        .map(|(name, changes, _)| format!("{name}: {:#?}", found(changes)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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

#[test]
fn people_can_leave_and_come_back() {
    let off = "- { name: off, claims: [active becomes false], call: \"POST /users/{key}/off\" }";
    let on = "- { name: on, claims: [active becomes true], call: \"POST /users/{key}/on\" }";
    let wrong_way = format!("{off}\n        {UPDATE}\n        {on}");
    let right_way = format!("{on}\n        {UPDATE}\n        {off}");
    table(&[
        (
            "a table that cannot say false",
            &[(ACTIVE, "active: { field: retired, values: { true: 0 } }")],
            &["M410 error: `values` has nothing to write for false: nobody can be deactivated"],
        ),
        (
            "a table that cannot write false",
            &[(ACTIVE, "active: { field: retired, values: { true: 0, false: \"*\" } }")],
            &["M410 error: `values` has nothing to write for false: nobody can be deactivated"],
        ),
        (
            "a table that cannot say true",
            &[(ACTIVE, "active: { field: retired, values: { false: 1 } }")],
            &["M410 error: `values` has nothing to write for true: nobody can be activated"],
        ),
        (
            "the order of transitions",
            &[(UPDATE, &wrong_way)],
            &["M407 warning: `off` runs before `change`", "M407 warning: `on` runs after `change`"],
        ),
        ("on first, off last", &[(UPDATE, &right_way)], &[]),
        (
            "off alone",
            &[(UPDATE, &format!("{UPDATE}\n        {off}"))],
            &["M402 error: `active becomes true` is claimed by none, `becomes false` by `off`"],
        ),
        (
            "a password that would be read",
            &[(ACTIVE, &format!("{ACTIVE}\n      password: {{ field: pw }}"))],
            &["M306 warning: the rule of `password` is not `direction: write`"],
        ),
    ]);
}

#[test]
fn secrets_and_addresses_are_judged_at_load() {
    const AUTH: &str = "auth: { bearer: { token: \"{tenant.token}\" } }";
    const BASE: &str = "base_url: https://api.acme.example/v1";
    const SECRET: &str = "token: { type: text, secret: true }";
    let both = |auth: &'static str| -> Vec<(&'static str, &'static str)> {
        vec![(AUTH, auth), (SECRET, "token: { type: text, secret: true }\n  open: { type: text }")]
    };
    let used = "headers: { X-Open: \"{tenant.open}\", X-Token-Of: \"{tenant.token}\" }";
    let literal = format!("{used}\n  auth: {{ bearer: {{ token: hunter2 }} }}");
    let open = format!("{used}\n  auth: {{ bearer: {{ token: \"{{tenant.open}}\" }} }}");
    let basic = format!("{used}\n  auth: {{ basic: {{ user: u, password: hunter2 }} }}");
    let text = "M110 error: secret text stands in the file";
    let leaked = |auth: &str| {
        let auth: &'static str = Box::leak(auth.to_owned().into_boxed_str());
        found(&both(auth))
    };
    assert_eq!(leaked(&literal), [text]);
    assert_eq!(leaked(&basic), [text]);
    assert_eq!(
        leaked(&open),
        ["M110 error: `tenant.open` is a credential, and not declared as a secret"]
    );
    table(&[
        (
            "no auth",
            &[(AUTH, "headers: { X-A: \"{tenant.token}\" }")],
            &["M103 error: `auth` is missing in upstream"],
        ),
        (
            "a key in the query",
            &[(AUTH, "auth: { api_key: { query: apikey, value: \"{tenant.token}\" } }")],
            &["M404 warning: the API key travels in the query, as `apikey`"],
        ),
        (
            "a header that is no header",
            &[(AUTH, "auth: { api_key: { header: \"X Key\", value: \"{tenant.token}\" } }")],
            &["M113 error: `X Key` is no header name"],
        ),
        (
            "secrets under other names",
            &[
                (
                    AUTH,
                    "auth: { bearer: { token: \"{tenant.token}\" } }\n  headers: { X-Api-Key: abc, Authorization: \"Basic abc\", Accept: application/json }",
                ),
                (
                    "query: { email: \"{email}\" }",
                    "query: { email: \"{email}\", access_token: abc, sort_key: name }",
                ),
            ],
            &[text, text, text],
        ),
        (
            "plain http",
            &[(BASE, "base_url: http://api.acme.example")],
            &[
                "M112 error: `base_url` is plain http to `api.acme.example`: the credential would travel in the clear",
            ],
        ),
        ("http on loopback", &[(BASE, "base_url: http://127.0.0.1:8080/api")], &[]),
        ("http on loopback by name", &[(BASE, "base_url: http://localhost:8080")], &[]),
        ("http on loopback by IPv6", &[(BASE, "base_url: http://[::1]:8080/api")], &[]),
        (
            "http to a name that begins alike",
            &[(BASE, "base_url: http://localhost.acme.example/")],
            &[
                "M112 error: `base_url` is plain http to `localhost.acme.example`: the credential would travel in the clear",
            ],
        ),
        (
            "no scheme",
            &[(BASE, "base_url: api.acme.example")],
            &["M112 error: `base_url` has no scheme: `api.acme.example`"],
        ),
        (
            "another scheme",
            &[(BASE, "base_url: ftp://api.acme.example")],
            &["M112 error: `base_url` is neither http nor https: `ftp`"],
        ),
        (
            "a query",
            &[(BASE, "base_url: https://a.example/?x=1")],
            &["M112 error: `base_url` has a query or a fragment"],
        ),
        (
            "a subdomain of the tenant's",
            &[(BASE, "base_url: \"https://{tenant.token}.acme.example\"")],
            &[],
        ),
        (
            "the same in plain http",
            &[(BASE, "base_url: \"http://{tenant.token}.acme.example\"")],
            &[],
        ),
    ]);
}

#[test]
fn what_is_written_reads_back() {
    let rule = |rule: &str| {
        found(&[(ACTIVE, &format!("{ACTIVE}\n      title: {{ field: job, {rule} }}"))])
    };
    for good in [
        "convert: [lower]",
        "convert: [trim, { prefix: \"@\" }]",
        "convert: [number]",
        "convert: [text]",
        "convert: [json]",
        "convert: [base64]",
        "convert: [{ phone: e164 }]",
        "convert: [{ phone: digits }]",
        "convert: [{ date: { format: \"%Y-%m-%d\" } }]",
        "convert: [{ epoch: s }]",
        "convert: [{ join: \",\" }]",
        "values: { A: a, B: [b, \"*\"] }",
    ] {
        let found = rule(good);
        assert!(found.iter().all(|found| !found.contains("error")), "{good}: {found:?}");
    }
    for (bad, expected) in [
        (
            "convert: [base64, lower]",
            "M301 error: the rule of `title` does not give back what it was given: `a` -> `yq==` -> what nobody can read",
        ),
        (
            "values: { A: a, B: b }, convert: [upper]",
            "M301 error: the rule of `title` does not give back what it was given: `A` -> `A` -> what nobody can read",
        ),
        (
            "convert: [{ split: \",\" }]",
            "M216 error: `convert` of `title` takes no value: it is a string",
        ),
        (
            "convert: [last_segment]",
            "M216 error: `last_segment` of `title` only reads: what stood before is lost",
        ),
        (
            "convert: [trim], lossy: \"because\"",
            "M304 warning: `title` is `lossy` and gives back all that it was given",
        ),
        ("values: { A: a }, default: B", "M210 error: `B` in `default` is not in `values`"),
        ("values: { A: a }, missing: B", "M210 error: `B` in `missing` is not in `values`"),
        (
            "values: { A: a, B: b }, default: A, missing: B",
            "M305 warning: `missing` and `default` differ",
        ),
        (
            "convert: [number], default: x",
            "M210 error: `x` in `default` cannot be written: `x` is no number",
        ),
        ("unordered: true", "M215 error: `unordered` needs the field of a list"),
        ("refers: Usr", "M213 error: resource `Usr` does not exist"),
        ("clear: omit", "M303 warning: clearing `title` does nothing at the vendor"),
        (
            "direction: read, default: x",
            "M217 error: `default` does nothing beside `direction: read`",
        ),
    ] {
        assert_eq!(rule(bad), [expected], "{bad}");
    }
}

#[test]
fn keys_that_do_nothing_are_told() {
    table(&[
        (
            "ignore",
            &[(ACTIVE, &format!("{ACTIVE}\n      title: {{ ignore: true, values: {{ a: b }} }}"))],
            &["M217 error: `values` does nothing beside `ignore`"],
        ),
        (
            "reject",
            &[(ACTIVE, &format!("{ACTIVE}\n      title: {{ reject: true, clear: omit }}"))],
            &["M217 error: `clear` does nothing beside `reject`"],
        ),
        (
            "constant",
            &[(ACTIVE, &format!("{ACTIVE}\n      title: {{ constant: a, direction: read }}"))],
            &["M217 error: `direction` does nothing beside `constant`"],
        ),
        (
            "match",
            &[("match: [userName]", "match: []")],
            &["M107 error: expected attribute paths, found nothing"],
        ),
        (
            "per",
            &[("  auth:", "  limits: { per: 1s }\n  auth:")],
            &["M103 error: `per` without `requests` limits nothing"],
        ),
        (
            "size",
            &[(
                "paging: { page: { param: page } }",
                "paging: { cursor: { param: c, next: n, size: 5 } }",
            )],
            &["M103 error: `size` without `size_param` does nothing"],
        ),
        (
            "a page's size",
            &[("paging: { page: { param: page } }", "paging: { page: { param: page, size: 5 } }")],
            &["M103 error: `size` without `size_param` does nothing"],
        ),
        ("a link", &[("paging: { page: { param: page } }", "paging: { link: {} }")], &[]),
        (
            "a page of nothing",
            &[("paging: { page: { param: page } }", "paging: { page: {} }")],
            &["M107 error: paging by `page` is empty"],
        ),
        (
            "no paging",
            &[("        paging: { page: { param: page } }\n", "")],
            &["M507 warning: list has no paging"],
        ),
        ("one answer", &[("paging: { page: { param: page } }", "paging: none")], &[]),
        (
            "a word that is no paging",
            &[("paging: { page: { param: page } }", "paging: all")],
            &["M104 error: expected a way of paging, or none where one answer is all, found `all`"],
        ),
        (
            "a search elsewhere",
            &[("call: GET /users, query", "call: GET /search, query")],
            &[ELSEWHERE],
        ),
        (
            "a search elsewhere in one answer",
            &[
                ("call: GET /users, query", "call: GET /search, query"),
                ("items: users }", "items: users, paging: none }"),
            ],
            &[],
        ),
        (
            "a search elsewhere, and a list in one answer",
            &[
                ("call: GET /users, query", "call: GET /search, query"),
                ("paging: { page: { param: page } }", "paging: none"),
            ],
            &[],
        ),
        (
            "another paging's key",
            &[("paging: { page: { param: page } }", "paging: { page: { param: page, next: n } }")],
            &["M101 error: unknown key `next`"],
        ),
        (
            "selector",
            &[("roles.^[primary==true].value", "roles.^[prmary==true].value")],
            &["M201 error: `prmary` in the selector is no sub-attribute of `roles`"],
        ),
        (
            "selector's value",
            &[("roles.^[primary==true].value", "roles.^[primary==maybe].value")],
            &["M210 error: `maybe` in the selector is no value of `roles.primary`"],
        ),
        (
            "rows",
            &[(
                "  auth:",
                "  errors:\n    - { when: answer.status == 402, means: forbidden }\n    - { when: \"answer.status==402 && answer.body.x == 1\", means: conflict }\n  auth:",
            )],
            &["M608 error: this row can never be reached: the one at line 9 covers it"],
        ),
        (
            "narrow first",
            &[(
                "  auth:",
                "  errors:\n    - { when: \"answer.status == 402 && answer.body.x == 1\", means: conflict }\n    - { when: answer.status == 402, means: forbidden }\n  auth:",
            )],
            &[],
        ),
        (
            "an alternative covers nothing",
            &[(
                "  auth:",
                "  errors:\n    - { when: \"answer.status == 402 || answer.body.y\", means: forbidden }\n    - { when: \"answer.status == 402 || answer.body.x\", means: conflict }\n  auth:",
            )],
            &[],
        ),
        (
            "attribute of a row",
            &[(
                "  auth:",
                "  errors:\n    - { when: answer.status == 402, means: forbidden, attribute: usrName }\n  auth:",
            )],
            &["M201 error: `usrName` is not an attribute that is served"],
        ),
        (
            "get",
            &[("call: \"GET /users/{key}\"", "call: GET /users/me")],
            &["M418 error: `get` asks for the same thing whatever the id"],
        ),
        (
            "get by another's placeholder",
            &[("call: \"GET /users/{key}\"", "call: \"GET /users/:id\"")],
            &[
                "M418 error: `get` asks for the same thing whatever the id",
                "M419 warning: `:id` in the path is sent as it stands",
            ],
        ),
        (
            "get that deletes",
            &[("call: \"GET /users/{key}\"", "call: \"DELETE /users/{key}\"")],
            &["M417 error: `get` would change something: its method is DELETE"],
        ),
        (
            "list by POST",
            &[("call: GET /users\n", "call: POST /users/search\n")],
            &["M417 warning: `list` asks with POST", ELSEWHERE],
        ),
        (
            "a search",
            &[("call: GET /users\n", "call: POST /users/search\n        repeat: safe\n")],
            &[ELSEWHERE],
        ),
        (
            "steps of a single call",
            &[(
                UPDATE,
                "- { name: change, call: \"PATCH /users/{key}/{steps.user.id}\", record: . }",
            )],
            &["M604 error: `steps.user` is not an earlier step"],
        ),
        (
            "answer in a path",
            &[(UPDATE, "- { name: change, call: \"PATCH /users/{answer.id}\", record: . }")],
            &[
                "M602 error: `answer` is not in scope here; there are key, before, after, resource, changes, record, fields, changed, whole, tenant, now",
            ],
        ),
    ]);
}

/// The findings with their help.
fn helped(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = sound().to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is in the mapping");
        text = text.replace(old, new);
    }
    let findings = mapping::load("m.yaml", &text).findings;
    findings
        .iter()
        .map(|found| found.to_string().split_once("error[").unwrap().1.to_owned())
        .collect()
}

#[test]
fn a_finding_says_what_was_meant_and_has_no_followers() {
    let table = [
        (
            "userName:        {",
            "department: { field: dep }\n      userName:        {",
            "M201]: `department` is not an attribute of User; did you mean `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`?",
        ),
        (
            "name.givenName:  {",
            "name.firstName:  {",
            "M201]: `name.firstName` is not an attribute of User; `name` has formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix",
        ),
        (
            "key: id",
            "key: $.id",
            "M207]: JSONPath where a place must be written; use a field path such as `id` or `person.id`",
        ),
        (
            "record: . }\n",
            "record: ., claims: [active become false] }\n",
            "M203]: `become` is nothing that an attribute does; did you mean `active becomes false`?",
        ),
        (
            "userName eq {email}",
            "userName = {email}",
            "M607]: expected `PATH (eq|sw|co) {hole}` joined by `and`, found `userName = {email}`; e.g. `userName eq {email}`",
        ),
        (
            "required: true",
            "required: yes",
            "M104]: `required`: expected true or false, found `yes`; write `true`",
        ),
        (
            "match: [userName]",
            "match: userName",
            "M104]: expected a list: attribute paths, found `userName`; write `[userName]`",
        ),
        (
            "type: text",
            "type: string",
            "M104]: expected text, number, boolean or list, found `string`; did you mean `text`?",
        ),
        (
            "  auth:",
            "  errors: [{ when: answer.status == 402, means: duplicate }]\n  auth:",
            "M104]: expected done, not_found, conflict, invalid, forbidden, busy, down or broken, found `duplicate`; did you mean `conflict`?",
        ),
    ];
    let mut wrong = Vec::new();
    for (old, new, expected) in table {
        let changes: &[(&str, &str)] = match new.contains("become ") {
            true => &[(
                UPDATE,
                "- { name: change, call: \"PATCH /users/{key}\", record: ., claims: [active become false] }",
            )],
            false => &[(old, new)],
        };
        let found = helped(changes);
        if found.len() != 1 || found[0] != expected {
            wrong.push(format!("{new}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A `delete` in the sound mapping's operations, in place of its own.
fn delete(written: &str) -> String {
    format!("delete: {written}\n      update:")
}

#[test]
fn a_write_names_whom_it_is_about() {
    let same = |what: &str| format!("M418 error: {what} makes the same calls whatever the id");
    let deletes: &[(&str, &[String])] = &[
        ("{ call: DELETE /staff }", &[same("`delete`")]),
        ("{ call: DELETE /org/teams/1 }", &[same("`delete`")]),
        (
            "{ call: \"DELETE /staff/{{key}}\" }",
            &[
                same("`delete`"),
                "M419 warning: `{{key}}` in the path is sent as `{key}`".to_owned(),
            ],
        ),
        (
            "{ call: \"DELETE /staff/${key}\" }",
            &["M419 warning: `${key}` in the path is sent with its `$`".to_owned()],
        ),
        ("{ call: \"DELETE /staff/{key}\" }", &[]),
        ("{ call: DELETE /staff, query: { id: \"{key}\" } }", &[]),
        ("{ call: DELETE /staff, query: { mail: \"{before.userName}\" } }", &[]),
        ("{ call: \"DELETE /staff/{record.email}\" }", &[]),
        ("{ call: DELETE /staff, headers: { X-Id: \"{key}\" } }", &[]),
        (
            "{ steps: [{ name: a, call: \"GET /x/{key}\", capture: { id: id } }, { name: b, call: \"DELETE /y/{steps.a.id}\" }] }",
            &[],
        ),
        (
            "{ steps: [{ name: a, call: GET /x, capture: { id: id } }, { name: b, call: \"DELETE /y/{steps.a.id}\" }] }",
            &[same("`delete`")],
        ),
    ];
    for (written, expected) in deletes {
        assert_eq!(found(&[("update:", &delete(written))]), *expected, "{written}");
    }
    let change = |call: &str| format!("- {{ name: change, record: ., {call} }}");
    let off = |call: &str| {
        let on = "- { name: on, claims: [active becomes true], call: \"POST /staff/{key}/on\" }";
        let off = format!("- {{ name: off, claims: [active becomes false], {call} }}");
        [on, UPDATE, &off].join("\n        ")
    };
    let updates: &[(String, &[String])] = &[
        (
            change("call: \"PUT /staff/:id\""),
            &[
                same("update `change`"),
                "M419 warning: `:id` in the path is sent as it stands".to_owned(),
            ],
        ),
        (
            change("call: \"PUT /staff/${key}\""),
            &["M419 warning: `${key}` in the path is sent with its `$`".to_owned()],
        ),
        (change("call: PUT /staff"), &[same("update `change`")]),
        (change("call: PUT /staff, body: \"{whole}\""), &[]),
        (change("call: \"PUT /staff/{before.userName}\""), &[]),
        (off("call: POST /staff/state"), &[same("update `off`")]),
        (off("call: POST /staff/state, body: { id: \"{key}\" }"), &[]),
        (off("call: POST /staff/state, body: { mail: \"{before.userName}\" }"), &[]),
    ];
    for (written, expected) in updates {
        assert_eq!(found(&[(UPDATE, written)]), *expected, "{written}");
    }
}

#[test]
fn one_mistake_is_one_finding() {
    table(&[
        (
            "a typo in userName",
            &[("userName:        {", "usrName:        {")],
            &["M201 error: `usrName` is not an attribute of User"],
        ),
        (
            "feild",
            &[("userName:        { field:", "userName:        { feild:")],
            &["M101 error: unknown key `feild`"],
        ),
        (
            "a path that is none",
            &[("userName:        {", "\"user Name\":        {")],
            &["M203 error: `user Name` in `user Name` is not an attribute name"],
        ),
        (
            "an expression",
            &[(
                "active:          { field: retired, values: { true: 0, false: 1 } }",
                "active: { read: \"record.a ==\" }",
            )],
            &["M601 error: expression does not parse: it ends too early"],
        ),
        (
            "two auths",
            &[(
                "bearer: { token: \"{tenant.token}\" }",
                "bearer: { token: \"{tenant.token}\" }, basic: { user: a, password: \"{tenant.token}\" }",
            )],
            &["M106 error: `bearer` and `basic` exclude each other"],
        ),
        (
            "a variable",
            &[("token: { type: text, secret: true }", "token: text")],
            &["M104 error: expected a tenant variable, a map; found a text"],
        ),
        (
            "a claim",
            &[(
                UPDATE,
                "- { name: change, claims: [userName, nme, active, roles], call: \"PATCH /users/{key}\", record: . }",
            )],
            &["M201 error: `nme` is not an attribute of User"],
        ),
        (
            "a find",
            &[("filter: \"userName eq {email}\"", "filter: \"usrName eq {email}\"")],
            &["M201 error: `usrName` is not an attribute of User"],
        ),
        (
            "addz",
            &[(
                UPDATE,
                "- { name: change, claims: [roles addz], call: \"PATCH /users/{key}\", record: . }",
            )],
            &["M203 error: `addz` is nothing that an attribute does"],
        ),
        (
            "many elements",
            &[("roles.^[primary==true].value:", "\"roles.?[primary==true].value\":")],
            &[
                "M203 error: `roles.?[primary==true].value` selects many elements; a rule has one, written `.^[` or `[`",
            ],
        ),
        (
            "a value generated for no field",
            &[(
                "name.givenName:  { field: first_name }",
                "name.givenName: { generate: { length: 8 } }",
            )],
            &[
                "M106 error: none of `field`, `read`, `constant`, `kept`, `first`, `ignore`, `reject` is there",
            ],
        ),
        (
            "a secret that would be kept",
            &[("name.givenName:  { field: first_name }", "password: { kept: true }")],
            &["M513 error: `password` is kept, and it is a secret"],
        ),
        (
            "groups without Groups of our own",
            &[("name.givenName:  { field: first_name }", "groups: { kept: true }")],
            &["M513 error: `groups` is kept, and Groups are not"],
        ),
        (
            "a kept value that would be converted",
            &[(
                "name.givenName:  { field: first_name }",
                "name.givenName: { kept: true, convert: [lower] }",
            )],
            &["M217 error: `convert` does nothing beside `kept`"],
        ),
        (
            "a kept value that the vendor shall search by",
            &[
                ("name.givenName:  { field: first_name }", "nickName: { kept: true }"),
                (
                    "- { filter: \"userName",
                    "- { filter: \"nickName eq {nick}\", call: GET /n, query: { nick: \"{nick}\" }, items: users }\n        - { filter: \"userName",
                ),
            ],
            &["M607 error: `nickName` is kept: the vendor has nothing to search by it"],
        ),
        (
            "a login whose token goes nowhere",
            &[(
                "auth: { bearer: { token: \"{tenant.token}\" } }",
                "auth: { login: { call: POST /s, body: { p: \"{tenant.token}\" }, token: answer.body.t } }",
            )],
            &["M103 error: `send` is missing in login"],
        ),
        (
            "a refused key",
            &[(MATCH, REFUSED)],
            &["M111 error: `refers` is not supported by this version"],
        ),
        (
            "a YAML 1.1 boolean as key",
            &[("query: { email: \"{email}\" }", "query: { email: \"{email}\", on: \"1\" }")],
            &["M109 warning: key `on` is an unquoted YAML 1.1 boolean"],
        ),
    ]);
}

#[test]
fn helps_offer_only_what_works() {
    let help = |changes: &[(&str, &str)]| {
        let mut text = sound().to_owned();
        for (old, new) in changes {
            text = text.replace(old, new);
        }
        let loaded = mapping::load("m.yaml", &text);
        assert_eq!(loaded.findings.len(), 1, "{:?}", loaded.findings);
        loaded.findings[0].help.clone().unwrap()
    };
    let create = |key: &str| format!("create: {{ call: POST /users, record: ., {key}: true }}");
    let listed = help(&[(CREATE, &create("quite_another"))]);
    assert!(listed.contains("repeat") && !listed.contains("acknowledge"), "{listed}");
    let refused = help(&[(MATCH, REFUSED)]);
    assert!(refused.contains("not in this version"), "{refused}");
    let part = UPDATE.replace("change,", "change, claims: [roles addz],");
    assert!(help(&[(UPDATE, &part)]).contains("`roles adds`"));
    let outside = UPDATE.replace("{key}", "{ke}");
    assert_eq!(help(&[(UPDATE, &outside)]), "did you mean `key`?");
}

#[test]
fn a_create_of_several_calls_is_finished_by_nobody() {
    let steps = "create:\n        steps:\n          - { name: user, call: POST /users, capture: { id: id } }\n          - { name: mail, call: \"POST /mails/{steps.user.id}\", body: \"{fields}\", record: . }";
    let findings = found(&[(CREATE, steps)]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("M504 warning"), "{findings:?}");
}

/// The samples of a list have each type that its schema, its table or an expression of the call knows.
#[test]
fn a_call_that_picks_elements_by_type_depends_on_the_list() {
    let text = |kind: &str, body: &str| {
        format!(
            r#"
mapping: 1
name: t
evidence: seen
tenant: {{ token: {{ type: text, secret: true }} }}
upstream: {{ base_url: "https://t.example", auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: email }}
      active: {{ field: active }}
      phoneNumbers:
        field: phones
        element: {{ value: {{ field: number, convert: [{{ phone: e164 }}] }}, type: {kind} }}
    operations:
      get: {{ call: "GET /users/{{key}}", record: . }}
      find: [{{ filter: "userName eq {{name}}", call: GET /users, query: {{ q: "{{name}}" }}, items: . }}]
      create: {{ call: POST /users, record: . }}
      update:
        - {{ name: phones, claims: [phoneNumbers], call: "PUT /users/{{key}}/phones", body: {{ numbers: "{{{body}}}" }} }}
        - {{ name: change, call: "PATCH /users/{{key}}", record: . }}
      delete: {{ call: "DELETE /users/{{key}}" }}
"#
        )
    };
    let picked = |what: &str| format!("resource.phoneNumbers.filter(p, p.{what}).map(p, p.value)");
    let table = [
        ("{ field: kind }", picked("type == 'mobile'"), false),
        ("{ field: kind }", picked("type == 'fax'"), false),
        ("{ field: kind }", picked("type in ['desk', 'hall']"), false),
        ("{ field: kind, values: { work: W, home: H, desk: D } }", picked("type == 'desk'"), false),
        ("{ field: kind }", picked("value == 'nobody'"), true),
        ("{ field: kind }", "before.phoneNumbers.size() > 100".to_owned(), true),
    ];
    for (kind, body, silent) in table {
        let loaded = mapping::load("t.yaml", &text(kind, &body));
        let told: Vec<&str> = loaded.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(told.contains(&"M406"), silent, "{kind} {body}: {:?}", loaded.findings);
        assert!(told.iter().all(|code| *code == "M406"), "{kind} {body}: {:?}", loaded.findings);
    }
}
