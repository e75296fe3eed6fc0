//! Builds the parts from the configuration, runs them, reloads and drains them.

pub mod build;
pub mod check;
pub mod config;
pub mod load;
pub mod log;
pub mod reload;
pub mod signals;
pub mod source;
pub mod tenant;
pub mod variables;

use crate::{
    admin::{self, Admin, health::Health},
    diagnostic::Diagnostic,
    gateway::Gateway,
    metrics::Metrics,
    server::{
        endpoint::{self, Endpoint},
        listener::Listener,
        settings::{self, Limits},
        tls::Tls,
    },
};
use config::Config;
use reload::{Files, Made, Watch};
use source::Source;
use std::{future::Future, net::SocketAddr, sync::Arc};
use tokio::{
    sync::Notify,
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
    reload: reload::Settings,
    limits: Limits,
}

/// Why a process cannot start.
#[derive(Debug)]
pub enum Failure {
    /// Something in its files, each with its place and remedy.
    Findings(Vec<Diagnostic>),
    /// Something around it: an address that is taken, a file that cannot be read.
    Circumstance(String),
}

impl App {
    /// Builds all tenants and binds both listeners. Findings of all tenants come at once.
    pub async fn bind(config: &Config, source: &Source) -> Result<Self, Failure> {
        let metrics = Arc::new(Metrics::default());
        let (tenants, watches) = tenants(config, source, &metrics)?;
        Self::over(config, tenants, watches, metrics).await.map_err(Failure::Circumstance)
    }

    /// Binds both listeners over tenants that are built; of `config` its tenants are overlooked.
    pub async fn over(
        config: &Config,
        tenants: Vec<endpoint::Tenant>,
        mut watches: Vec<Watch>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, String> {
        let Config { public_url, server, admin, reload, .. } = config;
        let (limits, reload) = (server.limits, *reload);
        let health = Arc::new(Health::default());
        health.loaded();

        let tls = server.tls.as_ref().map(certificate).transpose()?;
        let (tls, files) = tls.unzip();
        if let (Some(tls), Some(files)) = (tls.clone(), files) {
            watches.push(Watch::new(files, Made::Certificate(tls), metrics.clone()));
        }
        let scheme = if tls.is_some() { "https" } else { "http" };
        let scim = Listener::bind("scim", server.listen, tls, limits, metrics.clone()).await?;
        let own_url = || format!("{scheme}://{}", scim.address());
        let public_url = public_url.clone().unwrap_or_else(own_url);
        let endpoint = Arc::new(Endpoint::new(tenants, &public_url, limits, metrics.clone()));

        let operators = admin::settings::limits();
        let operators =
            Listener::bind("admin", admin.listen, None, operators, metrics.clone()).await?;
        let token = admin.token.as_ref().map(|token| token.resolve()).transpose()?;
        let admin = Arc::new(Admin::new(health.clone(), metrics, token.as_ref()));
        Ok(Self { scim, operators, endpoint, admin, health, watches, reload, limits })
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
    /// finished, and operators are answered to the end. `look_again` ends when files should be
    /// looked at.
    pub async fn run<F>(self, shutdown: impl Future<Output = ()>, look_again: impl Fn() -> F)
    where
        F: Future<Output = ()>,
    {
        let Self { scim, operators, endpoint, admin, health, watches, reload, limits } = self;
        let done = Notify::new();
        health.bound();

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
            done.notify_one();
        };
        tokio::select! {
            _ = async { tokio::join!(serve, operators.serve(admin, done.notified())) } => {}
            () = reload::run(watches, reload, look_again) => {}
        }
        tracing::info!("stopped");
    }
}

/// The tenants as the endpoint serves them, and the watches over their files.
fn tenants(
    config: &Config,
    source: &Source,
    metrics: &Arc<Metrics>,
) -> Result<(Vec<endpoint::Tenant>, Vec<Watch>), Failure> {
    let (mut tenants, mut watches, mut refused) = (vec![], vec![], vec![]);
    for (name, tenant) in &config.tenants {
        let files = Files::of_tenant(tenant);
        let live = match build::live(name, tenant, source, metrics, 1) {
            Ok((live, unwise)) => {
                for finding in unwise {
                    tracing::warn!(tenant = name, place = %finding.place, "{}", finding.message);
                }
                live
            }
            Err(findings) => {
                refused.extend(findings);
                continue;
            }
        };
        let gateway = Arc::new(Gateway::new(name, live, metrics.clone()));
        let name: Arc<str> = name.as_str().into();
        tenants.push(endpoint::Tenant {
            name: name.clone(),
            path: tenant.path.clone(),
            clients: tenant.clients.clone(),
            gateway: gateway.clone(),
        });
        let (tenant, source) = (Box::new(tenant.clone()), source.clone());
        let made = Made::Mapping { name, tenant, source, gateway };
        watches.push(Watch::new(files, made, metrics.clone()));
    }
    if refused.is_empty() { Ok((tenants, watches)) } else { Err(Failure::Findings(refused)) }
}

fn certificate(named: &settings::Files) -> Result<(Arc<Tls>, Files), String> {
    let files = Files::of_certificate(named);
    Tls::load(named).map(|tls| (Arc::new(tls), files))
}
