//! Who is about to join is looked at first (RFC 7644 §3.5.2: all or nothing). A vendor that learns
//! of members one by one would have taken some before it refuses an unknown one.

use super::{Context, error::Failure, lookup};
use crate::{
    mapping::{
        plan::RuleKind,
        translate::{
            unit::{ListChange, Part, Unit},
            units::Chosen,
        },
    },
    scim::error::{Error, ScimType},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

/// Looks at a time; the vendor's own limits hold beside it.
const AT_ONCE: usize = 8;

/// 400 invalidValue, naming who is unknown, before anything is written. One call alone needs no
/// look: the vendor takes it or refuses it.
pub async fn known(cx: &Context<'_>, units: &[Unit], chosen: &[Chosen<'_>]) -> Result<(), Failure> {
    for unit in units.iter().filter(|unit| unit.part == Part::Adds) {
        let added = ListChange::between(&unit.before, &unit.after).added;
        let one_by_one = chosen
            .iter()
            .any(|one| one.update.for_each.is_some() && one.units.iter().any(|own| own == unit));
        if !one_by_one || (added.len() == 1 && units.len() == 1) {
            continue;
        }
        let Some(refers) = referred(cx, unit) else { continue };
        let Some(plan) = cx.live.plan.resource(refers).filter(|plan| plan.operations.get.is_some())
        else {
            continue;
        };
        // Owned: the looks run side by side.
        let ids: Vec<String> = added
            .iter()
            .filter_map(|element| element.get("value").and_then(Value::as_str).map(str::to_owned))
            .collect();
        exist(&cx.about(plan), ids).await?;
    }
    Ok(())
}

/// 400 invalidValue, naming who is unknown of the context's kind.
pub async fn exist(cx: &Context<'_>, ids: Vec<String>) -> Result<(), Failure> {
    let looks = stream::iter(ids).map(|id| look(cx, id));
    looks.buffer_unordered(AT_ONCE).try_collect::<()>().await
}

async fn look(cx: &Context<'_>, id: String) -> Result<(), Failure> {
    match lookup::present(cx, &id).await? {
        Some(_) => Ok(()),
        None => {
            let kind = &cx.plan.kind.name;
            let detail = format!("there is no {kind} `{id}`; nothing was changed");
            Err(Error::bad(ScimType::InvalidValue, detail).into())
        }
    }
}

/// The kind of resource that the elements of a list refer to.
fn referred<'c>(cx: &Context<'c>, unit: &Unit) -> Option<&'c str> {
    let RuleKind::List { elements, .. } = &cx.plan.rules.get(unit.rule)?.kind else { return None };
    elements.subs.iter().find_map(|sub| sub.refers.as_deref())
}
