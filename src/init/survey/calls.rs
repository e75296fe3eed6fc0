//! The calls that are about people, found by their paths, their methods and what they answer.

use super::{
    envelope::{self, Envelope},
    vocabulary::folded,
};
use crate::init::openapi::Operation;

/// What collections of people are called, and how sure that is.
const NOUNS: [(&str, i32); 14] = [
    ("users", 10),
    ("user", 9),
    ("employees", 8),
    ("people", 8),
    ("members", 7),
    ("persons", 7),
    ("staff", 6),
    ("teammates", 6),
    ("agents", 5),
    ("workers", 5),
    ("collaborators", 5),
    ("accounts", 4),
    ("profiles", 3),
    ("contacts", 2),
];
/// Ends of paths that search.
const SEARCHES: [&str; 5] = ["search", "find", "lookup", "byemail", "query"];

/// More collections of people than any API has.
const MOST: usize = 200;

/// The calls of one collection.
#[derive(Debug, Clone)]
pub struct Calls<'a> {
    /// `/users/{id}`
    pub path: String,
    /// The name of the parameter that is the key.
    pub key: String,
    /// Reads one; what it answers is a user.
    pub get: Operation<'a>,
    /// The record in that answer.
    pub record: Envelope<'a>,
    /// Reads all, and the list in its answer.
    pub list: Option<(Operation<'a>, Envelope<'a>)>,
    /// Makes one.
    pub create: Option<Operation<'a>>,
    /// Changes one: PATCH before PUT before POST.
    pub update: Option<Operation<'a>>,
    /// Takes one away.
    pub delete: Option<Operation<'a>>,
    /// Searches, on a path of its own.
    pub search: Option<Operation<'a>>,
    /// Calls below the key: `/users/{id}/suspend`.
    pub below: Vec<Operation<'a>>,
    /// Why it was taken for the users.
    pub why: String,
}

/// The collection that is the users', or what came nearest.
pub fn of<'a>(operations: &[Operation<'a>]) -> Result<Calls<'a>, String> {
    let keyed = operations.iter().filter(|one| one.method == "get" && key(&one.path).is_some());
    let (mut near, mut looked) = (Vec::new(), 0);
    let mut best: Option<(i32, Calls<'a>)> = None;
    for get in keyed {
        let noun = noun(&get.path);
        if looked == MOST {
            break;
        }
        match gathered(get, operations) {
            Some(calls) => {
                looked += 1;
                let score = score(&calls, noun);
                // Of equals the first: paths come in order.
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    best = Some((score, calls));
                }
            }
            None if noun > 0 => near.push(get.call()),
            None => {}
        }
    }
    best.map(|(_, calls)| calls).ok_or_else(|| {
        let near = match near.as_slice() {
            [] => String::new(),
            near => {
                let named = near.iter().take(5).cloned().collect::<Vec<_>>().join("`, `");
                format!(
                    "; `{named}` came near, and answer nothing with an e-mail address or a login"
                )
            }
        };
        format!(
            "no user was found: no GET by a key answers a record with an e-mail address or a login\
             {near}; without `--openapi` the command writes a start to be filled in by hand"
        )
    })
}

fn gathered<'a>(get: &Operation<'a>, operations: &[Operation<'a>]) -> Option<Calls<'a>> {
    let record = envelope::record(&get.response()?.schema?)?;
    let (collection, key) = key(&get.path)?;
    let on = |path: &str, method: &str| {
        operations.iter().find(|one| one.path == path && one.method == method).cloned()
    };
    let beside = |path: &str| path.trim_end_matches('/') == collection;
    let on_all = |method: &str| {
        operations.iter().find(|one| beside(&one.path) && one.method == method).cloned()
    };
    let update = ["patch", "put", "post"].iter().find_map(|method| on(&get.path, method));
    let list = on_all("get").and_then(|list| {
        let envelope = envelope::list(&list.response()?.schema?)?;
        Some((list, envelope))
    });
    let search = operations.iter().find(|one| {
        let end = one.path.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/'));
        one.method == "get" && end.is_some_and(|end| SEARCHES.contains(&folded(end).as_str()))
    });
    let below = operations.iter().filter(|one| {
        let rest = one.path.strip_prefix(get.path.as_str()).and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|word| !word.contains(['/', '{']))
    });
    let mut calls = Calls {
        path: get.path.clone(),
        key: key.to_owned(),
        get: get.clone(),
        record,
        list,
        create: on_all("post"),
        update,
        delete: on(&get.path, "delete"),
        search: search.cloned(),
        below: below.cloned().collect(),
        why: String::new(),
    };
    calls.why = reason(&calls);
    Some(calls)
}

fn score(calls: &Calls<'_>, noun: i32) -> i32 {
    let there = |is: bool, points: i32| if is { points } else { 0 };
    // Each further key is a question that the tenant would have to answer.
    let keys = calls.path.matches('{').count().saturating_sub(1);
    let depth = calls.path.matches('/').count();
    let lost = i32::try_from(keys * 4 + depth).unwrap_or(i32::MAX / 2);
    noun + there(calls.list.is_some(), 4)
        + there(calls.create.is_some(), 4)
        + there(calls.update.is_some(), 4)
        + there(calls.delete.is_some(), 2)
        + there(calls.search.is_some(), 1)
        - there(calls.get.part.says("deprecated"), 6)
        - lost
}

fn reason(calls: &Calls<'_>) -> String {
    let list = calls.list.as_ref().map(|(list, _)| list.call());
    let others = [&calls.create, &calls.update, &calls.delete];
    let others = others.iter().filter_map(|one| one.as_ref().map(Operation::call));
    let all: Vec<String> = std::iter::once(calls.get.call()).chain(list).chain(others).collect();
    all.join(", ")
}

/// The collection's path and the key's name: `/users/{id}` is `/users` and `id`. A path that could
/// not be written in a mapping has none.
pub fn key(path: &str) -> Option<(&str, &str)> {
    let (collection, last) = path.trim_end_matches('/').rsplit_once('/')?;
    let key = last.strip_prefix('{')?.strip_suffix('}')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/{}_-.~".contains(c);
    let fits = path.chars().all(plain) && !path.contains("{{") && !key.contains(['{', '}']);
    let balanced = path.matches('{').count() == path.matches('}').count();
    (path.starts_with('/') && !collection.is_empty() && fits && balanced)
        .then_some((collection, key))
}

/// How much the name of a path's collection speaks for people.
fn noun(path: &str) -> i32 {
    let name = key(path).and_then(|(collection, _)| collection.rsplit('/').next());
    let name = name.map(folded).unwrap_or_default();
    NOUNS.iter().find(|(noun, _)| *noun == name).map_or(0, |(_, points)| *points)
}
