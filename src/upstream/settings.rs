//! How one tenant's vendor is reached: plain data, made from the mapping and the tenant's variables.

use crate::secret::Secret;
use std::time::Duration;

/// How calls are signed.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`
    Bearer(Secret),
    /// `Authorization: Basic …`
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// A header of the vendor's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: Secret,
    },
    /// A query parameter; it ends up in the vendor's logs.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: Secret,
    },
}

/// How fast, and how many at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// So many calls in so much time.
    pub requests: Option<(u32, Duration)>,
    /// Calls at the same time.
    pub concurrent: usize,
    /// Header that says how many calls are left.
    pub remaining: Option<String>,
    /// Header that says when there are more: epoch seconds or seconds from now.
    pub reset: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        // Eight at once: enough for a page read item by item, not enough to hurt an old app.
        Self { requests: None, concurrent: 8, remaining: None, reset: None }
    }
}

/// When a call is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct Retries {
    /// Tries after the first.
    pub times: u32,
    /// The longest first pause; each further one may be twice as long.
    pub first: Duration,
    /// No pause of our own choice is longer.
    pub longest: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { times: 3, first: Duration::from_millis(200), longest: Duration::from_secs(10) }
    }
}

/// What we show a vendor that asks who connects (mutual TLS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate first, then those that sign it, as PEM.
    pub certificate: String,
    /// Its key, as PEM.
    pub key: Secret,
}

/// Everything about one tenant's vendor.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Calls never leave it.
    pub base_url: String,
    /// How calls are signed.
    pub auth: Auth,
    /// On every call.
    pub headers: Vec<(String, String)>,
    /// For one call.
    pub timeout: Duration,
    /// How fast, and how many at once.
    pub limits: Limits,
    /// When a call is tried again.
    pub retries: Retries,
    /// Certificate authorities beside the system's, as PEM.
    pub roots: Vec<String>,
    /// What we show a vendor that asks who connects.
    pub identity: Option<Identity>,
    /// Bytes of an answer that are read; a larger one is refused, never cut.
    pub largest_answer: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            auth: Auth::None,
            headers: Vec::new(),
            // Two calls of this length still fit the client's minute.
            timeout: Duration::from_secs(20),
            limits: Limits::default(),
            retries: Retries::default(),
            roots: Vec::new(),
            identity: None,
            // A page of 100 users is 200 kB; a vendor that sends 10 MiB is lost.
            largest_answer: 10 * 1024 * 1024,
        }
    }
}
