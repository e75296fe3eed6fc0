//! Documents of different styles, and what is drafted from each.

use super::{folder, run};
use regex::Regex;
use scimshim::{diagnostic::Severity, init, mapping};
use std::path::PathBuf;

/// The documents, in the order of their names.
fn documents() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder().join("documents")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        paths.map(|path| (path.file_stem().unwrap().display().to_string(), path)).collect();
    found.sort();
    assert!(found.len() >= 5, "documents of at least five styles");
    found
}

#[test]
fn each_document_gives_its_draft() {
    for (name, path) in documents() {
        let file = path.file_name().unwrap().display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let draft = init::from_openapi(&name, &file, &text).unwrap();
        assert_eq!(
            draft,
            init::from_openapi(&name, &file, &text).unwrap(),
            "{name}: twice the same"
        );
        let told = draft.told.join("\n") + "\n";
        for (end, made) in [("yaml", &draft.mapping), ("test.yaml", &draft.tests), ("txt", &told)] {
            let golden = folder().join("drafts").join(format!("{name}.{end}"));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&golden, made).unwrap();
            }
            let expected = std::fs::read_to_string(&golden).unwrap_or_default();
            assert_eq!(*made, expected, "{}", golden.display());
            let control = |line: &&str| line.contains(char::is_control);
            assert_eq!(made.lines().find(control), None, "{name}.{end}: a line is one line");
        }
    }
}

#[test]
fn each_draft_is_sound_and_says_of_each_guess_why_and_where() {
    let goes_on = Regex::new(r"\n *# \(").unwrap();
    for (name, path) in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        let draft = init::from_openapi(&name, "document", &text).unwrap();
        let loaded = mapping::load("draft.yaml", &draft.mapping);
        let mut findings = loaded.findings.iter();
        let error = findings.find(|finding| finding.severity == Severity::Error);
        assert_eq!(error, None, "{name}");
        assert!(draft.mapping.contains("\nevidence: assumed\n"), "{name}");
        // A comment may go on in the next line; all of it is one reason.
        let joined = goes_on.replace_all(&draft.mapping, " (");
        let guesses = joined.lines().filter_map(|line| line.split_once("# guess: "));
        let guesses: Vec<&str> = guesses.map(|(_, why)| why).collect();
        assert!(guesses.len() >= 8, "{name}: {guesses:?}");
        let told = |why: &&str| {
            why.contains('(') || why.starts_with("the users are ") || WITHOUT_PLACE.contains(why)
        };
        assert_eq!(guesses.into_iter().find(|why| !told(why)), None, "{name}");
    }
}

/// Guesses over several lines of the document at once.
const WITHOUT_PLACE: [&str; 3] = [
    "the vendor takes these when it makes a user; the others follow as updates",
    "a create names some fields otherwise than the record does",
    "an update names these otherwise than the record does",
];

#[test]
fn the_tests_of_each_draft_pass_and_make_every_call() {
    let drafts = folder().join("drafts");
    for (name, _) in documents() {
        let draft = drafts.join(format!("{name}.yaml")).display().to_string();
        let (code, said, errors) = run(&["test", &draft]);
        assert_eq!(code, 0, "{name}: {said}{errors}");
        let calls = said.split([',', '\n']).find_map(|figure| figure.strip_suffix(" calls"));
        let (made, all) = calls.unwrap().trim().split_once(" of ").unwrap();
        assert_eq!(made, all, "{name}: {said}");
    }
}
