//! `scimshim test` as a person runs it: what it shows of tests that fail, the faults that a test can
//! have, and what of a mapping the tests exercise. `tests/suite/` holds a mapping and its test files.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("scimshim-suite-{name}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    /// Exit code, stdout, stderr of a command that runs in it.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        let output = command.args(arguments).current_dir(&self.0).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// One of the suite's test files beside a mapping of this name.
    fn of(name: &str, mapping: &str) -> Self {
        let folder = Self::new(name);
        folder.write(&format!("{name}.yaml"), &stored(mapping));
        folder.write(&format!("{name}.test.yaml"), &stored(&format!("{name}.test.yaml")));
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn stored(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite").join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn what_differs_stands_side_by_side_with_its_place() {
    let (code, out, err) = Folder::of("differs", "crew.yaml").run(&["test", "differs.yaml"]);
    assert_eq!((code, err.as_str()), (3, ""), "{out}");
    same(&out, "differs.txt");
}

/// Line by line what the suite has of it.
fn same(found: &str, name: &str) {
    let expected = stored(name);
    for (line, (expected, found_line)) in (1..).zip(expected.lines().zip(found.lines())) {
        assert_eq!(found_line, expected, "{name}:{line}, in\n{found}");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{found}");
}

#[test]
fn a_fault_goes_through_the_retries_and_the_judgement_that_serve() {
    let (code, out, err) = Folder::of("faults", "crew.yaml").run(&["test", "faults.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("\n14 passed, 0 failed\n"), "{out}");
}

#[test]
fn what_no_test_exercises_is_told_and_can_be_refused() {
    let folder = Folder::of("faults", "crew.yaml");
    let (code, out, _) = folder.run(&["test", "faults.yaml", "--deny-uncovered"]);
    let told = "  exercised: 2 of 5 rules, 4 of 5 operations, 1 of 1 finds, 5 of 6 calls, 1 of 1 error rows
    faults.yaml:19:7  never written          rule active of User
    faults.yaml:20:7  never read or written  rule emails.value of User
    faults.yaml:20:7  never read or written  rule emails.type of User
    faults.yaml:27:7  never run              operation User.list
14 passed, 0 failed, 4 never exercised
";
    assert!(code == 3 && out.ends_with(told), "{code}\n{out}");
}

#[test]
fn each_kind_of_line_is_exercised_in_its_own_way() {
    let (code, out, err) = Folder::of("scarce", "whole.yaml").run(&["test", "scarce.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    same(&out, "scarce.txt");
    let whole = Folder::of("whole", "whole.yaml");
    let (code, out, err) = whole.run(&["test", "whole.yaml", "--deny-uncovered"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let figures = "  exercised: 14 of 14 rules, 7 of 7 operations, 2 of 2 finds, 8 of 8 calls, 2 of 2 error rows\n";
    assert!(out.ends_with(&format!("{figures}6 passed, 0 failed\n")), "{out}");
}

#[test]
fn the_calls_of_lookups_are_calls() {
    let folder = Folder::of("lookup", "lookup.yaml");
    let (code, out, _) = folder.run(&["test", "lookup.yaml", "--deny-uncovered"]);
    let told = "  exercised: 3 of 3 rules, 1 of 2 operations, 3 of 5 calls
    lookup.yaml:11:11  never made  call lookup.team
    lookup.yaml:27:7   never run   operation User.get
1 passed, 0 failed, 2 never exercised
";
    assert!(code == 3 && out.ends_with(told), "{code}\n{out}");
    // One that is made and not written fails the test, as any other.
    let less = stored("lookup.test.yaml").replace("      - { call: GET /teams/r,", "      # {");
    folder.write("lookup.test.yaml", &less);
    let (code, out, _) = folder.run(&["test", "lookup.yaml"]);
    assert!(code == 3 && out.contains("GET /teams/r"), "{code}\n{out}");
}

#[test]
fn a_call_that_takes_back_is_a_call() {
    let folder = Folder::of("undo", "undo.yaml");
    let (code, out, _) = folder.run(&["test", "undo.yaml", "--deny-uncovered"]);
    let told = "  exercised: 0 of 1 rules, 1 of 2 operations, 1 of 1 finds, 4 of 7 calls
    undo.yaml:13:7   never read  rule userName of User
    undo.yaml:15:7   never run   operation User.get
    undo.yaml:28:27  never made  call User.create.seat.undo
    undo.yaml:29:33  never made  call User.create.mail
1 passed, 0 failed, 4 never exercised
";
    assert!(code == 3 && out.ends_with(told), "{code}\n{out}");
}

#[test]
fn programs_get_the_same_as_one_array() {
    let json = |name: &str| -> Value {
        let (code, out, _) = Folder::of(name, "crew.yaml").run(&[
            "test",
            &format!("{name}.yaml"),
            "--format",
            "json",
        ]);
        assert_eq!(code, if name == "faults" { 0 } else { 3 }, "{out}");
        serde_json::from_str(&out).unwrap()
    };
    let faults = json("faults");
    let [of_faults] = faults.as_array().unwrap().as_slice() else { panic!("{faults}") };
    assert_eq!(of_faults["file"], "faults.test.yaml");
    assert_eq!(of_faults["tests"][0]["outcome"], "passed");
    assert_eq!(of_faults["coverage"]["exercised"]["rules"], serde_json::json!({ "n": 2, "of": 5 }));
    let never = &of_faults["coverage"]["never"][0];
    assert_eq!(never["what"], "rule active of User");
    assert_eq!((&never["place"], &never["never"]), (&"faults.yaml:19:7".into(), &"written".into()));
    let differs = json("differs");
    let body = &differs[0]["tests"][6];
    assert_eq!(body["outcome"], "failed");
    let values = body["differences"][0]["values"].as_array().unwrap();
    let on = values.iter().find(|value| value["path"] == "body.on").unwrap();
    // Sent as null is not the same as not sent.
    assert_eq!(on["expected"], Value::Null);
    assert!(on.get("expected").is_some() && on.get("found").is_none(), "{on}");
}

#[test]
fn a_call_that_is_written_otherwise_says_how() {
    let folder = Folder::of("faults", "crew.yaml");
    let table = [
        ("answer: { fails: reste }", "did you mean `reset`?"),
        ("answer: { fails: never }", "there are connect, timeout, reset, cut, garbled, too_large"),
        ("answer: { fails: [cut] }", "a call fails by no `[\"cut\"]`"),
        ("answer: { status: 99999 }", "expected a status such as 404, found 99999"),
        ("answer: { headers: { x-a: \"a\\nb\" } }", "header `x-a` cannot be sent"),
        ("answer: {}, answers: []", "`answer` and `answers` exclude each other"),
        ("answers: []", "a call has one answer at least"),
        ("answers: [{ status: 503 }, {}], times: 2", "each answer is given once"),
        (
            "answers: [{ status: 503 }, {}], waits: [soon]",
            "expected a duration such as 200ms or 2s",
        ),
        ("answers: [{ status: 503 }, {}], waits: [1]", "expected a duration, found a number"),
        ("waits: [2s]", "there is one less than there are `answers`"),
        ("body: {}, body_has: {}", "`body` and `body_has` exclude each other"),
        ("body_has: [1]", "expected a map, found a list"),
    ];
    for (call, says) in table {
        folder.write("faults.test.yaml", &format!(
            "test: 1\ntenant: {{ token: t }}\ntests:\n  - name: a\n    request: {{ GET /Users/5: null }}\n    calls: [{{ call: GET /crew/5, {call} }}]\n    response: {{ status: 200 }}\n"
        ));
        let (code, _, err) = folder.run(&["test", "faults.yaml"]);
        assert!(code == 2 && err.contains("T101") && err.contains(says), "{call}: {err}");
        assert!(err.contains("faults.test.yaml:6:"), "{call}: {err}");
    }
}

#[test]
fn rows_of_outside_are_met_and_who_is_held_stands_in_the_store() {
    let folder = Folder::of("outside", "outside.yaml");
    let (code, out, err) = folder.run(&["test", "outside.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for line in [
        ", 3 of 4 outside rows\n",
        "outside.yaml:18:9   never met      outside row `resource.userType == 'Gone'`\n",
        "\n5 passed, 0 failed\n",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    // Where nobody is held, a test that begins with somebody shows nothing.
    let text = stored("outside.yaml");
    let rows =
        text.split_once("    outside:\n").and_then(|(_, rest)| rest.split_once("    attributes:"));
    folder.write("outside.yaml", &text.replace(rows.unwrap().0, "").replace("    outside:\n", ""));
    let (code, out, err) = folder.run(&["test", "outside.yaml"]);
    let told = "[T108]: no User is held for being outside";
    assert!(code != 0 && (out.contains(told) || err.contains(told)), "{out}{err}");
}

#[test]
fn links_stand_there_before_a_request_and_behind_it() {
    let (code, out, err) = Folder::of("linked", "linked.yaml").run(&["test", "linked.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("\n9 passed, 0 failed"), "{out}");
}
