//! How one tenant's vendor is reached: plain data, made from the mapping and the tenant's variables.

use super::{Answer, Call, encode::encoded, spelled::basic};
use crate::secret::Secret;
use serde_json::Value;
use std::{fmt, sync::Arc, time::Duration};

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
    /// `Authorization: Bearer …` of a token that is fetched (RFC 6749).
    OAuth(Arc<Grant>),
    /// A token of the vendor's own kind, which a login call gives.
    Login(Arc<Login>),
    /// By the SCIM client's own credential: each request brings it.
    Client(Scheme),
}

impl Auth {
    /// Whether something of it goes to an address of `https`.
    pub fn encrypted(&self) -> bool {
        matches!(self, Self::OAuth(grant) if grant.token_url.starts_with("https"))
    }

    /// What signs calls, and what a token is asked for with, as it travels: a vendor may repeat it. What is fetched, and
    /// what a client brings, is not known here.
    pub fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::None | Self::Login(_) | Self::Client(_) => Vec::new(),
            Self::Bearer(value) | Self::Header { value, .. } | Self::Query { value, .. } => {
                vec![value.clone()]
            }
            Self::Basic { user, password } => {
                let pair = basic(&format!("{user}:{}", password.expose()));
                pair.into_iter().chain([password.clone()]).collect()
            }
            Self::OAuth(grant) => grant.secrets(),
        }
    }
}

/// How a token is fetched by OAuth 2.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// What is shown for it.
    pub kind: GrantKind,
    /// Who gives it out; the operator's, and fixed.
    pub token_url: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; a public client has none.
    pub client_secret: Option<Secret>,
    /// Client and secret travel in the form, not in `Authorization`.
    pub in_body: bool,
    /// What the token shall be good for.
    pub scopes: Vec<String>,
    /// Further members of the form.
    pub extra: Vec<(String, String)>,
}

impl Grant {
    /// `client:secret` where both travel in `Authorization`, each encoded as in a form first (RFC 6749 §2.3.1).
    pub fn login(&self) -> Option<String> {
        let secret = self.client_secret.as_ref().filter(|_| !self.in_body)?;
        Some(format!("{}:{}", encoded(&self.client_id), encoded(secret.expose())))
    }

    fn secrets(&self) -> Vec<Secret> {
        let shown = match &self.kind {
            GrantKind::ClientCredentials => None,
            GrantKind::Password { password, .. } => Some(password.clone()),
            GrantKind::RefreshToken(configured) => Some(configured.clone()),
        };
        let login = self.login().map(|login| basic(&login)).into_iter().flatten();
        login.chain(self.client_secret.clone()).chain(shown).collect()
    }
}

/// What is shown for a token.
#[derive(Debug, Clone, PartialEq)]
pub enum GrantKind {
    /// RFC 6749 §4.4
    ClientCredentials,
    /// RFC 6749 §4.3
    Password {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// RFC 6749 §6
    RefreshToken(Secret),
}

/// How a token is had by a login call.
pub struct Login {
    /// The call, which travels as all others do, and unsigned.
    pub call: Call,
    /// Reads what it is answered.
    pub reader: Arc<dyn Reader>,
    /// Where the token stands in the answer, for people.
    pub found: Found,
    /// Where it goes.
    pub send: Carrier,
}

/// What the call carries is a secret.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// Reads the answer of a login call, as the mapping says. No error of it holds a value.
pub trait Reader: Send + Sync {
    /// The token.
    fn token(&self, answer: &Answer) -> Result<Secret, String>;

    /// When it ends, in the vendor's own notation; null where nobody says.
    fn end(&self, answer: &Answer) -> Result<Value, String>;

    /// The token with what stands around it: `Session …`.
    fn sent(&self, token: &str) -> Result<Secret, String>;
}

/// Where a token stands in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// In the body, here: `.session.token`.
    Body(String),
    /// In this header.
    Header(String),
    /// Where only this expression says.
    Elsewhere(String),
}

/// Where a token travels, by the name that it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier {
    /// A header.
    Header(String),
    /// A query parameter; it ends up in the vendor's logs.
    Query(String),
    /// A cookie.
    Cookie(String),
}

/// What the client's own credential is sent behind, whatever it came behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer …`
    Bearer,
    /// `Authorization: Basic …`
    Basic,
    /// As it came.
    AsSent,
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
    /// Header that says when there are more: seconds, seconds or milliseconds since 1970, or a date.
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
