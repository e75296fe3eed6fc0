//! What lookups gave, remembered for a while: lists whole, single names one by one. One tenant has one
//! credential towards the vendor; a reload, which may bring another, forgets all of it.

use crate::{
    mapping::{
        plan::LookupPlan,
        translate::names::{Question, Reply, Way},
    },
    upstream::record::text_of,
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// So long a name that nobody has is not asked for again: it may be made at any moment.
const NOBODY: Duration = Duration::from_secs(10);
/// A list is not read again for names that it lacks before this has passed.
const AGAIN: Duration = Duration::from_secs(1);
/// Single answers at most, some 2 MiB of them. When it is full all are forgotten: each costs one call.
const SINGLES: usize = 10_000;

/// What one tenant's lookups gave.
#[derive(Debug, Default)]
pub struct Remembered {
    // A std mutex: held for a look-up only, never across an await.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Of the plan and the credential that it was read with.
    generation: u64,
    lists: HashMap<Arc<str>, Arc<Listed>>,
    singles: HashMap<Question, (Reply, Instant)>,
}

/// One item.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What the client says.
    pub name: Value,
    /// What the vendor wants.
    pub key: Value,
}

impl Pair {
    /// The key as it compares.
    pub fn key_text(&self) -> String {
        text_of(&self.key).unwrap_or_default()
    }
}

/// Items, found by name and by key.
#[derive(Debug)]
pub struct Listed {
    /// In the vendor's order.
    pub pairs: Vec<Pair>,
    /// When.
    pub read: Instant,
    /// Indexes by name as it compares; of several one and another.
    names: HashMap<String, (usize, bool)>,
    keys: HashMap<String, (usize, bool)>,
}

impl Listed {
    /// Of what was read at `read`.
    pub fn new(lookup: &LookupPlan, pairs: Vec<Pair>, read: Instant) -> Self {
        let mut listed = Self { pairs, read, names: HashMap::new(), keys: HashMap::new() };
        for (index, pair) in listed.pairs.iter().enumerate() {
            // The same item twice, on two pages of a list that moved, is one.
            let twice = |known: &mut (usize, bool), same: bool| known.1 |= !same;
            let other = |known: usize| listed.pairs.get(known);
            let name = lookup.fold(&text_of(&pair.name).unwrap_or_default());
            let known = listed.names.entry(name).or_insert((index, false));
            let same = other(known.0).is_some_and(|other| other.key_text() == pair.key_text());
            twice(known, same);
            let known = listed.keys.entry(pair.key_text()).or_insert((index, false));
            let same = other(known.0).is_some_and(|other| other.name == pair.name);
            twice(known, same);
        }
        listed
    }

    /// What it says.
    pub fn reply(&self, lookup: &LookupPlan, question: &Question) -> Reply {
        let found = match question.way {
            Way::Key => self.names.get(&lookup.fold(&question.text)),
            Way::Name => self.keys.get(&question.text),
        };
        match found {
            None => Reply::Nobody,
            Some((_, true)) => Reply::Several,
            Some((index, false)) => match (self.pairs.get(*index), question.way) {
                (Some(pair), Way::Key) => Reply::One(pair.key.clone()),
                (Some(pair), Way::Name) => Reply::One(pair.name.clone()),
                (None, _) => Reply::Nobody,
            },
        }
    }
}

impl Remembered {
    /// The list, while it is fresh.
    pub fn list(&self, lookup: &LookupPlan, generation: u64, now: Instant) -> Option<Arc<Listed>> {
        let known = self.of(generation)?;
        let list = known.lists.get(&lookup.name)?;
        (now.saturating_duration_since(list.read) < lookup.cache).then(|| Arc::clone(list))
    }

    /// Whether the list was read so short a while ago that it is not read again for a name.
    pub fn just_read(&self, lookup: &LookupPlan, generation: u64, now: Instant) -> bool {
        let list = self.list(lookup, generation, now);
        list.is_some_and(|list| now.saturating_duration_since(list.read) < AGAIN)
    }

    /// Keeps a list.
    pub fn keep(&self, lookup: &LookupPlan, generation: u64, list: &Arc<Listed>) {
        if let Some(mut known) = self.of(generation) {
            known.lists.insert(Arc::clone(&lookup.name), Arc::clone(list));
        }
    }

    /// What was said of one name or key, while it is fresh.
    pub fn reply(
        &self,
        lookup: &LookupPlan,
        generation: u64,
        question: &Question,
        now: Instant,
    ) -> Option<Reply> {
        let known = self.of(generation)?;
        let (reply, at) = known.singles.get(&folded(lookup, question))?;
        let fresh = if *reply == Reply::Nobody { NOBODY } else { lookup.cache };
        (now.saturating_duration_since(*at) < fresh).then(|| reply.clone())
    }

    /// Remembers what was said of one name or key.
    pub fn note(
        &self,
        lookup: &LookupPlan,
        generation: u64,
        question: &Question,
        reply: &Reply,
        now: Instant,
    ) {
        let Some(mut known) = self.of(generation) else { return };
        if known.singles.len() >= SINGLES {
            known.singles.clear();
        }
        known.singles.insert(folded(lookup, question), (reply.clone(), now));
    }

    /// What is known with this plan; nothing for a request of an older one.
    fn of(&self, generation: u64) -> Option<MutexGuard<'_, Known>> {
        // A panic in between leaves an answer out, no worse.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if generation > known.generation {
            *known = Known { generation, ..Known::default() };
        }
        (generation == known.generation).then_some(known)
    }
}

/// A question as it compares.
fn folded(lookup: &LookupPlan, question: &Question) -> Question {
    match question.way {
        Way::Key => Question { text: lookup.fold(&question.text), ..question.clone() },
        Way::Name => question.clone(),
    }
}
