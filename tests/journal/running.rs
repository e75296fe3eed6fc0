//! A process as it is run, with its journal, its admin listener and the command that asks it.

use crate::{
    harness::{self, Folder, Served, free_port, serve},
    world::MAPPING,
};
use scimshim::server::settings::Digest;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Output},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
};

const TOKEN: &str = "token-of-acme";
const OPERATOR: &str = "t0ken-of-the-operator";
const KEY: &str = "s3cret-key-of-the-vendor";
const VALUE: &str = "Nick-that-nobody-else-reads";

/// What a vendor says who never answers.
const SILENCE: u16 = 0;

/// People at a vendor, who says for each whether it takes writes; it repeats its key to whom it refuses.
struct Vendor {
    url: String,
    /// The status of writes, by person; 200 where nothing is said.
    says: Arc<Mutex<BTreeMap<&'static str, u16>>>,
    /// Writes with their status.
    writes: Receiver<(String, u16)>,
}

impl Vendor {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new(BTreeMap::new()));
        let (told, writes) = channel();
        let answers = says.clone();
        std::thread::spawn(move || {
            let mut people = BTreeMap::new();
            for stream in listener.incoming() {
                answer(stream.unwrap(), &mut people, &answers, &told);
            }
        });
        Self { url, says, writes }
    }

    fn says(&self, person: &'static str, status: u16) {
        self.says.lock().unwrap().insert(person, status);
    }

    /// Waits for a write.
    fn hears(&self, write: &str, status: u16) {
        while self.writes.recv().unwrap() != (write.to_owned(), status) {}
    }
}

fn answer(
    stream: TcpStream,
    people: &mut BTreeMap<String, Value>,
    says: &Mutex<BTreeMap<&'static str, u16>>,
    told: &Sender<(String, u16)>,
) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let call = first.split(" HTTP").next().unwrap();
    let mut parts = call.split('/').skip(2);
    let (id, deed) = (parts.next().unwrap_or_default(), parts.next());
    let person = people
        .entry(id.to_owned())
        .or_insert_with(|| json!({ "id": id, "login": id, "active": true }));
    let mut status = 200;
    if !call.starts_with("GET") {
        status = says.lock().unwrap().get(id).copied().unwrap_or(200);
        let _ = told.send((call.to_owned(), status));
    }
    if status == SILENCE {
        // The connection stays open.
        return std::mem::forget(reader);
    }
    let shown = match status {
        200 => {
            let members = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
            let person = person.as_object_mut().unwrap();
            person.extend(members.as_object().unwrap().clone());
            if matches!(deed, Some("retire" | "leave")) {
                person.insert("active".to_owned(), json!(false));
            }
            json!(person)
        }
        _ => json!({ "message": format!("{KEY} may not do that") }),
    };
    let shown = shown.to_string();
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{shown}",
        shown.len()
    );
    let _ = reader.get_mut().write_all(answer.as_bytes());
}

/// The vendor behind a gateway with a journal; another tenant has nothing in its own.
fn served(folder: &Folder, vendor: &Vendor) -> Served {
    served_by(folder, vendor, MAPPING)
}

/// The same by another mapping.
fn served_by(folder: &Folder, vendor: &Vendor, mapping: &str) -> Served {
    served_within(folder, vendor, mapping, "")
}

/// The same with limits of its own.
fn served_within(folder: &Folder, vendor: &Vendor, mapping: &str, limits: &str) -> Served {
    let mapping = mapping.replace("https://v.example", "{tenant.url}");
    let mapping = mapping.replace("tenant: { token", "tenant: { url: { type: text }, token");
    folder.write("m.yaml", &mapping);
    folder.write("admin-token", OPERATOR);
    folder.write("audit-key", &"0123456789abcdef".repeat(4));
    let (port, admin) = (free_port(), free_port());
    let tenant = |name: &str| {
        let sha256 = Digest::of(format!("token-of-{name}").as_bytes());
        format!(
            "  {name}:\n    mapping: m.yaml\n    profile: strict\n    \
             vars: {{ url: \"{}\", token: {{ env: VENDOR_KEY }} }}\n    \
             clients: {{ okta: {{ bearer: [{{ sha256: \"{sha256}\" }}] }} }}\n",
            vendor.url
        )
    };
    let file = folder.write(
        "scimshim.yaml",
        &format!(
            "server: {{ listen: \"127.0.0.1:{port}\", limits: {{ {limits} }} }}\n\
             admin: {{ listen: \"127.0.0.1:{admin}\", token: {{ file: admin-token }} }}\n\
             log: {{ format: json }}\naudit: {{ path: audit.log, key: {{ file: audit-key }} }}\nstore: {{ sqlite: {{ path: kept.db }} }}\ntenants:\n{}{}",
            tenant("acme"),
            tenant("bolt")
        ),
    );
    let mut command = serve(&file);
    command.env("VENDOR_KEY", KEY);
    Served::over(command, port, admin)
}

/// A deactivation that the vendor cannot take now.
fn deactivate(served: &Served, id: &str) {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false, "nickName": VALUE } }],
    });
    let line = format!("PATCH /scim/v2/Users/{id}");
    let (status, body) = served.send(served.port, TOKEN, &line, &body.to_string());
    assert!(status == 503 && body.contains("the change is journalled as"), "{status} {body}");
}

fn journal(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    let Output { status, stdout, stderr } =
        command.arg("journal").args(arguments).current_dir(&folder.0).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(stdout), text(stderr));
    for secret in [KEY, OPERATOR, VALUE] {
        assert!(!out.contains(secret) && !err.contains(secret), "{arguments:?}: {out}{err}");
    }
    (status.code().unwrap(), out, err)
}

/// What `list` prints of a person; nothing when he is not in it.
fn listed(folder: &Folder, id: &str) -> Option<Value> {
    let (code, told, err) = journal(folder, &["list", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let all: Vec<Value> = serde_json::from_str(&told).unwrap();
    all.into_iter().find(|entry| entry["id"] == id)
}

#[test]
fn an_operator_looks_and_acts_from_the_command_line() {
    let folder = Folder::new("journal-command");
    let vendor = Vendor::start();
    let mut served = served(&folder, &vendor);
    let (code, told, _) = journal(&folder, &["list"]);
    assert_eq!((code, &*told), (0, "nothing: what was received is carried out\n"));
    for id in ["ada", "bob"] {
        vendor.says(id, 503);
        deactivate(&served, id);
    }
    vendor.says("bob", 422);
    let dead = served.until("dead letter");
    assert_eq!((&dead["tenant"], &dead["kind"]), (&json!("acme"), &json!("User")));

    let (ada, bob) = (listed(&folder, "ada").unwrap(), listed(&folder, "bob").unwrap());
    for (entry, state) in [(&ada, "pending"), (&bob, "dead")] {
        assert_eq!((&entry["state"], &entry["tenant"]), (&json!(state), &json!("acme")));
        assert_eq!(
            (&entry["verb"], &entry["paths"]),
            (&json!("patch"), &json!(["active", "nickName"]))
        );
        assert!(entry["error"].as_str().unwrap().contains("the vendor"), "{entry}");
    }
    let (ada, bob) = (ada["number"].as_str().unwrap(), bob["number"].as_str().unwrap());
    assert_eq!(dead["number"], bob);
    let (_, told, _) = journal(&folder, &["list"]);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines.len() == 3 && lines[0].starts_with("NUMBER  "), "{told}");
    assert!(told.contains("User/ada  patch nickName, active=false  "), "{told}");
    for (arguments, shown) in [
        (vec!["list", "--state", "dead"], [false, true]),
        (vec!["list", "--state", "pending", "--tenant", "acme"], [true, false]),
        (vec!["list", "--state", "settling"], [false, false]),
        (vec!["list", "--tenant", "bolt"], [false, false]),
    ] {
        let (_, told, _) = journal(&folder, &arguments);
        let found = ["User/ada", "User/bob"].map(|one| told.contains(one));
        assert_eq!(found, shown, "{arguments:?}: {told}");
    }
    let (code, told, _) = journal(&folder, &["show", bob]);
    assert!(
        code == 0 && told.starts_with("User bob of acme: patch nickName, active=false\n"),
        "{told}"
    );
    assert!(told.contains("state:      dead") && told.contains("last error: "), "{told}");

    // What it would do is said first.
    vendor.says("bob", 200);
    let (code, out, told) = journal(&folder, &["retry", bob]);
    assert!(code == 1 && out.is_empty() && told.contains("nothing is done yet"), "{told}");
    assert!(told.contains("User bob of acme: patch nickName, active=false, received 20"), "{told}");
    let (code, told, err) = journal(&folder, &["retry", bob, "--yes"]);
    assert!(code == 0 && told.contains("is older than what is delivered now"), "{told}{err}");
    vendor.hears("POST /users/bob/retire", 200);
    while listed(&folder, "bob").is_some() {}
    assert_eq!(served.until("a dead letter is tried once more")["id"], "bob");

    let (code, told, err) = journal(&folder, &["retry", ada]);
    assert!(
        code == 0 && told.contains("User ada of acme") && told.contains("is tried now"),
        "{err}"
    );
    let (code, told, err) = journal(&folder, &["drop", ada, "--reason", "she stays & is \"back\""]);
    assert!(code == 0 && told.contains("User ada of acme") && told.contains("dropped"), "{err}");
    let dropped = served.until("dropped from the journal");
    assert_eq!((&dropped["number"], &dropped["id"]), (&json!(ada), &json!("ada")));
    assert_eq!(
        (&dropped["reason"], &dropped["level"]),
        (&json!("she stays & is \"back\""), &json!("WARN"))
    );
    vendor.says("ada", 200);
    while listed(&folder, "ada").is_some() {}
    let heard: Vec<_> = vendor.writes.try_iter().collect();
    assert!(
        !heard.iter().any(|(call, status)| call.contains("ada") && *status == 200),
        "{heard:?}"
    );

    // What is wrong is told with its remedy.
    let url = format!("http://127.0.0.1:{}", free_port());
    for (arguments, part) in [
        (vec!["list", "--tenant", "acm"], "404: there is no tenant `acm`: did you mean `acme`?"),
        (vec!["list", "--tenant", "who ever"], "`who ever`: known are `acme`, `bolt`"),
        (vec!["list", "--state", "ded"], "invalid value 'ded'"),
        (vec!["list", "--url", &url], "`--url` says where else"),
        (vec!["show", "5d5e"], "404: no journal has an entry `5d5e`"),
        (vec!["retry", bob, "--yes"], "`scimshim journal list` shows what there is"),
        (vec!["drop", ada], "--reason <TEXT>"),
        (vec!["drop", ada, "--reason", " "], "400: say why"),
        (vec!["drop", ada, "--reason", "gone"], "404: no journal has"),
    ] {
        let (code, _, told) = journal(&folder, &arguments);
        assert!(code == 1 && told.contains(part), "{arguments:?}: {code} {told}");
    }
}

/// What was acknowledged stands on the disk before the client hears of it.
#[test]
fn what_was_acknowledged_outlives_its_process_and_is_told_everywhere() {
    let mapping = MAPPING.replace("delete: {", "delete: { acknowledge: early,");
    let folder = Folder::new("journal-early");
    let vendor = Vendor::start();
    let mut served = served_by(&folder, &vendor, &mapping);
    vendor.says("ada", 503);
    let mut stream = served.connect(served.port);
    let sent = harness::request(TOKEN, "DELETE /scim/v2/Users/ada", "");
    stream.write_all(sent.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    served.signal("KILL");
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    let number = answer.lines().find_map(|line| line.strip_prefix("set-txn: ")).unwrap().trim();
    let told = served.until("acknowledged before the vendor has it");
    assert_eq!((&told["number"], &told["level"]), (&json!(number), &json!("WARN")));
    drop(served);
    let line = std::fs::read_to_string(folder.0.join("audit.log")).unwrap();
    let line: Value = serde_json::from_str(line.lines().last().unwrap()).unwrap();
    assert_eq!((&line["txn"], &line["early"]), (&json!(number), &json!(true)), "{line}");

    let mut served = served_by(&folder, &vendor, &mapping);
    let read = |served: &Served, path: &str| {
        served.send(served.port, TOKEN, &format!("GET /scim/v2/Users{path}"), "")
    };
    assert_eq!(read(&served, "/ada").0, 404);
    assert_eq!(read(&served, "/bob").0, 200);
    let entry = listed(&folder, "ada").unwrap();
    assert_eq!((&entry["number"], &entry["acknowledged"]), (&json!(number), &json!(true)));
    let (_, told, _) = journal(&folder, &["list"]);
    assert!(told.contains("  pending, acknowledged  "), "{told}");
    let (_, told, _) = journal(&folder, &["show", number]);
    assert!(told.contains("told:       its client, that it is done"), "{told}");
    // What is refused then is as it was.
    vendor.says("ada", 422);
    journal(&folder, &["retry", number]);
    served.until("dead letter");
    while listed(&folder, "ada").unwrap()["state"] != "dead" {}
    assert_eq!(read(&served, "/ada").0, 200);
}

/// What waits is carried out by the mapping of then; and a process that is told to stop leaves it to the next one.
#[test]
fn a_reload_and_a_stop_drop_nothing_that_waits() {
    let folder = Folder::new("journal-reload");
    let vendor = Vendor::start();
    let mut first = served(&folder, &vendor);
    let everybody = ["ada", "bob"];
    everybody.iter().for_each(|id| vendor.says(id, 503));
    deactivate(&first, "ada");
    let mapping = std::fs::read_to_string(folder.0.join("m.yaml")).unwrap();
    let changed = mapping.replace("/users/{key}/retire", "/users/{key}/leave");
    assert_ne!(changed, mapping);
    folder.write("m.yaml", &changed);
    first.signal("HUP");
    first.until("reloaded");
    assert_eq!(listed(&folder, "ada").unwrap()["state"], "pending");
    deactivate(&first, "bob");
    first.signal("TERM");
    first.until("stopped");
    assert_eq!(first.child.wait().unwrap().code(), Some(0));

    everybody.iter().for_each(|id| vendor.says(id, 200));
    let mut command = serve(&folder.0.join("scimshim.yaml").display().to_string());
    command.env("VENDOR_KEY", KEY);
    let mut next = Served::over(command, first.port, first.admin);
    let mut delivered = [next.until("delivered"), next.until("delivered")];
    delivered.sort_by_key(|line| line["id"].to_string());
    for (line, id) in delivered.iter().zip(everybody) {
        assert_eq!((&line["id"], &line["tenant"]), (&json!(id), &json!("acme")));
        assert!(listed(&folder, id).is_none());
    }
    let heard: Vec<String> = vendor.writes.try_iter().map(|(call, _)| call).collect();
    for id in everybody {
        assert!(heard.contains(&format!("POST /users/{id}/leave")), "{heard:?}");
    }
}

/// A call is on its way when the time to drain is over: the process ends, the entry says that the call has left, and the
/// client's repeat is carried out by the next one.
#[test]
fn what_outlives_the_drain_is_in_the_journal() {
    let folder = Folder::new("journal-drain");
    let vendor = Vendor::start();
    let mut first = served_within(&folder, &vendor, MAPPING, "drain: 200ms");
    vendor.says("ada", SILENCE);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    let line = "PATCH /scim/v2/Users/ada";
    let mut stream = first.connect(first.port);
    stream.write_all(harness::request(TOKEN, line, &body.to_string()).as_bytes()).unwrap();
    vendor.hears("POST /users/ada/retire", SILENCE);
    first.signal("TERM");
    first.until("requests cut off: they outlived the drain");
    first.until("stopped");
    assert_eq!(first.child.wait().unwrap().code(), Some(0));

    // The next one would be done with it before anybody looks.
    vendor.says("ada", 503);
    // What was sent twenty seconds ago cannot come any more where a call has less time.
    let mapping = MAPPING.replace("timeout: 20s, settle: 10s", "timeout: 200ms, settle: 100ms");
    assert_ne!(mapping, MAPPING);
    let next = served_by(&folder, &vendor, &mapping);
    let entry = listed(&folder, "ada").unwrap();
    assert_eq!((&entry["state"], &entry["verb"]), (&json!("pending"), &json!("patch")));
    vendor.says("ada", 200);
    let told = || next.send(next.port, TOKEN, line, &body.to_string()).0;
    while told() != 200 {}
    assert!(listed(&folder, "ada").is_none());
    vendor.hears("POST /users/ada/retire", 200);
}

#[test]
fn the_admin_listener_shows_and_acts_for_whoever_has_the_token() {
    let folder = Folder::new("journal-admin");
    let vendor = Vendor::start();
    let served = served(&folder, &vendor);
    for id in ["ada", "bob", "cy"] {
        vendor.says(id, 503);
        deactivate(&served, id);
    }
    let ask = |token: &str, line: &str| served.send(served.admin, token, line, "");
    let all: Vec<Value> = serde_json::from_str(&ask(OPERATOR, "GET /journal").1).unwrap();
    let ids = |all: &[Value]| -> Vec<String> {
        all.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&all), ["ada", "bob", "cy"]);
    let middle = ask(OPERATOR, "GET /journal?tenant=acme&state=pending&skip=1&limit=1").1;
    assert_eq!(ids(&serde_json::from_str::<Vec<Value>>(&middle).unwrap()), ["bob"]);
    let number = all[0]["number"].as_str().unwrap();
    let (retry, drop) =
        (format!("/journal/retry?number={number}"), format!("/journal/drop?number={number}"));
    for (token, line, status) in [
        (OPERATOR, format!("GET /journal/{number}"), 200),
        (OPERATOR, format!("POST {retry}"), 200),
        ("guess", "GET /journal".to_owned(), 401),
        ("guess", format!("GET /journal/{number}"), 401),
        ("guess", format!("POST {retry}"), 401),
        ("guess", format!("POST {drop}&reason=x"), 401),
        (OPERATOR, format!("GET {retry}"), 405),
        (OPERATOR, format!("GET {drop}&reason=x"), 405),
        (OPERATOR, "POST /journal".to_owned(), 405),
        (OPERATOR, format!("POST /journal/{number}"), 405),
        (OPERATOR, format!("POST {drop}"), 400),
        (OPERATOR, "POST /journal/retry".to_owned(), 400),
        (OPERATOR, "GET /journal?state=peding".to_owned(), 400),
        (OPERATOR, "GET /journal?limit=all".to_owned(), 400),
        (OPERATOR, "GET /journal?tenant=nobody".to_owned(), 404),
        (OPERATOR, "POST /journal/retry?number=5d5e".to_owned(), 404),
        (OPERATOR, "POST /journal/drop?number=5d5e&reason=x".to_owned(), 404),
    ] {
        let (found, body) = ask(token, &line);
        assert_eq!(found, status, "{token} {line} {body}");
        assert!(!body.contains(KEY) && !body.contains(VALUE), "{line} {body}");
    }
    let (_, body) = ask(OPERATOR, "GET /journal?state=peding");
    assert_eq!(body, "there is no state `peding`: did you mean `pending`?\n");

    // A page in the operator's browser says where it is from.
    for deed in [format!("{drop}&reason=x"), retry] {
        let mut page = TcpStream::connect(("127.0.0.1", served.admin)).unwrap();
        let origin = "origin: https://elsewhere.example";
        let sent = format!(
            "POST {deed} HTTP/1.1\r\nhost: x\r\n{origin}\r\nauthorization: Bearer {OPERATOR}\r\nconnection: close\r\n\r\n"
        );
        page.write_all(sent.as_bytes()).unwrap();
        let (status, body) = harness::answer(&mut page);
        assert!(status == 403 && body.contains("scimshim journal "), "{status} {body}");
    }
    assert_eq!(ask(OPERATOR, &format!("GET /journal/{number}")).0, 200, "nothing was done");
}
