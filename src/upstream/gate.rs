//! Gate: what every call passes on its way to one vendor. Its limits, and the breaker that keeps calls from a vendor
//! that is away. A reload leaves it standing: a vendor's limits do not begin anew with a mapping.

use super::{
    Answer, Error,
    breaker::{Attempt, Breaker, Sign},
    error::Kind,
    limit::{Limiter, Place, allowance::Allowance, heard::Heard},
    settings::{Limits, Settings},
};
use crate::metrics::Metrics;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// A vendor that answers nothing for so long is away, however long a call may take; one that was given less time may
/// only be slow.
const SILENT: Duration = Duration::from_secs(5);

/// What calls to one vendor pass.
#[derive(Debug)]
pub struct Gate {
    tenant: Arc<str>,
    base_url: String,
    limits: Limits,
    timeout: Duration,
    limiter: Limiter,
    breaker: Breaker,
}

/// A call that passed.
#[derive(Debug)]
pub struct Passed<'a> {
    gate: &'a Gate,
    place: Place<'a>,
    attempt: Attempt<'a>,
    since: Instant,
}

impl Gate {
    /// Nothing is known of the vendor yet.
    pub fn new(tenant: &Arc<str>, settings: &Settings, metrics: &Metrics) -> Self {
        let Settings { base_url, limits, timeout, .. } = settings;
        Self {
            tenant: Arc::clone(tenant),
            base_url: base_url.clone(),
            limits: limits.clone(),
            timeout: *timeout,
            limiter: Limiter::new(limits),
            breaker: Breaker::new(tenant, metrics),
        }
    }

    /// Whether it stands before the same vendor, with the same limits.
    pub fn is_like(&self, other: &Self) -> bool {
        let of = |gate: &Self| (gate.base_url.clone(), gate.limits.clone(), gate.timeout);
        self.tenant == other.tenant && of(self) == of(other)
    }

    /// What the mapping tells of the vendor's limits is kept together with others.
    pub fn share(&self, allowance: Arc<dyn Allowance>) {
        self.limiter.share(allowance);
    }

    /// Waits until a call may be sent; an error as soon as it is known that it may not before the deadline.
    pub async fn pass(&self, deadline: Instant) -> Result<Passed<'_>, Error> {
        let place = self.limiter.enter(deadline, || self.breaker.look(Instant::now())).await?;
        let attempt = self.breaker.enter(Instant::now())?;
        Ok(Passed { gate: self, place, attempt, since: Instant::now() })
    }

    /// A row of the mapping says that the vendor asks for fewer calls, and for how long for none.
    pub fn heed(&self, pause: Option<Duration>) {
        self.limiter.heed(pause);
    }
}

impl Passed<'_> {
    /// Learns from what became of the call; `address` tells it from others, where that is asked.
    pub fn learn(
        self,
        address: &dyn Fn() -> String,
        outcome: &Result<Answer, Error>,
        now: jiff::Timestamp,
    ) {
        let Self { gate, place, attempt, since } = self;
        let patient = since.elapsed() >= SILENT.min(gate.timeout);
        if let Ok(answer) = outcome {
            let heard = Heard::of(answer, &gate.limits, now);
            if let Some(rate) = place.heard(heard) {
                tracing::info!(
                    tenant = &*gate.tenant,
                    per_second = (rate * 10.0).round() / 10.0,
                    "the vendor refused calls because there were too many; they are fewer now"
                );
            }
        }
        if attempt.ended(sign(address, outcome, patient), Instant::now()) {
            gate.limiter.wake();
        }
    }
}

/// What an outcome says of the vendor. Of an answer only that there is nobody behind it: any other, also a 500, is
/// about one request.
fn sign(address: &dyn Fn() -> String, outcome: &Result<Answer, Error>, patient: bool) -> Sign {
    let this = || {
        let mut hasher = DefaultHasher::new();
        address().hash(&mut hasher);
        Some(hasher.finish())
    };
    match outcome {
        Ok(answer) => match answer.status {
            502..=504 => Sign::Away { call: this(), why: format!("it answered {}", answer.status) },
            _ => Sign::There,
        },
        Err(error) => {
            let why = error.message.clone();
            match error.kind {
                Kind::Connect => Sign::Away { call: None, why },
                Kind::Timeout if !patient => Sign::None,
                Kind::Timeout | Kind::Broken | Kind::Garbled => Sign::Away { call: this(), why },
                _ => Sign::None,
            }
        }
    }
}
