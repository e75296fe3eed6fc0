//! The store of a process: opened before it serves, asked how it is, closed after the drain.

use crate::{
    harness::{Folder, Served, free_port, request, root, sample, serve},
    vendor,
};
use scimshim::server::settings::Digest;
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    process::Command,
};

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
        let size = |line: &str| line.strip_prefix("scimshim_store_bytes ").map(str::to_owned);
        // It is looked at right after the start.
        let bytes: u64 = loop {
            if let Some(bytes) = served.metrics().lines().find_map(size) {
                break bytes.parse().unwrap();
            }
        };
        assert!(bytes > 0);
        served.signal("TERM");
        served.until("store closed");
        served.until("stopped");
        assert_eq!(served.child.wait().unwrap().code(), Some(0));
        assert!(!folder.0.join("kept.db-wal").exists(), "the file alone is the whole store");
    }
}

/// The same with Groups of our own.
fn keeping_groups() -> String {
    let text = keeping();
    let (before, group) = text.split_once("\n  Group:\n").unwrap();
    let (_, after) = group.split_once("\n  Role:\n").unwrap();
    format!("{before}\n  Group: {{ kept: true }}\n  Role:\n{after}")
}

/// How large a file of the process may become: 0 is a disk that takes nothing more, at once and while
/// it runs.
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

#[test]
fn a_disk_that_refuses_is_no_success_and_nothing_is_lost_when_it_is_back() {
    let folder = Folder::new("refusing");
    folder.write("m.yaml", &keeping_groups());
    let (port, admin) = (free_port(), free_port());
    let config = configuration(port, admin, &vendor::sample());
    let mut config = config.replace("mapping: m.yaml", "mapping: m.yaml\n    profile: strict");
    config.push_str(&format!(
        "  okta:\n    mapping: m.yaml\n    profile: okta\n    \
         vars: {{ url: {}, key: {{ env: VENDOR_KEY }} }}\n    \
         clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
        vendor::sample(),
        Digest::of(b"other")
    ));
    let file = folder.write("scimshim.yaml", &config);
    // Else the first write beyond the limit ends the process and not the write.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_scimshim")]);
    command.args(["serve", "--config", &file]).current_dir(root()).env("VENDOR_KEY", "key");
    let mut served = Served::over(command, port, admin);

    let user = |name: &str, external: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}","externalId":"{external}","active":true}}"#
        )
    };
    let patch = |operations: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#
        )
    };
    let group =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Sales"}"#;
    let id = |body: &Value| body["id"].as_str().unwrap().to_owned();
    let mut tenants = Vec::new();
    for (token, refused) in [("token", 503), ("other", 429)] {
        let post = |path: &str, body: &str| {
            let (status, _, made) = answer(&served, token, &format!("POST /scim/v2{path}"), body);
            assert_eq!(status, 201, "{made}");
            id(&made)
        };
        let zoe = post("/Users", &user("zoe", "00u1"));
        let kai = post("/Users", &user("kai", "00u2"));
        let sales = post("/Groups", group);
        let both = r#"[{"op":"replace","value":{"nickName":"Z","externalId":"00u9"}}]"#;
        let member = format!(r#"[{{"op":"add","path":"members","value":[{{"value":"{zoe}"}}]}}]"#);
        // What is asked, and what its repeat is answered with.
        let asked = [
            ("POST /scim/v2/Users".to_owned(), user("mia", "00u3"), 201),
            (format!("PATCH /scim/v2/Users/{zoe}"), patch(both), 200),
            (format!("DELETE /scim/v2/Users/{kai}"), String::new(), 204),
            (format!("PATCH /scim/v2/Groups/{sales}"), patch(&member), 204),
        ];
        tenants.push((token, refused, asked, [zoe, kai, sales]));
    }

    largest_file(&served, "0");
    for (token, refused, asked, [zoe, ..]) in &tenants {
        for (line, body, _) in asked {
            let (status, after, said) = answer(&served, token, line, body);
            assert_eq!((status, after.as_deref()), (*refused, Some("10")), "{line}: {said}");
            let detail = said["detail"].as_str().unwrap();
            assert!(detail.contains("the store is not available"), "{line}: {detail}");
            assert!(!detail.contains("kept.db"), "a client learns no path: {detail}");
        }
        let (status, _, seen) = answer(&served, token, &format!("GET /scim/v2/Users/{zoe}"), "");
        assert_eq!((status, &seen["externalId"]), (200, &Value::from("00u1")), "reads go on");
        // No create is sent that could not be remembered.
        let mia = "GET /scim/v2/Users?filter=userName%20eq%20%22mia%22";
        assert_eq!(answer(&served, token, mia, "").2["totalResults"], 0);
    }
    // The log says which file and why, and readiness follows.
    for message in [
        "nothing of a commit was kept: the store is not available: disk I/O error",
        "the store is not available: disk I/O error",
    ] {
        let line = served.until(message);
        assert!(line["store"].as_str().unwrap().ends_with("/kept.db"), "{line}");
    }
    let (status, body) = served.send(served.admin, "", "GET /readyz", "");
    assert!(status == 503 && body.contains("the store cannot be read or written"), "{body}");
    let shown = served.metrics();
    let counted = |line: &str| {
        let value =
            shown.lines().find_map(|one| one.strip_prefix(line)?.trim().parse::<u64>().ok());
        value.unwrap_or_else(|| panic!("{line} is missing in\n{shown}"))
    };
    assert_eq!(counted(r#"scimshim_store_batches_total{result="unavailable"}"#), 8);
    assert!(counted(r#"scimshim_store_commits_total{result="failed"}"#) >= 8);

    largest_file(&served, "unlimited");
    served.until("the store can be read and written again");
    let (status, body) = served.send(served.admin, "", "GET /readyz", "");
    assert_eq!(status, 200, "{body}");
    for (token, _, asked, [zoe, kai, sales]) in &tenants {
        for (line, body, repeated) in asked {
            let (status, _, said) = answer(&served, token, line, body);
            assert_eq!(status, *repeated, "{line}: {said}");
        }
        let get = |path: &str| answer(&served, token, &format!("GET /scim/v2{path}"), "");
        let (_, _, seen) = get(&format!("/Users/{zoe}"));
        assert_eq!((&seen["nickName"], &seen["externalId"]), (&"Z".into(), &"00u9".into()));
        assert_eq!(get(&format!("/Users/{kai}")).0, 404);
        assert_eq!(get("/Users?filter=userName%20eq%20%22mia%22").2["totalResults"], 1);
        let (_, _, seen) = get(&format!("/Groups/{sales}"));
        assert_eq!(seen["members"][0]["value"], zoe.as_str());
    }
}
