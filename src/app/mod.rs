//! Builds the parts from the configuration, runs them, reloads and drains them.

pub mod alike;
pub mod audit;
pub mod build;
pub mod callers;
pub mod certificate;
pub mod check;
pub mod clients;
pub mod config;
pub mod delivery;
pub mod environment;
pub mod guard;
pub mod keys;
pub mod limits;
pub mod load;
pub mod log;
pub mod probe;
pub mod reload;
pub mod signals;
pub mod source;
pub mod storage;
pub mod tenant;
pub mod variables;

use crate::{
    admin::{self, Admin, health::Health},
    audit::Audit,
    diagnostic::Diagnostic,
    gateway::Gateway,
    metrics::Metrics,
    secret::Secret,
    server::{
        certificate::{Fault, Validity},
        endpoint::{self, Endpoint},
        listener::Listener,
        settings::Limits,
        tls::Tls,
    },
    store::Store,
};
use config::Config;
use reload::{Files, Made, Watch};
use source::{Source, finding};
use std::{future::Future, net::SocketAddr, path::Path, pin::pin, sync::Arc};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout_at},
};

/// Everything that a process runs, bound and not yet serving.
pub struct App {
    scim: Listener,
    operators: Listener,
    endpoint: Arc<Endpoint>,
    admin: Arc<Admin>,
    health: Arc<Health>,
    watches: Vec<Watch>,
    gateways: Vec<(Arc<str>, Arc<Gateway>)>,
    store: Option<Arc<dyn Store>>,
    audit: Option<Arc<Audit>>,
    reload: reload::Settings,
    limits: Limits,
    metrics: Arc<Metrics>,
}

/// Why a process cannot start.
#[derive(Debug)]
pub enum Failure {
    /// Something in its files, each with its place and remedy.
    Findings(Vec<Diagnostic>),
    /// Something around it: an address that is taken.
    Circumstance(Diagnostic),
}

/// Why a listener cannot be bound.
struct Unbound {
    /// The section that names its address.
    section: &'static str,
    /// With the address and the remedy.
    message: String,
}

/// What both listeners need of files and environment.
struct Equipment {
    tls: Option<(Arc<Tls>, Validity, Files)>,
    token: Option<Secret>,
    store: Option<Arc<dyn Store>>,
    audit: Option<Arc<Audit>>,
}

impl App {
    /// Builds all tenants and binds both listeners. Findings of all tenants come at once.
    pub async fn bind(config: &Config, source: &Source) -> Result<Self, Failure> {
        let metrics = Arc::new(Metrics::default());
        let store = storage::open(config, source, &metrics).await;
        let audit = audit::open(config, source, &metrics);
        let mut refused = vec![];
        let kept = Kept {
            store: store.as_ref().ok().cloned().flatten(),
            audit: audit.as_ref().ok().cloned().flatten(),
        };
        let (tenants, watches) = tenants(config, source, &metrics, &kept, &mut refused);
        let tls = certificate(config).map_err(|fault| certificate::refused(&fault, source));
        let token = token(config).map_err(|why| {
            let help = "the metrics are asked for with it".to_owned();
            finding("C026", source.place(&["admin", "token"]), why, Some(help))
        });
        let equipment = match (tls, token, store, audit) {
            (Ok(tls), Ok(token), Ok(store), Ok(audit)) if refused.is_empty() => {
                Equipment { tls, token, store, audit }
            }
            (tls, token, store, audit) => {
                let found = tls.err().into_iter().chain(token.err()).chain(store.err());
                refused.extend(found.chain(audit.err()));
                return Err(Failure::Findings(refused));
            }
        };
        let app = Self::assemble(config, equipment, tenants, watches, metrics).await;
        let app = app.map_err(|unbound| {
            let place = source.place(&[unbound.section, "listen"]);
            let help = "an address of this machine and a free port, e.g. `127.0.0.1:8080`";
            Failure::Circumstance(finding("C019", place, unbound.message, Some(help.to_owned())))
        })?;
        let begun = audit::begin(app.audit.as_ref(), source).await;
        begun.map_err(|finding| Failure::Findings(vec![finding]))?;
        Ok(app)
    }

    /// Binds both listeners over tenants that are built; of `config` its tenants and its store are
    /// overlooked.
    pub async fn over(
        config: &Config,
        tenants: Vec<endpoint::Tenant>,
        watches: Vec<Watch>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, String> {
        let tls = certificate(config).map_err(|fault| fault.message)?;
        let equipment = Equipment { tls, token: token(config)?, store: None, audit: None };
        let assembled = Self::assemble(config, equipment, tenants, watches, metrics).await;
        assembled.map_err(|unbound| unbound.message)
    }

    /// The same with an eye on its configuration: while it runs, the clients are those that the file names.
    /// `files` were looked at before `config` was made of them.
    #[must_use]
    pub fn following(mut self, file: &Path, files: Files, config: Config) -> Self {
        let (file, endpoint) = (file.to_owned(), self.endpoint.clone());
        let take_up = move || clients::take_up(&file, &config, &endpoint);
        let made = Made::Configuration(Box::new(take_up));
        self.watches.push(Watch::new(files, made, self.metrics.clone()));
        self
    }

    async fn assemble(
        config: &Config,
        equipment: Equipment,
        tenants: Vec<endpoint::Tenant>,
        mut watches: Vec<Watch>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, Unbound> {
        let Config { public_url, server, admin, reload, .. } = config;
        let (limits, reload) = (server.limits, *reload);
        let health = Arc::new(Health::default());
        health.loaded();

        let tls = equipment.tls.map(|(tls, validity, files)| {
            metrics.certificate_expiry(validity.to.as_second());
            watches.push(Watch::new(files, Made::Certificate(tls.clone()), metrics.clone()));
            tls
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let unbound = |section| move |message| Unbound { section, message };
        let scim = Listener::bind("scim", server.listen, tls, limits, metrics.clone());
        let scim = scim.await.map_err(unbound("server"))?;
        let own_url = || format!("{scheme}://{}", scim.address());
        let public_url = public_url.clone().unwrap_or_else(own_url);
        let gateways = tenants.iter().map(|tenant| (tenant.name.clone(), tenant.gateway.clone()));
        let gateways: Vec<_> = gateways.collect();
        let endpoint = Arc::new(Endpoint::new(tenants, &public_url, limits, metrics.clone()));

        let operators = admin::settings::limits();
        let operators = Listener::bind("admin", admin.listen, None, operators, metrics.clone());
        let operators = operators.await.map_err(unbound("admin"))?;
        let admin = Admin::new(health.clone(), metrics.clone(), equipment.token.as_ref());
        let admin = Arc::new(admin.probing(gateways.clone()));
        let (store, audit) = (equipment.store, equipment.audit);
        Ok(Self {
            scim,
            operators,
            endpoint,
            admin,
            health,
            watches,
            gateways,
            store,
            audit,
            reload,
            limits,
            metrics,
        })
    }

    /// Where SCIM clients reach us.
    pub fn address(&self) -> SocketAddr {
        self.scim.address()
    }

    /// Where operators reach us.
    pub fn admin_address(&self) -> SocketAddr {
        self.operators.address()
    }

    /// Serves until `shutdown` ends, then drains: new connections are refused, what is under way is
    /// finished, operators are answered to the end, and the audit log and the store are closed last. `look_again` ends
    /// when files should be looked at.
    pub async fn run<F>(self, shutdown: impl Future<Output = ()>, look_again: impl Fn() -> F)
    where
        F: Future<Output = ()>,
    {
        let Self {
            scim,
            operators,
            endpoint,
            admin,
            health,
            watches,
            gateways,
            store,
            audit,
            reload,
            limits,
            metrics,
        } = self;
        let done = Notify::new();
        let (stop, stopped) = watch::channel(false);
        let delivery = delivery::start(gateways.clone(), limits.request, stopped);
        health.bound();

        let mut delivery = pin!(delivery);
        let serve = async {
            let mut over = Instant::now();
            let told_to_stop = async {
                shutdown.await;
                over = Instant::now() + limits.drain;
                health.draining();
                tracing::info!(within = ?limits.drain, "draining");
            };
            scim.serve(endpoint.clone(), told_to_stop).await;
            // A client that hung up leaves its write behind, and that has its time as well.
            if timeout_at(over, endpoint.idle()).await.is_err() {
                tracing::warn!("requests cut off: they outlived the drain");
            }
            // What the journal has goes on with the next start; what is on its way to the vendor is waited for.
            stop.send_replace(true);
            if timeout_at(over, &mut delivery).await.is_err() {
                tracing::warn!("deliveries cut off: they outlived the drain");
            }
            done.notify_one();
        };
        let look_again = || async {
            look_again().await;
            audit::follow(audit.as_ref());
        };
        tokio::select! {
            _ = async { tokio::join!(serve, operators.serve(admin, done.notified())) } => {}
            () = reload::run(watches, reload, look_again) => {}
            () = storage::watch(store.clone(), &health, &metrics) => {}
            () = alike::watch(store.clone(), gateways, &metrics) => {}
            () = audit::watch(audit.clone(), &health) => {}
        }
        audit::close(audit).await;
        storage::close(store).await;
        tracing::info!("stopped");
    }
}

/// What all tenants write to, as far as there is such a thing.
struct Kept {
    store: Option<Arc<dyn Store>>,
    audit: Option<Arc<Audit>>,
}

/// The tenants as the endpoint serves them, all over one store that keeps them apart, and the watches
/// over their files; what stands in the way of one goes to `refused`.
fn tenants(
    config: &Config,
    source: &Source,
    metrics: &Arc<Metrics>,
    kept: &Kept,
    refused: &mut Vec<Diagnostic>,
) -> (Vec<endpoint::Tenant>, Vec<Watch>) {
    let (mut tenants, mut watches) = (vec![], vec![]);
    for (name, tenant) in &config.tenants {
        let files = Files::of_tenant(tenant);
        let live = match build::live(name, tenant, source, metrics, config.store.is_some(), None) {
            Ok((live, unwise)) => {
                unwise.iter().for_each(|finding| log::warn(name, finding));
                live
            }
            Err(findings) => {
                refused.extend(findings);
                continue;
            }
        };
        let gateway = Gateway::new(name, live, metrics.clone()).keeping(kept.store.clone());
        let gateway = gateway.journalling().guarded(tenant.guard).auditing(kept.audit.clone());
        let gateway = Arc::new(gateway);
        let name: Arc<str> = name.as_str().into();
        tenants.push(endpoint::Tenant {
            name: name.clone(),
            path: tenant.path.clone(),
            host: tenant.host.clone(),
            clients: tenant.clients.clone(),
            gateway: gateway.clone(),
        });
        let (tenant, source) = (Box::new(tenant.clone()), source.clone());
        let made = Made::Mapping { name, tenant, source, gateway };
        watches.push(Watch::new(files, made, metrics.clone()));
    }
    (tenants, watches)
}

fn certificate(config: &Config) -> Result<Option<(Arc<Tls>, Validity, Files)>, Fault> {
    let Some(named) = &config.server.tls else { return Ok(None) };
    let files = Files::of_certificate(named);
    Tls::load(named).map(|(tls, validity)| Some((Arc::new(tls), validity, files)))
}

fn token(config: &Config) -> Result<Option<Secret>, String> {
    config.admin.token.as_ref().map(|token| token.resolve()).transpose()
}
