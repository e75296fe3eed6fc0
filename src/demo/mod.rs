//! A sample vendor in memory, the gateway in front of it, and an Okta lifecycle played through it.

pub mod play;
pub mod vendor;

use crate::{
    app::{App, build, config::Config, log, signals::Signals},
    gateway::{Gateway, rehearsal},
    mapping,
    metrics::Metrics,
    scim::profile::Profile,
    server::{
        endpoint::Tenant,
        settings::{Clients, Credentials, Digest, Token},
    },
};
use serde_json::json;
use std::{io::Write, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;
use vendor::Vendor;

/// The mapping that the binary brings along.
const MAPPING: &str = include_str!("../../mappings/sample.yaml");
/// The key between gateway and sample vendor; both live in this process, on loopback.
const KEY: &str = "sample-vendor-key";

/// How the demo runs.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Where SCIM clients reach it.
    pub listen: SocketAddr,
    /// Where operators reach it.
    pub admin: SocketAddr,
    /// The client's token.
    pub token: String,
    /// The client's habits.
    pub profile: Profile,
    /// Stop after the play.
    pub once: bool,
}

/// Starts all parts, plays, and serves until told to stop. True when every exchange of the play was
/// as expected; an error when it could not start.
pub async fn run(demo: Demo, out: &mut (impl Write + Send)) -> Result<bool, String> {
    let signals = Signals::listen()?;
    let vendor = Arc::new(Vendor::seeded(KEY));
    let app = assemble(&demo, Arc::clone(&vendor)).await?;
    let base = format!("http://{}/scim/v2", app.address());
    let admin = app.admin_address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let until = async {
        tokio::select! {
            () = signals.stop() => {}
            _ = stopped => {}
        }
    };
    let played = async {
        let as_expected = play::play(&base, &demo.token, &vendor, out).await;
        if demo.once {
            // Nobody listens any more when the app has ended by itself.
            let _ = stop.send(());
        } else {
            let shown = invitation(&base, admin, &demo.token);
            let _ = out.write_all(shown.as_bytes()).and_then(|()| out.flush());
            std::mem::forget(stop);
        }
        as_expected
    };
    let ((), as_expected) = tokio::join!(app.run(until, std::future::pending), played);
    Ok(as_expected)
}

/// The sample vendor, its mapping and a gateway over them, bound and not yet serving.
async fn assemble(demo: &Demo, vendor: Arc<Vendor>) -> Result<App, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tokio::spawn(vendor.serve(listener));

    let loaded = mapping::load("mappings/sample.yaml", MAPPING);
    let plan = loaded.plan.ok_or_else(|| {
        let findings: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
        findings.join("\n")
    })?;
    let metrics = Arc::new(Metrics::default());
    let variables = json!({ "url": format!("http://{address}"), "key": KEY });
    let store = rehearsal::store(&plan).map_err(|refusal| refusal.message)?;
    let live = build::over("demo", plan, variables, demo.profile, &metrics, 1)?;
    let gateway = Arc::new(Gateway::new("demo", live, metrics.clone()).keeping(store));
    let token = Token { sha256: Digest::of(demo.token.as_bytes()), until: None };
    let credentials = Credentials { bearer: vec![token], ..Credentials::default() };
    let clients = Clients::from([("okta".to_owned(), credentials)]);
    let tenant = Tenant { name: "demo".into(), path: None, host: None, clients, gateway };

    let mut config = Config::default();
    config.server.listen = demo.listen;
    // Off loopback the demo asks for a token of the caller's own; it has no certificate to show.
    config.server.plain_off_loopback = true;
    config.admin.listen = demo.admin;
    config.log = log::Settings::default();
    App::over(&config, vec![tenant], Vec::new(), metrics).await
}

fn invitation(base: &str, admin: SocketAddr, token: &str) -> String {
    format!(
        "\nThe gateway goes on serving until Ctrl-C.\n\n  \
         base URL  {base}\n  token     {token}\n  metrics   http://{admin}/metrics\n\n  \
         curl -H 'Authorization: Bearer {token}' '{base}/Users?count=2'\n"
    )
}
