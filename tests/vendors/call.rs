//! One call as it came over the wire.

use hyper::body::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::time::Instant;

#[derive(Clone, Debug, Default)]
pub struct Call {
    pub method: String,
    /// As sent, still percent-encoded.
    pub path: String,
    /// As sent, without the `?`.
    pub raw_query: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// When all of it had come, by a clock that never goes back; none of a call that came over no wire.
    pub at: Option<Instant>,
    /// The vendor is told to overlook what narrows its lists.
    pub unfiltered: bool,
}

impl Call {
    /// `GET /users?email=a%40b.example`, to be compared with what is expected.
    pub fn line(&self) -> String {
        let mark = if self.raw_query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}", self.method, self.path, self.raw_query)
    }

    /// The body, or null when it is empty or no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let known = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, value)| value.as_str())
    }

    /// What follows the word in `Authorization: WORD …`; the word's case does not count (RFC 9110 §11.1).
    pub fn credential(&self, scheme: &str) -> Option<&str> {
        let (word, credential) = self.header("authorization")?.split_once(' ')?;
        word.eq_ignore_ascii_case(scheme).then_some(credential.trim_start())
    }

    /// The media type without its parameters.
    pub fn media(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// One parameter of the query, of how the list is shown.
    pub fn asked(&self, name: &str) -> Option<&str> {
        let known = self.query.iter().find(|(known, _)| known == name);
        known.map(|(_, value)| value.as_str())
    }

    /// The same for a parameter that narrows the list, which the vendor may be told to overlook.
    pub fn filter(&self, name: &str) -> Option<&str> {
        self.asked(name).filter(|_| !self.unfiltered)
    }

    /// A number of the query, which is known to be one, or what holds without it.
    pub fn number(&self, name: &str, otherwise: usize) -> usize {
        self.asked(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }

    /// The decoded segments of the path.
    pub fn segments(&self) -> Vec<String> {
        let decoded = |one| percent_decode_str(one).decode_utf8_lossy().into_owned();
        self.path.split('/').map(decoded).collect()
    }
}
