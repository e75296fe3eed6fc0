//! Lists that were read to be matched here, remembered for a while. One tenant has one credential towards the vendor; a
//! reload, which may bring another, forgets all of it, and a write of ours to the kind its list.

use serde_json::Value;
use std::{
    collections::HashMap,
    mem::size_of,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// All lists of one tenant together, in bytes of memory, about. A longer one is read each time.
const BYTES: usize = 32 * 1024 * 1024;

/// What one tenant's searches have read.
#[derive(Debug, Default)]
pub struct Scans {
    // A std mutex: held for a look-up only, never across an await.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Of the plan and the credential that the lists were read with.
    generation: u64,
    lists: HashMap<String, Listed>,
    /// Beginnings and ends of writes, by kind.
    writes: HashMap<String, u64>,
}

#[derive(Debug)]
struct Listed {
    records: Arc<Vec<Value>>,
    bytes: usize,
    begun: Instant,
}

/// A list is being read; it is not kept when a write of ours begins or ends meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// A write to a kind, from its beginning to its end.
#[derive(Debug)]
pub struct Writing<'s> {
    scans: &'s Scans,
    kind: &'s str,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.scans.changed(self.kind);
    }
}

impl Scans {
    /// The list of a kind, where it was read so short a while ago.
    pub fn list(
        &self,
        kind: &str,
        generation: u64,
        age: Duration,
        now: Instant,
    ) -> Option<Arc<Vec<Value>>> {
        let known = self.of(generation)?;
        let list = known.lists.get(kind)?;
        (now.saturating_duration_since(list.begun) < age).then(|| Arc::clone(&list.records))
    }

    /// A list of the kind is about to be read.
    pub fn begin(&self, kind: &str) -> Ticket {
        Ticket(self.lock().writes.get(kind).copied().unwrap_or_default())
    }

    /// Keeps what was read since `begun`, unless it is old already or too much.
    pub fn keep(
        &self,
        kind: &str,
        generation: u64,
        ticket: Ticket,
        records: Vec<Value>,
        begun: Instant,
    ) {
        let bytes = records.iter().map(weight).sum();
        if bytes > BYTES || self.begin(kind) != ticket {
            return;
        }
        let Some(mut known) = self.of(generation) else { return };
        let others = known.lists.iter().filter(|(other, _)| *other != kind);
        if others.map(|(_, list)| list.bytes).sum::<usize>() + bytes > BYTES {
            known.lists.clear();
        }
        let list = Listed { records: Arc::new(records), bytes, begun };
        known.lists.insert(kind.to_owned(), list);
    }

    /// A write to the kind begins, and ends with what is given back: what was read before that is old.
    pub fn writing<'s>(&'s self, kind: &'s str) -> Writing<'s> {
        self.changed(kind);
        Writing { scans: self, kind }
    }

    fn changed(&self, kind: &str) {
        let mut known = self.lock();
        known.lists.remove(kind);
        match known.writes.get_mut(kind) {
            Some(writes) => *writes += 1,
            None => drop(known.writes.insert(kind.to_owned(), 1)),
        }
    }

    /// What is known with this plan; nothing for a request of an older one.
    fn of(&self, generation: u64) -> Option<MutexGuard<'_, Known>> {
        let mut known = self.lock();
        if generation > known.generation {
            known.generation = generation;
            known.lists.clear();
        }
        (generation == known.generation).then_some(known)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic in between leaves a list out, no worse.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of memory that a record takes, about.
fn weight(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| 2 * size_of::<String>() + name.len() + weight(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AGE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_list_is_known_until_it_is_old_or_something_is_written() {
        let scans = Scans::default();
        let now = Instant::now();
        let keep = |generation| {
            let ticket = scans.begin("User");
            scans.keep("User", generation, ticket, vec![json!({ "id": 7 })], now);
        };
        let known = |generation, at| scans.list("User", generation, AGE, at).is_some();
        keep(1);
        assert!(known(1, now) && known(1, now + AGE - Duration::from_millis(1)));
        assert!(!known(1, now + AGE), "it is old");
        drop(scans.writing("Group"));
        assert!(known(1, now), "another kind");
        let writing = scans.writing("User");
        assert!(!known(1, now), "a write has begun");
        // A list that is read meanwhile may lack what is written.
        keep(1);
        drop(writing);
        assert!(!known(1, now), "and has ended");
        // One that was begun before it may lack it, too.
        let ticket = scans.begin("User");
        drop(scans.writing("User"));
        scans.keep("User", 1, ticket, Vec::new(), now);
        assert!(!known(1, now));
        keep(1);
        assert!(!known(2, now) && !known(1, now), "a reload may bring another credential");
        keep(1);
        assert!(!known(2, now), "nothing of an older one is kept");
    }

    #[tokio::test(start_paused = true)]
    async fn lists_have_a_bound_together() {
        let scans = Scans::default();
        let now = Instant::now();
        let keep = |kind: &str, bytes: usize| {
            let ticket = scans.begin(kind);
            scans.keep(kind, 1, ticket, vec![json!("x".repeat(bytes))], now);
        };
        let known = |kind: &str| scans.list(kind, 1, AGE, now).is_some();
        keep("User", BYTES + 1);
        assert!(!known("User"), "too much for itself");
        keep("User", BYTES / 2);
        keep("Group", BYTES / 3);
        assert!(known("User") && known("Group"));
        keep("Role", BYTES / 3);
        assert!(known("Role") && !known("User") && !known("Group"), "too much together");
    }
}
