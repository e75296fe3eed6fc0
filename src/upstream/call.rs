//! Call and Answer: one exchange with the vendor, as plain data.

use super::record::Packed;
use crate::diagnostic::Place;
use http::{HeaderMap, Method};
use serde_json::Value;
use std::{future::Future, pin::Pin};

/// What a Call carries.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// `application/json`
    Json(Value),
    /// `application/x-www-form-urlencoded`, in order, not yet encoded.
    Form(Vec<(String, String)>),
}

/// One exchange that we want with the vendor. Plain data: the gateway makes it, a client performs
/// it, `explain` prints it.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What it is called in metrics, logs and traces: `User.update.retire`. Never holds an id.
    pub name: String,
    /// HTTP method.
    pub method: Method,
    /// Below the base URL, beginning with `/`, percent-encoded.
    pub path: String,
    /// In order, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Beside those that the upstream adds itself.
    pub headers: HeaderMap,
    /// What it carries.
    pub body: Body,
    /// It may be sent twice without harm.
    pub safe: bool,
    /// The names at which its answer has a list that is wanted a few at a time, however long it is.
    pub packs: Option<Vec<String>>,
    /// The line of the mapping that makes it.
    pub place: Place,
}

impl Call {
    /// What tells one call from another, and one page of a list from the others: method, path, query
    /// and body.
    pub fn address(&self) -> String {
        format!("{} {} {:?} {:?}", self.method, self.path, self.query, self.body)
    }

    /// Path and query as a person reads them.
    pub fn target(&self) -> String {
        target(&self.path, &self.query)
    }
}

/// A path with its query as a person reads them: not encoded.
pub fn target(path: &str, query: &[(String, String)]) -> String {
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// What the vendor said. A body that is not JSON leaves `body` null and stands in `text`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header names are lower case.
    pub headers: HeaderMap,
    /// The parsed JSON, or null.
    pub body: Value,
    /// The body as text, when it is no JSON (cut to 4 KiB); empty otherwise.
    pub text: String,
    /// What of the list that the call packs is not in the body.
    pub rest: Packed,
}

/// A boxed future, so that `dyn Upstream` works.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
