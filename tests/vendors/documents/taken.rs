//! What a fake takes and answers, asked over the wire, against an extract.

use super::{Operation, Type};
use crate::{
    fakes::{
        route::{Evidence, Route, Vendor},
        server::Fake,
    },
    literal::{Held, wire},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use url::form_urlencoded;

/// A fake, the headers that let a call in, and the pointer to the words in the body of an error.
pub struct Probe<'a, V> {
    pub vendor: Fake<V>,
    pub headers: &'a [(&'a str, &'a str)],
    pub message: &'a str,
}

/// The routes that are said to be documented are those of the extract, with the same fields.
pub fn same_routes<V: Vendor>(extract: &[Operation]) {
    let documented = V::ROUTES.iter().filter(|route| route.evidence == Evidence::Documented);
    let served: BTreeSet<_> = documented.map(|route| (route.method, route.path)).collect();
    let told: BTreeSet<_> = extract.iter().map(|one| (one.method, one.path)).collect();
    assert_eq!(served, told);
    for operation in extract {
        let route = route_of::<V>(operation);
        let place = format!("{} {}", operation.method, operation.path);
        let query = operation.query.iter().map(|(name, _)| *name);
        let told: BTreeSet<&str> = query.chain(operation.beyond.iter().copied()).collect();
        let taken: BTreeSet<&str> = route.query.iter().map(|field| field.name).collect();
        assert_eq!(taken, told, "query of {place}");
        let told = operation.body.map(|body| body.fields.iter().map(|(name, _)| *name).collect());
        let taken = route.body.map(|body| body.fields.iter().map(|field| field.name).collect());
        assert_eq!(taken.map(sorted), told.map(sorted), "body of {place}");
    }
}

fn sorted(names: Vec<&str>) -> BTreeSet<&str> {
    names.into_iter().collect()
}

fn route_of<V: Vendor>(operation: &Operation) -> &'static Route<V> {
    let mut routes = V::ROUTES.iter();
    let alike =
        |route: &&Route<V>| (route.method, route.path) == (operation.method, operation.path);
    routes.find(alike).unwrap()
}

/// Every answer of a page's successful exchanges is of its operation's status and type.
pub fn answers_hold(extract: &[Operation], held: &[Held]) {
    let mut operations = BTreeSet::new();
    for Held { method, path, status, body, .. } in held {
        let alike = |one: &&Operation| (one.method, one.path) == (*method, *path);
        let Some(operation) = extract.iter().find(alike) else { continue };
        let place = format!("{method} {path}");
        assert!(operation.statuses.contains(status), "{place}: {status}");
        operation.answer.holds(body, "").unwrap_or_else(|error| panic!("{place}: {error}"));
        operations.insert((*method, *path));
    }
    assert_eq!(operations.len(), extract.len(), "not every operation was held");
}

impl<V: Vendor> Probe<'_, V> {
    /// Each parameter and field of each operation: what must be taken is, what must not is refused by name.
    pub async fn takes(&self, extract: &[Operation]) -> usize {
        let mut cases = 0;
        for operation in extract {
            for (name, kind) in operation.query {
                for (value, fits) in kind.in_query() {
                    let query = form_urlencoded::Serializer::new(String::new())
                        .append_pair(name, &value)
                        .finish();
                    let refused = self.refusal(operation, &query, &Value::Null).await;
                    let by_name = format!("{name}: the parameter");
                    let place = format!("{} {}?{query}", operation.method, operation.path);
                    assert_eq!(refused.starts_with(&by_name), !fits, "{place}: {refused}");
                    cases += 1;
                }
            }
            cases += self.takes_body(operation).await;
        }
        cases
    }

    async fn takes_body(&self, operation: &Operation) -> usize {
        let Some(body) = operation.body else { return 0 };
        let fields = body.fields.iter().filter(|(name, _)| body.required.contains(name));
        let least: Map<String, Value> =
            fields.map(|(name, kind)| ((*name).to_owned(), kind.good()[0].clone())).collect();
        let with = |name: &str, value: Value| {
            let mut sent = least.clone();
            sent.insert(name.to_owned(), value);
            sent
        };
        let mut cases = vec![(with("surely_unknown", json!(1)), "surely_unknown", false)];
        for name in body.required {
            let mut without = least.clone();
            without.remove(*name);
            cases.push((without, name, false));
            cases.push((with(name, Value::Null), name, false));
        }
        for (name, kind) in body.fields {
            let good = kind.good().into_iter().map(|value| (with(name, value), *name, true));
            let bad = kind.bad().into_iter().map(|value| (with(name, value), *name, false));
            cases.extend(good.chain(bad));
        }
        let count = cases.len();
        for (sent, name, fits) in cases {
            let sent = Value::Object(sent);
            let refused = self.refusal(operation, "", &sent).await;
            let by_name = refused.starts_with(&format!("/{name}"));
            let place = format!("{} {} {sent}", operation.method, operation.path);
            assert_eq!(by_name, !fits, "{place}: {refused}");
        }
        count
    }

    /// The words of a refusal, empty for none. The ids of the path are nobody's: the shape is looked at first.
    async fn refusal(&self, operation: &Operation, query: &str, body: &Value) -> String {
        let segments = operation.path.split('/');
        let path: Vec<&str> =
            segments.map(|one| if one.starts_with('{') { "1" } else { one }).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let request = format!("{} {}{mark}{query}", operation.method, path.join("/"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = wire::send(self.vendor.url(), &request, self.headers, &body).await;
        let found = answer.json();
        let message = found.pointer(self.message).and_then(Value::as_str);
        message.unwrap_or_default().to_owned()
    }
}

impl Type {
    /// Values as they stand in a query, and whether they must be taken.
    fn in_query(&self) -> Vec<(String, bool)> {
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let good = self.good().iter().map(|value| (text(value), true)).collect::<Vec<_>>();
        let bad: &[&str] = match self {
            Self::Flag => &["yes", "1", ""],
            Self::Int64 => &["a word", "1.5", ""],
            Self::Words(_) => &["a word", ""],
            _ => &[],
        };
        good.into_iter().chain(bad.iter().map(|value| ((*value).to_owned(), false))).collect()
    }
}
