//! Every way in which two requests for one create can go wrong, and the rest well: what the vendor carried out is judged
//! by its own log. A part of them in `cargo test`; `HALVES=all cargo test --test journal halves` takes minutes.

use crate::{
    ada::{SEAT, USER, WELCOME, ada, steps},
    world::{Fate, Told, Vendor, World},
};
use scimshim::{scim::profile::Profile, store::Stage};
use std::sync::Arc;

/// What may go wrong with a call.
const WRONG: [Fate; 7] = [
    Fate::Away,
    Fate::Unheard,
    Fate::Lost,
    Fate::Refused(422),
    Fate::Refused(503),
    Fate::Hangs,
    Fate::Swallowed,
];

/// A request of which so many calls go well, and the next one goes so; nothing where its process was killed.
async fn asked(world: &Arc<World>, well: usize, wrong: Fate) -> Option<Told> {
    world.vendor.clear();
    world.vendor.fated(&[vec![Fate::Well; well], vec![wrong]].concat());
    let request = tokio::spawn({
        let world = world.clone();
        async move { world.send("POST", "/Users", ada()).await }
    });
    let dies = matches!(wrong, Fate::Hangs | Fate::Swallowed);
    while !(request.is_finished() || dies && world.vendor.is_fulfilled()) {
        tokio::task::yield_now().await;
    }
    if request.is_finished() {
        return Some(request.await.unwrap());
    }
    request.abort();
    let _ = request.await;
    world.restart().await;
    None
}

/// Whom the vendor has by its log: how often he was welcomed and seated.
fn judged(writes: &[String], safe: bool) -> Option<(usize, usize)> {
    let mut there = None;
    for write in writes {
        match (write.as_str(), &mut there) {
            (USER, None) => there = Some((0, 0)),
            (USER, Some(_)) => panic!("made twice: {writes:?}"),
            ("DELETE /users/ada", _) => there = None,
            // What comes late for one who has gone is refused.
            (_, None) => {}
            (WELCOME, Some(he)) => he.0 += 1,
            (SEAT, Some(he)) => he.1 += 1,
            ("DELETE /users/ada/welcomed", Some(he)) => he.0 = 0,
            other => panic!("{other:?}"),
        }
        let (welcomed, seated) = there.unwrap_or_default();
        assert!(safe || welcomed <= 1 && seated <= 1, "done twice: {writes:?}");
    }
    there
}

/// No 201 before all is done.
fn is_true(told: &Told, world: &World, safe: bool, what: &str) {
    let there = judged(&world.vendor.writes(), safe);
    let whole = there.is_some_and(|(welcomed, seated)| welcomed > 0 && seated > 0);
    assert!(told.status != 201 || whole, "{what}: {told:?} {:?}", world.vendor.writes());
}

/// Of so many one is looked at in `cargo test`: no divisor of what there is of anything, so that each meets each.
const STRIDE: usize = 11;

async fn two(safe: bool, undo: bool) {
    let mapping = steps(safe, undo);
    let stride = if std::env::var_os("HALVES").is_some() { 1 } else { STRIDE };
    let mut at = usize::from(safe) + 2 * usize::from(undo);
    let firsts = (0..4).flat_map(|well| WRONG.map(|wrong| (well, wrong)));
    for (well, wrong) in firsts {
        let seconds = (0..3).flat_map(|well| WRONG.map(|wrong| (well, wrong)));
        for (well_then, wrong_then) in seconds {
            at += 1;
            if at % stride != 0 {
                continue;
            }
            let what = format!("{well} {wrong:?}, {well_then} {wrong_then:?}, {safe} {undo}");
            let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
            let mut told = asked(&world, well, wrong).await;
            for told in told.iter() {
                is_true(told, &world, safe, &what);
            }
            if told.as_ref().is_none_or(|told| told.status != 201) {
                told = asked(&world, well_then, wrong_then).await;
                for told in told.iter() {
                    is_true(told, &world, safe, &what);
                }
            }
            world.vendor.clear();
            let repeats = (well + well_then) % 2 == 0;
            for _ in 0..4 {
                world.passes(if repeats { 31 } else { 601 });
                match repeats {
                    true if told.as_ref().is_none_or(|told| told.status != 201) => {
                        told = Some(world.send("POST", "/Users", ada()).await);
                        is_true(told.as_ref().unwrap(), &world, safe, &what);
                    }
                    _ => world.deliver().await,
                }
            }
            world.passes(31);
            world.deliver().await;
            let there = judged(&world.vendor.writes(), safe);
            let entries = world.entries().await;
            let dead = entries.iter().any(|entry| entry.stage == Stage::Dead);
            let rest = entries.iter().all(|entry| entry.stage == Stage::Dead);
            assert!(rest, "{what}: something goes on without an end: {entries:?}");
            let whole = there.is_none_or(|(welcomed, seated)| welcomed > 0 && seated > 0);
            let log = world.vendor.writes();
            assert!(whole || dead, "{what}: half made, and nobody is told: {log:?}");
            if repeats && !dead {
                assert!(there.is_some(), "{what}: {told:?} {log:?}");
            }
        }
    }
}

#[tokio::test]
async fn of_calls_that_may_be_repeated() {
    two(true, false).await;
}

#[tokio::test]
async fn of_calls_that_may_be_repeated_or_taken_back() {
    two(true, true).await;
}

#[tokio::test]
async fn of_calls_that_may_not_be_repeated() {
    two(false, false).await;
}

#[tokio::test]
async fn of_calls_that_may_be_taken_back() {
    two(false, true).await;
}
