//! What the vendor has shown a short while ago, remembered for whom it has shown it: what one client's own credential may
//! see, another's may not.

use super::{everybody::Earlier, names::Remembered, rest::Left, seen::Seen, walks::Walks};
use crate::upstream::credential::Whose;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Credentials that are remembered for; a tenant has one or two. When there are more, the one is forgotten that was
/// used longest ago: its client's next request makes a few calls more.
const CREDENTIALS: usize = 8;

/// So long a credential is good that the vendor has taken: who loses it hears from the vendor at the next call anyway.
const PROVEN: Duration = Duration::from_secs(600);

/// What was shown to one credential; each part has a bound of its own.
#[derive(Debug, Default)]
pub struct Recall {
    /// Where earlier walks of a list stopped.
    pub walks: Walks,
    /// What was left of the page that was read last.
    pub rest: Left,
    /// Who had which value when a page of Groups was read.
    pub having: Earlier,
    /// Who was there a short while ago.
    pub seen: Seen,
    /// What lookups gave.
    pub names: Remembered,
    /// When the vendor took a client's credential last.
    // A std mutex: set and read, never held across an await.
    taken: Mutex<Option<Instant>>,
}

impl Recall {
    /// Whether the vendor has taken the credential a short while ago.
    pub fn is_proven(&self) -> bool {
        self.taken().is_some_and(|at| at.elapsed() < PROVEN)
    }

    fn taken(&self) -> MutexGuard<'_, Option<Instant>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was shown to each.
#[derive(Debug, Default)]
pub struct Recalls {
    /// To the gateway's own credential.
    own: Arc<Recall>,
    /// To those that clients bring, the one that was used last at the end.
    // A std mutex: held for a look-up only, never across an await.
    clients: Mutex<Vec<(Whose, Arc<Recall>)>>,
}

impl Recalls {
    /// That of a credential; of one that is not known, nothing yet.
    pub fn of(&self, whose: Option<Whose>) -> Arc<Recall> {
        let Some(whose) = whose else { return Arc::clone(&self.own) };
        let known = self.lock().iter().find(|(known, _)| *known == whose).cloned();
        known.map(|(_, recall)| recall).unwrap_or_default()
    }

    /// Remembers it: the vendor has taken the credential. One that it has not displaces nobody's.
    pub fn keep(&self, whose: Whose, recall: &Arc<Recall>) {
        let mut clients = self.lock();
        let known = clients.iter().position(|(known, _)| *known == whose);
        let kept = known.map(|at| clients.remove(at));
        let (whose, recall) = kept.unwrap_or_else(|| (whose, Arc::clone(recall)));
        *recall.taken() = Some(Instant::now());
        clients.push((whose, recall));
        if clients.len() > CREDENTIALS {
            clients.remove(0);
        }
    }

    /// Forgets it: the vendor takes the credential no more.
    pub fn forget(&self, whose: Whose) {
        self.lock().retain(|(known, _)| *known != whose);
    }

    /// Whoever saw this one: it may not be there any more.
    pub fn doubt(&self, kind: &str, id: &str) {
        self.lock().iter().for_each(|(_, recall)| recall.seen.doubt(kind, id));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Whose, Arc<Recall>)>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose(number: usize) -> Whose {
        Whose::of(number.to_string().as_bytes())
    }

    #[test]
    fn each_credential_has_its_own_and_the_ones_used_last_are_kept() {
        let recalls = Recalls::default();
        let same = |left: &Arc<Recall>, right: &Arc<Recall>| Arc::ptr_eq(left, right);
        assert!(same(&recalls.of(None), &recalls.of(None)));
        let first = recalls.of(Some(whose(0)));
        assert!(!same(&first, &recalls.of(Some(whose(0)))), "the vendor has not taken it yet");
        recalls.keep(whose(0), &first);
        assert!(same(&first, &recalls.of(Some(whose(0)))));
        assert!(!same(&first, &recalls.of(Some(whose(1)))) && !same(&first, &recalls.of(None)));
        // Two requests began together: what one of them has remembered stays.
        recalls.keep(whose(0), &Arc::default());
        assert!(same(&first, &recalls.of(Some(whose(0)))));
        for number in 1..CREDENTIALS {
            recalls.keep(whose(number), &Arc::default());
        }
        recalls.keep(whose(0), &first);
        recalls.keep(whose(CREDENTIALS), &Arc::default());
        assert!(same(&first, &recalls.of(Some(whose(0)))), "it was used a moment ago");
        assert_eq!(recalls.lock().len(), CREDENTIALS);
        assert!(!recalls.lock().iter().any(|(known, _)| *known == whose(1)));
        recalls.forget(whose(0));
        assert!(!same(&first, &recalls.of(Some(whose(0)))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_credential_is_proven_for_a_while() {
        let recalls = Recalls::default();
        let recall = recalls.of(Some(whose(0)));
        assert!(!recall.is_proven());
        recalls.keep(whose(0), &recall);
        assert!(recall.is_proven());
        tokio::time::advance(PROVEN).await;
        assert!(!recall.is_proven());
    }
}
