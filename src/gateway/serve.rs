//! One SCIM exchange from HTTP's words to HTTP's words: decode, do, encode. The server, `explain`,
//! `test` and the tests of faults all tell this one story.

use super::{Arrival, Gateway, Live, Trace};
use crate::scim::{
    decode::decode,
    encode::{self, Wire},
};
use http::Method;

/// A request as it came, its client known and its body here.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Below the SCIM base, percent-encoded: `/Users/42`.
    pub path: &'a str,
    /// Behind the question mark.
    pub query: Option<&'a str>,
    /// JSON, or nothing.
    pub body: &'a [u8],
}

impl Gateway {
    /// Serves one request. The Trace tells what was done, whatever came of it.
    pub async fn serve(
        &self,
        live: &Live,
        asked: Asked<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let Asked { method, path, query, body } = asked;
        let request = match decode(method, path, query, body, &live.plan.types) {
            Ok(request) => request,
            Err(error) => return (encode::error(&error), Trace::default()),
        };
        let types = &live.plan.types;
        let kind = request.kind().and_then(|kind| types.by_name(kind));
        let projection = request.projection().clone();
        let (outcome, trace) = self.handle(live, request, arrival).await;
        let wire = match outcome {
            Ok(response) => {
                let kind = kind.map(AsRef::as_ref);
                encode::response(response, kind, types, &projection, arrival.base)
            }
            Err(error) => encode::error(&error),
        };
        (wire, trace)
    }
}
