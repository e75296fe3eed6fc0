//! Points: that the gateway does what it is told at one, or says that it does not understand.

use crate::{
    client::Clients,
    engine::Engine,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    outage::made,
    vendor::Vendor,
    write::{Outcome, Verb},
};
use std::{thread, time::Duration};

fn setting(folder: &Folder, vendor: &Vendor) -> Setting {
    Setting::new(&folder.0, vendor.port, "okta", &Engine::Sqlite.store(&folder.0))
}

#[test]
fn who_stands_still_at_a_point_goes_on_from_there() {
    let folder = Folder::new("stop");
    let vendor = Vendor::start(&folder.0, None);
    let setting = setting(&folder, &vendor);
    let clients = Clients::new(setting.port, TOKEN, 1);
    let gateway = Gateway::start(&setting, "stop@answer.before#1").unwrap();
    clients.served(true);
    thread::scope(|scope| {
        let asked = scope.spawn(|| made(&clients, 0));
        while !gateway.stands_still() {
            // Nobody tells when a process stands still.
            thread::sleep(Duration::from_millis(5));
        }
        assert!(!asked.is_finished());
        gateway.resume();
        assert_eq!(asked.join().unwrap(), "1");
    });
    assert!(gateway.stop().success());
}

#[test]
fn who_is_killed_at_a_point_says_nothing_more() {
    let folder = Folder::new("kill");
    let vendor = Vendor::start(&folder.0, None);
    let setting = setting(&folder, &vendor);
    let mut gateway = Gateway::start(&setting, "pause@commit.before,kill@call.after#1").unwrap();
    let clients = Clients::new(setting.port, TOKEN, 1);
    clients.served(true);
    let write = clients.write(Verb::Create).titled().active(true);
    let outcome = clients.ask(0, None, &write);
    assert_eq!(outcome, Outcome::Open(None));
    assert!(gateway.dies_within(Duration::from_secs(60)));
}

#[test]
fn an_order_that_is_none_is_told_and_nothing_begins() {
    let folder = Folder::new("order");
    let vendor = Vendor::start(&folder.0, None);
    let output = setting(&folder, &vendor).command("kill@").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("SCIMSHIM_CRASH: `kill@` is no order"), "{told}");
}
