//! The command: what it writes, and that it never writes over what is there.

use super::{Folder, folder, run};

#[test]
fn a_start_passes_check_and_test_as_it_stands() {
    let folder = Folder::new("init-start");
    let (code, said, _) = run(&["init", "my-app2", "--into", &folder.path("")]);
    assert_eq!(code, 0, "{said}");
    let mapping = folder.path("my-app2.yaml");
    for step in ["edit", "scimshim check", "scimshim test", "scimshim explain"] {
        assert!(said.contains(&format!("{step} {mapping}")), "{said}");
    }
    // What an editor needs is told as a command that makes it.
    for step in [
        "scimshim schema > mapping.schema.json\n",
        "`# yaml-language-server: $schema=mapping.schema.json`",
    ] {
        assert!(said.contains(step), "{said}");
    }
    let (code, schema, _) = run(&["schema"]);
    assert!(code == 0 && serde_json::from_str::<serde_json::Value>(&schema).is_ok());
    assert_eq!(run(&["check", &mapping, "--deny-warnings"]).0, 0);
    let (code, said, _) = run(&["test", &mapping]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(", 6 of 6 calls, "), "{said}");
}

#[test]
fn a_draft_tells_what_was_found_and_what_was_not() {
    let into = Folder::new("init-draft");
    let document = folder().join("documents/put.yaml").display().to_string();
    let (code, said, _) = run(&["init", "put", "--openapi", &document, "--into", &into.path("")]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "guessed, each with its reason in the file:\n  userName <- profile.workEmail",
        "not found, to be written by hand:\n",
        "each tenant supplies, beside `token`:\n  region: ",
        // What `check` warns of is not kept back.
        "warning[M404]",
        "0 errors, 1 warning",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn what_is_there_stays() {
    let folder = Folder::new("init-there");
    let into = folder.path("");
    let tests = folder.path("acme.test.yaml");
    std::fs::write(&tests, "mine").unwrap();
    let (code, _, why) = run(&["init", "acme", "--into", &into]);
    assert_eq!(code, 1);
    let says = format!("{tests} is there: nothing was written; `--force` writes over it");
    assert!(why.contains(&says), "{why}");
    assert!(!folder.0.join("acme.yaml").exists(), "both files or none");
    assert_eq!(std::fs::read_to_string(&tests).unwrap(), "mine");
    assert_eq!(run(&["init", "acme", "--into", &into, "--force"]).0, 0);
    assert!(std::fs::read_to_string(&tests).unwrap().contains("mapping: acme.yaml"));
}

#[test]
fn what_cannot_be_is_told_and_nothing_is_written() {
    let folder = Folder::new("init-refused");
    let into = folder.path("");
    let binary = folder.path("binary");
    std::fs::write(&binary, [0xff, 0xfe]).unwrap();
    let endless = folder.path("endless");
    std::fs::write(&endless, vec![b' '; scimshim::init::LARGEST + 1]).unwrap();
    for (arguments, says) in [
        (vec!["Acme"], "`Acme` is no name of a mapping"),
        (vec!["../acme"], "is no name of a mapping"),
        (vec![""], "is no name of a mapping"),
        (vec!["acme", "--openapi", "nowhere.json"], "nowhere.json: "),
        (vec!["acme", "--openapi", &into], ": "),
        (vec!["acme", "--openapi", &binary], "is not UTF-8: byte 0 is none"),
        (vec!["acme", "--openapi", &endless], "is larger than 16 MiB"),
        (vec!["acme", "--into", &binary], "is no folder: make it first"),
    ] {
        let mut all = vec!["init"];
        all.extend(arguments.iter().copied());
        if !arguments.contains(&"--into") {
            all.extend(["--into", &into]);
        }
        let (code, said, why) = run(&all);
        assert_eq!((code, said.as_str()), (1, ""), "{arguments:?}");
        assert!(why.contains(says), "{arguments:?}: {why}");
    }
    let yaml = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().path().extension().is_some_and(|end| end == "yaml")
    };
    assert!(!std::fs::read_dir(&folder.0).unwrap().any(yaml));
}
