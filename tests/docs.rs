//! What the pages say is so: the README's mapping loads without a finding, and the worked
//! configuration shows every limit with its default.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use scimshim::{app::load, mapping, server::settings::Limits};
use std::path::Path;

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_readmes_mapping_is_sound() {
    let readme = page("README.md");
    let mapping = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let loaded = mapping::load("README.md", mapping);
    assert_eq!(loaded.findings, []);
    assert!(mapping.lines().count() <= 35, "the README promises a short one");
}

#[test]
fn the_readme_shows_the_two_commands() {
    let readme = page("README.md");
    for command in ["cargo run --release -- demo", "cargo test"] {
        assert!(readme.contains(&format!("```\n{command}\n```")), "{command}");
    }
}

#[test]
fn the_worked_configuration_shows_the_defaults() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/scimshim.yaml");
    let loaded = load::load(&file).unwrap();
    // Its certificate is where it runs, not here.
    let others: Vec<_> = loaded.findings.iter().filter(|finding| finding.code != "C017").collect();
    assert!(others.is_empty(), "{others:?}");
    let (config, _) = loaded.config.unwrap();
    assert_eq!(config.server.limits, Limits::default());
    assert_eq!(config.reload, scimshim::app::reload::Settings::default());
}
