//! PATCH of a kept Group: of its members only those are read that the operations name, so that a
//! thousand who join a hundred thousand cost a thousand rows.

use super::{
    super::{Context, error::Failure, patch::applied},
    read, write,
};
use crate::scim::{
    attribute::AttributePath,
    conditions::Conditions,
    filter::{Filter, Operator},
    patch::{PatchKind, PatchOp},
    schema::MEMBERS,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Changes parts of one kept Group.
pub async fn patch(
    cx: &Context<'_>,
    id: &str,
    operations: &[PatchOp],
    conditions: &Conditions,
) -> Result<(), Failure> {
    // A new name is nobody else's, and creates look for it too.
    let _names = match operations.iter().all(of_members) {
        true => None,
        false => Some(write::names(cx).await?),
    };
    let _turn = cx.turn(id).await?;
    let group = read::current(cx, id).await?;
    conditions.hold(&read::alone(&group), &cx.plan.kind)?;
    let before = match named(operations) {
        Some(named) => {
            let named: Vec<String> = named.into_iter().collect();
            read::with(&group, read::members_among(cx, id, &named).await?)
        }
        None => read::whole(cx, &group).await?,
    };
    let after = applied(cx, operations, &before)?;
    write::change(cx, id, &before, &after).await
}

/// Whether it is about members alone.
fn of_members(operation: &PatchOp) -> bool {
    operation.path.as_ref().is_some_and(|path| is_members(&path.attribute))
}

fn is_members(path: &AttributePath) -> bool {
    path.name.eq_ignore_ascii_case(MEMBERS)
}

/// Every member that the operations can add or remove; nothing when they may touch any of them.
pub fn named(operations: &[PatchOp]) -> Option<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for operation in operations {
        let value = operation.value.as_ref();
        match &operation.path {
            Some(path) if is_members(&path.attribute) => {
                match (&path.filter, operation.kind) {
                    (Some(filter), _) => chosen(filter, &mut ids)?,
                    (None, PatchKind::Add) => {}
                    // With a list it takes out these, without one everybody.
                    (None, PatchKind::Remove) if value.is_some_and(Value::is_array) => {}
                    (None, PatchKind::Remove | PatchKind::Replace) => return None,
                }
                texts(value, &mut ids);
            }
            Some(_) => {}
            // Of a whole resource: its members are set, unless it only adds.
            None if operation.kind == PatchKind::Add => texts(value, &mut ids),
            None => {
                let members = |name: &String| name.to_ascii_lowercase().ends_with(MEMBERS);
                let sent = value.and_then(Value::as_object);
                if sent.is_none_or(|sent| sent.keys().any(members)) {
                    return None;
                }
            }
        }
    }
    Some(ids)
}

/// `value eq "ID"`, alone or one of several.
fn chosen(filter: &Filter, ids: &mut BTreeSet<String>) -> Option<()> {
    match filter {
        Filter::Compare { path, operator: Operator::Equal, value: Value::String(id) }
            if path.name.eq_ignore_ascii_case("value") && path.sub.is_none() =>
        {
            ids.insert(id.clone());
            Some(())
        }
        Filter::Or(parts) => parts.iter().try_for_each(|part| chosen(part, ids)),
        _ => None,
    }
}

/// All texts of a value. One that is no id is looked for in vain.
fn texts(value: Option<&Value>, ids: &mut BTreeSet<String>) {
    match value {
        Some(Value::String(text)) => {
            ids.insert(text.clone());
        }
        Some(Value::Array(items)) => items.iter().for_each(|item| texts(Some(item), ids)),
        Some(Value::Object(members)) => members.values().for_each(|item| texts(Some(item), ids)),
        _ => {}
    }
}
