//! `check`, `test` and `explain` on files that people get wrong, run as a person runs them.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("scimshim-exchanges-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Exit code, stdout, stderr.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_scimshim"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn acall() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/acall.yaml");
    fs::read_to_string(path).unwrap()
}

const PATCH: &str = "PATCH /Users/5:\n  schemas: [\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]\n  Operations: [{ op: replace, value: { displayName: M, active: false } }]\n";

#[test]
fn one_missing_file_does_not_hide_the_findings_of_the_others() {
    let folder = Folder::new("missing");
    let wrong = folder.write("wrong.yaml", "mapping: 1\nname: x\n");
    let (code, out, err) = run(&["check", "nowhere.yaml", &wrong]);
    assert_eq!(code, 1);
    assert!(out.contains("`evidence` is missing") && err.contains("nowhere.yaml"), "{out}{err}");
    let latin = folder.write("latin.yaml", b"name: Zo\xeb\n");
    let (code, out, _) = run(&["check", &latin]);
    assert_eq!(code, 2);
    assert!(out.contains("latin.yaml:1:1") && out.contains("save it as UTF-8"), "{out}");
}

#[test]
fn notes_stand_below_the_findings_and_refuse_nothing() {
    let (code, out, _) = run(&["check", "mappings/acall.yaml", "--deny-warnings"]);
    assert_eq!(code, 0, "{out}");
    for part in ["no findings\n", "note[M505]", "note[M510]", "note[M701]"] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
}

#[test]
fn check_says_how_sure_each_mapping_is_of_its_vendor() {
    let files = ["mappings/dialpad.yaml", "mappings/envoy.yaml"];
    let (code, out, _) = run(&["check", files[0], files[1]]);
    assert_eq!(code, 0, "{out}");
    let told: Vec<&str> = out.lines().rev().take(2).collect();
    let counted = |line: &str, file: &str| {
        let (of, parts) =
            line.strip_prefix(file)?.strip_prefix(": ")?.split_once(" operations and lookups, ")?;
        let parts = parts.split(", ").map(|part| part.split(' ').next()?.parse::<usize>().ok());
        Some(of.parse::<usize>().ok()? == parts.sum::<Option<usize>>()?)
    };
    assert_eq!(counted(told[1], files[0]), Some(true), "{told:?}");
    assert_eq!(counted(told[0], files[1]), Some(true), "{told:?}");
    assert!(told[1].contains("documented") && told[0].contains("assumed"), "{told:?}");
    // Those of a configuration's tenants, too.
    let (_, out, _) = run(&["check", "--config", "deploy/scimshim.yaml"]);
    assert_eq!(out.matches("acall.yaml: 8 operations and lookups, 8 assumed").count(), 1, "{out}");
    // In the order in which they are named, and no part of what programs read.
    let (_, out, _) = run(&["check", files[0], "--format", "json"]);
    assert!(out.trim().ends_with(']') && !out.contains("operations and lookups"), "{out}");
}

#[test]
fn a_bare_request_is_explained_as_far_as_its_calls_are_known() {
    let folder = Folder::new("bare");
    let request = folder.write("request.yaml", PATCH);
    let (code, out, err) = run(&["explain", "mappings/acall.yaml", "--request", &request]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("/v1/users/5'") && out.contains("the answer of call 1, User.get"),
        "{out}"
    );
    assert_eq!(out.matches("curl ").count(), 1, "{out}");
}

#[test]
fn a_bare_request_has_its_tenant_beside_it_or_on_the_command_line() {
    let folder = Folder::new("bare-tenant");
    let bare = folder.write("bare.yaml", "GET /Users/7: null\n");
    let tenant = "tenant: { url: http://127.0.0.1:1, key: s3cret-t0ken }";
    let beside = folder.write("beside.yaml", format!("{tenant}\nGET /Users/7: null\n"));
    let explain = |file: &str, more: &[&str]| {
        run(&[&["explain", "mappings/sample.yaml", "--request", file][..], more].concat())
    };
    let (code, out, _) = explain(&bare, &[]);
    assert!(code == 0 && out.contains("under `calls:`") && out.contains("`--live-reads`"), "{out}");
    let url = "url=http://127.0.0.1:1";
    for (file, more) in [
        (&beside, vec!["--live-reads"]),
        (&bare, vec!["--live-reads", "--var", url, "--var", "key=s3cret-t0ken"]),
        (&beside, vec!["--var", url]),
    ] {
        let (code, out, err) = explain(file, &more);
        assert_eq!(code, 0, "{more:?}: {err}");
        assert!(
            out.contains("http://127.0.0.1:1/people/7") && out.contains("${SAMPLE_KEY}"),
            "{out}"
        );
        assert!(!out.contains("s3cret"), "{out}");
    }
    for (more, says) in [
        (vec!["--live-reads", "--var", url], "--var 'key={ env: NAME }'"),
        (vec!["--var", "kee=x"], "did you mean `key`?"),
        (vec!["--var", "key"], "expected NAME=VALUE"),
        (vec!["--live-reads", "--var", url, "--var", "key={ env: SCIMSHIM_NOBODY }"], "is not set"),
    ] {
        let (code, _, err) = explain(&bare, &more);
        assert!(code == 1 && err.contains(says), "{more:?}: {err}");
    }
}

#[test]
fn behind_a_write_the_chosen_calls_go_on() {
    let folder = Folder::new("behind");
    let indented = PATCH.replace('\n', "\n      ");
    let file = folder.write(
        "x.yaml",
        format!("test: 1\ntenant: {{ token: s3cret-t0ken }}\ntests:\n  - name: a\n    request:\n      {indented}\n    calls:\n      - call: GET /users/5\n        answer: {{ body: {{ id: 5, email: m, family_name: B, given_name: M, retired: 0 }} }}\n"),
    );
    let (code, out, err) = run(&["explain", "mappings/acall.yaml", "--request", &file]);
    assert_eq!(code, 0, "{err}");
    let last = "the response depends on the answer of call 4, User.get: the record at `.`";
    for part in ["2. User.update.profile", "3. User.update.retire", last] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    assert_eq!(out.matches("curl ").count(), 4, "{out}");
    assert!(!out.contains("s3cret"), "{out}");
}

#[test]
fn headers_of_the_upstream_are_shown_without_secrets() {
    let folder = Folder::new("headers");
    let mapping = acall().replace(
        "  limits:",
        "  headers: { X-Client: scimshim, X-Session: \"a {tenant.token} b\" }\n  limits:",
    );
    let mapping = folder.write("m.yaml", mapping);
    let file = folder.write("x.yaml", "test: 1\ntenant: { token: s3cret-t0ken }\ntests:\n  - { name: a, request: { GET /Users/5: null } }\n");
    let (_, out, _) = run(&["explain", &mapping, "--request", &file]);
    assert!(out.contains("x-client: scimshim"), "{out}");
    assert!(out.contains("x-session: a ${ACALL_TOKEN} b"), "{out}");
    assert!(!out.contains("s3cret"), "{out}");
}

#[test]
fn a_failing_request_says_so() {
    let folder = Folder::new("failing");
    let file = folder.write("x.yaml", "test: 1\ntests:\n  - name: a\n    request: { GET /Users/5: null }\n    calls: [{ call: GET /users/5, answer: { body: \"<html>\" } }]\n");
    let (code, out, _) = run(&["explain", "mappings/acall.yaml", "--request", &file]);
    assert!(code == 0 && out.contains("-> 502") && out.contains("this request fails"), "{out}");
}

#[test]
fn a_file_that_tests_nothing_is_refused() {
    let folder = Folder::new("nothing");
    let mapping = folder.write("m.yaml", acall());
    let table = [
        ("tests: []\n", 2, "T102"),
        ("tests:\n  - { name: a, request: { GET /Users/5: null } }\n", 2, "T103"),
        (
            "mapping: other.yaml\ntests:\n  - { name: a, request: { GET /Nowhere: null }, response: { status: 404 } }\n",
            2,
            "T104",
        ),
        (
            "tenant: { tokn: x }\ntests:\n  - { name: a, request: { GET /Nowhere: null }, response: { status: 404 } }\n",
            2,
            "T105",
        ),
        (
            "tests:\n  - { name: a, request: { GET /Nowhere: null }, response: { status: 404 } }\n",
            0,
            "T106",
        ),
        (
            "tests:\n  - { name: a, request: { GET /scim/v2/Users/5: null }, response: { status: 404 } }\n",
            2,
            "T107",
        ),
    ];
    for (text, expected, says) in table {
        folder.write("m.test.yaml", format!("test: 1\n{text}"));
        let (code, out, err) = run(&["test", &mapping]);
        assert_eq!(code, expected, "{text}{out}{err}");
        assert!(err.contains(says), "{says} is not in {err}");
    }
}

#[test]
fn a_test_that_is_written_otherwise_says_how() {
    let folder = Folder::new("otherwise");
    let mapping = folder.write("m.yaml", acall());
    let rest = "response: { status: 200 }";
    let table = [
        (
            format!("client: otka, request: {{ GET /Users/5: null }}, {rest}"),
            "T101",
            "did you mean `okta`?",
        ),
        (
            format!("client: me, request: {{ GET /Users/5: null }}, {rest}"),
            "T101",
            "there are okta, okta-opp-1.1, entra, strict",
        ),
        (
            format!("request: {{ GET /Users/5: null, if_match: x }}, {rest}"),
            "T101",
            "stand beside `request`",
        ),
        (
            format!(
                "request: {{ GET /Users/5: null }}, calls: [{{ call: GET /users/5, answer: {{ stats: 404 }} }}], {rest}"
            ),
            "M101",
            "did you mean `status`?",
        ),
    ];
    for (test, finding, says) in table {
        folder.write(
            "m.test.yaml",
            format!("test: 1\ntenant: {{ token: t }}\ntests:\n  - {{ name: a, {test} }}\n"),
        );
        let (code, _, err) = run(&["test", &mapping]);
        assert!(code == 2 && err.contains(finding) && err.contains(says), "{test}: {err}");
    }
}

#[test]
fn update_keeps_what_holds_and_leaves_what_it_does_not_understand() {
    let folder = Folder::new("update");
    let mapping = folder.write("m.yaml", acall());
    let call = "calls: [{ call: GET /users/5, answer: { body: { id: 5, email: m, family_name: B, given_name: M, retired: 0 } } }]";
    let head = "test: 1\ntenant: { token: t0ken }\ntests:\n";
    let flow = format!(
        "  - {{ name: flow, request: {{ GET /Users/5: null }}, {call}, response: {{ status: 200, body: {{ id: \"*\", userName: wrong }} }} }}\n"
    );
    let block = format!(
        "  - name: block\n    request: {{ GET /Users/5: null }}\n    {call}\n    response:\n      status: 200\n      body: {{ meta: \"*\", title: null, active: false }}\n"
    );
    let other = "  - name: other calls\n    request: { GET /Users/5: null }\n    calls: [{ call: GET /users/6 }]\n    response: { status: 200 }\n";
    let file = folder.write("m.test.yaml", format!("{head}{flow}{block}{other}"));
    let (code, out, _) = run(&["test", &mapping, "--update"]);
    assert!(code == 3 && out.contains("not rewritten: its calls differ"), "{out}");
    for part in ["another call than call 1", "GET /users/6", "GET /users/5"] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let after = fs::read_to_string(&file).unwrap();
    assert!(
        after.contains(r#"response: { status: 200, body: { id: "*", userName: m } }"#),
        "{after}"
    );
    assert!(after.contains("body: { meta: \"*\", title: null, active: true }\n"), "{after}");
    assert!(after.ends_with(other), "{after}");
    assert!(out.ends_with("0 passed, 2 rewritten, 1 failed\n"), "{out}");
    let (code, out, _) = run(&["test", &mapping]);
    assert!(code == 3 && out.contains("2 passed, 1 failed"), "{out}");
}

#[test]
fn update_changes_the_members_that_stood_there_and_no_others() {
    let folder = Folder::new("members");
    let mapping = folder.write("m.yaml", acall());
    let person =
        "{ status: 200, body: { id: 5, email: m, family_name: B, given_name: M, retired: 0 } }";
    let before = "  - name: a status alone
    request: { GET /Users/6: null }
    calls: [{ call: GET /users/6, answer: { status: 404 } }]
    response: { status: 200 }   # as it was
  - name: a block
    request: { GET /Users/5: null }
    calls: [{ call: GET /users/5, answer: PERSON }]
    response:
      status: 200
      headers:
        Location: 'nowhere'
        etag: \"*\"
      # who it is
      body:
        userName: \"x\"          # quoted
        name:
          givenName: Q
          familyName: B
        phoneNumbers:
        - value: q
        schemas: [a, b]
  - name: a header that is not there
    request: { GET /Users/6: null }
    calls: [{ call: GET /users/6, answer: { status: 404 } }]
    response: { status: 404, headers: { etag: \"*\" } }
  - name: one that must not be there
    request: { GET /Users/6: null }
    calls: [{ call: GET /users/6, answer: { status: 404 } }]
    response: { status: 200, headers: { etag: null } }
";
    let after = before
        .replace("status: 200 }   #", "status: 404 }   #")
        .replace("'nowhere'", "\"https://gw.example/scim/v2/Users/5\"")
        .replace("\"x\"", "\"m\"")
        .replace("givenName: Q", "givenName: M")
        .replace("phoneNumbers:\n        - value: q", "phoneNumbers: null")
        .replace("[a, b]", "SCHEMAS")
        .replace("headers: { etag: \"*\" } }\n", "headers: {} }\n")
        .replace("status: 200, headers: { etag: null }", "status: 404, headers: { etag: null }");
    let whole = |tests: &str| {
        let head = "test: 1\ntenant: { token: t0ken }\ntests:\n";
        format!("{head}{}", tests.replace("PERSON", person))
    };
    let file = folder.write("m.test.yaml", whole(before));
    let (code, out, err) = run(&["test", &mapping, "--update"]);
    assert!(code == 0 && out.ends_with("0 passed, 4 rewritten, 0 failed\n"), "{out}{err}");
    let found = fs::read_to_string(&file).unwrap();
    let line = |text: &str, part: &str| {
        text.lines().find(|line| line.contains(part)).unwrap_or_default().to_owned()
    };
    let expected = whole(&after)
        .replace(&line(&whole(&after), "Location"), &line(&found, "Location"))
        .replace("schemas: SCHEMAS", line(&found, "schemas: [").trim());
    assert_eq!(found, expected);
    let (code, out, err) = run(&["test", &mapping]);
    assert!(code == 0 && out.contains("4 passed, 0 failed"), "{out}{err}");
}

/// ACALL's mapping with everything that a store is for.
fn keeping() -> String {
    format!("{}  Group: {{ kept: true }}\n", acall())
}

#[test]
fn a_test_begins_with_a_store_and_says_what_is_there_then() {
    let folder = Folder::new("store");
    let mapping = folder.write("m.yaml", keeping());
    let mia = "answer: { body: { id: 5, email: mia, family_name: B, given_name: M, retired: 0 } }";
    let patch = "schemas: [\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]";
    let remove = "Operations: [{ op: remove, path: 'members[value eq \"5\"]' }]";
    let sales =
        "store: { groups: { g1: { displayName: Sales, externalId: 17, members: [7, \"5\"] } } }";
    let tests = format!(
        "test: 1
tenant: {{ token: t0ken }}
tests:
  - name: a group that is kept, with its version
    {sales}
    request: {{ GET /Groups/g1: null }}
    response: {{ status: 200, headers: {{ etag: W/\"1\" }}, body: {{ displayName: Sales, externalId: \"17\", members: [{{ value: \"5\" }}, {{ value: \"7\" }}] }} }}
  - name: who leaves it has left
    {sales}
    request: {{ PATCH /Groups/g1: {{ {patch}, {remove} }} }}
    if_match: W/\"1\"
    response: {{ status: 204 }}
    store_after: {{ groups: {{ g1: {{ displayName: \"*\", externalId: \"17\", members: [\"7\"] }} }} }}
  - name: not in a version that is gone
    {sales}
    request: {{ PATCH /Groups/g1: {{ {patch}, {remove} }} }}
    if_match: W/\"2\"
    response: {{ status: 412 }}
    store_after: {{ groups: {{ g1: {{ members: [\"5\", \"7\"] }}, g2: null }} }}
  - name: who is ours already is a conflict
    store: {{ ours: {{ User: {{ \"5\": made }} }} }}
    request: {{ POST /Users: &new {{ schemas: [\"urn:ietf:params:scim:schemas:core:2.0:User\"], userName: MIA, name: {{ familyName: B, givenName: M }} }} }}
    calls: [{{ call: GET /users?email=MIA&page=1&per_page=100, answer: {{ body: {{ users: [{{ id: 5, email: mia, retired: 0 }}] }} }} }}]
    response: {{ status: 409 }}
  - name: who has not changed is not sent
    store: {{ kept: {{ User: {{ \"5\": {{ externalId: x }} }} }}, gone: {{ User: {{ \"6\": {{ userName: Kai }} }} }} }}
    request: {{ GET /Users/5: null }}
    if_none_match: \"*\"
    calls: [{{ call: GET /users/5, {mia} }}]
    response: {{ status: 304 }}
    store_after: {{ kept: \"*\", gone: {{ User: {{ \"6\": {{ userName: KAI }} }} }}, unfinished: null }}
"
    );
    folder.write("m.test.yaml", tests.replace("&new ", ""));
    let (code, out, err) = run(&["test", &mapping]);
    assert!(code == 0 && out.contains("5 passed, 0 failed"), "{out}{err}");
}

#[test]
fn what_the_store_holds_instead_is_told_and_renewed() {
    let folder = Folder::new("store-differs");
    let mapping = folder.write("m.yaml", keeping());
    let tests = "test: 1
tenant: { token: t0ken }
tests:
  - name: flow
    store: { kept: { User: { \"5\": { externalId: x } } } }
    request: { GET /Users/6: null }
    calls: [{ call: GET /users/6, answer: { status: 404 } }]
    response: { status:   404 }
    store_after: { kept: { User: { \"5\": { externalId: y }, \"6\": null } }, groups: null }
  - name: block
    store: { gone: { User: { \"5\": {} } }, groups: { g1: { displayName: Sales } } }
    request: { GET /Users/6: null }
    calls: [{ call: GET /users/6, answer: { status: 404 } }]
    response: { status: 200 }
    store_after:
      gone: null
      groups: { g1: \"*\" }
      ours: { User: { \"5\": made } }
";
    let file = folder.write("m.test.yaml", tests);
    let (code, out, err) = run(&["test", &mapping, "--update"]);
    assert!(code == 0 && out.ends_with("0 passed, 2 rewritten, 0 failed\n"), "{out}{err}");
    let told = [
        "the store holds something else",
        r#"kept.User.5.externalId  "y"       "x"    "#,
        r#"gone  nothing                {"User":{"5":{}}}  "#,
        r#"ours  {"User":{"5":"made"}}  nothing            "#,
        "m.test.yaml:9:",
        "m.test.yaml:16:",
        "m.test.yaml:18:",
        "status  200       404  ",
    ];
    for part in told {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let after = fs::read_to_string(&file).unwrap();
    for part in [
        // It holds, so it stays as it was written.
        "response: { status:   404 }",
        r#"store_after: { kept: { User: { "5": { externalId: x }, "6": null } }, groups: null }"#,
        "gone: { User: { \"5\": {} } }\n      groups: { g1: \"*\" }\n      ours: null",
    ] {
        assert!(after.contains(part), "{part} is not in\n{after}");
    }
    let (code, out, err) = run(&["test", &mapping]);
    assert!(code == 0 && out.contains("2 passed"), "{out}{err}");
}

#[test]
fn rows_that_no_store_of_the_mapping_would_hold_are_refused() {
    let folder = Folder::new("store-wrong");
    let keeping = folder.write("keeping.yaml", keeping());
    let none = acall()
        .replace("externalId: { kept: true }", "externalId: { ignore: true }")
        .replace("on_match: adopt", "on_match: conflict")
        .replace("afterwards: gone", "afterwards: inactive");
    let none = folder.write("none.yaml", none);
    let table = [
        (&keeping, "kpt: { User: { 5: { externalId: x } } }", "M101", "did you mean `kept`?"),
        (&keeping, "kept: { Usr: { 5: { externalId: x } } }", "T108", "did you mean `User`?"),
        (
            &keeping,
            "kept: { User: { 5: { externalid: x } } }",
            "T108",
            "did you mean `externalId`?",
        ),
        (&keeping, "kept: { User: { 5: null } }", "T101", "expected a map of attributes by path"),
        (
            &keeping,
            "kept: { Group: { 5: { externalId: x } } }",
            "T108",
            "nothing is kept of a Group",
        ),
        (&keeping, "gone: { User: { 5: { userNam: x } } }", "T108", "did you mean `userName`?"),
        (
            &keeping,
            "gone: { User: { 5: { userName: [x] } } }",
            "T101",
            "expected a text, found a list",
        ),
        (&keeping, "ours: { User: { 5: maid } }", "T101", "expected made or adopted, found `maid`"),
        (&keeping, "unfinished: { User: { userName: x } }", "T101", "expected a list, found a map"),
        (&keeping, "unfinished: { User: [{}] }", "T101", "known by its `match` values"),
        (&keeping, "kept: { User: { 5: { externalId: null } } }", "T101", "expected a value"),
        (&keeping, "groups: { g: { displayNam: x } }", "M101", "did you mean `displayName`?"),
        (
            &keeping,
            "groups: { g: { displayName: x, members: [{}] } }",
            "T101",
            "expected the id of a User",
        ),
        (&none, "kept: { User: { 5: { externalId: x } } }", "T108", "nothing is kept of a User"),
        (&none, "gone: { User: { 5: {} } }", "T108", "`afterwards: gone` leaves one"),
        (&none, "ours: { User: { 5: made } }", "T108", "without `managed`, does"),
        (&none, "unfinished: { User: [{ userName: x }] }", "T108", "remembered in memory"),
        (&none, "groups: { g: { displayName: x } }", "T108", "`Group: { kept: true }` does"),
    ];
    for (mapping, store, code, says) in table {
        let tests = format!(
            "test: 1\ntenant: {{ token: t }}\ntests:\n  - name: a\n    store: {{ {store} }}\n    request: {{ GET /Nowhere: null }}\n    response: {{ status: 404 }}\n"
        );
        folder.write(if mapping == &none { "none.test.yaml" } else { "keeping.test.yaml" }, tests);
        let (exit, out, err) = run(&["test", mapping]);
        assert_eq!(exit, 2, "{store}: {out}{err}");
        for part in [code, says, "test.yaml:5:"] {
            assert!(err.contains(part), "{store}: {part} is not in {err}");
        }
    }
    // The same for what is expected.
    folder.write("none.test.yaml", "test: 1\ntenant: { token: t }\ntests:\n  - name: a\n    request: { GET /Nowhere: null }\n    response: { status: 404 }\n    store_after: { gone: { User: null } }\n");
    let (exit, _, err) = run(&["test", &none]);
    assert!(exit == 2 && err.contains("T108"), "{err}");
}

#[test]
fn explain_begins_with_the_store_too() {
    let folder = Folder::new("store-explained");
    let file = folder.write("x.yaml", "test: 1\ntests:\n  - name: a\n    store: { gone: { User: { \"5\": {} } } }\n    request: { GET /Users/5: null }\n    calls: [{ call: GET /users/5, answer: { body: { id: 5, email: m, family_name: B, given_name: M, retired: 1 } } }]\n");
    let (code, out, err) = run(&["explain", "mappings/acall.yaml", "--request", &file]);
    assert!(code == 0 && out.contains("-> 404"), "{out}{err}");
}

#[test]
fn a_command_that_no_shell_takes_says_so() {
    let folder = Folder::new("long");
    let request = |length: usize| {
        let name = "m".repeat(length);
        let body = format!(
            "{{ schemas: [\"urn:ietf:params:scim:schemas:core:2.0:User\"], userName: a@b, displayName: {name}, name: {{ familyName: B, givenName: M }} }}"
        );
        folder.write(
            "x.yaml",
            format!("test: 1\ntests:\n  - name: a\n    request: {{ POST /Users: {body} }}\n    calls: [{{ call: \"GET /users?email=a%40b&page=1&per_page=100\", answer: {{ body: {{ users: [], total: 0 }} }} }}]\n"),
        )
    };
    for (length, expected) in [(1_000, false), (200_000, true)] {
        let (code, out, err) =
            run(&["explain", "mappings/acall.yaml", "--request", &request(length)]);
        assert!(code == 0 && out.contains("call 2, User.create"), "{err}");
        assert_eq!(out.contains("longer than a shell takes"), expected, "{length}");
    }
}
