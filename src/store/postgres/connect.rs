//! Connections: where the server is, whom we trust to vouch for it, and what holds on each.

use super::{super::error::Refusal, fault::chain, migrate::NAMESPACE};
use crate::dial::{names::Names, roots};
use deadpool_postgres::{
    Connect, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, Error,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections of one replica, when nobody says how many: a statement takes a millisecond, so these are thousands in
/// a second; a server takes a hundred in all unless it is told otherwise.
pub const CONNECTIONS: usize = 8;
/// What is not there after this is not there: a client waits 50 s for all that its request needs.
const PATIENCE: Duration = Duration::from_secs(5);
/// What each connection is told: a statement of ours takes milliseconds, and one that waits for a lock of a replica that
/// has gone would wait for ever. What was committed is on the disk: a server that is told less by default is overruled.
const SETTINGS: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s';
     SET idle_in_transaction_session_timeout = '10s'; SET default_transaction_isolation = 'read committed';
     SET client_min_messages = warning";

/// Where the server is, and how it is reached.
#[derive(Clone)]
pub struct Address {
    config: Config,
    ca: Option<String>,
    connections: usize,
}

impl Address {
    /// Reads `postgres://user:password@host/database`. `ca` is a PEM text of who vouches for it beside the system's.
    /// The error says nothing of the text: the password stands in it.
    pub fn of(url: &str, ca: Option<String>, connections: Option<usize>) -> Result<Self, String> {
        let url = url.trim();
        let parts =
            ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme));
        // Behind the first one the library would take a part of the password for the host, and all would be told of it.
        let before_query = parts.unwrap_or(url).split('?').next().unwrap_or_default();
        if before_query.matches('@').count() > 1 {
            return Err("it has more than one `@`: those of the user and the password are written `%40`, and `/` \
                        there `%2F`"
                .to_owned());
        }
        if parts.is_none() {
            return Err(ADDRESS.to_owned());
        }
        let mut config: Config = url.parse().map_err(|_| ADDRESS.to_owned())?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(
                "it names no host: expected `postgres://user:password@host/database`".to_owned()
            );
        }
        if config.get_dbname().is_none() {
            return Err("it names no database: expected `postgres://user:password@host/database`"
                .to_owned());
        }
        // `prefer` is what the library takes for unsaid: whoever stands between would be asked, and say no.
        let unsaid = !url.contains("sslmode");
        if unsaid && config.get_hosts().iter().any(|host| !is_here(host)) {
            config.ssl_mode(SslMode::Require);
        }
        config
            .application_name("scimshim")
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(2 * PATIENCE)
            .keepalives_idle(3 * PATIENCE);
        Ok(Self { config, ca, connections: connections.unwrap_or(CONNECTIONS) })
    }

    /// The same by one connection, which nothing else waits for.
    pub fn alone(&self) -> Self {
        Self { connections: 1, ..self.clone() }
    }

    /// For the operator: host and database.
    pub fn place(&self) -> String {
        let ports = self.config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(PORT);
        let hosts = self.config.get_hosts().iter().enumerate();
        let hosts: Vec<String> = hosts.map(|(at, host)| shown(host, port(at))).collect();
        let database = self.config.get_dbname().unwrap_or_default();
        format!("postgres://{}/{database}", hosts.join(","))
    }
}

/// Where a server listens that is told nothing else.
const PORT: u16 = 5432;
/// What is wrong with an address that is none.
const ADDRESS: &str =
    "it is no address of a PostgreSQL server: expected `postgres://user:password@host/database`";

fn shown(host: &Host, port: u16) -> String {
    match host {
        Host::Tcp(name) if port == PORT => name.clone(),
        Host::Tcp(name) => format!("{name}:{port}"),
        Host::Unix(folder) => folder.display().to_string(),
    }
}

/// Whether what is said to it leaves this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

/// The connections; none is made yet.
pub fn pool(address: &Address) -> Result<Pool, Refusal> {
    let unusable = |message: String| {
        Refusal::new(message, "`ca` is a PEM file, which begins with `-----BEGIN CERTIFICATE-----`")
    };
    let own: Vec<String> = address.ca.iter().cloned().collect();
    let trusted =
        roots::trusted(&own).map_err(|what| unusable(format!("`store.postgres.ca` {what}")))?;
    let tls = roots::client(trusted)
        .map_err(|error| unusable(format!("tls: {error}")))?
        .with_no_client_auth();
    let dialer = Dialer { tls: MakeRustlsConnect::new(tls), names: Names::default() };
    // Each is looked at before it is used again: a server that was restarted would fail the first request of each.
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Verified };
    let manager = Manager::from_connect(address.config.clone(), dialer, manager);
    let told = Hook::async_fn(|client, _| {
        Box::pin(async move {
            let path = format!("SET search_path = {NAMESPACE}; {SETTINGS}");
            client.batch_execute(&path).await.map_err(HookError::Backend)
        })
    });
    let wait = Some(PATIENCE);
    let pool = Pool::builder(manager)
        .max_size(address.connections)
        .timeouts(Timeouts { wait, create: wait, recycle: wait })
        .runtime(Runtime::Tokio1)
        .post_create(told)
        .build();
    pool.map_err(|error| unusable(chain(&error)))
}

/// Looks the server up by the names that the machine is configured with, as all else is: the system's own library is
/// not in an image of the binary alone. Each time anew: a server that failed over has another address.
struct Dialer {
    tls: MakeRustlsConnect,
    names: Names,
}

impl Connect for Dialer {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        async move {
            let config = self.found(config).await;
            let (client, connection) = config.connect(self.tls.clone()).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!("a connection to the store ended: {}", chain(&error));
                }
            });
            Ok((client, task))
        }
        .boxed()
    }
}

impl Dialer {
    /// The same with the addresses of its hosts. What cannot be looked up is left to fail as it stands there.
    async fn found(&self, config: Config) -> Config {
        if !config.get_hostaddrs().is_empty() {
            return config;
        }
        let [Host::Tcp(name)] = config.get_hosts() else { return config };
        if name.parse::<IpAddr>().is_ok() {
            return config;
        }
        match self.names.addresses(name).await {
            Ok(found) => {
                let addresses: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
                at_each(&config, name, &addresses)
            }
            Err(error) => {
                tracing::warn!("the store's host `{name}` cannot be looked up: {error}");
                config
            }
        }
    }
}

/// The same by the addresses of its only host, which are tried one after the other: a name may have one of each kind, and
/// the server listen at one alone. They share the time that one has.
fn at_each(config: &Config, name: &str, addresses: &[IpAddr]) -> Config {
    let mut with = config.clone();
    for (at, address) in addresses.iter().enumerate() {
        // One address stands for one host, each by the same name and port.
        if at > 0 {
            with.host(name);
        }
        with.hostaddr(*address);
    }
    let share = PATIENCE / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    with.connect_timeout(share);
    with
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use tokio_postgres::NoTls;

    /// Nobody listens at the first one.
    #[tokio::test]
    async fn a_host_is_reached_at_any_of_its_addresses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("postgres://scimshim@db.example:{port}/scimshim?sslmode=disable");
        let config: Config = url.parse().unwrap();
        let addresses = ["127.0.0.2", "127.0.0.1"].map(|address| address.parse().unwrap());
        let with = at_each(&config, "db.example", &addresses);
        let reached = tokio::select! {
            reached = listener.accept() => reached.is_ok(),
            _ = with.connect(NoTls) => false,
        };
        assert!(reached);
    }
}
