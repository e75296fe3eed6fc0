//! The schemas as files: valid themselves, committed as they are printed, named by every shipped file, and
//! valid for what loads.

use crate::{config, family::value, mapping, test_file, validator::Validator};
use scimshim::mapping::load;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What is printed, and where it stands.
const COMMITTED: [(&[&str], &str); 4] = [
    (&["schema"], "mappings/schema/mapping.json"),
    (&["schema", "mapping"], "mappings/schema/mapping.json"),
    (&["schema", "test"], "mappings/schema/test.json"),
    (&["schema", "config"], "mappings/schema/config.json"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every YAML file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn each_schema_is_valid_itself() {
    let schemas = Validator::of_schemas();
    for family in [mapping::family(), test_file::family(), config::family()] {
        assert_eq!(schemas.fault(&family.schema), None, "{}", family.root.name);
        // A validator that refuses nothing would show nothing.
        let mut broken = family.schema.clone();
        broken["properties"] = Value::from("many");
        assert!(schemas.fault(&broken).is_some());
    }
}

#[test]
fn what_is_committed_is_what_is_printed() {
    for (words, committed) in COMMITTED {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        let printed = command.args(words).output().unwrap();
        assert!(printed.status.success(), "{words:?}");
        let printed = String::from_utf8(printed.stdout).unwrap();
        let committed = root().join(committed);
        if std::env::var_os("UPDATE").is_some() {
            // In one step: other tests read it at the same time.
            let beside = committed.with_extension("new");
            std::fs::write(&beside, &printed).unwrap();
            std::fs::rename(&beside, &committed).unwrap();
        }
        assert_eq!(text(&committed), printed, "UPDATE=1 cargo test --test keys rewrites it");
    }
}

#[test]
fn shipped_files_name_their_schema_and_are_valid() {
    let deployed = root().join("deploy/scimshim.yaml");
    let mut seen = 0;
    for path in files(&root().join("mappings")).into_iter().chain([deployed]) {
        seen += 1;
        let written = text(&path);
        let named =
            written.lines().find_map(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let named = named.unwrap_or_else(|| panic!("{} names no schema", path.display()));
        let schema = path.parent().unwrap().join(named);
        let validator = Validator::new(serde_json::from_str(&text(&schema)).unwrap());
        assert_eq!(validator.fault(&value(&written)), None, "{}", path.display());
        let kind = match path.to_string_lossy() {
            name if name.ends_with(".test.yaml") => "test.json",
            name if name.ends_with("scimshim.yaml") => "config.json",
            _ => "mapping.json",
        };
        assert!(named.ends_with(kind), "{} names {named}", path.display());
    }
    assert!(seen >= 5, "the folder holds files");
}

#[test]
fn every_mapping_that_loads_is_valid() {
    let validator = mapping::family().validator();
    let mut seen = 0;
    for path in files(&root().join("tests")).into_iter().chain(files(&root().join("mappings"))) {
        let written = text(&path);
        if load("m.yaml", &written).plan.is_some() {
            seen += 1;
            assert_eq!(validator.fault(&value(&written)), None, "{}", path.display());
        }
    }
    assert!(seen >= 2, "the folders hold mappings");
}
