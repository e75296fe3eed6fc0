//! What ends in the middle: a process that is killed while it writes, a write that is never ended.

use crate::{
    harness::request,
    vendor,
    world::{TOKEN, folder, lines, start, text, user, verify},
};
use scimshim::{
    audit::{Audit, settings::Settings},
    gateway::{
        Caller, Trace,
        audited::{Asked, Audited, Outcome, Who},
    },
    scim::named::Named,
    secret::Reference,
};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
};
use tokio::time::Instant;

/// Clients that write at the same time.
const CLIENTS: usize = 8;
/// Writes that were answered when the process is killed.
const ANSWERED: usize = 60;

/// Whether a user was made, as the client was told. Nothing when the connection ends before that.
fn made(port: u16, name: &str) -> Option<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let asked = request(TOKEN, "POST /scim/v2/Users", &user(name));
    let asked = asked.replacen("host: x", &format!("host: x\r\nx-request-id: {name}"), 1);
    stream.write_all(asked.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer.split(' ').nth(1)? == "201")
}

/// That an answer waits for its line is what `disk` shows; here none of a group of lines is lost or left in part.
#[test]
fn whatever_was_answered_has_its_line_when_the_process_is_killed() {
    let folder = folder("audit-under-load");
    let mut served = start(&folder, &vendor::sample());
    let port = served.port;
    let next = Arc::new(AtomicUsize::new(0));
    let (tell, answered) = channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (next, tell) = (Arc::clone(&next), tell.clone());
            thread::spawn(move || {
                loop {
                    let name = format!("person-{}", next.fetch_add(1, Ordering::Relaxed));
                    match made(port, &name) {
                        Some(true) => tell.send(name).unwrap(),
                        Some(false) => panic!("{name} was refused"),
                        None => return,
                    }
                }
            })
        })
        .collect();
    drop(tell);
    let mut told: Vec<String> = answered.iter().take(ANSWERED).collect();
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    // Those that were answered before the end reached their clients.
    told.extend(answered.iter());
    clients.into_iter().for_each(|client| client.join().unwrap());

    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 0, "{said}");
    let text = text(&folder);
    for name in &told {
        assert!(text.contains(&format!("\"request\":\"{name}\"")), "{name} has no line");
    }
    assert!(told.len() >= ANSWERED);
}

#[tokio::test]
async fn a_write_that_is_never_ended_leaves_a_line_without_an_outcome() {
    let folder = folder("audit-dropped");
    let (path, key) = (folder.0.join("audit.log"), folder.0.join("audit-key"));
    let settings = Settings { path, key: Reference::File(key) };
    let audit = Audit::open(&settings, Arc::default()).unwrap();
    let came = "2026-11-21T10:00:00Z".parse().unwrap();
    audit.begin(came).await.unwrap();
    let asked = || Asked {
        verb: "delete",
        kind: "User".to_owned(),
        id: Some("7".to_owned()),
        named: Named::default(),
    };
    let caller = Caller { client: "okta", request_id: "r" };
    let begin = || Audited::begin(&audit, Who { tenant: "acme", caller }, asked(), came).unwrap();
    drop(begin());
    let outcome = Outcome { status: Some(204), ..Outcome::default() };
    begin().end(&Trace::default(), outcome, Instant::now()).await.unwrap();
    audit.close(came).await.unwrap();
    assert!(!audit.works(), "nobody writes any more");
    let told: Vec<_> = lines(&folder).iter().map(|line| line["status"].clone()).collect();
    assert_eq!(told, [json!(null), json!(null), json!(204), json!(null)]);
    let dropped = &lines(&folder)[1];
    assert_eq!((&dropped["event"], &dropped["id"]), (&json!("write"), &json!("7")));
    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 0, "{said}");
}
