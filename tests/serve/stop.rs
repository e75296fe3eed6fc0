//! SIGTERM: what is under way is finished, and the process leaves with 0.

use crate::{
    harness::{Folder, NEVER, Served, answer, request, sample},
    vendor,
};
use std::io::Write;

#[test]
fn a_request_under_way_is_finished_and_the_process_leaves_with_success() {
    let folder = Folder::new("stop");
    folder.write("m.yaml", &sample());
    let person = r#"{ "data": { "uid": 7, "login": "ada@acme.example", "status": "A" } }"#;
    let (url, begun, may_end) = vendor::held(("", 200, person));
    let mut served = Served::start(&folder, &[("acme", &url)], NEVER);
    let mut stream = served.connect(served.port);
    let get = request("token-of-acme", "GET /scim/v2/Users/7", "");
    stream.write_all(get.as_bytes()).unwrap();
    begun.recv().unwrap();

    served.signal("TERM");
    served.until("draining");
    may_end.send(()).unwrap();
    let (status, body) = answer(&mut stream);
    assert!(status == 200 && body.contains("ada@acme.example"), "{status} {body}");
    served.until("stopped");
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}
