//! The binary: output and exit codes of each command, and `serve` with its reload and its end.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use scimshim::{demo::vendor::Vendor, server::settings::Digest};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::Arc,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scimshim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end: exit code, stdout, stderr.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = scimshim(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = Folder::new("codes");
    let wrong = folder.write("wrong.yaml", "mapping: 1\nname: x\n");
    let sample = std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap();
    let copy = folder.write("copy.yaml", &sample);
    folder.write(
        "copy.test.yaml",
        "test: 1\ntests:\n  - name: fails\n    request: { GET /Users/7: null }\n    response: { status: 418 }\n",
    );
    let table: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec!["--help"], 0, "Exit codes"),
        (vec!["--version"], 0, "scimshim 0.1.0"),
        (vec!["nonsense"], 1, ""),
        (vec!["check", "mappings/acall.yaml"], 0, "no findings"),
        (vec!["check", "mappings/nowhere.yaml"], 1, ""),
        (vec!["check", &wrong], 2, "error[M103]: `evidence` is missing"),
        (vec!["check", &wrong, "--format", "json"], 2, "\"code\":\"M103\""),
        (vec!["check", "--config", "deploy/scimshim.yaml"], 0, "no findings"),
        (vec!["test", "mappings/acall.yaml", "mappings/sample.yaml"], 0, "41 passed, 0 failed"),
        (vec!["test"], 0, "41 passed, 0 failed"),
        (vec!["test", &copy], 3, "FAIL  fails"),
        (vec!["explain", "mappings/acall.yaml"], 0, "accounts.^[type=='slack'].value"),
        (vec!["explain", &wrong], 2, ""),
        (vec!["token", "hash", "sst_x"], 0, "sha256"),
        (vec!["health", "--url", "http://127.0.0.1:1/readyz"], 1, ""),
        (vec!["demo", "--listen", "0.0.0.0:0", "--once"], 1, ""),
        (vec!["serve", "--config", "nowhere.yaml"], 1, ""),
    ];
    for (arguments, code, says) in table {
        let (found, out, err) = run(&arguments);
        assert_eq!(found, code, "{arguments:?}\n{out}\n{err}");
        assert!(out.contains(says), "{arguments:?} does not say {says}:\n{out}\n{err}");
        if code == 1 || (code == 2 && arguments[0] == "explain") {
            assert!(!err.is_empty(), "{arguments:?} says why on stderr");
        }
    }
}

#[test]
fn an_unwise_mapping_is_refused_only_on_request() {
    let folder = Folder::new("unwise");
    let text = std::fs::read_to_string(root().join("mappings/acall.yaml")).unwrap();
    let paged = |line: &&str| !line.trim_start().starts_with("paging:");
    let unpaged: Vec<&str> = text.lines().filter(paged).collect();
    let unpaged = unpaged.join("\n");
    let file = folder.write("unpaged.yaml", &unpaged);
    let (code, out, _) = run(&["check", &file]);
    assert!(code == 0 && out.contains("warning[M507]"), "{out}");
    assert_eq!(run(&["check", &file, "--deny-warnings"]).0, 2);
}

#[test]
fn explain_shows_the_calls_of_a_request_and_no_secret() {
    let file = "mappings/acall.test.yaml";
    let (code, out, err) = run(&["explain", "mappings/acall.yaml", "--request", file]);
    assert_eq!(code, 0, "{err}");
    let call = "curl -X POST -H 'Authorization: Bearer ***'";
    assert!(out.contains(call) && out.contains("mappings/acall.yaml:"), "{out}");
    assert!(!out.contains("t0ken"), "{out}");
    // Without answers the first read is shown, and what follows is not guessed.
    let request = "test: 1\ntests:\n  - name: x\n    request: { GET /Users/7: null }\n";
    let mut child = scimshim(&["explain", "mappings/acall.yaml", "--request", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("/users/7'") && out.contains("depends on that answer"), "{out}");
}

#[test]
fn test_update_rewrites_the_response_and_nothing_else() {
    let folder = Folder::new("update");
    let sample = std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap();
    let mapping = folder.write("m.yaml", &sample);
    let before = "# kept\ntest: 1\ntenant: { url: http://127.0.0.1:7, key: k }\ntests:\n  - name: a\n    request: { GET /Users/7: null }\n    calls:\n      - call: GET /people/7\n        answer: { status: 404 }\n    response:\n      status: 200\n  - name: b # kept too\n    request: { GET /Nowhere: null }\n    response:\n      status: 404\n";
    let file = folder.write("m.test.yaml", before);
    assert_eq!(run(&["test", &mapping, "--update"]).0, 3);
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.starts_with("# kept\n") && after.contains("b # kept too"), "{after}");
    let (code, out, _) = run(&["test", &mapping]);
    assert!(code == 0 && out.contains("2 passed"), "{out}\n{after}");
}

#[test]
fn a_demo_plays_and_ends() {
    let (code, out, err) =
        run(&["demo", "--once", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    assert_eq!(code, 0, "{out}\n{err}");
    for part in ["deactivate\n", "/suspend -> 200", "every exchange was as expected"] {
        assert!(out.contains(part), "{part} is missing in\n{out}");
    }
}

/// `serve` with the mapping `m.yaml`, for tenants with a vendor each.
struct Served {
    child: Child,
    log: BufReader<ChildStderr>,
    port: u16,
    admin: u16,
}

impl Served {
    fn start(folder: &Folder, tenants: &[(&str, &str)]) -> Self {
        let (port, admin) = (free_port(), free_port());
        let mut config = format!(
            "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
             log: {{ format: json }}\nreload: {{ every: 20ms }}\ntenants:\n"
        );
        for (name, vendor) in tenants {
            config.push_str(&format!(
                "  {name}:\n    mapping: m.yaml\n    vars: {{ url: \"{vendor}\", key: {{ env: VENDOR_KEY }} }}\n    \
                 clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
                Digest::of(format!("token-of-{name}").as_bytes())
            ));
        }
        let file = folder.write("scimshim.yaml", &config);
        let mut child = scimshim(&["serve", "--config", &file])
            .env("VENDOR_KEY", "key")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut served = Self { child, log, port, admin };
        served.until("\"serving\"");
        served
    }

    /// Reads the log to a line that holds `part`.
    fn until(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "it ended without `{part}`");
            if line.contains(part) {
                return line;
            }
        }
    }

    fn send(&self, port: u16, token: &str, line: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        (status, text.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    fn scim(&self, token: &str, path: &str) -> (u16, String) {
        self.send(self.port, token, &format!("GET /scim/v2{path}"), "")
    }

    fn metrics(&self) -> String {
        self.send(self.admin, "", "GET /metrics", "").1
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The sample vendor on a thread of its own.
fn vendor() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            Arc::new(Vendor::seeded("key")).serve(listener).await;
        });
    });
    url
}

#[test]
fn a_changed_mapping_is_swapped_whole_and_a_broken_one_refused() {
    let folder = Folder::new("reload");
    let text = std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap();
    folder.write("m.yaml", &text);
    let mut served = Served::start(&folder, &[("acme", &vendor())]);
    let list = "/Users?count=1";
    let (status, body) = served.scim("token-of-acme", list);
    assert!(status == 200 && body.contains("\"displayName\":\"Ada Lund\""), "{body}");

    folder.write(
        "m.yaml",
        &text.replace("displayName:           { field: caption }", "nickname: { field: caption }"),
    );
    let line = served.until("reload refused");
    assert!(line.contains("m.yaml:") && line.contains("acme"), "{line}");
    assert!(served.scim("token-of-acme", list).1.contains("Ada Lund"), "the old one serves on");
    let metrics = served.metrics();
    assert!(
        metrics.contains(
            "scimshim_reloads_total{result=\"refused\",tenant=\"acme\",what=\"mapping\"} 1"
        ),
        "{metrics}"
    );
    assert!(metrics.contains("scimshim_reload_generation{tenant=\"acme\",what=\"mapping\"} 1"));

    folder.write(
        "m.yaml",
        &text
            .replace("displayName:           { field: caption }", "displayName: { field: alias }")
            .replace("nickName:              { field: alias }", "nickName: { field: caption }"),
    );
    served.until("\"reloaded\"");
    let (_, body) = served.scim("token-of-acme", list);
    assert!(body.contains("\"nickName\":\"Ada Lund\""), "{body}");
    let metrics = served.metrics();
    assert!(
        metrics.contains("scimshim_reload_generation{tenant=\"acme\",what=\"mapping\"} 2"),
        "{metrics}"
    );
}

/// AC-3: one URL for all tenants; the token decides whose people are shown.
#[test]
fn a_token_of_one_tenant_never_reaches_the_others_ids() {
    let folder = Folder::new("tenants");
    let text = std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap();
    folder.write("m.yaml", &text);
    let mut served = Served::start(&folder, &[("a", &vendor()), ("b", &vendor())]);
    let body =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"only@a.example"}"#;
    let (status, made) = served.send(served.port, "token-of-a", "POST /scim/v2/Users", body);
    assert_eq!(status, 201, "{made}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    for (token, status) in [("token-of-a", 200), ("token-of-b", 404), ("token-of-nobody", 401)] {
        assert_eq!(served.scim(token, &path).0, status, "{token}");
    }
    let line = served.until("User.create");
    assert!(!line.contains("only@a.example") && !line.contains("token-of"), "{line}");
}
