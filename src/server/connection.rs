//! One connection: handshake, protocol, and the clock that closes it when nobody speaks.
//!
//! hyper waits for ever on a client that connects and sends nothing over HTTP/2, and on one that
//! keeps an answer unread. So each connection has a clock of its own, fed by the requests on it.

use super::{reply::Body, settings::Limits};
use crate::gateway::outlet::Cut;
use bytes::Bytes;
use futures_util::future::OptionFuture;
use hyper::{
    Request, Response,
    body::{Frame, Incoming, SizeHint},
    rt::{Read, Write},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

/// Who answers the requests of a listener.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request. The future is dropped when the client goes away, and so is a body that it does not
    /// take to its end.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Body>> + Send;

    /// Notes what was no HTTP or had too many headers: it was answered with `status`, as far as it
    /// could be, and never came to [`Answer::answer`].
    fn unreadable(&self, _status: u16, _why: &'static str) {}
}

/// How often an HTTP/2 client without traffic is asked whether it is still there, and how long it
/// may take to say so. Below the five minutes after which NAT gateways forget a connection.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// Streams that a client opened and reset and that we have not yet seen the end of. hyper's own
/// numbers are made for browsers; a flood of resets is the cheapest attack on HTTP/2.
const RESETS: usize = 32;

/// How long an HTTP/2 client may take to read its last answer and go, once told that we end. hyper
/// waits for it: one that overlooks GOAWAY would otherwise hold up the end for the whole drain.
const FAREWELL: Duration = Duration::from_secs(3);

/// Serves one connection to its end. `draining` turns true when the process is told to stop.
pub async fn serve<A: Answer>(
    tcp: TcpStream,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    answer: Arc<A>,
    mut draining: watch::Receiver<bool>,
) {
    // An answer is one small write: waiting to fill a packet only delays it.
    let _ = tcp.set_nodelay(true);
    let activity = Activity::new();
    let Some(acceptor) = tls else {
        return http1(tcp, limits, answer, activity, draining).await;
    };
    let shaken = tokio::select! {
        shaken = timeout(limits.handshake, acceptor.accept(tcp)) => shaken,
        // Nothing has been asked yet, so nothing is lost.
        _ = draining.wait_for(|begun| *begun) => return,
    };
    match shaken {
        // By ALPN and never by guessing at the first bytes, which hyper does without a limit.
        Ok(Ok(tls)) if tls.get_ref().1.alpn_protocol() == Some(b"h2") => {
            http2(tls, limits, answer, activity, draining).await;
        }
        Ok(Ok(tls)) => http1(tls, limits, answer, activity, draining).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

async fn http1<I, A>(
    io: I,
    limits: Limits,
    answer: Arc<A>,
    activity: Activity,
    draining: watch::Receiver<bool>,
) where
    TokioIo<I>: Read + Write + Unpin + 'static,
    A: Answer,
{
    let connection = http1::Builder::new()
        // Our own clock counts the wait for the next request and the reading of its headers as one.
        .header_read_timeout(None)
        .max_header_size(usize::try_from(limits.headers).unwrap_or(usize::MAX))
        .serve_connection(
            TokioIo::new(io),
            service_fn(|request| respond(&answer, &activity, request)),
        );
    drive(connection, &*answer, &activity, limits, None, draining).await;
}

async fn http2<I, A>(
    io: I,
    limits: Limits,
    answer: Arc<A>,
    activity: Activity,
    draining: watch::Receiver<bool>,
) where
    TokioIo<I>: Read + Write + Unpin + 'static,
    A: Answer,
{
    let owned = (answer.clone(), activity.clone());
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING.0)
        .keep_alive_timeout(PING.1)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.headers)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .serve_connection(
            TokioIo::new(io),
            service_fn(move |request| {
                let (answer, activity) = owned.clone();
                async move { respond(&answer, &activity, request).await }
            }),
        );
    drive(connection, &*answer, &activity, limits, Some(FAREWELL), draining).await;
}

async fn respond<A: Answer>(
    answer: &Arc<A>,
    activity: &Activity,
    request: Request<Incoming>,
) -> Result<Response<Watched>, Infallible> {
    let busy = activity.busy();
    let response = answer.clone().answer(request).await;
    drop(busy);
    Ok(response.map(|body| {
        let made = matches!(body, Body::Pieces(_));
        Watched { body, busy: None, under_way: made.then(|| activity.under_way()) }
    }))
}

/// A body on its way. Of one that is still made: while its client waits for us the connection is busy, while we
/// wait for the client it is not. Who takes nothing is idle.
struct Watched {
    body: Body,
    busy: Option<Busy>,
    under_way: Option<UnderWay>,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match polled {
            Poll::Ready(_) => self.busy = None,
            Poll::Pending if self.busy.is_some() => {}
            Poll::Pending => self.busy = self.under_way.as_ref().map(|made| made.0.busy()),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

async fn drive<C, A>(
    connection: C,
    answer: &A,
    activity: &Activity,
    limits: Limits,
    farewell: Option<Duration>,
    mut draining: watch::Receiver<bool>,
) where
    C: GracefulConnection<Error = hyper::Error>,
    A: Answer,
{
    tokio::pin!(connection);
    let quiet = activity.quiet_too_long(limits);
    tokio::pin!(quiet);
    let gone = OptionFuture::default();
    tokio::pin!(gone);
    let mut told = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                    unreadable(&error, answer);
                }
                return;
            }
            () = quiet.as_mut() => return tracing::debug!("connection closed: nobody spoke"),
            Some(()) = gone.as_mut(), if told => {
                return tracing::debug!("connection closed: told to go, nothing under way");
            }
            // A sender that is gone means that the listener is: stop as well.
            _ = draining.wait_for(|begun| *begun), if !told => {
                // hyper would wait for the first request of a connection that has had none.
                if !activity.seen() {
                    return;
                }
                told = true;
                gone.set(farewell.map(|patience| activity.quiet_for(patience)).into());
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// What hyper refuses by itself is a request of somebody's all the same.
fn unreadable<A: Answer>(error: &hyper::Error, answer: &A) {
    if error.is_parse_too_large() {
        // hyper does not tell a URL that is too long (414) from headers that are.
        let why =
            "the headers are larger than `server.limits.headers`, or the URL than 65534 bytes";
        answer.unreadable(431, why);
    } else if error.is_parse() {
        answer.unreadable(400, "it is not HTTP, or not a version that is spoken here");
    }
}

/// What happens on a connection: fed by its requests, read by its clock. The clock is asked when it
/// would strike and not told at every request: that would wake the connection twice for each.
#[derive(Clone)]
struct Activity(Arc<Mutex<State>>);

#[derive(Clone, Copy)]
struct State {
    /// Requests being answered.
    busy: usize,
    /// Bodies that are made while they are taken, and not taken to their end.
    under_way: usize,
    /// There has been a request.
    seen: bool,
    /// When the connection began, or the last request or part of a body was answered.
    since: Instant,
}

impl Activity {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            busy: 0,
            under_way: 0,
            seen: false,
            since: Instant::now(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Four fields are set while it is held: nothing there panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> bool {
        self.state().seen
    }

    /// A request is being answered until the guard is dropped.
    fn busy(&self) -> Busy {
        let mut state = self.state();
        state.busy += 1;
        state.seen = true;
        Busy(self.clone())
    }

    /// A body is made and taken until the guard is dropped.
    fn under_way(&self) -> UnderWay {
        self.state().under_way += 1;
        UnderWay(self.clone())
    }

    /// Ends when no request has come in time.
    async fn quiet_too_long(&self, limits: Limits) {
        loop {
            let State { busy, seen, since, .. } = *self.state();
            let now = Instant::now();
            let patience = if seen { limits.idle } else { limits.first_request };
            // As long as a request is being answered, patience has not begun.
            let over = if busy > 0 { now } else { since } + patience;
            if over <= now {
                return;
            }
            // A first request may be answered meanwhile, and `idle` be the shorter one.
            sleep_until(over.min(now + limits.idle)).await;
        }
    }

    /// Ends when from now on nothing has been under way for `patience`.
    async fn quiet_for(&self, patience: Duration) {
        let began = Instant::now();
        loop {
            let State { busy, under_way, since, .. } = *self.state();
            let now = Instant::now();
            let over = if busy + under_way > 0 { now } else { since.max(began) } + patience;
            if over <= now {
                return;
            }
            sleep_until(over).await;
        }
    }
}

struct UnderWay(Activity);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        state.since = Instant::now();
    }
}

struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        state.since = Instant::now();
    }
}
