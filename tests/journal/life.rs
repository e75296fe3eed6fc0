//! The life of one resource: whatever a client writes, whatever becomes of its calls, of the process and of the clock, a
//! 2xx is the vendor's state, and at rest the vendor holds what the last write says that was done or promised.

use crate::world::{Fate, MAPPING, Told, Vendor, World};
use proptest::{prelude::*, sample::select, test_runner::TestCaseResult};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, env, sync::Arc};

/// What happens next.
#[derive(Debug, Clone)]
enum Event {
    /// A client writes, and these things happen to the calls that write from then on.
    Writes(Vec<&'static str>, Vec<Fate>),
    /// Two clients write at once.
    WriteAtOnce([Vec<&'static str>; 2], Vec<Fate>),
    /// One writes, and the process is killed while the first of them is on its way.
    Dies(Vec<&'static str>),
    /// The vendor goes away, or comes back.
    Away(bool),
    /// So many seconds.
    Passes(i64),
    /// The clock is set by so many.
    Clock(i64),
    Delivers,
    Restarts,
    /// An operator drops the oldest that waits.
    Drops,
}

/// A call that was given up comes so long afterwards at the latest; below `settle`. Seconds.
const LATEST: i64 = 9;

fn event() -> impl Strategy<Value = Event> {
    let what = || {
        let one = select(vec![vec!["nick"], vec!["title"], vec!["off"], vec!["on"]]);
        let two = select(vec![vec!["off", "nick"], vec!["on", "title"], vec!["nick", "title"]]);
        prop_oneof![2 => one, 1 => two]
    };
    let fate = select(vec![
        Fate::Well,
        Fate::Well,
        Fate::Away,
        Fate::Unheard,
        Fate::Lost,
        Fate::Late,
        Fate::Refused(503),
        Fate::Refused(422),
    ]);
    let fates = || proptest::collection::vec(fate.clone(), 0..4);
    prop_oneof![
        10 => (what(), fates()).prop_map(|(what, fates)| Event::Writes(what, fates)),
        4 => (what(), what(), fates())
            .prop_map(|(one, other, fates)| Event::WriteAtOnce([one, other], fates)),
        2 => what().prop_map(Event::Dies),
        2 => any::<bool>().prop_map(Event::Away),
        4 => (1..40_i64).prop_map(Event::Passes),
        1 => select(vec![-3_600_i64, 3_600]).prop_map(Event::Clock),
        3 => Just(Event::Delivers),
        1 => Just(Event::Restarts),
        1 => Just(Event::Drops),
    ]
}

/// Lives that are lived where nobody asks for more.
const FEW: u32 = 48;

fn config() -> ProptestConfig {
    let cases = env::var("PROPTEST_CASES").map_or(FEW, |told| told.parse().unwrap());
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// `PROPTEST_CASES=2000 cargo test --test journal life` lives more of them.
    #[test]
    fn whatever_happens_what_was_said_is_true_in_the_end(
        events in proptest::collection::vec(event(), 1..30),
    ) {
        lived(events)?;
    }
}

fn lived(events: Vec<Event>) -> TestCaseResult {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Life::begin().lives(events))
}

fn writes(what: &'static str, fates: &[Fate]) -> Event {
    Event::Writes(vec![what], fates.to_vec())
}

/// Lives that ended badly before what their name says was so.
#[test]
fn what_went_wrong_once_goes_well() {
    let lives = [
        (
            "what was put off by a clock that was ahead is due when it was set back",
            vec![
                Event::Away(true),
                writes("off", &[]),
                Event::Clock(3_600),
                writes("nick", &[]),
                Event::Clock(-3_600),
            ],
        ),
        (
            "what is dropped settles by the clock of now",
            vec![
                writes("nick", &[Fate::Well, Fate::Unheard]),
                writes("off", &[]),
                writes("nick", &[]),
                Event::Clock(-3_600),
                Event::Drops,
            ],
        ),
        (
            "what was promised is a dead letter where it is refused to the one who joins it",
            vec![
                writes("nick", &[Fate::Unheard]),
                writes("off", &[Fate::Refused(422)]),
                Event::Passes(11),
                writes("off", &[]),
            ],
        ),
    ];
    for (what, events) in lives {
        lived(events).unwrap_or_else(|failure| panic!("{what}: {failure}"));
    }
}

/// What became of a write, as far as its client knows.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    Done,
    Promised(String),
    /// Something may come of it, or may have.
    Open,
}

/// What a write said, and what came of it.
type Write = (Map<String, Value>, Known);

struct Life {
    world: Arc<World>,
    /// What each write said, and what came of it, in the order in which they were asked for; those that were asked for at
    /// once in one.
    writes: Vec<Vec<Write>>,
    /// How often something was said that nobody had said before.
    said: usize,
    /// An operator has dropped one.
    dropped: bool,
}

impl Life {
    fn begin() -> Self {
        // A change may be made twice, and so may the first call of a deactivation; its second one must not be, and is seen
        // by nobody.
        let leaves = "name: retire\n          claims: [active becomes false]\n          steps:
            - { name: retire, call: \"POST /users/{key}/retire\", repeat: safe }
            - { name: close, call: \"POST /users/{key}/closed\" }";
        let mapping = MAPPING
            .replace("\"PATCH /users/{key}\",", "\"PATCH /users/{key}\", repeat: safe,")
            .replace("\"POST /users/{key}/restore\"", "\"POST /users/{key}/restore\", repeat: safe")
            .replace(
                "{ name: retire, claims: [active becomes false], call: \"POST /users/{key}/retire\" }",
                leaves,
            );
        let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
        Self { world: Arc::new(world), writes: Vec::new(), said: 0, dropped: false }
    }

    async fn lives(mut self, events: Vec<Event>) -> TestCaseResult {
        for event in events {
            self.happens(event).await?;
            prop_assert!(self.count("closed") <= self.count("left"), "a call was made twice");
        }
        self.rests().await?;
        self.is_as_told().await
    }

    async fn happens(&mut self, event: Event) -> TestCaseResult {
        let world = self.world.clone();
        match event {
            Event::Writes(what, fates) => {
                world.vendor.fated(&fates);
                return self.writes(&what).await;
            }
            Event::WriteAtOnce([one, other], fates) => {
                world.vendor.fated(&fates);
                return self.write_at_once(&one, &other).await;
            }
            Event::Dies(what) => self.dies(&what).await,
            Event::Away(away) => *world.vendor.away.lock().unwrap() = away,
            Event::Passes(seconds) => self.passes(seconds),
            Event::Clock(seconds) => {
                // Nothing tells how much of a step is time.
                world.vendor.comes();
                world.passes(seconds);
            }
            Event::Delivers => world.deliver().await,
            Event::Restarts => world.restart().await,
            Event::Drops => self.drops().await,
        }
        Ok(())
    }

    /// What a write says: of each attribute something that nobody said before, but for `active`.
    fn said(&mut self, what: &[&str]) -> Map<String, Value> {
        self.said += 1;
        let new = |letter: char| json!(format!("{letter}{}", self.said));
        let one = |word: &&str| match *word {
            "nick" => ("nickName".to_owned(), new('n')),
            "title" => ("title".to_owned(), new('t')),
            word => ("active".to_owned(), json!(word == "on")),
        };
        what.iter().map(one).collect()
    }

    async fn writes(&mut self, what: &[&str]) -> TestCaseResult {
        let said = self.said(what);
        let told = self.world.patch("ada", Value::Object(said.clone())).await;
        self.heard(vec![(said, told)])
    }

    /// Which of them is received first is not known.
    async fn write_at_once(&mut self, one: &[&str], other: &[&str]) -> TestCaseResult {
        let (one, other) = (self.said(one), self.said(other));
        let patch = |said: &Map<String, Value>| {
            let (world, said) = (self.world.clone(), Value::Object(said.clone()));
            async move { world.patch("ada", said).await }
        };
        let told = tokio::join!(patch(&one), patch(&other));
        self.heard(vec![(one, told.0), (other, told.1)])
    }

    fn heard(&mut self, told: Vec<(Map<String, Value>, Told)>) -> TestCaseResult {
        let held = self.held();
        let says = |name: &str| told.iter().any(|(said, _)| said.get(name) == Some(&held[name]));
        for (said, _) in told.iter().filter(|(_, told)| told.status == 200) {
            let is_true = said.keys().all(|name| says(name));
            prop_assert!(is_true, "a 2xx, and the vendor is not so: {:?} {:?}", told, held);
        }
        let known = told.into_iter().map(|(said, told)| match (told.status, told.number) {
            (200, _) => (said, Known::Done),
            (503, Some(number)) => (said, Known::Promised(number)),
            _ => (said, Known::Open),
        });
        self.writes.push(known.collect());
        Ok(())
    }

    async fn dies(&mut self, what: &[&str]) {
        let said = self.said(what);
        self.world.vendor.clear();
        self.world.vendor.fated(&[Fate::Hangs]);
        let (world, wanted) = (self.world.clone(), Value::Object(said.clone()));
        let asked = tokio::spawn(async move { world.patch("ada", wanted).await });
        // Its call may never leave: the vendor may be away, or there is nothing to do.
        while !asked.is_finished() && !self.world.vendor.is_fulfilled() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        let _ = asked.await;
        self.world.vendor.clear();
        self.writes.push(vec![(said, Known::Open)]);
        self.world.restart().await;
    }

    fn passes(&self, seconds: i64) {
        let soon = seconds.min(LATEST);
        self.world.passes(soon);
        self.world.vendor.comes();
        self.world.passes(seconds - soon);
    }

    async fn drops(&mut self) {
        let entries = self.world.entries().await;
        let Some(entry) = entries.iter().find(|entry| entry.stage == Stage::Waiting) else {
            return;
        };
        (*self.world).drop(&entry.number).await.unwrap();
        self.dropped = true;
        self.forgets(&entry.number);
    }

    /// Nobody goes by that promise any more.
    fn forgets(&mut self, number: &str) {
        let promised = Known::Promised(number.to_owned());
        let all = self.writes.iter_mut().flatten();
        all.filter(|(_, known)| *known == promised).for_each(|(_, known)| *known = Known::Open);
    }

    /// The vendor is well, and time passes until nothing waits.
    async fn rests(&mut self) -> TestCaseResult {
        self.world.vendor.clear();
        *self.world.vendor.away.lock().unwrap() = false;
        for _ in 0..40 {
            self.passes(60);
            self.world.deliver().await;
        }
        let entries = self.world.entries().await;
        prop_assert!(entries.iter().all(|entry| entry.stage == Stage::Dead), "{:?}", entries);
        for dead in &entries {
            self.forgets(&dead.number);
        }
        // An operation that nobody was told of as half done is whole.
        let whole =
            !entries.is_empty() || self.dropped || self.count("closed") == self.count("left");
        prop_assert!(whole, "half done, and nobody is told: {:?}", self.world.vendor.person("ada"));
        Ok(())
    }

    async fn is_as_told(&self) -> TestCaseResult {
        let held = self.held();
        let registers =
            [("nickName", json!(null)), ("title", json!(null)), ("active", json!(true))];
        for (name, born) in registers {
            // From the last write that is settled on: what it says, and what those say of which nobody knows.
            let mut possible = vec![born];
            for at_once in &self.writes {
                let about = || at_once.iter().filter(|(said, _)| said.contains_key(name));
                if about().any(|(_, known)| *known != Known::Open) {
                    possible.clear();
                }
                possible.extend(about().map(|(said, _)| said[name].clone()));
            }
            let value = &held[name];
            prop_assert!(possible.contains(value), "{} is {}: {:?}", name, value, self.writes);
        }
        Ok(())
    }

    fn held(&self) -> BTreeMap<String, Value> {
        let ada = self.world.vendor.person("ada").unwrap();
        let held = |name: &str, field: &str| (name.to_owned(), ada[field].clone());
        [held("nickName", "nick"), held("title", "title"), held("active", "active")].into()
    }

    fn count(&self, what: &str) -> u64 {
        self.world.vendor.person("ada").unwrap()[what].as_u64().unwrap_or(0)
    }
}
