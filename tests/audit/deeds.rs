//! What an operator does by hand.

use crate::{
    harness::{NEVER, Served, free_port},
    world::{TOKEN, auditing, folder, lines, stop, verify},
};
use serde_json::{Value, json};

/// A tenant with a journal whose vendor never answers.
fn started(folder: &crate::harness::Folder) -> Served {
    let vendor = format!("http://127.0.0.1:{}", free_port());
    let keeping =
        |config: String| format!("store: {{ sqlite: {{ path: kept.db }} }}\n{}", auditing(config));
    Served::started(folder, &[("acme", &vendor)], NEVER, keeping)
}

fn ask(served: &Served, line: &str) -> (u16, Value) {
    let (status, body) = served.send(served.admin, "", line, "");
    (status, serde_json::from_str(&body).unwrap_or_else(|_| json!(body)))
}

#[test]
fn each_deed_of_an_operator_is_a_line() {
    let folder = folder("audit-deeds");
    let served = started(&folder);
    let delete =
        |id: &str| served.send(served.port, TOKEN, &format!("DELETE /scim/v2/Users/{id}"), "");
    let number = |id: &str| {
        assert_eq!(delete(id).0, 429);
        lines(&folder).pop().unwrap()["txn"].as_str().unwrap().to_owned()
    };
    let (retried, dropped) = (number("7"), number("8"));
    let deeds = [
        format!("POST /journal/retry?number={retried}"),
        format!("POST /journal/drop?number={dropped}&reason=left%20already"),
        "POST /guard/release?tenant=acme".to_owned(),
    ];
    for deed in deeds {
        let (status, told) = ask(&served, &deed);
        assert_eq!(status, 200, "{deed}: {told}");
    }
    // What is not done has none.
    let (status, told) = ask(&served, "POST /journal/drop?number=none&reason=x");
    assert_eq!(status, 404, "{told}");
    stop(served);
    let told = |line: &Value| {
        let names = ["tenant", "deed", "txn", "kind", "id", "reason", "counted"];
        let said = names.map(|name| (name.to_owned(), line[name].clone()));
        Value::Object(said.into_iter().filter(|(_, value)| !value.is_null()).collect())
    };
    let all = lines(&folder);
    let told: Vec<Value> =
        all.iter().filter(|line| line["event"] == "operator").map(told).collect();
    let entry = |deed: &str, number: &str, id: &str| json!({ "tenant": "acme", "deed": deed, "txn": number, "kind": "User", "id": id });
    let mut drop = entry("drop", &dropped, "8");
    drop["reason"] = json!("left already");
    let release = json!({ "tenant": "acme", "deed": "release", "counted": 2 });
    assert_eq!(told, [entry("retry", &retried, "7"), drop, release]);
    let (code, said) = verify(&folder, &["audit.log"]);
    assert_eq!(code, 0, "{said}");
}
