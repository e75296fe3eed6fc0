//! What the journal carries out without its client.

use crate::{
    harness::{NEVER, Served, free_port},
    world::{TOKEN, auditing, folder, lines, stop, verify},
};
use scimshim::demo::vendor::Vendor;
use serde_json::{Value, json};
use std::{net::TcpListener, sync::Arc, thread};

/// A vendor comes back to where it was.
fn comes_back(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            Arc::new(Vendor::seeded("key")).serve(listener).await;
        });
    });
}

#[test]
fn what_is_delivered_later_has_lines_of_its_own_with_the_clients_number() {
    let folder = folder("audit-delivered");
    let port = free_port();
    let vendor = format!("http://127.0.0.1:{port}");
    let keeping = |config: String| {
        let config = config.replace("format: json", "format: json, level: debug");
        format!("store: {{ sqlite: {{ path: kept.db }} }}\n{}", auditing(config))
    };
    let mut served = Served::started(&folder, &[("acme", &vendor)], NEVER, keeping);
    let (status, body) = served.send(served.port, TOKEN, "DELETE /scim/v2/Users/7", "");
    assert_eq!(status, 429, "{body}");
    let received = lines(&folder).pop().unwrap();
    assert_eq!((&received["status"], &received["client"]), (&json!(429), &json!("okta")));
    let number = received["txn"].as_str().unwrap();

    comes_back(port);
    // Who was to go is not there.
    served.until("vendor refused");
    stop(served);
    let all = lines(&folder);
    let last = all.iter().rfind(|line| line["event"] == "write").unwrap();
    assert_eq!((&last["txn"], &last["verb"]), (&json!(number), &json!("delete")));
    assert_eq!((&last["status"], &last["id"]), (&json!(404), &json!("7")));
    assert!(last.get("client").is_none() && last.get("request").is_none(), "{last}");
    let not_found = |call: &Value| call["means"] == "not_found";
    assert!(last["calls"].as_array().unwrap().iter().any(not_found), "{last}");
    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 0, "{said}");
}
