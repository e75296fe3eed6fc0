//! The rows as changes of a store, and a store's contents as rows.

use super::{GROUPS, Part, Rows, state};
use crate::{
    gateway::{
        begun::{ours, unfinished},
        outsider,
    },
    mapping::plan::{Plan, ResourcePlan},
    scim::resource::Resource,
    store::{Change, Holding, Link, Mark, Member, Scope, State},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The kind that members of kept Groups are of, and the Groups' own.
const USER: &str = "User";
const GROUP: &str = "Group";

impl Rows {
    /// As changes of an empty store, each with its kind.
    pub fn changes(&self, plan: &Plan, now: jiff::Timestamp) -> Vec<(String, Change)> {
        let mut all = Vec::new();
        for Part { name, value, .. } in &self.parts {
            for (key, rows) in value.as_object().into_iter().flatten() {
                let (kind, changes) = match *name {
                    GROUPS => (GROUP, group(key, rows, now)),
                    part => (key.as_str(), changes(part, plan.resource(key), rows, now)),
                };
                all.extend(changes.into_iter().map(|change| (kind.to_owned(), change)));
            }
        }
        all
    }
}

/// One kind's rows of one part.
fn changes(
    part: &str,
    resource: Option<&ResourcePlan>,
    rows: &Value,
    now: jiff::Timestamp,
) -> Vec<Change> {
    let mut all = Vec::new();
    for (id, row) in rows.as_object().into_iter().flatten() {
        let id = id.clone();
        match (part, row) {
            ("kept", Value::Object(attributes)) => {
                all.extend(attributes.iter().map(|(path, value)| Change::Keep {
                    id: id.clone(),
                    path: path.clone(),
                    value: value.clone(),
                }));
            }
            ("links", Value::String(own)) => {
                all.push(Change::Link { id: own.clone(), vendor_key: id });
            }
            ("gone", values) => all.push(Change::Bury { id, values: texts(values), at: now }),
            ("outside", Value::Object(said)) => {
                let said = Resource::from_map(said.clone());
                all.extend(resource.map(|plan| outsider::row(plan, &id, &said, false)));
            }
            ("ours", Value::String(word)) => {
                let (name, state) = (ours(&id), state(word).unwrap_or(State::Made));
                let (vendor_key, values) = (Some(id), Default::default());
                all.push(Change::Mark(Mark { name, state, vendor_key, values, since: now }));
            }
            _ => {}
        }
    }
    for row in rows.as_array().into_iter().flatten() {
        let values = texts(row);
        // Its mark has the name of the first `match` attribute that it has.
        let matches =
            resource.into_iter().flat_map(|resource| &resource.matches).map(|by| &by.target);
        let first = matches.map(ToString::to_string).find_map(|path| {
            let value = values.get(&path)?;
            Some(unfinished(&path, value))
        });
        if let Some(name) = first {
            let (state, vendor_key) = (State::Unfinished, None);
            all.push(Change::Mark(Mark { name, state, vendor_key, values, since: now }));
        }
    }
    all
}

fn group(id: &str, group: &Value, at: jiff::Timestamp) -> Vec<Change> {
    let text = |name: &str| group.get(name).and_then(Value::as_str).map(str::to_owned);
    let put = Change::PutGroup {
        id: id.to_owned(),
        display_name: text("displayName").unwrap_or_default(),
        external_id: text("externalId"),
        at,
    };
    let ids = group.get("members").and_then(Value::as_array).into_iter().flatten();
    let members = ids.filter_map(Value::as_str);
    let members = members.map(|id| Member { kind: USER.to_owned(), id: id.to_owned() });
    let members: Vec<Member> = members.collect();
    let add = Change::AddMembers { group: id.to_owned(), members, at };
    vec![put, add]
}

fn texts(values: &Value) -> BTreeMap<String, String> {
    let values = values.as_object().into_iter().flatten();
    values.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// What a store holds in the words of a test file: what is not there has no key.
pub fn told(held: &[(Scope, Holding)]) -> Value {
    let mut all = Map::new();
    for (scope, holding) in held {
        let kind: &str = &scope.kind;
        match holding {
            Holding::Kept { id, values } => put(&mut all, &["kept", kind, id], json!(values)),
            Holding::Gone { id, values } => put(&mut all, &["gone", kind, id], json!(values)),
            Holding::Outside { id, said } => {
                put(&mut all, &["outside", kind, id], said.clone());
            }
            Holding::Link(Link { id, vendor_key }) => {
                put(&mut all, &["links", kind, vendor_key], json!(id));
            }
            Holding::Mark(Mark { state: State::Unfinished, values, .. }) => {
                let creates = all.entry("unfinished").or_insert_with(|| json!({}));
                let creates = creates
                    .as_object_mut()
                    .map(|kinds| kinds.entry(kind.to_owned()).or_insert_with(|| json!([])));
                if let Some(Value::Array(creates)) = creates {
                    creates.push(json!(values));
                }
            }
            Holding::Mark(Mark { state, vendor_key, .. }) => {
                let word = if *state == State::Made { "made" } else { "adopted" };
                let key = vendor_key.as_deref().unwrap_or_default();
                put(&mut all, &["ours", kind, key], word.into());
            }
            Holding::Group { id, display_name, external_id, members } => {
                let mut group = Map::new();
                group.insert("displayName".to_owned(), json!(display_name));
                if let Some(external) = external_id {
                    group.insert("externalId".to_owned(), json!(external));
                }
                let members: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
                if !members.is_empty() {
                    group.insert("members".to_owned(), json!(members));
                }
                put(&mut all, &[GROUPS, id], group.into());
            }
        }
    }
    all.into()
}

fn put(all: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            all.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = all.entry(*first).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
