//! One SCIM exchange from HTTP's words to HTTP's words: decode, do, encode, and at both ends the client's
//! version of SCIM. The server, `explain`,
//! `test` and the tests of faults all tell this one story.

use super::{Arrival, Gateway, Live, Trace};
use crate::scim::{
    decode::decode,
    dialect::{Dialect, Heard},
    encode::{self, Wire},
    leniency::Leniency,
    message::{Action, Projection, Response},
    reading::Reading,
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
    /// The version of SCIM that it is written in, and its answer.
    pub dialect: Dialect,
}

impl Gateway {
    /// Serves one request. The Trace tells what was done, whatever came of it.
    pub async fn serve(
        &self,
        live: &Live,
        asked: Asked<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let Asked { method, path, query, body, dialect } = asked;
        let types = &live.plan.types;
        let (wire, trace) = match dialect.request(method, path, query, body, types) {
            Ok(heard) => self.answer(live, method, heard, arrival).await,
            Err(error) => (encode::error(&error), Trace::default()),
        };
        for (leniency, times) in &trace.leniencies {
            self.metrics.leniency(&self.tenant, leniency.name(), *times);
        }
        (dialect.response(wire, types, || live.plan.abilities()), trace)
    }

    /// The same in SCIM 2.0, which is all that is known below.
    async fn answer(
        &self,
        live: &Live,
        method: &Method,
        heard: Heard<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let Heard { path, query, body } = heard;
        let types = &live.plan.types;
        let mut reading = Reading::new(live.profile);
        let request = match decode(method, &path, query.as_deref(), &body, types, &mut reading) {
            Ok(request) => request,
            Err(error) => {
                let mut trace = Trace::default();
                trace.read(&reading);
                return (encode::error(&error), trace);
            }
        };
        let kind = request.kind().and_then(|kind| types.by_name(kind));
        let projection = request.projection().clone();
        let patches = matches!(request.action(), Some(Action::Patch { .. }));
        let (outcome, mut trace) = self.handle(live, request, arrival).await;
        let wire = match outcome {
            // RFC 7644 §3.5.2: a 204 is not for who asks for attributes.
            Ok(Response::Resource { .. })
                if patches
                    && projection == Projection::Default
                    && reading.allows(Leniency::PatchNoContent) =>
            {
                encode::response(Response::NoContent, None, types, &projection, arrival.base)
            }
            Ok(response) => {
                let kind = kind.map(AsRef::as_ref);
                encode::response(response, kind, types, &projection, arrival.base)
            }
            Err(error) => encode::error(&error),
        };
        trace.read(&reading);
        (wire, trace)
    }
}
