//! Controls: a proof that a broken gateway passes proves nothing. Each of these is broken in one way and must fail it
//! within fifty seeds.

use crate::{
    engine::Engine,
    judge::Judgement,
    late,
    replicas::{self, Stands},
    run::{lagging, run, trace},
    seeds::{AT_ONCE, at_once, seeds},
};
use std::{
    sync::{Mutex, PoisonError},
    thread,
};

const SEEDS: u64 = 50;
/// Of the same where nothing is left out.
const AT_LEAST: u64 = 8;
/// Two at once keep each other from what they are to show.
static ALONE: Mutex<()> = Mutex::new(());

/// Builds that leave a mechanism out by `SCIMSHIM_OFF`. **Each must fail**: that is what these tests are for.
/// - `journal`: a durable write is answered as promised, and not journalled.
/// - `order`: the answer is given before what it says is on the disk.
/// - `settling`: a write does not wait for a call of another one that may still land.
/// - `sent`: a call leaves without a word of it in the journal.
/// - `steps`: how far an operation of several calls has come is forgotten.
/// - `turn`: nobody waits for anybody who is at work on the same.
/// - `sequence`: what waits is carried out from its end.
/// - `key`: a call that is made again has another key than the first time.
const MECHANISMS: [&str; 8] =
    ["journal", "order", "settling", "sent", "steps", "turn", "sequence", "key"];

#[test]
fn a_build_that_leaves_a_mechanism_out_fails_the_proof() {
    for off in MECHANISMS {
        let trace = trace(Engine::Sqlite);
        fails(off, |seed| run(seed, Engine::Sqlite, &trace, off));
    }
}

/// What shows a late call is no fault by itself: with the vendor, the people and the lives of that control nothing is wrong
/// with a build that leaves nothing out.
#[test]
fn a_vendor_that_lags_is_no_fault() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let trace = trace(Engine::Sqlite);
    let figures = at_once(&seeds(AT_LEAST), |seed| lagging(seed, Engine::Sqlite, &trace).figures);
    println!("a vendor that lags: {figures}");
}

/// The same of replicas: whoever has lost a lease writes what its next holder does not know of. No epoch is asked for, and
/// none looks at its own clock.
#[test]
fn replicas_without_fencing_fail_the_proof() {
    if Engine::Postgres.is_here() {
        fails("fencing", |seed| replicas::run(seed, Stands::BeforeACommit, "fencing"));
    }
}

/// The same where what is sent late is not looked after: the older one stays. At random it is mended, as a rule, by whoever
/// writes next, so it is made to come last.
#[test]
fn replicas_without_a_second_look_fail_the_proof() {
    let Some(titles) = late::titles("late-off", "look") else { return };
    assert_eq!(titles, ["old", "new", "old"], "without `look` it passes the proof");
}

fn fails(off: &str, run: impl Fn(u64) -> Judgement + Sync) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let of_seed = |seed| (seed, run(seed).faults);
    let seeds: Vec<u64> = (0..SEEDS).collect();
    // As many at once as the proof has: what is found depends on how busy the machine is.
    let mut rounds = seeds.chunks(AT_ONCE).map(|some| {
        thread::scope(|scope| {
            let runs: Vec<_> = some.iter().map(|seed| scope.spawn(|| of_seed(*seed))).collect();
            let ended = runs.into_iter().map(|run| run.join().unwrap());
            ended.filter(|(_, faults)| !faults.is_empty()).min()
        })
    });
    let found = rounds.find_map(|found| found);
    let (seed, faults) = found.unwrap_or_else(|| panic!("without `{off}` it passes the proof"));
    println!(
        "without `{off}` it fails with seed {seed}, by {} faults: {}",
        faults.len(),
        faults.join("\n")
    );
}
