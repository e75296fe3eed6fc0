//! The work of one request whose client is known: done to its end, whatever becomes of the client, and noted.

use super::{note::Note, operation::UNKNOWN, refused::too_late, settings::Limits};
use crate::{
    crash,
    gateway::{
        Arrival, Caller, Gateway, Live, made,
        outlet::{Outlet, Pieces},
        serve::Asked,
    },
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
use http::Method;
use jiff::Timestamp;
use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, timeout_at},
};

/// A request that may be worked on: its client is known and its body is here.
pub struct Admitted {
    /// What serves its tenant.
    pub gateway: Arc<Gateway>,
    /// How its tenant's clients may prove who they are.
    pub authentication: &'static [Authentication],
    /// What is in force when its client is known; kept to its end.
    pub live: Arc<Live>,
    /// The version of SCIM that its client speaks.
    pub dialect: Dialect,
    /// HTTP method; of HEAD that is GET.
    pub method: Method,
    /// The vendor may be told to change something.
    pub writes: bool,
    /// A list is asked for, and may be told while it is made.
    pub searches: bool,
    /// `public_url` and base path: what ids of this request stand below.
    pub base: String,
    /// The path under the base, percent-encoded.
    pub below: String,
    /// Behind the question mark.
    pub query: Option<String>,
    /// `If-Match` and `If-None-Match`.
    pub conditions: [Option<String>; 2],
    /// All of it.
    pub body: Bytes,
    /// The request's one instant.
    pub now: Timestamp,
    /// The client gives up after this.
    pub deadline: Instant,
}

/// How long after its deadline the gateway is waited for. It gives up by itself and knows better
/// what was done; this is for a call that does not heed its deadline. Both stay below Okta's 60 s.
const BACKSTOP: Duration = Duration::from_secs(5);

/// What reads is worked on in place: it changes nothing, so it may end with its connection. What
/// writes is worked on apart: a client that hangs up must not stop a write of several steps
/// half-way. Either way a panic becomes a 500 and not a dead connection; its note says so. The
/// answer is waited for, whatever `Prefer` says (R109; RFC 9967 §2.5.1).
pub async fn through(
    admitted: Admitted,
    limits: Limits,
    note: Note,
    working: watch::Receiver<()>,
) -> Told {
    let (tell, told) = oneshot::channel();
    let Admitted { writes, searches, dialect, .. } = admitted;
    // The future of everything below is large: it is moved once, to where it stays.
    let work = Box::pin(work(admitted, limits, note, tell));
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

/// What a client is told.
#[derive(Debug)]
pub enum Told {
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
    // The note is written on while its request is worked on.
    let (caller, request_id) = (note.client().cloned(), note.request_id().clone());
    let caller = Caller { client: caller.as_deref().unwrap_or(UNKNOWN), request_id: &request_id };
    let arrival =
        Arrival { now, make, deadline, bulk, list_results, authentication, base: &base, caller };
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
    note.journalled(wire.transaction.as_ref());
    if wire.status == 401 {
        note.refused_there();
    }
    note.finish(wire.status);
    crash::point("answer.before");
    client.tell(Told::Whole(wire));
    crash::point("answer.after");
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

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
