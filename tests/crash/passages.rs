//! Passages: one client asks for one write after the other, and the gateway dies at every passage of every point that
//! this comes by, before and after each commit and each call, once for each of them.

use crate::{
    client::Clients,
    dice::Dice,
    engine::Engine,
    figures::Figures,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN, is_by_order},
    killer::{Deaths, Trace},
    run::{ended, faultless, points},
    seeds::at_once,
    vendor::Vendor,
    write::Verb,
};
use std::{env, thread, time::Duration};

/// Of `cargo test` alone: every so manieth of them.
const FEW: usize = 7;
/// Of those that were passed once, so many are passed again, at least: what a process does by itself it does by the
/// clock. Percent.
const AGAIN: u64 = 90;

/// All that one person goes through.
fn story(clients: &Clients) {
    let mut dice = Dice::new(0, "story");
    let new = |verb| clients.write(verb);
    for write in [
        new(Verb::Create).titled().active(true),
        new(Verb::Patch).titled(),
        new(Verb::Patch).active(false),
        new(Verb::Patch).active(true),
        new(Verb::Put).titled().nicked().active(false),
        new(Verb::Delete),
    ] {
        let id = clients.id(0);
        clients.insist(0, id.as_deref(), &write, &mut dice);
    }
}

/// What the story comes by when nobody dies.
fn trace(engine: Engine) -> Trace {
    let folder = Folder::new("story");
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, "okta", &engine.store(&folder.0));
    let clients = Clients::new(setting.port, TOKEN, 1);
    points(&setting, |command| {
        let gateway = Gateway::over(&setting, command).expect("it serves");
        clients.served(true);
        story(&clients);
        gateway
    })
}

/// The story with a death in it, and whether it was met.
fn dies(point: &str, nth: u64, engine: Engine) -> Figures {
    let folder = Folder::new(&format!("{point}-{nth}"));
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, "okta", &engine.store(&folder.0));
    let clients = Clients::new(setting.port, TOKEN, 1);
    let mut deaths = Deaths::new();
    let gateway = thread::scope(|scope| {
        let mut gateway = Gateway::start(&setting, &format!("kill@{point}#{nth}"));
        clients.served(gateway.is_ok());
        let told = scope.spawn(|| story(&clients));
        let died = match &mut gateway {
            Ok(gateway) => loop {
                let over = told.is_finished();
                // The last passages come behind the last answer.
                if gateway.dies_within(Duration::from_millis(30)) {
                    break true;
                }
                if over {
                    break false;
                }
            },
            Err(status) => {
                assert!(is_by_order(*status), "{status}: {}", setting.log());
                true
            }
        };
        if died {
            deaths.insert(point.to_owned(), 1);
            clients.served(false);
            let again = Gateway::start(&setting, "");
            gateway = Ok(again.unwrap_or_else(|status| panic!("{status}: {}", setting.log())));
            clients.served(true);
        }
        told.join().unwrap();
        gateway.unwrap()
    });
    let judgement = ended(&setting, &vendor, &clients, gateway, &deaths);
    faultless(judgement, &format!("{engine}, kill@{point}#{nth}"), &folder)
}

fn proved(engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let trace = trace(engine);
    let all = trace.iter().flat_map(|(point, times)| (1..=*times).map(move |nth| (point, nth)));
    let step = if env::var_os("CRASH_SEEDS").is_some() { 1 } else { FEW };
    let some: Vec<(&String, u64)> = all.step_by(step).collect();
    let places: Vec<u64> = (0..some.len() as u64).collect();
    let figures = at_once(&places, |place| {
        let (point, nth) = some[place as usize];
        dies(point, nth, engine)
    });
    let met: u64 = figures.kills.values().sum();
    println!("{engine}: died at {met} of {} passages: {figures}", some.len());
    assert!(met * 100 >= some.len() as u64 * AGAIN, "{met} of {}: {trace:?}", some.len());
}

#[test]
fn what_is_said_is_true_wherever_it_dies_over_sqlite() {
    proved(Engine::Sqlite);
}

#[test]
fn what_is_said_is_true_wherever_it_dies_over_postgres() {
    proved(Engine::Postgres);
}
