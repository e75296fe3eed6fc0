//! Act: one request of Okta's, what must be there before it, and what has come of it.

use crate::{
    okta::{Okta, Reply, id, with},
    subject::Subject,
};
use serde_json::{Value, json};

/// What Okta asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Create,
    Read,
    LookUp,
    Import,
    Update,
    /// Another user name and address.
    Readdress,
    Deactivate,
    Reactivate,
    Delete,
    CreateGroup,
    ReadGroup,
    LookUpGroup,
    ImportGroups,
    Rename,
    Join,
    Leave,
    DeleteGroup,
    ImportRoles,
}

/// All that a vendor of users is asked.
pub const USERS: &[Act] = &[
    Act::Create,
    Act::Read,
    Act::LookUp,
    Act::Import,
    Act::Update,
    Act::Deactivate,
    Act::Reactivate,
    Act::Delete,
];

/// What one with groups is asked beside it.
pub const GROUPS: &[Act] = &[
    Act::CreateGroup,
    Act::ReadGroup,
    Act::LookUpGroup,
    Act::ImportGroups,
    Act::Rename,
    Act::Join,
    Act::Leave,
    Act::DeleteGroup,
];

/// A request about somebody of its own, ready to be sent as often as it takes.
pub struct Ready {
    pub line: String,
    pub body: Value,
    number: usize,
    email: String,
    group: String,
    /// What a client calls them, and the words for it in every case.
    ids: [(String, &'static str); 2],
}

impl Act {
    /// Makes what must be there.
    pub async fn prepare<S: Subject>(self, okta: &Okta, number: usize) -> Ready {
        let email = format!("p{number}@acme.example");
        let group = format!("Group {number}");
        let person = S::person(&email);
        let mut user = String::new();
        if !matches!(self, Self::Create | Self::CreateGroup) {
            user = id(&okta.create(person.clone()).await.told(201));
        }
        // Several are asked for at once where one alone is not.
        if self == Self::Import {
            okta.create(S::person(&format!("q{number}@acme.example"))).await.told(201);
        }
        if self == Self::Reactivate {
            okta.deactivate(&user).await.told(200);
        }
        let members: &[&str] = if self == Self::Join { &[] } else { &[&user] };
        let pushed = match self {
            Self::ReadGroup
            | Self::LookUpGroup
            | Self::ImportGroups
            | Self::Rename
            | Self::Join
            | Self::Leave
            | Self::DeleteGroup => okta.push_group(&group, members).await,
            _ => String::new(),
        };
        let (line, body) = self.request::<S>(okta, &user, &pushed, person, &group).await;
        Ready { line, body, number, email, group, ids: [(user, "the user"), (pushed, "the group")] }
    }

    async fn request<S: Subject>(
        self,
        okta: &Okta,
        user: &str,
        group: &str,
        person: Value,
        name: &str,
    ) -> (String, Value) {
        let patch = |operation: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
        let active = |active| patch(json!({ "op": "replace", "value": { "active": active } }));
        let name_filter = name.replace(' ', "%20");
        let email = person["userName"].as_str().unwrap().replace('@', "%40");
        let users = |rest: &str| format!("{rest}/Users/{user}");
        let groups = |rest: &str| format!("{rest}/Groups/{group}");
        match self {
            Self::Create => {
                ("POST /Users".into(), with(person, json!({ "password": "q8Zt1-random" })))
            }
            Self::Read => (users("GET "), Value::Null),
            Self::LookUp => {
                (format!("GET /Users?filter=userName%20eq%20%22{email}%22"), Value::Null)
            }
            Self::Import => ("GET /Users?startIndex=1&count=100".into(), Value::Null),
            Self::Update => {
                let now = okta.read(user).await.told(200);
                (users("PUT "), with(now, S::changes()))
            }
            Self::Readdress => {
                let now = okta.read(user).await.told(200);
                let other = other(person["userName"].as_str().unwrap());
                let emails = json!([{ "primary": true, "value": other, "type": "work" }]);
                let changes = json!({ "userName": other, "emails": emails });
                (users("PUT "), with(now, changes))
            }
            Self::ImportRoles => ("GET /Roles?startIndex=1&count=100".into(), Value::Null),
            Self::Deactivate => (users("PATCH "), active(false)),
            Self::Reactivate => (users("PATCH "), active(true)),
            Self::Delete => (users("DELETE "), Value::Null),
            Self::CreateGroup => {
                let schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
                let body = json!({ "schemas": [schema], "displayName": name, "members": [] });
                ("POST /Groups".into(), body)
            }
            Self::ReadGroup => (groups("GET "), Value::Null),
            Self::LookUpGroup => {
                (format!("GET /Groups?filter=displayName%20eq%20%22{name_filter}%22"), Value::Null)
            }
            Self::ImportGroups => ("GET /Groups?startIndex=1&count=100".into(), Value::Null),
            Self::Rename => {
                let value = json!({ "displayName": format!("{name} renamed") });
                (groups("PATCH "), patch(json!({ "op": "replace", "value": value })))
            }
            Self::Join => {
                let value = json!([{ "value": user }]);
                (groups("PATCH "), patch(json!({ "op": "add", "path": "members", "value": value })))
            }
            Self::Leave => {
                let path = format!("members[value eq \"{user}\"]");
                (groups("PATCH "), patch(json!({ "op": "remove", "path": path })))
            }
            Self::DeleteGroup => (groups("DELETE "), Value::Null),
        }
    }

    /// It changes nothing.
    pub fn reads(self) -> bool {
        matches!(
            self,
            Self::Read
                | Self::LookUp
                | Self::Import
                | Self::ReadGroup
                | Self::LookUpGroup
                | Self::ImportGroups
                | Self::ImportRoles
        )
    }

    /// Its answer holds others too.
    pub fn lists(self) -> bool {
        matches!(self, Self::Import | Self::ImportGroups | Self::ImportRoles)
    }

    /// It changes values, and not who is active or who belongs where.
    pub fn writes_values(self) -> bool {
        matches!(self, Self::Update | Self::Readdress | Self::Rename) || self.makes()
    }

    /// It makes somebody, of whom a 404 a moment later is no answer.
    pub fn makes(self) -> bool {
        matches!(self, Self::Create | Self::CreateGroup)
    }

    /// Whether a repeat that is answered so has come to its end.
    pub fn is_done(self, status: u16) -> bool {
        let gone = matches!(self, Self::Delete | Self::DeleteGroup) && status == 404;
        gone || (200..300).contains(&status)
    }
}

impl Ready {
    pub async fn ask(&self, okta: &Okta) -> Reply {
        okta.send(&self.line, &self.body).await
    }

    /// What the vendor holds of whom it is about.
    pub fn held<S: Subject>(&self, vendor: &S) -> Value {
        let names = [self.group.clone(), format!("{} renamed", self.group)];
        let groups: Vec<Value> = names.iter().flat_map(|name| vendor.groups(name)).collect();
        let addresses = [self.email.clone(), other(&self.email)];
        let users: Vec<Value> = addresses.iter().flat_map(|email| vendor.users(email)).collect();
        self.plain(json!({ "users": users, "groups": groups }))
    }

    /// What a client reads of whom it is about.
    pub async fn read(&self, okta: &Okta) -> Value {
        let user = okta.look_up(&self.email).await;
        let other = okta.look_up(&other(&self.email)).await;
        self.plain(user.or(other).unwrap_or_default())
    }

    /// What a client then reads by its id of what it has written, of which it was told so.
    pub async fn read_again(&self, okta: &Okta, told: &Value) -> Option<Value> {
        let (method, path) = self.line.split_once(' ')?;
        let path = match method {
            "PUT" | "PATCH" => path.to_owned(),
            "POST" => format!("{path}/{}", told["id"].as_str()?),
            _ => return None,
        };
        Some(self.plain(okta.send(&format!("GET {path}"), &Value::Null).await.body))
    }

    /// Without what differs from one case to the next: ids, stamps, and the number in names.
    pub fn plain(&self, value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let told = members.into_iter().filter(|(name, _)| !differs(name));
                told.map(|(name, value)| (name, self.plain(value))).collect()
            }
            Value::Array(items) => items.into_iter().map(|item| self.plain(item)).collect(),
            Value::String(text) => {
                if let Some((_, word)) = self.ids.iter().find(|(id, _)| *id == text) {
                    return Value::from(*word);
                }
                let text = text.replace(&format!("p{}@", self.number), "p@");
                Value::String(text.replace(&format!("Group {}", self.number), "Group"))
            }
            other => other,
        }
    }
}

/// The address that somebody has later.
fn other(email: &str) -> String {
    email.replace("@acme.", "@two.")
}

fn differs(name: &str) -> bool {
    let stamp = ["created", "updated", "date", "modified", "joined"];
    let own = ["id", "_id", "meta", "$ref", "phone_numbers", "phoneNumbers", "link", "image_url"];
    own.contains(&name) || stamp.iter().any(|part| name.contains(part))
}
