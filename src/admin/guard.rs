//! The guards of all tenants, as operators see them and release them.

use super::{
    PATIENCE,
    refused::{Refused, in_time, of_no_page},
    tenants::{Gateways, listed, named, said},
};
use crate::{gateway::guard::Standing, store::Error};
use futures_util::future::try_join_all;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

/// How each stands: `"off"`, or a map with `most`, `within` and `counted`, and where it holds back with `since` and `until`.
pub async fn all(gateways: &Gateways, now: Timestamp) -> Result<Value, Refused> {
    let each = gateways.iter().map(async |(tenant, gateway)| {
        let standing = gateway.guard(now).await?;
        let shown = standing.map_or_else(|| json!("off"), |standing| one(&standing));
        Ok::<_, Error>((tenant.to_string(), shown))
    });
    let shown = in_time(try_join_all(each)).await?;
    Ok(Value::Object(shown.into_iter().collect()))
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

/// Releases that of the tenant that the query names; how many had counted.
pub async fn release(
    gateways: &Gateways,
    query: Option<&str>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Value, Refused> {
    of_no_page(headers, "scimshim guard release")?;
    let Some(name) = said(query, "tenant") else {
        let why = format!("say whose: `?tenant=NAME`, one of {}", listed(gateways));
        return Err(Refused::new(StatusCode::BAD_REQUEST, why));
    };
    let (tenant, gateway) = named(gateways, &name)?;
    match in_time(gateway.release_guard(now, Instant::now() + PATIENCE)).await? {
        Some(released) => Ok(json!({ "tenant": &**tenant, "released": released })),
        None => {
            let why = format!("the guard of `{tenant}` is off: it holds nothing back");
            Err(Refused::new(StatusCode::CONFLICT, why))
        }
    }
}
