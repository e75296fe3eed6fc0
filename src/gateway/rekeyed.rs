//! A key that an update changes: its resource stays the same, and the Link follows.

use super::{
    Context, begun,
    error::Failure,
    identity::{self, Identity},
    kept,
};
use crate::{
    mapping::{
        plan::{ExtraField, ExtraValue, IdBy, Rule},
        translate::{read, unit::Unit},
    },
    scim::resource::Resource,
    store::{Change, Mark},
};
use serde_json::Value;

/// Whom `who` is once the vendor has taken these units of `after`.
pub async fn then(
    cx: &Context<'_>,
    units: &[Unit],
    after: &Resource,
    record: &Value,
    who: &Identity,
) -> Result<Identity, Failure> {
    if cx.plan.id == IdBy::Key || !writes_key(cx, units) {
        return Ok(who.clone());
    }
    let whole = cx.resolved(|names| Ok(cx.writer(names).whole(units, after, record)?)).await?;
    let key = read::key(cx.plan, &whole).unwrap_or_else(|| who.key.clone());
    Ok(Identity { id: who.id.clone(), key })
}

fn writes_key(cx: &Context<'_>, units: &[Unit]) -> bool {
    let key = &cx.plan.key;
    let of = |rule: &Rule| rule.field().is_some_and(|field| field.overlaps(key));
    let rules = units.iter().filter_map(|unit| cx.plan.rules.get(unit.rule));
    let follows = |extra: &ExtraField| {
        !extra.only_create
            && matches!(extra.value, ExtraValue::Write(_))
            && extra.field.overlaps(key)
    };
    rules.into_iter().any(of) || cx.plan.fields.iter().any(follows)
}

/// Ties the id to the key that it has then; what is ours stays ours. A vendor that makes another key of the
/// one that it was given says so in its answer.
pub async fn follow(
    cx: &Context<'_>,
    who: Identity,
    then: Identity,
    answer: Option<&Value>,
) -> Result<Identity, Failure> {
    if who.key == then.key {
        return Ok(who);
    }
    let told = answer.and_then(|record| read::key(cx.plan, record));
    let then = Identity { key: told.unwrap_or(then.key), ..then };
    let mut changes = Vec::new();
    // Whoever had the key has it no more.
    let other = identity::known(cx, vec![then.key.clone()]).await?;
    if let Some(other) = other.of(&then.key).filter(|other| *other != then.id) {
        changes.push(Change::Unlink { id: other.to_owned() });
    }
    changes.push(Change::Link { id: then.id.clone(), vendor_key: then.key.clone() });
    // Who was made without his client was known by that: he is written to.
    if begun::promises(cx) {
        changes.push(Change::Unmark { name: begun::ours(&who.key) });
    }
    if let Some(mark) = begun::mark(cx, &who.key).await? {
        changes.push(Change::Unmark { name: mark.name.clone() });
        let (name, vendor_key) = (begun::ours(&then.key), Some(then.key.clone()));
        changes.push(Change::Mark(Mark { name, vendor_key, ..mark }));
    }
    kept::write(cx, changes).await?;
    Ok(then)
}
