//! What goes out: status, headers and body of an answer.

use crate::{
    gateway::outlet::{Cut, Pieces},
    scim::{dialect::Dialect, encode::Wire},
};
use bytes::Bytes;
use futures_util::Stream;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER},
};
use http_body_util::Full;
use hyper::body::{self, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Bytes of an answer about one user: it is written without growing.
const TYPICAL: usize = 2 * 1024;

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// It is there.
    Whole(Full<Bytes>),
    /// It is told while it is made. One that is not told to its end is an error, for which hyper closes an HTTP/1.1
    /// connection before the last chunk and resets an HTTP/2 stream.
    Pieces(Pieces),
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::from(bytes))
    }
}

impl body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(cx).map_err(|never| match never {}),
            Self::Pieces(pieces) => {
                Pin::new(pieces).poll_next(cx).map(|piece| piece.map(|text| text.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Pieces(pieces) => pieces.ended(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}

/// A list that is told while it is made.
pub fn list(pieces: Pieces, request_id: &str, dialect: Dialect) -> Response<Body> {
    let head = Wire { status: 200, ..Wire::default() };
    let mut response = response(head, request_id, dialect);
    let media_type = HeaderValue::from_static(dialect.media_type());
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    *response.body_mut() = Body::Pieces(pieces);
    response
}

/// The answer over HTTP, with the headers that every answer has.
pub fn response(wire: Wire, request_id: &str, dialect: Dialect) -> Response<Body> {
    let mut response = Response::new(Body::default());
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
    // RFC 9110 §9.1: where GET is a method HEAD is one.
    let methods = wire.allowed.map(|methods| methods.replacen("GET", "GET, HEAD", 1));
    if let Some(methods) = methods.and_then(|methods| HeaderValue::try_from(methods).ok()) {
        headers.insert(ALLOW, methods);
    }
    if let Some(seconds) = wire.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(number) = wire.transaction.and_then(|number| HeaderValue::try_from(number).ok()) {
        headers.insert("set-txn", number);
    }
    if let Some(body) = wire.body {
        // R03, R04, R05; RFC 7644 §3.1, §3.8: whatever `Accept` says. Nobody is helped by a 406.
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(dialect.media_type()));
        let mut text = Vec::with_capacity(TYPICAL);
        // A JSON value always has a text, and a Vec takes it.
        let _ = serde_json::to_writer(&mut text, &body);
        *response.body_mut() = Bytes::from(text).into();
    }
    response
}
