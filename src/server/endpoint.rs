//! One HTTP request from first byte to last: who, what, do, answer, note.

use super::{
    body,
    clients::Refusal,
    connection::Answer,
    note::Note,
    operation::Operation,
    refused::{Refused, allow, nothing_here, too_late},
    reply::response,
    routes::{self, Base, Routes},
    settings::{Clients, Limits},
};
use crate::{
    gateway::{Arrival, Gateway, Live, serve::Asked},
    metrics::Metrics,
    scim::{
        conditions::Preconditions,
        dialect::Dialect,
        encode::{self, Wire},
        error::Error,
    },
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, Method, Response, Version,
    header::{HOST, IF_MATCH, IF_NONE_MATCH},
    request::Parts,
};
use http_body_util::Full;
use hyper::body::Incoming;
use jiff::{Timestamp, tz::TimeZone};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep, timeout_at},
};

/// One tenant as the server sees it.
pub struct Tenant {
    /// Its name in the configuration; label in metrics and logs.
    pub name: Arc<str>,
    /// Its own base path; without one it lives at `/scim/v2`, `/scim/v1` and `/scim`.
    pub path: Option<String>,
    /// Who may call.
    pub clients: Clients,
    /// What serves it.
    pub gateway: Arc<Gateway>,
}

/// Answers SCIM requests over HTTP.
pub struct Endpoint {
    tenants: Vec<(Arc<str>, Arc<Gateway>)>,
    routes: Routes,
    /// What `Location` begins with, without a slash at its end.
    public_url: String,
    limits: Limits,
    metrics: Arc<Metrics>,
    /// Each request being worked on holds a receiver: the sender knows when there is none.
    working: watch::Sender<()>,
}

/// A request that may be worked on: its client is known and its body is here.
struct Admitted {
    gateway: Arc<Gateway>,
    /// What is in force when its client is known; kept to its end.
    live: Arc<Live>,
    /// The version of SCIM that its client speaks.
    dialect: Dialect,
    method: Method,
    /// The vendor may be told to change something.
    writes: bool,
    /// `public_url` and base path: what ids of this request stand below.
    base: String,
    below: String,
    query: Option<String>,
    /// `If-Match` and `If-None-Match`.
    conditions: [Option<String>; 2],
    body: Bytes,
    now: Timestamp,
    deadline: Instant,
}

/// How long after its deadline the gateway is waited for. It gives up by itself and knows better
/// what was done; this is for a call that does not heed its deadline. Both stay below Okta's 60 s.
const BACKSTOP: Duration = Duration::from_secs(5);

impl Answer for Endpoint {
    async fn answer(self: Arc<Self>, http: http::Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = http.into_parts();
        let mut note = Note::begin(&head.headers, self.metrics.clone());
        let mut response = match self.admit(&head, body, &mut note).await {
            Ok(admitted) => {
                let (request_id, dialect) = (note.request_id().to_owned(), admitted.dialect);
                response(self.work_through(admitted, note).await, &request_id, dialect)
            }
            Err(refused) => {
                let dialect = self.likely(head.uri.path());
                let wire = dialect.error(encode::error(&refused.error));
                let mut response = response(wire, note.request_id(), dialect);
                response.headers_mut().extend(refused.headers);
                note.finish(refused.error.status);
                response
            }
        };
        if head.method == Method::HEAD {
            *response.body_mut() = Full::default();
        }
        response
    }

    fn unreadable(&self, status: u16, why: &'static str) {
        let mut note = Note::begin(&HeaderMap::new(), self.metrics.clone());
        note.unreadable(why);
        note.finish(status);
    }
}

impl Endpoint {
    /// An endpoint over `tenants`. `public_url` is what `Location` begins with.
    pub fn new(
        tenants: Vec<Tenant>,
        public_url: &str,
        limits: Limits,
        metrics: Arc<Metrics>,
    ) -> Self {
        let mut routes = Routes::default();
        for (index, tenant) in tenants.iter().enumerate() {
            let profile = tenant.gateway.live().profile;
            for (path, dialect) in routes::bases(tenant.path.as_deref(), profile) {
                let base = routes.base(&path);
                base.clients.add(index, &tenant.clients);
                base.spoken.push((index, dialect));
            }
        }
        let tenants = tenants.into_iter().map(|tenant| (tenant.name, tenant.gateway)).collect();
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { tenants, routes, public_url, limits, metrics, working: watch::Sender::new(()) }
    }

    /// Waits until no request is being worked on, whether its client still waits for it or not.
    pub async fn idle(&self) {
        self.working.closed().await;
    }

    /// What a client speaks that is refused before it is known.
    fn likely(&self, path: &str) -> Dialect {
        self.routes.find(path).map_or_else(Dialect::default, |(base, _)| base.likely())
    }

    /// Who is calling, and with what. Up to here nothing has been done, so a client that goes away
    /// takes its request with it.
    async fn admit(
        &self,
        head: &Parts,
        body: Incoming,
        note: &mut Note,
    ) -> Result<Admitted, Refused> {
        let (now, began) = (now(), Instant::now());
        if head.version == Version::HTTP_11 && head.headers.get_all(HOST).iter().count() != 1 {
            return Err(Refused::host());
        }
        let (base, below) = self.routes.find(head.uri.path()).ok_or_else(nothing_here)?;
        let today = now.to_zoned(TimeZone::UTC).date();
        let caller = match base.clients.identify(&head.headers, today) {
            Ok(caller) => caller,
            Err(refusal) => return Err(self.turn_away(refusal, base, note).await),
        };
        let (tenant, gateway) = self.tenants.get(caller.tenant).ok_or_else(nothing_here)?;
        note.identified(tenant, &caller.client);
        let live = gateway.live();
        let operation = Operation::of(&head.method, &below, &live.plan.types);
        let writes = operation.writes(&head.method);
        note.asked(operation);
        if head.method == Method::HEAD {
            return Err(Refused::method(allow(&below, &live)));
        }
        let body = body::read(body, &self.limits).await.map_err(Refused::unread)?;
        Ok(Admitted {
            gateway: gateway.clone(),
            live,
            dialect: base.dialect(caller.tenant),
            method: head.method.clone(),
            writes,
            base: format!("{}{}", self.public_url, base.path),
            below,
            query: head.uri.query().map(str::to_owned),
            conditions: [IF_MATCH, IF_NONE_MATCH].map(|name| joined(&head.headers, &name)),
            body,
            now,
            deadline: began + self.limits.request,
        })
    }

    /// Counts a client that is not let in, for the tenant that it can only have meant, and lets one that
    /// may be guessing wait. Who sends nothing is asking what is wanted here.
    async fn turn_away(&self, refusal: Refusal<'_>, base: &Base, note: &mut Note) -> Refused {
        let meant = match refusal {
            Refusal::Expired(caller) => Some(caller.tenant),
            _ => base.only_tenant(),
        };
        let tenant = meant.and_then(|tenant| self.tenants.get(tenant)).map(|(name, _)| name);
        note.refused(refusal.word(), tenant);
        if let (Refusal::Expired(caller), Some(tenant)) = (refusal, tenant) {
            note.identified(tenant, &caller.client);
        }
        if !matches!(refusal, Refusal::Missing) {
            sleep(self.limits.refusal).await;
        }
        Refused::unauthorized(refusal, base.clients.challenges())
    }

    /// A GET is worked on in place: it changes nothing, so it may end with its connection. Anything
    /// else is worked on apart: a client that hangs up must not stop a write of several steps
    /// half-way. Either way a panic becomes a 500 and not a dead connection; its note says so. The
    /// answer is waited for, whatever `Prefer` says (R109).
    async fn work_through(&self, admitted: Admitted, note: Note) -> Wire {
        let working = self.working.subscribe();
        let (tell, told) = oneshot::channel();
        let (reads, dialect) = (admitted.method == Method::GET, admitted.dialect);
        // The future of everything below is large: it is moved once, to where it stays.
        let work = Box::pin(work(admitted, self.limits, note, tell));
        let told = match reads {
            true => in_place(work, told).await,
            false => apart(work, told, working).await,
        };
        told.unwrap_or_else(|| {
            let detail = "internal error: the log has it under the request's id";
            dialect.error(encode::error(&Error::new(500, detail)))
        })
    }
}

/// Serves and notes.
async fn work(admitted: Admitted, limits: Limits, mut note: Note, tell: oneshot::Sender<Wire>) {
    let within = limits.request;
    let Admitted { gateway, live, dialect, method, writes, .. } = admitted;
    let Admitted { base, below, query, conditions, body, now, deadline, .. } = admitted;
    // `tell` fails when the client is gone; the note is written all the same.
    let tell = |wire: Wire| drop(tell.send(wire));

    let (path, query) = (below.as_str(), query.as_deref());
    let [if_match, if_none_match] = conditions.each_ref().map(Option::as_deref);
    let preconditions = Preconditions { if_match, if_none_match };
    let asked = Asked { method: &method, path, query, body: &body, preconditions, dialect };
    let arrival = Arrival { now, deadline, bulk: limits.bulk(), base: &base };
    let serving = gateway.serve(&live, asked, arrival);
    tokio::pin!(serving);
    let Ok((wire, trace)) = timeout_at(deadline + BACKSTOP, serving.as_mut()).await else {
        let error = too_late(writes, within);
        note.finish(error.status);
        tell(dialect.error(encode::error(&error)));
        // A call that heeds no deadline must not hold its resource's turn, or the drain, for ever.
        if writes && let Ok((wire, trace)) = timeout_at(deadline + within, serving).await {
            note.ended_late(&trace, wire.status < 400);
        }
        return;
    };
    note.traced(&trace);
    if let Some(location) = &wire.location {
        note.located(location);
    }
    note.finish(wire.status);
    tell(wire);
}

/// Works as a part of the connection's own task.
async fn in_place(work: impl Future<Output = ()>, told: oneshot::Receiver<Wire>) -> Option<Wire> {
    // What a panic leaves half-done is the request's own, and that ends here.
    let _ = AssertUnwindSafe(work).catch_unwind().await;
    told.await.ok()
}

/// Works as a task of its own.
async fn apart(
    work: impl Future<Output = ()> + Send + 'static,
    told: oneshot::Receiver<Wire>,
    working: watch::Receiver<()>,
) -> Option<Wire> {
    tokio::spawn(async move {
        work.await;
        drop(working);
    });
    told.await.ok()
}

/// What all lines of one header say (RFC 9110 §5.3).
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines = headers.get_all(name).iter();
    let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

#[expect(clippy::disallowed_methods, reason = "the one place where a request's time enters")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_the_work_and_nothing_else() {
        let working = watch::Sender::new(());
        let (tell, told) = oneshot::channel();
        let work = async move {
            let _tell = tell;
            panic!("in the middle");
        };
        assert_eq!(apart(work, told, working.subscribe()).await, None);
        working.closed().await;
        let (tell, told) = oneshot::channel();
        let work = async move {
            let _tell = tell;
            panic!("in the middle");
        };
        assert_eq!(in_place(work, told).await, None);
    }
}
