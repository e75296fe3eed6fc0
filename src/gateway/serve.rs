//! One SCIM exchange from HTTP's words to HTTP's words: decode, do, encode, and at both ends the client's
//! version of SCIM. The server, `explain`,
//! `test` and the tests of faults all tell this one story.

use super::{
    Arrival, Gateway, Live, Trace,
    audited::{Asked as Write, Audited, Outcome, Who},
    judged,
    outlet::Outlet,
    overlay,
    place::Place,
    proof, search, stream, told,
};
use crate::{
    audit::writer::Unwritten,
    mapping::plan::ResourcePlan,
    scim::{
        conditions::{Conditions, Preconditions},
        decode::decode,
        dialect::{Dialect, Heard},
        encode::{self, Wire},
        error::Error,
        leniency::Leniency,
        listing::Listing,
        message::{Action, Projection, Query, Request},
        reading::Reading,
        resource_type::{ResourceType, ResourceTypes},
        schema::{GROUP, MEMBERS},
    },
};
use http::Method;
use std::sync::Arc;

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
    /// Serves one request with an answer that is held until it is whole. The Trace tells what was done, whatever
    /// came of it.
    pub async fn serve(
        &self,
        live: &Live,
        asked: Asked<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        self.serve_through(None, live, asked, arrival).await
    }

    /// The same with a way out for a list that is too long to be held. Where the Trace says that it was told
    /// there, the Wire is no more than its status.
    pub async fn serve_through(
        &self,
        outlet: Option<Outlet<'_>>,
        live: &Live,
        asked: Asked<'_>,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let Asked { method, path, query, body, preconditions, dialect } = asked;
        let types = &live.plan.types;
        let way = outlet.map(|outlet| (outlet, dialect));
        let (wire, trace) = match dialect.request(method, path, query, body, types) {
            Ok(heard) => self.answer(live, method, heard, preconditions, arrival, way).await,
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
        way: Option<Way<'_>>,
    ) -> (Wire, Trace) {
        let Heard { path, query, body } = heard;
        let mut reading = Reading::new(live.profile);
        let types = &live.plan.types;
        match decode(method, &path, query.as_deref(), &body, types, &mut reading) {
            Ok(Request::Bulk(bulk)) => self.bulk(live, bulk, arrival).await,
            decoded => self.one(live, decoded, preconditions, reading, arrival, way).await,
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
        self.one(live, decoded, preconditions, reading, arrival, None).await
    }

    /// One request, decoded.
    async fn one(
        &self,
        live: &Live,
        decoded: Result<Request, Error>,
        preconditions: Preconditions<'_>,
        mut reading: Reading,
        arrival: Arrival<'_>,
        way: Option<Way<'_>>,
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
        if let Some((outlet, dialect)) = way
            && let Some(long) = self.long(live, &request, arrival)
        {
            let (wire, mut trace) = self.told(live, long, arrival, outlet, dialect).await;
            trace.read(&reading);
            return (wire, trace);
        }
        let audited = match self.audit(&request, types, arrival) {
            Ok(audited) => audited,
            Err(unwritten) => {
                let mut trace = Trace::default();
                trace.read(&reading);
                return (unaudited(false, unwritten, live, &mut trace), trace);
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
        if wire.status < 300 {
            wire.transaction = trace.acknowledged.clone();
        }
        // RFC 7644 §3.5.2, R81: a 204 is not for who asks for attributes. Place and version stay.
        let quiet = patches && wire.status == 200 && projection == Projection::Default;
        if quiet && (of_members || reading.allows(Leniency::PatchNoContent)) {
            wire = Wire { status: 204, body: None, ..wire };
        }
        trace.read(&reading);
        if let Some(audited) = audited {
            let early = trace.acknowledged.is_some();
            let outcome = Outcome { early, ..Outcome::of(&wire) };
            let written = audited.end(&trace, outcome, arrival.deadline).await;
            if let Err(unwritten) = written {
                wire = unaudited(true, unwritten, live, &mut trace);
            }
        }
        (wire, trace)
    }

    /// A write that will leave a line in the audit log, where there is one.
    fn audit<'a>(
        &'a self,
        request: &Request,
        types: &ResourceTypes,
        arrival: Arrival<'a>,
    ) -> Result<Option<Audited<'a>>, Unwritten> {
        let Some(audit) = &self.memory.audit else { return Ok(None) };
        let Some(write) = Write::of(request, types) else { return Ok(None) };
        let who = Who { tenant: &self.tenant, caller: arrival.caller };
        Audited::begin(audit, who, write, arrival.now).map(Some)
    }

    /// The list that a request asks for, where that is too long to be held.
    fn long<'r>(
        &self,
        live: &'r Live,
        request: &'r Request,
        arrival: Arrival<'_>,
    ) -> Option<Long<'r>> {
        let Request::Resource { kind, action: Action::Search(query), projection, .. } = request
        else {
            return None;
        };
        let plan = live.plan.resource(kind)?;
        let place = search::long(&self.context(live, plan, arrival), query)?;
        Some(Long { plan, query, place, projection })
    }

    /// Tells it while it is made; the Wire is the answer where nothing was told.
    async fn told(
        &self,
        live: &Live,
        long: Long<'_>,
        arrival: Arrival<'_>,
        outlet: Outlet<'_>,
        dialect: Dialect,
    ) -> (Wire, Trace) {
        let Long { plan, query, place, projection } = long;
        let listing = Listing::new(&plan.kind, &live.plan.types, projection, arrival.base, dialect);
        let mut cx = self.context(live, plan, arrival);
        let proven = async {
            proof::prove(&cx).await?;
            overlay::of_all(&cx).await
        };
        let outcome = match proven.await {
            Ok(overlay) => {
                cx.overlay = overlay.map(Arc::new);
                stream::stream(&cx, query, &place, projection, listing, outlet).await
            }
            Err(failure) => Err(failure),
        };
        let (outcome, trace) = judged(cx, outcome);
        let told = |()| Wire { status: 200, ..Wire::default() };
        (outcome.map_or_else(|error| encode::error(&error), told), trace)
    }
}

/// A way out for a list that is too long to be held, to a client that speaks this version.
type Way<'a> = (Outlet<'a>, Dialect);

/// A list that is too long to be held.
struct Long<'r> {
    plan: &'r ResourcePlan,
    query: &'r Query,
    place: Place,
    projection: &'r Projection,
}

/// What a client is told whose write has no line in the audit log, and why, for the operator.
fn unaudited(asked: bool, unwritten: Unwritten, live: &Live, trace: &mut Trace) -> Wire {
    let Unwritten(why) = unwritten;
    trace.remarks.push(match asked {
        true => format!("a write was done, and its line is not in the audit log yet: {why}"),
        false => format!("a write was refused: {why}"),
    });
    encode::error(&told::unaudited(asked, live.profile))
}

/// A PATCH that changes who is in a group and nothing else: its client knows what it sent, and a group of
/// thousands is not told again for each who joins.
fn of_members(kind: &ResourceType, action: &Action) -> bool {
    let Action::Patch { operations, .. } = action else { return false };
    kind.is_core(GROUP) && operations.iter().all(|operation| operation.is_about(MEMBERS, kind))
}
