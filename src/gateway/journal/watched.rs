//! What is kept of the writes to a resource that is watched, and what they come to together.

use super::super::Context;
use crate::{
    crash,
    scim::{
        attribute::AttributePath,
        intent::Intent,
        message::Action,
        patch::{PatchKind, PatchOp, apply, path::PatchPath},
        profile::Profile,
        reading::Reading,
        resource::Resource,
        resource_type::ResourceType,
        schema::Mutability,
    },
    store::{Change, Lease},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Marks what is kept of a write of which nobody knows how much was carried out.
const DOUBTED: &str = "doubted";

/// What is kept of a write that was carried out; nothing where its resource is not watched.
pub fn done(cx: &Context<'_>, intent: &Value) -> Option<Change> {
    let (name, intent) = (watched(cx)?, intent.clone());
    let whole = Intent::is_whole(&intent);
    (!intent.is_null()).then_some(Change::Done { name, intent, whole })
}

/// The same of a write that came to another end, of which something may have been carried out: what was wanted before is
/// not to come back over it. A dead letter may have switched somebody off.
pub fn doubted(cx: &Context<'_>, intent: &Value) -> Option<Change> {
    let name = watched(cx)?;
    match Intent::verb(intent)? {
        "create" => None,
        "delete" => Some(Change::Forget { name }),
        _ => Some(Change::Done { name, intent: json!({ DOUBTED: intent }), whole: false }),
    }
}

fn watched(cx: &Context<'_>) -> Option<String> {
    // Of a Group that is a value each member is watched by himself.
    let watched = |lease: &&Lease| lease.watched && cx.plan.values_of().is_none();
    let lease = cx.lease.as_ref().filter(watched).filter(|_| !crash::off("look"));
    lease.map(|lease| lease.name.clone())
}

/// All that was wanted, as one write: what was said after the last that said everything is laid onto it. A change that
/// cannot be made any more has lost its ground to a later one. What is doubted is wanted as the vendor has it. Nothing
/// where nothing is wanted, or nobody is there.
pub fn fold(
    id: &str,
    writes: &[Value],
    profile: Profile,
    kind: &ResourceType,
    shown: &Option<Resource>,
) -> Option<Action> {
    let mut standing = shown.clone().unwrap_or_default();
    let (mut changes, mut whole, mut deleted) = (Vec::<PatchOp>::new(), None, false);
    for write in writes {
        let doubted = write.get(DOUBTED);
        let Some(action) = Intent::action(doubted.unwrap_or(write), id) else { continue };
        // Who is changed after his end is there again, as he was made.
        deleted = matches!(action, Action::Delete { .. });
        match action {
            // Each by itself: what has lost its ground takes nothing else with it.
            Action::Patch { operations, .. } => {
                for operation in operations {
                    let base = whole.as_mut().unwrap_or(&mut standing);
                    let (one, mut reading) = ([operation], Reading::new(profile));
                    let Ok(applied) = apply::apply(&one, base, kind, &mut reading) else {
                        continue;
                    };
                    if doubted.is_some() {
                        changes.extend(as_shown(base, &applied.resource, kind, shown.as_ref()));
                        continue;
                    }
                    *base = applied.resource;
                    changes.extend(one);
                }
            }
            Action::Replace { mut resource, .. } => {
                let base = whole.as_mut().unwrap_or(&mut standing);
                let active = AttributePath::core("active");
                if let (None, Some(stays)) = (resource.get(&active), base.get(&active)) {
                    resource.set(&active, stays.clone());
                }
                match doubted {
                    Some(_) => changes.extend(as_shown(base, &resource, kind, shown.as_ref())),
                    None => whole = Some(resource),
                }
            }
            _ => {}
        }
        if deleted {
            (changes, whole) = (Vec::new(), None);
            standing = shown.clone().unwrap_or_default();
        }
    }
    let id = id.to_owned();
    match whole {
        _ if deleted => Some(Action::Delete { id }),
        _ if shown.is_none() => None,
        Some(resource) => Some(Action::Replace { id, resource }),
        None if changes.is_empty() => None,
        None => Some(Action::Patch { id, operations: changes }),
    }
}

/// The changes by which one resource becomes another, each of a whole attribute.
pub fn changes(before: &Resource, after: &Resource, kind: &ResourceType) -> Vec<PatchOp> {
    as_shown(&mut before.clone(), after, kind, Some(after))
}

/// The attributes that a client writes and in which two are not the same.
fn differing(one: &Resource, other: &Resource, kind: &ResourceType) -> Vec<AttributePath> {
    let keys = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let names = one.keys().chain(other.keys()).cloned().collect::<BTreeSet<String>>();
        names.into_iter().filter(|name| one.get(name) != other.get(name)).collect::<Vec<_>>()
    };
    let (one, other) = (one.as_map(), other.as_map());
    let within = |name: String| {
        let [one, other] = [one, other].map(|map| map.get(&name).and_then(Value::as_object));
        match name.contains(':') {
            // An extension.
            true => {
                let none = Map::new();
                let inner = keys(one.unwrap_or(&none), other.unwrap_or(&none));
                inner.iter().map(|inner| AttributePath::of(&name, inner)).collect()
            }
            false => vec![AttributePath::core(&name)],
        }
    };
    let written = |path: &AttributePath| {
        let resolved = kind.resolve(path);
        let attribute = resolved.as_ref().and_then(|resolved| resolved.leaf());
        attribute.is_some_and(|attribute| attribute.mutability != Mutability::ReadOnly)
    };
    keys(one, other).into_iter().flat_map(within).filter(written).collect()
}

/// The changes that make what the vendor shows of all in which `base` is not as `other`, with which it has that so.
fn as_shown(
    base: &mut Resource,
    other: &Resource,
    kind: &ResourceType,
    shown: Option<&Resource>,
) -> Vec<PatchOp> {
    let differing = differing(base, other, kind);
    let change = |attribute: AttributePath| {
        let value = shown.and_then(|shown| shown.get(&attribute)).cloned();
        base.set(&attribute, value.clone().unwrap_or_default());
        let kind = if value.is_some() { PatchKind::Replace } else { PatchKind::Remove };
        PatchOp { kind, path: Some(PatchPath { attribute, filter: None, sub: None }), value }
    };
    differing.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping;
    use serde_json::json;

    const MAPPING: &str = r#"
mapping: 1
name: looked
evidence: assumed
tenant: { token: { type: text, secret: true } }
upstream: { base_url: "https://v.example", auth: { bearer: { token: "{tenant.token}" } } }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      title: { field: title }
      active: { field: active }
      emails.^[type=='work'].value: { field: mail }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
      delete: { call: "DELETE /users/{key}" }
"#;

    fn patch(operations: Value) -> Value {
        json!({ "patch": operations })
    }

    fn set(path: &str, value: Value) -> Value {
        patch(json!([{ "op": "replace", "path": path, "value": value }]))
    }

    #[test]
    fn all_that_was_wanted_is_one_write() {
        let mapping::Loaded { plan, findings, .. } = mapping::load("m.yaml", MAPPING);
        let plan = plan.unwrap_or_else(|| panic!("{findings:?}"));
        let kind = &plan.resource("User").unwrap().kind;
        let there = json!({ "userName": "ada", "active": true, "title": "old" });
        let put = json!({ "replace": { "userName": "ada", "title": "p" } });
        let (on, off) = (set("active", json!(true)), set("active", json!(false)));
        let title = |title: &str| set("title", json!(title));
        let lost = patch(
            json!([{ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "x@y.z" }]),
        );
        let both = |all: [&Value; 2]| {
            let each = all.map(|one| one["patch"][0].clone());
            Some(patch(json!(each)))
        };
        let (delete, a) = (json!("delete"), title("a"));
        let doubted = |write: &Value| json!({ DOUBTED: write });
        // Who is on as it is shown: `old` is his title there, and he has no mail.
        let added = |mail: &str| {
            let mails = json!([{ "type": "work", "value": mail }]);
            patch(json!([{ "op": "add", "path": "emails", "value": mails }]))
        };
        let (mail, other) = (added("a@b.c"), added("x@y.z"));
        let is_shown = |of: &Value, path: &str, value: Value| {
            let shown = json!({ "op": "replace", "path": path, "value": value });
            Some(patch(json!([of["patch"][0], shown])))
        };
        let no_mail =
            patch(json!([mail["patch"][0].clone(), { "op": "remove", "path": "emails" }]));
        let replaced = |title: &str, active: bool| json!({ "replace": { "userName": "ada", "title": title, "active": active } });
        let half = json!({ "patch": [lost["patch"][0], off["patch"][0]] });
        let put_off = replaced("p", false);
        let table: [(&str, &[&Value], Option<Value>); 21] = [
            ("what is doubted", &[&off, &doubted(&on)], is_shown(&off, "active", json!(true))),
            ("of something else", &[&a, &doubted(&off)], is_shown(&a, "active", json!(true))),
            ("as it is shown", &[&a, &doubted(&on)], Some(a.clone())),
            ("that wants the same", &[&a, &doubted(&a)], Some(a.clone())),
            ("what is not there", &[&mail, &doubted(&other)], Some(no_mail)),
            ("onto a PUT", &[&put, &doubted(&a)], Some(replaced("old", true))),
            ("a doubted PUT", &[&doubted(&replaced("old", false))], Some(on.clone())),
            ("half of it lost", &[&half], Some(off.clone())),
            ("half of what is doubted lost", &[&doubted(&half)], Some(on.clone())),
            ("nothing", &[], None),
            ("one", &[&off], Some(off.clone())),
            ("off and on", &[&off, &on], both([&off, &on])),
            ("two", &[&a, &off], both([&a, &off])),
            // It says nothing of `active`, which stays.
            ("a PUT", &[&off, &put], Some(replaced("p", false))),
            ("a PUT that says it", &[&on, &put_off], Some(put_off.clone())),
            ("onto a PUT", &[&off, &put, &a], Some(replaced("a", false))),
            ("deleted", &[&a, &delete], Some(delete.clone())),
            ("there again", &[&delete, &a], Some(a.clone())),
            ("put again", &[&delete, &put], Some(replaced("p", true))),
            ("its ground is lost", &[&lost, &off], Some(off.clone())),
            ("unreadable", &[&json!(7), &json!({ "patch": "x" }), &doubted(&json!(7))], None),
        ];
        for (what, writes, expected) in table {
            let writes: Vec<Value> = writes.iter().copied().cloned().collect();
            let shown = Resource::from_map(there.as_object().unwrap().clone());
            let folded = fold("1", &writes, Profile::Strict, kind, &Some(shown));
            let held = folded.and_then(|action| Intent::of(&action, kind)).map(|it| it.value);
            assert_eq!(held, expected, "{what}");
        }
        let off_there = json!({ "userName": "ada", "active": false });
        let off_there = Resource::from_map(off_there.as_object().unwrap().clone());
        let dead = fold("1", &[on.clone(), doubted(&off)], Profile::Strict, kind, &Some(off_there));
        let held = dead.and_then(|action| Intent::of(&action, kind)).map(|it| it.value);
        assert_eq!(held, is_shown(&on, "active", json!(false)), "a dead letter has switched off");
        let gone = fold("1", &[title("a")], Profile::Strict, kind, &None);
        assert!(gone.is_none(), "nobody is there");
    }
}
