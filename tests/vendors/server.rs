//! A vendor behind a real socket: it logs every call, gets into trouble when told to, and keeps its state.

use super::{
    call::Call,
    reply::{Refusal, Reply},
    route::Vendor,
    trouble::{Fault, Gate, Trouble},
};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Bytes, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    future, io,
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use url::form_urlencoded;

/// A running vendor.
pub struct Fake<V> {
    url: String,
    shared: Arc<Shared<V>>,
}

struct Shared<V> {
    state: Mutex<V>,
    calls: Mutex<Vec<Call>>,
    troubles: Mutex<Vec<Trouble>>,
}

type Sent = Response<UnsyncBoxBody<Bytes, io::Error>>;

impl<V: Vendor> Fake<V> {
    /// Serves on a free port of the loopback, as long as the runtime lives.
    pub async fn start(vendor: V) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            state: Mutex::new(vendor),
            calls: Mutex::default(),
            troubles: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        Self { url, shared }
    }

    /// `http://127.0.0.1:…`, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the vendor holds, to look at or to change behind everybody's back. Held over an `await`, the
    /// vendor answers nobody.
    pub fn state(&self) -> MutexGuard<'_, V> {
        self.shared.state.lock().unwrap()
    }

    /// Every call since the start or the last [`Fake::forget`], in the order of arrival, struck or not.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The same as lines: `GET /users?email=…`.
    pub fn lines(&self) -> Vec<String> {
        self.calls().iter().map(Call::line).collect()
    }

    pub fn forget(&self) {
        self.shared.calls.lock().unwrap().clear();
    }

    /// From now on; of several that strike one call, the first that was told.
    pub fn trouble(&self, trouble: Trouble) {
        self.shared.troubles.lock().unwrap().push(trouble);
    }

    /// Whether each trouble that was told has struck a call.
    pub fn is_struck(&self) -> bool {
        self.shared.troubles.lock().unwrap().iter().all(Trouble::has_struck)
    }

    pub fn no_more_trouble(&self) {
        self.shared.troubles.lock().unwrap().clear();
    }
}

async fn serve<V: Vendor>(stream: TcpStream, shared: Arc<Shared<V>>) {
    let broken = Arc::new(Notify::new());
    let breaks = Arc::clone(&broken);
    let service = service_fn(move |request| {
        // On its own: a vendor goes on with what it was asked when the caller is gone.
        let answer = tokio::spawn(answer(Arc::clone(&shared), request));
        let breaks = Arc::clone(&breaks);
        async move {
            let sent = answer.await.unwrap();
            if sent.is_none() {
                breaks.notify_one();
                future::pending::<()>().await;
            }
            Ok::<Sent, Infallible>(sent.unwrap())
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A client that is gone is no concern of the vendor's.
        _ = &mut connection => return,
        () = broken.notified() => {}
    }
    // Dropped so, the socket sends a reset and not the end of a stream.
    connection.into_parts().io.into_inner().set_zero_linger().unwrap();
}

/// None where the connection is to be reset.
async fn answer<V: Vendor>(shared: Arc<Shared<V>>, request: Request<Incoming>) -> Option<Sent> {
    let mut call = read(request).await?;
    shared.calls.lock().unwrap().push(call.clone());
    let Some(Trouble { fault, worked, .. }) = struck(&shared, &call) else {
        return Some(whole(shared.state.lock().unwrap().reply(&call)));
    };
    call.unfiltered = matches!(fault, Fault::Unfiltered);
    if let (Fault::Delay(gate), false) = (&fault, worked) {
        gate.pass().await;
    }
    let works = worked || fault.answers();
    let reply = works.then(|| shared.state.lock().unwrap().reply(&call));
    if let (Fault::Delay(gate), true) = (&fault, worked) {
        gate.pass().await;
    }
    match (fault, reply) {
        (Fault::Reset, _) => None,
        (Fault::HalfBody, Some(reply)) => Some(half(reply)),
        (Fault::Drip(gate), Some(reply)) => Some(drip(reply, gate)),
        (Fault::Delay(_) | Fault::Unfiltered, Some(reply)) => Some(whole(reply)),
        (fault, _) => Some(whole(instead(&mut *shared.state.lock().unwrap(), fault))),
    }
}

/// None where the caller is gone before all is said.
async fn read(request: Request<Incoming>) -> Option<Call> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    let raw_query = head.uri.query().unwrap_or_default().to_owned();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = head.headers.iter();
    Some(Call {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect(),
        raw_query,
        headers: headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body,
        at: Some(Instant::now()),
        unfiltered: false,
    })
}

/// All troubles count the call, also those behind the one that strikes.
fn struck<V>(shared: &Shared<V>, call: &Call) -> Option<Trouble> {
    let mut troubles = shared.troubles.lock().unwrap();
    let mut striking: Vec<Trouble> = Vec::new();
    for trouble in troubles.iter_mut() {
        if trouble.strikes(call) {
            striking.push(trouble.clone());
        }
    }
    striking.into_iter().next()
}

/// What is answered in place of the vendor's own reply.
fn instead<V: Vendor>(vendor: &mut V, fault: Fault) -> Reply {
    let mut error = |status: u16| {
        let refusal = Refusal::new(status, "trouble", "this was not done");
        let headers = vendor.headers(status);
        Reply { headers, ..Reply::json(status, V::MEDIA, &vendor.error(&refusal)) }
    };
    match fault {
        Fault::Status(status) => error(status),
        Fault::Denied => error(200),
        Fault::TooMany(after) => {
            let mut reply = error(429);
            reply.headers.extend(after.map(|after| ("retry-after", after.to_owned())));
            reply
        }
        Fault::Answer(status, headers, body) => Reply { status, headers, media: V::MEDIA, body },
        _ => Reply {
            status: 200,
            headers: Vec::new(),
            media: "text/html",
            body: "<!DOCTYPE html><title>Sign in</title><p>Sign in".to_owned(),
        },
    }
}

fn head(reply: &Reply) -> hyper::http::response::Builder {
    let mut head = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        head = head.header(*name, value);
    }
    match reply.body.is_empty() {
        true => head,
        false => {
            head.header("content-type", reply.media).header("content-length", reply.body.len())
        }
    }
}

fn whole(reply: Reply) -> Sent {
    let head = head(&reply);
    let body = Full::new(Bytes::from(reply.body)).map_err(|never| match never {});
    head.body(body.boxed_unsync()).unwrap()
}

fn half(reply: Reply) -> Sent {
    let head = head(&reply);
    let bytes = Bytes::from(reply.body);
    let first = bytes.slice(..bytes.len() / 2);
    let end = stream::once(async {
        // Or the half would not leave before the connection ends.
        tokio::task::yield_now().await;
        Err(io::Error::other("half is enough"))
    });
    let pieces = stream::iter([Ok(Frame::data(first))]).chain(end);
    head.body(StreamBody::new(pieces).boxed_unsync()).unwrap()
}

fn drip(reply: Reply, gate: Gate) -> Sent {
    let head = head(&reply);
    let pieces = stream::unfold((Bytes::from(reply.body), gate), |(mut rest, gate)| async move {
        if rest.is_empty() {
            return None;
        }
        gate.pass().await;
        let next = rest.split_to(1);
        Some((Ok::<_, io::Error>(Frame::data(next)), (rest, gate)))
    });
    head.body(StreamBody::new(pieces).boxed_unsync()).unwrap()
}
