//! Client: several who write to a handful of people at once, and repeat as Okta does what did not come to an end.

use crate::{
    dice::Dice,
    instant::Instant,
    wire,
    write::{Attempt, Outcome, Verb, Write},
};
use serde_json::Value;
use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// How often a write is asked for before its client gives up.
const TIMES: usize = 5;
/// What a client waits before it asks again: the minutes of a real one, for a vendor whose troubles last as much
/// shorter. Milliseconds.
const WAITS: (u64, u64) = (5, 60);
/// A gateway that is not there for so long does not come back.
const ABSENCE: Duration = Duration::from_secs(30);

/// Of how many that trust in a promise, the rest go on asking. Percent.
const TRUSTING: u64 = 60;

pub struct Clients {
    /// Of all that there may be to ask.
    ports: Vec<u16>,
    token: String,
    slots: Vec<Slot>,
    /// How often each write is asked for.
    times: usize,
    attempts: Mutex<Vec<Attempt>>,
    numbers: AtomicU64,
    asked: AtomicU64,
    stopped: AtomicBool,
    traffic: Mutex<Traffic>,
    changed: Condvar,
}

/// Somebody who comes and goes: each time that he is made he has another id.
struct Slot {
    email: String,
    id: Mutex<Option<String>>,
}

#[derive(Default)]
struct Traffic {
    /// Ports behind which there is a gateway.
    serving: Vec<u16>,
    asking: usize,
}

impl Clients {
    pub fn new(port: u16, token: &str, people: usize) -> Self {
        Self::of(vec![port], token, people)
    }

    /// Of several gateways, each of which is as good as any other.
    pub fn of(ports: Vec<u16>, token: &str, people: usize) -> Self {
        let slot = |n| Slot { email: format!("p{n}@example.com"), id: Mutex::default() };
        Self {
            ports,
            token: token.to_owned(),
            slots: (0..people).map(slot).collect(),
            times: TIMES,
            attempts: Mutex::default(),
            numbers: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            traffic: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The same, who never ask again.
    pub fn once(self) -> Self {
        Self { times: 1, ..self }
    }

    /// How many they write to.
    pub fn people(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is a gateway to ask.
    pub fn served(&self, served: bool) {
        self.traffic.lock().unwrap().serving = if served { self.ports.clone() } else { Vec::new() };
        self.changed.notify_all();
    }

    /// Whether there is one behind this port.
    pub fn serves(&self, port: u16, serves: bool) {
        let mut traffic = self.traffic.lock().unwrap();
        traffic.serving.retain(|other| *other != port);
        traffic.serving.extend(serves.then_some(port));
        drop(traffic);
        self.changed.notify_all();
    }

    /// Returns while somebody waits for an answer.
    pub fn wait_until_asking(&self) {
        let traffic = self.traffic.lock().unwrap();
        let idle = |traffic: &mut Traffic| traffic.asking == 0;
        drop(self.changed.wait_timeout_while(traffic, ABSENCE, idle).unwrap());
    }

    /// Everybody ends what he is at.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
    }

    /// All that was asked, in the order in which it ended.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.attempts.lock().unwrap().clone()
    }

    /// For who looks into a run that failed.
    pub fn keep(&self, path: &Path) {
        let mut file = File::create(path).unwrap();
        for attempt in self.attempts() {
            writeln!(file, "{}", serde_json::to_string(&attempt).unwrap()).unwrap();
        }
    }

    /// Writes until it is stopped.
    pub fn write_on(&self, mut dice: Dice) {
        while !self.stopped.load(SeqCst) {
            let person = dice.below(self.slots.len() as u64) as usize;
            let id = self.id(person);
            let write = self.thrown(id.is_some(), &mut dice);
            self.insist(person, id.as_deref(), &write, &mut dice);
        }
    }

    /// What somebody is asked to become next.
    fn thrown(&self, is_there: bool, dice: &mut Dice) -> Write {
        let new = |verb| self.write(verb);
        if !is_there {
            return new(Verb::Create).titled().active(true);
        }
        match dice.below(100) {
            0..24 => new(Verb::Patch).titled(),
            24..36 => new(Verb::Patch).nicked(),
            36..52 => new(Verb::Patch).active(false),
            52..60 => new(Verb::Patch).nicked().active(false),
            60..66 => new(Verb::Put).titled().nicked().active(false),
            66..92 => new(Verb::Patch).active(true),
            _ => new(Verb::Delete),
        }
    }

    /// A write with a number of its own.
    pub fn write(&self, verb: Verb) -> Write {
        Write::new(self.numbers.fetch_add(1, SeqCst) + 1, verb)
    }

    /// Asks until it is answered for good, or often enough. What came of it at last.
    pub fn insist(
        &self,
        person: usize,
        id: Option<&str>,
        write: &Write,
        dice: &mut Dice,
    ) -> Outcome {
        let mut outcome = self.ask(person, id, write);
        for _ in 1..self.times {
            let trusts = matches!(outcome, Outcome::Promised(_)) && dice.percent(TRUSTING);
            if trusts || !outcome.is_repeated() {
                break;
            }
            thread::sleep(Duration::from_millis(dice.between(WAITS.0, WAITS.1)));
            outcome = self.ask(person, id, write);
        }
        outcome
    }

    /// Asks once, and writes down what came of it.
    pub fn ask(&self, person: usize, id: Option<&str>, write: &Write) -> Outcome {
        let slot = &self.slots[person];
        let (line, body) = write.request(&slot.email, id);
        let port = self.begin();
        let begin = Instant::now();
        let outcome = Outcome::of(wire::ask(port, &line, &self.token, &body));
        let end = Instant::now();
        self.traffic.lock().unwrap().asking -= 1;
        self.learn(slot, id, write, &outcome, port);
        let (write, email, id) = (write.clone(), slot.email.clone(), id.map(str::to_owned));
        let attempt = Attempt { write, email, id, begin, end, outcome: outcome.clone() };
        self.attempts.lock().unwrap().push(attempt);
        outcome
    }

    /// Waits for a gateway, so that nobody asks thousands of times where none is.
    fn begin(&self) -> u16 {
        let traffic = self.traffic.lock().unwrap();
        let absent = |traffic: &mut Traffic| traffic.serving.is_empty();
        let (mut traffic, _) = self.changed.wait_timeout_while(traffic, ABSENCE, absent).unwrap();
        traffic.asking += 1;
        let ports = if traffic.serving.is_empty() { &self.ports } else { &traffic.serving };
        let port = *Dice::new(self.asked.fetch_add(1, SeqCst), "port").one_of(ports);
        drop(traffic);
        self.changed.notify_all();
        port
    }

    /// `port` is where it was asked for: it is there.
    fn learn(&self, slot: &Slot, asked: Option<&str>, write: &Write, outcome: &Outcome, port: u16) {
        let known = |id: Option<String>| *slot.id.lock().unwrap() = id;
        match (write.verb, outcome) {
            (Verb::Create, Outcome::Done(Some(told))) => known(Some(told.id.clone())),
            // Somebody made him meanwhile, or an answer was lost: a client looks for him.
            (Verb::Create, Outcome::Refused(409)) => known(self.found(&slot.email, port)),
            (Verb::Delete, Outcome::Done(_) | Outcome::Acknowledged(_))
            | (_, Outcome::Refused(404)) => {
                let mut id = slot.id.lock().unwrap();
                if id.as_deref() == asked {
                    *id = None;
                }
            }
            _ => {}
        }
    }

    fn found(&self, email: &str, port: u16) -> Option<String> {
        let filter = format!("GET /scim/v2/Users?filter=userName%20eq%20%22{email}%22");
        let answer = wire::ask(port, &filter, &self.token, "")?;
        let found: &Value = answer.body["Resources"].get(0)?;
        Some(found["id"].as_str()?.to_owned())
    }

    /// Who the person is by what is known now.
    pub fn id(&self, person: usize) -> Option<String> {
        self.slots[person].id.lock().unwrap().clone()
    }
}
