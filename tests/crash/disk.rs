//! Disk: what becomes of promises when there is no room to write them down.

use crate::{
    client::Clients,
    engine::Engine,
    folder::Folder,
    gateway::{Gateway, Setting, Store, TOKEN},
    killer::Deaths,
    outage::{made, promised},
    run::ended,
    vendor::Vendor,
    write::{Outcome, Verb},
};
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

const PEOPLE: usize = 4;

/// Every write of a file fails, at once.
#[test]
fn nothing_is_promised_on_a_disk_that_takes_nothing() {
    let folder = Folder::new("refusing");
    let store = Engine::Sqlite.store(&folder.0);
    let limit = |gateway: &Gateway, bytes: &str| {
        let (id, limit) = (gateway.id().to_string(), format!("--fsize={bytes}:unlimited"));
        assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());
    };
    let (fills, empties) =
        (|gateway: &Gateway| limit(gateway, "0"), |gateway: &Gateway| limit(gateway, "unlimited"));
    survived(&folder, &store, "crash.db", fills, empties, |outcome| {
        assert!(matches!(outcome, Outcome::Open(Some(_))), "{outcome:?}");
    });
}

/// A file may still write over what it has, so some of it may be promised: that is kept, then.
#[test]
fn what_is_promised_on_a_full_disk_is_kept() {
    let folder = Folder::new("full");
    let Some(disk) = Disk::mounted(&folder.0) else {
        return eprintln!("no file system can be mounted here: a disk that is full is not tried");
    };
    let store = Store::Sqlite("disk/crash.db".to_owned());
    survived(
        &folder,
        &store,
        "disk/crash.db",
        |_| disk.fill(),
        |_| disk.empty(),
        |outcome| {
            let told = matches!(outcome, Outcome::Promised(_) | Outcome::Open(Some(_)));
            assert!(told, "{outcome:?}");
        },
    );
}

/// The vendor is away and the disk full; then there is room again, the process dies, and the vendor comes back.
fn survived(
    folder: &Folder,
    store: &Store,
    file: &str,
    fills: impl Fn(&Gateway),
    empties: impl Fn(&Gateway),
    is_well: impl Fn(&Outcome),
) {
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, "okta", store);
    let clients = Clients::new(setting.port, TOKEN, PEOPLE);
    let gateway = Gateway::start(&setting, "").unwrap();
    clients.served(true);
    let people: Vec<String> = (0..PEOPLE).map(|person| made(&clients, person)).collect();
    vendor.down();
    fills(&gateway);
    let writes: Vec<_> = (0..PEOPLE)
        .map(|person| match person % 2 {
            0 => clients.write(Verb::Patch).nicked().active(false),
            _ => clients.write(Verb::Delete),
        })
        .collect();
    for (person, (id, write)) in people.iter().zip(&writes).enumerate() {
        is_well(&clients.ask(person, Some(id), write));
    }
    empties(&gateway);
    for (person, (id, write)) in people.iter().zip(&writes).enumerate() {
        promised(&clients, person, id, write);
    }
    gateway.kill();
    let gateway = Gateway::start(&setting, "").unwrap();
    vendor.up();
    let judgement = ended(&setting, &vendor, &clients, gateway, &Deaths::new());
    assert!(judgement.faults.is_empty(), "{}", judgement.faults.join("\n"));
    assert_eq!(judgement.figures.delivered, judgement.figures.promised);
    assert_eq!(checked(&folder.0.join(file)), "ok");
}

/// What SQLite itself says of the file.
fn checked(file: &Path) -> String {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

/// A file system of a few pages, where one may be mounted.
struct Disk(PathBuf);

impl Disk {
    fn mounted(folder: &Path) -> Option<Self> {
        let place = folder.join("disk");
        fs::create_dir(&place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&place);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(place))
    }

    fn fill(&self) {
        let mut ballast =
            OpenOptions::new().create(true).append(true).open(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[0; 4096]).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: who still has a file open there keeps it to its own end.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
