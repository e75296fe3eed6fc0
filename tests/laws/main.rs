//! Mappings that break a law in one known way each, and mappings that keep them all.
//!
//! `broken.yaml` and `sound.yaml` hold what each puts into a mapping that is sound without it: its
//! `attributes`, and where it needs them `fields`, `schemas`, the `encoding` and the `key`. The first comment says
//! what it is; those behind it in `broken.yaml` are its findings, word by word.
//! `UPDATE=1 cargo test --test laws` rewrites them; read the change before you keep it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use scimshim::mapping;
use std::{fmt::Write, path::Path};

/// What the cases are put into, at the names in capitals.
const FRAME: &str = r#"mapping: 1
name: acme
evidence: seen
tenant: { token: { type: text, secret: true } }
upstream:
  base_url: https://api.acme.example
  auth: { bearer: { token: "{tenant.token}" } }
ENCODING
SCHEMAS
resources:
  User:
KEY
    attributes:
      userName: { field: login, required: true }
ATTRIBUTES
FIELDS
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find: [{ filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }]
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
      delete: { call: "DELETE /users/{key}" }
"#;

/// Names that a sound mapping is given in turn: what is sound does not hang on chance.
const SEEDS: usize = 10;

/// Every case deactivates, or `check` would say so.
const ACTIVE: &str = "      active: { field: live }\n";

struct Case {
    name: String,
    expected: Vec<String>,
    body: String,
}

impl Case {
    fn read(text: &str) -> Self {
        let comment = |line: &str| line.strip_prefix("# ").map(str::to_owned);
        let mut comments = text.lines().map_while(comment);
        let name = comments.next().unwrap();
        let expected: Vec<String> = comments.collect();
        let body = text.lines().skip(1 + expected.len()).map(|line| format!("{line}\n")).collect();
        Self { name, expected, body }
    }

    /// What stands under a key of the body, `indent` deep.
    fn section(&self, key: &str, indent: usize) -> String {
        let head = format!("{key}:");
        let mut lines = self.body.lines().skip_while(|line| !line.starts_with(&head));
        let Some(first) = lines.next() else { return String::new() };
        let below = lines.take_while(|line| line.starts_with(' '));
        let pad = " ".repeat(indent);
        [first].into_iter().chain(below).map(|line| format!("{pad}{line}\n")).collect()
    }

    fn mapping(&self) -> String {
        let attributes: String = self
            .section("attributes", 4)
            .lines()
            .skip(1)
            .fold(String::new(), |text, line| text + line + "\n");
        let active = if self.body.contains("  active:") { "" } else { ACTIVE };
        let key = self.section("key", 4);
        let key = if key.is_empty() { "    key: id\n" } else { &key };
        FRAME
            .replace("ATTRIBUTES\n", &format!("{active}{attributes}"))
            .replace("FIELDS\n", &self.section("fields", 4))
            .replace("SCHEMAS\n", &self.section("schemas", 0))
            .replace("ENCODING\n", &self.section("encoding", 2))
            .replace("KEY\n", key)
    }

    fn findings(&self) -> Vec<String> {
        self.findings_as("acme")
    }

    /// Under another name other values are tried.
    fn findings_as(&self, name: &str) -> Vec<String> {
        let mapping = self.mapping().replace("name: acme\n", &format!("name: {name}\n"));
        let loaded = mapping::load("acme.yaml", &mapping);
        let found = loaded.findings.iter();
        found.map(|one| format!("{} {}: {}", one.code, one.severity.word(), one.message)).collect()
    }
}

fn cases(text: &str) -> Vec<Case> {
    text.split("---\n").map(Case::read).collect()
}

#[test]
fn each_broken_mapping_is_refused_with_the_smallest_counterexample() {
    let cases = cases(include_str!("broken.yaml"));
    if std::env::var_os("UPDATE").is_some() {
        let mut text = String::new();
        for case in &cases {
            let rule = if text.is_empty() { "" } else { "---\n" };
            let found =
                case.findings().iter().fold(String::new(), |all, one| all + "# " + one + "\n");
            write!(text, "{rule}# {}\n{found}{}", case.name, case.body).unwrap();
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laws/broken.yaml");
        return std::fs::write(file, text).unwrap();
    }
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| case.expected.is_empty() || case.findings() != case.expected)
        .map(|case| format!("{}: {:#?}\n{}", case.name, case.findings(), case.mapping()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let taken = |case: &&Case| mapping::load("acme.yaml", &case.mapping()).plan.is_some();
    let warned: Vec<&str> = cases.iter().filter(taken).map(|case| case.name.as_str()).collect();
    let unwise = [
        "a number that fails where none is",
        "a text that is read of nothing",
        "an excuse for nothing",
        "a default and a missing that differ",
        "a clearing that is not sent",
    ];
    assert_eq!(warned, unwise, "all others are refused");
    assert!(cases.len() >= 40 + unwise.len(), "{}", cases.len());
}

#[test]
fn each_sound_mapping_is_taken_without_a_word() {
    let cases = cases(include_str!("sound.yaml"));
    let names: Vec<String> = (0..SEEDS).map(|seed| format!("acme-{seed}")).collect();
    let wrong: Vec<String> = cases
        .iter()
        .flat_map(|case| names.iter().map(move |name| (case, case.findings_as(name))))
        .filter(|(_, findings)| !findings.is_empty())
        .map(|(case, findings)| format!("{}: {findings:#?}\n{}", case.name, case.mapping()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 40, "{}", cases.len());
}

#[test]
fn the_same_mapping_has_the_same_counterexamples() {
    for case in cases(include_str!("broken.yaml")) {
        assert_eq!(case.findings(), case.findings(), "{}", case.name);
    }
}

#[test]
fn what_no_value_fits_is_told_to_be_untried() {
    let text = include_str!("sound.yaml").replace("'^[a-z]+$'", "'^x9{3}y$'");
    let case = cases(&text).into_iter().find(|case| case.body.contains("x9")).unwrap();
    let loaded = mapping::load("acme.yaml", &case.mapping());
    let untried = loaded.notes.iter().find(|note| note.code == "M308").unwrap();
    assert!(untried.message.contains("no value that was tried matches its `pattern`"), "{untried}");
    assert_eq!(
        untried.place.span.line,
        loaded.plan.unwrap().resource("User").unwrap().rules[2].place.span.line
    );
}

#[test]
fn who_only_looks_is_told_nothing_of_laws() {
    let broken = cases(include_str!("broken.yaml")).remove(0).mapping();
    assert!(mapping::load("acme.yaml", &broken).plan.is_none());
    let looked = mapping::look("acme.yaml", &broken);
    assert!(looked.plan.is_some() && looked.findings.is_empty(), "{:?}", looked.findings);
}
