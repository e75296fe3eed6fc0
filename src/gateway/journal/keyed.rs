//! Keyed: a call by which the vendor takes an idempotency key has the same one each time it is made for the same write,
//! by whichever process. What differs from try to try, such as an instant in its body, does not change it.

use super::underway::Underway;
use crate::{
    crash,
    gateway::{Context, error::Failure, uuid},
    mapping::{expr::Scope, generate::Recipe, plan::Step},
    scim::error::Error,
};
use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderValue};

/// Puts the key of a call among its headers, where it has one.
pub fn put(
    cx: &Context<'_>,
    underway: Option<&Underway>,
    step: &Step,
    scope: &Scope<'_>,
    headers: &mut HeaderMap,
) -> Result<(), Failure> {
    let Some(header) = &step.idempotency_key else { return Ok(()) };
    let key = match underway {
        Some(underway) if !crash::off("key") => {
            let (afresh, origin) = underway.progress(|progress| {
                (progress.afresh, progress.birth.as_ref().and_then(|birth| birth.origin.clone()))
            });
            // What came late has a number of its own, and is the same write.
            let number = origin.unwrap_or_else(|| underway.number());
            of_write(&number, afresh, step, scope)
        }
        Some(_) | None => of_request(cx)?,
    };
    let key = HeaderValue::try_from(key).map_err(|_| Error::new(500, "a key that is no header"))?;
    headers.insert(header, key);
    Ok(())
}

/// Of a write that the journal has: a UUID (RFC 9562 §5.8) of its number, how often it began afresh, the call, and the item
/// that it is made for. Not of the item's place among others: what an earlier try has done is not among them any more.
fn of_write(number: &str, afresh: u32, step: &Step, scope: &Scope<'_>) -> String {
    let item = |name| scope.get(name).map(ToString::to_string).unwrap_or_default();
    let parts = [number, &afresh.to_string(), &step.label, &item("item"), &item("batch")];
    hashed(&parts.join("\u{1f}"))
}

fn hashed(text: &str) -> String {
    uuid::of(digest(&SHA256, text.as_bytes()).as_ref())
}

/// Without a journal nothing outlives the request: its own repeats have the same key, and another request has another.
fn of_request(cx: &Context<'_>) -> Result<String, Failure> {
    let made =
        Recipe::new(LENGTH, Vec::new(), String::new()).ok().and_then(|made| (cx.make)(&made));
    let made = made.ok_or_else(|| Error::new(500, "the system gives no randomness"))?;
    Ok(hashed(made.expose()))
}

/// More chance than a UUID has room for.
const LENGTH: usize = 32;
