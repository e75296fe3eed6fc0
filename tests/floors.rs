//! The architecture as a test: each floor of the house imports only floors below it.
//!
//! The rules are functions over `(path, text)` pairs, so the tests below can break each of them
//! on a made-up tree.

use regex::{Captures, Regex};
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, io, path::Path};

/// From the ground up. Floors of one height do not know each other, but for [`allowed`].
const FLOORS: [&[&str]; 10] = [
    &["diagnostic", "yaml", "secret", "metrics", "dial", "crash"],
    &["scim", "upstream", "store", "audit"],
    &["mapping"],
    &["gateway"],
    &["server"],
    &["admin"],
    &["app"],
    &["demo", "init"],
    &["cli"],
    &["lib", "main"],
];

/// Floors that do no I/O, read no clock and spawn nothing, and what would break that.
const PURE: [&str; 3] = ["scim", "mapping", "init"];
const WORLD: [&[&str]; 3] = [&["std", "fs"], &["std", "net"], &["tokio"]];
const WORLD_WORDS: &str = r"\b(SystemTime|Timestamp::now|thread::spawn)\b";

const MOST_LINES: usize = 500;

/// One file of the tree: its path from the repository's root, and its text.
type File = (String, String);

/// A path that a file names, resolved to begin at the crate (or at `std`, `tokio`).
struct Reference {
    line: usize,
    path: Vec<String>,
}

impl Reference {
    fn starts(&self, with: &[&str]) -> bool {
        self.path.len() >= with.len() && self.path.iter().zip(with).all(|(one, other)| one == other)
    }
}

/// Every offence of the tree against the rules, as `file:line: what: rule`.
fn offences(tree: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree {
        let lines = text.lines().count();
        if lines > MOST_LINES {
            found.push(format!("{path}:{lines}: a file of src has at most {MOST_LINES} lines"));
        }
        let code = code(path, text);
        let references = references(path, &code);
        found.extend(imports_point_downward(path, &references));
        found.extend(pure_floors_stay_pure(path, &code, &references));
        found.extend(documents_stay_inside(path, &references));
        found.extend(the_vendor_is_a_stranger(path, &references));
    }
    found.extend(no_circles(tree));
    found
}

fn imports_point_downward(path: &str, references: &[Reference]) -> Vec<String> {
    let from = floor(path);
    if height(&from).is_none() {
        return vec![format!("{path}:1: `{from}` is no floor of the house: add it to FLOORS")];
    }
    let names_floor = |one: &&Reference| !one.starts(&["std"]) && !one.starts(&["tokio"]);
    references
        .iter()
        .filter(names_floor)
        .filter_map(|one| {
            let to = one.path.first()?;
            let rule = match height(to) {
                None => "an import names the module that owns the name",
                Some(_) if !allowed(&from, to) => "a floor imports only floors below it",
                Some(_) => return None,
            };
            Some(offence(path, one.line, &one.path.join("::"), rule))
        })
        .collect()
}

/// May floor `from` import floor `to`?
fn allowed(from: &str, to: &str) -> bool {
    match (from, to) {
        _ if from == to => true,
        ("yaml" | "scim", "diagnostic") => true,
        // `scim` stands on the finding alone: no YAML, no secret, no metric is the RFC's business.
        ("scim", _) => false,
        // It writes text, as a person would; `mapping` judges it, and the command asks.
        ("init", _) => ["diagnostic", "yaml"].contains(&to),
        // Pure, and a Plan is the same with a store and without.
        ("mapping", "store" | "audit") => false,
        _ => height(to) < height(from),
    }
}

fn pure_floors_stay_pure(path: &str, code: &str, references: &[Reference]) -> Vec<String> {
    const RULE: &str = "scim, mapping and init do no I/O, read no clock, spawn nothing";
    if !PURE.contains(&floor(path).as_str()) {
        return Vec::new();
    }
    let touches = references.iter().filter(|one| WORLD.iter().any(|world| one.starts(world)));
    let touches = touches.map(|one| offence(path, one.line, &one.path.join("::"), RULE));
    let words = pattern(WORLD_WORDS);
    let words = words
        .find_iter(code)
        .map(|word| offence(path, line_at(code, word.start()), word.as_str(), RULE));
    touches.chain(words).collect()
}

fn documents_stay_inside(path: &str, references: &[Reference]) -> Vec<String> {
    if height(&floor(path)) <= height("mapping") {
        return Vec::new();
    }
    references
        .iter()
        .filter(|one| one.starts(&["mapping", "document"]))
        .map(|one| {
            offence(path, one.line, &one.path.join("::"), "no floor above mapping sees a Document")
        })
        .collect()
}

fn the_vendor_is_a_stranger(path: &str, references: &[Reference]) -> Vec<String> {
    if !path.starts_with("src/demo/vendor") {
        return Vec::new();
    }
    references
        .iter()
        .filter(|one| one.starts(&["scim"]) || one.starts(&["mapping"]))
        .map(|one| {
            let rule = "the sample vendor knows nothing of SCIM or of mappings";
            offence(path, one.line, &one.path.join("::"), rule)
        })
        .collect()
}

/// In each folder, the files and subfolders form no circle. A `mod.rs` is the folder's door: it
/// names what stands behind it, so it is no source.
fn no_circles(tree: &[File]) -> Vec<String> {
    let modules: BTreeSet<_> = tree.iter().map(|(path, _)| module(path)).collect();
    let mut edges = BTreeMap::new();
    for (path, text) in tree.iter().filter(|(path, _)| !path.ends_with("/mod.rs")) {
        let from = module(path);
        for one in references(path, &code(path, text)) {
            // Where the two ways part: the folder in which one knows the other.
            let shared = from.iter().zip(&one.path).take_while(|(a, b)| a == b).count();
            let (Some(from), Some(to)) = (from.get(..=shared), one.path.get(..=shared)) else {
                continue;
            };
            // Between floors other rules hold; a name that is no module is the door's own.
            if shared > 0 && modules.contains(to) {
                let place = format!("{path}:{}", one.line);
                edges.entry((from.to_vec(), to.to_vec())).or_insert(place);
            }
        }
    }
    // What neither begins nor ends a way is taken off until only circles are left.
    loop {
        let before = edges.len();
        let starts: BTreeSet<_> = edges.keys().map(|(from, _)| from.clone()).collect();
        let ends: BTreeSet<_> = edges.keys().map(|(_, to)| to.clone()).collect();
        edges.retain(|(from, to), _| ends.contains(from) && starts.contains(to));
        if edges.len() == before {
            break;
        }
    }
    edges
        .iter()
        .map(|((from, to), place)| {
            let (from, to) = (from.join("::"), to.join("::"));
            format!(
                "{place}: `{from}` -> `{to}` is part of a circle: files of one folder form none"
            )
        })
        .collect()
}

fn offence(path: &str, line: usize, what: &str, rule: &str) -> String {
    format!("{path}:{line}: `{what}`: {rule}")
}

fn height(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|floors| floors.contains(&floor))
}

fn floor(path: &str) -> String {
    module(path).into_iter().next().unwrap_or_default()
}

/// `src/scim/patch/mod.rs` is `[scim, patch]`.
fn module(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// The text without comments, strings and tests; every line stays where it was.
fn code(path: &str, text: &str) -> String {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return String::new();
    }
    let silent = pattern(
        r##"(?s)//[^\n]*|/\*.*?\*/|\br#".*?"#|\br"[^"]*"|"(?:\\.|[^"\\])*"|'(?:\\[^']+|[^'\\])'|'\\''"##,
    );
    let code = silent.replace_all(text, |cut: &Captures| {
        "\n".repeat(cut.get(0).map_or("", |all| all.as_str()).matches('\n').count())
    });
    let tail = pattern(r"(?s)#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod \w+ \{.*");
    tail.replace(&code, "").into_owned()
}

/// All that the code names by a path from `crate`, `self`, `super`, `std` or `tokio`.
fn references(path: &str, code: &str) -> Vec<Reference> {
    let head = pattern(r"\b(?:(crate|std|tokio)|self|(super(?:::super)*))::");
    let (mut found, mut read) = (Vec::new(), 0);
    for start in head.captures_iter(code) {
        // Within a tree it is a branch.
        let Some(all) = start.get(0).filter(|all| all.start() >= read) else { continue };
        let mut base = module(path);
        match (start.get(1), start.get(2)) {
            (Some(root), _) if root.as_str() == "crate" => base.clear(),
            (Some(root), _) => base = vec![root.as_str().to_owned()],
            (_, Some(up)) => base.truncate(base.len() - up.as_str().matches("super").count()),
            _ => {}
        }
        let mut paths = Vec::new();
        let (_, tree) = code.split_at(all.end());
        leaves(tree, &base, &mut paths);
        read = all.end() + extent(tree);
        let line = line_at(code, all.start());
        found.extend(paths.into_iter().map(|path| Reference { line, path }));
    }
    found
}

/// Every path of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn leaves(tree: &str, base: &[String], found: &mut Vec<Vec<String>>) {
    let tree = tree.trim_start();
    if let Some(group) = tree.strip_prefix('{') {
        return branches(group).iter().for_each(|branch| leaves(branch, base, found));
    }
    let name: String = tree.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let rest = tree.strip_prefix(&name).unwrap_or_default();
    let mut path = base.to_vec();
    match name.as_str() {
        "" | "self" => {}
        "super" => drop(path.pop()),
        _ => path.push(name),
    }
    match rest.strip_prefix("::") {
        Some(deeper) => leaves(deeper, &path, found),
        None => found.push(path),
    }
}

/// Where a tree ends that is a group, in bytes.
fn extent(tree: &str) -> usize {
    let mut depth = 0;
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tree.len()
}

/// What stands between the commas of a group whose `{` was just read.
fn branches(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn line_at(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}

#[expect(clippy::expect_used, reason = "the patterns are constants of this file")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Every `.rs` file below `folder`.
fn read(folder: &Path, name: &str, tree: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().display());
        if path.is_dir() {
            read(&path, &name, tree)?;
        } else if name.ends_with(".rs") {
            tree.push((name, fs::read_to_string(&path)?));
        }
    }
    tree.sort();
    Ok(())
}

#[test]
fn the_house_keeps_its_floors() {
    let mut tree = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "src", &mut tree).unwrap();
    assert!(tree.iter().any(|(path, _)| path == "src/lib.rs"), "the tree was not read");
    let found = offences(&tree);
    assert!(found.is_empty(), "{} offences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn each_rule_can_fail() {
    #[rustfmt::skip]
    let cases = [
        ("src/scim/a.rs", "use crate::gateway::live::Live;", "src/scim/a.rs:1: `gateway::live::Live`: a floor imports"),
        ("src/scim/a.rs", "\nuse crate::{\n    diagnostic::Place,\n    upstream::{Call, call::Answer},\n};", "src/scim/a.rs:2: `upstream::call::Answer`: a floor"),
        ("src/upstream/a.rs", "fn f() -> crate::scim::Error {}", ":1: `scim::Error`: a floor imports only floors below"),
        ("src/scim/a/b.rs", "use super::super::super::mapping::Plan;", "`mapping::Plan`: a floor imports"),
        ("src/scim/a.rs", "use crate::yaml::Node;", "`yaml::Node`: a floor imports"),
        ("src/audit/a.rs", "use crate::scim::Error;", "`scim::Error`: a floor imports only floors below it"),
        ("src/mapping/a.rs", "use crate::audit::Audit;", "`audit::Audit`: a floor imports only floors below it"),
        ("src/store/a.rs", "use crate::scim::Error;", "`scim::Error`: a floor imports only floors below"),
        ("src/upstream/a.rs", "use crate::store::Store;", "`store::Store`: a floor imports only floors below"),
        ("src/mapping/a.rs", "use crate::store::Store;", "`store::Store`: a floor imports only floors below"),
        ("src/metrics.rs", "use crate::secret::Secret;", "`secret::Secret`: a floor imports"),
        ("src/diagnostic.rs", "use crate::yaml::Node;", "`yaml::Node`: a floor imports"),
        ("src/server/a.rs", "use crate::admin;", "`admin`: a floor imports"),
        ("src/server/a.rs", "use crate::Gateway;", "`Gateway`: an import names the module"),
        ("src/init/a.rs", "use crate::mapping::Loaded;", "`mapping::Loaded`: a floor imports"),
        ("src/init/a.rs", "use std::fs;", "`std::fs`: scim, mapping and init do no I/O"),
        ("src/demo/a.rs", "use crate::init::Draft;", "`init::Draft`: a floor imports"),
        ("src/utils.rs", "", "`utils` is no floor"),
        ("src/mapping/a.rs", "use std::{fs, fmt};", "`std::fs`: scim, mapping and init do no I/O"),
        ("src/mapping/a.rs", "fn f(to: std::net::IpAddr) {}", "`std::net::IpAddr`: scim, mapping and init do no I/O"),
        ("src/scim/a.rs", "use tokio::sync::Mutex;", "`tokio::sync::Mutex`: scim, mapping and init do no I/O"),
        ("src/scim/a.rs", "// a\nlet t = SystemTime::now();", "src/scim/a.rs:2: `SystemTime`: scim,"),
        ("src/scim/a.rs", "jiff::Timestamp::now()", "`Timestamp::now`: scim,"),
        ("src/mapping/a.rs", "std::thread::spawn(work)", "`thread::spawn`: scim,"),
        ("src/gateway/a.rs", "use crate::mapping::{document::Rule, plan::Plan};", "`mapping::document::Rule`: no floor above"),
        ("src/demo/vendor/users.rs", "use crate::scim::Error;", "the sample vendor knows nothing"),
        ("src/demo/vendor.rs", "use crate::mapping::Loaded;", "the sample vendor knows nothing"),
    ];
    for (path, text, expected) in cases {
        let found = offences(&[(path.to_owned(), text.to_owned())]);
        assert!(found.iter().any(|one| one.contains(expected)), "{path}: {text}: found {found:?}");
    }
    let long = offences(&[("src/yaml.rs".to_owned(), "//\n".repeat(MOST_LINES + 1))]);
    assert_eq!(long, ["src/yaml.rs:501: a file of src has at most 500 lines"]);
}

#[test]
fn what_is_allowed_passes() {
    let cases = [
        ("src/yaml.rs", "use crate::diagnostic::Span;"),
        ("src/init/a.rs", "use crate::{diagnostic::Place, yaml::Node};"),
        ("src/scim/a.rs", "use crate::diagnostic::Place;\nuse std::fmt;"),
        (
            "src/upstream/a.rs",
            "use crate::{secret::Secret, metrics::Metrics};\nuse std::net::IpAddr;",
        ),
        ("src/mapping/a.rs", "use super::document::Rule;\nuse crate::{scim, upstream::Call};"),
        ("src/store/a.rs", "use crate::metrics::Metrics;\nuse std::fs;"),
        ("src/gateway/a.rs", "use crate::store::Store;"),
        ("src/main.rs", "use crate::cli;"),
        ("src/scim/a.rs", "// crate::gateway\n/* tokio::spawn */ let a = \"crate::cli::x\";"),
        ("src/scim/a.rs", "const A: char = '\"'; fn f<'a>() {}\n// \" crate::cli::x"),
        ("src/scim/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::gateway::Live;\n}"),
        ("src/scim/tests.rs", "use crate::gateway::Live;"),
        ("src/demo/vendor/users.rs", "use super::json;\nuse crate::metrics::Metrics;"),
        ("src/demo/play.rs", "use crate::scim::message::Request;"),
    ];
    for (path, text) in cases {
        let found = offences(&[(path.to_owned(), text.to_owned())]);
        assert!(found.is_empty(), "{path}: {text}: found {found:?}");
    }
    // After a string with two slashes the line goes on.
    let hidden = "let a = \"http://x\"; crate::cli::run();".to_owned();
    assert_eq!(offences(&[("src/scim/a.rs".to_owned(), hidden)]).len(), 1);
}

#[test]
fn circles_are_found_and_doors_are_none() {
    let tree = |files: &[(&str, &str)]| -> Vec<File> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    };
    let circle = tree(&[
        ("src/scim/a.rs", "use super::b::B;"),
        ("src/scim/b.rs", "use crate::scim::{c::C, error};"),
        ("src/scim/c/mod.rs", ""),
        ("src/scim/c/deep.rs", "\nfn f(a: crate::scim::a::A) {}"),
        ("src/scim/error.rs", ""),
        ("src/scim/reader.rs", "use super::a::A;"),
    ]);
    assert_eq!(
        no_circles(&circle),
        [
            "src/scim/a.rs:1: `scim::a` -> `scim::b` is part of a circle: files of one folder form none",
            "src/scim/b.rs:1: `scim::b` -> `scim::c` is part of a circle: files of one folder form none",
            "src/scim/c/deep.rs:2: `scim::c` -> `scim::a` is part of a circle: files of one folder form none",
        ]
    );
    let within = tree(&[
        ("src/scim/a.rs", "use super::c::deep::Deep;"),
        ("src/scim/c/deep.rs", "use super::{super::{a::A, other}, near::Near};"),
        ("src/scim/c/mod.rs", ""),
        ("src/scim/c/near.rs", ""),
    ]);
    let found = no_circles(&within);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|one| one.contains("`scim::c` -> `scim::a`")), "{found:?}");
    let door = tree(&[
        ("src/scim/filter/mod.rs", "use self::parse::parse;\nuse super::filter::parse;"),
        ("src/scim/filter/parse.rs", "use super::Filter;\nuse super::matches::Matches;"),
        ("src/scim/filter/matches.rs", "use crate::scim::filter::Filter;"),
    ]);
    assert_eq!(no_circles(&door), [""; 0]);
}
