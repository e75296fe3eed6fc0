//! A vendor that costs nothing: every answer is made before the first request.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::net::{TcpListener, TcpStream};

/// How many people it has, where nobody says.
pub const PEOPLE: usize = 10_000;

static COUNT: LazyLock<usize> =
    LazyLock::new(|| std::env::var("BENCH_PEOPLE").map_or(PEOPLE, |count| count.parse().unwrap()));

/// Pages that it was asked for.
static ASKED: AtomicUsize = AtomicUsize::new(0);
/// People that it was asked for by their id, but for the one whose answer is made.
static LOOKED: AtomicUsize = AtomicUsize::new(0);

/// The unit of those to whom somebody gave another one. Nothing else that is written shows.
static UNITS: Mutex<BTreeMap<usize, Value>> = Mutex::new(BTreeMap::new());

/// A record whose user has 24 attributes and 1.9 kB.
pub fn record() -> Value {
    json!({
        "id": 7, "login": "mia.berg@acme.example", "reference": "00u1mia2berg3XYZ0h7", "status": "A",
        "shown_as": "Mia Berg", "nick": "Mi", "job": "Engineer", "kind": "E", "language": "sv",
        "locale_code": "sv-SE", "zone": "Europe/Stockholm", "page": "https://acme.example/people/mia-berg-and-her-long-page",
        "person": { "first": "Mia", "middle": "Lovisa", "last": "Berg", "before": "Dr", "after": "III" },
        "mail_work": "mia.berg@acme.example", "mail_home": "mia@home.example",
        "phone_work": "+46850000001", "phone_mobile": "+46700000001",
        "places": [
            { "sort": "work", "street": "Drottninggatan 12, entrance B", "town": "Stockholm", "zip": "111 51", "land": "SE" },
            { "sort": "home", "street": "Kungsholms strand 127", "town": "Stockholm", "zip": "112 33", "land": "SE" },
        ],
        "roles": [
            { "code": "admin", "label": "Administrator of the whole place" },
            { "code": "editor", "label": "Editor of some pages" },
        ],
        "seats": [{ "code": "gold-seat", "sort": "license" }],
        "pictures": [{ "url": "https://acme.example/pictures/mia-berg-2024.jpg", "sort": "photo" }],
        "chats": [{ "handle": "mia.berg", "sort": "slack" }],
        "certificates": [{ "der": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx" }],
        "teams": [{ "id": "t-17", "label": "Research" }, { "id": "t-18", "label": "Everybody North" }],
        "badge": "E-100200", "cost": "4711", "unit": "Research and Development", "branch": "North",
        "firm": "Acme International Holding", "born": 1700000000000i64,
        "note": "what the mapping does not know travels along and is left alone; it stands for the many fields that old vendors have",
    })
}

/// One by one, for as many connections as there may be.
static EACH: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let one = |key: usize| {
        let mut person = record();
        person["id"] = json!(key);
        json!({ "data": person }).to_string().into()
    };
    (0..1_000).map(one).collect()
});
static FOUND: LazyLock<Bytes> =
    LazyLock::new(|| json!({ "data": [record()], "total": 1 }).to_string().into());
static NOBODY: LazyLock<Bytes> =
    LazyLock::new(|| json!({ "data": [], "total": 0 }).to_string().into());

/// Serves for ever; prints its URL.
pub async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(connection(stream));
    }
}

async fn connection(stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| async { Ok::<_, Infallible>(answer(request).await) });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let sent = body.collect().await.unwrap().to_bytes();
    let query = head.uri.query().unwrap_or_default();
    let body = match (&head.method, head.uri.path(), query) {
        (&Method::GET, "/people", query) if query.starts_with("login=new") => NOBODY.clone(),
        (&Method::GET, "/people", query) if query.starts_with("login=") => FOUND.clone(),
        (&Method::GET, "/people", query) => page(number(query, "page=", 1)).to_string().into(),
        (&Method::GET, "/offsets", query) => {
            page(number(query, "skip=", 0) / PAGE + 1).to_string().into()
        }
        (&Method::GET, "/cursors", query) => on(number(query, "after=", 1)).0.to_string().into(),
        (&Method::GET, "/urls", query) => on(number(query, "p=", 1)).0.to_string().into(),
        (&Method::GET, "/links", query) => return linked(number(query, "p=", 1)),
        (&Method::GET, "/everybody", _) => everybody(),
        (&Method::GET, "/asked", _) => ASKED.swap(0, Ordering::SeqCst).to_string().into(),
        (&Method::GET, "/looked", _) => LOOKED.swap(0, Ordering::SeqCst).to_string().into(),
        (&Method::PATCH, path, _) if sent.starts_with(b"{\"unit\":") => moved(path, &sent),
        (&Method::POST, _, _) => one(std::str::from_utf8(&sent).unwrap(), "new"),
        (&Method::GET, path, _) => {
            LOOKED.fetch_add(1, Ordering::SeqCst);
            one(path, "/people/")
        }
        (_, path, _) => one(path, "/people/"),
    };
    response(body)
}

fn response(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The person whose number stands behind `word`.
fn one(text: &str, word: &str) -> Bytes {
    let id = id(text, word);
    if let Some(unit) = UNITS.lock().unwrap().get(&id) {
        let mut person = record();
        (person["id"], person["unit"]) = (json!(id), unit.clone());
        return json!({ "data": person }).to_string().into();
    }
    let made = || json!({ "data": person(id) }).to_string().into();
    EACH.get(id).cloned().unwrap_or_else(made)
}

fn id(text: &str, word: &str) -> usize {
    let behind = text.split_once(word).unwrap().1;
    behind.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// Somebody is of another unit from here on.
fn moved(path: &str, sent: &[u8]) -> Bytes {
    let sent: Value = serde_json::from_slice(sent).unwrap();
    UNITS.lock().unwrap().insert(id(path, "/people/"), sent["unit"].clone());
    one(path, "/people/")
}

fn person(id: usize) -> Value {
    let mut person = record();
    person["id"] = json!(id);
    person["login"] = json!(format!("user{}@acme.example", id - 1));
    person
}

/// On a page.
const PAGE: usize = 100;

fn number(query: &str, param: &str, absent: usize) -> usize {
    let number = query.split('&').find_map(|pair| pair.strip_prefix(param));
    number.and_then(|number| number.parse().ok()).unwrap_or(absent)
}

fn page(number: usize) -> Value {
    let first = (number - 1) * PAGE;
    ASKED.fetch_add(1, Ordering::SeqCst);
    let people: Vec<Value> = (first..COUNT.min(first + PAGE)).map(|key| person(key + 1)).collect();
    json!({ "data": people, "total": *COUNT })
}

/// A page that says which one is next, and whether there is one.
fn on(number: usize) -> (Value, bool) {
    let (mut page, goes_on) = (page(number), number * PAGE < *COUNT);
    if goes_on {
        page["cursor"] = json!((number + 1).to_string());
        page["next"] = json!(format!("/urls?p={}", number + 1));
    }
    (page, goes_on)
}

fn linked(number: usize) -> Response<Full<Bytes>> {
    let (page, goes_on) = on(number);
    let mut response = response(page.to_string().into());
    if goes_on {
        let link = format!("</links?p={}>; rel=\"next\"", number + 1);
        response.headers_mut().insert(header::LINK, link.parse().unwrap());
    }
    response
}

/// All of them in one answer, of which a gateway takes 10 MiB: there is room for little of each.
fn everybody() -> Bytes {
    ASKED.fetch_add(1, Ordering::SeqCst);
    let one = |key: usize| json!({ "id": key + 1, "login": format!("user{key}@acme.example"), "status": "A" });
    let people: Vec<Value> = (0..*COUNT).map(one).collect();
    json!({ "data": people }).to_string().into()
}
