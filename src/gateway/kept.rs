//! What is kept of a resource because the vendor has no place for it: laid over what the vendor's
//! Record reads as, and written beside it.
//!
//! The vendor is always written first. What stops in between leaves the kept part behind, so the
//! client is told of a failure, and its repeat finds that difference and nothing else.

use super::{Context, error::Failure};
use crate::{
    mapping::{
        plan::{Direction, Rule},
        translate::{place, read},
    },
    scim::resource::Resource,
    store::{Change, Receipt},
};

/// What has to be written so that what is kept of `id` is as in `after`.
pub fn changes(
    cx: &Context<'_>,
    id: &str,
    before: &Resource,
    after: &Resource,
) -> Result<Vec<Change>, Failure> {
    let rules = writable(cx)?.filter(|rule| !rule.only_create);
    let changed =
        rules.filter(|rule| place::take(before, &rule.target) != place::take(after, &rule.target));
    Ok(changed.map(|rule| change(id, rule, after)).collect())
}

/// All that a create sends of it, whatever it may read as already: `missing` is no value of the
/// client's.
pub fn sent(cx: &Context<'_>, id: &str, wanted: &Resource) -> Result<Vec<Change>, Failure> {
    let sent = writable(cx)?.filter(|rule| place::take(wanted, &rule.target).is_some());
    Ok(sent.map(|rule| change(id, rule, wanted)).collect())
}

fn change(id: &str, rule: &Rule, after: &Resource) -> Change {
    let (id, path) = (id.to_owned(), rule.target.to_string());
    match place::take(after, &rule.target) {
        Some(value) => Change::Keep { id, path, value: value.clone() },
        None => Change::Unkeep { id, path },
    }
}

fn writable<'c>(cx: &Context<'c>) -> Result<impl Iterator<Item = &'c Rule> + use<'c>, Failure> {
    Ok(in_force(cx)?.into_iter().filter(|rule| rule.direction != Direction::Read))
}

/// The rules of what is kept for this tenant.
pub fn in_force<'c>(cx: &Context<'c>) -> Result<Vec<&'c Rule>, Failure> {
    let mut rules = Vec::new();
    for (_, rule) in cx.plan.kept_rules() {
        if read::in_force(rule, &cx.live.variables)? {
            rules.push(rule);
        }
    }
    Ok(rules)
}

/// Writes changes of the context's kind, all or none; answered when they can no longer be lost.
pub async fn write(cx: &Context<'_>, changes: Vec<Change>) -> Result<Receipt, Failure> {
    if changes.is_empty() {
        return Ok(Receipt::default());
    }
    if let Some(exercised) = cx.exercised() {
        exercised.keeps(cx.plan, &changes);
    }
    let rows = cx.rows();
    let mut batch = cx.batch();
    for change in changes {
        batch = batch.with(rows.kind.clone(), change);
    }
    cx.ask(cx.store()?.write(batch)).await
}
