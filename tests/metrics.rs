//! The page that documents the metrics says what the program registers, row by row.
//! The alerts ask for metrics of that table.

use regex::Regex;
use scimshim::metrics::TABLE;
use std::collections::BTreeSet;

#[test]
fn the_page_is_the_table() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/metrics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `scimshim_")).collect();
    let registered: Vec<String> = TABLE
        .iter()
        .map(|row| {
            let labels: Vec<String> = row.labels.iter().map(|name| format!("`{name}`")).collect();
            let labels = labels.join(", ");
            format!("| `{}` | {} | {labels} | {} |", row.name, row.kind.word(), row.help)
        })
        .collect();
    assert_eq!(
        written,
        registered,
        "copy the right side into the page:\n{}",
        registered.join("\n")
    );
}

#[test]
fn every_alert_asks_for_what_there_is_fires_in_its_test_and_has_a_row() {
    let file = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/");
        std::fs::read_to_string(format!("{folder}{name}")).unwrap()
    };
    let all = |text: &str, pattern: &str| -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    let rules = file("alerts.yaml");
    let metrics = all(&rules, r"(scimshim_\w+)");
    let there = |name: &str| TABLE.iter().any(|row| row.name == name);
    let unknown: Vec<_> = metrics.iter().filter(|name| !there(name)).collect();
    assert!(unknown.is_empty(), "no metrics: {unknown:?}");

    let alerts = all(&rules, r"- alert: (\w+)");
    assert!(!alerts.is_empty());
    let fired = r#"alertname="(\w+)",alertstate="firing""#;
    assert_eq!(all(&file("alerts.test.yaml"), fired), alerts);
    assert_eq!(all(&file("alerts.md"), r"(?m)^\| `(\w+)`"), alerts);
}
