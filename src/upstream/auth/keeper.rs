//! Keeper: one token for all calls of a tenant. However many wait for it, one call fetches it; it is renewed before
//! its end, and where the vendor refuses it sooner.

use super::refreshed::Refreshed;
use crate::{
    metrics::Metrics,
    secret::Secret,
    upstream::{Error, call::Pending, error::Kind, signature::Signature},
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// The longest that is waited for a token, whatever one call may take: those who wait for it have 50 s.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Of a token's time, how many tenths are used before it is renewed.
const TENTHS: u32 = 9;
/// A token that is refused before it ever served is not the reason: the next would be refused too, so it is asked for
/// no more often than this.
const UNPROVEN: Duration = Duration::from_secs(60);
/// After a failure nobody asks again for so long: that answer is everybody's.
const AFTER_SILENCE: Duration = Duration::from_secs(1);
/// The same after a refusal, which only a person can mend: some vendors lock an account that tries too often.
const AFTER_REFUSAL: Duration = Duration::from_secs(10);

/// One instant on both clocks: how long a token lasts is told in seconds, or as a date.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// As clocks of the process go.
    pub instant: Instant,
    /// As the world's go.
    pub timestamp: jiff::Timestamp,
}

impl Now {
    /// This one.
    #[expect(
        clippy::disallowed_methods,
        reason = "what the vendor says of times is held against the world's"
    )]
    pub fn here() -> Self {
        Self { instant: Instant::now(), timestamp: jiff::Timestamp::now() }
    }
}

/// What was given out.
#[derive(Debug)]
pub struct Issued {
    /// The token itself.
    pub token: Secret,
    /// The token as it travels.
    pub signature: Signature,
    /// How long it lasts; where nobody says, until it is refused.
    pub lasts: Option<Duration>,
}

/// Who gives tokens out.
pub trait Source: Send + Sync {
    /// Asks for one.
    fn issue(&self, now: jiff::Timestamp) -> Pending<'_, Result<Issued, Error>>;

    /// What took the place of a configured refresh token.
    fn refreshed(&self) -> Option<Arc<Refreshed>> {
        None
    }
}

/// A token that was given out.
#[derive(Debug)]
pub struct Token {
    text: Secret,
    signature: Signature,
    since: Instant,
    lasts: Option<Duration>,
    served: AtomicBool,
}

impl Token {
    /// As it travels.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The vendor took it.
    pub fn serves(&self) {
        // One flag that only ever rises, and orders nothing.
        self.served.store(true, Ordering::Relaxed);
    }

    fn is_due(&self, now: Instant) -> bool {
        self.lasts.is_some_and(|lasts| self.age(now) >= lasts.saturating_mul(TENTHS) / 10)
    }

    fn is_over(&self, now: Instant) -> bool {
        self.lasts.is_some_and(|lasts| self.age(now) >= lasts)
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }
}

type Outcome = Result<Arc<Token>, Error>;

/// Keeps the token of one tenant.
pub struct Keeper {
    tenant: Arc<str>,
    source: Arc<dyn Source>,
    metrics: Arc<Metrics>,
    // A std mutex: held to look and to set, never across an await.
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    /// The last two: a call that was signed by the one before may still be under way.
    lately: [Option<Secret>; 2],
    /// Under way, for all who wait.
    renewal: Option<Shared<BoxFuture<'static, Outcome>>>,
    /// The last failure, and until when it stands.
    failed: Option<(Error, Instant)>,
}

impl State {
    /// What a call gets without waiting for anybody.
    fn at_hand(&self, now: Instant) -> Option<Outcome> {
        let token = self.token.as_ref().filter(|token| !token.is_over(now));
        match (token, &self.failed) {
            (Some(token), _) if !token.is_due(now) => Some(Ok(Arc::clone(token))),
            // Due, and just now it could not be renewed: it is good until its end.
            (Some(token), Some((_, until))) if now < *until => Some(Ok(Arc::clone(token))),
            (None, Some((error, until))) if now < *until => Some(Err(error.clone())),
            _ => None,
        }
    }
}

impl Keeper {
    /// Nothing is asked for before the first call.
    pub fn new(tenant: &Arc<str>, source: Arc<dyn Source>, metrics: &Arc<Metrics>) -> Self {
        let (tenant, metrics) = (Arc::clone(tenant), Arc::clone(metrics));
        Self { tenant, source, metrics, state: Arc::default() }
    }

    /// The token. Where one has to be fetched, everybody waits for the same call, until `deadline`.
    pub async fn token(&self, now: Now, deadline: Instant) -> Outcome {
        let (renewal, old) = {
            let mut state = lock(&self.state);
            if let Some(outcome) = state.at_hand(now.instant) {
                return outcome;
            }
            let old = state.token.clone().filter(|token| !token.is_over(now.instant));
            (state.renewal.get_or_insert_with(|| self.renewal(now)).clone(), old)
        };
        let late = || Error {
            kind: Kind::Later(None),
            message: "no token was given out in time".to_owned(),
        };
        let outcome = timeout_at(deadline, renewal).await.unwrap_or_else(|_| Err(late()));
        outcome.or_else(|error| old.ok_or(error))
    }

    /// The last tokens, and what the next is asked for with, where that was given out as well.
    pub fn lately(&self) -> Vec<Secret> {
        let given = self.source.refreshed().and_then(|refreshed| refreshed.token());
        lock(&self.state).lately.iter().flatten().cloned().chain(given).collect()
    }

    /// What took the place of a configured refresh token.
    pub fn refreshed(&self) -> Option<Arc<Refreshed>> {
        self.source.refreshed()
    }

    /// The vendor refused this token. Whether it is worth asking for another, or another is there.
    pub fn refused(&self, token: &Arc<Token>, now: Now) -> bool {
        let mut state = lock(&self.state);
        let current = state.token.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, token));
        if !current {
            return true;
        }
        let proven = token.served.load(Ordering::Relaxed) || token.age(now.instant) >= UNPROVEN;
        if proven {
            state.token = None;
        }
        proven
    }

    /// A task of its own: who waits for it may go away, and the next one must not ask again.
    fn renewal(&self, now: Now) -> Shared<BoxFuture<'static, Outcome>> {
        let (tenant, metrics) = (Arc::clone(&self.tenant), Arc::clone(&self.metrics));
        let (source, state) = (Arc::clone(&self.source), Arc::clone(&self.state));
        let task = tokio::spawn(async move {
            let begun = Instant::now();
            let issued = AssertUnwindSafe(source.issue(now.timestamp)).catch_unwind().await;
            let issued = issued.unwrap_or_else(|_| Err(ended()));
            let word = issued.as_ref().map_or_else(|error| error.kind.word(), |_| "200");
            metrics.call(&tenant, "upstream.token", word, begun.elapsed());
            // Its time runs from before it was asked for: never longer than the vendor counts.
            let outcome = issued.map(|Issued { token, signature, lasts }| {
                let served = AtomicBool::new(false);
                Arc::new(Token { text: token, signature, since: now.instant, lasts, served })
            });
            let mut state = lock(&state);
            state.renewal = None;
            match &outcome {
                Ok(token) => {
                    let [last, _] = std::mem::take(&mut state.lately);
                    state.lately = [Some(token.text.clone()), last];
                    state.token = Some(Arc::clone(token));
                    state.failed = None;
                }
                Err(error) => {
                    tracing::error!(
                        tenant = &*tenant,
                        reason = error.message,
                        "no token for the vendor"
                    );
                    let until = now.instant + begun.elapsed() + pause(error.kind);
                    state.failed = Some((error.clone(), until));
                }
            }
            outcome
        });
        task.map(|ended_as| ended_as.unwrap_or_else(|_| Err(ended()))).boxed().shared()
    }
}

/// How long a failure stands.
fn pause(kind: Kind) -> Duration {
    match kind {
        Kind::Later(told) => told.unwrap_or(AFTER_SILENCE).max(AFTER_SILENCE),
        Kind::Refused => AFTER_REFUSAL,
        _ => AFTER_SILENCE,
    }
}

fn ended() -> Error {
    Error { kind: Kind::Unissued, message: "the call for a token ended half-way".to_owned() }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    const TAKES: Duration = Duration::from_millis(50);

    /// Gives out tokens that last ten seconds, unless it is told otherwise.
    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
        fails: Mutex<Option<Kind>>,
    }

    impl Source for Counting {
        fn issue(&self, _: jiff::Timestamp) -> Pending<'_, Result<Issued, Error>> {
            Box::pin(async {
                self.asked.fetch_add(1, Ordering::Relaxed);
                // Long enough for all to come and wait.
                tokio::time::sleep(TAKES).await;
                match *self.fails.lock().unwrap() {
                    Some(kind) => Err(Error { kind, message: "so it was said".to_owned() }),
                    None => Ok(Issued {
                        token: Secret::new("t"),
                        signature: Signature::None,
                        lasts: Some(Duration::from_secs(10)),
                    }),
                }
            })
        }
    }

    struct Kept {
        keeper: Keeper,
        source: Arc<Counting>,
        begun: Instant,
    }

    impl Kept {
        fn new() -> Self {
            let source = Arc::<Counting>::default();
            let keeper = Keeper::new(&"acme".into(), source.clone(), &Arc::default());
            Self { keeper, source, begun: Instant::now() }
        }

        fn at(&self, millis: u64) -> Now {
            let instant = self.begun + Duration::from_millis(millis);
            Now { instant, timestamp: jiff::Timestamp::UNIX_EPOCH }
        }

        async fn token(&self, millis: u64) -> Outcome {
            self.keeper.token(self.at(millis), Instant::now() + Duration::from_secs(60)).await
        }

        async fn kind(&self, millis: u64) -> Option<Kind> {
            self.token(millis).await.err().map(|error| error.kind)
        }

        fn fails(&self, kind: Option<Kind>) {
            *self.source.fails.lock().unwrap() = kind;
        }

        fn asked(&self) -> usize {
            self.source.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_when_nine_tenths_of_its_time_are_over() {
        let kept = Kept::new();
        for (millis, asked) in
            [(0, 1), (8_999, 1), (9_000, 2), (17_999, 2), (18_000, 3), (99_000, 4)]
        {
            kept.token(millis).await.unwrap();
            assert_eq!(kept.asked(), asked, "after {millis} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_wait_ask_once_and_hear_the_same() {
        for fails in [None, Some(Kind::Refused), Some(Kind::Later(None))] {
            let kept = Kept::new();
            kept.fails(fails);
            let all = futures_util::future::join_all((0..50).map(|_| kept.kind(0))).await;
            assert_eq!((all, kept.asked()), (vec![fails; 50], 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_leaves_the_call_to_those_who_come() {
        let kept = Kept::new();
        let soon = Instant::now() + Duration::from_millis(1);
        let late = kept.keeper.token(kept.at(0), soon).await.unwrap_err();
        assert_eq!(late.kind, Kind::Later(None));
        kept.token(1).await.unwrap();
        assert_eq!(kept.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_stands_for_a_while_and_no_longer() {
        let second = Duration::from_secs(1);
        let table = [
            (Kind::Later(None), 1_000),
            (Kind::Later(Some(second * 30)), 30_000),
            (Kind::Unissued, 1_000),
            (Kind::Refused, 10_000),
        ];
        for (kind, millis) in table {
            // From when it is known.
            let stands = millis + 50;
            let kept = Kept::new();
            kept.fails(Some(kind));
            assert_eq!(kept.kind(0).await, Some(kind));
            assert_eq!(kept.kind(stands - 1).await, Some(kind));
            assert_eq!(kept.asked(), 1, "{kind:?}");
            kept.fails(None);
            assert_eq!(kept.kind(stands).await, None, "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_cannot_be_renewed_is_good_until_its_end() {
        let kept = Kept::new();
        kept.token(0).await.unwrap();
        kept.fails(Some(Kind::Later(None)));
        for (millis, expected, asked) in [
            (9_000, None, 2),
            (9_900, None, 2),
            (10_000, Some(Kind::Later(None)), 2),
            (10_050, Some(Kind::Later(None)), 3),
        ] {
            assert_eq!(kept.kind(millis).await, expected, "after {millis} ms");
            assert_eq!(kept.asked(), asked, "after {millis} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_served_and_is_refused_is_replaced_once() {
        let kept = Kept::new();
        let first = kept.token(0).await.unwrap();
        assert!(!kept.keeper.refused(&first, kept.at(1)), "it never served: the next would not");
        assert!(kept.keeper.refused(&first, kept.at(60_000)), "but that is not believed for ever");
        let second = kept.token(60_000).await.unwrap();
        second.serves();
        assert!(kept.keeper.refused(&second, kept.at(60_001)));
        let third = kept.token(60_001).await.unwrap();
        assert!(kept.keeper.refused(&second, kept.at(60_002)), "another is there already");
        assert!(Arc::ptr_eq(&third, &kept.token(60_002).await.unwrap()));
        assert_eq!(kept.asked(), 3);
    }
}
