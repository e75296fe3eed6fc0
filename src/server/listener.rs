//! Accepts connections, as many as there is room for, and drains them.

use super::{
    connection::{self, Answer},
    settings::Limits,
    tls::Tls,
};
use crate::metrics::Metrics;
use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// A bound address and what its connections get.
pub struct Listener {
    name: &'static str,
    tcp: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    metrics: Arc<Metrics>,
}

/// After an accept that failed for want of descriptors or memory. Long enough not to spin, short
/// enough that the kernel's queue does not overflow meanwhile.
const BREATH: Duration = Duration::from_millis(100);

impl Listener {
    /// Binds `address`; `name` is what logs and metrics call it. The error names the address and
    /// the remedy.
    pub async fn bind(
        name: &'static str,
        address: SocketAddr,
        tls: Option<Arc<Tls>>,
        limits: Limits,
        metrics: Arc<Metrics>,
    ) -> Result<Self, String> {
        let wrong = |error: io::Error| {
            let remedy = match error.kind() {
                io::ErrorKind::AddrInUse => "stop what listens there, or choose another port",
                io::ErrorKind::PermissionDenied => "choose a port above 1023",
                _ => "choose an address of this machine",
            };
            format!("cannot listen on `{address}` ({name}): {error}: {remedy}")
        };
        let tcp = TcpListener::bind(address).await.map_err(wrong)?;
        let address = tcp.local_addr().map_err(wrong)?;
        Ok(Self { name, tcp, address, tls, limits, metrics })
    }

    /// Where it listens: the port is the real one where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` ends. Then new connections are refused, requests under way are
    /// finished within `drain`, and what is left after that is cut off.
    pub async fn serve<A: Answer>(self, answer: Arc<A>, shutdown: impl Future<Output = ()>) {
        let Self { name, tcp, tls, limits, metrics, .. } = self;
        let places = Arc::new(Semaphore::new(limits.connections));
        let (drain, draining) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = shutdown.as_mut() => break,
                (stream, place) = next(&tcp, &places) => {
                    let tls = tls.as_ref().map(|tls| tls.acceptor());
                    let (answer, draining) = (answer.clone(), draining.clone());
                    let open = metrics.connection(name);
                    connections.spawn(async move {
                        connection::serve(stream, tls, limits, answer, draining).await;
                        drop((open, place));
                    });
                }
                // Ended ones are let go of as they end.
                Some(_) = connections.join_next() => {}
            }
        }

        drop(tcp);
        let _ = drain.send(true);
        let ended = async { while connections.join_next().await.is_some() {} };
        if timeout(limits.drain, ended).await.is_err() {
            let left = connections.len();
            tracing::warn!(listener = name, left, "connections cut off: they outlived the drain");
            connections.shutdown().await;
        }
    }
}

/// The next connection, once there is room for it: until then it waits in the kernel's queue.
async fn next(tcp: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    loop {
        // The semaphore is never closed; were it, nothing could be served, and waiting says so.
        let Ok(place) = places.clone().acquire_owned().await else {
            return std::future::pending().await;
        };
        match tcp.accept().await {
            Ok((stream, _)) => return (stream, place),
            // The client gave up between its packet and our accept: nothing is wrong with us.
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(BREATH).await;
            }
        }
    }
}
