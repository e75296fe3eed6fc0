//! A process as it is run, with its configuration, its admin listener and the command that asks it.

use crate::harness::{self, Folder, Served, free_port, sample};
use scimshim::server::settings::Digest;
use serde_json::{Value, json};
use std::{
    io::Write,
    net::TcpStream,
    process::{Command, Output},
};

#[path = "../serve/vendor.rs"]
#[expect(dead_code, reason = "another target asks more of it")]
mod vendor;

const TOKEN: &str = "token-of-acme";

/// The sample vendor's people behind a guard that lets two through, and a tenant whose guard is off; what operators
/// ask for wants a token.
fn served(folder: &Folder) -> Served {
    folder.write("m.yaml", &sample());
    folder.write("admin-token", "t0ken-of-the-operator\n");
    let (port, admin) = (free_port(), free_port());
    let tenant = |name: &str, vendor: &str, guard: &str| {
        let sha256 = Digest::of(format!("token-of-{name}").as_bytes());
        format!(
            "  {name}:\n    mapping: m.yaml\n    guard: {guard}\n    vars: {{ url: \"{vendor}\", key: {{ env: VENDOR_KEY }} }}\n    \
             clients: {{ okta: {{ bearer: [{{ sha256: \"{sha256}\" }}] }} }}\n"
        )
    };
    let acme = tenant("acme", &vendor::peopled(3), "{ most: 2, within: 1h }");
    let bolt = tenant("bolt", &vendor::sample(), "off");
    let config = format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\n\
         admin: {{ listen: \"127.0.0.1:{admin}\", token: {{ file: admin-token }} }}\n\
         log: {{ format: json }}\ntenants:\n{acme}{bolt}"
    );
    Served::run(folder, &config, port, admin)
}

/// The people of the vendor, by id.
fn people(served: &Served) -> Vec<String> {
    let (status, body) = served.scim(TOKEN, "/Users?count=4");
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let ids = body["Resources"].as_array().unwrap().iter();
    ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn delete(served: &Served, id: &str) -> u16 {
    served.send(served.port, TOKEN, &format!("DELETE /scim/v2/Users/{id}"), "").0
}

fn guard(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    command.arg("guard").args(arguments).current_dir(&folder.0).output().unwrap()
}

fn printed(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn an_operator_looks_and_releases_from_the_command_line() {
    let folder = Folder::new("guard-command");
    let mut served = served(&folder);
    let people = people(&served);
    for (id, status) in people.iter().zip([204, 204, 429]) {
        assert_eq!(delete(&served, id), status, "{id}");
    }
    let tripped = served.until(
        "the guard holds back deactivations and deletions: `scimshim guard release` lets them through",
    );
    assert_eq!((&tripped["level"], &tripped["tenant"]), (&json!("WARN"), &json!("acme")));
    assert_eq!(tripped["limit"], "2 in 1h");
    assert_eq!(served.line()["remark"], "held back by the guard");

    let (code, told, _) = printed(&guard(&folder, &["status"]));
    let (acme, bolt) = told.split_once('\n').unwrap();
    assert!(code == 0 && bolt == "bolt: off\n", "{told}");
    let expected = "acme: 2 of 2 in 1h; others are held back since ";
    assert!(acme.starts_with(expected) && acme.ends_with("--tenant acme`"), "{told}");
    let (_, told, _) = printed(&guard(&folder, &["status", "--format", "json"]));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["acme"]["most"], &told["acme"]["counted"]), (&json!(2), &json!(2)));
    assert_eq!((&told["acme"]["within"], &told["bolt"]), (&json!("1h"), &json!("off")));
    assert!(told["acme"]["since"].is_string() && told["acme"]["until"].is_string(), "{told}");

    let (code, told, _) = printed(&guard(&folder, &["release", "--tenant", "acme"]));
    assert_eq!(
        (code, &*told),
        (0, "acme: released; 2 had counted, and as many again may follow\n")
    );
    let released = served.until("the guard was released");
    assert_eq!((&released["tenant"], &released["released"]), (&json!("acme"), &json!(2)));
    assert_eq!(delete(&served, &people[2]), 204);
    let (_, told, _) = printed(&guard(&folder, &["status"]));
    assert!(told.starts_with("acme: 1 of 2 in 1h\n"), "{told}");

    // What is wrong is told with its remedy.
    let url = format!("http://127.0.0.1:{}", free_port());
    for (arguments, part) in [
        (vec!["release", "--tenant", "acm"], "404: there is no tenant `acm`: did you mean `acme`?"),
        (vec!["release", "--tenant", "who ever"], "`who ever`: known are `acme`, `bolt`"),
        (vec!["release", "--tenant", "bolt"], "409: the guard of `bolt` is off"),
        (vec!["release", "--tenant", ""], "400: say whose: `?tenant=NAME`, one of `acme`, `bolt`"),
        (vec!["status", "--config", "none.yaml"], "`none.yaml` cannot be read"),
        (vec!["status", "--config", "m.yaml"], "this is a mapping"),
        (vec!["status", "--url", &url], "`--url` says where else"),
        (vec!["status", "--url", "https://127.0.0.1:1"], "is not `http://HOST:PORT/PATH`"),
    ] {
        let (code, _, told) = printed(&guard(&folder, &arguments));
        assert!(code == 1 && told.contains(part), "{arguments:?}: {code} {told}");
    }
}

#[test]
fn the_admin_listener_shows_and_releases_to_whoever_has_the_token() {
    let folder = Folder::new("guard-admin");
    let served = served(&folder);
    let ask = |token: &str, line: &str| served.send(served.admin, token, line, "");
    let token = "t0ken-of-the-operator";
    let release = "/guard/release?tenant=acme";
    for (token, line, status) in [
        (token, "GET /guard".to_owned(), 200),
        (token, format!("POST {release}"), 200),
        ("guess", "GET /guard".to_owned(), 401),
        ("guess", format!("POST {release}"), 401),
        (token, format!("GET {release}"), 405),
        (token, "POST /guard".to_owned(), 405),
        (token, "POST /guard/release".to_owned(), 400),
        (token, "POST /guard/release?tenant=nobody".to_owned(), 404),
        (token, "POST /guard/release?tenant=bolt".to_owned(), 409),
    ] {
        let (found, body) = ask(token, &line);
        assert_eq!(found, status, "{token} {line} {body}");
    }
    let standing = json!({ "acme": { "most": 2, "within": "1h", "counted": 0 }, "bolt": "off" });
    assert_eq!(serde_json::from_str::<Value>(&ask(token, "GET /guard").1).unwrap(), standing);
    let metrics = ask(token, "GET /metrics").1;
    assert!(metrics.contains("scimshim_guard_tripped{tenant=\"acme\"} 0"), "{metrics}");
    assert!(!metrics.contains("scimshim_guard_tripped{tenant=\"bolt\"}"), "{metrics}");

    // A page in the operator's browser says where it is from.
    let mut page = TcpStream::connect(("127.0.0.1", served.admin)).unwrap();
    let origin = "origin: https://elsewhere.example";
    let sent = format!(
        "POST {release} HTTP/1.1\r\nhost: x\r\n{origin}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    page.write_all(sent.as_bytes()).unwrap();
    let (status, body) = harness::answer(&mut page);
    assert!(status == 403 && body.contains("scimshim guard release"), "{status} {body}");
}
