//! The tests of users: a read, a search, a create, an update and a deactivation, as far as the document
//! has the calls.

use super::{
    call::encoded,
    exchange::{Call, PATCH, Tests},
    sample,
};
use crate::init::survey::{Action, State, Way, Write};
use serde_json::{Map, Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What an update changes, the first that the vendor takes.
const CHANGED: [&str; 6] =
    ["title", "name.familyName", "displayName", "name.givenName", "nickName", "timezone"];

impl Tests<'_, '_> {
    /// All of them.
    pub fn user(&mut self) {
        self.read();
        self.list();
        self.search();
        self.create();
        self.update();
        self.rename();
        self.activity(false);
        self.activity(true);
        self.delete();
    }

    fn read(&mut self) {
        let request = json!({ format!("GET /Users/{}", self.sample.id): null });
        let response = self.expected("true");
        self.test("a user is read", request, vec![self.get()], 200, response);
    }

    fn list(&mut self) {
        let Some(list) = self.listed(Some(&self.sample.record)) else { return };
        let request = json!({ "GET /Users?startIndex=1&count=10": null });
        self.test("all users are listed", request, vec![list], 200, json!({ "totalResults": 1 }));
    }

    /// A search finds the one, whom the gateway matches again.
    fn search(&mut self) {
        let person = &self.survey.person;
        if person.find.path.is_none() {
            return;
        }
        let login = self.sample.scim("userName");
        let filter = encoded(&format!("userName eq \"{login}\""));
        let request = json!({ format!("GET /Users?filter={filter}"): null });
        let found = self.sought(Some(&self.sample.record));
        let response = json!({ "totalResults": 1 });
        self.test("a login is looked for", request, vec![found], 200, response);
    }

    fn create(&mut self) {
        let person = &self.survey.person;
        let Some(create) = &person.create else { return };
        let mut resource = json!({ "schemas": [USER] });
        let mut body = json!({});
        for rule in &person.rules {
            let attribute = rule.attribute.as_str();
            let spoken = ["userName", "name.givenName", "name.familyName", "active"];
            let active = attribute == "active";
            let asked = rule.required || spoken.contains(&attribute);
            let sent = person.sent_first().any(|one| one.attribute == rule.attribute);
            let follows = rule.way != Way::Read && !sent;
            // What would only follow as an update is for a test of its own.
            if asked && rule.way != Way::Read && (!follows || active) {
                let value = if active { true.into() } else { self.sample.scim(attribute).into() };
                sample::said(&mut resource, attribute, value);
            }
            let value = match (&rule.default, asked) {
                (_, true) => self.sample.vendor(attribute),
                (Some(default), false) => sample::vendor(rule, default),
                (None, false) => continue,
            };
            if let (true, Some(place)) = (sent, &rule.create) {
                place.put(&mut body, value);
            }
        }
        for fill in &person.fills {
            fill.place.put(&mut body, sample::filled(fill));
        }
        let path = self.path(&create.operation.path);
        let mut post = Call {
            line: format!("POST {path}"),
            body: Some(sent(create, body)),
            answer: self.answered(create, &self.sample.record),
        };
        let mut calls: Vec<Call> = self.looked_for().into_iter().collect();
        if create.record.is_none() {
            let key = person.key.0.get(&self.sample.record).cloned().unwrap_or_default();
            post.answer = json!({ "status": 201, "body": create.key.holding(key) });
        }
        calls.push(post);
        calls.extend(create.record.is_none().then(|| self.get()));
        let request = json!({ "POST /Users": resource });
        let response = self.expected("true");
        self.test("a new user is looked for, then made", request, calls, 201, response);
    }

    fn update(&mut self) {
        let person = &self.survey.person;
        let Some(update) = &person.update else { return };
        let changes = |name: &&&str| {
            person.rules.iter().any(|rule| {
                rule.attribute == **name
                    && rule.way == Way::Both
                    && rule.update.as_ref() == Some(&rule.place)
            })
        };
        let Some(attribute) = CHANGED.iter().find(changes) else { return };
        let value = "Changed";
        let Some(rule) = person.rules.iter().find(|rule| rule.attribute == **attribute) else {
            return;
        };
        let mut record = self.sample.record.clone();
        rule.place.put(&mut record, value.into());
        let request = self.patch(json!([{ "op": "replace", "path": attribute, "value": value }]));
        let calls = self.updated(update, rule.place.holding(value.into()), &record);
        let mut response = json!({ "id": self.sample.id });
        sample::said(&mut response, attribute, value.into());
        self.test("what changed is sent", request, calls, 200, response);
    }

    /// A login that an update names otherwise than the record does.
    fn rename(&mut self) {
        let person = &self.survey.person;
        let moved = person.moved();
        let Some(rule) = moved.iter().find(|rule| rule.attribute == "userName") else { return };
        let (Some(update), Some(place)) = (&person.update, &rule.update) else { return };
        let value = "renamed@acme.example";
        let mut record = self.sample.record.clone();
        rule.place.put(&mut record, value.into());
        let request = self.patch(json!([{ "op": "replace", "path": "userName", "value": value }]));
        let calls = self.updated(update, place.holding(value.into()), &record);
        let response = json!({ "id": self.sample.id, "userName": value });
        self.test("a new login is sent", request, calls, 200, response);
    }

    /// Both ways where each has a call of its own; else the one that matters.
    fn activity(&mut self, becomes: bool) {
        let person = &self.survey.person;
        let Some(rule) = person.rules.iter().find(|rule| rule.attribute == "active") else {
            return;
        };
        let (mut before, mut after) = (self.sample.record.clone(), self.sample.record.clone());
        let vendor = |active: bool| sample::vendor(rule, if active { "true" } else { "false" });
        rule.place.put(&mut before, vendor(!becomes));
        rule.place.put(&mut after, vendor(becomes));
        let calls = match (&person.state, &person.update) {
            (State::Written, Some(update)) if !becomes => {
                self.updated(update, rule.place.holding(vendor(becomes)), &after)
            }
            (State::Calls(off, on), _) => {
                let action = if becomes { on } else { off };
                self.acted(action, &before, &after)
            }
            _ => return,
        };
        let request = self.patch(json!([{ "op": "replace", "value": { "active": becomes } }]));
        let response = json!({ "id": self.sample.id, "active": becomes });
        let name = match becomes {
            true => "a reactivation reaches the vendor",
            false => "a deactivation reaches the vendor",
        };
        self.test(name, request, calls, 200, response);
    }

    fn delete(&mut self) {
        let person = &self.survey.person;
        let Some(delete) = &person.calls.delete else { return };
        let line = format!("DELETE {}", self.path(&delete.path));
        // A record that is no more is not deleted again, so it is read first.
        let mut calls: Vec<Call> =
            person.exists.is_some().then(|| self.get()).into_iter().collect();
        calls.push(Call { line, body: None, answer: json!({ "status": 204 }) });
        // Whether it has gone its record says.
        calls.push(Call { answer: json!({ "status": 404 }), ..self.get() });
        let request = json!({ format!("DELETE /Users/{}", self.sample.id): null });
        self.test("a deletion reaches the vendor", request, calls, 204, Value::Null);
    }

    fn patch(&self, operations: Value) -> Value {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        json!({ format!("PATCH /Users/{}", self.sample.id): body })
    }

    /// The record is read, changed, and read back where the answer does not have it.
    fn updated(&self, update: &Write<'_>, changed: Value, record: &Value) -> Vec<Call> {
        let person = &self.survey.person;
        let body = match update.operation.method {
            "put" => {
                let mut whole = record.clone();
                if let Some(members) = whole.as_object_mut() {
                    let unsent = person.unsent(update);
                    members.retain(|name, _| !unsent.contains(&name.as_str()));
                }
                for rule in person.moved() {
                    if let (Some(place), Some(value)) = (&rule.update, rule.place.get(record)) {
                        place.put(&mut whole, value.clone());
                    }
                }
                whole
            }
            _ => changed,
        };
        let method = update.operation.method.to_uppercase();
        let line = format!("{method} {}", self.path(&update.operation.path));
        let answer = match update.record {
            Some(_) => self.answered(update, record),
            None => json!({ "body": {} }),
        };
        let write = Call { line, body: Some(sent(update, body)), answer };
        let back = update.record.is_none().then(|| self.got(record));
        [self.get(), write].into_iter().chain(back).collect()
    }

    fn acted(&self, action: &Action, before: &Value, after: &Value) -> Vec<Call> {
        let method = action.method.to_uppercase();
        let line = format!("{method} {}", self.path(&action.path));
        let act = Call { line, body: None, answer: json!({ "status": 204 }) };
        vec![self.got(before), act, self.got(after)]
    }

    /// How a create makes sure that nobody is there yet; nobody is.
    fn looked_for(&self) -> Option<Call> {
        match self.survey.person.find.path {
            Some(_) => Some(self.sought(None)),
            None => self.listed(None),
        }
    }

    /// The list, with the record in it or empty.
    fn listed(&self, record: Option<&Value>) -> Option<Call> {
        let person = &self.survey.person;
        let ((list, people), (_, paging)) = (person.calls.list.as_ref()?, person.list.as_ref()?);
        let query = [person.always.query.clone(), paging.first.clone()].concat();
        let line = self.asked(&list.path, &query);
        let items: Value = record.into_iter().cloned().collect();
        Some(Call { line, body: None, answer: json!({ "body": people.place.holding(items) }) })
    }

    /// A search that finds the record or nobody.
    fn sought(&self, record: Option<&Value>) -> Call {
        let person = &self.survey.person;
        let find = &person.find;
        let own = find.paging.is_some() || find.record.is_some();
        let always = if own { &person.find_always } else { &person.always };
        let login = self.sample.scim("userName");
        let query =
            find.query.iter().map(|(name, value)| (name.clone(), value.replace("{login}", login)));
        let list = person.list.as_ref().map(|(_, paging)| paging).filter(|_| !own);
        let paging = find.paging.as_ref().or(list).map(|paging| paging.first.clone());
        let query: Vec<_> =
            query.chain(always.query.clone()).chain(paging.unwrap_or_default()).collect();
        let line = self.asked(find.path.as_deref().unwrap_or_default(), &query);
        let answer = match (&find.record, &find.items, record) {
            (Some(place), _, Some(record)) => json!({ "body": place.holding(record.clone()) }),
            (Some(_), _, None) => json!({ "status": 404 }),
            (None, Some(items), record) => {
                json!({ "body": items.holding(record.into_iter().cloned().collect()) })
            }
            (None, None, _) => json!({}),
        };
        Call { line, body: None, answer }
    }

    fn answered(&self, write: &Write<'_>, record: &Value) -> Value {
        let around = write.record.clone().unwrap_or_default();
        let same = *record == self.sample.record && around == self.survey.person.calls.record.place;
        if same {
            json!({ "as": "user" })
        } else {
            json!({ "body": around.holding(record.clone()) })
        }
    }

    /// What a client is told of the sample.
    fn expected(&self, active: &str) -> Value {
        let mut response = json!({ "id": self.sample.id });
        let told =
            ["userName", "name.givenName", "name.familyName", "displayName", "title", "active"];
        for rule in self.survey.person.rules.iter().filter(|rule| rule.way != Way::Write) {
            let attribute = rule.attribute.as_str();
            if told.contains(&attribute) {
                let text = self.sample.scim(attribute);
                let value =
                    if attribute == "active" { Value::Bool(active == "true") } else { text.into() };
                sample::said(&mut response, attribute, value);
            }
        }
        response
    }
}

/// A body as it travels: inside what stands around it; a form has texts alone.
fn sent(write: &Write<'_>, body: Value) -> Value {
    let body = write.around.holding(body);
    if !write.form {
        return body;
    }
    let mut pairs = Map::new();
    flattened("", &body, &mut pairs);
    pairs.into()
}

/// `a[b]=c`, as forms nest.
fn flattened(name: &str, value: &Value, pairs: &mut Map<String, Value>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(inner, value)| {
            let name = if name.is_empty() { inner.clone() } else { format!("{name}[{inner}]") };
            flattened(&name, value, pairs);
        }),
        Value::String(text) => {
            pairs.insert(name.to_owned(), text.as_str().into());
        }
        other => {
            pairs.insert(name.to_owned(), other.to_string().into());
        }
    }
}
