//! Which operations a write may come to. What it will come to is not known before the vendor's record is read, which may
//! not be possible now: so it is judged by what it says.

use super::super::Context;
use crate::{
    mapping::{
        plan::{Claim, Claimed, DeleteBy, Operation, ValuesOf},
        translate::units,
    },
    scim::{attribute::AttributePath, message::Action, patch::PatchOp},
    upstream::record::text,
};
use serde_json::Value;

/// Whether all operations that a write may come to are acknowledged early.
pub fn is_early(cx: &Context<'_>, action: &Action) -> bool {
    if let Action::Delete { .. } = action {
        return deletes(cx).is_some_and(|operation| operation.early.is_some());
    }
    let updates = cx.plan.operations.update.iter().map(|update| &update.operation);
    let mut reached = updates.filter(|operation| comes_to(cx, action, operation)).peekable();
    reached.peek().is_some() && reached.all(|operation| operation.early.is_some())
}

/// What switches somebody off, where that has an update of its own, or stands in one that takes what no other does.
pub fn switches_off<'c>(cx: &Context<'c>) -> Option<&'c Operation> {
    let updates = || cx.plan.operations.update.iter().map(|update| &update.operation);
    let active = |claim: &Claim| {
        let of_active = |index: &usize| {
            cx.plan.rules.get(*index).is_some_and(|rule| rule.target.path().is_active())
        };
        claim.rules.iter().any(of_active)
    };
    let ends = |claim: &Claim| {
        active(claim)
            && !matches!(&claim.what, Claimed::Becomes(value) if *value != Value::Bool(false))
    };
    let claims = |operation: &&Operation| operation.claims.iter().flatten().any(ends);
    updates().find(claims).or_else(|| updates().find(|operation| operation.claims.is_none()))
}

/// What a delete comes to.
pub fn deletes<'c>(cx: &Context<'c>) -> Option<&'c Operation> {
    let operations = &cx.plan.operations;
    match &operations.delete.as_ref()?.how {
        DeleteBy::Call(operation) => Some(&**operation),
        DeleteBy::Update(index) => operations.update.get(*index).map(|update| &update.operation),
    }
}

/// What a change of who is in a Group that is a value may come to, for each member.
pub fn of_members<'c>(cx: &Context<'c>, of: &'c ValuesOf) -> impl Iterator<Item = &'c Operation> {
    let users = cx.live.plan.resource(&of.resource);
    users.into_iter().flat_map(move |users| {
        let claims = move |operation: &&Operation| match &operation.claims {
            None => !units::claimed_elsewhere(users, of.rule),
            Some(claims) => claims.iter().any(|claim| claim.rules.contains(&of.rule)),
        };
        users.operations.update.iter().map(|update| &update.operation).filter(claims)
    })
}

fn comes_to(cx: &Context<'_>, action: &Action, operation: &Operation) -> bool {
    let rules = cx.plan.rules.iter().enumerate();
    let mut written = rules.filter(|(_, rule)| {
        rule.writable() && !rule.only_create && names(cx, action, &rule.target.attribute())
    });
    match &operation.claims {
        // The rest takes what no other claims.
        None => written.any(|(rule, _)| !units::claimed_elsewhere(cx.plan, rule)),
        Some(claims) => written.any(|(index, rule)| {
            let covers = |claim: &Claim| match &claim.what {
                _ if !claim.rules.contains(&index) => false,
                Claimed::Becomes(value) => may_say(cx, action, &rule.target.attribute(), value),
                _ => true,
            };
            claims.iter().any(covers)
        }),
    }
}

/// Whether a write says something of an attribute. A PUT says something of each.
fn names(cx: &Context<'_>, action: &Action, path: &AttributePath) -> bool {
    let Action::Patch { operations, .. } = action else { return true };
    operations.iter().any(|one| is_about(cx, one, path))
}

/// Whether an element of a PATCH says something of an attribute.
pub fn is_about(cx: &Context<'_>, one: &PatchOp, path: &AttributePath) -> bool {
    match (&one.path, &one.value) {
        (Some(at), _) => is(cx, path, &at.attribute),
        (None, Some(Value::Object(members))) => members.keys().any(|name| is_in(cx, path, name)),
        (None, _) => true,
    }
}

fn is(cx: &Context<'_>, path: &AttributePath, named: &AttributePath) -> bool {
    let found = cx.plan.kind.canonical(named);
    found.is_some_and(|found| (&found.urn, &found.name) == (&path.urn, &path.name))
}

/// An extension's URN holds whichever of its attributes.
fn is_in(cx: &Context<'_>, path: &AttributePath, name: &str) -> bool {
    path.urn.as_deref() == Some(name)
        || AttributePath::parse(name).is_ok_and(|at| is(cx, path, &at))
}

/// Whether a write that says something of an attribute may say this.
fn may_say(cx: &Context<'_>, action: &Action, path: &AttributePath, value: &Value) -> bool {
    let operations = match action {
        Action::Patch { operations, .. } => operations,
        Action::Replace { resource, .. } => {
            return resource.get(path).is_some_and(|given| may_be(given, value));
        }
        _ => return true,
    };
    operations.iter().filter(|one| is_about(cx, one, path)).any(|one| {
        match (&one.path, &one.value) {
            (Some(at), Some(given)) => {
                at.filter.is_some() || at.attribute.sub.is_some() || may_be(given, value)
            }
            (None, Some(Value::Object(members))) => {
                let of_path = members.iter().filter(|(name, _)| is_in(cx, path, name));
                of_path.into_iter().any(|(_, given)| may_be(given, value))
            }
            _ => true,
        }
    })
}

/// Also in the words of clients that write booleans as text; what has parts may come to anything.
fn may_be(given: &Value, wanted: &Value) -> bool {
    match (text(given), text(wanted)) {
        (Some(given), Some(wanted)) => given.eq_ignore_ascii_case(wanted),
        _ => true,
    }
}
