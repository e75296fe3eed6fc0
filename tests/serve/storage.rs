//! The store of a process: opened before it serves, asked how it is, closed after the drain.

use crate::harness::{Folder, Served, free_port, sample};
use std::{fs, os::unix::fs::PermissionsExt};

fn start(folder: &Folder) -> Served {
    folder.write("m.yaml", &sample());
    let (port, admin) = (free_port(), free_port());
    let config = format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
         log: {{ format: json }}\nstore: {{ sqlite: {{ path: kept.db }} }}\ntenants:\n  acme:\n    \
         mapping: m.yaml\n    vars: {{ url: http://127.0.0.1:1, key: {{ env: VENDOR_KEY }} }}\n    \
         clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    Served::run(folder, &config, port, admin)
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
