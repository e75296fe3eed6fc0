//! Makes, replaces and ends kept Groups.

use super::{
    super::{Context, error::Failure, kept, members, outsider, turns::Held, uuid},
    read::{self, USER},
};
use crate::{
    mapping::translate::unit::ListChange,
    scim::{
        attribute::AttributePath,
        conditions::Conditions,
        error::{Error, ScimType},
        message::Response,
        resource::Resource,
        schema::MEMBERS,
        validate,
    },
    store::{Change, GroupName, Member, Page},
};
use serde_json::Value;

/// Makes one. Its name and `externalId` are nobody else's, so the repeat of a create that was made
/// already is told so.
pub async fn create(cx: &Context<'_>, wanted: Resource) -> Result<Response, Failure> {
    validate::create(&wanted, &cx.plan.kind)?;
    let _turn = names(cx).await?;
    let id = uuid::new()?;
    change(cx, &id, &Resource::new(), &wanted).await?;
    let group = read::current(cx, &id).await?;
    Ok(Response::Resource { created: true, resource: read::whole(cx, &group).await? })
}

/// Replaces one.
pub async fn replace(
    cx: &Context<'_>,
    id: &str,
    after: Resource,
    conditions: &Conditions,
) -> Result<(), Failure> {
    let known = read::alone(&read::current(cx, id).await?);
    let renamed =
        ["displayName", "externalId"].iter().any(|name| text(&known, name) != text(&after, name));
    let _names = match renamed {
        true => Some(names(cx).await?),
        false => None,
    };
    let _turn = cx.turn(id).await?;
    let group = read::current(cx, id).await?;
    conditions.hold(&read::alone(&group), &cx.plan.kind)?;
    let before = read::whole(cx, &group).await?;
    validate::update(&before, &after, &cx.plan.kind)?;
    change(cx, id, &before, &after).await
}

/// Ends one.
pub async fn delete(
    cx: &Context<'_>,
    id: &str,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let _turn = cx.turn(id).await?;
    conditions.hold(&read::alone(&read::current(cx, id).await?), &cx.plan.kind)?;
    kept::write(cx, vec![Change::RemoveGroup { id: id.to_owned() }]).await?;
    Ok(Response::NoContent)
}

/// Writes what differs, all of it or nothing. Members that neither has stay as they are.
pub async fn change(
    cx: &Context<'_>,
    id: &str,
    before: &Resource,
    after: &Resource,
) -> Result<(), Failure> {
    let mut changes = Vec::new();
    let (name, external) = (text(after, "displayName"), text(after, "externalId"));
    if name != text(before, "displayName") || external != text(before, "externalId") {
        if let Some(name) = &name {
            taken(cx, id, "displayName", GroupName::Display(name.clone())).await?;
        }
        if let Some(external) = &external {
            taken(cx, id, "externalId", GroupName::External(external.clone())).await?;
        }
        changes.push(Change::PutGroup {
            id: id.to_owned(),
            display_name: name.unwrap_or_default(),
            external_id: external,
            at: cx.now,
        });
    }
    let list = |resource: &Resource| {
        resource.get(&AttributePath::core(MEMBERS)).cloned().unwrap_or_default()
    };
    let difference = ListChange::between(&list(before), &list(after));
    let (added, removed) = (users(&difference.added)?, users(&difference.removed)?);
    // Who is known here is not asked for at the vendor; the others are, before anything is written.
    if let Some(plan) = cx.live.plan.resource(USER) {
        let (of, ids) = (cx.about(plan), added.iter().map(|member| member.id.clone()));
        let ids = outsider::others(&of, ids.collect()).await?;
        members::exist(&of, members::of_ids(&of, ids).await?).await?;
    }
    let (group, at) = (id.to_owned(), cx.now);
    if !added.is_empty() {
        changes.push(Change::AddMembers { group: group.clone(), members: added, at });
    }
    if !removed.is_empty() {
        changes.push(Change::RemoveMembers { group, members: removed, at });
    }
    kept::write(cx, changes).await.map(drop)
}

/// The turn on all names: a new one is nobody else's.
pub async fn names<'a>(cx: &Context<'a>) -> Result<Held<'a>, Failure> {
    cx.lease_on(format!("{} names", cx.plan.kind.name)).await
}

/// 409 when another Group has the name.
async fn taken(cx: &Context<'_>, id: &str, what: &str, name: GroupName) -> Result<(), Failure> {
    let found = cx.ask(cx.store()?.groups(&cx.rows(), name, Page::first(2))).await?;
    match found.iter().any(|group| group.id != id) {
        true => Err(Error::uniqueness(format!("`{what}` is taken by another group")).into()),
        false => Ok(()),
    }
}

/// Elements of a list of members, each a User: no other group can be in one of ours.
pub fn users(elements: &[Value]) -> Result<Vec<Member>, Failure> {
    let user = |element: &Value| {
        let kind = element.get("type").and_then(Value::as_str).unwrap_or(USER);
        match element.get("value").and_then(Value::as_str) {
            Some(id) if kind.eq_ignore_ascii_case(USER) => Ok(read::user(id)),
            _ => {
                let detail = "a member of a group is a User here, by its `value`".to_owned();
                Err(Error::bad(ScimType::InvalidValue, detail).into())
            }
        }
    };
    elements.iter().map(user).collect()
}

fn text(resource: &Resource, name: &str) -> Option<String> {
    resource.get(&AttributePath::core(name)).and_then(Value::as_str).map(str::to_owned)
}
