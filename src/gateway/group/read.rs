//! One kept Group as a Resource.

use super::super::{Context, error::Failure};
use crate::{
    scim::{
        attribute::AttributePath,
        conditions::Conditions,
        error::Error,
        message::{Projection, Response},
        resource::Resource,
        schema::MEMBERS,
    },
    store::{Group, Member},
};
use serde_json::{Map, Value, json};

/// The kind that members are of.
pub const USER: &str = "User";
/// Members read from the store at a time: each read holds one of its threads.
const AT_A_TIME: u64 = 10_000;

/// Whether the client sees the members of what it asks for.
pub fn shows_members(projection: &Projection) -> bool {
    let named = |path: &AttributePath| path.name.eq_ignore_ascii_case(MEMBERS);
    match projection {
        Projection::Default => true,
        Projection::Only(paths) => paths.iter().any(named),
        Projection::Except(paths) => !paths.iter().any(|path| named(path) && path.sub.is_none()),
    }
}

/// Serves one, or says that the client has it already (RFC 7644 §3.14).
pub async fn get(
    cx: &Context<'_>,
    id: &str,
    members: bool,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let group = current(cx, id).await?;
    if conditions.unchanged(&alone(&group), &cx.plan.kind)? {
        return Ok(Response::Unchanged(alone(&group)));
    }
    let resource = if members { whole(cx, &group).await? } else { alone(&group) };
    Ok(Response::Resource { created: false, resource })
}

/// The Group of an id. 404 when there is none.
pub async fn current(cx: &Context<'_>, id: &str) -> Result<Group, Failure> {
    let group = cx.ask(cx.store()?.group(&cx.rows(), id)).await?;
    group.ok_or_else(|| Error::not_found(id).into())
}

/// With all its members.
pub async fn whole(cx: &Context<'_>, group: &Group) -> Result<Resource, Failure> {
    let mut ids = Vec::new();
    let mut after: Option<Member> = None;
    loop {
        let asked = cx.store()?.members(&cx.rows(), &group.id, after.as_ref(), AT_A_TIME);
        let page = cx.ask(asked).await?;
        let last = page.last().cloned();
        ids.extend(page.into_iter().map(|member| member.id));
        match last {
            Some(last) => after = Some(last),
            None => return Ok(with(group, ids)),
        }
    }
}

/// With these members, as if there were no others.
pub fn with(group: &Group, ids: impl IntoIterator<Item = String>) -> Resource {
    let mut resource = alone(group);
    let members: Vec<Value> =
        ids.into_iter().map(|id| json!({ "value": id, "type": USER })).collect();
    if !members.is_empty() {
        resource.as_map_mut().insert(MEMBERS.to_owned(), Value::Array(members));
    }
    resource
}

/// Without its members. Its version is the store's own, which rises with every change of it and of its
/// members: to know it, none of them has to be read.
pub fn alone(group: &Group) -> Resource {
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(group.id));
    members.insert("displayName".to_owned(), json!(group.display_name));
    if let Some(external) = &group.external_id {
        members.insert("externalId".to_owned(), json!(external));
    }
    let meta = json!({
        "created": group.created.to_string(), "lastModified": group.modified.to_string(),
        "version": group.version.to_string(),
    });
    members.insert("meta".to_owned(), meta);
    Resource::from_map(members)
}

/// Which of these are in the Group, in their order: the others are not read.
pub async fn members_among(
    cx: &Context<'_>,
    group: &str,
    ids: &[String],
) -> Result<Vec<String>, Failure> {
    let asked: Vec<Member> = ids.iter().map(|id| user(id)).collect();
    let of = cx.ask(cx.store()?.groups_of(&cx.rows(), &asked)).await?;
    let is_in = |id: &&String| {
        of.get(&user(id)).is_some_and(|groups| groups.iter().any(|one| one.id == group))
    };
    Ok(ids.iter().filter(is_in).cloned().collect())
}

/// A User as a member.
pub fn user(id: &str) -> Member {
    Member { kind: USER.to_owned(), id: id.to_owned() }
}
