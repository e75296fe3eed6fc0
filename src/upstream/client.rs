//! Client: the real Upstream. limit -> sign -> send -> read.

use super::{
    Answer, Call, Error, Upstream, call::Pending, error::Kind, limit::Limiter, request::Travel,
    roots, settings::Settings,
};
use crate::metrics::Metrics;
use bytes::BytesMut;
use http::HeaderMap;
use reqwest::redirect;
use serde_json::Value;
use std::{error::Error as _, mem::take, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// To connect: a vendor on the same continent needs a tenth of it.
const CONNECT: Duration = Duration::from_secs(5);
/// Characters of a body that is no JSON which are kept, for rows that look for a word in it.
const TEXT: usize = 4_096;

/// One vendor, reached over HTTP.
pub struct Client {
    tenant: Arc<str>,
    travel: Travel,
    timeout: Duration,
    largest_answer: usize,
    limiter: Limiter,
    http: reqwest::Client,
    metrics: Arc<Metrics>,
}

impl Client {
    /// A client for one tenant. The error names the setting that cannot be.
    pub fn new(tenant: &str, settings: Settings, metrics: Arc<Metrics>) -> Result<Self, Error> {
        let travel = Travel::new(&settings)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(roots::client_config(
                &settings.roots,
                settings.identity.as_ref(),
                travel.encrypted(),
            )?)
            // A redirect would carry our credential elsewhere: it is an answer, never followed.
            .redirect(redirect::Policy::none())
            // Retrying is the gateway's: it alone knows what is safe.
            .retry(reqwest::retry::never())
            // A proxy of the environment would see every credential.
            .no_proxy()
            .connect_timeout(CONNECT.min(settings.timeout))
            .tcp_nodelay(true)
            .build()
            .map_err(|error| invalid(format!("the HTTP client cannot be made: {error}")))?;
        Ok(Self {
            tenant: tenant.into(),
            travel,
            timeout: settings.timeout,
            largest_answer: settings.largest_answer,
            limiter: Limiter::new(settings.limits),
            http,
            metrics,
        })
    }

    async fn perform(&self, call: &Call, deadline: Instant) -> Result<Answer, Error> {
        let _place = self.limiter.enter(deadline).await?;
        let deadline =
            Instant::now().checked_add(self.timeout).map_or(deadline, |end| end.min(deadline));
        let request = self.request(call)?;
        let late = || Error { kind: Kind::Timeout, message: "no answer in time".to_owned() };
        let sent = timeout_at(deadline, self.http.execute(request)).await.map_err(|_| late())?;
        let mut response = sent.map_err(|error| failed(&error))?;
        let (status, headers) = (response.status().as_u16(), take(response.headers_mut()));
        self.limiter.learn(&headers, now());
        let bytes = timeout_at(deadline, read(response, self.largest_answer));
        let bytes = bytes.await.map_err(|_| late())??;
        Ok(answer(status, headers, &bytes))
    }

    fn request(&self, call: &Call) -> Result<reqwest::Request, Error> {
        let request = self.travel.request(call)?;
        let sent = self.http.request(request.method, request.url).headers(request.headers);
        let sent = match request.body {
            Some(body) => sent.body(body),
            None => sent,
        };
        sent.build().map_err(|_| invalid("the call cannot be made".to_owned()))
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
            tracing::debug!(
                tenant = &*self.tenant, call = call.name, method = %call.method, path = call.path,
                status, ms = took.as_millis() as u64, "vendor call"
            );
            outcome
        })
    }

    fn wait<'a>(&'a self, duration: Duration) -> Pending<'a, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The whole body, within the limit; what was decompressed counts.
async fn read(mut response: reqwest::Response, largest: usize) -> Result<BytesMut, Error> {
    let mut bytes = BytesMut::new();
    let cut = |error: reqwest::Error| Error { kind: Kind::Cut, message: innermost(&error) };
    while let Some(chunk) = response.chunk().await.map_err(cut)? {
        if bytes.len() + chunk.len() > largest {
            let message = format!("the answer is larger than {largest} bytes");
            return Err(Error { kind: Kind::TooLarge, message });
        }
        // Most answers are one chunk, which is kept as it is.
        match bytes.is_empty() {
            true => bytes = chunk.into(),
            false => bytes.extend_from_slice(&chunk),
        }
    }
    Ok(bytes)
}

fn answer(status: u16, headers: HeaderMap, bytes: &[u8]) -> Answer {
    // RFC 8259 §8.1 allows to ignore a byte order mark, and old vendors send one.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // As a whole first: checking each string of it for UTF-8 takes longer.
    let body = str::from_utf8(bytes).ok().and_then(|text| serde_json::from_str(text).ok());
    match body {
        Some(body) => Answer { status, headers, body, text: String::new() },
        None => {
            let text = String::from_utf8_lossy(bytes).chars().take(TEXT).collect();
            Answer { status, headers, body: Value::Null, text }
        }
    }
}

/// What reqwest's error means. Nothing was sent before a connection stood.
fn failed(error: &reqwest::Error) -> Error {
    let kind = if error.is_connect() {
        Kind::Connect
    } else if error.is_timeout() {
        Kind::Timeout
    } else if error.is_builder() {
        Kind::Invalid
    } else if is_no_http(error) {
        Kind::Garbled
    } else {
        Kind::Broken
    };
    let host = error.url().and_then(url::Url::host_str);
    let message = innermost(error);
    let unknown = host.filter(|_| message.starts_with(NO_RECORDS)).map(unknown_name);
    Error { kind, message: unknown.unwrap_or(message) }
}

/// What the resolver says of a name that nobody has; behind it stands its question as Rust prints it.
const NO_RECORDS: &str = "no records found";

fn unknown_name(host: &str) -> String {
    format!("the name `{host}` is not known")
}

/// Whether something came back that does not parse as an HTTP answer: its status line, its version, a header,
/// or a head without end.
fn is_no_http(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The last cause says what happened; those around it repeat the address with its query.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut message = None;
    while let Some(inner) = cause {
        message = Some(inner.to_string());
        cause = inner.source();
    }
    message.unwrap_or_else(|| "the exchange failed".to_owned()).to_lowercase()
}

fn invalid(message: String) -> Error {
    Error { kind: Kind::Invalid, message }
}

#[expect(clippy::disallowed_methods, reason = "a vendor's reset header is an instant of the world")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::Body;
    use http::{HeaderValue, Method, header::ACCEPT};
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
