//! Takeover: what a dead replica had begun is done by another one, with the lease time of production.

use crate::{
    client::Clients,
    engine::Engine,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    outage::made,
    vendor::{
        Vendor,
        diary::{self, Event, Verb},
    },
    write::{Outcome, Verb as Asks},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Where it dies: with its intent on the disk; right before its first call; right behind that.
const POINTS: [&str; 3] = ["commit.after#1", "call.before#1", "call.after#1"];
/// Printed beside what it took. Seconds.
const TARGET: u64 = 10;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn what_a_dead_replica_had_begun_is_done_by_another() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let took = thread::scope(|scope| {
        let all = POINTS.map(|point| scope.spawn(move || taken_over(point)));
        all.map(|one| one.join().unwrap())
    });
    let shown: Vec<String> = POINTS
        .into_iter()
        .zip(took)
        .map(|(point, took)| format!("{:.1} s ({point})", took.as_secs_f64()))
        .collect();
    println!(
        "a dead replica's deactivation was done by another after {}; target: {TARGET} s",
        shown.join(", ")
    );
}

/// How long it takes from the death to the end of the deactivation.
fn taken_over(point: &str) -> Duration {
    let folder = Folder::new(&format!("takeover-{}", point.split('#').next().unwrap()));
    let vendor = Vendor::start(&folder.0, None);
    let store = Engine::Postgres.store(&folder.0);
    let [dies, other] = ["dies", "other"]
        .map(|name| Setting::new(&folder.0.join(name), vendor.port, "okta", &store));
    let start = |setting: &Setting, orders: &str| {
        let mut command = setting.command(orders);
        command.env_remove("SCIMSHIM_LEASE_MS");
        Gateway::over(setting, command)
            .unwrap_or_else(|status| panic!("{status}: {}", setting.log()))
    };
    let lives = start(&other, "");
    let (to_other, to_dying) =
        (Clients::new(other.port, TOKEN, 1), Clients::new(dies.port, TOKEN, 1));
    to_other.served(true);
    to_dying.served(true);
    let id = made(&to_other, 0);
    let mut dying = start(&dies, &format!("kill@{point}"));
    let asked = to_dying.ask(0, Some(&id), &to_dying.write(Asks::Patch).active(false));
    assert_eq!(asked, Outcome::Open(None), "it dies before it answers");
    let died = Instant::now();
    assert!(dying.dies_within(PATIENCE), "{}", dies.log());
    other.rest();
    let took = died.elapsed();
    let times = |wanted: Verb| {
        let lines = diary::read(&vendor.diary).into_iter();
        let applied = lines.filter(
            |line| matches!(line.event, Event::Applied { verb, changed: true, .. } if verb == wanted),
        );
        applied.count()
    };
    assert_eq!((times(Verb::Retire), times(Verb::Note)), (1, 1), "{point}: {}", other.log());
    assert!(lives.stop().success());
    took
}
