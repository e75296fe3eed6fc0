//! One HTTP request from first byte to last: who, what, do, answer, note.

use super::{
    body,
    clients::{Refusal, challenges},
    connection::Answer,
    host,
    note::Note,
    operation::Operation,
    passed,
    refused::{Refused, nothing_here},
    reply::{Body, list, response},
    routes::{self, Base, Routes},
    settings::{Clients, Limits},
    work::{self, Admitted, Told},
};
use crate::{
    gateway::{Gateway, Live},
    metrics::Metrics,
    scim::{dialect::Dialect, discovery::Authentication, encode},
    upstream::settings::Scheme,
};
use http::{
    HeaderMap, HeaderName, Method, Response,
    header::{CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH, WWW_AUTHENTICATE},
    request::Parts,
};
use hyper::body::{Body as _, Incoming};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::Arc;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// One tenant as the server sees it.
pub struct Tenant {
    /// Its name in the configuration; label in metrics and logs.
    pub name: Arc<str>,
    /// Its own base path; without one it lives at `/scim/v2`, `/scim/v1` and `/scim`.
    pub path: Option<String>,
    /// The host at which alone it is; without one it is at every host.
    pub host: Option<String>,
    /// Who may call.
    pub clients: Clients,
    /// What serves it.
    pub gateway: Arc<Gateway>,
}

/// Answers SCIM requests over HTTP.
pub struct Endpoint {
    tenants: Vec<(Arc<str>, Arc<Gateway>)>,
    routes: Routes,
    limits: Limits,
    metrics: Arc<Metrics>,
    /// Each request being worked on holds a receiver: the sender knows when there is none.
    working: watch::Sender<()>,
}

/// Whose request it is, as far as that is known here.
struct Known {
    tenant: usize,
    /// What is in force when its client is known.
    live: Arc<Live>,
    /// How its tenant's clients may prove who they are.
    authentication: &'static [Authentication],
}

/// A tenant whose clients' own credentials go on to the vendor.
struct Passing {
    tenant: usize,
    live: Arc<Live>,
    scheme: Scheme,
}

impl Answer for Endpoint {
    async fn answer(self: Arc<Self>, http: http::Request<Incoming>) -> Response<Body> {
        let (head, body) = http.into_parts();
        let mut note = Note::begin(&head.headers, self.metrics.clone());
        let mut response = match self.admit(&head, body, &mut note).await {
            Ok(admitted) => {
                let (request_id, dialect) = (note.request_id().clone(), admitted.dialect);
                let schemes = admitted.authentication;
                match work::through(admitted, self.limits, note, self.working.subscribe()).await {
                    Told::Whole(wire) if wire.status == 401 => {
                        // The vendor's word on the client's own credential: who guesses gets few guesses here, too.
                        sleep(self.limits.refusal).await;
                        let mut response = response(wire, &request_id, dialect);
                        let challenges = challenges(schemes).map(|each| (WWW_AUTHENTICATE, each));
                        response.headers_mut().extend(challenges.collect::<HeaderMap>());
                        response
                    }
                    Told::Whole(wire) => response(wire, &request_id, dialect),
                    Told::Pieces(pieces) => list(pieces, &request_id, dialect),
                }
            }
            Err(refused) => {
                let dialect = self.likely(&head);
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
    /// An endpoint over `tenants`. `public_url` is what `Location` begins with, with the host of a tenant that has one.
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
                let base = routes.base(tenant.host.as_deref(), &path, public_url);
                base.spoken.push((index, dialect));
            }
        }
        routes.admit(|index| tenants.get(index).map(|tenant| &tenant.clients));
        let tenants = tenants.into_iter().map(|tenant| (tenant.name, tenant.gateway)).collect();
        Self { tenants, routes, limits, metrics, working: watch::Sender::new(()) }
    }

    /// Takes these clients of each tenant, by its name, from now on, and no others.
    pub fn admit_only<'c>(&self, clients: impl Fn(&str) -> Option<&'c Clients>) {
        self.routes.admit(|index| self.tenants.get(index).and_then(|(name, _)| clients(name)));
    }

    /// Whether the clients' own credentials go on to the vendor of a tenant, where there is such a one.
    pub fn passes_on(&self, tenant: &str) -> Option<bool> {
        let (_, gateway) = self.tenants.iter().find(|(name, _)| **name == *tenant)?;
        Some(gateway.live().plan.upstream.passes_on().is_some())
    }

    /// Waits until no request is being worked on, whether its client still waits for it or not.
    pub async fn idle(&self) {
        self.working.closed().await;
    }

    /// What a client speaks that is refused before it is known.
    fn likely(&self, head: &Parts) -> Dialect {
        let host = self.host(head).unwrap_or_default();
        let found = self.routes.find(host.as_deref(), head.uri.path());
        found.map_or_else(Dialect::default, |(base, _)| base.likely())
    }

    /// The host that is meant, where any tenant is known by one.
    fn host(&self, head: &Parts) -> Result<Option<String>, Refused> {
        if self.routes.by_host() { host::meant(head) } else { Ok(None) }
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
        host::one(head)?;
        let host = self.host(head)?;
        let found = self.routes.find(host.as_deref(), head.uri.path());
        let (base, below) = found.ok_or_else(nothing_here)?;
        let Known { tenant, live, authentication } = match self.passing(base) {
            Some(passing) => self.taken_on_trust(passing, head, note).await?,
            None => self.identified(base, head, now, note).await?,
        };
        let (_, gateway) = self.tenants.get(tenant).ok_or_else(nothing_here)?;
        // RFC 9110 §9.3.2: what GET would be told, without the body.
        let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
        let operation = Operation::of(method, &below, &live.plan.types);
        let (writes, searches) = (operation.writes(method), operation.searches());
        note.asked(operation);
        let body = body::read(body, &self.limits).await.map_err(Refused::unread)?;
        Ok(Admitted {
            gateway: gateway.clone(),
            authentication,
            live,
            dialect: base.dialect(tenant),
            method: method.clone(),
            writes,
            searches,
            base: base.url.clone(),
            below,
            query: head.uri.query().map(str::to_owned),
            conditions: [IF_MATCH, IF_NONE_MATCH].map(|name| joined(&head.headers, &name)),
            body,
            now,
            deadline: began + self.limits.request,
        })
    }

    /// The tenant that a path, or a host with it, says alone, where its clients' own credentials go on to the vendor.
    fn passing(&self, base: &Base) -> Option<Passing> {
        let tenant = base.only_tenant().filter(|tenant| base.clients.load().serve(*tenant))?;
        let (_, gateway) = self.tenants.get(tenant)?;
        let live = gateway.live();
        let scheme = live.plan.upstream.passes_on()?;
        Some(Passing { tenant, live, scheme })
    }

    /// A client whose credential the vendor judges; here it must only be one.
    async fn taken_on_trust(
        &self,
        passing: Passing,
        head: &Parts,
        note: &mut Note,
    ) -> Result<Known, Refused> {
        let Passing { tenant, live, scheme } = passing;
        let authentication = passed::schemes(scheme);
        let credential = match passed::credential(&head.headers, scheme) {
            Ok(credential) => credential,
            Err(refusal) => {
                return Err(self.turn_away(refusal, Some(tenant), authentication, note).await);
            }
        };
        let (name, _) = self.tenants.get(tenant).ok_or_else(nothing_here)?;
        note.identified(name, &passed::CLIENT.into());
        Ok(Known { tenant, live: Arc::new(live.on_behalf(&credential)), authentication })
    }

    /// A client that the configuration knows.
    async fn identified(
        &self,
        base: &Base,
        head: &Parts,
        now: Timestamp,
        note: &mut Note,
    ) -> Result<Known, Refused> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let clients = base.clients.load_full();
        let caller = match clients.identify(&head.headers, today) {
            Ok(caller) => caller,
            Err(refusal) => {
                let (only, schemes) = (base.only_tenant(), clients.all_schemes());
                return Err(self.turn_away(refusal, only, schemes, note).await);
            }
        };
        let (tenant, gateway) = self.tenants.get(caller.tenant).ok_or_else(nothing_here)?;
        note.identified(tenant, &caller.client);
        let (tenant, authentication) = (caller.tenant, clients.schemes(caller.tenant));
        Ok(Known { tenant, live: gateway.live(), authentication })
    }

    /// Counts a client that is not let in, for the tenant that it can only have meant, and lets one that
    /// may be guessing wait. Who sends nothing is asking what is wanted here.
    async fn turn_away(
        &self,
        refusal: Refusal<'_>,
        only: Option<usize>,
        schemes: &[Authentication],
        note: &mut Note,
    ) -> Refused {
        let meant = match refusal {
            Refusal::Expired(caller) => Some(caller.tenant),
            _ => only,
        };
        let tenant = meant.and_then(|tenant| self.tenants.get(tenant)).map(|(name, _)| name);
        note.refused(refusal.word(), tenant);
        if let (Refusal::Expired(caller), Some(tenant)) = (refusal, tenant) {
            note.identified(tenant, &caller.client);
        }
        if !matches!(refusal, Refusal::Missing) {
            sleep(self.limits.refusal).await;
        }
        Refused::unauthorized(refusal, schemes)
    }
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
