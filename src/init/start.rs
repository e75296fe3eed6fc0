//! The start without a document: a commented mapping and its tests, sound as they stand.

use super::Draft;

const MAPPING: &str = include_str!("start.yaml");
const TESTS: &str = include_str!("start.test.yaml");
/// What the two texts have where the name belongs.
const NAME: &str = "NAME";

/// The two files of a name.
pub fn draft(name: &str) -> Draft {
    let named = |text: &str| text.replace(NAME, name);
    Draft { mapping: named(MAPPING), tests: named(TESTS), told: Vec::new() }
}
