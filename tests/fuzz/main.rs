//! The fuzz targets, run on stable: over the seeds, and over some ten thousand inputs near them, the same
//! ones each time. `tests/fuzz/run` gives the same functions to libFuzzer.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, and says where"
)]

#[path = "../scim/fixture.rs"]
mod fixture;
mod mutate;
mod targets;

use mutate::{Chance, Mutator};

/// Says which input it was, when the property panics.
struct Tried<'a>(&'a [u8]);

impl Drop for Tried<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input was `{}`", self.0.escape_ascii());
        }
    }
}

fn run(target: fn(&[u8]) -> bool, seeds: &str, inputs: usize) {
    let seeds: Vec<&str> = seeds.lines().collect();
    let tried = |input: &[u8]| {
        let _tried = Tried(input);
        target(input)
    };
    for seed in &seeds {
        tried(seed.as_bytes());
    }
    let mutator = Mutator::new(&seeds, dictionary());
    let mut chance = Chance::new(1);
    let taken = (0..inputs).filter(|_| tried(&mutator.input(&mut chance))).count();
    // What is refused at the door says little.
    println!("{taken} of {inputs} inputs were taken");
    assert!(taken > inputs / 8, "{taken}");
}

/// The words of libFuzzer's dictionary: one a line, in quotes, with `\\`, `\"` and `\xAB`.
fn dictionary() -> Vec<Vec<u8>> {
    let lines = include_str!("seeds/dictionary").lines();
    lines
        .map(|line| {
            unescaped(line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap())
        })
        .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut word = Vec::new();
    while let Some(byte) = bytes.next() {
        let escaped = (byte == b'\\').then(|| bytes.next().unwrap());
        word.push(match escaped {
            Some(b'x') => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            Some(other) => other,
            None => byte,
        });
    }
    word
}

#[test]
fn filter() {
    run(targets::filter::run, include_str!("seeds/filter"), 20_000);
}

#[test]
fn patch_path() {
    run(targets::patch_path::run, include_str!("seeds/patch_path"), 20_000);
}

#[test]
fn patch_apply() {
    run(targets::patch_apply::run, include_str!("seeds/patch_apply"), 20_000);
}

#[test]
fn decode() {
    run(targets::decode::run, include_str!("seeds/decode"), 20_000);
}

#[test]
fn external_name() {
    run(targets::external_name::run, include_str!("seeds/external_name"), 2_500);
}
