//! Client: the real Upstream. sign -> pass the gate -> send -> learn.

use super::{
    Answer, Call, Error, Gate, Upstream,
    auth::{Now, Refreshed, Signed, Signer},
    call::Pending,
    credential::{Credential, Whose},
    request::Travel,
    settings::Settings,
    transport::Transport,
};
use crate::{metrics::Metrics, secret::Secret};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// One vendor, reached over HTTP. A copy shares connections, limits and tokens.
#[derive(Clone)]
pub struct Client {
    tenant: Arc<str>,
    travel: Arc<Travel>,
    signer: Signer,
    gate: Arc<Gate>,
    transport: Transport,
    metrics: Arc<Metrics>,
}

impl Client {
    /// A client for one tenant. The error names the setting that cannot be.
    pub fn new(tenant: &str, settings: Settings, metrics: Arc<Metrics>) -> Result<Self, Error> {
        Self::after(None, tenant, settings, metrics)
    }

    /// The same taking over from another: behind the gate that calls passed `before`, where it stands before the same
    /// vendor, and with the refresh token that took the configured one's place, where that is the same.
    pub fn after(
        before: Option<&dyn Upstream>,
        tenant: &str,
        settings: Settings,
        metrics: Arc<Metrics>,
    ) -> Result<Self, Error> {
        let tenant: Arc<str> = tenant.into();
        let travel = Travel::new(&settings)?;
        let encrypted = travel.encrypted() || settings.auth.encrypted();
        let transport = Transport::new(&settings, encrypted)?;
        let own = Gate::new(&tenant, &settings, &metrics);
        let gate = before.and_then(Upstream::gate).filter(|before| before.is_like(&own));
        let gate = gate.unwrap_or_else(|| Arc::new(own));
        let refreshed = before.and_then(Upstream::refreshed);
        let signer =
            Signer::new(&tenant, &settings, &travel, &transport, &gate, refreshed, &metrics)?;
        Ok(Self { tenant, travel: Arc::new(travel), signer, gate, transport, metrics })
    }

    async fn perform(&self, call: &Call, deadline: Instant) -> Result<Answer, Error> {
        let signed = self.signer.sign(Now::here(), deadline).await?;
        let answer = self.send(call, &signed, deadline).await?;
        if answer.status != 401 || !self.signer.refused(&signed, Now::here()) {
            return Ok(answer);
        }
        // The token ended before its time. A 401 says that nothing was done (RFC 9110 §15.5.2), so even what
        // must not be repeated is sent again, once.
        let signed = self.signer.sign(Now::here(), deadline).await?;
        self.send(call, &signed, deadline).await
    }

    async fn send(&self, call: &Call, signed: &Signed, deadline: Instant) -> Result<Answer, Error> {
        let request = self.travel.request(call, signed.signature())?;
        let passed = self.gate.pass(deadline).await?;
        let outcome = self.transport.send_packing(request, call.packs.as_deref(), deadline).await;
        passed.learn(&|| call.address(), &outcome, Now::here().timestamp);
        if let Ok(answer) = &outcome {
            signed.tell(answer.status);
        }
        outcome
    }
}

impl Upstream for Client {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        attempt: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move {
            if attempt > 1 {
                self.metrics.retry(&self.tenant, &call.name);
            }
            let begun = Instant::now();
            let outcome = self.perform(call, deadline).await;
            let status = match &outcome {
                Ok(answer) => answer.status.to_string(),
                Err(error) => error.kind.word().to_owned(),
            };
            let took = begun.elapsed();
            self.metrics.call(&self.tenant, &call.name, &status, took);
            // Not its path: an id stands there, or a tenant's secret.
            tracing::debug!(
                tenant = &*self.tenant, call = call.name, method = %call.method, place = %call.place,
                status, ms = took.as_millis() as u64, "vendor call"
            );
            outcome
        })
    }

    fn tokens(&self) -> Vec<Secret> {
        self.signer.tokens()
    }

    fn on_behalf(&self, credential: &Credential) -> Option<Arc<dyn Upstream>> {
        let signer = self.signer.on_behalf(credential)?;
        Some(Arc::new(Self { signer, ..self.clone() }))
    }

    fn whose(&self) -> Option<Whose> {
        self.signer.whose()
    }

    fn wait<'a>(&'a self, duration: Duration) -> Pending<'a, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn heed(&self, pause: Option<Duration>) {
        self.gate.heed(pause);
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        Some(Arc::clone(&self.gate))
    }

    fn refreshed(&self) -> Option<Arc<Refreshed>> {
        self.signer.refreshed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::{Body, error::Kind};
    use http::{HeaderMap, HeaderValue, Method, header::ACCEPT};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    fn call() -> Call {
        Call {
            name: "User.get".into(),
            method: Method::GET,
            path: "/users".into(),
            query: vec![("q".into(), "a b&c".into())],
            headers: HeaderMap::new(),
            body: Body::Empty,
            safe: true,
            packs: None,
            place: crate::diagnostic::Place::default(),
        }
    }

    fn client(base_url: String) -> Client {
        let settings = Settings { base_url, ..Settings::default() };
        Client::new("acme", settings, Arc::default()).unwrap()
    }

    /// What comes of a call when the vendor writes these bytes and closes, and what it was sent.
    async fn answered(bytes: &[u8], headers: HeaderMap) -> (Result<Answer, Error>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api/", listener.local_addr().unwrap());
        let client = client(base_url);
        let call = Call { headers, ..call() };
        let vendor = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut sent = Vec::new();
            while !sent.ends_with(b"\r\n\r\n") {
                sent.push(stream.read_u8().await.unwrap());
            }
            // The client may hang up as soon as it has seen enough.
            let _ = stream.write_all(bytes).await;
            String::from_utf8(sent).unwrap()
        };
        tokio::join!(client.call(&call, 1, Instant::now() + Duration::from_secs(5)), vendor)
    }

    /// RFC 6761 §6.4: no resolver asks anybody for a name below `.invalid`.
    #[tokio::test]
    async fn a_name_that_nobody_has_is_told_in_words() {
        let client = client("https://api.acme.invalid/v1".to_owned());
        let error = client.call(&call(), 1, Instant::now() + Duration::from_secs(5)).await;
        let message = "the name `api.acme.invalid` is not known".to_owned();
        assert_eq!(error.map(|answer| answer.status), Err(Error { kind: Kind::Connect, message }));
    }

    #[tokio::test]
    async fn who_takes_over_knows_what_the_vendor_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { base_url, ..Settings::default() };
        let before = Client::new("acme", settings.clone(), Arc::default()).unwrap();
        let vendor = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read_u8().await;
            stream
                .write_all(b"HTTP/1.1 429 X\r\nretry-after: 600\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
        };
        let soon = || Instant::now() + Duration::from_millis(200);
        let call = call();
        let (answer, ()) = tokio::join!(before.call(&call, 1, soon()), vendor);
        assert_eq!(answer.unwrap().status, 429);
        let after = |tenant, settings: Settings| {
            Client::after(Some(&before), tenant, settings, Arc::default()).unwrap()
        };
        let same = after("acme", settings.clone());
        let kind = same.call(&call, 1, soon()).await.unwrap_err().kind;
        let known = matches!(kind, Kind::Busy(Some(wait)) if wait > Duration::from_secs(500));
        assert!(known, "{kind:?}");
        let (mut fewer, mut elsewhere) = (settings.clone(), settings.clone());
        fewer.limits.concurrent = 1;
        elsewhere.base_url = "http://127.0.0.1:1".to_owned();
        for (tenant, settings) in [("acme", fewer), ("acme", elsewhere), ("bolt", settings)] {
            let client = after(tenant, settings);
            assert!(!Arc::ptr_eq(&client.gate, &before.gate), "it stands before something else");
        }
    }

    #[tokio::test]
    async fn what_is_no_http_is_told_from_silence() {
        let endless = [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &[b'x'; 2_000_000]].concat();
        let table: [(&[u8], Kind); 7] = [
            (b"SSH-2.0-OpenSSH_9.9\r\n", Kind::Garbled),
            (b"HTTP/1.1 abc OK\r\n\r\n", Kind::Garbled),
            (b"HTTP/7.5 200 OK\r\n\r\n", Kind::Garbled),
            (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", Kind::Garbled),
            (&endless, Kind::Garbled),
            (b"", Kind::Broken),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", Kind::Cut),
        ];
        for (bytes, kind) in table {
            let (outcome, _) = answered(bytes, HeaderMap::new()).await;
            let shown: String = String::from_utf8_lossy(bytes).chars().take(40).collect();
            assert_eq!(outcome.map_err(|error| error.kind), Err(kind), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_no_part_of_the_body() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n\xEF\xBB\xBF{\"a\": 1}";
        let (outcome, sent) = answered(bytes, HeaderMap::new()).await;
        assert_eq!(outcome.unwrap().body["a"], 1);
        assert!(sent.starts_with("GET /api/users?q=a%20b%26c HTTP/1.1\r\n"), "{sent}");
    }

    #[tokio::test]
    async fn a_header_may_be_there_more_than_once() {
        let mut headers = HeaderMap::new();
        for value in ["one", "two"] {
            headers.append("x-scope", HeaderValue::from_static(value));
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.acme+json"));
        let bytes = b"HTTP/1.1 204 No Content\r\n\r\n";
        let (outcome, sent) = answered(bytes, headers).await;
        assert_eq!(outcome.unwrap().status, 204);
        for line in
            ["x-scope: one\r\n", "x-scope: two\r\n", "accept: application/vnd.acme+json\r\n"]
        {
            assert!(sent.contains(line), "{sent}");
        }
        assert!(!sent.contains("accept: application/json"), "the call's own stands instead");
    }
}
