//! Seeds: ten runs for each engine, or as many as are asked for.

use crate::{
    engine::Engine,
    figures::Figures,
    run::{run, trace},
};
use std::{env, sync::Mutex, thread};

/// Of `cargo test` alone.
const FEW: u64 = 10;

/// More of them, and a machine of two cores is slow enough for calls to come later than they are waited for.
pub const AT_ONCE: usize = 4;

/// The one that is asked for, or the first so many, `few` where nobody asks.
pub fn seeds(few: u64) -> Vec<u64> {
    let asked = |name: &str| env::var(name).ok().map(|text| text.parse().unwrap());
    match asked("CRASH_SEED") {
        Some(seed) => vec![seed],
        None => (0..asked("CRASH_SEEDS").unwrap_or(few)).collect(),
    }
}

/// Runs of some seeds side by side, and what they come to together. A run waits for most of its time.
pub fn at_once(seeds: &[u64], run: impl Fn(u64) -> Figures + Sync) -> Figures {
    let seeds = Mutex::new(seeds.iter());
    let some = || {
        let mut figures = Figures::default();
        loop {
            let next = seeds.lock().unwrap().next();
            let Some(seed) = next else { return figures };
            figures += &run(*seed);
        }
    };
    thread::scope(|scope| {
        let runs: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(some)).collect();
        let mut figures = Figures::default();
        runs.into_iter().for_each(|run| figures += &run.join().unwrap());
        figures
    })
}

fn proved(engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let trace = trace(engine);
    let figures = at_once(&seeds(FEW), |seed| run(seed, engine, &trace, "").figures);
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
