//! Mutation of the shipped mappings: every rule, claim and operation is left out, swapped or turned, and so is what
//! else a mapping says (`errors`, `outside`, lookups, `match`, `exists`, `owns`, `on_match`, `afterwards`), one at a
//! time, and `check` or the tests beside the mapping must notice each. What nobody notices is explained, or has to be.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

mod mutants;
mod node;
mod parts;
mod survivors;

use mutants::Mutant;
use scimshim::{
    cli::{exchange, outcome},
    mapping, yaml,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// `check` finds an error in it.
    Refused,
    /// A test beside the mapping fails.
    Killed,
    /// Nobody noticed.
    Survived,
}

/// A mapping, and the tests that stand beside it.
struct Suite {
    name: String,
    mapping: yaml::Node,
    tests: yaml::Node,
    file: exchange::File,
}

impl Suite {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let beside = path.with_extension("test.yaml");
        let tests = fs::read_to_string(&beside).unwrap();
        let of = |name: &str, text: &str| yaml::parse(&name.into(), text).unwrap();
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            mapping: of("mapping", &text),
            tests: of("tests", &tests),
            file: exchange::read("tests", &tests).unwrap(),
        }
    }

    /// What becomes of a mapping of this text.
    async fn fate(&self, text: &str) -> Fate {
        let Some(plan) = mapping::load("mutant.yaml", text).plan else { return Fate::Refused };
        let plan = Arc::new(plan);
        for exchange in &self.file.exchanges {
            let outcome = outcome::of(&plan, &self.file, &self.tests, exchange).await;
            if !outcome.differences.is_empty() {
                return Fate::Killed;
            }
        }
        Fate::Survived
    }
}

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mapping = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.ends_with(".yaml") && !name.ends_with(".test.yaml")
    };
    let mut paths: Vec<PathBuf> = entries.filter(mapping).collect();
    paths.sort();
    paths
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The fates of all mutants of a mapping, in order; the machine's cores share them.
fn fates(suite: &Suite, mutants: &[Mutant]) -> Vec<Fate> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = mutants.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let judge = |share: &[Mutant]| -> Vec<Fate> {
            let runtime = runtime();
            share.iter().map(|mutant| runtime.block_on(suite.fate(&mutant.text))).collect()
        };
        let shares: Vec<_> =
            mutants.chunks(share).map(|share| scope.spawn(move || judge(share))).collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

#[test]
fn what_is_wrong_with_a_shipped_mapping_is_noticed() {
    let mut unexplained = Vec::new();
    for path in shipped() {
        let suite = Suite::read(&path);
        let whole = runtime().block_on(suite.fate(&node::text(&suite.mapping)));
        assert_eq!(whole, Fate::Survived, "{}: the tests of the mapping itself fail", suite.name);

        let mutants = mutants::of(&suite.mapping);
        let fates = fates(&suite, &mutants);
        let count = |fate| fates.iter().filter(|other| **other == fate).count();
        let (refused, killed) = (count(Fate::Refused), count(Fate::Killed));
        println!(
            "{}: {} of {} mutants noticed: {refused} by check, {killed} by its tests",
            suite.name,
            refused + killed,
            mutants.len(),
        );
        let survived = mutants.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Survived);
        let survived: Vec<String> =
            survived.map(|(mutant, _)| format!("{}: {}", suite.name, mutant.name)).collect();
        for name in &survived {
            match survivors::why(name) {
                Some(why) => println!("  survives: {name}: {why}"),
                None => unexplained.push(format!("nobody notices {name}")),
            }
        }
        for known in survivors::of(&suite.name) {
            if !survived.iter().any(|name| *name == known) {
                unexplained.push(format!("{known} is noticed, and explained all the same"));
            }
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}
