//! The `admin:` section: where the operator's listener stands, and who may read the metrics.

use crate::{secret::Reference, server::settings::Limits};
use serde::Deserialize;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

/// Where operators and their tools reach us.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `listen` and `token`")]
pub struct Settings {
    /// Address and port; port 0 takes a free one. Off loopback only with a token.
    pub listen: SocketAddr,
    /// What `/metrics`, `/guard` and `/journal` ask for, as `Authorization: Bearer TOKEN`.
    pub token: Option<Reference>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)), token: None }
    }
}

/// A scraper and a probe need little: few connections, short waits, no body.
pub fn limits() -> Limits {
    let second = Duration::from_secs(1);
    Limits {
        connections: 64,
        headers: 16 * 1024,
        request: 5 * second,
        drain: second,
        ..Limits::default()
    }
}
