//! The page that documents the metrics says what the program registers, row by row.

use scimshim::metrics::TABLE;

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
