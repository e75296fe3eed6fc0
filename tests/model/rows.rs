//! The rows in which the protocol must hold: what is written, and which faults may come.

use crate::{
    protocol::{Checks, Protocol},
    state::Faults,
    truth::Wrong,
    vendor::Intent::{self, Blind, Build, Keyed, Poison, Post, Set, Through, Two},
};

pub struct Row {
    pub name: &'static str,
    pub writes: Vec<Write>,
    /// What may go wrong, each so often as it is named here.
    pub faults: Faults,
    /// The same for a longer look.
    pub wide: Faults,
    /// Two processes over one store; else one.
    pub replicas: bool,
    /// Clients do not wait for each other.
    pub concurrent: bool,
    pub protocol: Protocol,
    /// What it must be caught as; `None` must hold.
    pub caught: Option<Wrong>,
}

#[derive(Clone, Copy)]
pub struct Write {
    pub intent: Intent,
    /// It is in the store before it is tried, and promised where it cannot be done now.
    pub durable: bool,
}

pub fn durable(intent: Intent) -> Write {
    Write { intent, durable: true }
}

pub fn passing(intent: Intent) -> Write {
    Write { intent, durable: false }
}

impl Row {
    pub fn new(name: &'static str, writes: &[Write], faults: &str) -> Self {
        Self {
            name,
            writes: writes.to_vec(),
            faults: Faults::named(faults),
            wide: Faults::named(faults),
            replicas: false,
            concurrent: false,
            protocol: Protocol::OURS,
            caught: None,
        }
    }

    pub fn wide(self, faults: &str) -> Self {
        Self { wide: Faults::named(faults), ..self }
    }

    pub fn replicas(self) -> Self {
        Self { replicas: true, ..self }
    }

    /// A pause may come between the look at the lease and the call.
    pub fn pausing(mut self) -> Self {
        self.protocol.checks = Checks::BeforeSend;
        self.replicas()
    }

    pub fn concurrent(self) -> Self {
        Self { concurrent: true, ..self }
    }
}

const EVERY: &str = "lost late busy kill store";

pub fn sound() -> Vec<Row> {
    [one_process(), replicas(), late()].into_iter().flatten().collect()
}

fn one_process() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let repeat = [durable(Set(1)), durable(Set(1)), durable(Set(2))];
    let mixed = [durable(Set(1)), passing(Set(2)), durable(Set(3))];
    let two = [durable(Two(1)), durable(Set(2))];
    let through = [durable(Through(1)), durable(Set(2))];
    let post = [durable(Post(1)), durable(Set(1))];
    let build = [durable(Build(1)), durable(Set(2))];
    let blind = [durable(Blind(1)), durable(Two(2))];
    let keyed = [durable(Keyed(1)), durable(Two(2))];
    let poison = [durable(Poison(3)), durable(Set(1))];
    vec![
        Row::new("set, unset, every fault", &set, EVERY),
        Row::new("set, unset, at once", &set, "late busy kill").wide(EVERY).concurrent(),
        Row::new("set, unset, two kills", &set, "late kill kill").wide("late late busy kill kill"),
        Row::new("set, unset, a refusal", &set, "late refuse kill"),
        Row::new("three, a repeat joins", &repeat, "late kill").wide("late busy kill"),
        Row::new("three, a repeat joins, at once", &repeat, "refuse")
            .wide("late refuse kill")
            .concurrent(),
        Row::new("durable and passing, at once", &mixed, "kill")
            .wide("late busy kill")
            .concurrent(),
        Row::new("durable and passing", &mixed, "busy kill store").wide(EVERY),
        Row::new("two calls", &two, "late busy kill").wide(EVERY),
        Row::new("two calls, at once", &two, "late kill").wide(EVERY).concurrent(),
        Row::new("two calls, refused, repeated", &[two[0]; 2], "late busy refuse kill"),
        Row::new("two calls, passing, repeated", &[passing(Two(1)); 2], "late busy refuse kill")
            .wide("lost late busy refuse kill store"),
        Row::new("two calls, passing, then durable", &[passing(Two(1)), two[0]], "kill refuse")
            .wide("late busy refuse kill")
            .concurrent(),
        Row::new("two calls on one attribute", &through, "late kill").wide(EVERY).concurrent(),
        Row::new("unsafe, shows", &post, "late kill store").wide(EVERY),
        Row::new("unsafe, shows, passing, repeated", &[passing(Post(1)); 2], EVERY).concurrent(),
        Row::new("unsafe, shows, then a safe call", &build, "late kill").wide(EVERY),
        Row::new("the same, passing, repeated", &[passing(Build(1)); 2], "late kill")
            .wide(EVERY)
            .concurrent(),
        Row::new("unsafe, does not show", &blind, "late busy kill").wide(EVERY),
        Row::new("unsafe, does not show, repeated", &[blind[0]; 2], "late kill")
            .wide(EVERY)
            .concurrent(),
        Row::new("known by a key, does not show", &keyed, "late busy kill store").wide(EVERY),
        Row::new("known by a key, does not show, repeated", &[keyed[0]; 2], "late kill")
            .wide(EVERY)
            .concurrent(),
        Row::new("poison before a deactivation", &poison, "busy kill").wide(EVERY).concurrent(),
    ]
}

fn replicas() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let mixed = [durable(Set(1)), passing(Set(2)), durable(Set(3))];
    let pair = [passing(Set(1)), durable(Set(2))];
    let two = [durable(Two(1)), durable(Set(2))];
    let through = [durable(Through(1)), durable(Set(2))];
    let post = [durable(Post(1)), durable(Set(1))];
    let blind = [durable(Blind(1)), durable(Two(2))];
    let keyed = [durable(Keyed(1)), durable(Two(2))];
    let rows = [
        Row::new("set, unset", &set, "late pause").wide("late busy kill pause"),
        Row::new("set, unset, at once", &set, "pause").wide("late kill pause").concurrent(),
        Row::new("set, unset, two pauses", &set, "pause pause").wide("late kill pause pause"),
        Row::new("set, unset, a refusal", &set, "refuse pause").wide("refuse kill pause"),
        Row::new("durable and passing", &mixed, "late pause").wide("late kill pause"),
        Row::new("durable and passing, at once", &pair, "pause")
            .wide("late kill pause")
            .concurrent(),
        Row::new("two calls", &two, "kill pause").wide("late kill pause"),
        Row::new("two calls on one attribute", &through, "late pause").wide("late kill pause"),
        Row::new("unsafe, shows", &post, "late pause").wide("late kill pause"),
        Row::new("unsafe, does not show", &blind, "kill pause").wide("late kill pause"),
        Row::new("known by a key, does not show", &keyed, "kill pause").wide("late kill pause"),
    ];
    rows.into_iter().map(Row::replicas).collect()
}

/// What a replica sends late is put right by a second look.
fn late() -> Vec<Row> {
    let set = [durable(Set(1)), durable(Set(0))];
    let pair = [durable(Set(1)), passing(Set(2))];
    let three = [durable(Set(1)), durable(Set(2)), durable(Set(1))];
    let back = [durable(Set(1)), passing(Set(2)), passing(Set(1))];
    let mixed = [durable(Set(1)), passing(Set(2)), durable(Set(3))];
    let rows = [
        Row::new("set, unset, sent late", &set, "pause").wide("late kill pause"),
        Row::new("durable and passing, two sent late", &pair, "pause pause")
            .wide("kill pause pause"),
        Row::new("durable and passing, sent late, at once", &pair, "pause")
            .wide("kill pause")
            .concurrent(),
        Row::new("a late call is given up", &pair, "late pause").wide("late kill pause"),
        Row::new("three, the last as the first, sent late", &three, "pause").wide("kill pause"),
        Row::new("sent late, and found in place by the last", &back, "pause").wide("kill pause"),
        Row::new("three, durable and passing, sent late", &mixed, "pause").wide("kill pause"),
    ];
    rows.into_iter().map(Row::pausing).collect()
}
