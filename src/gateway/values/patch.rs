//! PATCH of a Group that is a value. Where the operations name the members that they are about, nobody else is
//! looked for: a few who join a Group of thousands cost what a few cost.

use super::{
    super::{error::Failure, group::named, patch::applied},
    Values,
    group::{Group, text},
    moves::Done,
    write::Wanted,
};
use crate::scim::{
    conditions::Conditions,
    error::Error,
    patch::{PatchKind, PatchOp, apply},
    reading::Reading,
    resource::Resource,
    schema::MEMBERS,
};
use serde_json::{Value, json};

impl Values<'_, '_> {
    /// Changes parts of one Group.
    pub async fn patch(
        &self,
        id: &str,
        operations: &[PatchOp],
        conditions: &Conditions,
    ) -> Result<Done, Failure> {
        let name = self.renamed(id, operations);
        let _locks = self.locks(&[id, &name]).await?;
        let about = if conditions.is_empty() && name == id { about(operations) } else { None };
        let known = match &about {
            Some(_) => self.known(id).await?,
            None => None,
        };
        let (group, wanted) = match (known, about) {
            (Some(group), Some(about)) => {
                let wanted = self.wanted_of(&group, operations, about)?;
                (group, wanted)
            }
            _ => {
                let group = self.standing(id).await?;
                let before = group.resource();
                conditions.hold(&before, &self.cx.plan.kind)?;
                let after = applied(self.cx, operations, &before)?;
                let mut wanted = self.wanted(&group, &after)?;
                // Who shows as having left may have done so by half.
                wanted.asked.extend(named(operations).into_iter().flatten());
                (group, wanted)
            }
        };
        self.change(&group, wanted).await
    }

    /// What it is called after the operations, for which no member has to be known. What is wrong with them is
    /// told when they are applied.
    fn renamed(&self, id: &str, operations: &[PatchOp]) -> String {
        let kind = &self.cx.plan.kind;
        let others = operations.iter().filter(|one| !one.is_about(MEMBERS, kind));
        let others: Vec<PatchOp> = others.cloned().collect();
        let after = self.tried(&others, &Group::bare(id, None).resource());
        after.ok().and_then(|after| text(&after, "displayName")).unwrap_or_else(|| id.to_owned())
    }

    /// The outcome of operations that are counted elsewhere.
    fn tried(&self, operations: &[PatchOp], before: &Resource) -> Result<Resource, Error> {
        let mut reading = Reading::new(self.cx.live.profile);
        let applied = apply::apply(operations, before, &self.cx.plan.kind, &mut reading);
        applied.map(|applied| applied.resource)
    }

    /// What the operations want of those whom they are about, whatever these are in now: who is in it at the
    /// end also if he was not before joins, who is not in it also if he was leaves.
    fn wanted_of(
        &self,
        group: &Group,
        operations: &[PatchOp],
        about: Vec<String>,
    ) -> Result<Wanted, Failure> {
        let all = about.iter().map(|id| json!({ "value": id })).collect();
        let from_all = applied(self.cx, operations, &group.with(all))?;
        let from_none = self.tried(operations, &group.resource())?;
        let (with, without) = (ids(&from_all), ids(&from_none));
        let mut wanted = self.wanted(group, &from_none)?;
        wanted.joins.retain(|id| with.contains(id));
        let leaves = about.into_iter().filter(|id| !with.contains(id) && !without.contains(id));
        wanted.leaves = leaves.collect();
        Ok(wanted)
    }
}

/// The members that the operations are about; nothing when they may be about any. What is said of one who is
/// there needs him to be known.
fn about(operations: &[PatchOp]) -> Option<Vec<String>> {
    let selects = |one: &PatchOp| {
        one.kind != PatchKind::Remove && one.path.as_ref().is_some_and(|path| path.filter.is_some())
    };
    if operations.iter().any(selects) {
        return None;
    }
    named(operations).map(|ids| ids.into_iter().collect())
}

fn ids(group: &Resource) -> Vec<String> {
    let members = group.as_map().get(MEMBERS).and_then(Value::as_array);
    let id = |member: &Value| member.get("value").and_then(Value::as_str).map(str::to_owned);
    members.into_iter().flatten().filter_map(id).collect()
}
