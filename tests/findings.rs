//! Every finding, provoked by a file: `findings/m202_twice.yaml` is what provokes M202, and its head is what a person
//! reads then. A mapping's begin with `m`, a configuration's with `c`; `t104_*.test.yaml` stands beside
//! `findings/sound.yaml`, and so does every configuration. A file that is named after no code has several mistakes.
//!
//! `UPDATE=1 cargo test --test findings` rewrites the heads; read the change before you keep it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use regex::Regex;
use scimshim::{
    app::{App, Failure, audit, build, load, storage},
    diagnostic::{Diagnostic, render_human},
    mapping,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Files that stand in for a vendor's mapping where a configuration or a test is wrong.
const SOUND: &str = "sound";

/// What no file alone provokes, and the test that does.
const ELSEWHERE: [(&str, &str); 3] =
    [("C018", "tests/command.rs"), ("C031", "tests/serve/reload.rs"), ("C034", "tests/command.rs")];

/// Files are named as a person at the root would name them: what `check` prints is what stands in the head.
const FOLDER: &str = "tests/findings";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> Vec<String> {
    let entries = fs::read_dir(root().join(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
    let mut cases: Vec<String> = named.filter(|name| name.ends_with(".yaml")).collect();
    // Others tell where things stand in the sound ones: those are renewed first.
    cases.sort_by_key(|case| (!case.starts_with(SOUND), case.clone()));
    cases
}

/// The comment at the beginning of a file, and what comes after it.
fn split(text: &str) -> (&str, &str) {
    let lines = text.split_inclusive('\n').take_while(|line| line.starts_with('#'));
    text.split_at(lines.map(str::len).sum())
}

/// What is shown, as a comment.
fn commented(shown: &str) -> String {
    let line = |line: &str| format!("# {line}").trim_end().to_owned() + "\n";
    shown.trim_end().lines().map(line).collect()
}

/// Findings as `check` shows them, less the line that counts them.
fn shown(findings: &[Diagnostic]) -> String {
    let source = |file: &str| fs::read_to_string(root().join(file)).ok();
    // What is named whole is named as from the root.
    let all = render_human(findings, source).replace(&format!("{}/", root().display()), "");
    all.rsplit_once("\n\n").map(|(findings, _)| findings.to_owned()).unwrap_or_default()
}

fn of_mapping(name: &str) -> String {
    let text = fs::read_to_string(root().join(name)).unwrap();
    let loaded = mapping::load(name, &text);
    let all: Vec<Diagnostic> = loaded.findings.into_iter().chain(loaded.notes).collect();
    shown(&all)
}

/// What `check --config` finds; where that is nothing, what `serve` does.
fn of_configuration(name: &str) -> String {
    let loaded = load::load(Path::new(name)).unwrap();
    let mut all = loaded.findings;
    if let Some((config, source)) = loaded.config {
        for (tenant, settings) in &config.tenants {
            let (found, noted) = build::findings(tenant, settings, &source, config.store.is_some());
            all.extend(found.into_iter().chain(noted));
        }
        all.extend(storage::note(&config, &source));
        all.extend(audit::note(&config, &source));
        if all.is_empty() {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            all.extend(match runtime.block_on(App::bind(&config, &source)) {
                Ok(_) => Vec::new(),
                Err(Failure::Findings(findings)) => findings,
                Err(Failure::Circumstance(finding)) => vec![finding],
            });
        }
    }
    shown(&all)
}

/// What `test` says of it beside a sound mapping.
fn of_test(case: &str) -> String {
    let folder = std::env::temp_dir().join(format!("scimshim-findings-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let at = |name: &str| root().join(FOLDER).join(name);
    let mapping = case.replace(".test.yaml", ".yaml");
    fs::copy(at("sound.yaml"), folder.join(&mapping)).unwrap();
    fs::copy(at(case), folder.join(case)).unwrap();
    let mut test = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    let printed = test.args(["test", &mapping]).current_dir(&folder).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let printed = String::from_utf8(printed.stderr).unwrap();
    printed.rsplit_once("\n\n").map_or(printed.clone(), |(findings, _)| findings.to_owned())
}

fn provoked(case: &str) -> String {
    let name = format!("{FOLDER}/{case}");
    match case.get(..1) {
        _ if case.ends_with(".test.yaml") => of_test(case),
        Some("c") if !coded(case).is_empty() => of_configuration(&name),
        _ => of_mapping(&name),
    }
}

/// The codes that a file is named after: its own first, then those that nothing could provoke it without.
fn coded(case: &str) -> Vec<String> {
    let code = Regex::new("^[mct][0-9]{3}$").unwrap();
    let parts = case.split(['_', '.']).take_while(|part| code.is_match(part));
    parts.map(str::to_uppercase).collect()
}

/// The codes that a head names.
fn named(head: &str) -> BTreeSet<String> {
    let code = Regex::new(r"(?:error|warning|note)\[([MCT][0-9]{3})\]").unwrap();
    code.captures_iter(head).map(|found| found[1].to_owned()).collect()
}

/// The head says where things stand, below itself: written until it is as long as it says.
fn renew(case: &str) {
    let path = root().join(FOLDER).join(case);
    for _ in 0..5 {
        let text = fs::read_to_string(&path).unwrap();
        let (head, body) = split(&text);
        let new = commented(&provoked(case));
        if head == new {
            return;
        }
        let gap = if body.starts_with('\n') || new.is_empty() { "" } else { "\n" };
        fs::write(&path, format!("{new}{gap}{body}")).unwrap();
    }
}

#[test]
fn every_file_provokes_what_its_head_says() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        if update {
            renew(&case);
        }
        let text = fs::read_to_string(root().join(FOLDER).join(&case)).unwrap();
        let (head, _) = split(&text);
        let found = commented(&provoked(&case));
        if found != head {
            wrong.push(format!("{case} provokes\n{found}"));
        }
        let codes = named(&found);
        let fits = match coded(&case).as_slice() {
            [] if case.starts_with(SOUND) => codes.iter().all(|code| code == "M505"),
            [] => codes.len() > 1 || found.matches("error[").count() > 1,
            named => codes == named.iter().cloned().collect(),
        };
        if !fits {
            wrong.push(format!("{case} is named after something else than {codes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_file() {
    let mut source = BTreeSet::new();
    codes(&root().join("src"), &mut source);
    let mut files: BTreeSet<String> =
        cases().iter().filter_map(|case| coded(case).into_iter().next()).collect();
    for (code, test) in ELSEWHERE {
        assert!(!files.contains(code), "{code} has a file");
        let text = fs::read_to_string(root().join(test)).unwrap();
        assert!(text.contains(code), "{test} is about {code}");
        files.insert(code.to_owned());
    }
    let missing: Vec<&String> = source.difference(&files).collect();
    assert!(missing.is_empty(), "without a file: {missing:?}");
    let more: Vec<&String> = files.difference(&source).collect();
    assert!(more.is_empty(), "in no source: {more:?}");
}

/// The binary shows what the heads say, as text and as JSON, and its exit code is what they come to: 2 for an error,
/// for a warning only on request, for a note never.
#[test]
fn check_shows_the_heads_and_exits_as_they_say() {
    let check = |arguments: &[&str]| {
        let mut check = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        let output = check.arg("check").args(arguments).current_dir(root()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let table: [(&[&str], i32, i32); 5] = [
        (&["tests/findings/m201_near.yaml"], 2, 2),
        (&["tests/findings/m507.yaml"], 0, 2),
        (&["tests/findings/m212.yaml"], 0, 0),
        (&["--config", "tests/findings/c004.yaml"], 2, 2),
        (&["--config", "tests/findings/c016.yaml"], 0, 2),
    ];
    for (arguments, code, denied) in table {
        let text = fs::read_to_string(root().join(arguments.last().unwrap())).unwrap();
        let (head, _) = split(&text);
        let (found, printed) = check(arguments);
        assert_eq!(found, code, "{arguments:?}: {printed}");
        // A note is told in a line.
        if !head.contains("note[") {
            assert_eq!(commented(printed.rsplit_once("\n\n").unwrap().0), head, "{arguments:?}");
        }
        let with = |more: &'static [&str]| check(&[arguments, more].concat());
        assert_eq!(with(&["--deny-warnings"]).0, denied, "{arguments:?}");
        let (found, printed) = with(&["--format", "json"]);
        assert_eq!(found, code, "{arguments:?}: {printed}");
        let told: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let [one] = told.as_array().unwrap().as_slice() else { unreachable!("{printed}") };
        let said = |key: &str| one[key].as_str().unwrap().to_owned();
        let title = format!("# {}[{}]: {}\n", said("severity"), said("code"), said("message"));
        let place = format!("--> {}:{}:{}\n", said("file"), one["line"], one["column"]);
        let help = format!("= help: {}\n", said("help"));
        for part in [title, place, help] {
            assert!(head.contains(&part), "{arguments:?} does not say {part} in\n{head}");
        }
    }
}

/// Who reads that something is wrong reads what to do about it.
#[test]
fn every_error_and_warning_has_its_remedy() {
    let begins = Regex::new(r"(?m)^# (error|warning|note)\[[MCT][0-9]{3}\]: .*$").unwrap();
    let mut without = Vec::new();
    for case in cases() {
        let text = fs::read_to_string(root().join(FOLDER).join(&case)).unwrap();
        let (head, _) = split(&text);
        let starts: Vec<_> = begins.captures_iter(head).collect();
        let ends = starts.iter().skip(1).map(|next| next.get(0).unwrap().start());
        for (one, end) in starts.iter().zip(ends.chain([head.len()])) {
            let title = one.get(0).unwrap();
            if &one[1] != "note" && !head.get(title.start()..end).unwrap().contains("= help: ") {
                without.push(format!("{case}: {}", title.as_str()));
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

/// The codes in the sources of a folder.
fn codes(folder: &Path, found: &mut BTreeSet<String>) {
    let code = Regex::new("\"([MCT][0-9]{3})\"").unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            codes(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(code.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
}

/// `E, W` of a page's row says that some file provokes the error and some the warning.
#[test]
fn the_pages_severities_are_those_of_the_files() {
    let mut provoked: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let line = Regex::new(r"(error|warning|note)\[([MCT][0-9]{3})\]").unwrap();
    for case in cases() {
        let text = fs::read_to_string(root().join(FOLDER).join(&case)).unwrap();
        for found in line.captures_iter(split(&text).0) {
            let letter = match &found[1] {
                "error" => "E",
                "warning" => "W",
                _ => "N",
            };
            provoked.entry(found[2].to_owned()).or_default().insert(letter);
        }
    }
    let row = Regex::new(r"(?m)^\| ([MCT][0-9]{3}) \| ([EWN, ]+) \|").unwrap();
    let mut wrong = Vec::new();
    for page in ["mappings/README.md", "deploy/findings.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for row in row.captures_iter(&text) {
            let listed: BTreeSet<&str> = row[2].split(", ").collect();
            let elsewhere = ELSEWHERE.iter().any(|(code, _)| *code == &row[1]);
            if !elsewhere && provoked.get(&row[1]) != Some(&listed) {
                let found = provoked.get(&row[1]);
                wrong.push(format!("{page} lists {} as {listed:?}, found {found:?}", &row[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_full_of_mistakes_is_read_in_one_go_and_shown_in_part() {
    let mapping = "mapping: 1\nname: a\nevidence: seen\nupstream:\n  base_url: https://a.example\n";
    let rest = "resources:\n  User:\n    key: id\n    attributes:\n";
    let keys = |indent: &str, value: &str| -> String {
        (0..60_000).map(|number| format!("{indent}k{number}: {value}\n")).collect()
    };
    let rules = (0..20_000).map(|number| format!("      k{number}: {{ field: f{number} }}\n"));
    let rules: String = rules.collect();
    for text in [format!("{mapping}{}", keys("  ", "1")), format!("{mapping}{rest}{rules}")] {
        let loaded = mapping::load("m.yaml", &text);
        assert!(loaded.findings.len() >= 20_000);
        let shown = render_human(&loaded.findings, |_| Some(text.clone()));
        let more = format!("... and {} more", loaded.findings.len() - 100);
        assert!(shown.contains(&more));
        assert_eq!(shown.matches("error[").count(), 100);
    }
}
