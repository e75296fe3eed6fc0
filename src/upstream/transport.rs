//! Transport: a Request goes out, and the whole answer comes in. Knows neither limits nor credentials.

use super::{
    Answer, Error,
    error::Kind,
    reach::Guarded,
    record::{Packed, packed::parted},
    request::Request,
    roots,
    settings::Settings,
};
use crate::dial::names::Names;
use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use reqwest::redirect;
use serde_json::Value;
use std::{error::Error as _, mem::take, time::Duration};
use tokio::time::{Instant, timeout_at};

/// To connect: a vendor on the same continent needs a tenth of it.
const CONNECT: Duration = Duration::from_secs(5);
/// Characters of a body that is no JSON which are kept, for rows that look for a word in it.
const TEXT: usize = 4_096;
/// Records of a list that are read with its answer where the rest may wait: any page of a vendor that pages.
const READ_AT_ONCE: usize = 1_000;

/// Connections to one vendor; a copy shares them.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    timeout: Duration,
    largest_answer: usize,
}

impl Transport {
    /// `encrypted`: anything goes to an address of `https`. The error names the setting that cannot be.
    pub fn new(settings: &Settings, encrypted: bool) -> Result<Self, Error> {
        let tls = roots::client_config(&settings.roots, settings.identity.as_ref(), encrypted)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            // A redirect would carry our credential elsewhere: it is an answer, never followed.
            .redirect(redirect::Policy::none())
            // Retrying is the gateway's: it alone knows what is safe.
            .retry(reqwest::retry::never())
            // A proxy of the environment would see every credential.
            .no_proxy()
            .dns_resolver(Guarded(Names::default()))
            .connect_timeout(CONNECT.min(settings.timeout))
            .tcp_nodelay(true)
            .build()
            .map_err(|error| invalid(format!("the HTTP client cannot be made: {error}")))?;
        let (timeout, largest_answer) = (settings.timeout, settings.largest_answer);
        Ok(Self { http, timeout, largest_answer })
    }

    /// Every status is an answer. Ends before `deadline`, and within the time of one call.
    pub async fn send(&self, request: Request, deadline: Instant) -> Result<Answer, Error> {
        self.send_packing(request, None, deadline).await
    }

    /// The same of an answer with a list at these names that may be long.
    pub async fn send_packing(
        &self,
        request: Request,
        packs: Option<&[String]>,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let deadline =
            Instant::now().checked_add(self.timeout).map_or(deadline, |end| end.min(deadline));
        let request = self.request(request)?;
        let late = || Error { kind: Kind::Timeout, message: "no answer in time".to_owned() };
        let sent = timeout_at(deadline, self.http.execute(request)).await.map_err(|_| late())?;
        let mut response = sent.map_err(|error| failed(&error))?;
        let (status, headers) = (response.status().as_u16(), take(response.headers_mut()));
        let bytes = timeout_at(deadline, read(response, self.largest_answer));
        let bytes = bytes.await.map_err(|_| late())??;
        Ok(answer(status, headers, bytes.freeze(), packs))
    }

    fn request(&self, request: Request) -> Result<reqwest::Request, Error> {
        let sent = self.http.request(request.method, request.url).headers(request.headers);
        let sent = match request.body {
            Some(body) => sent.body(body),
            None => sent,
        };
        sent.build().map_err(|_| invalid("the call cannot be made".to_owned()))
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

fn answer(status: u16, headers: HeaderMap, mut bytes: Bytes, packs: Option<&[String]>) -> Answer {
    // RFC 8259 §8.1 allows to ignore a byte order mark, and old vendors send one.
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.advance(3);
    }
    let parted = packs.and_then(|names| parted(&bytes, names, READ_AT_ONCE));
    let (head, rest) = match &parted {
        Some((head, rest)) => (head.as_slice(), rest.clone()),
        None => (&*bytes, Packed::default()),
    };
    // As a whole first: checking each string of it for UTF-8 takes longer.
    let body = str::from_utf8(head).ok().and_then(|text| serde_json::from_str(text).ok());
    match body {
        Some(body) => Answer { status, headers, body, text: String::new(), rest },
        None => {
            let text = String::from_utf8_lossy(&bytes).chars().take(TEXT).collect();
            Answer { status, headers, body: Value::Null, text, rest: Packed::default() }
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
