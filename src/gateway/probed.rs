//! What the vendor answered to a probe, remembered for a moment.

use std::{future::Future, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// How long an answer is everybody's: whoever asks us cannot make us ask the vendor more often.
const FRESH: Duration = Duration::from_secs(10);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// The mapping has no `probe`, or the gateway no credential of its own.
    Unasked,
    /// It is there and takes our credential: what it answered.
    Well(String),
    /// It is not, or does not: why, without secrets.
    Ill(String),
}

impl Probed {
    /// In words.
    pub fn words(&self) -> &str {
        match self {
            Self::Unasked => {
                "nothing was asked: the mapping has no `probe`, or passes the client's own credential on"
            }
            Self::Well(words) | Self::Ill(words) => words,
        }
    }
}

/// The last answer, when it came, and the generation of the mapping that asked.
// Tokio's mutex, held while it is asked for: those who come meanwhile get the same answer.
#[derive(Default)]
pub struct LastProbed(Mutex<Option<(Instant, u64, Probed)>>);

impl LastProbed {
    /// What was answered just now, or what `ask` gets.
    pub async fn or(&self, generation: u64, ask: impl Future<Output = Probed>) -> Probed {
        let mut last = self.0.lock().await;
        match &*last {
            Some((at, asked_by, probed)) if *asked_by == generation && at.elapsed() < FRESH => {
                probed.clone()
            }
            _ => {
                let probed = ask.await;
                *last = Some((Instant::now(), generation, probed.clone()));
                probed
            }
        }
    }
}
