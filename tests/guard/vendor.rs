//! A vendor in memory with people and teams, who notes every call that is no read.

use scimshim::upstream::{
    self, Answer, Call, Upstream,
    call::{Body, Pending},
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

#[derive(Default)]
struct State {
    /// By path: `/people/1`, `/teams/1`.
    records: BTreeMap<String, Value>,
    made: u64,
    written: Vec<String>,
}

/// Shared with who looks at it.
#[derive(Clone, Default)]
pub struct Vendor(Arc<Mutex<State>>);

impl Vendor {
    /// With people 1 to `count`, who are active, and as many teams.
    pub fn with(count: u64) -> Self {
        let vendor = Self::default();
        let mut state = vendor.0.lock().unwrap();
        for id in 1..=count {
            let person =
                json!({ "id": id, "login": format!("p{id}"), "active": true, "role": "r" });
            state.records.insert(format!("/people/{id}"), person);
            let team = json!({ "id": id, "name": format!("t{id}") });
            state.records.insert(format!("/teams/{id}"), team);
        }
        state.made = count;
        drop(state);
        vendor
    }

    /// What was written since the last look.
    pub fn written(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().written)
    }

    /// One record, or null.
    pub fn record(&self, path: &str) -> Value {
        self.0.lock().unwrap().records.get(path).cloned().unwrap_or_default()
    }
}

impl State {
    fn answer(&mut self, call: &Call) -> (u16, Value) {
        let read = call.method == http::Method::GET;
        if !read {
            self.written.push(format!("{} {}", call.method, call.path));
        }
        let sent = match &call.body {
            Body::Json(Value::Object(sent)) => sent.clone(),
            _ => Map::new(),
        };
        if self.records.contains_key(&call.path) {
            if call.method == http::Method::DELETE {
                self.records.remove(&call.path);
                return (204, Value::Null);
            }
            let record = self.records.get_mut(&call.path).unwrap();
            record.as_object_mut().unwrap().extend(sent);
            return (200, record.clone());
        }
        let lists = ["/people", "/teams"].contains(&call.path.as_str());
        match (lists, read) {
            (false, _) => (404, json!({})),
            (true, true) => (200, json!({ "items": self.found(call) })),
            (true, false) => {
                self.made += 1;
                // Whoever is made is active, whatever is sent.
                let mut made = Value::Object(sent);
                (made["id"], made["active"]) = (json!(self.made), json!(true));
                self.records.insert(format!("{}/{}", call.path, self.made), made.clone());
                (201, made)
            }
        }
    }

    fn found(&self, call: &Call) -> Vec<&Value> {
        let below = format!("{}/", call.path);
        let of_kind = self.records.iter().filter(|(path, _)| path.starts_with(&below));
        let fits = |record: &Value| call.query.iter().all(|(name, value)| record[name] == **value);
        of_kind.map(|(_, record)| record).filter(|record| fits(record)).collect()
    }
}

impl Upstream for Vendor {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, upstream::Error>> {
        let (status, body) = self.0.lock().unwrap().answer(call);
        Box::pin(async move { Ok(Answer { status, body, ..Answer::default() }) })
    }

    fn wait(&self, _: Duration) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}
