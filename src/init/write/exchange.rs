//! The tests beside the mapping: the file, and what each test is written with.

use super::{
    call::{self, encoded},
    page::Page,
    sample::{self, Sample},
    scalar::{flow, scalar},
};
use crate::init::survey::{Scheme, Survey};
use serde_json::{Map, Value, json};

/// The schema of a PATCH.
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Their text.
pub fn text(name: &str, survey: &Survey<'_>) -> String {
    let mut tests = Tests { page: Page::default(), survey, sample: Sample::of(&survey.person) };
    tests.head(name);
    tests.user();
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
        if self.survey.auth.kind == Scheme::Basic {
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

    /// The user is read.
    pub fn get(&self) -> Call {
        let line = format!("GET {}", self.path(&self.survey.person.calls.path));
        Call { line, body: None, answer: json!({ "as": "user" }) }
    }

    /// The user is read, and is this.
    pub fn got(&self, record: &Value) -> Call {
        match *record == self.sample.record {
            true => self.get(),
            false => Call { answer: json!({ "body": self.enveloped(record) }), ..self.get() },
        }
    }

    /// A GET with parameters.
    pub fn asked(&self, path: &str, query: &[(String, String)]) -> String {
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
    pub fn path(&self, path: &str) -> String {
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
    pub fn enveloped(&self, record: &Value) -> Value {
        self.survey.person.calls.record.place.holding(record.clone())
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
