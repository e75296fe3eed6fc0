//! Outage: the vendor is away for a spell, under load, and comes back.

use crate::{
    client::Clients,
    dice::Dice,
    engine::{ENGINES, Engine},
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    killer::Deaths,
    run::ended,
    vendor::Vendor,
    write::{Outcome, Verb, Write},
};
use std::thread;

const PEOPLE: usize = 6;
/// How often a write is asked for until it is promised: the first ones may still find out that nobody is there.
const TIMES: usize = 20;

#[test]
fn what_was_promised_while_the_vendor_was_away_is_delivered_in_order() {
    for engine in ENGINES.into_iter().filter(|engine| engine.is_here()) {
        outlived(engine, false);
    }
}

/// No client asks any more when it is there again.
#[test]
fn what_was_promised_is_delivered_by_a_process_that_was_not_there() {
    for engine in ENGINES.into_iter().filter(|engine| engine.is_here()) {
        outlived(engine, true);
    }
}

fn outlived(engine: Engine, dies: bool) {
    let folder = Folder::new("outage");
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, "okta", &engine.store(&folder.0));
    let clients = Clients::new(setting.port, TOKEN, PEOPLE);
    let mut gateway = Gateway::start(&setting, "").unwrap();
    clients.served(true);
    let people: Vec<String> = (0..PEOPLE).map(|person| made(&clients, person)).collect();

    vendor.down();
    thread::scope(|scope| {
        for (person, id) in people.iter().enumerate() {
            let clients = &clients;
            scope.spawn(move || takes_access(clients, person, id));
        }
    });
    let mut deaths = Deaths::new();
    if dies {
        gateway.kill();
        deaths.insert("any".to_owned(), 1);
        gateway = Gateway::start(&setting, "").unwrap();
    }
    vendor.up();
    let judgement = ended(&setting, &vendor, &clients, gateway, &deaths);
    let (faults, figures) = (judgement.faults, judgement.figures);
    assert!(faults.is_empty(), "{engine}: {}", faults.join("\n"));
    let promised = PEOPLE as u64 + PEOPLE as u64 / 2;
    assert_eq!((figures.promised, figures.delivered), (promised, promised), "{engine}: {figures}");
    assert_eq!((figures.dead, figures.inversions), (0, 0), "{engine}: {figures}");
}

/// Somebody is there, and his id.
pub fn made(clients: &Clients, person: usize) -> String {
    let write = clients.write(Verb::Create).titled().active(true);
    let outcome = clients.insist(person, None, &write, &mut Dice::new(0, "made"));
    let Outcome::Done(Some(told)) = outcome else { panic!("{outcome:?}") };
    told.id
}

/// One is switched off; what is not durable waits behind that, and every second one is then deleted.
fn takes_access(clients: &Clients, person: usize, id: &str) {
    let off = clients.write(Verb::Put).titled().nicked().active(false);
    let txn = promised(clients, person, id, &off);
    assert_eq!(promised(clients, person, id, &off), txn, "a repeat joins what is promised");
    let title = clients.write(Verb::Patch).titled();
    let behind = clients.ask(person, Some(id), &title);
    let waits = matches!(behind, Outcome::Open(Some(429 | 503)));
    assert!(waits, "no promise is made of what is not durable: {behind:?}");
    if person % 2 == 1 {
        let delete = clients.write(Verb::Delete);
        assert_ne!(promised(clients, person, id, &delete), txn, "it is a promise of its own");
    }
}

/// Asks until it is promised, and its name then.
pub fn promised(clients: &Clients, person: usize, id: &str, write: &Write) -> String {
    assert!(write.is_durable());
    let mut outcome = Outcome::Open(None);
    for _ in 0..TIMES {
        outcome = clients.ask(person, Some(id), write);
        if let Outcome::Promised(txn) = outcome {
            return txn;
        }
    }
    panic!("it is never promised: {outcome:?}")
}
