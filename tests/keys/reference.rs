//! The reference's tables are made of the tables of keys, converters and functions, and have all of them.
//! `UPDATE=1 cargo test --test keys` writes them again.

use crate::{config, family::Family, mapping, test_file};
use scimshim::{
    mapping::{
        expr::functions::{FUNCTIONS, MACROS},
        keys::{CONVERTER, SAMPLES},
    },
    yaml::shape::{Known, Shape},
};
use std::{collections::BTreeMap, path::Path};

const PAGE: &str = "mappings/README.md";
const BEGIN: &str = "<!-- table: ";
const END: &str = "<!-- end -->";
/// The key that says nothing to the machine.
const PROSE: &str = "about";

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap()
}

#[test]
fn the_tables_are_those_of_the_source() {
    let written = page();
    let renewed = renewed(&written);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE), &renewed).unwrap();
    }
    assert_eq!(page(), renewed, "UPDATE=1 cargo test --test keys writes the tables again");
}

#[test]
fn every_container_has_its_table() {
    let written = page();
    let (_, tables) = sections(&written);
    let named: Vec<&str> = tables.iter().flat_map(|(names, _)| names.split(", ")).collect();
    for family in [mapping::family(), test_file::family()] {
        for shape in family.shapes().into_values() {
            let times = named.iter().filter(|name| **name == shape.name).count();
            let expected = usize::from(shape.own.iter().any(|known| shown(shape.name, known)));
            assert_eq!(times, expected, "tables of `{}`", shape.name);
        }
    }
    for name in ["functions", "macros"] {
        assert!(named.contains(&name), "a table of {name}");
    }
}

/// Who writes a key of a later version looks there for what to do without it.
#[test]
fn every_refused_key_is_told_to_be_of_a_later_version() {
    let page = page();
    let (_, later) = page.split_once("\n## Not in this version\n").unwrap();
    let (later, _) = later.split_once("\n## ").unwrap();
    let shapes = mapping::family().shapes().into_values();
    let refused = shapes.flat_map(|shape| shape.own.iter()).filter(|known| known.refused);
    let mut silent: Vec<&str> = refused.map(|known| known.name).collect();
    assert!(silent.contains(&"refers"), "some are refused");
    silent.retain(|name| {
        !later.contains(&format!("`{name}`")) && !later.contains(&format!("`{name}: "))
    });
    assert_eq!(silent, [""; 0]);
}

/// The configuration's reference is the worked example beside the pod.
#[test]
fn the_worked_configuration_has_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/scimshim.yaml");
    let written = std::fs::read_to_string(path).unwrap();
    for case in config::family().cases() {
        let key = format!("{}:", case.known.name);
        assert!(written.contains(&key), "{} is not shown", case.title());
    }
}

/// What stands before the first table, and of each table its names and the text behind it.
fn sections(page: &str) -> (&str, Vec<(&str, &str)>) {
    let mut pieces = page.split(BEGIN);
    let before = pieces.next().unwrap();
    let tables = pieces.map(|piece| {
        let (names, rest) = piece.split_once(" -->").unwrap();
        let (_, behind) = rest.split_once(END).unwrap_or_else(|| panic!("{names} has no end"));
        (names, behind)
    });
    (before, tables.collect())
}

fn renewed(page: &str) -> String {
    let shapes = shapes();
    let (before, tables) = sections(page);
    let tables = tables.into_iter().map(|(names, behind)| {
        format!("{BEGIN}{names} -->\n{}{END}{behind}", table(names, &shapes))
    });
    format!("{before}{}", tables.collect::<String>())
}

fn shapes() -> BTreeMap<&'static str, &'static Shape> {
    let families: [Family; 2] = [mapping::family(), test_file::family()];
    families.iter().flat_map(Family::shapes).collect()
}

fn table(names: &str, shapes: &BTreeMap<&'static str, &'static Shape>) -> String {
    match names {
        "converter" => converters(),
        "functions" => {
            let rows = FUNCTIONS.iter().map(|one| function(one.usage, one.about, one.example));
            rows_under(
                "| function | what comes of it | example | gives |\n|---|---|---|---|\n",
                rows,
            )
        }
        "macros" => {
            let rows = MACROS.iter().map(|one| function(one.usage, one.about, one.example));
            rows_under(
                "| written | what comes of it | example | gives |\n|---|---|---|---|\n",
                rows,
            )
        }
        names => {
            let rows = names.split(", ").enumerate().flat_map(|(position, name)| {
                let shape =
                    shapes.get(name).unwrap_or_else(|| panic!("there is no shape `{name}`"));
                let known = shape.own.iter().filter(|known| shown(name, known));
                // The first is what the section is about; the others hang from it.
                let before = if position == 0 { String::new() } else { format!("{name}.") };
                known.map(move |known| match known.name {
                    PROSE => prose(known, shapes),
                    _ => key(&before, known),
                })
            });
            rows_under("| key | takes | left out | says | example |\n|---|---|---|---|---|\n", rows)
        }
    }
}

/// Whether a key has a row in its container's table. Prose is the same everywhere, and has one row.
fn shown(container: &str, known: &Known) -> bool {
    !known.refused && (known.name != PROSE || container == "mapping")
}

/// The row of what stands on many containers.
fn prose(known: &Known, shapes: &BTreeMap<&'static str, &'static Shape>) -> String {
    let has = |shape: &&&Shape| shape.own.iter().any(|known| known.name == PROSE);
    let others = shapes.values().filter(has).map(|shape| shape.name);
    let others: Vec<&str> = others.filter(|name| *name != "mapping").collect();
    let says = format!("{}; also on {}", known.about, others.join(", "));
    format!("| `{}` | {} |  | {says} | {} |\n", known.name, known.takes, code(known.example))
}

fn key(before: &str, known: &Known) -> String {
    let default = if known.must { "must be there" } else { known.default };
    let example = if known.example.is_empty() { known.name } else { known.example };
    let takes = cell(&known.takes.to_string());
    format!(
        "| `{before}{}` | {takes} | {} | {} | {} |\n",
        known.name,
        cell(default),
        cell(known.about),
        code(example)
    )
}

fn function(usage: &str, about: &str, (text, result): (&str, &str)) -> String {
    format!("| {} | {} | {} | {} |\n", code(usage), cell(about), code(text), code(result))
}

/// Several samples of one converter are one row.
fn converters() -> String {
    let rows = CONVERTER.keys().map(|known| {
        let bare = |text: &str| text.trim_start_matches("{ ").to_owned();
        let of = SAMPLES.iter().filter(|one| {
            let rest = bare(one.converter);
            let rest = rest.strip_prefix(known.name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        });
        let samples = of.map(|one| {
            let scim = one.scim.map(|scim| format!("{} → ", code(scim))).unwrap_or_default();
            format!("{}: {scim}{} → {}", code(one.converter), code(one.vendor), code(one.back))
        });
        let samples: Vec<String> = samples.collect();
        format!(
            "| `{}` | {} | {} | {} |\n",
            known.name,
            cell(&known.takes.to_string()),
            cell(known.about),
            samples.join("; ")
        )
    });
    rows_under(
        "| converter | takes | says | example: SCIM → vendor → SCIM |\n|---|---|---|---|\n",
        rows,
    )
}

fn rows_under(head: &str, rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.collect();
    format!("\n{head}{rows}\n")
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A text with an accent in it stands between two.
fn code(text: &str) -> String {
    match text.contains('`') {
        true => format!("`` {} ``", cell(text)),
        false => format!("`{}`", cell(text)),
    }
}
