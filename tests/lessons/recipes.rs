//! `mappings/recipes.md`: each recipe laid over the page's frame is a sound mapping, and its exchange
//! passes with the engine that serves.
//!
//! - `frame: mapping` and `frame: tests` above a block: what every recipe is laid over.
//! - Below each heading of a recipe stand two blocks: what it adds to the mapping, and its exchanges.

use crate::{folder::Folder, page::Page};
use serde_json::{Value, json};
use std::process::Command;

#[test]
fn every_recipe_is_sound_and_does_what_it_says() {
    let page = Page::read("mappings/recipes.md");
    let frame = |name: &str| -> Value {
        let block = page.blocks.iter().find(|block| block.marked("frame") == Some(name));
        serde_saphyr::from_str(&block.unwrap().text).unwrap()
    };
    let (mapping, tests) = (frame("mapping"), frame("tests"));
    let recipes: Vec<_> =
        page.blocks.iter().filter(|block| block.marked("frame").is_none()).collect();
    let folder = Folder::new("recipes");
    let mut files = Vec::new();
    for recipe in recipes.chunks(2) {
        let [change, exchanges] = recipe else { panic!("{}: and its test?", recipe[0].place) };
        assert_eq!(change.heading, exchanges.heading, "{}: two blocks each", change.place);
        assert_eq!([&*change.language, &*exchanges.language], ["yaml"; 2], "{}", change.place);
        let read = |text: &str| -> Value {
            serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", change.place))
        };
        // JSON is YAML. A file is called after its recipe, so that a finding says where to look.
        let name: String =
            change.heading.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-");
        folder.write(
            &format!("{name}.yaml"),
            &laid_over(&mapping, &placed(read(&change.text)), RULES).to_string(),
        );
        let mut suite = laid_over(&tests, &read(&exchanges.text), RULES);
        suite["mapping"] = json!(format!("{name}.yaml"));
        folder.write(&format!("{name}.test.yaml"), &suite.to_string());
        files.push(format!("{name}.yaml"));
    }
    assert!(files.len() >= 20, "the page has {} recipes", files.len());
    for command in [&["check", "--deny-warnings"][..], &["test"]] {
        let mut scimshim = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        let run = scimshim.args(command).args(&files).current_dir(&folder.0).output().unwrap();
        let said = [run.stdout, run.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        assert!(run.status.success(), "{command:?}\n{said}");
    }
}

/// What is said of a User stands where Users are described, all else at the top.
fn placed(change: Value) -> Value {
    let Value::Object(members) = change else { panic!("a recipe is a map") };
    let top = ["tenant", "upstream", "schemas", "resources"];
    let (mut whole, user): (serde_json::Map<_, _>, serde_json::Map<_, _>) =
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
