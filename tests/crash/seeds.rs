//! Seeds: four runs for each engine, or as many as are asked for.

use crate::{
    engine::Engine,
    figures::Figures,
    run::{run, trace},
};
use std::{env, thread};

/// All that there are.
pub const POINTS: [&str; 8] = [
    "answer.after",
    "answer.before",
    "call.after",
    "call.before",
    "commit.after",
    "commit.before",
    "turn.begin",
    "turn.end",
];

/// Of `cargo test` alone.
const FEW: u64 = 4;

/// The one that is asked for, or the first so many, `few` where nobody asks.
pub fn seeds(few: u64) -> Vec<u64> {
    let asked = |name: &str| env::var(name).ok().map(|text| text.parse().unwrap());
    match asked("CRASH_SEED") {
        Some(seed) => vec![seed],
        None => (0..asked("CRASH_SEEDS").unwrap_or(few)).collect(),
    }
}

fn proved(engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let trace = trace(engine);
    for point in POINTS {
        assert!(trace.contains_key(point), "{point} is never passed: {trace:?}");
    }
    let mut figures = Figures::default();
    for some in seeds(FEW).chunks(engine.at_once()) {
        thread::scope(|scope| {
            let run = |seed: &u64| run(*seed, engine, &trace, "").figures;
            let runs: Vec<_> = some.iter().map(|seed| scope.spawn(move || run(seed))).collect();
            runs.into_iter().for_each(|run| figures += &run.join().unwrap());
        });
    }
    println!("{engine}: {figures}");
    let proves = figures.promised > 0 || figures.runs < FEW;
    assert!(proves, "nothing was ever promised, so nothing is proved");
}

#[test]
fn what_is_said_is_true_and_what_is_promised_is_kept_over_sqlite() {
    proved(Engine::Sqlite);
}

#[test]
fn what_is_said_is_true_and_what_is_promised_is_kept_over_postgres() {
    proved(Engine::Postgres);
}
