//! The traffic on the deck: SCIM requests become vendor calls, and their answers SCIM again.

pub mod across;
pub mod adopt;
pub mod audited;
pub mod begun;
pub mod beside;
pub mod birth;
pub mod bulk;
pub mod context;
pub mod create;
pub mod crossing;
pub mod deed;
pub mod delete;
pub mod delivery;
pub mod each;
pub mod ending;
pub mod error;
pub mod everybody;
pub mod exchange;
pub mod exercised;
pub mod find;
pub mod fingerprint;
pub mod flight;
pub mod found;
pub mod get;
pub mod group;
pub mod guard;
pub mod identity;
pub mod items;
pub mod joined;
pub mod journal;
pub mod kept;
pub mod linked;
pub mod listed;
pub mod lists;
pub mod live;
pub mod lookup;
pub mod made;
pub mod many;
pub mod matched;
pub mod meets;
pub mod members;
pub mod memory;
pub mod names;
pub mod outlet;
pub mod outside;
pub mod outsider;
pub mod overlay;
pub mod owned;
pub mod pages;
pub mod patch;
pub mod place;
pub mod probe;
pub mod probed;
pub mod proof;
pub mod recall;
pub mod record;
pub mod references;
pub mod refused;
pub mod rehearsal;
pub mod rekeyed;
pub mod replace;
pub mod rest;
pub mod resume;
pub mod scan;
pub mod search;
pub mod seen;
pub mod serve;
pub mod share;
pub mod since;
pub mod stays;
pub mod steps;
pub mod stream;
pub mod told;
pub mod trace;
pub mod truth;
pub mod turns;
pub mod undo;
pub mod unfinished;
pub mod unproven;
pub mod unsaid;
pub mod update;
pub mod uuid;
pub mod values;
pub mod walk;
pub mod walks;
pub mod withheld;
pub mod words;

pub use context::Context;
pub use live::Live;
pub use trace::Trace;

use crate::{
    audit::Audit,
    mapping::{
        generate::Maker,
        plan::{Form, Plan, ResourcePlan},
    },
    metrics::Metrics,
    scim::{
        conditions::Conditions,
        cursor,
        discovery::{self, Authentication, Capabilities},
        error::Error,
        message::{Action, Discovery, Page, Projection, Query, Request, Response, Start},
        unmapped::UnmappedNames,
    },
    store::Store,
};
use arc_swap::ArcSwap;
use error::Failure;
use exercised::{Exercised, Use};
use futures_util::future::BoxFuture;
use memory::Memory;
use share::Share;
use std::{collections::BTreeSet, sync::Arc};
use tokio::time::Instant;

/// One tenant's gateway.
pub struct Gateway {
    tenant: Arc<str>,
    live: ArcSwap<Live>,
    metrics: Arc<Metrics>,
    memory: Memory,
}

/// What a request brings from outside: time and chance enter here and nowhere below.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The request's one instant.
    pub now: jiff::Timestamp,
    /// How values are made up where the mapping says `generate`.
    pub make: Maker,
    /// The client gives up after this; no call begins later.
    pub deadline: Instant,
    /// How much one Bulk may hold.
    pub bulk: discovery::Bulk,
    /// Resources in one answer at most, whatever the client asks for.
    pub list_results: usize,
    /// How clients of its tenant may prove who they are; the first is preferred.
    pub authentication: &'a [Authentication],
    /// The public URL that its resources stand below, without a slash at its end.
    pub base: &'a str,
    /// Who asks.
    pub caller: Caller<'a>,
}

impl Arrival<'_> {
    /// Of what no client asks for: of an operator, of the journal, of a probe. It lists nothing, and no answer tells where
    /// it stands.
    pub fn of_nobody(now: jiff::Timestamp, deadline: Instant) -> Self {
        Self {
            now,
            make: made::at_random,
            deadline,
            bulk: discovery::Bulk { max_operations: 0, max_payload_size: 0 },
            list_results: 0,
            authentication: &[],
            base: "",
            caller: Caller::default(),
        }
    }
}

/// Who asks, as the audit log names it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller<'a> {
    /// The client's name in the configuration.
    pub client: &'a str,
    /// The request's id, as the log has it.
    pub request_id: &'a str,
}

impl Gateway {
    /// A gateway for `tenant` over what is live now.
    pub fn new(tenant: &str, live: Live, metrics: Arc<Metrics>) -> Self {
        Self {
            tenant: tenant.into(),
            live: ArcSwap::from_pointee(live.of_its_tenant()),
            metrics,
            memory: Memory::default(),
        }
    }

    /// The same with a store: what the vendor cannot hold is kept there.
    #[must_use]
    pub fn keeping(mut self, store: Option<Arc<dyn Store>>) -> Self {
        self.memory.store = store;
        self.share_limits(&self.live());
        self
    }

    /// What the vendor allows is kept together with whoever has the same store.
    fn share_limits(&self, live: &Live) {
        if let (Some(store), Some(gate)) = (&self.memory.store, live.upstream.gate()) {
            let (store, metrics) = (Arc::clone(store), Arc::clone(&self.metrics));
            gate.share(Arc::new(Share::new(store, Arc::clone(&self.tenant), metrics)));
        }
    }

    /// The same with an audit log: each write leaves a line there before it is answered.
    #[must_use]
    pub fn auditing(mut self, audit: Option<Arc<Audit>>) -> Self {
        self.memory.audit = audit;
        self
    }

    /// The same with a journal in its store: what must not be lost is written there before it is tried.
    #[must_use]
    pub fn journalling(mut self) -> Self {
        self.memory.journalling = true;
        self
    }

    /// The same for a rehearsal: what of the mapping is used is noted.
    #[must_use]
    pub fn noting(mut self) -> Self {
        self.memory.exercised = Some(Exercised::default());
        self
    }

    /// What was noted.
    pub fn into_uses(self) -> BTreeSet<Use> {
        self.memory.exercised.map(Exercised::into_uses).unwrap_or_default()
    }

    /// Whether it has a store.
    pub fn remembers(&self) -> bool {
        self.memory.store.is_some()
    }

    /// What is live now. A request takes it once and keeps it to its end.
    pub fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// Swaps plan and upstream as one; requests under way keep the old ones.
    pub fn swap(&self, live: Live) {
        self.share_limits(&live);
        self.live.store(Arc::new(live.of_its_tenant()));
    }

    /// Does what a request asks. The Trace tells what was done, whatever came of it.
    async fn handle(
        &self,
        live: &Live,
        request: Request,
        conditions: &Conditions,
        arrival: Arrival<'_>,
    ) -> (Result<Response, Error>, Trace) {
        let (kind, action, unmapped, projection) = match request {
            Request::Discovery(document) => {
                return (discover(&live.plan, &document, conditions, arrival), Trace::default());
            }
            // Each of its operations comes here by itself.
            Request::Bulk(_) => {
                let error = Error::new(400, "a Bulk within a Bulk is none");
                return (Err(error), Trace::default());
            }
            Request::Unserved(query) => return (nobody(query), Trace::default()),
            Request::Across(asked) => {
                // Whichever kind: it goes to each of them from there.
                let Some(plan) = live.plan.resources.first() else {
                    return (nobody(asked.query), Trace::default());
                };
                let mut cx = self.context(live, plan, arrival);
                let outcome = match overlay::of_all(&cx).await {
                    Ok(overlay) => {
                        cx.overlay = overlay.map(Arc::new);
                        across::across(&cx, &asked).await
                    }
                    Err(failure) => Err(failure),
                };
                return judged(cx, outcome);
            }
            Request::Resource { kind, action, projection, unmapped } => {
                (kind, action, unmapped, projection)
            }
        };
        let Some(plan) = live.plan.resource(&kind) else {
            let error = Error::new(404, format!("`{kind}` is not served here"));
            return (Err(error), Trace::default());
        };
        let mut cx = self.context(live, plan, arrival);
        let outcome = match admit(&mut cx, &action, &unmapped).await {
            Ok(()) => match &plan.form {
                Form::Kept => group::act(&cx, action, &projection, conditions).await,
                Form::Records | Form::Fixed(_) | Form::Values(_) => {
                    act(&cx, action, &projection, conditions).await
                }
            },
            Err(failure) => Err(failure),
        };
        judged(cx, outcome)
    }

    fn context<'a>(
        &'a self,
        live: &'a Live,
        plan: &'a ResourcePlan,
        arrival: Arrival<'_>,
    ) -> Context<'a> {
        Context::new(&self.tenant, live, plan, arrival, &self.memory, &self.metrics)
    }
}

/// Whether a request may be done: it says nothing that the mapping refuses, and its client may hear of what is held. One
/// that reads sees from here on what was acknowledged.
async fn admit(
    cx: &mut Context<'_>,
    action: &Action,
    unmapped: &UnmappedNames,
) -> Result<(), Failure> {
    cx.note_unmapped(unmapped)?;
    proof::prove(cx).await?;
    cx.overlay = overlay::of(cx, action).await?.map(Arc::new);
    Ok(())
}

/// What came of it as the client is told, and what was done.
fn judged<T>(cx: Context<'_>, outcome: Result<T, Failure>) -> (Result<T, Error>, Trace) {
    if outcome.is_ok() {
        cx.remember();
    }
    let judged = outcome.map_err(|failure| {
        cx.fault(&failure);
        cx.judge(failure)
    });
    if judged.as_ref().is_err_and(|error| error.status == 401) {
        cx.disown();
    }
    (judged, cx.into_trace())
}

/// The list of a kind that is not served.
fn nobody(query: Query) -> Result<Response, Error> {
    let page = match query.start {
        Start::Index(start_index) => Page::Indexed { total: 0, start_index },
        Start::Cursor(text) if text.is_empty() => Page::Cursored { total: Some(0), next: None },
        Start::Cursor(_) => return Err(cursor::foreign()),
    };
    Ok(Response::List { resources: Vec::new(), page })
}

async fn act(
    cx: &Context<'_>,
    action: Action,
    shown: &Projection,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    // Each write in a box of its own: a read would otherwise take as much memory as the largest of them, and what is
    // larger than 14 KiB goes back to the kernel with each request.
    let of_values = matches!(cx.plan.form, Form::Values(_));
    match action {
        Action::Get { id } if of_values => values::get(cx, &id, conditions).await,
        Action::Get { id } => get::get(cx, &id, conditions).await,
        Action::Search(query) if of_values => values::search(cx, &query).await,
        Action::Search(query) => search::search(cx, &query).await,
        // There is no version of what is not there yet.
        Action::Create(resource) if of_values => values::create(cx, resource).await,
        Action::Create(resource) => Box::pin(create::create(cx, resource)).await,
        // Of one that is there.
        written => {
            let carried = delivery::carry_out(cx, written, conditions, shown);
            // As one of many: the compiler would otherwise look through all that a write can be.
            let carried: BoxFuture<'_, _> = Box::pin(carried);
            carried.await
        }
    }
}

/// Discovery is derived from the mapping, so it never promises what the vendor cannot do.
fn discover(
    plan: &Plan,
    asked: &Discovery,
    conditions: &Conditions,
    arrival: Arrival<'_>,
) -> Result<Response, Error> {
    let most = arrival.list_results;
    let capabilities = plan.capabilities(place::PAGE.min(most), most);
    let capabilities = Capabilities {
        bulk: Some(arrival.bulk),
        authentication: arrival.authentication.to_vec(),
        ..capabilities
    };
    let document = discovery::document(asked, &plan.types, &capabilities, arrival.base)?;
    let unchanged = conditions.unchanged_document(&document)?;
    Ok(Response::Document { document, unchanged })
}
