//! Creates that stopped half-way: ours, so that their repeat is finished and not refused.
//!
//! In memory and for a while: long enough for Okta, which repeats by itself for minutes and at a
//! person's wish for an hour. After a restart the repeat of such a create is 409 again; of what keeps
//! something, the store remembers it longer ([`begun`](super::begun)).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Okta's ten tries at a 429, doubling from a minute, end within it for all but the last.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// Names remembered per tenant; a vendor that fails more creates than this in an hour is down, and
/// the oldest ones are forgotten.
const MOST: usize = 10_000;

/// The unfinished creates of one tenant, by match value.
#[derive(Debug, Default)]
pub struct Unfinished {
    // A std mutex: held for a look-up only, never across an await.
    names: Mutex<HashMap<String, Instant>>,
}

impl Unfinished {
    /// Remembers that a create under these names has begun.
    pub fn begin(&self, names: &[String]) {
        let now = Instant::now();
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, begun| now.duration_since(*begun) < REMEMBERED);
        }
        if known.len() >= MOST
            && let Some(oldest) = known.iter().min_by_key(|(_, begun)| **begun)
        {
            let oldest = oldest.0.clone();
            known.remove(&oldest);
        }
        known.extend(names.iter().map(|name| (name.clone(), now)));
    }

    /// Forgets it: it has ended, or nothing was made.
    pub fn end(&self, names: &[String]) {
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|name, _| !names.contains(name));
    }

    /// Whether a create under this name has begun and not ended.
    pub fn has(&self, name: &str) -> bool {
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).is_some_and(|begun| begun.elapsed() < REMEMBERED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_create_is_ours_until_it_ends_or_an_hour_has_passed() {
        let unfinished = Unfinished::default();
        let names = ["User userName mia".to_owned(), "User externalId 7".to_owned()];
        assert!(!unfinished.has(&names[0]));
        unfinished.begin(&names);
        assert!(unfinished.has(&names[0]) && unfinished.has(&names[1]));
        unfinished.end(&names);
        assert!(!unfinished.has(&names[1]));
        unfinished.begin(&names);
        tokio::time::advance(REMEMBERED).await;
        assert!(!unfinished.has(&names[0]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_is_forgotten_when_there_are_too_many() {
        let unfinished = Unfinished::default();
        for number in 0..=MOST {
            unfinished.begin(&[number.to_string()]);
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(!unfinished.has("0") && unfinished.has("1") && unfinished.has(&MOST.to_string()));
    }
}
