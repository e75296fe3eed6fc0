//! How a process takes up a log, and how it goes on in a new file.

use crate::{
    harness::{Folder, NEVER, Served, free_port},
    vendor,
    world::{auditing, folder, lines, make, refused, start, stop, text, two_strands, verify},
};
use serde_json::json;
use std::{
    fs::{self, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
};

const NOBODY: &str = "http://127.0.0.1:1";

/// Adds something at the end of the log.
fn add(folder: &Folder, text: &[u8]) {
    let mut file = OpenOptions::new().append(true).open(folder.0.join("audit.log")).unwrap();
    file.write_all(text).unwrap();
}

#[test]
fn it_is_its_owners_alone_and_so_is_a_file_that_a_group_could_write() {
    let folder = folder("audit-mode");
    let path = folder.0.join("audit.log");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    stop(start(&folder, NOBODY));
    assert_eq!(mode(), 0o600);
    // As a volume's `fsGroup` does.
    fs::set_permissions(&path, Permissions::from_mode(0o660)).unwrap();
    stop(start(&folder, NOBODY));
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, Permissions::from_mode(0o602)).unwrap();
    let (code, told) = refused(&folder);
    assert_eq!(code, Some(1), "{told}");
    for part in ["C041", "has the mode 602, expected 600", "chmod 600"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn one_process_writes_to_a_file() {
    let folder = folder("audit-two");
    let served = start(&folder, NOBODY);
    let before = text(&folder);
    let (code, told) = refused(&folder);
    assert_eq!(code, Some(1), "{told}");
    for part in ["C041", "another process writes to the audit log", "give each its own file"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(text(&folder), before, "the second one has written nothing");
    stop(served);
    stop(start(&folder, NOBODY));
}

#[test]
fn a_start_that_is_refused_leaves_no_line() {
    let folder = folder("audit-refused");
    let served = start(&folder, NOBODY);
    let port = served.port;
    stop(served);
    let before = text(&folder);
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let (code, told) = refused(&folder);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("C019"), "{told}");
    drop(taken);
    assert_eq!(text(&folder), before);
}

#[test]
fn a_killed_process_leaves_a_log_that_verifies_and_goes_on() {
    let folder = folder("audit-killed");
    let vendor = vendor::sample();
    let mut served = start(&folder, &vendor);
    make(&served, "ada");
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    drop(served);
    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("2 lines in 1 strand"), "{said}");
    assert!(said.contains("1 strand without an end"), "{said}");

    // What a crash leaves of a line: the beginning of one, or zeros.
    let whole = text(&folder);
    for (torn, left) in [(whole.as_bytes()[..100].to_vec(), 100), (vec![0; 300], 300)] {
        let before = lines(&folder).len();
        add(&folder, &torn);
        let (code, said) = verify(&folder, &["audit.log"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains(&format!("{left} bytes behind the last line")), "{said}");
        stop(start(&folder, &vendor));
        let begun = lines(&folder)[before].clone();
        assert_eq!((&begun["event"], &begun["torn"]), (&json!("begin"), &json!(left)), "{begun}");
        let (code, said) = verify(&folder, &["audit.log"]);
        assert_eq!(code, 0, "{said}");
    }
    assert!(text(&folder).starts_with(&whole));
}

#[test]
fn what_is_no_audit_log_or_has_another_key_is_refused_and_left_as_it_is() {
    let folder = folder("audit-foreign");
    two_strands(&folder);
    let sound = text(&folder);
    let line = sound.lines().next_back().unwrap();
    let changed = sound.replacen("\"event\":\"end\"", "\"event\":\"END\"", 2);
    let key = "another key, which is long enough, too";
    for (log, key, code, part) in [
        (sound.clone(), Some(key), "C042", "was not written with this key"),
        (changed, None, "C042", "was not written with this key"),
        (format!("{sound}something else"), None, "C041", "does not end as an audit log does"),
        ("somebody's notes\n".to_owned(), None, "C041", "does not end as an audit log does"),
        ("somebody's notes".to_owned(), None, "C041", "does not end as an audit log does"),
        (format!("{sound}{line}x\n"), None, "C041", "does not end as an audit log does"),
        (sound.clone(), Some("short"), "C042", "5 bytes, expected at least 32"),
    ] {
        folder.write("audit-key", key.unwrap_or(crate::world::KEY));
        fs::write(folder.0.join("audit.log"), &log).unwrap();
        fs::set_permissions(folder.0.join("audit.log"), Permissions::from_mode(0o600)).unwrap();
        let (exit, told) = refused(&folder);
        assert_eq!(exit, Some(1), "{told}");
        assert!(told.contains(code) && told.contains(part), "{code} {part}: {told}");
        assert!(key.is_none_or(|key| !told.contains(key)), "{told}");
        assert_eq!(text(&folder), log);
    }
}

#[test]
fn a_folder_is_no_file() {
    let folder = folder("audit-folder");
    fs::create_dir(folder.0.join("audit.log")).unwrap();
    let (port, admin) = (free_port(), free_port());
    let config = format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
         tenants:\n  acme:\n    mapping: m.yaml\n    vars: {{ url: \"{NOBODY}\", key: {{ env: VENDOR_KEY }} }}\n    \
         clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
        "0".repeat(64)
    );
    folder.write("scimshim.yaml", &auditing(config));
    let (code, told) = refused(&folder);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("C041") && told.contains("is no file"), "{told}");
    assert!(!folder.0.join("audit.log.lock").exists());
}

#[test]
fn a_file_that_was_moved_away_is_followed_by_another() {
    let folder = folder("audit-rotated");
    let vendor = vendor::sample();
    let mut served = Served::started(&folder, &[("acme", &vendor)], NEVER, auditing);
    let at = |name: &str| folder.0.join(name);
    make(&served, "ada");
    // Nothing was moved: nothing happens.
    served.signal("HUP");
    served.until("looked at the files");
    make(&served, "zoe");
    fs::rename(at("audit.log"), at("audit.log.1")).unwrap();
    // Until it is told, it writes where it wrote.
    make(&served, "kai");
    assert!(!at("audit.log").exists());
    let old = fs::read_to_string(at("audit.log.1")).unwrap();
    served.signal("HUP");
    let followed = served.until("the audit log goes on in a new file");
    make(&served, "mia");
    let mode = fs::metadata(at("audit.log")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    stop(served);

    assert_eq!(fs::read_to_string(at("audit.log.1")).unwrap(), old);
    let first = lines(&folder)[0].clone();
    let last: serde_json::Value = serde_json::from_str(old.lines().next_back().unwrap()).unwrap();
    assert_eq!(first["event"], "continue");
    assert_eq!((&first["prev"], &first["strand"]), (&last["hash"], &last["strand"]));
    assert_eq!(followed["head"], last["hash"]);
    let (code, said) = verify(&folder, &["audit.log.1", "audit.log"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("7 lines in 1 strand, head "), "{said}");
    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("the beginning is missing"), "{said}");
    let head = last["hash"].as_str().unwrap();
    let (code, said) = verify(&folder, &["audit.log", "--after", head]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn another_file_in_its_place_is_not_written_to() {
    let folder = folder("audit-replaced");
    let mut served = start(&folder, &vendor::sample());
    let at = |name: &str| folder.0.join(name);
    fs::rename(at("audit.log"), at("audit.log.1")).unwrap();
    fs::write(at("audit.log"), "somebody's notes\n").unwrap();
    served.signal("HUP");
    let told = served.until("the audit log was moved away and goes on there");
    assert!(told["why"].as_str().unwrap().contains("no empty file"), "{told}");
    make(&served, "ada");
    stop(served);
    assert_eq!(text(&folder), "somebody's notes\n");
    let (code, said) = verify(&folder, &["audit.log.1"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("3 lines"), "{said}");
}
