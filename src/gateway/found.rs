//! A Record that was found, and what it reads as.

use super::{Context, error::Failure, kept};
use crate::{
    mapping::{
        plan::{Direction, Rule},
        translate::{place, read},
    },
    scim::resource::Resource,
    store::{Member, Scope},
};
use serde_json::{Value, json};

/// The kind whose members a User's `groups` are told by.
const GROUP: &str = "Group";

/// A Record with what it reads as.
#[derive(Debug, Clone)]
pub struct Found {
    /// The vendor's key.
    pub key: String,
    /// The vendor's JSON, composed of all parts.
    pub record: Value,
    /// The same in SCIM's words, with what is kept of it.
    pub resource: Resource,
    /// A client has deleted it, and the vendor still has it: only a create may find it.
    pub gone: bool,
}

/// A Record as a resource that is there, or nothing.
pub async fn found(cx: &Context<'_>, record: Value) -> Result<Option<Found>, Failure> {
    all(cx, vec![record]).await.map(|mut found| found.pop())
}

/// Those of the Records that are there, in their order.
pub async fn all(cx: &Context<'_>, records: Vec<Value>) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::with_capacity(records.len());
    for record in records {
        if read::exists(cx.plan, &record, &cx.live.variables)? {
            let resource = cx.read(&record)?;
            let key = resource.id().unwrap_or_default().to_owned();
            found.push(Found { key, record, resource, gone: false });
        } else if let Some(key) = read::key(cx.plan, &record) {
            cx.lost(&key);
        }
    }
    lay(cx, &mut found).await?;
    cx.saw(found.iter().filter(|found| !found.gone).map(|found| found.key.as_str()));
    Ok(found)
}

/// The keys of those of the Records that are there; what they read as is not made.
pub async fn keys(cx: &Context<'_>, records: &[Value]) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::with_capacity(records.len());
    for record in records {
        if read::exists(cx.plan, record, &cx.live.variables)? {
            keys.extend(read::key(cx.plan, record));
        }
    }
    if cx.plan.buries() && !keys.is_empty() {
        let held = cx.ask(cx.store()?.held(&cx.rows(), &keys)).await?;
        keys.retain(|key| held.get(key).is_none_or(|held| held.gone.is_none()));
    }
    cx.saw(keys.iter().map(String::as_str));
    Ok(keys)
}

/// Lays what is kept over what was found, and says who is gone. One read for all of them.
async fn lay(cx: &Context<'_>, found: &mut [Found]) -> Result<(), Failure> {
    let rules: Vec<&Rule> = kept::in_force(cx)?;
    if found.is_empty() || rules.is_empty() && !cx.plan.buries() {
        return Ok(());
    }
    let ids: Vec<String> = found.iter().map(|one| one.key.clone()).collect();
    let mut held = cx.ask(cx.store()?.held(&cx.rows(), &ids)).await?;
    for one in &mut *found {
        let Some(held) = held.remove(&one.key) else { continue };
        one.gone = held.gone.is_some();
        for rule in &rules {
            if let Some(value) = held.kept.get(&rule.target.to_string()) {
                place::put(&mut one.resource, &rule.target, value.clone());
            }
        }
    }
    match rules.iter().find(|rule| rule.direction == Direction::Read) {
        Some(groups) => lay_groups(cx, groups, found).await,
        None => Ok(()),
    }
}

/// `groups` of a User: the kept Groups that he is in.
async fn lay_groups(cx: &Context<'_>, rule: &Rule, found: &mut [Found]) -> Result<(), Failure> {
    let members: Vec<Member> = found.iter().map(|one| cx.member(&one.key)).collect();
    let groups = Scope::new(cx.tenant, GROUP);
    let mut of = cx.ask(cx.store()?.groups_of(&groups, &members)).await?;
    for one in found {
        let Some(groups) = of.remove(&cx.member(&one.key)) else { continue };
        let shown = groups.into_iter().map(
            |group| json!({ "value": group.id, "display": group.display_name, "type": "direct" }),
        );
        let shown: Vec<Value> = shown.collect();
        if !shown.is_empty() {
            place::put(&mut one.resource, &rule.target, Value::Array(shown));
        }
    }
    Ok(())
}
