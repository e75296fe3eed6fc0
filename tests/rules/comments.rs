//! Every rule stands at the line that obeys it.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_rule_is_named_where_it_is_obeyed() {
    let mut named = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut named);
    let rules = (1..=109).map(|number| format!("R{number:02}"));
    let missing: Vec<_> = rules.filter(|rule| !named.contains(rule)).collect();
    assert!(missing.is_empty(), "no comment in src names {missing:?}");
}

/// The rules that comments below a folder name.
fn collect(folder: &Path, named: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, named);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let comments = text.lines().filter_map(|line| line.split_once("//"));
            for (_, comment) in comments {
                let words = comment.split(|c: char| !c.is_ascii_alphanumeric());
                named.extend(words.filter(|word| is_rule(word)).map(str::to_owned));
            }
        }
    }
}

fn is_rule(word: &str) -> bool {
    word.strip_prefix('R')
        .is_some_and(|number| number.len() >= 2 && number.bytes().all(|byte| byte.is_ascii_digit()))
}
