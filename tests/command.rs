//! The binary: output and exit codes of each command; `serve` has tests of its own.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
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
        (vec!["help", "--help"], 0, "Exit codes"),
        (vec!["help", "check", "--help"], 0, "those in `mappings/`"),
        (vec!["--version"], 0, "scimshim 0.1.0"),
        (vec!["nonsense"], 1, ""),
        (vec!["check", "mappings/acall.yaml"], 0, "no findings"),
        (vec!["check", "mappings/nowhere.yaml"], 1, ""),
        (vec!["check", &wrong], 2, "error[M103]: `evidence` is missing"),
        (vec!["check", &wrong, "--format", "json"], 2, "\"code\":\"M103\""),
        // Its certificate is where it runs, not here.
        (vec!["check", "--config", "deploy/scimshim.yaml"], 0, "0 errors, 2 warnings"),
        (vec!["test", "mappings/acall.yaml", "mappings/sample.yaml"], 0, " passed, 0 failed"),
        (vec!["test", "--deny-uncovered"], 0, " passed, 0 failed"),
        (vec!["test", &copy], 3, "FAIL  fails"),
        (vec!["explain", "mappings/acall.yaml"], 0, "accounts.^[type=='slack'].value"),
        (vec!["explain", &wrong], 2, ""),
        (vec!["token", "hash", "sst_x"], 0, "sha256"),
        (vec!["health", "--url", "http://127.0.0.1:1/readyz"], 1, ""),
        (vec!["health", "--help"], 0, "Exit codes"),
        (vec!["guard", "--help"], 0, "Exit codes"),
        (vec!["guard", "release"], 1, ""),
        (vec!["guard", "status", "--config", "nowhere.yaml"], 1, ""),
        (vec!["journal", "--help"], 0, "Exit codes"),
        (vec!["journal", "drop", "--help"], 0, "--reason <TEXT>"),
        (vec!["journal", "drop", "5d5e"], 1, ""),
        (vec!["journal", "list", "--config", "nowhere.yaml"], 1, ""),
        (vec!["check", "--help"], 0, "those in `mappings/`"),
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
fn what_could_not_run_says_what_would() {
    let folder = Folder::new("remedies");
    let sample = std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap();
    let lonely = folder.write("lonely.yaml", &sample);
    let table: [(&[&str], i32, &str); 5] = [
        (&["test", &lonely], 1, "lonely.test.yaml is not there: write it beside the mapping"),
        (&["check", "deploy/scimshim.yaml"], 1, "use `--config deploy/scimshim.yaml`"),
        (&["serve", "--config", &lonely], 2, "this is a mapping"),
        (&["health", "--url", "http://127.0.0.1:1/readyz"], 1, "`--url` says where else"),
        (&["health"], 1, "http://127.0.0.1:1/readyz"),
    ];
    for (arguments, code, says) in table {
        let output = scimshim(arguments).env("SCIMSHIM_ADMIN__LISTEN", "0.0.0.0:1").output();
        let output = output.unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(err.contains(says), "{arguments:?} does not say {says}: {err}");
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
fn a_certificate_is_checked_with_its_configuration() {
    let folder = Folder::new("certificate");
    let sample = std::fs::read_to_string(root().join("mappings/acall.yaml")).unwrap();
    folder.write("m.yaml", &sample);
    let config = folder.write(
        "scimshim.yaml",
        "server: { tls: { cert: tls.crt, key: tls.key } }\nstore: { sqlite: { path: kept.db } }\ntenants:\n  acme:\n    mapping: m.yaml\n    \
         vars: { token: { env: NOT_READ } }\n    clients: { okta: { bearer: [{ sha256: \
         \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" }] } }\n",
    );
    let check = || run(&["check", "--config", &config]);
    let (code, out, _) = check();
    assert!(code == 0 && out.contains("warning[C017]") && out.contains("cannot be read"), "{out}");
    for (year, code, says) in
        [(2002, 0, "warning[C018]: the certificate has expired at 2002"), (4096, 0, "no findings")]
    {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        folder.write("tls.crt", &parameters.self_signed(&key).unwrap().pem());
        folder.write("tls.key", &key.serialize_pem());
        let (found, out, _) = check();
        assert!(found == code && out.contains(says), "{out}");
    }
    folder.write("tls.key", "nothing");
    let (code, out, _) = check();
    assert!(code == 2 && out.contains("error[C017]") && out.contains("no private key"), "{out}");
    let place = format!("{config}:1:33");
    assert!(out.contains(&place), "{place}: {out}");
}

#[test]
fn a_configuration_is_checked_with_the_notes_of_what_is_not_here() {
    let folder = Folder::new("notes");
    let mapping = root().join("mappings/acall.yaml");
    let text = format!(
        "store: {{ sqlite: {{ path: nowhere/x.db }} }}\ntenants:\n  acme:\n    mapping: {}\n    vars: {{ token: {{ env: SCIMSHIM_TEST_UNSET }} }}\n    clients: {{ okta: {{ bearer: [ {{ sha256: \"{}\" }} ] }} }}\n",
        mapping.display(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    let config = folder.write("scimshim.yaml", &text);
    let (code, out, err) = run(&["check", "--config", &config, "--deny-warnings"]);
    assert_eq!(code, 0, "{out}{err}");
    let unset = format!(
        "{config}:5:13: note[C024]: variable `token`: environment variable `SCIMSHIM_TEST_UNSET` is not set"
    );
    let folder_missing = format!("{config}:1:20: note[C027]: the store's folder");
    for part in ["no findings\n", "note[M505]", "note[M510]", &unset, &folder_missing] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let (code, out, _) = run(&["check", "--config", &config, "--format", "json"]);
    for part in ["\"C024\"", "\"C027\"", "\"M510\""] {
        assert!(code == 0 && out.contains(part), "{part} is not in\n{out}");
    }
    // A path that is a folder.
    let config = folder.write("scimshim.yaml", &text.replace("nowhere/x.db", "."));
    let (_, out, _) = run(&["check", "--config", &config]);
    assert!(out.contains("note[C027]") && out.contains("is no file"), "{out}");
    // Once it is set it is no note.
    let output = scimshim(&["check", "--config", &config]).env("SCIMSHIM_TEST_UNSET", "x").output();
    let out = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(!out.contains("C024"), "{out}");
}

/// A vendor that answers every call so, and writes no more than that.
fn vendor(answer: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2048];
            let _ = std::io::Read::read(&mut stream, &mut head);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address.to_string()
}

#[test]
fn check_live_tells_in_words_what_came_of_the_probe() {
    let folder = Folder::new("live");
    let mapping = "mapping: 1
name: acme
evidence: seen
tenant: { url: { type: text }, token: { type: text, secret: true } }
upstream:
  base_url: \"{tenant.url}\"
  auth: { bearer: { token: \"{tenant.token}\" } }
  retries: { times: 0 }
  probe: GET /company
resources:
  Role:
    endpoint: /Roles
    schema: urn:okta:scim:schemas:core:1.0:Role
    key: id
    attributes: { displayName: { field: name } }
    operations: { list: { call: GET /roles, items: roles, paging: none } }
";
    let ask = |mapping: &str, url: &str, token: Option<&str>, more: &[&str]| {
        folder.write("m.yaml", mapping);
        let config = format!(
            "tenants:\n  acme:\n    mapping: m.yaml\n    vars: {{ url: \"{url}\", token: {{ env: LIVE_TOKEN }} }}\n    clients: {{ okta: {{ bearer: [{{ sha256: {} }}] }} }}\n",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        );
        let config = folder.write("scimshim.yaml", &config);
        let mut command = scimshim(&["check", "--live", "--config", &config]);
        command.args(more).env_remove("LIVE_TOKEN");
        let command = match token {
            Some(token) => command.env("LIVE_TOKEN", token),
            None => &mut command,
        };
        let Output { status, stdout, .. } = command.output().unwrap();
        let out = String::from_utf8(stdout).unwrap();
        assert!(!out.contains("s3cret"), "{out}");
        (status.code().unwrap(), out)
    };
    let http = |answer| format!("http://{}", vendor(answer));
    let refused = "HTTP/1.1 401 X\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let well = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let plain = format!("https://{}", vendor(well));
    for (url, code, severity, part) in [
        (http(well).as_str(), 0, "note", "`GET /company` was answered 200"),
        (http(refused).as_str(), 2, "error", "the gateway's credential was refused"),
        (
            http("HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_str(),
            2,
            "error",
            "the vendor has nothing at this address",
        ),
        (http("SSH-2.0-OpenSSH_9.9\r\n").as_str(), 2, "error", "is no HTTP"),
        ("http://127.0.0.1:1", 2, "error", "cannot be reached: connection refused"),
        ("https://nowhere.invalid", 2, "error", "the name `nowhere.invalid` is not known"),
        (plain.as_str(), 2, "error", "cannot be reached: received corrupt message"),
    ] {
        let (found, out) = ask(mapping, url, Some("s3cret"), &[]);
        let shown = format!("{severity}[C034]");
        assert!(
            found == code && out.contains(&shown) && out.contains(part),
            "{url}: {found} {out}"
        );
    }
    let (code, out) = ask(mapping, &http(refused), Some("s3cret"), &["--format", "json"]);
    assert!(code == 2 && out.contains("\"C034\""), "{code} {out}");
    // Nothing to ask by, or with.
    let unprobed = mapping.replace("  probe: GET /company\n", "");
    let (code, out) = ask(&unprobed, &http(well), Some("s3cret"), &[]);
    assert!(code == 0 && out.contains("nothing was asked"), "{code} {out}");
    let (code, out) = ask(mapping, &http(well), None, &[]);
    assert!(
        code == 2 && out.contains("error[C024]") && !out.contains("note[C024]"),
        "{code} {out}"
    );
    let (code, out) = ask("mapping: 1\n", &http(well), Some("s3cret"), &[]);
    assert!(code == 2 && !out.contains("C034"), "what is wrong in the files comes first: {out}");
    let (code, _, err) = run(&["check", "--live"]);
    assert!(code == 1 && err.contains("--config"), "{code} {err}");
}

#[test]
fn explain_shows_the_calls_of_a_request_and_no_secret() {
    let file = "mappings/acall.test.yaml";
    let (code, out, err) = run(&["explain", "mappings/acall.yaml", "--request", file]);
    assert_eq!(code, 0, "{err}");
    for part in [
        "curl --compressed -X POST 'https://api.acall.example/v1/users' \\\n",
        "  -H \"authorization: Bearer ${ACALL_TOKEN}\" \\\n",
        "`userName`                                                                         mappings/acall.yaml:58:7\n",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
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
    assert!(out.contains("/users/7'") && out.contains("depends on the answer of call 1"), "{out}");
}

#[test]
fn test_update_rewrites_the_response_and_nothing_else() {
    let folder = Folder::new("update");
    let sample = std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap();
    let mapping = folder.write("m.yaml", &sample);
    let before = "# kept\ntest: 1\ntenant: { url: http://127.0.0.1:7, key: k }\ntests:\n  - name: a\n    request: { GET /Users/7: null }\n    calls:\n      - call: GET /people/7\n        answer: { status: 404 }\n    response:\n      status: 200\n  - name: b # kept too\n    request: { GET /Nowhere: null }\n    response:\n      status: 404\n";
    let file = folder.write("m.test.yaml", before);
    let (code, out, _) = run(&["test", &mapping, "--update"]);
    assert!(code == 0 && out.ends_with("1 passed, 1 rewritten, 0 failed\n"), "{out}");
    let after = std::fs::read_to_string(&file).unwrap();
    assert_eq!(after, before.replace("status: 200", "status: 404"));
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
