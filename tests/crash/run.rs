//! Run: one seed from the first write to rest, and what is made of it.

use crate::{
    client::Clients,
    dice::Dice,
    engine::Engine,
    figures::Figures,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    judge::{Evidence, Judgement, judge},
    killer::{self, Deaths, POINTS, Trace},
    outage::made,
    vendor::{Vendor, diary},
};
use std::{fs, process::Command, thread, time::Duration};

/// Who write at once, and to how many people: few enough that they meet.
const WRITERS: u64 = 8;
const PEOPLE: usize = 6;
const FEW: usize = 4;
/// In how many runs everybody is there when it begins. In the others kills meet creates. Percent.
pub const PEOPLED: u64 = 67;
/// Of how many runs the mapping acknowledges early. Percent.
pub const EARLY: u64 = 50;
/// In how many a call is repeated at once. Percent.
pub const RETRYING: u64 = 50;
/// In how many nobody may be welcomed twice. Percent.
pub const ONCE: u64 = 30;
/// In how many people are made without their clients. Percent.
pub const LASTING: u64 = 40;
/// In how many the vendor knows the note of a leaving again by a key. Percent.
pub const KEYED: u64 = 50;
/// For the life whose points are counted.
const TRACED: Duration = Duration::from_millis(400);

/// A run with deaths at the points of `trace`. A fault ends it, unless a mechanism is `off`.
pub fn run(seed: u64, engine: Engine, trace: &Trace, off: &'static str) -> Judgement {
    // A call that comes late shows where many do, where writes to one person meet, and where nobody asks for the same again.
    lived(seed, engine, trace, off, off == "settling")
}

/// The same with a vendor that lags, as the control has it, and nothing left out.
pub fn lagging(seed: u64, engine: Engine, trace: &Trace) -> Judgement {
    lived(seed, engine, trace, "", true)
}

fn lived(seed: u64, engine: Engine, trace: &Trace, off: &'static str, lags: bool) -> Judgement {
    let folder = Folder::new(&format!("{seed}"));
    let mut dice = Dice::new(seed, "killer");
    let vendor = match lags {
        true => Vendor::lagging(&folder.0, seed),
        false => Vendor::start(&folder.0, Some(seed)),
    };
    let profile = dice.one_of(&["okta", "strict", "entra"]);
    let store = engine.store(&folder.0);
    let mut setting = Setting { off, ..Setting::new(&folder.0, vendor.port, profile, &store) };
    if lags {
        setting = setting.lagging();
    }
    // A control has the same mapping each time, and everybody is there: what it leaves out shows the sooner.
    let varies = off.is_empty() && !lags;
    if varies && dice.percent(EARLY) {
        setting = setting.early();
    }
    if varies && dice.percent(RETRYING) {
        setting = setting.retrying();
    }
    if varies && dice.percent(ONCE) {
        setting = setting.once();
    }
    if varies && dice.percent(LASTING) {
        setting = setting.lasting();
    }
    if off == "key" || varies && dice.percent(KEYED) {
        setting = setting.keyed();
    }
    let clients = match lags {
        true => Clients::new(setting.port, TOKEN, FEW).once(),
        false => Clients::new(setting.port, TOKEN, PEOPLE),
    };
    if !varies || dice.percent(PEOPLED) {
        peopled(&setting, &vendor, &clients);
    }
    let (gateway, deaths) = written(&clients, seed, || {
        killer::lives(&setting, &clients, &mut dice, trace, engine.takeover())
    });
    let judgement = ended(&setting, &vendor, &clients, gateway, &deaths);
    if !judgement.faults.is_empty() && off.is_empty() {
        let (faults, figures) = (judgement.faults.join("\n"), &judgement.figures);
        panic!(
            "seed {seed}, {engine}, {profile}: CRASH_SEED={seed} makes it again; the logs are in {}\n{faults}\n{figures}",
            folder.0.display()
        );
    }
    judgement
}

/// Everybody is made, in a life in which nothing happens.
pub fn peopled(setting: &Setting, vendor: &Vendor, clients: &Clients) {
    vendor.heal();
    let gateway = Gateway::start(setting, "").expect("it serves");
    clients.serves(setting.port, true);
    (0..clients.people()).for_each(|person| drop(made(clients, person)));
    clients.serves(setting.port, false);
    assert!(gateway.stop().success(), "{}", setting.log());
    vendor.sour();
}

/// What `life` comes to while everybody writes.
pub fn written<T>(clients: &Clients, seed: u64, life: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || clients.write_on(Dice::new(seed, &format!("writer {writer}"))));
        }
        let _stops = Stops(clients);
        life()
    })
}

/// Ends the writers, also where the life fails: nobody would wait for the end of a thread that has none.
struct Stops<'a>(&'a Clients);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.stop();
        self.0.served(true);
    }
}

/// Waits for rest, and judges; what came at the wrong time is a fault.
pub fn ended(
    setting: &Setting,
    vendor: &Vendor,
    clients: &Clients,
    gateway: Gateway,
    deaths: &Deaths,
) -> Judgement {
    let mut judgement = rested(vec![(setting, gateway)], vendor, clients, deaths);
    judgement.faults.append(&mut judgement.inversions);
    judgement
}

/// What it comes to, where there is no fault; `what` says how to make it again.
pub fn faultless(judgement: Judgement, what: &str, folder: &Folder) -> Figures {
    let Judgement { faults, figures, .. } = judgement;
    let (logs, all) = (folder.0.display(), faults.join("\n"));
    assert!(faults.is_empty(), "{what}; the logs are in {logs}\n{all}\n{figures}");
    figures
}

/// Waits until the gateways have nothing more to do, ends them, and judges.
pub fn rested(
    living: Vec<(&Setting, Gateway)>,
    vendor: &Vendor,
    clients: &Clients,
    deaths: &Deaths,
) -> Judgement {
    vendor.heal();
    vendor.idle();
    living.iter().for_each(|(setting, _)| setting.rest());
    vendor.idle();
    let setting = living[0].0;
    let (dead, early, once) = (setting.dead(), setting.is_early(), setting.is_once());
    for (setting, gateway) in living {
        let status = gateway.stop();
        assert!(status.success(), "it does not end well: {status}: {}", setting.log());
    }
    clients.keep(&vendor.diary.with_file_name("client.log"));
    let (vendor, client) = (diary::read(&vendor.diary), clients.attempts());
    let mut judgement = judge(&Evidence { vendor, client, dead, early, once });
    let restarts = deaths.values().sum();
    let figures = judgement.figures;
    judgement.figures = Figures { runs: 1, kills: deaths.clone(), restarts, ..figures };
    judgement
}

/// How often each point is passed in a life that nobody ends.
pub fn trace(engine: Engine) -> Trace {
    let folder = Folder::new("trace");
    let vendor = Vendor::start(&folder.0, Some(0));
    let setting = Setting::new(&folder.0, vendor.port, "okta", &engine.store(&folder.0));
    let clients = Clients::new(setting.port, TOKEN, PEOPLE);
    points(&setting, |command| {
        written(&clients, 0, || {
            let mut gateway = Gateway::over(&setting, command).expect("it serves");
            clients.served(true);
            assert!(!gateway.dies_within(TRACED));
            gateway
        })
    })
}

/// The same of the life that this command begins, which passes all of them.
pub fn points(setting: &Setting, life: impl FnOnce(Command) -> Gateway) -> Trace {
    let file = setting.folder.join("points");
    let mut command = setting.command("");
    command.env("SCIMSHIM_TRACE_POINTS", &file);
    drop(life(command));
    let mut trace = Trace::new();
    for point in fs::read_to_string(file).unwrap().lines() {
        *trace.entry(point.to_owned()).or_default() += 1;
    }
    for point in POINTS {
        assert!(trace.contains_key(point), "{point} is never passed: {trace:?}");
    }
    trace
}
