//! Who was seen to be there a short while ago, so that a thousand who join a group are not asked for one
//! by one: a client makes people first, or reads them, and then says which groups they are in.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// So long nobody who was seen is asked for again. A client pushes groups minutes after the people in
/// them; whoever ends at the vendor behind our back can join no longer than this.
const FRESH: Duration = Duration::from_secs(600);
/// Keys in one half of the memory. When it is full the older half is forgotten: the newest 50,000 are always
/// remembered and never more than 100,000, which take some 5 MiB.
const HALF: usize = 50_000;

/// What one tenant's gateway remembers of who is there.
#[derive(Debug, Default)]
pub struct Seen {
    // A std mutex: held for a look-up only, never across an await.
    halves: Mutex<Halves>,
    hashers: [RandomState; 2],
}

/// A kind with a vendor's key, as two hashes with secrets of this process: every key takes the same room, and that
/// two of them are one is less likely than a fault of the machine.
type Name = [u64; 2];

#[derive(Debug, Default)]
struct Halves {
    /// Of the plan and the credential that it was seen with.
    generation: u64,
    younger: HashMap<Name, Mark>,
    older: HashMap<Name, Mark>,
}

#[derive(Debug, Clone, Copy)]
enum Mark {
    There(Instant),
    /// Until this is old only the vendor's answer to a call for one tells: what began before may have seen
    /// it, and a list may be behind.
    Lost(Instant),
}

/// Who was not seen.
#[derive(Debug, Default, PartialEq)]
pub struct Unseen {
    /// Nobody knows of these.
    pub unknown: Vec<String>,
    /// These were lost a short while ago.
    pub lost: Vec<String>,
}

impl Seen {
    /// These were there when a request read them that began at `since`.
    pub fn note<'k>(
        &self,
        kind: &str,
        keys: impl IntoIterator<Item = &'k str>,
        generation: u64,
        since: Instant,
    ) {
        let mut halves = self.of(generation);
        if halves.generation != generation {
            return;
        }
        for key in keys {
            let name = self.name(kind, key);
            let outdated = halves.mark(&name).is_some_and(|known| match known {
                Mark::There(at) => at >= since,
                Mark::Lost(at) => at + FRESH >= since,
            });
            if !outdated {
                halves.put(name, Mark::There(since));
            }
        }
    }

    /// This one is not there, or its end is under way.
    pub fn lose(&self, kind: &str, key: &str) {
        self.lock().put(self.name(kind, key), Mark::Lost(Instant::now()));
    }

    /// This one may not be there any more.
    pub fn doubt(&self, kind: &str, key: &str) {
        let (name, mut halves) = (self.name(kind, key), self.lock());
        if let Some(Mark::There(_)) = halves.mark(&name) {
            halves.younger.remove(&name);
            halves.older.remove(&name);
        }
    }

    /// Those of `keys` that were not seen.
    pub fn unseen(&self, kind: &str, keys: Vec<String>, generation: u64) -> Unseen {
        let halves = self.of(generation);
        if halves.generation != generation {
            return Unseen { unknown: keys, lost: Vec::new() };
        }
        let mut unseen = Unseen::default();
        for key in keys {
            match halves.mark(&self.name(kind, &key)) {
                Some(Mark::There(at)) if at.elapsed() <= FRESH => {}
                Some(Mark::Lost(at)) if at.elapsed() <= FRESH => unseen.lost.push(key),
                _ => unseen.unknown.push(key),
            }
        }
        unseen
    }

    /// The memory for requests of a generation. Another plan or credential may not see whom the last one
    /// saw: the first request after a reload finds it empty, and one that still runs on the old one learns
    /// and tells nothing.
    fn of(&self, generation: u64) -> MutexGuard<'_, Halves> {
        let mut halves = self.lock();
        if generation > halves.generation {
            *halves = Halves { generation, ..Halves::default() };
        }
        halves
    }

    fn name(&self, kind: &str, key: &str) -> Name {
        self.hashers.each_ref().map(|hasher| hasher.hash_one((kind, key)))
    }

    fn lock(&self) -> MutexGuard<'_, Halves> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Halves {
    fn mark(&self, name: &Name) -> Option<Mark> {
        self.younger.get(name).or_else(|| self.older.get(name)).copied()
    }

    fn put(&mut self, name: Name, mark: Mark) {
        if self.younger.len() >= HALF && !self.younger.contains_key(&name) {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(name, mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "User";

    fn unseen(seen: &Seen, kind: &str, ids: &[&str], generation: u64) -> Vec<String> {
        let Unseen { unknown, lost } =
            seen.unseen(kind, ids.iter().map(|id| (*id).to_owned()).collect(), generation);
        assert_eq!(lost, [""; 0]);
        unknown
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_seen_is_known_until_that_is_old() {
        let seen = Seen::default();
        seen.note(USER, ["1", "2"], 1, Instant::now());
        assert_eq!(unseen(&seen, USER, &["1", "2", "3"], 1), ["3"]);
        assert_eq!(unseen(&seen, "Group", &["1"], 1), ["1"], "an id is of one kind");
        tokio::time::advance(FRESH).await;
        assert_eq!(unseen(&seen, USER, &["1"], 1), [""; 0]);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(unseen(&seen, USER, &["1"], 1), ["1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_lost_is_asked_for_until_that_is_old() {
        let seen = Seen::default();
        let lost = || Unseen { unknown: Vec::new(), lost: vec!["1".to_owned()] };
        let asked = || seen.unseen(USER, vec!["1".to_owned()], 1);
        seen.note(USER, ["1"], 1, Instant::now());
        seen.lose(USER, "1");
        // A list may be behind.
        tokio::time::advance(FRESH).await;
        seen.note(USER, ["1"], 1, Instant::now());
        seen.doubt(USER, "1");
        assert_eq!(asked(), lost());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(asked(), Unseen { unknown: vec!["1".to_owned()], lost: Vec::new() });
        seen.note(USER, ["1"], 1, Instant::now());
        assert_eq!(asked(), Unseen::default());
        seen.doubt(USER, "1");
        assert_eq!(unseen(&seen, USER, &["1"], 1), ["1"]);
    }

    #[tokio::test]
    async fn a_reload_forgets_everybody() {
        let seen = Seen::default();
        seen.note(USER, ["1"], 1, Instant::now());
        assert_eq!(unseen(&seen, USER, &["1"], 2), ["1"]);
        // A request that still runs on the old plan.
        seen.note(USER, ["1"], 1, Instant::now());
        assert_eq!(unseen(&seen, USER, &["1"], 2), ["1"]);
        assert_eq!(unseen(&seen, USER, &["1"], 1), ["1"]);
    }

    #[tokio::test]
    async fn the_newest_are_remembered_and_never_more_than_the_bound() {
        let seen = Seen::default();
        for number in 0..3 * HALF {
            let id = number.to_string();
            seen.note(USER, [id.as_str()], 1, Instant::now());
        }
        let halves = seen.lock();
        assert!(halves.younger.len() <= HALF && halves.older.len() <= HALF);
        assert!(size_of::<(Name, Mark)>() <= 40, "the 5 MiB that are promised");
        drop(halves);
        let number = |number: usize| number.to_string();
        let unknown =
            |from| seen.unseen(USER, (from..from + HALF).map(number).collect(), 1).unknown;
        assert_eq!((unknown(2 * HALF).len(), unknown(0).len()), (0, HALF));
    }
}
