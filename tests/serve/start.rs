//! What stands in the way of a start is told with its place, in the form that the log has.

use crate::harness::{Folder, free_port, sample, serve};
use serde_json::Value;
use std::{net::TcpListener, process::Output};

const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn configuration(more: &str) -> String {
    format!(
        "{more}\ntenants:\n  acme:\n    mapping: m.yaml\n    vars: {{ url: http://127.0.0.1:1, key: {{ env: \
         VENDOR_KEY }} }}\n    clients: {{ okta: {{ bearer: [{{ sha256: \"{HASH}\" }}] }} }}\n"
    )
}

/// What a start that fails says: place, code, message and remedy of each finding.
#[test]
fn a_start_that_fails_says_where_and_why_in_either_form() {
    let folder = Folder::new("start");
    folder.write("m.yaml", &sample());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, free) = (taken.local_addr().unwrap(), free_port());
    let listen = format!("server: {{ listen: \"{address}\" }}");
    let elsewhere = format!("admin: {{ listen: \"127.0.0.1:{free}\" }}");
    let admin =
        format!("admin: {{ listen: \"{address}\" }}\nserver: {{ listen: \"127.0.0.1:0\" }}");
    let token = "admin: { token: { env: SCIMSHIM_NOT_SET } }".to_owned();
    folder.write("broken.crt", "nothing");
    let broken = "server: { tls: { cert: broken.crt, key: no.key } }".to_owned();
    let absent = "server: { tls: { cert: no.crt, key: no.key } }".to_owned();
    let table = [
        (
            format!("{listen}\n{elsewhere}"),
            1,
            "C019",
            "scimshim.yaml:2:11",
            "already in use|in use",
        ),
        (admin, 1, "C019", "scimshim.yaml:2:10", "choose another port"),
        (token, 1, "C026", "scimshim.yaml:2:10", "`SCIMSHIM_NOT_SET` is not set"),
        (broken, 2, "C017", "scimshim.yaml:2:18", "holds no certificate"),
        (absent, 2, "C017", "scimshim.yaml:2:18", "cannot be read"),
        (
            "store: { sqlite: { path: nowhere/scimshim.db } }".to_owned(),
            1,
            "C027",
            "scimshim.yaml:2:20",
            "nowhere` is not there",
        ),
        (
            "store: { sqlite: { path: m.yaml } }".to_owned(),
            1,
            "C027",
            "scimshim.yaml:2:20",
            "is no SQLite database",
        ),
        ("sever: {}".to_owned(), 2, "C002", "scimshim.yaml:2:1", "did you mean `server`?"),
        ("threads: 1025".to_owned(), 2, "C014", "scimshim.yaml:2:1", "at most 1024"),
    ];
    for (text, code, finding, place, part) in table {
        for format in ["json", "text"] {
            let log = format!("log: {{ format: {format} }}\n{text}");
            let file = folder.write("scimshim.yaml", &configuration(&log));
            let Output { status, stderr, .. } = serve(&file).output().unwrap();
            let told = String::from_utf8(stderr).unwrap();
            assert_eq!(status.code(), Some(code), "{text}\n{told}");
            assert!(told.contains(finding) && told.contains(place), "{place}: {told}");
            // Once each: of a certificate both files are missing.
            let times = if part == "cannot be read" { 2 } else { 1 };
            assert_eq!(told.matches(finding).count(), times, "{finding}: {told}");
            assert!(part.split('|').any(|part| told.contains(part)), "{part}: {told}");
            if format == "json" {
                for line in told.lines() {
                    let line: Value = serde_json::from_str(line).unwrap();
                    let known = line["code"].is_string() && line["place"].is_string();
                    assert!(known && ["ERROR", "WARN"].contains(&line["level"].as_str().unwrap()));
                }
            }
        }
    }
}

#[test]
fn what_a_variable_says_is_told_of_the_variable() {
    let folder = Folder::new("variable");
    folder.write("m.yaml", &sample());
    let file = folder.write("scimshim.yaml", &configuration("log: { format: json }"));
    let output = serve(&file).env("SCIMSHIM_SERVER__LISTEN", "0.0.0.0:0").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    let line: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&line["code"], &line["place"]),
        (&"C004".into(), &"SCIMSHIM_SERVER__LISTEN".into())
    );
}
