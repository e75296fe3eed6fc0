//! Late: a replica that stood still between the look at its lease and its call sends it when it goes on, over what the
//! others have written since. The others find that out, and write once more what was wanted last.

use crate::{
    client::Clients,
    engine::Engine,
    folder::Folder,
    gateway::{Gateway, Setting, TOKEN},
    outage::made,
    vendor::{
        Vendor,
        diary::{self, Event, Verb},
        people::{Person, REFUSED},
    },
    wire,
    write::{Outcome, Verb as Asks, Write},
};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Milliseconds.
const LEASE: u64 = 300;
/// Longer than the other one takes until he has carried out what came later. Milliseconds.
const WATCH: u64 = 8_000;
/// For what other processes do, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

fn replica(
    folder: &Path,
    name: &str,
    vendor: &Vendor,
    store: &crate::gateway::Store,
    off: &'static str,
) -> Setting {
    let folder = folder.join(name);
    // Who stands still may go on with his call as long as his request has time.
    Setting { off, ..Setting::new(&folder, vendor.port, "strict", store) }.within(50)
}

fn start(setting: &Setting, orders: &str) -> Gateway {
    let mut command = setting.command(orders);
    command.env("SCIMSHIM_LEASE_MS", LEASE.to_string());
    command.env("SCIMSHIM_WATCH_MS", WATCH.to_string());
    Gateway::over(setting, command).unwrap_or_else(|status| panic!("{status}: {}", setting.log()))
}

/// How often the replicas have looked, whichever of them, and found this.
fn looks(replicas: &[&Setting], result: &str) -> u64 {
    let name = format!("scimshim_second_look_total{{result=\"{result}\",");
    let of = |replica: &&Setting| {
        let shown = wire::ask(replica.admin, "GET /metrics", "", "").expect("it serves").text;
        let line = shown.lines().find(|line| line.starts_with(&name))?;
        line.rsplit(' ').next()?.parse::<u64>().ok()
    };
    replicas.iter().filter_map(of).sum()
}

/// There is no event to wait for: another process has to be asked.
fn until(what: &str, log: impl Fn() -> String, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "{what}: {}", log());
        thread::sleep(Duration::from_millis(20));
    }
}

/// What was carried out at the vendor, and who he was then.
fn carried_out(vendor: &Vendor) -> Vec<(Verb, Person)> {
    let applied = diary::read(&vendor.diary).into_iter().filter_map(|line| match line.event {
        Event::Applied { verb, person, .. } => Some((verb, person)),
        _ => None,
    });
    applied.collect()
}

/// One replica stands still before the call of `old`, another one carries out `new`, and is refused some of `half`; then the
/// first goes on. What the vendor was told, and who he is in the end. Nothing is put right where a mechanism is `off`.
fn overtaken(
    name: &str,
    off: &'static str,
    first: Option<fn(&Clients) -> Write>,
    old: impl Fn(&Clients) -> Write,
    new: impl Fn(&Clients) -> Write,
    half: Option<fn(&Clients) -> Write>,
) -> Option<Vec<(Verb, Person)>> {
    if !Engine::Postgres.is_here() {
        return None;
    }
    let folder = Folder::new(name);
    let vendor = Vendor::start(&folder.0, None);
    let store = Engine::Postgres.store(&folder.0);
    let replica = |name| replica(&folder.0, name, &vendor, &store, off);
    let [still, other] = ["still", "other"].map(replica);
    let runs = start(&other, "");
    let (to_other, to_still) =
        (Clients::new(other.port, TOKEN, 1), Clients::new(still.port, TOKEN, 1));
    to_other.served(true);
    to_still.served(true);
    let id = made(&to_other, 0);
    if let Some(first) = first {
        let done = to_other.ask(0, Some(&id), &first(&to_other));
        assert!(matches!(done, Outcome::Done(_)), "{done:?}");
    }
    let stands = start(&still, "stop@call.before#1");
    let (to_still, id) = (&to_still, id.as_str());
    thread::scope(|scope| {
        let write = old(to_still);
        let asked = scope.spawn(move || to_still.ask(0, Some(id), &write));
        until("it stands still", || still.log(), || stands.stands_still());
        // The lease is over while this one waits for it.
        let write = new(&to_other);
        let mut outcome = Outcome::Open(None);
        until(
            "it is carried out",
            || other.log(),
            || {
                outcome = to_other.ask(0, Some(id), &write);
                matches!(outcome, Outcome::Done(_))
            },
        );
        if let Some(half) = half {
            let outcome = to_other.ask(0, Some(id), &half(&to_other));
            assert!(matches!(outcome, Outcome::Refused(400)), "{outcome:?}");
        }
        stands.resume();
        assert!(!matches!(asked.join().unwrap(), Outcome::Done(_)), "it was overtaken");
    });
    let both = [&still, &other];
    if off.is_empty() {
        until("it is found out", || other.log(), || looks(&both, "repaired") == 1);
    }
    until("the watch ends", || other.log(), || other.watched() == 0);
    if off.is_empty() {
        let repaired = looks(&both, "repaired");
        assert!(looks(&both, "same") > 0 && repaired == 1);
        println!("{name}: 1 call came late over what was written since: {repaired} repaired");
    }
    other.rest();
    assert!(stands.stop().success() && runs.stop().success());
    let all = carried_out(&vendor);
    assert!(matches!(all[..2], [(Verb::Create, _), (Verb::Welcome, _)]), "{all:?}");
    Some(all.into_iter().skip(2).collect())
}

/// The titles that somebody has one after the other.
pub fn titles(name: &str, off: &'static str) -> Option<Vec<String>> {
    let titled = |title: &'static str| {
        move |clients: &Clients| Write {
            title: Some(title.to_owned()),
            ..clients.write(Asks::Patch)
        }
    };
    let all = overtaken(name, off, None, titled("old"), titled("new"), None)?;
    Some(all.into_iter().map(|(_, person)| person.title).collect())
}

#[test]
fn an_older_title_that_comes_last_is_written_over_once() {
    let Some(titles) = titles("late-title", "") else { return };
    assert_eq!(titles, ["old", "new", "old", "new"]);
}

#[test]
fn who_is_switched_on_by_an_older_write_that_comes_last_is_switched_off() {
    let off = |clients: &Clients| clients.write(Asks::Patch).active(false);
    let on = |clients: &Clients| clients.write(Asks::Patch).active(true);
    let Some(all) = overtaken("late-access", "", Some(off), on, off, None) else { return };
    let verbs: Vec<Verb> = all.iter().map(|(verb, _)| *verb).collect();
    let leaves = [Verb::Retire, Verb::Note];
    // Each of the times that he came back he has left once: nobody is switched on and off by what is asked once more.
    let expected = [&leaves[..], &[Verb::Return], &leaves, &[Verb::Return], &leaves].concat();
    assert_eq!(verbs, expected, "{all:?}");
}

#[test]
fn who_was_switched_off_by_what_was_refused_in_part_is_not_switched_on_by_a_look() {
    let nick = |nick: &str| Some(nick.to_owned());
    let old = |clients: &Clients| Write { nick: nick("old"), ..clients.write(Asks::Patch) };
    let new =
        |clients: &Clients| Write { nick: nick("new"), ..clients.write(Asks::Patch).active(true) };
    let half = |clients: &Clients| Write {
        title: Some(REFUSED.to_owned()),
        ..clients.write(Asks::Patch).active(false)
    };
    let Some(all) = overtaken("late-half", "", None, old, new, Some(half)) else { return };
    let told = all.iter().map(|(verb, person)| (*verb, person.nick.as_str()));
    // The older one is carried out in its place, and comes once more, over what was wanted later.
    let in_order = [(Verb::Change, "old"), (Verb::Change, "new")];
    let leaves = [(Verb::Retire, "new"), (Verb::Note, "new")];
    let expected = [in_order, leaves, in_order].concat();
    assert_eq!(told.collect::<Vec<_>>(), expected, "{all:?}");
}
