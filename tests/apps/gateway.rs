//! `scimshim serve` in front of one application, and a client that asks as Okta does.

use crate::harness::{Folder, Served, answer, free_port, root, serve};
use scimshim::server::settings::Digest;
use serde_json::{Value, json};
use std::{env, io::Write};

const TOKEN: &str = "token-of-okta";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A variable that says where the application is.
pub fn told(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: `.ci/run` shows how"))
}

/// A process with one tenant, and a store of its own.
pub struct Gateway {
    served: Served,
    _folder: Folder,
}

impl Gateway {
    /// `vars` are the tenant's; one of them is the application's secret, as `{ env: APP_SECRET }`.
    pub fn start(mapping: &str, vars: &str, secret: &str) -> Self {
        let folder = Folder::new(&format!("apps-{mapping}"));
        let (port, admin) = (free_port(), free_port());
        let store = folder.0.join("kept.db").display().to_string();
        let digest = Digest::of(TOKEN.as_bytes());
        let mapping = root().join(format!("mappings/{mapping}.yaml")).display().to_string();
        let config = format!(
            "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
             log: {{ format: json }}\nstore: {{ sqlite: {{ path: \"{store}\" }} }}\ntenants:\n  app:\n    \
             mapping: \"{mapping}\"\n    profile: okta\n    vars: {vars}\n    \
             clients: {{ okta: {{ bearer: [{{ sha256: \"{digest}\" }}] }} }}\n"
        );
        let mut command = serve(&folder.write("scimshim.yaml", &config));
        command.env("APP_SECRET", secret);
        Self { served: Served::over(command, port, admin), _folder: folder }
    }

    /// Status and JSON of an exchange; `path` is below the base path.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = self.served.connect(self.served.port);
        let head = format!(
            "{method} /scim/v2{path} HTTP/1.1\r\nhost: gateway.example\r\nauthorization: Bearer {TOKEN}\r\n\
             user-agent: Okta SCIM Client 1.0.0\r\naccept: application/scim+json\r\naccept-charset: utf-8\r\n\
             content-type: application/scim+json; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let (status, text) = answer(&mut stream);
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// The same; the answer must have this status.
    pub fn expect(&self, status: u16, method: &str, path: &str, body: &Value) -> Value {
        let (found, answer) = self.ask(method, path, body);
        assert_eq!(found, status, "{method} {path} {body}: {answer}");
        answer
    }

    /// Makes a user, with Okta's own members beside those that are given.
    pub fn make_user(&self, members: &Value) -> (String, Value) {
        let mut user =
            json!({ "schemas": [USER], "active": true, "locale": "en-US", "groups": [] });
        user.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let made = self.expect(201, "POST", "/Users", &user);
        (path_of(&made), made)
    }

    /// Makes a group, as Okta pushes one.
    pub fn make_group(&self, name: &str) -> String {
        let group = json!({ "schemas": [GROUP], "displayName": name, "members": [] });
        path_of(&self.expect(201, "POST", "/Groups", &group))
    }

    /// A PATCH with these operations.
    pub fn patch(&self, status: u16, path: &str, operations: &Value) -> Value {
        self.expect(status, "PATCH", path, &json!({ "schemas": [PATCH], "Operations": operations }))
    }

    /// Okta's activation and deactivation.
    pub fn set_active(&self, path: &str, active: bool) {
        let now =
            self.patch(200, path, &json!([{ "op": "replace", "value": { "active": active } }]));
        assert_eq!(now["active"], active, "{now}");
    }

    /// What a filter finds.
    pub fn found(&self, kind: &str, filter: &str) -> Vec<Value> {
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let list = self.expect(
            200,
            "GET",
            &format!("/{kind}?filter={filter}&startIndex=1&count=100"),
            &Value::Null,
        );
        list["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// An import: every page of a kind, two at a time.
    pub fn import(&self, kind: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let start = all.len() + 1;
            let list = self.expect(
                200,
                "GET",
                &format!("/{kind}?startIndex={start}&count=2"),
                &Value::Null,
            );
            let page = list["Resources"].as_array().cloned().unwrap_or_default();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}

/// Where a resource is, below the base path.
fn path_of(resource: &Value) -> String {
    let location = resource["meta"]["location"].as_str().unwrap();
    location.split_once("/scim/v2").unwrap().1.to_owned()
}
