//! The journals of all tenants, as operators see them, and what they do about what stays in one.

use super::{
    PATIENCE,
    entry::{STATES, brief, whole},
    refused::{Refused, in_time, of_no_page},
    tenants::{Gateways, named, said},
};
use crate::{
    diagnostic::{did_you_mean, nearest},
    gateway::{Gateway, delivery::operator::Retried},
    store::{Entry, Error, Stage},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;

/// Entries that are read at once to find those that are asked for.
const AT_ONCE: u64 = 500;
/// Entries in an answer where nothing is said, and at most: who wants more asks again.
const USUAL: u64 = 100;
const MOST: u64 = 1_000;

/// What is asked for of a list.
struct Asked {
    state: Option<Stage>,
    skip: u64,
    limit: usize,
}

/// The entries that the query asks for: those of one tenant after the other, the oldest first.
pub async fn list(gateways: &Gateways, query: Option<&str>) -> Result<Value, Refused> {
    let one = said(query, "tenant").map(|name| named(gateways, &name)).transpose()?;
    let gateways = one.map_or(gateways, std::slice::from_ref);
    let asked = Asked {
        state: said(query, "state").map(|word| state(&word)).transpose()?,
        skip: number(query, "skip")?.unwrap_or(0),
        limit: number(query, "limit")?.unwrap_or(USUAL).min(MOST) as usize,
    };
    in_time(found(gateways, asked)).await.map(Value::Array)
}

async fn found(gateways: &Gateways, asked: Asked) -> Result<Vec<Value>, Error> {
    let Asked { state, mut skip, limit } = asked;
    let mut shown = Vec::new();
    for (tenant, gateway) in gateways {
        let mut at = 0;
        loop {
            let page = gateway.journalled(at, AT_ONCE).await?;
            let last = (page.len() as u64) < AT_ONCE;
            for entry in page.iter().filter(|entry| state.is_none_or(|it| it == entry.stage)) {
                if shown.len() == limit {
                    return Ok(shown);
                }
                match skip {
                    0 => shown.push(brief(tenant, entry)),
                    _ => skip -= 1,
                }
            }
            if last {
                break;
            }
            at += AT_ONCE;
        }
    }
    Ok(shown)
}

/// One entry, and what of it has left.
pub async fn one(gateways: &Gateways, number: &str) -> Result<Value, Refused> {
    let (tenant, _, entry) = sought(gateways, number).await?;
    Ok(whole(tenant, &entry))
}

/// Has the entry that the query names tried now, or once more.
pub async fn retry(
    gateways: &Gateways,
    query: Option<&str>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Value, Refused> {
    of_no_page(headers, "scimshim journal retry")?;
    let number = which(query)?;
    let (tenant, gateway, _) = sought(gateways, &number).await?;
    let retried = gateway.retry_entry(&number, now, Instant::now() + PATIENCE);
    match in_time(retried).await?.ok_or_else(|| unknown(&number))? {
        Retried::Hastened(entry) => Ok(brief(tenant, &entry)),
        Retried::Entered(entry) => {
            let warning = format!(
                "it was received at {}; whatever was written since is older than what is delivered now",
                entry.accepted
            );
            let mut shown = brief(tenant, &entry);
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("was".to_owned(), json!(number));
                shown.insert("warning".to_owned(), json!(warning));
            }
            Ok(shown)
        }
    }
}

/// Ends the entry that the query names, for the reason that it gives; the entry as it was.
pub async fn end(
    gateways: &Gateways,
    query: Option<&str>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Value, Refused> {
    of_no_page(headers, "scimshim journal drop")?;
    let number = which(query)?;
    let Some(reason) = said(query, "reason") else {
        let why = "say why, for the log: `&reason=TEXT`";
        return Err(Refused::new(StatusCode::BAD_REQUEST, why));
    };
    let (tenant, gateway, _) = sought(gateways, &number).await?;
    let dropped = gateway.drop_entry(&number, &reason, now, Instant::now() + PATIENCE);
    let entry = in_time(dropped).await?.ok_or_else(|| unknown(&number))?;
    Ok(brief(tenant, &entry))
}

/// The entry of a number, and whose it is.
async fn sought<'g>(
    gateways: &'g Gateways,
    number: &str,
) -> Result<(&'g str, &'g Arc<Gateway>, Entry), Refused> {
    for (tenant, gateway) in gateways {
        if let Some(entry) = in_time(gateway.entry(number)).await? {
            return Ok((tenant, gateway, entry));
        }
    }
    Err(unknown(number))
}

fn unknown(number: &str) -> Refused {
    let why = format!(
        "no journal has an entry `{number}`: it has come to its end, or never was; `scimshim journal list` shows what \
         there is"
    );
    Refused::new(StatusCode::NOT_FOUND, why)
}

fn which(query: Option<&str>) -> Result<String, Refused> {
    said(query, "number").ok_or_else(|| {
        let why = "say which: `?number=NUMBER`, one that `scimshim journal list` shows";
        Refused::new(StatusCode::BAD_REQUEST, why)
    })
}

fn state(word: &str) -> Result<Stage, Refused> {
    let known = STATES.iter().find(|(known, _)| *known == word);
    known.map(|(_, stage)| *stage).ok_or_else(|| {
        let words = || STATES.iter().map(|(word, _)| *word);
        let help = nearest(word, words()).map(did_you_mean);
        let help = help.unwrap_or_else(|| "known are `pending`, `settling`, `dead`".to_owned());
        Refused::new(StatusCode::BAD_REQUEST, format!("there is no state `{word}`: {help}"))
    })
}

fn number(query: Option<&str>, key: &str) -> Result<Option<u64>, Refused> {
    let said = said(query, key);
    said.map(|text| text.parse()).transpose().map_err(|_| {
        Refused::new(StatusCode::BAD_REQUEST, format!("`{key}` is a whole number from 0 on"))
    })
}
