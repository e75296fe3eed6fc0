//! The second look. A replica that stands still between the look at its lease and its call sends that call when it goes
//! on, and no store can hold it back: an older write comes last. So what is done to a resource whose lease was taken is
//! kept for a while ([`Change::Done`]), and then whoever has its turn asks for all of it once more, as one write: replayed
//! one by one it would switch somebody on and off again. Where the vendor's record shows it there is nothing to do.
//!
//! A report of a call that has left late makes a look due at once, and does not end the watch: there may be another one.

use super::{
    super::{
        Context, audited::Delivery, crossing::Standing, ending, error::Failure, identity, lookup,
        trace::in_brief, uuid,
    },
    attempt::attempt,
    received,
    stopped::Stopped,
    turn::status,
    underway::Underway,
    verdict::{self, Verdict},
};
use crate::{
    crash,
    mapping::plan::DeleteBy,
    scim::{
        attribute::AttributePath,
        conditions::Conditions,
        intent::Intent,
        message::Action,
        patch::{PatchKind, PatchOp, apply, path::PatchPath},
        profile::Profile,
        reading::Reading,
        resource::Resource,
        resource_type::ResourceType,
    },
    store::{Change, Lease, Watch},
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
        _ if Intent::is_whole(intent) => Some(Change::Forget { name }),
        _ => Some(Change::Done { name, intent: json!({ DOUBTED: intent }), whole: false }),
    }
}

fn watched(cx: &Context<'_>) -> Option<String> {
    let lease = cx.lease.as_ref().filter(|lease| lease.watched && !crash::off("look"));
    lease.map(|lease| lease.name.clone())
}

/// Looks at a resource once more, where it is time; everything that waited of it was carried out. Whoever asks has its
/// turn.
pub async fn look(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let Some(lease) = cx.lease.as_ref().filter(|lease| lease.watched) else { return Ok(()) };
    let store = cx.store()?;
    let watch = cx.ask(store.watch(cx.tenant, &lease.name, cx.at_large())).await?;
    let Some(Watch { reports, over, writes, .. }) = watch.filter(|watch| watch.due) else {
        return Ok(());
    };
    // What is asked for once more is no write that came since.
    let cx = &cx.under_lease(Lease { watched: false, ..lease.clone() });
    match fold(id, &writes, cx.live.profile, &cx.plan.kind, &shown(cx, id).await?) {
        Some(Action::Delete { .. }) => end_again(cx, id).await?,
        Some(action) => write_again(cx, id, action).await?,
        None => {}
    }
    let looked = Change::Looked { name: lease.name.clone(), reports, over };
    cx.ask(store.write(cx.batch().with(cx.rows().kind, looked))).await.map(drop)
}

/// The resource as it is; nothing where it is no more.
async fn shown(cx: &Context<'_>, id: &str) -> Result<Option<Resource>, Failure> {
    match Standing::of(cx, id).await {
        Ok(standing) => Ok(Some(standing.into_resource())),
        Err(failure) if failure.is_gone() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// All that was wanted, as one write: what was said after the last that said everything is laid onto it. A change that
/// cannot be made any more has lost its ground to a later one. What is doubted is wanted as the vendor has it. Nothing
/// where nothing is wanted, or nobody is there.
fn fold(
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
            Action::Patch { operations, .. } => {
                let base = whole.as_mut().unwrap_or(&mut standing);
                let mut reading = Reading::new(profile);
                let Ok(applied) = apply::apply(&operations, base, kind, &mut reading) else {
                    continue;
                };
                if doubted.is_none() {
                    *base = applied.resource;
                    changes.extend(operations);
                    continue;
                }
                for path in differing(base, &applied.resource) {
                    changes.push(as_shown(base, path, shown.as_ref()));
                }
            }
            Action::Replace { resource, .. } => whole = Some(resource),
            _ => {}
        }
        if deleted {
            (changes, whole) = (Vec::new(), None);
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

/// The attributes in which two are not the same.
fn differing(one: &Resource, other: &Resource) -> Vec<AttributePath> {
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
    keys(one, other).into_iter().flat_map(within).collect()
}

/// The change that makes an attribute what the vendor shows, with which `base` has it so.
fn as_shown(base: &mut Resource, path: AttributePath, shown: Option<&Resource>) -> PatchOp {
    let value = shown.and_then(|shown| shown.get(&path)).cloned();
    base.set(&path, value.clone().unwrap_or_default());
    let kind = if value.is_some() { PatchKind::Replace } else { PatchKind::Remove };
    PatchOp { kind, path: Some(PatchPath { attribute: path, filter: None, sub: None }), value }
}

/// Asks for it by the ordinary way of a write, which does nothing where the vendor's record shows it. What cannot be
/// done now is looked at again; what has left stays in the journal as long as it may come.
async fn write_again(cx: &Context<'_>, id: &str, action: Action) -> Result<(), Failure> {
    let intent = Intent::of(&action, &cx.plan.kind).map(|intent| intent.value);
    let Some(intent) = intent else { return Ok(()) };
    // Not durable: what has not left is no entry, for it would stand behind what was received meanwhile, and the next look,
    // which knows of that, asks again.
    let entry = received::fresh(cx, id, intent, received::at_work(cx))?;
    let number = entry.number.clone();
    let underway = Underway::unwritten(entry);
    let under = cx.under(&underway);
    let delivery = Delivery::begin(&under, number.clone(), &action);
    let done = Box::pin(attempt(&under, action, &Conditions::default(), true)).await;
    if underway.has_sent() {
        repaired(cx, id, &number);
        if let Some(delivery) = delivery {
            delivery.end(status(&under, &done)).await;
        }
    } else if done.is_ok() {
        cx.metrics.second_look(cx.tenant, "same");
    }
    match done {
        Ok(_) => Ok(()),
        // It would be refused at each look.
        Err(Stopped::Ended(failure)) if verdict::of(&failure) == Verdict::Refused => {
            let (tenant, kind, why) = (cx.tenant, &cx.plan.kind.name, in_brief(&failure));
            tracing::error!(
                tenant,
                kind,
                id,
                number,
                why,
                "what an older write changed is refused"
            );
            Ok(())
        }
        Err(Stopped::Ended(failure)) => Err(failure),
        Err(Stopped::Waits { after, .. }) => Err(Failure::behind(after)),
    }
}

/// Who was deleted and is alive at the vendor again is ended once more. Where that was by a call which leaves no record,
/// there is nothing that a late call could have changed; and whoever has been made anew since is not the one who was
/// deleted.
async fn end_again(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let Some(delete) = &cx.plan.operations.delete else { return Ok(()) };
    let Some(who) = identity::of(cx, id).await? else { return Ok(()) };
    let found = lookup::existing(cx, &who).await?;
    let Some(found) = found.filter(|found| found.gone || !cx.plan.buries()) else { return Ok(()) };
    let active = found.resource.get(&AttributePath::core("active"));
    if active.and_then(Value::as_bool) != Some(true) {
        cx.metrics.second_look(cx.tenant, "same");
        return Ok(());
    }
    let number = uuid::new()?;
    let delivery = Delivery::begin(cx, number.clone(), &Action::Delete { id: id.to_owned() });
    let done = match &delete.how {
        DeleteBy::Update(index) => ending::transitions(cx, *index, found).await,
        DeleteBy::Call(operation) if found.gone => {
            ending::call(cx, operation, &who).await.map(drop)
        }
        DeleteBy::Call(_) => return Ok(()),
    };
    repaired(cx, id, &number);
    if let Some(delivery) = delivery {
        let told = done.as_ref().err().map(|failure| cx.judge(failure.clone()).status);
        delivery.end(told.unwrap_or(204)).await;
    }
    done
}

fn repaired(cx: &Context<'_>, id: &str, number: &str) {
    cx.metrics.second_look(cx.tenant, "repaired");
    let (tenant, kind) = (cx.tenant, &cx.plan.kind.name);
    tracing::warn!(tenant, kind, id, number, "an older write had come last: written once more");
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
        let onto = json!({ "replace": { "userName": "ada", "title": "a" } });
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
        let put_as_shown = json!({ "replace": { "userName": "ada", "title": "old" } });
        let table: [(&str, &[&Value], Option<Value>); 17] = [
            ("what is doubted", &[&off, &doubted(&on)], is_shown(&off, "active", json!(true))),
            ("of something else", &[&a, &doubted(&off)], is_shown(&a, "active", json!(true))),
            ("as it is shown", &[&a, &doubted(&on)], Some(a.clone())),
            ("that wants the same", &[&a, &doubted(&a)], Some(a.clone())),
            ("what is not there", &[&mail, &doubted(&other)], Some(no_mail)),
            ("onto a PUT", &[&put, &doubted(&a)], Some(put_as_shown)),
            ("nothing", &[], None),
            ("one", &[&off], Some(off.clone())),
            ("off and on", &[&off, &on], both([&off, &on])),
            ("two", &[&a, &off], both([&a, &off])),
            ("a PUT", &[&off, &put], Some(put.clone())),
            ("onto a PUT", &[&off, &put, &a], Some(onto)),
            ("deleted", &[&a, &delete], Some(delete.clone())),
            ("there again", &[&delete, &a], Some(a.clone())),
            ("put again", &[&delete, &put], Some(put.clone())),
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
