//! The pages list every finding that the source can make, and no other: of mappings and tests, and of
//! configurations.

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
fn the_tables_of_findings_are_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, letters) in [("mappings/README.md", "MT"), ("deploy/findings.md", "C")] {
        let mut source = BTreeSet::new();
        let code = Regex::new(&format!("\"([{letters}][0-9]{{3}})\"")).unwrap();
        codes(&root.join("src"), &code, &mut source);
        let text = fs::read_to_string(root.join(page)).unwrap();
        let row = format!(r"(?m)^\| ([{letters}][0-9]{{3}}) \| (E|W|N|E, W|E, N) \|");
        let row = Regex::new(&row).unwrap();
        let listed: Vec<String> = row.captures_iter(&text).map(|row| row[1].to_owned()).collect();
        assert!(listed.is_sorted_by(|one, next| one < next), "{page}: each code once, in order");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), source, "{page}");
    }
}
