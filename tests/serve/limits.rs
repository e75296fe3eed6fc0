//! Every row of the page of limits, tried on the process: one request just within, one just over.

use crate::{
    harness::{Folder, Served, answer, free_port, root, sample},
    vendor,
};
use scimshim::{
    mapping,
    server::settings::{Digest, Limits},
};
use serde_json::{Value, json};
use std::io::Write;

/// One limit, as the page has it.
struct Row {
    what: String,
    most: usize,
    setting: String,
    status: u16,
    scim_type: Option<String>,
    /// Members of the ServiceProviderConfig.
    advertised: Vec<String>,
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(root().join("deploy/limits.md")).unwrap();
    let lines = page.lines().filter(|line| line.starts_with("| ")).skip(1);
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [what, most, setting, over, advertised] = cells[..] else { panic!("{line}") };
            Row {
                what: what.to_owned(),
                most: most.parse().unwrap(),
                setting: setting.to_owned(),
                status: over.split([' ', ',']).next().unwrap().parse().unwrap(),
                scim_type: coded(over).first().cloned(),
                advertised: coded(advertised),
            }
        })
        .collect()
}

/// What stands between backticks.
fn coded(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Resources that the tenant `narrow` may look through.
const SCAN: usize = 20;
/// Resources of one answer here: a vendor of a hundred thousand takes its time.
const LIST: usize = 1_000;

/// The process with its tenants: `a` as everybody's, `narrow` that may read few, `crowd` of many people.
struct World {
    served: Served,
    _folder: Folder,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new("limits");
        folder.write("a.yaml", &sample());
        let narrow = sample().replacen(
            "\n  errors:",
            &format!("\n  limits: {{ scan: {SCAN} }}\n  errors:"),
            1,
        );
        assert_ne!(narrow, sample());
        folder.write("narrow.yaml", &narrow);
        let (port, admin) = (free_port(), free_port());
        let mut config = format!(
            "server: {{ listen: \"127.0.0.1:{port}\", limits: {{ list_results: {LIST} }} }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
             log: {{ format: json }}\ntenants:\n"
        );
        for (name, mapping, vendor) in [
            ("a", "a", vendor::sample()),
            ("narrow", "narrow", vendor::sample()),
            ("crowd", "a", vendor::peopled(LIST + 1)),
        ] {
            let digest = Digest::of(name.as_bytes());
            config.push_str(&format!(
                "  {name}:\n    mapping: {mapping}.yaml\n    vars: {{ url: \"{vendor}\", key: {{ env: VENDOR_KEY }} }}\n    \
                 clients: {{ okta: {{ bearer: [{{ sha256: \"{digest}\" }}] }} }}\n",
            ));
        }
        Self { served: Served::run(&folder, &config, port, admin), _folder: folder }
    }

    fn send(&self, token: &str, line: &str, body: &str) -> Reply {
        let method_and_path = line.replacen(' ', " /scim/v2", 1);
        let (status, text) = self.served.send(self.served.port, token, &method_and_path, body);
        Reply { status, body: serde_json::from_str(&text).unwrap_or_default() }
    }

    fn search(&self, filter: &str) -> Reply {
        let body = json!({ "schemas": [SEARCH], "filter": filter });
        self.send("a", "POST /Users/.search", &body.to_string())
    }

    /// A new user's path.
    fn user(&self, token: &str, name: &str, more: Value) -> String {
        let mut body = json!({ "schemas": [USER], "userName": format!("{name}@acme.example") });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.send(token, "POST /Users", &body.to_string());
        assert_eq!(made.status, 201, "{:?}", made.body);
        format!("/Users/{}", made.body["id"].as_str().unwrap())
    }

    /// A PATCH of a new user.
    fn patch(&self, name: &str, operations: &[Value]) -> Reply {
        let user = self.user("a", name, json!({}));
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.send("a", &format!("PATCH {user}"), &body.to_string())
    }
}

struct Reply {
    status: u16,
    body: Value,
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A text of so many bytes, of which `text` are there already.
fn padding(bytes: usize, text: &str) -> String {
    "x".repeat(bytes - text.len())
}

fn within(depth: usize, text: &str) -> String {
    format!("{}{text}{}", "(".repeat(depth), ")".repeat(depth))
}

fn any_of(term: &str, count: usize) -> String {
    vec![term; count].join(" or ")
}

fn remove(path: &str) -> Value {
    json!({ "op": "remove", "path": path })
}

/// A request that asks for `size` of what a row is about.
fn ask(world: &World, what: &str, size: usize) -> Reply {
    let name = format!("{}-{size}", what.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    match what {
        "bytes of a request's line and headers" => {
            let head = "GET /scim/v2/Schemas HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\n\
                        connection: close\r\nx: \r\n\r\n";
            let padded = head.replace("x: ", &format!("x: {}", padding(size, head)));
            let mut stream = world.served.connect(world.served.port);
            stream.write_all(padded.as_bytes()).unwrap();
            let (status, text) = answer(&mut stream);
            Reply { status, body: serde_json::from_str(&text).unwrap_or_default() }
        }
        "bytes of a body" => {
            let body = |x: String| json!({ "schemas": [SEARCH], "filter": "id eq \"1\"", "x": x });
            let padded = body(padding(size, &body(String::new()).to_string()));
            world.send("a", "POST /Users/.search", &padded.to_string())
        }
        "levels of JSON in a body" => {
            let nested = format!("{}{}", "[".repeat(size - 1), "]".repeat(size - 1));
            let body = format!(r#"{{"schemas":["{SEARCH}"],"filter":"id eq \"1\"","x":{nested}}}"#);
            world.send("a", "POST /Users/.search", &body)
        }
        "elements of one list in a body" => {
            let list = vec!["{}"; size].join(",");
            let body = format!(
                r#"{{"schemas":["{USER}"],"userName":"{name}@acme.example","emails":[{list}]}}"#
            );
            world.send("a", "POST /Users", &body)
        }
        "names in `attributes` or `excludedAttributes`" => {
            let names = vec!["title"; size].join(",");
            let of_get = world.send("a", &format!("GET /Users?attributes={names}"), "");
            let body = json!({
                "schemas": [SEARCH], "excludedAttributes": vec!["title"; size],
            });
            let of_search = world.send("a", "POST /Users/.search", &body.to_string());
            assert_eq!(of_get.status, of_search.status, "{:?}", of_search.body);
            of_get
        }
        "bytes of a filter" => {
            let filter = |x: &str| format!(r#"id eq "1" and title ne "{x}""#);
            world.search(&filter(&padding(size, &filter(""))))
        }
        "parentheses and brackets of a filter, one in another" => {
            world.search(&within(size - 1, r#"emails[value eq "x"]"#))
        }
        "comparisons of a filter" => world.search(&any_of(r#"id eq "1""#, size)),
        "looks of a filter that is matched here" => looks_of_filter(world, &name, size),
        "resources that are read to be matched or sorted" => {
            let page = world.send("narrow", "GET /Users?count=0", "");
            let there = usize::try_from(page.body["totalResults"].as_u64().unwrap()).unwrap();
            let plan = mapping::load("a.yaml", &sample()).plan.unwrap();
            for number in there..SCAN + size - plan.upstream.scan {
                world.user("narrow", &format!("n{number}"), json!({}));
            }
            let sorted = world.send("narrow", "GET /Users?sortBy=userName", "");
            let matched = world.send("narrow", "GET /Users?filter=title%20pr", "");
            assert_eq!(sorted.status, matched.status, "{:?}", matched.body);
            matched
        }
        "operations of a PATCH" => world.patch(&name, &vec![remove("title"); size]),
        "bytes of a PATCH path" => {
            let path = |x: &str| format!(r#"emails[type eq "{x}"]"#);
            world.patch(&name, &[remove(&path(&padding(size, &path(""))))])
        }
        "parentheses and brackets of a PATCH path, one in another" => {
            let inner = within(size - 1, r#"type eq "x""#);
            world.patch(&name, &[remove(&format!("emails[{inner}]"))])
        }
        "comparisons of a PATCH path" => {
            let terms = any_of(r#"type eq "x""#, size);
            world.patch(&name, &[remove(&format!("emails[{terms}]"))])
        }
        "looks of a PATCH" => looks_of_patch(world, &name, size),
        "operations of a Bulk" => {
            let delete = json!({ "method": "DELETE", "path": "/Users/1" });
            let body = json!({ "schemas": [BULK], "Operations": vec![delete; size] });
            world.send("a", "POST /Bulk", &body.to_string())
        }
        "resources of one answer" => {
            page(world, &format!("GET /Users?count={size}"), size.min(LIST))
        }
        "resources of an answer without `count`" => page(world, "GET /Users", 100),
        other => panic!("the page has a limit that nothing tries: {other}"),
    }
}

/// A user of so many addresses and a filter of so many comparisons that each of these and the one of the name
/// come to `size`.
fn looks_of_filter(world: &World, name: &str, size: usize) -> Reply {
    let rest = size - 1;
    let fits = |terms: &usize| rest % terms + terms < 500;
    let terms = (1..490).rev().find(fits).unwrap();
    let emails: Value =
        (0..rest / terms).map(|number| json!({ "value": number.to_string() })).collect();
    world.user("a", name, json!({ "emails": emails }));
    // What has no title costs one look all the same.
    let mut parts = vec![r#"emails eq "q""#; terms];
    parts.extend(vec![r#"title eq "q""#; rest % terms]);
    let parts = parts.join(" or ");
    world.search(&format!(r#"userName eq "{name}@acme.example" and ({parts})"#))
}

/// A thousand addresses come, are looked through, and go: each walk over the list costs a thousand, each
/// comparison of it as much again. Single values make up the rest.
fn looks_of_patch(world: &World, name: &str, size: usize) -> Reply {
    const LIST: usize = 1_000;
    let emails: Value = (0..LIST).map(|number| json!({ "value": number.to_string() })).collect();
    let mut operations = vec![json!({ "op": "add", "path": "emails", "value": emails })];
    // The last of the walks takes them away.
    let mut walks = size / LIST - 1;
    while walks > 0 {
        let terms = (walks - 1).min(500);
        operations.push(remove(&format!("emails[{}]", any_of(r#"value eq "q""#, terms))));
        walks -= terms + 1;
    }
    operations.push(remove("emails"));
    let same =
        json!({ "op": "replace", "path": "userName", "value": format!("{name}@acme.example") });
    operations.extend(vec![same; size % LIST]);
    world.patch(name, &operations)
}

fn page(world: &World, line: &str, length: usize) -> Reply {
    let reply = world.send("crowd", line, "");
    assert_eq!(reply.body["Resources"].as_array().unwrap().len(), length, "{line}");
    reply
}

#[test]
fn each_is_kept_as_the_page_has_it() {
    let world = World::new();
    let rows = rows();
    assert!(rows.len() > 15, "the page has lost its table");
    let config = world.send("a", "GET /ServiceProviderConfig", "").body;
    for Row { what, most, setting, status, scim_type, advertised } in &rows {
        let most = if setting == "`server.limits.list_results`" { &LIST } else { most };
        let served = ask(&world, what, *most);
        assert!((200..300).contains(&served.status), "{what}: {} {:?}", served.status, served.body);
        let over = ask(&world, what, most + 1);
        assert_eq!(over.status, *status, "{what}: {:?}", over.body);
        assert_eq!(over.body["scimType"].as_str(), scim_type.as_deref(), "{what}");
        // What has no readable head has no SCIM answer.
        if *status >= 400 && *status != 431 {
            assert_eq!(over.body["status"], status.to_string(), "{what}");
            assert!(!over.body["detail"].as_str().unwrap().is_empty(), "{what}");
        }
        for name in advertised {
            let told = config.pointer(&format!("/{}", name.replace('.', "/")));
            assert_eq!(told, Some(&json!(most)), "{what}: {name}");
        }
    }
}

#[test]
fn each_setting_has_the_default_of_the_page() {
    let Limits { headers, body, bulk_operations, list_results, .. } = Limits::default();
    let scan = mapping::load("a.yaml", &sample()).plan.unwrap().upstream.scan;
    for Row { what, most, setting, .. } in rows() {
        let default = match setting.as_str() {
            "`server.limits.headers`" => headers as usize,
            "`server.limits.body`" => body,
            "`server.limits.bulk_operations`" => bulk_operations,
            "`server.limits.list_results`" => list_results,
            "the mapping's `limits.scan`" => scan,
            "" => most,
            other => panic!("{other}"),
        };
        assert_eq!(most, default, "{what}");
    }
}
