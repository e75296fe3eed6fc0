//! One call as the router sees it.

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One call as the router sees it.
pub struct Asked {
    /// HTTP method.
    pub method: Method,
    /// Without query.
    pub path: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
    /// JSON, or null.
    pub body: Value,
}

impl Asked {
    /// A query parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// How many records a page has.
    pub fn size(&self, most: usize) -> usize {
        self.number("limit")
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(most)
            .clamp(1, most)
    }
}

/// A query's parameters, decoded.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}
