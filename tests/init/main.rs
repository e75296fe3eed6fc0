//! `scimshim init`: the start without a document, and drafts out of documents of different styles.
//! `documents/x.json` gives `drafts/x.yaml`, `x.test.yaml` and, in `x.txt`, what is told.
//! `UPDATE=1 cargo test --test init` rewrites them; read the change before you keep it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod command;
mod drafts;
mod refused;
mod rules;

use std::{path::PathBuf, process::Command};

/// Where the documents and their drafts stand.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/init")
}

/// Runs the binary to its end: exit code, stdout, stderr.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    let output = command.args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
