//! The guards of all tenants, as operators see them and release them.

use crate::{
    diagnostic::{did_you_mean, nearest},
    gateway::{Gateway, guard::Standing},
};
use http::{HeaderMap, StatusCode, header::ORIGIN};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use url::form_urlencoded;

/// Tenants by name.
pub type Gateways = [(Arc<str>, Arc<Gateway>)];

/// How each stands: `"off"`, or a map with `most`, `within` and `counted`, and where it holds back with `since` and `until`.
pub fn all(gateways: &Gateways, now: Timestamp) -> Value {
    let each = gateways.iter().map(|(tenant, gateway)| {
        let shown = gateway.guard(now).map_or_else(|| json!("off"), |standing| one(&standing));
        (tenant.to_string(), shown)
    });
    Value::Object(each.collect())
}

fn one(standing: &Standing) -> Value {
    let Standing { limit, counted, tripped } = standing;
    let mut shown = Map::new();
    shown.insert("most".to_owned(), json!(limit.most));
    shown.insert("within".to_owned(), json!(limit.time()));
    shown.insert("counted".to_owned(), json!(counted));
    if let Some(tripped) = tripped {
        shown.insert("since".to_owned(), json!(tripped.since.to_string()));
        shown.insert("until".to_owned(), json!(tripped.until.to_string()));
    }
    Value::Object(shown)
}

/// Releases that of the tenant that the query names; how many had counted. Else the status and why not.
pub fn release(
    gateways: &Gateways,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Value, (StatusCode, String)> {
    // A page in an operator's browser can send this to a loopback address. Browsers say where a page is from.
    if headers.contains_key(ORIGIN) {
        let why = "a page in a browser releases nothing: use `scimshim guard release`\n";
        return Err((StatusCode::FORBIDDEN, why.to_owned()));
    }
    let known = || gateways.iter().map(|(tenant, _)| &**tenant);
    let named = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let named = named.into_iter().find(|(key, _)| key == "tenant").map(|(_, name)| name);
    let Some(name) = named.filter(|name| !name.is_empty()) else {
        let why = format!("say whose: `?tenant=NAME`, one of {}\n", listed(known()));
        return Err((StatusCode::BAD_REQUEST, why));
    };
    let Some((tenant, gateway)) = gateways.iter().find(|(tenant, _)| **tenant == *name) else {
        let help = nearest(&name, known()).map(did_you_mean);
        let help = help.unwrap_or_else(|| format!("known are {}", listed(known())));
        return Err((StatusCode::NOT_FOUND, format!("there is no tenant `{name}`: {help}\n")));
    };
    match gateway.release_guard() {
        Some(released) => Ok(json!({ "tenant": &**tenant, "released": released })),
        None => {
            let why = format!("the guard of `{tenant}` is off: it holds nothing back\n");
            Err((StatusCode::CONFLICT, why))
        }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
