//! The guards of all tenants, as operators see them and release them.

use super::PATIENCE;
use crate::{
    diagnostic::{did_you_mean, nearest},
    gateway::{Gateway, guard::Standing},
    metrics::Metrics,
    store::Error,
};
use futures_util::future::{join, join_all, try_join_all};
use http::{HeaderMap, StatusCode, header::ORIGIN};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::timeout;
use url::form_urlencoded;

/// Tenants by name.
pub type Gateways = [(Arc<str>, Arc<Gateway>)];

/// The status of what is no 200, and why it is none.
pub type Refused = (StatusCode, String);

/// Who scrapes gives up soon, and the metrics of the rest are worth more than those of the guards.
const MOMENT: Duration = Duration::from_secs(1);

/// Has the metrics show how each stands now, and how much there is in its journal: time alone changes that, and other
/// replicas. What the store does not say in a moment stays as it was.
pub async fn show(gateways: &Gateways, metrics: &Metrics, now: Timestamp) {
    let guards = gateways.iter().map(|(_, gateway)| gateway.guard(now));
    let journals = gateways.iter().filter(|(_, gateway)| gateway.journals());
    let journals = journals.map(async |(tenant, gateway)| {
        if let Ok(depth) = gateway.depth().await {
            let oldest = depth.oldest.map(Timestamp::as_second);
            metrics.journal(tenant, depth.waiting, depth.dead, oldest);
        }
    });
    let _ = timeout(MOMENT, join(join_all(guards), join_all(journals))).await;
}

/// How each stands: `"off"`, or a map with `most`, `within` and `counted`, and where it holds back with `since` and `until`.
pub async fn all(gateways: &Gateways, now: Timestamp) -> Result<Value, Refused> {
    let each = gateways.iter().map(async |(tenant, gateway)| {
        let standing = gateway.guard(now).await?;
        let shown = standing.map_or_else(|| json!("off"), |standing| one(&standing));
        Ok((tenant.to_string(), shown))
    });
    let shown = in_time(try_join_all(each)).await?;
    Ok(Value::Object(shown.into_iter().collect()))
}

/// What the store says, while the operator waits.
async fn in_time<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Refused> {
    let why = match timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the store did not answer in time".to_owned(),
    };
    Err((StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")))
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
pub async fn release(
    gateways: &Gateways,
    query: Option<&str>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Value, Refused> {
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
    match in_time(gateway.release_guard(now)).await? {
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
