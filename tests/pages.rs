//! The mapping language's reference lists every finding that the source can make, and no other.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use regex::Regex;
use std::{collections::BTreeSet, fs, path::Path};

fn codes(folder: &Path, pattern: &Regex, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes(&path, pattern, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        found.extend(pattern.captures_iter(&text).map(|code| code[1].to_owned()));
    }
}

#[test]
fn the_table_of_findings_is_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = BTreeSet::new();
    codes(&root.join("src"), &Regex::new("\"([MT][0-9]{3})\"").unwrap(), &mut source);
    let page = fs::read_to_string(root.join("mappings/README.md")).unwrap();
    let row = Regex::new(r"(?m)^\| ([MT][0-9]{3}) \| (E|W|N|E, W) \|").unwrap();
    let listed: Vec<String> = row.captures_iter(&page).map(|row| row[1].to_owned()).collect();
    assert!(listed.is_sorted_by(|one, next| one < next), "each code once, in order");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), source);
}
