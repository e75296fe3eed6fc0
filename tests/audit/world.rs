//! A process with an audit log, and another that verifies it.

use crate::{
    harness::{Folder, NEVER, Served, sample, serve},
    vendor,
};
use serde_json::{Value, json};
use std::{fs, process::Command};

/// What seals the lines here.
pub const KEY: &str = "a key of these tests, long enough to be one";

pub const TOKEN: &str = "token-of-acme";

/// A folder with the mapping and the key.
pub fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("m.yaml", &sample());
    folder.write("audit-key", KEY);
    folder
}

/// The configuration with an audit log.
pub fn auditing(config: String) -> String {
    format!("audit: {{ path: audit.log, key: {{ file: audit-key }} }}\n{config}")
}

pub fn start(folder: &Folder, vendor: &str) -> Served {
    Served::started(folder, &[("acme", vendor)], NEVER, auditing)
}

/// What `serve` says that does not start, and its exit code.
pub fn refused(folder: &Folder) -> (Option<i32>, String) {
    let config = folder.0.join("scimshim.yaml").display().to_string();
    let output = serve(&config).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Stops it as an operator does.
pub fn stop(mut served: Served) -> Value {
    served.signal("TERM");
    let closed = served.until("audit log closed");
    served.until("stopped");
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    closed
}

pub fn user(name: &str) -> String {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "active": true,
    })
    .to_string()
}

/// Makes a user and gives the id.
pub fn make(served: &Served, name: &str) -> String {
    let (status, body) = served.send(served.port, TOKEN, "POST /scim/v2/Users", &user(name));
    assert_eq!(status, 201, "{body}");
    let made: Value = serde_json::from_str(&body).unwrap();
    made["id"].as_str().unwrap().to_owned()
}

pub fn patch(operations: Value) -> String {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({ "schemas": [schema], "Operations": operations }).to_string()
}

pub fn text(folder: &Folder) -> String {
    fs::read_to_string(folder.0.join("audit.log")).unwrap()
}

/// The lines of the log, as JSON.
pub fn lines(folder: &Folder) -> Vec<Value> {
    text(folder).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Verifies files of the folder, with the key beside them.
pub fn verify(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    verify.args(["audit", "verify", "--key-file", "audit-key"]).args(arguments);
    said(verify.current_dir(&folder.0))
}

/// Exit code, and what it said on both ways.
pub fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// Two strands, the first with a create and a PATCH, the second with a delete.
pub fn two_strands(folder: &Folder) {
    let vendor = vendor::sample();
    let served = start(folder, &vendor);
    let id = make(&served, "eve@acme.example");
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let line = format!("PATCH /scim/v2/Users/{id}");
    assert_eq!(served.send(served.port, TOKEN, &line, &off).0, 200);
    stop(served);
    let served = start(folder, &vendor);
    let line = format!("DELETE /scim/v2/Users/{id}");
    assert_eq!(served.send(served.port, TOKEN, &line, "").0, 204);
    stop(served);
}
