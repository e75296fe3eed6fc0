//! One SCIM exchange from HTTP's words to HTTP's words: decode, do, encode, and at both ends the client's
//! version of SCIM. The server, `explain`,
//! `test` and the tests of faults all tell this one story.

use super::{Arrival, Gateway, Live, Trace};
use crate::scim::{
    conditions::{Conditions, Preconditions},
    decode::decode,
    dialect::{Dialect, Heard},
    encode::{self, Wire},
    error::Error,
    leniency::Leniency,
    message::{Action, Projection, Request},
    reading::Reading,
    resource_type::ResourceType,
    schema::GROUP,
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
    /// What it wants the version of its resource to be.
    pub preconditions: Preconditions<'a>,
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
        let Asked { method, path, query, body, preconditions, dialect } = asked;
        let types = &live.plan.types;
        let (wire, trace) = match dialect.request(method, path, query, body, types) {
            Ok(heard) => self.answer(live, method, heard, preconditions, arrival).await,
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
        preconditions: Preconditions<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let Heard { path, query, body } = heard;
        let mut reading = Reading::new(live.profile);
        let types = &live.plan.types;
        match decode(method, &path, query.as_deref(), &body, types, &mut reading) {
            Ok(Request::Bulk(bulk)) => self.bulk(live, bulk, arrival).await,
            decoded => self.one(live, decoded, preconditions, reading, arrival).await,
        }
    }

    /// One operation of a Bulk. Its path has no query and leads to resources.
    pub(super) async fn single(
        &self,
        live: &Live,
        method: &Method,
        path: &str,
        body: &[u8],
        preconditions: Preconditions<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let mut reading = Reading::new(live.profile);
        let decoded = decode(method, path, None, body, &live.plan.types, &mut reading);
        self.one(live, decoded, preconditions, reading, arrival).await
    }

    /// One request, decoded.
    async fn one(
        &self,
        live: &Live,
        decoded: Result<Request, Error>,
        preconditions: Preconditions<'_>,
        mut reading: Reading,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let types = &live.plan.types;
        let read = decoded.and_then(|request| Ok((request, Conditions::read(preconditions)?)));
        let (request, conditions) = match read {
            Ok(read) => read,
            Err(error) => {
                let mut trace = Trace::default();
                trace.read(&reading);
                return (encode::error(&error), trace);
            }
        };
        let kind = request.kind().and_then(|kind| types.by_name(kind));
        let projection = request.projection().clone();
        let patches = matches!(request.action(), Some(Action::Patch { .. }));
        let of_members = kind.zip(request.action()).is_some_and(|(kind, it)| of_members(kind, it));
        let (outcome, mut trace) = self.handle(live, request, &conditions, arrival).await;
        let mut wire = match outcome {
            Ok(response) => {
                let kind = kind.map(AsRef::as_ref);
                encode::response(response, kind, types, &projection, arrival.base)
            }
            Err(error) => encode::error(&error),
        };
        // RFC 7644 §3.5.2, R81: a 204 is not for who asks for attributes. Place and version stay.
        let quiet = patches && wire.status == 200 && projection == Projection::Default;
        if quiet && (of_members || reading.allows(Leniency::PatchNoContent)) {
            wire = Wire { status: 204, body: None, ..wire };
        }
        trace.read(&reading);
        (wire, trace)
    }
}

/// A PATCH that changes who is in a group and nothing else: its client knows what it sent, and a group of
/// thousands is not told again for each who joins.
fn of_members(kind: &ResourceType, action: &Action) -> bool {
    let Action::Patch { operations, .. } = action else { return false };
    kind.is_core(GROUP) && operations.iter().all(|operation| operation.is_about("members", kind))
}
