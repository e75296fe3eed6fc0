//! A Record that was found, and what it reads as.

use super::{Context, error::Failure};
use crate::{mapping::translate::read, scim::resource::Resource};
use serde_json::Value;

/// A Record with what it reads as.
#[derive(Debug, Clone)]
pub struct Found {
    /// The vendor's key.
    pub key: String,
    /// The vendor's JSON, composed of all parts.
    pub record: Value,
    /// The same in SCIM's words.
    pub resource: Resource,
}

/// A Record as a resource that is there, or nothing.
pub fn found(cx: &Context<'_>, record: Value) -> Result<Option<Found>, Failure> {
    if !read::exists(cx.plan, &record, &cx.live.variables)? {
        return Ok(None);
    }
    let resource = cx.read(&record)?;
    let key = resource.id().unwrap_or_default().to_owned();
    Ok(Some(Found { key, record, resource }))
}
