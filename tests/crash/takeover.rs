//! Takeover: what a dead replica had begun is done by another one, with the lease time of production.

use crate::{
    client::Clients,
    engine::Engine,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    instant::Instant as At,
    outage::made,
    vendor::{
        Vendor,
        diary::{self, Event, Line, Verb},
    },
    write::{Outcome, Verb as Asks},
};
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

/// Where it dies: with its intent on the disk; right before its first call; right behind that.
const POINTS: [&str; 3] = ["commit.after#1", "call.before#1", "call.after#1"];
/// So long a call that was given up may still come, by the mapping.
const SETTLES: Duration = Duration::from_secs(1);
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

/// What may not be made twice is looked at first, and not before the dead replica's call can have come.
#[test]
fn what_may_not_be_made_twice_is_looked_at_when_it_can_have_come() {
    if !Engine::Postgres.is_here() {
        return;
    }
    // The call of the dead one has not left, or has come.
    for (point, calls) in [("call.before#1", 1), ("call.after#1", 1)] {
        let story = Story::tell("looks", point, Setting::unrepeatable);
        let retired = story.calls("/retire");
        assert_eq!(retired.len(), calls, "{point}: {}", story.log);
        assert_eq!(story.times(Verb::Retire), 1, "{point}: {}", story.log);
        if point == "call.before#1" {
            let read = story.calls("").into_iter().rfind(|at| *at < retired[0]).unwrap();
            assert!(
                read >= story.asked.later(SETTLES),
                "it was looked at before that: {}",
                story.log
            );
        }
        assert!(story.dead.is_empty(), "{:?}", story.dead);
        let took = story.took.as_secs_f64();
        println!("what may not be made twice was looked at and done after {took:.1} s ({point})");
    }
    // Nothing shows a note: that is a dead letter, and nobody makes it a second time.
    for (point, notes) in [("call.before#2", 0), ("call.after#2", 1)] {
        let story = Story::tell("unknown", point, |setting| setting);
        assert_eq!((story.times(Verb::Retire), story.times(Verb::Note)), (1, notes), "{point}");
        assert_eq!(story.calls("/notes").len(), notes, "{point}: {}", story.log);
        assert_eq!(story.dead.len(), 1, "{point}: {}", story.log);
    }
}

/// How long it takes from the death to the end of the deactivation.
fn taken_over(point: &str) -> Duration {
    let story = Story::tell("takeover", point, |setting| setting);
    let times = (story.times(Verb::Retire), story.times(Verb::Note));
    assert_eq!(times, (1, 1), "{point}: {}", story.log);
    story.took
}

/// A replica dies at its deactivation of somebody, and another one has the rest.
struct Story {
    /// When it was asked for.
    asked: At,
    /// From the death to rest.
    took: Duration,
    vendor: Vec<Line>,
    /// Dead letters, by number.
    dead: BTreeMap<String, String>,
    /// Of the other one.
    log: String,
}

impl Story {
    fn tell(name: &str, point: &str, mapped: fn(Setting) -> Setting) -> Self {
        let folder = Folder::new(&format!("{name}-{}", point.replace('#', "-")));
        let vendor = Vendor::start(&folder.0, None);
        let store = Engine::Postgres.store(&folder.0);
        let [dies, other] = ["dies", "other"]
            .map(|name| mapped(Setting::new(&folder.0.join(name), vendor.port, "okta", &store)));
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
        let asked = At::now();
        let outcome = to_dying.ask(0, Some(&id), &to_dying.write(Asks::Patch).active(false));
        assert_eq!(outcome, Outcome::Open(None), "it dies before it answers");
        let died = Instant::now();
        assert!(dying.dies_within(PATIENCE), "{}", dies.log());
        other.rest();
        let took = died.elapsed();
        let (dead, log) = (other.dead(), other.log());
        assert!(lives.stop().success(), "{log}");
        Self { asked, took, vendor: diary::read(&vendor.diary), dead, log }
    }

    /// How often something came of this.
    fn times(&self, wanted: Verb) -> usize {
        let applied = self.vendor.iter().filter(
            |line| matches!(line.event, Event::Applied { verb, changed: true, .. } if verb == wanted),
        );
        applied.count()
    }

    /// When the person was called upon by an address that ends so.
    fn calls(&self, end: &str) -> Vec<At> {
        let called = self.vendor.iter().filter(|line| match &line.event {
            Event::Called { path, .. } => *path == format!("/users/1{end}"),
            _ => false,
        });
        called.map(|line| line.at).collect()
    }
}
