//! What must be true: in every state, and where nothing is left to do.

use crate::{
    actions::{Model, is_over},
    state::{Broken, NOBODY, Stage, State, Told},
    vendor::Intent,
};
use std::fmt::{self, Display, Formatter};

/// A promise that is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// T1: a client was told 2xx, and the vendor is not in that state, nor in that of a newer write.
    Lie,
    /// T2: a client was told that its write will be done, and it is neither done nor a dead letter.
    Lost,
    /// T3: the call of an older entry changed what a newer one had written.
    Order,
    /// T4: a call that may not be repeated had its effect twice.
    Twice,
    /// T5: a holder whose turn was taken committed.
    Fence,
    /// T6: something waits for ever.
    Stuck,
    /// The model has too little room; this says nothing of the protocol.
    Room,
}

impl Display for Wrong {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Lie => "T1 a 2xx is not true",
            Self::Lost => "T2 a promise is lost",
            Self::Order => "T3 an older write came last",
            Self::Twice => "T4 an effect came twice",
            Self::Fence => "T5 a lost turn committed",
            Self::Stuck => "T6 something waits for ever",
            Self::Room => "the model has too little room",
        })
    }
}

impl Model<'_> {
    /// What is wrong in this state.
    pub fn wrong(&self, state: &State) -> Option<Wrong> {
        match state.broken {
            Some(Broken::Order) => return Some(Wrong::Order),
            Some(Broken::Fence) => return Some(Wrong::Fence),
            Some(Broken::Room) => return Some(Wrong::Room),
            None => {}
        }
        if self.has_effect_twice(state) {
            return Some(Wrong::Twice);
        }
        if state.watch.on {
            return None;
        }
        let lies = self.writes().any(|write| {
            let client = state.clients[usize::from(write)];
            let dead = client.entry != NOBODY && state.entry(client.entry).stage == Stage::Dead;
            client.told == Told::Done && (dead || !self.is_true(state, write))
        });
        lies.then_some(Wrong::Lie)
    }

    /// What is wrong where nothing is left to do.
    pub fn wrong_at_rest(&self, state: &State) -> Option<Wrong> {
        let waits = |write: u8| !is_over(state.clients[usize::from(write)].told);
        if self.writes().any(waits) || state.waiting().next().is_some() {
            return Some(Wrong::Stuck);
        }
        let lost = self.writes().any(|write| {
            let client = state.clients[usize::from(write)];
            let promised = client.told == Told::Promise;
            let is_done = |entry: u8| match state.entry(entry).stage {
                Stage::Dead => true,
                _ => state.entry(entry).well && self.is_true(state, write),
            };
            promised && (client.entry == NOBODY || !is_done(client.entry))
        });
        // Told or not, an entry that ended as done is done.
        let undone = self.writes().any(|entry| {
            let found = state.entry(entry);
            found.well && found.stage == Stage::Struck && !self.is_true(state, entry)
        });
        (lost || undone).then_some(Wrong::Lost)
    }

    /// The vendor is as the write wants it, or as a write wants it that is not older.
    fn is_true(&self, state: &State, write: u8) -> bool {
        let client = state.clients[usize::from(write)];
        let own = if client.entry == NOBODY { write } else { client.entry };
        let newer = |by: u8| by != NOBODY && by != own && client.after & 1 << by == 0;
        // It may have found it so: then the vendor does not say whose it is.
        let wanted_since = |attribute: usize, value: u8| {
            self.writes()
                .filter(|&other| newer(other) && state.entry(other).well)
                .any(|other| self.intent(other).wants()[attribute] == Some(value))
        };
        let stands = |(attribute, wanted): (usize, Option<u8>)| {
            let vendor = &state.vendor;
            wanted.is_none_or(|wanted| {
                let value = vendor.values[attribute];
                value == wanted || newer(vendor.by[attribute]) || wanted_since(attribute, value)
            })
        };
        let intent = self.intent(write);
        let is_made = !intent.makes() || self.effects(state, intent) > 0;
        let is_possible = !matches!(intent, Intent::Poison(_));
        is_possible && is_made && intent.wants().into_iter().enumerate().all(stands)
    }

    fn has_effect_twice(&self, state: &State) -> bool {
        if state.vendor.counts.iter().sum::<u8>() < 2 {
            return false;
        }
        let count = |entry: u8| state.vendor.counts[usize::from(entry)];
        // A thing that shows is wanted once, by however many it is asked for.
        let made_twice =
            |write| self.intent(write).makes() && self.effects(state, self.intent(write)) > 1;
        // What does not show is not tried again while nobody knows whether it has come.
        let tried_again = |(dead, later): (u8, u8)| {
            state.entry(dead).stage == Stage::Dead
                && state.entry(later).begun > state.entry(dead).begun
                && self.intent(dead) == self.intent(later)
                && count(dead) + count(later) > 1
        };
        let mut pairs = self.writes().flat_map(|one| self.writes().map(move |other| (one, other)));
        let twice = self.writes().any(|write| count(write) > 1 || made_twice(write));
        twice || pairs.any(tried_again)
    }

    fn effects(&self, state: &State, intent: Intent) -> u8 {
        let same = self.writes().filter(|&write| self.intent(write) == intent);
        same.map(|write| state.vendor.counts[usize::from(write)]).sum()
    }
}
