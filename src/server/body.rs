//! Reads a request's body within its limits of size and time.

use super::settings::Limits;
use crate::scim::error::Error;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// How many times the limit a body that is too large is still read, and thrown away. A client that
/// is cut off while it writes sees a broken connection instead of our 413.
const SWALLOW: usize = 8;

/// The whole body. A client that announces far too much is told so before it sends anything: one
/// that asks first (`Expect: 100-continue`) is then spared the work. 413 over the limit, 408 when it does not come in time, 400 when it breaks off.
pub async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, Error> {
    if body.size_hint().lower() > limits.body.saturating_mul(SWALLOW) as u64 {
        return Err(too_large(limits.body));
    }
    match tokio::time::timeout(limits.body_time, collect(body, limits.body)).await {
        Ok(read) => read,
        Err(_) => Err(Error::new(
            408,
            format!("the request's body did not arrive within {:?}", limits.body_time),
        )),
    }
}

async fn collect(mut body: Incoming, limit: usize) -> Result<Bytes, Error> {
    let (mut kept, mut seen) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| Error::new(400, "the request's body broke off or is not HTTP"))?;
        let Ok(data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen > limit.saturating_mul(SWALLOW) {
            break;
        }
        if seen <= limit {
            kept.extend_from_slice(&data);
        }
    }
    if seen > limit {
        return Err(too_large(limit));
    }
    Ok(kept.freeze())
}

/// RFC 7644 §3.7.4 of a Bulk (X6); of any other body the same.
fn too_large(limit: usize) -> Error {
    Error::new(413, format!("the request's body is larger than {limit} bytes: send less at once"))
}
