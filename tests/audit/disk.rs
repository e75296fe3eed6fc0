//! A disk that takes nothing more.

use crate::{
    harness::{Folder, Served, free_port, request, root},
    vendor,
    world::{auditing, folder, lines, said, stop, text, user, verify},
};
use scimshim::server::settings::Digest;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    process::Command,
};

/// Two tenants of different habits. What goes beyond the limit of a file's size fails, as on a full disk, and does
/// not end the process.
fn start(folder: &Folder) -> Served {
    let (port, admin) = (free_port(), free_port());
    let mut config = format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
         log: {{ format: json }}\ntenants:\n"
    );
    for (name, profile) in [("strict", "strict"), ("okta", "okta")] {
        config.push_str(&format!(
            "  {name}:\n    mapping: m.yaml\n    profile: {profile}\n    \
             vars: {{ url: \"{}\", key: {{ env: VENDOR_KEY }} }}\n    \
             clients: {{ c: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
            vendor::sample(),
            Digest::of(name.as_bytes())
        ));
    }
    let file = folder.write("scimshim.yaml", &auditing(config));
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_scimshim")]);
    command.args(["serve", "--config", &file]).current_dir(root()).env("VENDOR_KEY", "key");
    Served::over(command, port, admin)
}

fn largest_file(served: &Served, limit: &str) {
    let (id, limit) = (served.child.id().to_string(), format!("--fsize={limit}:unlimited"));
    assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());
}

/// Status, `Retry-After`, body.
fn answer(served: &Served, token: &str, line: &str, body: &str) -> (u16, Option<String>, Value) {
    let mut stream = served.connect(served.port);
    stream.write_all(request(token, line, body).as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let after = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
    (status, after.map(str::to_owned), serde_json::from_str(body).unwrap_or_default())
}

const POST: &str = "POST /scim/v2/Users";

/// How many have that name.
fn found(served: &Served, token: &str, name: &str) -> Value {
    let line = format!("GET /scim/v2/Users?filter=userName%20eq%20%22{name}%22");
    answer(served, token, &line, "").2["totalResults"].clone()
}

#[test]
fn what_cannot_be_audited_is_not_done_and_it_mends_itself() {
    let folder = folder("audit-full");
    let mut served = start(&folder);
    for token in ["strict", "okta"] {
        assert_eq!(answer(&served, token, POST, &user("ada")).0, 201);
    }
    let whole = text(&folder);
    let whole_lines = lines(&folder).len();

    // There is room for a part of a line. What is done already is not told as done.
    largest_file(&served, &(whole.len() + 100).to_string());
    let (status, after, said) = answer(&served, "strict", POST, &user("zoe"));
    assert_eq!((status, after.as_deref()), (503, Some("10")), "{said}");
    assert!(said["detail"].as_str().unwrap().contains("not in the audit log yet"), "{said}");
    assert_eq!(found(&served, "strict", "zoe"), 1, "reads go on");
    let told = served.until("the audit log cannot be written: writes are refused until it can");
    assert!(told["audit"].as_str().unwrap().ends_with("/audit.log"), "{told}");
    assert!(told["why"].as_str().unwrap().contains("too large"), "{told}");
    assert_eq!(text(&folder), whole, "what was written of a line is cut off again");
    assert_eq!(verify(&folder, &["audit.log"]).0, 0);

    // From then on nothing is done.
    for (token, refused) in [("strict", 503), ("okta", 429)] {
        let (status, after, said) = answer(&served, token, POST, &user("kai"));
        assert_eq!((status, after.as_deref()), (refused, Some("10")), "{said}");
        assert!(said["detail"].as_str().unwrap().contains("nothing was done"), "{said}");
        assert_eq!(found(&served, token, "kai"), 0, "no call has left");
        let bulk = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{ "method": "DELETE", "path": "/Users/7" }],
        });
        let (status, _, said) = answer(&served, token, "POST /scim/v2/Bulk", &bulk.to_string());
        assert_eq!(status, 200, "{said}");
        assert_eq!(said["Operations"][0]["status"], refused.to_string(), "{said}");
    }
    let release = "POST /guard/release?tenant=okta";
    let (status, body) = served.send(served.admin, "", release, "");
    assert!(status == 503 && body.contains("so nothing was done"), "{status} {body}");
    let (status, body) = served.send(served.admin, "", "GET /readyz", "");
    assert!(status == 503 && body.contains("the audit log cannot be written"), "{status} {body}");
    assert!(served.metrics().lines().any(|line| line == "scimshim_audit_works 0"));

    largest_file(&served, "unlimited");
    let again = served.until("the audit log can be written again");
    assert_eq!(again["late"], 1, "{again}");
    let (status, body) = served.send(served.admin, "", "GET /readyz", "");
    assert_eq!(status, 200, "{body}");
    assert!(served.metrics().lines().any(|line| line == "scimshim_audit_works 1"));
    // What was done and not told is there, and says so.
    let late = &lines(&folder)[whole_lines];
    assert_eq!(
        (&late["late"], &late["status"], &late["verb"]),
        (&json!(true), &json!(201), &json!("create"))
    );
    for token in ["strict", "okta"] {
        assert_eq!(answer(&served, token, POST, &user("kai")).0, 201);
    }
    stop(served);
    assert!(text(&folder).starts_with(&whole));
    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with(&format!("{} lines in 1 strand", whole_lines + 4)), "{said}");
}

#[test]
fn a_moved_file_on_a_full_disk_is_followed_and_what_waits_goes_there() {
    let folder = folder("audit-full-moved");
    let mut served = start(&folder);
    largest_file(&served, "100");
    assert_eq!(answer(&served, "okta", POST, &user("ada")).0, 429);
    served.until("the audit log cannot be written: writes are refused until it can");
    std::fs::rename(folder.0.join("audit.log"), folder.0.join("audit.log.1")).unwrap();
    served.signal("HUP");
    served.until("the audit log goes on in a new file");
    largest_file(&served, "unlimited");
    served.until("the audit log can be written again");
    stop(served);
    let events: Vec<Value> = lines(&folder).iter().map(|line| line["event"].clone()).collect();
    assert_eq!(events, ["continue", "write", "end"]);
    let (code, said) = verify(&folder, &["audit.log.1", "audit.log"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_process_that_cannot_write_its_first_line_does_not_start() {
    let folder = folder("audit-full-start");
    stop(start(&folder));
    let file = folder.0.join("scimshim.yaml");
    let mut command = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    command.args(["-c", limited, env!("CARGO_BIN_EXE_scimshim"), "serve", "--config"]);
    let (code, told) = said(command.arg(file).current_dir(root()).env("VENDOR_KEY", "key"));
    assert_eq!(code, 1, "{told}");
    for part in ["C041", "the first line of the audit log cannot be written", "has room"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(verify(&folder, &["audit.log"]).0, 0);
}

#[test]
fn what_is_lost_at_the_end_is_told() {
    let folder = folder("audit-full-end");
    let mut served = start(&folder);
    largest_file(&served, "100");
    assert_eq!(answer(&served, "okta", POST, &user("ada")).0, 429);
    served.signal("TERM");
    let told = served.until("audit log closed without its last lines");
    assert_eq!(told["lost"], 2, "{told}");
    served.until("stopped");
    assert_eq!(verify(&folder, &["audit.log"]).0, 0);
}
