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
        Some(underway) if !crash::off("key") => of_write(&underway.number(), step, scope),
        Some(_) | None => of_request(cx)?,
    };
    let key = HeaderValue::try_from(key).map_err(|_| Error::new(500, "a key that is no header"))?;
    headers.insert(header, key);
    Ok(())
}

/// Of a write that the journal has: a UUID (RFC 9562 §5.8) of its number, the call, and the item that it is made for. Not
/// of the item's place among others: what an earlier try has done is not among them any more.
fn of_write(number: &str, step: &Step, scope: &Scope<'_>) -> String {
    let item = |name| scope.get(name).map(ToString::to_string).unwrap_or_default();
    let whole = [number, &step.label, &item("item"), &item("batch")].join("\u{1f}");
    uuid::of(digest(&SHA256, whole.as_bytes()).as_ref())
}

/// Without a journal nothing outlives the request: another one that asks for the same has another key.
fn of_request(cx: &Context<'_>) -> Result<String, Failure> {
    let made =
        Recipe::new(LENGTH, Vec::new(), String::new()).ok().and_then(|made| (cx.make)(&made));
    let made = made.ok_or_else(|| Error::new(500, "the system gives no randomness"))?;
    Ok(made.expose().to_owned())
}

/// As many characters as the digits of a UUID.
const LENGTH: usize = 32;
