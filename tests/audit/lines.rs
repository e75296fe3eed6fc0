//! What stands in the log.

use crate::{
    harness::{NEVER, Served, request},
    vendor,
    world::{
        KEY, TOKEN, folder, lines, make, patch, said, start, stop, text, two_strands, user, verify,
    },
};
use serde_json::{Value, json};
use std::{fs, io::Write, process::Command};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The lines of writes, each without what differs from run to run.
fn writes(lines: &[Value]) -> Vec<Value> {
    let writes = lines.iter().filter(|line| line["event"] == "write").cloned();
    writes
        .map(|mut write| {
            for name in ["strand", "time", "request", "ms", "prev", "hash"] {
                assert!(write.as_object_mut().unwrap().remove(name).is_some(), "{name}: {write}");
            }
            for call in write["calls"].as_array_mut().unwrap() {
                assert!(call.as_object_mut().unwrap().remove("ms").is_some(), "{call}");
            }
            write
        })
        .collect()
}

#[test]
fn each_write_is_a_line_and_a_read_is_none() {
    let folder = folder("audit-lines");
    let served = start(&folder, &vendor::sample());
    let id = make(&served, "eve@acme.example");
    let users = |method: &str| format!("{method} /scim/v2/Users/{id}");
    let send = |line: &str, body: &str| served.send(served.port, TOKEN, line, body).0;
    let change = patch(json!([
        { "op": "replace", "value": { "active": false, "name": { "familyName": "Lovelace" } } },
        { "op": "remove", "path": "emails[value eq \"eve@acme.example\"]" },
    ]));
    assert_eq!(send(&users("PATCH"), &change), 200);
    assert_eq!(send(&users("GET"), ""), 200);
    assert_eq!(send("GET /scim/v2/Users", ""), 200);
    assert_eq!(send("POST /scim/v2/Users", &user("eve@acme.example")), 409);
    assert_eq!(send(&users("DELETE"), ""), 204);
    assert_eq!(send(&users("DELETE"), ""), 404);
    // What is no SCIM is no write, and changes nothing.
    assert_eq!(send("POST /scim/v2/Users", "{"), 400);
    assert_eq!(send("DELETE /scim/v2/Nobodies/7", ""), 404);
    stop(served);

    let all = lines(&folder);
    let events: Vec<&str> = all.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["begin", "write", "write", "write", "write", "write", "end"]);
    let call = |name: &str, method: &str, status: u16| json!({ "call": name, "method": method, "status": status, "times": 1 });
    let line = |n: u64, verb: &str, status: u16, more: Value| {
        let mut line = json!({
            "n": n, "event": "write", "tenant": "acme", "client": "okta", "verb": verb, "kind": "User",
            "status": status,
        });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let twice = json!({ "call": "User.get", "method": "GET", "status": 200, "times": 2 });
    let looked = call("User.find", "GET", 200);
    let vain = json!({ "call": "User.delete", "method": "DELETE", "status": 404, "means": "not_found", "times": 1 });
    let gone = json!({ "call": "User.get", "method": "GET", "status": 404, "means": "not_found", "times": 1 });
    let expected = [
        line(
            2,
            "create",
            201,
            json!({
                "id": id, "attributes": { "set": ["active", "userName"] }, "active": true,
                "calls": [looked, call("User.create", "POST", 200)],
            }),
        ),
        line(
            3,
            "patch",
            200,
            json!({
                "id": id, "attributes": { "replace": ["active", "name.familyName"], "remove": ["emails"] },
                "active": false,
                "calls": [twice, call("User.update.change", "PATCH", 200), call("User.update.suspend", "POST", 200)],
            }),
        ),
        line(
            4,
            "create",
            409,
            json!({
                "attributes": { "set": ["active", "userName"] }, "active": true, "scimType": "uniqueness", "calls": [looked],
            }),
        ),
        line(
            5,
            "delete",
            204,
            json!({ "id": id, "calls": [call("User.delete", "DELETE", 204), gone] }),
        ),
        line(6, "delete", 404, json!({ "id": id, "calls": [vain, gone] })),
    ];
    let found = writes(&all);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn each_operation_of_a_bulk_is_a_line() {
    let folder = folder("audit-bulk");
    let served = start(&folder, &vendor::sample());
    let post = |id: &str, name: &str| {
        let data: Value = serde_json::from_str(&user(name)).unwrap();
        json!({ "method": "POST", "path": "/Users", "bulkId": id, "data": data })
    };
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [post("a", "ada"), post("b", "zoe"), { "method": "DELETE", "path": "/Users/7" }],
    });
    let mut stream = served.connect(served.port);
    let asked = request(TOKEN, "POST /scim/v2/Bulk", &bulk.to_string());
    let asked = asked.replacen("host: x", "host: x\r\nx-request-id: of-the-bulk", 1);
    stream.write_all(asked.as_bytes()).unwrap();
    assert_eq!(crate::harness::answer(&mut stream).0, 200);
    stop(served);
    let all = lines(&folder);
    let told = all.iter().filter(|line| line["event"] == "write");
    let told: Vec<_> =
        told.map(|line| (&line["verb"], &line["status"], &line["request"])).collect();
    let of = json!("of-the-bulk");
    let (create, delete) = (json!("create"), json!("delete"));
    let (made, gone) = (json!(201), json!(404));
    assert_eq!(told, [(&create, &made, &of), (&create, &made, &of), (&delete, &gone, &of)]);
}

#[test]
fn who_joins_a_group_is_named_by_no_line() {
    let folder = folder("audit-group");
    let served = start(&folder, &vendor::sample());
    let ids = ["person-a", "person-b"].map(|name| make(&served, name));
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Secret-Sales",
    });
    let (status, body) =
        served.send(served.port, TOKEN, "POST /scim/v2/Groups", &group.to_string());
    assert_eq!(status, 201, "{body}");
    let made: Value = serde_json::from_str(&body).unwrap();
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    let change = patch(json!([{ "op": "add", "path": "members", "value": members }]));
    let line = format!("PATCH /scim/v2/Groups/{}", made["id"].as_str().unwrap());
    assert_eq!(served.send(served.port, TOKEN, &line, &change).0, 204);
    stop(served);
    let all = lines(&folder);
    let (made, joined) = (&all[3], &all[4]);
    assert_eq!((&made["kind"], &made["verb"]), (&json!("Group"), &json!("create")));
    assert_eq!(joined["attributes"], json!({ "add": ["members.value"] }));
    assert!(joined.get("active").is_none(), "{joined}");
    // Calls of one name are told together.
    let of = |call: &&Value| call["method"] != "GET";
    let calls: Vec<&Value> = joined["calls"].as_array().unwrap().iter().filter(of).collect();
    assert_eq!((calls.len(), &calls[0]["times"]), (1, &json!(2)), "{joined}");
    for line in [made, joined] {
        let told = line.to_string();
        assert!(
            !told.contains("Secret-Sales") && !ids.iter().any(|id| told.contains(id)),
            "{told}"
        );
    }
}

#[test]
fn no_value_and_no_secret_stands_in_it() {
    let folder = folder("audit-values");
    let mut served = start(&folder, &vendor::sample());
    let values = [
        "ada-at-acme",
        "Augusta",
        "Byron",
        "Lovelace",
        "countess",
        "reference-7",
        "hunter2",
        "Analyst",
        "+4420794600",
        "St-James-Square",
        "London-Town",
        "Engines",
        "badge-77",
        "cost-9",
    ];
    let [
        login,
        fore,
        mid,
        sur,
        alias,
        reference,
        password,
        title,
        phone,
        street,
        town,
        unit,
        badge,
        cost,
    ] = values;
    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": login, "externalId": reference, "password": password, "title": title, "nickName": alias,
        "name": { "givenName": fore, "middleName": mid, "familyName": sur },
        "emails": [{ "value": format!("{login}@acme.example"), "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": phone, "type": "work" }],
        "addresses": [{ "streetAddress": street, "locality": town, "type": "home" }],
        "favouriteColour": "mauve-ish", "mauve-ish": 1,
        ENTERPRISE: { "department": unit, "employeeNumber": badge, "costCenter": cost },
        "active": true,
    });
    let (status, body) =
        served.send(served.port, TOKEN, "POST /scim/v2/Users", &person.to_string());
    assert_eq!(status, 201, "{body}");
    let made: Value = serde_json::from_str(&body).unwrap();
    let id = made["id"].as_str().unwrap();
    let change = patch(json!([
        { "op": "replace", "path": "emails[value eq \"ada-at-acme@acme.example\"].value", "value": "countess@acme.example" },
        { "op": "add", "value": { "mauve-ish": "mauve-ish", "title": title, "nickName": "hunter2" } },
    ]));
    let (status, body) =
        served.send(served.port, TOKEN, &format!("PATCH /scim/v2/Users/{id}"), &change);
    assert_eq!(status, 200, "{body}");
    served.signal("TERM");
    served.until("stopped");
    let text = text(&folder);
    for value in values.iter().chain(&["acme.example", "mauve-ish", TOKEN, KEY, "Bearer", "key\""])
    {
        assert!(!text.contains(value), "{value} stands in\n{text}");
    }
    // Names do, in the schema's spelling.
    for name in
        ["password", "addresses.streetAddress", "emails.value", "(unknown)", "employeeNumber"]
    {
        assert!(text.contains(name), "{name} is missing in\n{text}");
    }
}

#[test]
fn the_head_is_a_metric_and_told_at_the_end() {
    let folder = folder("audit-head");
    let served = start(&folder, &vendor::sample());
    let head = |served: &Served| {
        let metrics = served.metrics();
        let heads = metrics.lines().filter(|line| line.starts_with("scimshim_audit_head{"));
        let heads: Vec<String> = heads.map(str::to_owned).collect();
        assert_eq!(heads.len(), 1, "{metrics}");
        heads[0].clone()
    };
    for (name, n) in [("ada", 2), ("zoe", 3)] {
        make(&served, name);
        let shown = head(&served);
        let last = lines(&folder).pop().unwrap();
        let (hash, strand) = (last["hash"].as_str().unwrap(), last["strand"].as_str().unwrap());
        assert_eq!(shown, format!(r#"scimshim_audit_head{{hash="{hash}",strand="{strand}"}} {n}"#));
    }
    let metrics = served.metrics();
    for line in ["scimshim_audit_lines_total 3", "scimshim_audit_works 1"] {
        assert!(metrics.lines().any(|shown| shown == line), "{line} is missing in\n{metrics}");
    }
    let closed = stop(served);
    let last = lines(&folder).pop().unwrap();
    assert_eq!((&closed["head"], &closed["strand"]), (&last["hash"], &last["strand"]));
    assert_eq!(closed["lines"], 4);
}

#[test]
fn a_log_of_two_strands_verifies_and_so_does_what_a_page_tells_to_do_by_hand() {
    let folder = folder("audit-sound");
    two_strands(&folder);
    let all = lines(&folder);
    let head = all[6]["hash"].as_str().unwrap();
    let (code, said_of_it) = verify(&folder, &["audit.log"]);
    assert_eq!((code, said_of_it), (0, format!("7 lines in 2 strands, head {head}\n")));
    // The configuration knows the key and the file.
    let config = folder.0.join("scimshim.yaml");
    let mut verify = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    let (code, by_configuration) = said(verify.args(["audit", "verify", "--config"]).arg(&config));
    assert_eq!((code, by_configuration), (0, format!("7 lines in 2 strands, head {head}\n")));
    // A strand begins behind the last line of the one before it.
    assert_eq!((&all[0]["prev"], &all[4]["prev"]), (&json!("0".repeat(64)), &all[3]["hash"]));
    let strands = [&all[0]["strand"], &all[4]["strand"]];
    assert_ne!(strands[0], strands[1]);
    assert_eq!(all[4]["n"], 1);
    assert_eq!(all[4]["version"], env!("CARGO_PKG_VERSION"));
    let by_hand = format!(
        "sed -n 3p audit.log | sed 's/,\"hash\":\"[0-9a-f]*\"}}$//' | tr -d '\\n' | openssl dgst -sha256 -hmac '{KEY}'"
    );
    let (_, digest) = said(Command::new("sh").args(["-c", &by_hand]).current_dir(&folder.0));
    assert!(digest.trim_end().ends_with(all[2]["hash"].as_str().unwrap()), "{digest}");
}

#[test]
fn without_the_section_there_is_no_file() {
    let folder = folder("audit-none");
    let served = Served::start(&folder, &[("acme", &vendor::sample())], NEVER);
    make(&served, "ada");
    let metrics = served.metrics();
    assert!(!metrics.contains("scimshim_audit"), "{metrics}");
    drop(served);
    let names = fs::read_dir(&folder.0).unwrap().map(|one| one.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["audit-key", "m.yaml", "scimshim.yaml"]);
}
