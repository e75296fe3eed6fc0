//! One HTTP request from first byte to last: who, what, do, answer, note.

use super::{
    body,
    clients::{self, Refusal},
    connection::Answer,
    note::Note,
    operation::Operation,
    refused::{Refused, nothing_here, too_late},
    reply::{Body, list, response},
    routes::{self, Base, Routes},
    settings::{Clients, Limits},
};
use crate::{
    gateway::{
        Arrival, Gateway, Live, made,
        outlet::{Outlet, Pieces},
        serve::Asked,
    },
    metrics::Metrics,
    scim::{
        conditions::Preconditions,
        dialect::Dialect,
        discovery::Authentication,
        encode::{self, Wire},
        error::Error,
    },
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, Method, Response, Version,
    header::{CONTENT_LENGTH, HOST, IF_MATCH, IF_NONE_MATCH},
    request::Parts,
};
use hyper::body::{Body as _, Incoming};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
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
    /// How its tenant's clients may prove who they are.
    authentication: &'static [Authentication],
    /// What is in force when its client is known; kept to its end.
    live: Arc<Live>,
    /// The version of SCIM that its client speaks.
    dialect: Dialect,
    method: Method,
    /// The vendor may be told to change something.
    writes: bool,
    /// A list is asked for, and may be told while it is made.
    searches: bool,
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
    async fn answer(self: Arc<Self>, http: http::Request<Incoming>) -> Response<Body> {
        let (head, body) = http.into_parts();
        let mut note = Note::begin(&head.headers, self.metrics.clone());
        let mut response = match self.admit(&head, body, &mut note).await {
            Ok(admitted) => {
                let (request_id, dialect) = (note.request_id().to_owned(), admitted.dialect);
                match self.work_through(admitted, note).await {
                    Told::Whole(wire) => response(wire, &request_id, dialect),
                    Told::Pieces(pieces) => list(pieces, &request_id, dialect),
                }
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
            bare(&mut response);
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
                base.spoken.push((index, dialect));
            }
        }
        routes.admit(|index| tenants.get(index).map(|tenant| &tenant.clients));
        let tenants = tenants.into_iter().map(|tenant| (tenant.name, tenant.gateway)).collect();
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { tenants, routes, public_url, limits, metrics, working: watch::Sender::new(()) }
    }

    /// Takes these clients of each tenant, by its name, from now on, and no others.
    pub fn admit_only<'c>(&self, clients: impl Fn(&str) -> Option<&'c Clients>) {
        self.routes.admit(|index| self.tenants.get(index).and_then(|(name, _)| clients(name)));
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
        let clients = base.clients.load_full();
        let caller = match clients.identify(&head.headers, today) {
            Ok(caller) => caller,
            Err(refusal) => return Err(self.turn_away(refusal, base, &clients, note).await),
        };
        let (tenant, gateway) = self.tenants.get(caller.tenant).ok_or_else(nothing_here)?;
        note.identified(tenant, &caller.client);
        let live = gateway.live();
        // RFC 9110 §9.3.2: what GET would be told, without the body.
        let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
        let operation = Operation::of(method, &below, &live.plan.types);
        let (writes, searches) = (operation.writes(method), operation.searches());
        note.asked(operation);
        let body = body::read(body, &self.limits).await.map_err(Refused::unread)?;
        Ok(Admitted {
            gateway: gateway.clone(),
            authentication: clients.schemes(caller.tenant),
            live,
            dialect: base.dialect(caller.tenant),
            method: method.clone(),
            writes,
            searches,
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
    async fn turn_away(
        &self,
        refusal: Refusal<'_>,
        base: &Base,
        clients: &clients::Clients,
        note: &mut Note,
    ) -> Refused {
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
        Refused::unauthorized(refusal, clients.challenges())
    }

    /// What reads is worked on in place: it changes nothing, so it may end with its connection. What
    /// writes is worked on apart: a client that hangs up must not stop a write of several steps
    /// half-way. Either way a panic becomes a 500 and not a dead connection; its note says so. The
    /// answer is waited for, whatever `Prefer` says (R109; RFC 9967 §2.5.1).
    async fn work_through(&self, admitted: Admitted, note: Note) -> Told {
        let working = self.working.subscribe();
        let (tell, told) = oneshot::channel();
        let Admitted { writes, searches, dialect, .. } = admitted;
        // The future of everything below is large: it is moved once, to where it stays.
        let work = Box::pin(work(admitted, self.limits, note, tell));
        let told = match (writes, searches) {
            (true, _) => apart(work, told, working).await,
            (false, true) => beyond(work, told, working).await,
            (false, false) => in_place(work, told).await,
        };
        told.unwrap_or_else(|| {
            let detail = "internal error: the log has it under the request's id";
            Told::Whole(dialect.error(encode::error(&Error::new(500, detail))))
        })
    }
}

/// What a client is told.
#[derive(Debug)]
enum Told {
    /// All of it.
    Whole(Wire),
    /// A list, while it is made.
    Pieces(Pieces),
}

/// A client that waits, and is told once: by the gateway, while it makes a list, or when all is done.
// A std mutex: it is never held across an await.
struct Waiting(Mutex<Option<oneshot::Sender<Told>>>);

impl Waiting {
    fn sender(&self) -> MutexGuard<'_, Option<oneshot::Sender<Told>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, told: Told) {
        if let Some(sender) = self.sender().take() {
            // It fails when the client is gone; the note is written all the same.
            drop(sender.send(told));
        }
    }

    fn is_over(&self) -> bool {
        self.sender().is_none()
    }
}

/// Serves and notes.
async fn work(admitted: Admitted, limits: Limits, mut note: Note, tell: oneshot::Sender<Told>) {
    let within = limits.request;
    let Admitted { gateway, authentication, live, dialect, method, writes, .. } = admitted;
    let Admitted { base, below, query, conditions, body, now, deadline, .. } = admitted;
    let client = Waiting(Mutex::new(Some(tell)));
    let open = |pieces: Pieces| client.tell(Told::Pieces(pieces));

    let (path, query) = (below.as_str(), query.as_deref());
    let [if_match, if_none_match] = conditions.each_ref().map(Option::as_deref);
    let preconditions = Preconditions { if_match, if_none_match };
    let asked = Asked { method: &method, path, query, body: &body, preconditions, dialect };
    let (bulk, list_results) = (limits.bulk(), limits.list_results);
    let make = made::at_random;
    let arrival = Arrival { now, make, deadline, bulk, list_results, authentication, base: &base };
    let outlet = Outlet { open: &open, idle: limits.idle, each: within };
    let serving = gateway.serve_through(Some(outlet), &live, asked, arrival);
    tokio::pin!(serving);
    let is_told = || client.is_over();
    let Some((wire, trace)) = served(serving.as_mut(), deadline + BACKSTOP, is_told).await else {
        let error = too_late(writes, within);
        note.finish(error.status);
        client.tell(Told::Whole(dialect.error(encode::error(&error))));
        // A call that heeds no deadline must not hold its resource's turn, or the drain, for ever.
        if writes && let Ok((wire, trace)) = timeout_at(deadline + within, serving).await {
            note.ended_late(&trace, wire.status < 400);
        }
        return;
    };
    note.traced(&trace);
    if let Some(streamed) = trace.streamed {
        return note.streamed(streamed);
    }
    // What is made has its id in no path.
    if let Some(location) = wire.location.as_ref().filter(|_| wire.status == 201) {
        note.located(location);
    }
    note.finish(wire.status);
    client.tell(Told::Whole(wire));
}

/// What serving comes to by then. A client that is told a list while it is made is not waiting for the first word
/// any more, and each part of that has a time of its own.
async fn served<T>(
    mut serving: Pin<&mut impl Future<Output = T>>,
    until: Instant,
    is_told: impl Fn() -> bool,
) -> Option<T> {
    match timeout_at(until, serving.as_mut()).await {
        Ok(served) => Some(served),
        Err(_) if is_told() => Some(serving.await),
        Err(_) => None,
    }
}

/// Works as a part of the connection's own task.
async fn in_place(work: impl Future<Output = ()>, told: oneshot::Receiver<Told>) -> Option<Told> {
    // What a panic leaves half-done is the request's own, and that ends here.
    let _ = AssertUnwindSafe(work).catch_unwind().await;
    told.await.ok()
}

/// Works in place until the client is told, and goes on as a task of its own with what is still made then. That
/// ends when nobody takes it any more; a vendor's answer is read while the client is not ready for more.
async fn beyond(
    work: impl Future<Output = ()> + Send + 'static,
    mut told: oneshot::Receiver<Told>,
    working: watch::Receiver<()>,
) -> Option<Told> {
    let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
    tokio::select! {
        biased;
        told = &mut told => {
            tokio::spawn(async move {
                let _ = work.await;
                drop(working);
            });
            told.ok()
        }
        _ = work.as_mut() => told.await.ok(),
    }
}

/// Works as a task of its own.
async fn apart(
    work: impl Future<Output = ()> + Send + 'static,
    told: oneshot::Receiver<Told>,
    working: watch::Receiver<()>,
) -> Option<Told> {
    tokio::spawn(async move {
        work.await;
        drop(working);
    });
    told.await.ok()
}

/// An answer to HEAD: it still says how long the body is, where that is known (RFC 9110 §8.6).
fn bare(response: &mut Response<Body>) {
    let length = response.body().size_hint().exact().filter(|length| *length > 0);
    if let Some(length) = length {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = Body::default();
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

    #[tokio::test(start_paused = true)]
    async fn who_is_told_while_it_is_made_is_told_to_the_end() {
        for (told, expected) in [(false, None), (true, Some(()))] {
            let serving = sleep(Duration::from_secs(9));
            tokio::pin!(serving);
            let until = Instant::now() + Duration::from_secs(5);
            assert_eq!(served(serving.as_mut(), until, || told).await, expected);
        }
    }

    #[tokio::test]
    async fn a_panic_ends_the_work_and_nothing_else() {
        let working = watch::Sender::new(());
        let (tell, told) = oneshot::channel();
        let work = async move {
            let _tell = tell;
            panic!("in the middle");
        };
        assert!(apart(work, told, working.subscribe()).await.is_none());
        working.closed().await;
        let (tell, told) = oneshot::channel();
        let work = async move {
            let _tell = tell;
            panic!("in the middle");
        };
        assert!(in_place(work, told).await.is_none());
        let (tell, told) = oneshot::channel();
        let work = async move {
            let _tell = tell;
            panic!("in the middle");
        };
        assert!(beyond(work, told, working.subscribe()).await.is_none());
        working.closed().await;
    }
}
