//! What a vendor does wrong, and in which calls.

use super::call::Call;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Where a call or the bytes of an answer wait until they are let through.
#[derive(Clone, Debug)]
pub struct Gate {
    passes: Arc<Semaphore>,
    arrivals: Arc<Semaphore>,
}

impl Gate {
    pub fn shut() -> Self {
        Self { passes: Arc::new(Semaphore::new(0)), arrivals: Arc::new(Semaphore::new(0)) }
    }

    /// Lets so many through, those who wait and those who will come.
    pub fn let_through(&self, count: usize) {
        self.passes.add_permits(count);
    }

    pub fn open(&self) {
        self.passes.close();
    }

    /// Returns as soon as one more stands before the gate.
    pub async fn arrived(&self) {
        if let Ok(arrival) = self.arrivals.acquire().await {
            arrival.forget();
        }
    }

    pub(super) async fn pass(&self) {
        self.arrivals.add_permits(1);
        if let Ok(pass) = self.passes.acquire().await {
            pass.forget();
        }
    }
}

#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with the vendor's own error.
    Status(u16),
    /// 429 with the vendor's own headers, and this `Retry-After`.
    TooMany(Option<&'static str>),
    /// 200, and the body is the vendor's own error.
    Denied,
    /// 200 and a page for people.
    Html,
    /// This answer, whatever it is.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection is reset, with no answer.
    Reset,
    /// The call waits at the gate, and what it asks for is done behind it, whether the caller is still there or not.
    Delay(Gate),
    /// All is done, and the connection ends in the middle of the answer's body.
    HalfBody,
    /// All is done, and each byte of the answer's body waits at the gate.
    Drip(Gate),
    /// What narrows the list is overlooked.
    Unfiltered,
}

impl Fault {
    /// One of each kind, for who tries them all.
    pub fn each() -> Vec<Self> {
        vec![
            Self::Status(500),
            Self::TooMany(Some("1")),
            Self::Denied,
            Self::Html,
            Self::Answer(200, Vec::new(), "null".to_owned()),
            Self::Reset,
            Self::Delay(Gate::shut()),
            Self::HalfBody,
            Self::Drip(Gate::shut()),
            Self::Unfiltered,
        ]
    }

    /// Whether it leaves the vendor's own answer to be sent.
    pub fn answers(&self) -> bool {
        matches!(self, Self::Delay(_) | Self::HalfBody | Self::Drip(_) | Self::Unfiltered)
    }
}

/// A fault, and the calls that it strikes.
#[derive(Clone, Debug)]
pub struct Trouble {
    method: String,
    path: Vec<String>,
    first: usize,
    last: usize,
    seen: usize,
    pub(super) worked: bool,
    pub(super) fault: Fault,
}

impl Trouble {
    /// In every call of this method and path, `POST /users/*`; a star is any one segment.
    pub fn on(call: &str, fault: Fault) -> Self {
        let (method, path) = call.split_once(' ').unwrap_or((call, ""));
        let path = path.split('/').map(str::to_owned).collect();
        let method = method.to_owned();
        Self { method, path, first: 1, last: usize::MAX, seen: 0, worked: false, fault }
    }

    /// In the n-th of them only, counted from 1 and from now.
    pub fn nth(self, n: usize) -> Self {
        Self { first: n, last: n, ..self }
    }

    /// In the first n of them.
    pub fn first(self, n: usize) -> Self {
        Self { last: n, ..self }
    }

    /// In so many of them, from the n-th on.
    pub fn since(self, n: usize, count: usize) -> Self {
        Self { first: n, last: n + count - 1, ..self }
    }

    /// The vendor does what it is asked before the fault strikes: the caller cannot know. A delay is then one of
    /// the answer.
    pub fn after_the_work(self) -> Self {
        Self { worked: true, ..self }
    }

    /// Whether a call was struck.
    pub(super) fn has_struck(&self) -> bool {
        self.seen >= self.first
    }

    /// Counts the call, and says whether it is struck.
    pub(super) fn strikes(&mut self, call: &Call) -> bool {
        let segments = call.segments();
        let alike = |(known, given): (&String, &String)| known == "*" || known == given;
        let path = segments.len() == self.path.len() && self.path.iter().zip(&segments).all(alike);
        if call.method != self.method || !path {
            return false;
        }
        self.seen += 1;
        (self.first..=self.last).contains(&self.seen)
    }
}
