//! Halves: a write of two operations, of which the first is not taken and the second is.

use crate::{
    client::Clients,
    dice::Dice,
    engine::Engine,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    killer::Deaths,
    outage::made,
    run::ended,
    vendor::Vendor,
    write::Verb,
};

#[test]
fn what_was_done_of_a_write_is_not_done_again_with_the_rest() {
    let folder = Folder::new("halves");
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, "okta", &Engine::Sqlite.store(&folder.0));
    let clients = Clients::new(setting.port, TOKEN, 1);
    let gateway = Gateway::start(&setting, "").unwrap();
    clients.served(true);
    let id = made(&clients, 0);
    vendor.short();
    let off = clients.write(Verb::Patch).nicked().active(false);
    clients.insist(0, Some(&id), &off, &mut Dice::new(1, "halves"));
    let judgement = ended(&setting, &vendor, &clients, gateway, &Deaths::new());
    assert!(judgement.faults.is_empty(), "{}", judgement.faults.join("\n"));
}
