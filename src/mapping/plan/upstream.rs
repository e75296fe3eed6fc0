//! What a Plan says of the vendor: variables, credential, limits, and what its failures mean.

use super::Step;
use crate::{
    diagnostic::Place,
    mapping::expr::{Expression, Template},
    upstream::settings::{Carrier, Limits, Retries, Scheme},
};
use serde_json::Value;
use std::time::Duration;

/// What a tenant variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of texts.
    List,
}

/// One `tenant:` variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// `tenant.NAME` in expressions.
    pub name: String,
    /// What it holds.
    pub kind: VariableKind,
    /// Comes from the environment or a file; redacted everywhere.
    pub secret: bool,
    /// Without one it must be supplied.
    pub default: Option<Value>,
    /// The only values allowed; empty: any.
    pub one_of: Vec<Value>,
    /// Shown where the value is missing.
    pub example: Option<String>,
    /// For people.
    pub about: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// How calls are signed; templates over `tenant`.
#[derive(Debug, Clone)]
pub enum AuthPlan {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`
    Bearer(Template),
    /// `Authorization: Basic …`
    Basic {
        /// User name.
        user: Template,
        /// Password.
        password: Template,
    },
    /// A header of the vendor's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: Template,
    },
    /// A query parameter.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: Template,
    },
    /// A token that is fetched by OAuth 2.
    OAuth(Box<OAuthPlan>),
    /// A token that a login call gives.
    Login(Box<LoginPlan>),
    /// The client's own credential.
    Client(Scheme),
}

/// `login:`
#[derive(Debug, Clone)]
pub struct LoginPlan {
    /// The call; over `tenant`.
    pub step: Step,
    /// Over `answer` and `tenant`.
    pub token: Expression,
    /// The same; left out: until it is refused.
    pub expires: Option<Expression>,
    /// Where the token goes.
    pub send: Carrier,
    /// What goes there; over `token` and `tenant`.
    pub value: Template,
}

/// `oauth2:`
#[derive(Debug, Clone)]
pub struct OAuthPlan {
    /// What is shown for a token.
    pub grant: GrantPlan,
    /// Who gives it out.
    pub token_url: Template,
    /// Who we are there.
    pub client_id: Template,
    /// What proves it.
    pub client_secret: Option<Template>,
    /// Client and secret travel in the form.
    pub in_body: bool,
    /// What the token shall be good for.
    pub scopes: Vec<Template>,
    /// Further members of the form.
    pub extra: Vec<(String, Template)>,
}

/// What is shown for a token.
#[derive(Debug, Clone)]
pub enum GrantPlan {
    /// Who we are is enough.
    ClientCredentials,
    /// A user's.
    Password {
        /// User name.
        user: Template,
        /// Password.
        password: Template,
    },
    /// A token that was given out for it.
    RefreshToken(Template),
}

/// How connections to the vendor are secured beyond what the system does; templates over `tenant`, PEM texts. One
/// that comes to nothing is not there: a mapping may serve tenants with and without.
#[derive(Debug, Clone, Default)]
pub struct TlsPlan {
    /// What we show a vendor that asks who connects, with its key.
    pub identity: Option<(Template, Template)>,
    /// Certificate authorities beside the system's.
    pub ca: Option<Template>,
}

/// How bodies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`: `a[b]=1`, lists repeat the name, null is empty.
    Form,
}

/// The `upstream:` section.
#[derive(Debug, Clone)]
pub struct UpstreamPlan {
    /// Calls never leave it.
    pub base_url: Template,
    /// How calls are signed.
    pub auth: AuthPlan,
    /// How connections are secured beyond that.
    pub tls: TlsPlan,
    /// On every call.
    pub headers: Vec<(String, Template)>,
    /// How bodies are written unless a step says otherwise.
    pub encoding: Encoding,
    /// For one call.
    pub timeout: Duration,
    /// So long after it was given up a call may still be carried out.
    pub settle: Duration,
    /// How fast and how many at once.
    pub limits: Limits,
    /// Records read at most to match a filter here.
    pub scan: usize,
    /// When to try again.
    pub retries: Retries,
    /// What the vendor's failures mean, for all calls.
    pub errors: Vec<ErrorRow>,
    /// What tells whether it is there and takes our credential.
    pub probe: Option<Step>,
    /// Where `base_url` stands.
    pub place: Place,
}

impl UpstreamPlan {
    /// How long a call may be carried out after it has left.
    pub fn at_large(&self) -> Duration {
        self.timeout.saturating_add(self.settle)
    }

    /// How the client's own credential goes on, where it does: the gateway has none then.
    pub fn passes_on(&self) -> Option<Scheme> {
        match self.auth {
            AuthPlan::Client(scheme) => Some(scheme),
            _ => None,
        }
    }
}

/// What an answer means: the eight words of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It worked.
    Done,
    /// What the call named does not exist.
    NotFound,
    /// Taken by somebody else.
    Conflict,
    /// The vendor refuses the values.
    Invalid,
    /// Not allowed by plan or policy.
    Forbidden,
    /// Too many calls; come back.
    Busy,
    /// Not there right now; come back.
    Down,
    /// Everything that should not happen.
    Broken,
}

/// One row of an `errors:` list.
#[derive(Debug, Clone)]
pub struct ErrorRow {
    /// Over `answer` and `tenant`; a failure counts as false.
    pub when: Expression,
    /// What it means.
    pub means: Meaning,
    /// What the client is told.
    pub detail: Option<Template>,
    /// The attribute at fault, for the detail.
    pub attribute: Option<String>,
    /// Seconds, for busy and down.
    pub retry_after: Option<Expression>,
    /// Where it stands.
    pub place: Place,
}
