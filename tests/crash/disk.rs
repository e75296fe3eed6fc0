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
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

const PEOPLE: usize = 4;
/// Each with what its client is told that cannot be promised anything.
const PROFILES: [(&str, u16); 2] = [("okta", 429), ("strict", 503)];

/// Every write of a file fails, at once.
#[test]
fn nothing_is_promised_on_a_disk_that_takes_nothing() {
    let limit = |gateway: &Gateway, bytes: &str| {
        let (id, limit) = (gateway.id().to_string(), format!("--fsize={bytes}:unlimited"));
        assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());
    };
    for (profile, refused) in PROFILES {
        let folder = Folder::new("refusing");
        let disk = Filled {
            file: "crash.db",
            fills: &|gateway| limit(gateway, "0"),
            empties: &|gateway| limit(gateway, "unlimited"),
        };
        survived(&folder, &Engine::Sqlite.store(&folder.0), profile, &disk, |outcome| {
            assert!(*outcome == Outcome::Open(Some(refused)), "{profile}: {outcome:?}");
        });
    }
}

/// A file may still write over what it has, so some of it may be promised: that is kept, then.
#[test]
fn what_is_promised_on_a_full_disk_is_kept() {
    for (profile, refused) in PROFILES {
        let folder = Folder::new("full");
        let Some(disk) = Disk::mounted(&folder.0) else {
            // Past what holds back the output of a test that passes.
            let told = "no file system can be mounted here: a disk that is full is not tried";
            return drop(writeln!(io::stderr(), "{told}"));
        };
        let store = Store::Sqlite("disk/crash.db".to_owned());
        let disk =
            Filled { file: "disk/crash.db", fills: &|_| disk.fill(), empties: &|_| disk.empty() };
        survived(&folder, &store, profile, &disk, |outcome| {
            let told =
                matches!(outcome, Outcome::Promised(_)) || *outcome == Outcome::Open(Some(refused));
            assert!(told, "{profile}: {outcome:?}");
        });
    }
}

/// A store's disk, and what fills it.
struct Filled<'a> {
    file: &'a str,
    fills: &'a dyn Fn(&Gateway),
    empties: &'a dyn Fn(&Gateway),
}

/// The vendor is away and the disk full; then there is room again, the process dies, and the vendor comes back.
fn survived(
    folder: &Folder,
    store: &Store,
    profile: &str,
    disk: &Filled<'_>,
    is_well: impl Fn(&Outcome),
) {
    let vendor = Vendor::start(&folder.0, None);
    let setting = Setting::new(&folder.0, vendor.port, profile, store);
    let clients = Clients::new(setting.port, TOKEN, PEOPLE);
    let gateway = Gateway::start(&setting, "").unwrap();
    clients.served(true);
    let people: Vec<String> = (0..PEOPLE).map(|person| made(&clients, person)).collect();
    vendor.down();
    (disk.fills)(&gateway);
    let writes: Vec<_> = (0..PEOPLE)
        .map(|person| match person % 2 {
            0 => clients.write(Verb::Patch).nicked().active(false),
            _ => clients.write(Verb::Delete),
        })
        .collect();
    for (person, (id, write)) in people.iter().zip(&writes).enumerate() {
        is_well(&clients.ask(person, Some(id), write));
    }
    (disk.empties)(&gateway);
    for (person, (id, write)) in people.iter().zip(&writes).enumerate() {
        promised(&clients, person, id, write);
    }
    gateway.kill();
    let gateway = Gateway::start(&setting, "").unwrap();
    vendor.up();
    let judgement = ended(&setting, &vendor, &clients, gateway, &Deaths::new());
    assert!(judgement.faults.is_empty(), "{}", judgement.faults.join("\n"));
    assert_eq!(judgement.figures.delivered, judgement.figures.promised);
    println!("{}, {profile}, full and then with room: {}", disk.file, judgement.figures);
    assert_eq!(checked(&folder.0.join(disk.file)), "ok");
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
