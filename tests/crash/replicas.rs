//! Replicas: three gateways over one database, each of which is killed and stands still, while clients write through
//! all of them to the same people.

use crate::{
    client::Clients,
    dice::Dice,
    engine::Engine,
    figures::Figures,
    folder::Folder,
    gateway::{Gateway, LEASE, Setting, Store, TOKEN, is_by_order},
    judge::Judgement,
    killer::{Deaths, OF_A_CONTROL, POINTS},
    run::{EARLY, KEYED, LASTING, ONCE, PEOPLED, RETRYING, peopled, rested, written},
    seeds::seeds,
    vendor::Vendor,
};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

const REPLICAS: usize = 3;
const PEOPLE: usize = 6;
/// Instead of two minutes, and longer than anybody stands still here. Milliseconds.
const WATCH: u64 = 3_000;
/// So long the client of a create is waited for that stopped half-way: in production ten minutes, and so longer than a
/// call can come late. Milliseconds.
const FOR_A_CLIENT: u64 = WATCH + 1_000;
/// Of each replica, before the one that is left running.
const LIVES: u64 = 2;
/// The same where only one thing is to be met.
const MORE_LIVES: u64 = 8;
/// A life that does not come by its point in this time ends there.
const LONGEST: Duration = Duration::from_millis(1_000);
/// With all of them there, before one dies for good.
const AFTERWARDS: Duration = Duration::from_millis(300);
/// Of `cargo test` alone.
const FEW: u64 = 2;

/// Where a replica is made to stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// At any moment, or before something is committed.
    Anywhere,
    /// Where it is about to write down that it calls the vendor. Once its lease is another's it does not get so far.
    BeforeACommit,
    /// Where it has looked that its lease is its own, and is about to call the vendor. What it sends when it goes on
    /// comes at the wrong time, and is put right.
    BeforeACall,
}

impl Stands {
    /// How many are written to: few enough, there, that others are at work on the one whom who stands still had.
    fn people(self) -> usize {
        if self == Self::BeforeACommit { 2 } else { PEOPLE }
    }

    fn lives(self) -> u64 {
        if self == Self::BeforeACommit { MORE_LIVES } else { LIVES }
    }

    /// For how long one stands still at least. Milliseconds.
    fn least(self) -> u64 {
        if self == Self::BeforeACommit { 2 * LEASE } else { LEASE / 2 }
    }
}

#[test]
fn replicas_that_die_and_stand_still_keep_what_they_promise() {
    let Some(figures) = proved(Stands::Anywhere) else { return };
    assert_eq!(figures.inversions, 0, "{figures}");
}

#[test]
fn a_replica_that_stands_still_before_it_commits_does_not_come_late() {
    let Some(figures) = proved(Stands::BeforeACommit) else { return };
    assert_eq!(figures.inversions, 0, "{figures}");
}

#[test]
fn a_replica_that_stands_still_before_a_call_keeps_what_it_promises() {
    proved(Stands::BeforeACall);
}

fn proved(stands: Stands) -> Option<Figures> {
    if !Engine::Postgres.is_here() {
        return None;
    }
    let mut figures = Figures::default();
    for seed in seeds(FEW) {
        figures += &run(seed, stands, "").figures;
    }
    println!("three replicas, {stands:?}: {figures}");
    assert!(figures.holding > 0, "nobody who held a lease was hit, so nothing is proved");
    Some(figures)
}

/// Of a mapping.
type Change = fn(Setting) -> Setting;

/// A fault ends it, unless a mechanism is `off`.
pub fn run(seed: u64, stands: Stands, off: &'static str) -> Judgement {
    let folder = Folder::new(&format!("replicas-{seed}"));
    let vendor = Vendor::start(&folder.0, Some(seed));
    let mut dice = Dice::new(seed, "replicas");
    let profile = dice.one_of(&["okta", "strict", "entra"]);
    let store = Engine::Postgres.store(&folder.0);
    // A control has the same mapping each time.
    let changes: [(u64, Change); 5] = [
        (EARLY, Setting::early),
        (RETRYING, Setting::retrying),
        (ONCE, Setting::once),
        (LASTING, Setting::lasting),
        (KEYED, Setting::keyed),
    ];
    let thrown = changes.map(|(part, change)| dice.percent(part).then_some(change));
    let mapped = thrown.into_iter().flatten().filter(|_| off.is_empty());
    let replica = |n| {
        let Replica { setting } = Replica::new(&folder.0, n, vendor.port, profile, &store, off);
        Replica { setting: mapped.clone().fold(setting, |setting, change| change(setting)) }
    };
    let replicas: Vec<Replica> = (0..REPLICAS).map(replica).collect();
    let ports = replicas.iter().map(|replica| replica.setting.port).collect();
    let clients = Clients::of(ports, TOKEN, stands.people());
    if dice.percent(PEOPLED) || stands == Stands::BeforeACommit {
        peopled(&replicas[0].setting, &vendor, &clients);
    }
    let mut hits = Hits::default();
    let (living, died) = written(&clients, seed, || {
        let mut living = all_lives(&replicas, &clients, seed, stands, &mut hits);
        thread::sleep(AFTERWARDS);
        // It is not started again: what it leaves behind is for the others.
        let (last, gateway) = living.swap_remove(dice.below(REPLICAS as u64) as usize);
        last.kills(gateway, last.count(stands), &clients, &mut hits);
        (living, Instant::now())
    });
    let settings: Vec<&Setting> = living.iter().map(|(replica, _)| &replica.setting).collect();
    vendor.heal();
    settings.iter().for_each(|setting| setting.delivers());
    let longest = died.elapsed();
    settings.iter().for_each(|setting| setting.rest());
    // What was sent late is put right by the end of the watch.
    settings[0].looks();
    let living = living.into_iter().map(|(replica, gateway)| (&replica.setting, gateway));
    let mut judgement = rested(living.collect(), &vendor, &clients, &hits.deaths);
    if stands != Stands::BeforeACall {
        judgement.faults.extend(judgement.inversions.clone());
    }
    let Hits { pauses, holding, .. } = hits;
    let figures = judgement.figures;
    // All but the one that stayed dead.
    let restarts = figures.restarts - 1;
    let figures = Figures { pauses, holding, takeovers: 1, longest, restarts, ..figures };
    assert!(
        judgement.faults.is_empty() || !off.is_empty(),
        "seed {seed}, {stands:?}, {profile}: CRASH_SEED={seed} makes it again; the logs are in {}\n{}\n{figures}",
        folder.0.display(),
        judgement.faults.join("\n"),
    );
    Judgement { figures, ..judgement }
}

/// Each of them lives and dies by dice of its own; the last lives are left running.
fn all_lives<'r>(
    replicas: &'r [Replica],
    clients: &Clients,
    seed: u64,
    stands: Stands,
    hits: &mut Hits,
) -> Vec<(&'r Replica, Gateway)> {
    thread::scope(|scope| {
        let threads: Vec<_> = replicas
            .iter()
            .enumerate()
            .map(|(n, replica)| {
                let dice = Dice::new(seed, &format!("replica {n}"));
                scope.spawn(move || replica.lives(clients, dice, stands))
            })
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join().unwrap());
        let living = ended.zip(replicas).map(|((gateway, of_one), replica)| {
            hits.add(of_one);
            (replica, gateway)
        });
        living.collect()
    })
}

/// What was done to replicas.
#[derive(Debug, Default)]
struct Hits {
    deaths: Deaths,
    pauses: u64,
    holding: u64,
}

impl Hits {
    fn add(&mut self, other: Self) {
        for (place, deaths) in other.deaths {
            *self.deaths.entry(place).or_default() += deaths;
        }
        self.pauses += other.pauses;
        self.holding += other.holding;
    }
}

struct Replica {
    setting: Setting,
}

impl Replica {
    fn new(
        folder: &Path,
        n: usize,
        vendor: u16,
        profile: &str,
        store: &Store,
        off: &'static str,
    ) -> Self {
        let folder = folder.join(format!("replica-{n}"));
        Self { setting: Setting { off, ..Setting::new(&folder, vendor, profile, store) } }
    }

    /// Where the points of one of its lives are written down.
    fn points(&self, life: u64) -> PathBuf {
        self.setting.folder.join(format!("points-{life}"))
    }

    /// Whether it had a lease when it stood still or died.
    fn holds(&self, life: u64) -> bool {
        let points = fs::read_to_string(self.points(life)).unwrap_or_default();
        let passed = |point: &str| points.lines().filter(|line| *line == point).count();
        passed("turn.begin") > passed("turn.end")
    }

    fn start(&self, life: u64, orders: &str) -> Result<Gateway, std::process::ExitStatus> {
        let mut command = self.setting.command(orders);
        command.env("SCIMSHIM_WATCH_MS", WATCH.to_string());
        command.env("SCIMSHIM_PATIENCE_MS", FOR_A_CLIENT.to_string());
        command.env("SCIMSHIM_TRACE_POINTS", self.points(life));
        Gateway::over(&self.setting, command)
    }

    /// Of how many of its lives somebody ends.
    fn count(&self, stands: Stands) -> u64 {
        stands.lives() * if self.setting.off.is_empty() { 1 } else { OF_A_CONTROL }
    }

    fn lives(&self, clients: &Clients, mut dice: Dice, stands: Stands) -> (Gateway, Hits) {
        let mut hits = Hits::default();
        for life in 0..self.count(stands) {
            let point = match (stands, dice.below(3)) {
                (Stands::BeforeACall, 0 | 1) => Some("call.before"),
                (Stands::BeforeACommit, _) => Some("commit.begin"),
                (Stands::Anywhere, 0) => Some("commit.before"),
                _ => None,
            };
            match point {
                Some(point) => {
                    let order = format!("stop@{point}#{}", dice.between(1, 12));
                    self.is_paused(life, &order, stands, clients, &mut dice, &mut hits);
                }
                None if dice.percent(50) => self.dies(life, clients, &mut dice, &mut hits),
                None => self.is_paused(life, "", stands, clients, &mut dice, &mut hits),
            }
            // Long enough for another one to take over what it had, or not.
            thread::sleep(Duration::from_millis(dice.between(0, 2 * LEASE)));
        }
        let gateway = self.start(self.count(stands), "");
        let gateway = gateway.unwrap_or_else(|status| panic!("{status}: {}", self.setting.log()));
        clients.serves(self.setting.port, true);
        (gateway, hits)
    }

    /// A life that ends at a point.
    fn dies(&self, life: u64, clients: &Clients, dice: &mut Dice, hits: &mut Hits) {
        let point = dice.one_of(&POINTS);
        let orders = format!("kill@{point}#{}", dice.between(1, 12));
        let mut gateway = match self.start(life, &orders) {
            Ok(gateway) => gateway,
            Err(status) => {
                assert!(is_by_order(status), "{status}: {}", self.setting.log());
                *hits.deaths.entry((*point).to_owned()).or_default() += 1;
                return;
            }
        };
        clients.serves(self.setting.port, true);
        if !gateway.dies_within(LONGEST) {
            return self.kills(gateway, life, clients, hits);
        }
        clients.serves(self.setting.port, false);
        hits.holding += u64::from(self.holds(life));
        *hits.deaths.entry((*point).to_owned()).or_default() += 1;
    }

    /// A life in which it stands still, longer than its lease or shorter, and goes on for a while before it is killed.
    fn is_paused(
        &self,
        life: u64,
        order: &str,
        stands: Stands,
        clients: &Clients,
        dice: &mut Dice,
        hits: &mut Hits,
    ) {
        let gateway = self.start(life, order);
        let gateway = gateway.unwrap_or_else(|status| panic!("{status}: {}", self.setting.log()));
        clients.serves(self.setting.port, true);
        let since = Instant::now();
        let moment = match order {
            "" => Duration::from_millis(dice.between(20, 300)),
            _ => LONGEST,
        };
        while since.elapsed() < moment && !gateway.stands_still() {
            thread::sleep(Duration::from_millis(2));
        }
        gateway.pause();
        hits.pauses += 1;
        hits.holding += u64::from(self.holds(life));
        thread::sleep(Duration::from_millis(dice.between(stands.least(), 4 * LEASE)));
        gateway.resume();
        thread::sleep(Duration::from_millis(dice.between(5, 250)));
        self.kills(gateway, life, clients, hits);
    }

    /// SIGKILL, after a look at what it has.
    fn kills(&self, gateway: Gateway, life: u64, clients: &Clients, hits: &mut Hits) {
        gateway.pause();
        hits.holding += u64::from(self.holds(life));
        gateway.kill();
        clients.serves(self.setting.port, false);
        *hits.deaths.entry("any".to_owned()).or_default() += 1;
    }
}
