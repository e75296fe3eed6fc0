//! What goes out: status, headers and body of an answer.

use crate::scim::{dialect::Dialect, encode::Wire};
use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER},
};
use http_body_util::Full;

/// Bytes of an answer about one user: it is written without growing.
const TYPICAL: usize = 2 * 1024;

/// The answer over HTTP, with the headers that every answer has.
pub fn response(wire: Wire, request_id: &str, dialect: Dialect) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    // A status outside 100..999 could only be a mistake of ours.
    *response.status_mut() =
        StatusCode::from_u16(wire.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    // Answers hold personal data, and the next GET must see the vendor's state.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // RFC 7230 has no word for a value that is no header: such an id or place is left out.
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    if let Some(location) = wire.location.and_then(|url| HeaderValue::try_from(url).ok()) {
        headers.insert(CONTENT_LOCATION, location.clone());
        headers.insert(LOCATION, location);
    }
    if let Some(etag) = wire.etag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        headers.insert(ETAG, etag);
    }
    if let Some(methods) = wire.allowed {
        headers.insert(ALLOW, HeaderValue::from_static(methods));
    }
    if let Some(seconds) = wire.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(body) = wire.body {
        // R03, R04, R05: whatever `Accept` says. Nobody is helped by a 406.
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(dialect.media_type()));
        let mut text = Vec::with_capacity(TYPICAL);
        // A JSON value always has a text, and a Vec takes it.
        let _ = serde_json::to_writer(&mut text, &body);
        *response.body_mut() = Full::from(text);
    }
    response
}
