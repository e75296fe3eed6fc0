//! `mappings/recipes.md`: each recipe laid over the page's frame is a sound mapping, and its exchanges
//! pass with the engine that serves.
//!
//! - `frame: mapping` and `frame: tests` above a block: what every recipe is laid over.
//! - Below each heading of a recipe stand two blocks: what it adds to the mapping, and its exchanges.

use crate::{
    folder::Folder,
    page::{Block, Page},
};
use scimshim::yaml;
use serde_json::{Map, Value, json};
use std::process::Command;

#[test]
fn every_recipe_is_sound_and_does_what_it_says() {
    let page = Page::read("mappings/recipes.md");
    let folder = Folder::new("recipes");
    let files = written(&page, &folder);
    assert!(files.len() >= 25, "the page has {} recipes", files.len());
    for command in [&["check", "--deny-warnings"][..], &["test"]] {
        let mut scimshim = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        let run = scimshim.args(command).args(&files).current_dir(&folder.0).output().unwrap();
        let said = [run.stdout, run.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        assert!(run.status.success(), "{command:?}\n{said}");
    }
}

/// Writes each recipe as a mapping and its tests, called after its heading, so that a finding says where
/// to look: the names of the mappings. JSON is YAML.
fn written(page: &Page, folder: &Folder) -> Vec<String> {
    let (frames, recipes): (Vec<_>, Vec<_>) =
        page.blocks.iter().partition(|block| block.marked("frame").is_some());
    let frame = |name: &str| {
        read(frames.iter().find(|block| block.marked("frame") == Some(name)).expect(name))
    };
    let (mapping, tests) = (frame("mapping"), frame("tests"));
    let pairs = recipes.chunks(2).map(|pair| {
        let [change, exchanges] = pair else { panic!("{}: and its test?", pair[0].place) };
        assert_eq!(change.heading, exchanges.heading, "{}: two blocks each", change.place);
        let name = change.heading.to_lowercase().replace(|sign: char| !sign.is_alphanumeric(), "-");
        let file = format!("{name}.yaml");
        folder.write(&file, &laid_over(&mapping, &placed(read(change)), RULES).to_string());
        let mut tests = laid_over(&tests, &read(exchanges), RULES);
        tests["mapping"] = json!(file);
        folder.write(&format!("{name}.test.yaml"), &tests.to_string());
        file
    });
    pairs.collect()
}

/// A block as the reader of mappings takes it: no key twice, no anchors.
fn read(block: &Block) -> Value {
    assert_eq!(block.language, "yaml", "{}", block.place);
    let read = yaml::parse(&block.place.as_str().into(), &block.text);
    read.unwrap_or_else(|findings| panic!("{findings:#?}")).to_json()
}

/// What is said of a User stands where Users are described, all else at the top.
fn placed(change: Value) -> Value {
    let Value::Object(members) = change else { panic!("a recipe is a map: {change}") };
    let top = ["tenant", "upstream", "lookups", "schemas", "resources"];
    let (mut whole, user): (Map<_, _>, Map<_, _>) =
        members.into_iter().partition(|(name, _)| top.contains(&name.as_str()));
    if !user.is_empty() {
        let resources = whole.entry("resources").or_insert_with(|| json!({}));
        resources["User"] = user.into();
    }
    whole.into()
}

/// From the top to one rule or operation: resources, User, attributes, userName.
const RULES: usize = 4;

/// Maps are laid over each other down to this depth; what is deeper is replaced.
fn laid_over(base: &Value, over: &Value, depth: usize) -> Value {
    let (Value::Object(below), Value::Object(above), 1..) = (base, over, depth) else {
        return over.clone();
    };
    let mut all = below.clone();
    for (name, value) in above {
        let laid = below.get(name).map(|old| laid_over(old, value, depth - 1));
        all.insert(name.clone(), laid.unwrap_or_else(|| value.clone()));
    }
    all.into()
}
