//! Dead: a promise that the vendor will not have, ever. It is told so, and holds nothing back that comes after it.

use crate::{
    client::Clients,
    engine::{ENGINES, Engine},
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    killer::Deaths,
    outage::{made, promised},
    run::ended,
    vendor::{Vendor, people::REFUSED},
    write::{Verb, Write},
};
use std::process::Command;

#[test]
fn a_promise_that_the_vendor_refuses_is_told_and_holds_nothing_back() {
    for engine in ENGINES.into_iter().filter(|engine| engine.is_here()) {
        dies(engine);
    }
}

fn dies(engine: Engine) {
    let folder = Folder::new("dead");
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, "okta", &engine.store(&folder.0));
    let clients = Clients::new(setting.port, TOKEN, 1);
    let gateway = Gateway::start(&setting, "").unwrap();
    clients.served(true);
    let id = made(&clients, 0);
    vendor.down();
    let write = clients.write(Verb::Patch).active(false);
    let refused = Write { title: Some(REFUSED.to_owned()), ..write };
    let dead = promised(&clients, 0, &id, &refused);
    let delivered = promised(&clients, 0, &id, &clients.write(Verb::Patch).nicked().active(false));
    vendor.up();
    setting.rest();
    let listed = listed(&setting);
    assert!(listed.contains(&dead) && !listed.contains(&delivered), "{engine}: {listed}");
    let judgement = ended(&setting, &vendor, &clients, gateway, &Deaths::new());
    let (faults, figures) = (judgement.faults, judgement.figures);
    assert!(faults.is_empty(), "{engine}: {}", faults.join("\n"));
    let counted = (figures.promised, figures.delivered, figures.dead);
    assert_eq!(counted, (2, 1, 1), "{engine}: {figures}");
}

/// What an operator is told, while it serves.
fn listed(setting: &Setting) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    command.args(["journal", "list", "--format", "json", "--config"]);
    setting.equip(command.arg(setting.folder.join("scimshim.yaml")));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
