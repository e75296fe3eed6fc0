//! New users against a vendor that takes so many calls in a second.

use super::{
    MAPPING,
    limited::{COUNTS, MOST, TELLS},
    load::{self, Shot},
    process::{Process, Served, free_port},
    with,
};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Clients, each of which makes its users one after the other.
const CLIENTS: usize = 16;
const USERS: usize = 5_000;

pub fn measure() {
    println!(
        "\n{USERS} new users (two calls each) by {CLIENTS} clients that honour Retry-After, against a vendor of {MOST} calls in a second\n"
    );
    println!(
        "| the mapping is told | the vendor counts | and tells | allowance used (target 95 %) | calls answered 429 (target 1 %) | clients told to come back | time |"
    );
    println!("|---|---|---|---|---|---|---|");
    let told = |requests: usize| format!("requests: {requests}, per: 1s");
    let headers = "remaining: X-Left, reset: X-Reset".to_owned();
    for (limits, counts, tells) in [
        (told(MOST), "fixed", "when"),
        (told(MOST), "sliding", "when"),
        (told(2 * MOST), "fixed", "when"),
        (String::new(), "fixed", "when"),
        (String::new(), "fixed", "nothing"),
        (headers, "fixed", "left"),
    ] {
        row(&limits, counts, tells);
    }
}

fn row(limits: &str, counts: &str, tells: &str) {
    let vendor = Process::role("limited", &[(COUNTS, counts), (TELLS, tells)]);
    let more = if limits.is_empty() { String::new() } else { format!(", {limits}") };
    let mapping = with(MAPPING, "concurrent: 64", &format!("concurrent: 64{more}"));
    let served = Served { mapping: &mapping, store: None, admin: free_port() };
    let (gateway, _) = Process::serving(&vendor.url, &served);
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let back = runtime.block_on(async {
        let local = tokio::task::JoinSet::from_iter(
            (0..CLIENTS).map(|nth| client(gateway.url.clone(), nth)),
        );
        local.join_all().await.into_iter().sum::<usize>()
    });
    let took = begun.elapsed();
    let shot = Shot { method: "GET", path: "/counts".to_owned(), body: String::new() };
    let counted: Value = serde_json::from_slice(&load::one(&vendor.url, &shot).1).unwrap();
    let number = |name: &str| counted[name].as_f64().unwrap();
    let (taken, refused) = (number("taken"), number("refused"));
    println!(
        "| {} | {counts} | {tells} | {:.1} % | {:.2} % | {back} | {:.2} s |",
        if limits.is_empty() { "nothing" } else { limits },
        100.0 * taken / (number("seconds") * MOST as f64),
        100.0 * refused / (taken + refused),
        took.as_secs_f64(),
    );
}

/// Makes its users; how often it was told to come back.
async fn client(url: String, client: usize) -> usize {
    let mut sender = load::connect(&url).await;
    let mut back = 0;
    for nth in 0..USERS.div_ceil(CLIENTS) {
        loop {
            let name = format!("new{client}x{nth}@acme.example");
            let user = "urn:ietf:params:scim:schemas:core:2.0:User";
            let body = json!({ "schemas": [user], "userName": name });
            let request = Request::post("/scim/v2/Users")
                .header(header::HOST, "bench")
                .header(header::AUTHORIZATION, "Bearer t0ken")
                .header(header::CONTENT_TYPE, "application/scim+json")
                .body(Full::<Bytes>::from(body.to_string()))
                .unwrap();
            sender.ready().await.unwrap();
            let answer = sender.send_request(request).await.unwrap();
            let (head, body) = answer.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let told = head.headers.get(header::RETRY_AFTER);
            let told = told.map(|told| told.to_str().unwrap().parse().unwrap());
            match (head.status.as_u16(), told) {
                (201, _) => break,
                (429 | 503, Some(seconds)) => {
                    back += 1;
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                (status, _) => panic!("{status} {}", String::from_utf8_lossy(&body)),
            }
        }
    }
    back
}
