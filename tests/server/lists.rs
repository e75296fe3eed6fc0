//! A list that is told while it is made, over real sockets: taken whole, cut, left, taken slowly, drained.

use crate::{
    harness::{Server, exchange, get, soon, tenant_of, to_end, token},
    tls::Folder,
};
use reqwest::Certificate;
use scimshim::{
    server::settings::{Limits, Settings},
    upstream::{Answer, Call, Error, Upstream, call::Pending},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, Semaphore},
    task::yield_now,
    time::Instant,
};

const MAPPING: &str = r#"
mapping: 1
name: test
evidence: assumed
tenant:
  token: { type: text, secret: true }
upstream:
  base_url: https://vendor.example
  auth: { bearer: { token: "{tenant.token}" } }
  retries: { times: 0, first: 1ms, longest: 2ms }
resources:
  User:
    key: id
    attributes:
      userName: { field: email, direction: read }
      nickName: { field: nick, direction: read }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { cursor: { param: after, next: next } } }
"#;

/// On each page.
const SIZE: usize = 100;

/// A vendor with so many pages of people, some 100 kB each.
struct Book {
    pages: usize,
    /// A page that it does not give.
    fails_at: usize,
    asked: AtomicUsize,
    /// A call has begun.
    begun: Notify,
    /// As many calls may end.
    may_end: Semaphore,
}

impl Book {
    fn of(pages: usize) -> Self {
        let (asked, begun) = (AtomicUsize::new(0), Notify::new());
        let may_end = Semaphore::new(Semaphore::MAX_PERMITS);
        Self { pages, fails_at: usize::MAX, asked, begun, may_end }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until the second page is asked for.
    async fn asked_twice(&self) {
        soon(async {
            while self.asked() < 2 {
                self.begun.notified().await
            }
        })
        .await;
    }

    fn page(&self, at: usize) -> Value {
        let nick = "n".repeat(900);
        let person =
            |id: usize| json!({ "id": id, "email": format!("p{id}@acme.example"), "nick": nick });
        let people: Vec<Value> = (at * SIZE..(at + 1) * SIZE).map(person).collect();
        let next = (at + 1 < self.pages).then(|| (at + 1).to_string());
        json!({ "users": people, "next": next })
    }
}

impl Upstream for Book {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.begun.notify_one();
            self.may_end.acquire().await.expect("never closed").forget();
            let cursor = call.query.iter().find(|(name, _)| name == "after");
            let at = cursor.map_or(0, |(_, cursor)| cursor.parse().expect("a number"));
            let (status, body) =
                if at == self.fails_at { (500, Value::Null) } else { (200, self.page(at)) };
            Ok(Answer { status, body, ..Answer::default() })
        })
    }

    fn wait<'a>(&'a self, _: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }
}

const ALL: &str = "/scim/v2/Users?count=100000";
const STAYS: &str =
    "GET /scim/v2/Users?count=100000 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t\r\n\r\n";

async fn serve(limits: Limits, book: &Arc<Book>) -> Server {
    let settings = Settings { limits, ..Settings::default() };
    Server::start(settings, vec![tenant_of(MAPPING, "acme", None, token("t"), book.clone())]).await
}

/// What a chunked body holds, and whether it came to its end.
fn unchunked(mut body: &str) -> (String, bool) {
    let mut text = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size, 16) else { break };
        let Some(chunk) = rest.get(..size) else { break };
        if size == 0 {
            return (text, true);
        }
        text.push_str(chunk);
        body = rest.get(size..).and_then(|rest| rest.strip_prefix("\r\n")).unwrap_or_default();
    }
    (text, false)
}

async fn counted(server: &Server, outcome: &str) {
    let line = format!(
        r#"scimshim_requests_total{{operation="User.search",outcome="{outcome}",tenant="acme"}} 1"#
    );
    soon(async { while !server.metrics().await.contains(&line) {} }).await;
}

fn check_whole(text: &str, count: usize) {
    let list: Value = serde_json::from_str(text).expect("JSON");
    let users = list["Resources"].as_array().expect("a list");
    let ids: BTreeSet<&str> = users.iter().filter_map(|user| user["id"].as_str()).collect();
    assert_eq!((ids.len(), users.len()), (count, count), "everybody once");
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(count), &json!(count)));
}

#[tokio::test]
async fn a_long_list_comes_whole_in_chunks() {
    let book = Arc::new(Book::of(25));
    let server = serve(Limits::default(), &book).await;
    let reply = server.ask(&get(ALL, "Bearer t")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers("content-type"), ["application/scim+json"]);
    assert_eq!(
        (reply.headers("transfer-encoding"), reply.headers("content-length")),
        (vec!["chunked"], vec![])
    );
    let (text, ended) = unchunked(&reply.body);
    assert!(ended);
    check_whole(&text, 2_500);
    assert_eq!(book.asked(), 25);
    counted(&server, "ok").await;

    // A search by POST is the same; what fits is held and has a length.
    let search =
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":5000}"#;
    let post = format!(
        "POST /scim/v2/Users/.search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{search}",
        search.len()
    );
    check_whole(&unchunked(&server.ask(&post).await.body).0, 2_500);
    let reply = server.ask(&get("/scim/v2/Users?count=1000", "Bearer t")).await;
    assert_eq!(reply.headers("content-length").len(), 1);
    assert_eq!(reply.json()["itemsPerPage"], 1_000);
}

#[tokio::test]
async fn a_failure_in_the_middle_cuts_an_http_1_connection() {
    let book = Arc::new(Book { fails_at: 20, ..Book::of(25) });
    let server = serve(Limits::default(), &book).await;
    let reply = server.ask(STAYS).await;
    let (text, ended) = unchunked(&reply.body);
    assert_eq!((reply.status, ended), (200, false), "no last chunk");
    assert!(serde_json::from_str::<Value>(&text).is_err());
    counted(&server, "cut").await;

    let book = Arc::new(Book { fails_at: 0, ..Book::of(25) });
    let server = serve(Limits::default(), &book).await;
    let reply = server.ask(&get(ALL, "Bearer t")).await;
    assert_eq!((reply.status, &reply.json()["status"]), (502, &json!("502")));
    counted(&server, "vendor").await;
}

/// A server with a certificate, and a client over HTTP/2 that opens a window for half a page.
async fn over_http_2(
    name: &str,
    limits: Limits,
    book: &Arc<Book>,
) -> (Folder, Server, reqwest::Client) {
    let folder = Folder::new(name);
    let made = folder.renew();
    let settings = Settings { tls: Some(folder.files()), limits, ..Settings::default() };
    let tenant = tenant_of(MAPPING, "acme", None, token("t"), book.clone());
    let server = Server::start(settings, vec![tenant]).await;
    let root = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([root])
        .resolve("localhost", server.address)
        .no_proxy()
        .http2_initial_stream_window_size(65_535)
        .build()
        .unwrap();
    (folder, server, client)
}

async fn ask(server: &Server, client: &reqwest::Client) -> reqwest::Response {
    let url = format!("https://localhost:{}{ALL}", server.address.port());
    let reply = soon(client.get(&url).bearer_auth("t").send()).await.unwrap();
    assert_eq!(reply.version(), reqwest::Version::HTTP_2);
    reply
}

#[tokio::test]
async fn a_failure_in_the_middle_resets_an_http_2_stream() {
    let book = Arc::new(Book::of(25));
    let (_folder, server, client) = over_http_2("lists-whole", Limits::default(), &book).await;
    check_whole(&soon(ask(&server, &client).await.text()).await.unwrap(), 2_500);

    let book = Arc::new(Book { fails_at: 20, ..Book::of(25) });
    let (_folder, server, client) = over_http_2("lists-cut", Limits::default(), &book).await;
    let reply = ask(&server, &client).await;
    assert_eq!(reply.status(), 200);
    assert!(soon(reply.bytes()).await.is_err(), "the stream is reset");
    counted(&server, "cut").await;
    // The connection goes on.
    let url = format!("https://localhost:{}/scim/v2/Users?count=10", server.address.port());
    assert_eq!(soon(client.get(&url).bearer_auth("t").send()).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_the_vendors_calls() {
    let book = Arc::new(Book { may_end: Semaphore::new(1), ..Book::of(25) });
    let server = serve(Limits::default(), &book).await;
    let mut stream = server.connect().await;
    stream.write_all(STAYS.as_bytes()).await.unwrap();
    // Something of the first page is there, and the second is asked for.
    let mut some = vec![0; 1024];
    soon(stream.read_exact(&mut some)).await.unwrap();
    book.asked_twice().await;
    drop(stream);
    counted(&server, "abandoned").await;
    assert_eq!(book.asked(), 2, "the second call has not ended, and no other began");
}

#[tokio::test]
async fn who_does_not_read_is_not_read_ahead_for_and_hung_up_on() {
    // 100 MB: more than sockets hold.
    let pages = 1_000;
    let limits = Limits { idle: Duration::from_millis(200), ..Limits::default() };
    let book = Arc::new(Book::of(pages));
    let server = serve(limits, &book).await;
    let mut stream = server.connect().await;
    stream.write_all(STAYS.as_bytes()).await.unwrap();
    counted(&server, "abandoned").await;
    assert!(book.asked() < pages / 2, "{} pages were read for nobody", book.asked());
    let text = to_end(&mut stream).await;
    assert!(!unchunked(text.split_once("\r\n\r\n").unwrap().1).1, "no last chunk");

    // Over HTTP/2 the client's own window is all that is filled, and what we hold before it.
    let book = Arc::new(Book::of(pages));
    let (_folder, server, client) = over_http_2("lists-unread", limits, &book).await;
    let reply = ask(&server, &client).await;
    counted(&server, "abandoned").await;
    assert!(book.asked() < 20, "{} pages were read for nobody", book.asked());
    assert!(soon(reply.bytes()).await.is_err());
}

#[tokio::test]
async fn a_vendor_that_takes_its_time_is_not_a_silent_client() {
    let short = Duration::from_millis(50);
    let limits = Limits { idle: short, first_request: short, ..Limits::default() };
    let book = Arc::new(Book { may_end: Semaphore::new(1), ..Book::of(2) });
    let server = serve(limits, &book).await;
    let mut stream = server.connect().await;
    stream.write_all(get(ALL, "Bearer t").as_bytes()).await.unwrap();
    book.asked_twice().await;
    // Two whole lives in silence of another connection.
    for _ in 0..2 {
        assert_eq!(to_end(&mut server.connect().await).await, "");
    }
    book.may_end.add_permits(1);
    let text = to_end(&mut stream).await;
    check_whole(&unchunked(text.split_once("\r\n\r\n").unwrap().1).0, 200);
}

#[tokio::test]
async fn a_list_under_way_is_told_to_its_end_before_the_process_leaves() {
    let book = Arc::new(Book { may_end: Semaphore::new(1), ..Book::of(25) });
    let server = serve(Limits::default(), &book).await;
    let mut stream = server.connect().await;
    stream.write_all(STAYS.as_bytes()).await.unwrap();
    book.asked_twice().await;
    server.tell_to_stop();
    soon(async {
        while TcpStream::connect(server.address).await.is_ok() {
            yield_now().await
        }
    })
    .await;
    book.may_end.add_permits(24);
    let text = to_end(&mut stream).await;
    let (body, ended) = unchunked(text.split_once("\r\n\r\n").unwrap().1);
    assert!(ended);
    check_whole(&body, 2_500);
    server.ended().await;

    // One that outlives the drain is cut off.
    let book = Arc::new(Book { may_end: Semaphore::new(1), ..Book::of(25) });
    let server =
        serve(Limits { drain: Duration::from_millis(50), ..Limits::default() }, &book).await;
    let mut stream = server.connect().await;
    stream.write_all(STAYS.as_bytes()).await.unwrap();
    book.asked_twice().await;
    server.tell_to_stop();
    let text = to_end(&mut stream).await;
    assert!(!unchunked(text.split_once("\r\n\r\n").unwrap().1).1);
    server.ended().await;
}

#[tokio::test]
async fn what_is_promised_is_what_is_allowed() {
    for (most, page) in [(100_000, 100), (50, 50)] {
        let limits = Limits { list_results: most, ..Limits::default() };
        let book = Arc::new(Book::of(1));
        let server = serve(limits, &book).await;
        let mut stream = server.connect().await;
        let config =
            exchange(&mut stream, &get("/scim/v2/ServiceProviderConfig", "Bearer t")).await.json();
        let told = (&config["filter"]["maxResults"], &config["pagination"]["maxPageSize"]);
        assert_eq!(told, (&json!(most), &json!(most)));
        assert_eq!(config["pagination"]["defaultPageSize"], page);
        let list = server.ask(&get("/scim/v2/Users", "Bearer t")).await.json();
        assert_eq!(list["itemsPerPage"], page);
    }
}
