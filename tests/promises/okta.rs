//! Okta as it provisions an app of its network: it looks up, creates, fetches and puts, and patches `active` alone.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One app of Okta's, over one socket for each request.
pub struct Okta {
    address: String,
    /// The path of the base URL.
    base: &'static str,
    authorization: String,
}

/// What Okta is told.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// Null when there is none.
    pub body: Value,
}

impl Reply {
    /// The body of an answer with this status.
    #[track_caller]
    pub fn told(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The words of a refusal with this status and type.
    #[track_caller]
    pub fn refused(self, status: u16, scim_type: Option<&str>) -> String {
        let body = self.told(status);
        assert_eq!(body["status"], status.to_string(), "{body}");
        assert_eq!(body["scimType"].as_str(), scim_type, "{body}");
        body["detail"].as_str().unwrap().to_owned()
    }
}

/// A user as Okta sends one.
pub fn person(email: &str, given: &str, family: &str) -> Value {
    json!({
        "schemas": [USER], "userName": email,
        "name": { "givenName": given, "familyName": family },
        "emails": [{ "primary": true, "value": email, "type": "work" }],
        "displayName": format!("{given} {family}"), "locale": "en-US",
        "externalId": format!("00u-{email}"), "groups": [], "active": true,
    })
}

/// `person` with more, or other, attributes; null takes one away.
pub fn with(mut person: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(person.as_object_mut().unwrap().remove(name)),
            value => person[name] = value.clone(),
        }
    }
    person
}

/// The id that Okta remembers of what it was told.
pub fn id(told: &Value) -> String {
    told["id"].as_str().unwrap_or_else(|| panic!("no id: {told}")).to_owned()
}

impl Okta {
    pub fn new(address: &str, base: &'static str, authorization: String) -> Self {
        Self { address: address.to_owned(), base, authorization }
    }

    /// The same app with another *HTTP Header*.
    pub fn showing(self, authorization: &str) -> Self {
        Self { authorization: authorization.to_owned(), ..self }
    }

    /// One request: `METHOD /path` below the base URL.
    pub async fn send(&self, line: &str, body: &Value) -> Reply {
        let (method, path) = line.split_once(' ').unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let Self { address, base, authorization } = self;
        let request = format!(
            "{method} {base}{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             user-agent: Okta SCIM Client 1.0.0\r\nauthorization: {authorization}\r\n\
             accept: application/scim+json\r\naccept-charset: utf-8\r\n\
             accept-encoding: gzip,deflate\r\n\
             content-type: application/scim+json; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{line}: {text}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let read = |body| serde_json::from_str(body).unwrap_or_else(|_| panic!("{line}: {text}"));
        Reply {
            status,
            head: head.to_owned(),
            body: if body.is_empty() { Value::Null } else { read(body) },
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path}"), &Value::Null).await
    }

    /// *Test API Credentials*.
    pub async fn test_credentials(&self) -> Reply {
        self.get("/Users?startIndex=1&count=2").await
    }

    /// The match that comes before each create.
    pub async fn look_up(&self, user_name: &str) -> Option<Value> {
        let name = user_name.replace('@', "%40").replace('+', "%2B");
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22&startIndex=1&count=100");
        let told = self.get(&path).await.told(200);
        told["Resources"].as_array()?.first().cloned()
    }

    pub async fn create(&self, person: Value) -> Reply {
        let sent = with(person, json!({ "password": "q8Zt1-random" }));
        self.send("POST /Users", &sent).await
    }

    /// A person is assigned to the app: found and updated, else created. What the gateway then has.
    pub async fn assign(&self, person: Value) -> Value {
        match self.look_up(person["userName"].as_str().unwrap()).await {
            Some(found) => self.update(&id(&found), person).await.told(200),
            None => self.create(person).await.told(201),
        }
    }

    pub async fn read(&self, id: &str) -> Reply {
        self.get(&format!("/Users/{id}")).await
    }

    /// Okta fetches the user and puts it back with its own changes in it.
    pub async fn update(&self, id: &str, changes: Value) -> Reply {
        let now = self.read(id).await.told(200);
        self.send(&format!("PUT /Users/{id}"), &with(now, changes)).await
    }

    pub async fn deactivate(&self, id: &str) -> Reply {
        self.set_active(id, false).await
    }

    pub async fn reactivate(&self, id: &str) -> Reply {
        self.set_active(id, true).await
    }

    async fn set_active(&self, id: &str, active: bool) -> Reply {
        self.patch(
            &format!("/Users/{id}"),
            json!([{ "op": "replace", "value": { "active": active } }]),
        )
        .await
    }

    pub async fn patch(&self, path: &str, operations: Value) -> Reply {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.send(&format!("PATCH {path}"), &body).await
    }

    /// Okta never deletes a user; other clients do.
    pub async fn delete(&self, id: &str) -> Reply {
        self.send(&format!("DELETE /Users/{id}"), &Value::Null).await
    }

    /// *Import*: page by page, as long as there are more.
    pub async fn import(&self, kind: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let start = all.len() + 1;
            let told = self.get(&format!("/{kind}?startIndex={start}&count=100")).await.told(200);
            all.extend(told["Resources"].as_array().cloned().unwrap_or_default());
            if told["totalResults"].as_u64().unwrap() <= all.len() as u64 {
                return all;
            }
        }
    }

    /// *Group push*: the group is made empty, and its members follow.
    pub async fn push_group(&self, name: &str, members: &[&str]) -> String {
        let group = json!({ "schemas": [GROUP], "displayName": name, "members": [] });
        let made = id(&self.send("POST /Groups", &group).await.told(201));
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let joined = json!([{ "op": "add", "path": "members", "value": members }]);
        self.patch(&format!("/Groups/{made}"), joined).await.told(204);
        made
    }
}
