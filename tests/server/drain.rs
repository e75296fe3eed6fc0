//! The end of a process: what is under way is finished, what is new is refused.

use crate::harness::{LIST, Server, Vendor, answer, exchange, get, soon, to_end};
use scimshim::server::settings::Limits;
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream, task::yield_now};

async fn refused(server: &Server) {
    soon(async {
        while TcpStream::connect(server.address).await.is_ok() {
            yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_under_way_is_finished_and_a_new_one_refused() {
    let vendor = Vendor::held();
    let server = Server::one(Limits::default(), &vendor).await;
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(LIST.as_bytes()).await.unwrap();
    vendor.may_end.add_permits(1);
    soon(vendor.begun.notified()).await;
    assert_eq!(answer(&mut idle).await.status, 200);
    let mut busy = server.connect().await;
    busy.write_all(LIST.as_bytes()).await.unwrap();
    soon(vendor.begun.notified()).await;

    server.tell_to_stop();
    refused(&server).await;
    assert_eq!(to_end(&mut silent).await, "");
    assert_eq!(to_end(&mut idle).await, "");
    let mut probe = TcpStream::connect(server.admin).await.unwrap();
    let ready = exchange(&mut probe, &get("/readyz", "")).await;
    assert_eq!((ready.status, &ready.json()["ready"]), (503, &false.into()));
    assert!(ready.json()["reasons"][0].as_str().unwrap().contains("draining"));

    vendor.may_end.add_permits(1);
    assert_eq!(answer(&mut busy).await.status, 200);
    server.ended().await;
}

#[tokio::test]
async fn a_write_whose_client_is_gone_is_finished() {
    let vendor = Vendor::held();
    let server = Server::one(Limits::default(), &vendor).await;
    let mut stream = server.connect().await;
    let delete = "DELETE /scim/v2/Users/7 HTTP/1.1\r\nhost: x\r\nauthorization: t\r\n\r\n";
    stream.write_all(delete.as_bytes()).await.unwrap();
    soon(vendor.begun.notified()).await;
    drop(stream);
    let gone = r#"scimshim_connections{listener="scim"} 0"#;
    soon(async { while !server.metrics().await.contains(gone) {} }).await;

    server.tell_to_stop();
    refused(&server).await;
    let under_way = r#"scimshim_requests_total{"#;
    let metrics = server.metrics().await;
    assert!(!metrics.contains(under_way), "it has ended already:\n{metrics}");
    // The delete, and the look behind it.
    vendor.may_end.add_permits(2);
    server.ended().await;
}

#[tokio::test]
async fn a_read_whose_client_is_gone_is_not() {
    let vendor = Vendor::held();
    let server = Server::one(Limits::default(), &vendor).await;
    let mut stream = server.connect().await;
    stream.write_all(LIST.as_bytes()).await.unwrap();
    soon(vendor.begun.notified()).await;
    drop(stream);
    let ended = r#"operation="User.search",outcome="abandoned",tenant="acme"} 1"#;
    soon(async { while !server.metrics().await.contains(ended) {} }).await;
}

#[tokio::test]
async fn who_never_ends_is_cut_off() {
    let vendor = Vendor::held();
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let server = Server::one(limits, &vendor).await;
    let mut stream = server.connect().await;
    stream.write_all(LIST.as_bytes()).await.unwrap();
    soon(vendor.begun.notified()).await;
    server.tell_to_stop();
    assert_eq!(to_end(&mut stream).await, "");
    server.ended().await;
}
