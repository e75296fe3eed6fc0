//! The store of a process: opened before it serves, asked how it is, closed after the drain.

use crate::{
    harness::{Folder, Served, free_port, sample, serve},
    vendor,
};
use scimshim::server::settings::Digest;
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt};

fn start(folder: &Folder) -> Served {
    folder.write("m.yaml", &sample());
    let (port, admin) = (free_port(), free_port());
    Served::run(folder, &configuration(port, admin, "http://127.0.0.1:1"), port, admin)
}

fn configuration(port: u16, admin: u16, vendor: &str) -> String {
    format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
         log: {{ format: json }}\nstore: {{ sqlite: {{ path: kept.db }} }}\ntenants:\n  acme:\n    \
         mapping: m.yaml\n    vars: {{ url: {vendor}, key: {{ env: VENDOR_KEY }} }}\n    \
         clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
        Digest::of(b"token")
    )
}

/// The sample's mapping for a vendor that has no reference field and only suspends.
fn keeping() -> String {
    let text = sample();
    let search = "        - filter: externalId eq {reference}\n          call: GET /people\n          query: { seek: \"{reference}\" }\n          items: data\n          paging: { cursor: { param: after, next: page.after } }\n";
    let swaps = [
        ("externalId:            { field: ref_code }", "externalId: { kept: true }"),
        (search, ""),
        ("        call: DELETE /people/{key}", "        run: suspend\n        afterwards: gone"),
    ];
    swaps.into_iter().fold(text, |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    })
}

#[test]
fn what_is_kept_outlives_the_process() {
    let folder = Folder::new("keeping");
    folder.write("m.yaml", &keeping());
    let vendor = vendor::sample();
    let (port, admin) = (free_port(), free_port());
    let config = configuration(port, admin, &vendor);
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"zoe","externalId":"00u1","active":true}"#;
    let mut served = Served::run(&folder, &config, port, admin);
    let (status, body) = served.send(served.port, "token", "POST /scim/v2/Users", user);
    assert_eq!(status, 201, "{body}");
    let made: Value = serde_json::from_str(&body).unwrap();
    let one = format!("/Users/{}", made["id"].as_str().unwrap());
    // Killed, not stopped: what was answered is on the disk.
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    drop(served);
    let served = Served::run(&folder, &config, port, admin);
    let (status, body) = served.scim("token", "/Users?filter=externalId%20eq%20%2200u1%22");
    assert!(status == 200 && body.contains("\"zoe\""), "{status} {body}");
    let delete = format!("DELETE /scim/v2{one}");
    assert_eq!(served.send(served.port, "token", &delete, "").0, 204);
    drop(served);
    let served = Served::run(&folder, &config, port, admin);
    assert_eq!(served.scim("token", &one).0, 404);
    let (status, body) = served.send(served.port, "token", "POST /scim/v2/Users", user);
    let back: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &back["id"]), (201, &made["id"]), "{body}");
}

#[test]
fn a_mapping_that_keeps_something_is_not_served_without_a_store() {
    let folder = Folder::new("storeless");
    folder.write("m.yaml", &keeping());
    let (port, admin) = (free_port(), free_port());
    let config = configuration(port, admin, "http://127.0.0.1:1");
    let config = config.replace("store: { sqlite: { path: kept.db } }\n", "");
    let file = folder.write("scimshim.yaml", &config);
    let output = serve(&file).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for part in ["C029", "`externalId`", "tombstones", "/data/scimshim.db"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!folder.0.join("kept.db").exists());
}

#[test]
fn the_store_is_open_while_the_process_serves() {
    let folder = Folder::new("storage");
    for _ in 0..2 {
        let mut served = start(&folder);
        let mode = fs::metadata(folder.0.join("kept.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(folder.0.join("kept.db-wal").exists());
        let (status, body) = served.send(served.admin, "", "GET /readyz", "");
        assert!(status == 200 && body.contains("true"), "{status} {body}");
        served.signal("TERM");
        served.until("store closed");
        served.until("stopped");
        assert_eq!(served.child.wait().unwrap().code(), Some(0));
        assert!(!folder.0.join("kept.db-wal").exists(), "the file alone is the whole store");
    }
}
