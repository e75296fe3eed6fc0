//! The tests beside the mapping: a read, a search, a create, an update and a deactivation, as far as
//! the document has the calls.

use super::{
    call::{self, encoded},
    page::Page,
    sample::{self, Sample},
    scalar::{flow, scalar},
};
use crate::init::survey::{Action, State, Survey, Way, Write};
use serde_json::{Map, Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of a PATCH.
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// What an update changes, the first that the vendor takes.
const CHANGED: [&str; 6] =
    ["title", "name.familyName", "displayName", "name.givenName", "nickName", "timezone"];

/// Their text.
pub fn text(name: &str, survey: &Survey<'_>) -> String {
    let mut tests = Tests { page: Page::default(), survey, sample: Sample::of(&survey.person) };
    tests.head(name);
    tests.read();
    tests.list();
    tests.search();
    tests.create();
    tests.update();
    tests.rename();
    tests.activity(false);
    tests.activity(true);
    tests.delete();
    tests.group();
    tests.page.text()
}

/// The file while it is written.
pub struct Tests<'s, 'a> {
    page: Page,
    /// What it is about.
    pub survey: &'s Survey<'a>,
    /// The one user in it.
    pub sample: Sample,
}

/// One expected call.
pub struct Call {
    /// METHOD /path?query
    pub line: String,
    /// What it is sent.
    pub body: Option<Value>,
    /// What it is answered.
    pub answer: Value,
}

impl Tests<'_, '_> {
    fn head(&mut self, name: &str) {
        let page = &mut self.page;
        page.comment(0, "Drafted with the mapping: the answers are the document's examples, or made up where it has none.");
        page.comment(0, "They show that the mapping is sound, not that the vendor is so: paste in what it really answers.");
        page.line(0, "test: 1");
        page.line(0, &format!("mapping: {name}.yaml"));
        let mut tenant = Map::from_iter([("token".to_owned(), json!("t0ken"))]);
        if self.survey.auth.kind == crate::init::survey::Scheme::Basic {
            tenant.insert("account".to_owned(), json!("admin"));
        }
        for variable in self.survey.variables() {
            let value = sample::supplied(variable.kind, &variable.options);
            tenant.insert(variable.name.clone(), value);
        }
        self.page.line(0, &format!("tenant: {}", flow(&tenant.into())));
        self.page.gap();
        let body = self.enveloped(&self.sample.record);
        self.page.line(0, "answers:");
        self.page.line(2, "user:");
        self.page.value(4, "body", &body, "");
        self.page.gap();
        self.page.line(0, "tests:");
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

    /// The user is read.
    pub fn get(&self) -> Call {
        let line = format!("GET {}", self.path(&self.survey.person.calls.path));
        Call { line, body: None, answer: json!({ "as": "user" }) }
    }

    fn got(&self, record: &Value) -> Call {
        match *record == self.sample.record {
            true => self.get(),
            false => Call { answer: json!({ "body": self.enveloped(record) }), ..self.get() },
        }
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

    fn asked(&self, path: &str, query: &[(String, String)]) -> String {
        self.asked_below(&self.path(path), query)
    }

    /// A GET with parameters, on a path that is filled.
    pub fn asked_below(&self, path: &str, query: &[(String, String)]) -> String {
        let pair = |(name, value): &(String, String)| {
            let variable = value.strip_prefix("{tenant.").and_then(|rest| rest.strip_suffix('}'));
            let value = variable.map_or_else(|| value.clone(), |variable| self.supplied(variable));
            format!("{}={}", encoded(name), encoded(&value))
        };
        let query: Vec<String> = query.iter().map(pair).collect();
        match query.is_empty() {
            true => format!("GET {path}"),
            false => format!("GET {path}?{}", query.join("&")),
        }
    }

    /// A path with the sample's key and the tenant's values in it.
    fn path(&self, path: &str) -> String {
        let written = call::path(&self.survey.base, &self.survey.person.calls, path);
        let mut told = written.replace("{key}", &self.sample.id);
        for variable in self.survey.variables() {
            let value = self.supplied(&variable.name);
            told = told.replace(&format!("{{tenant.{}}}", variable.name), &encoded(&value));
        }
        told
    }

    fn supplied(&self, name: &str) -> String {
        let variables = self.survey.variables();
        let found = variables.iter().find(|variable| variable.name == name);
        let value = found.map(|one| sample::supplied(one.kind, &one.options)).unwrap_or_default();
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// A record as `get` answers it.
    fn enveloped(&self, record: &Value) -> Value {
        self.survey.person.calls.record.place.holding(record.clone())
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

    /// One test.
    pub fn test(&mut self, name: &str, request: Value, calls: Vec<Call>, status: u16, body: Value) {
        let page = &mut self.page;
        page.line(2, &format!("- name: {name}"));
        page.line(4, "client: okta");
        page.line(4, "request:");
        for (line, asked) in request.as_object().into_iter().flatten() {
            match asked {
                Value::Null => page.line(6, &format!("{}: null", scalar(line))),
                Value::Object(members) => {
                    page.line(6, &format!("{}:", scalar(line)));
                    // A SCIM body begins with what it is.
                    let first = members.iter().filter(|(name, _)| *name == "schemas");
                    let rest = members.iter().filter(|(name, _)| *name != "schemas");
                    for (name, value) in first.chain(rest) {
                        page.value(8, &scalar(name), value, "");
                    }
                }
                other => page.line(6, &format!("{}: {}", scalar(line), flow(other))),
            }
        }
        page.line(4, "calls:");
        for call in &calls {
            page.line(6, &format!("- call: {}", call.line));
            if let Some(body) = &call.body {
                page.value(8, "body", body, "");
            }
            page.value(8, "answer", &call.answer, "");
        }
        page.line(4, "response:");
        page.line(6, &format!("status: {status}"));
        if !body.is_null() {
            page.value(6, "body", &body, "");
        }
        page.gap();
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
