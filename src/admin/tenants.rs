//! The tenants that operators ask for by name.

use super::refused::Refused;
use crate::{
    diagnostic::{did_you_mean, nearest},
    gateway::Gateway,
};
use http::StatusCode;
use std::sync::Arc;
use url::form_urlencoded;

/// Tenants by name.
pub type Gateways = [(Arc<str>, Arc<Gateway>)];

/// What a query says under a key; an empty value says nothing.
pub fn said(query: Option<&str>, key: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let value = pairs.into_iter().find(|(name, _)| name == key).map(|(_, value)| value);
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The tenant of that name.
pub fn named<'g>(
    gateways: &'g Gateways,
    name: &str,
) -> Result<&'g (Arc<str>, Arc<Gateway>), Refused> {
    gateways.iter().find(|(tenant, _)| **tenant == *name).ok_or_else(|| {
        let help = nearest(name, names(gateways)).map(did_you_mean);
        let help = help.unwrap_or_else(|| format!("known are {}", listed(gateways)));
        Refused::new(StatusCode::NOT_FOUND, format!("there is no tenant `{name}`: {help}"))
    })
}

/// All names, for people.
pub fn listed(gateways: &Gateways) -> String {
    names(gateways).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn names(gateways: &Gateways) -> impl Iterator<Item = &str> {
    gateways.iter().map(|(tenant, _)| &**tenant)
}
