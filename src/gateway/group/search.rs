//! Lists and filters of kept Groups.

use super::{
    super::{
        Context,
        error::Failure,
        search::{LONGEST_PAGE, PAGE},
    },
    read::{self, MEMBERS},
};
use crate::{
    scim::{
        attribute::AttributePath,
        error::{Error, ScimType},
        filter::{Filter, Operator, matches::Matcher},
        message::{Query, Response},
        resource::Resource,
    },
    store::{Group, GroupName, Page},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Serves a query.
pub async fn search(cx: &Context<'_>, query: &Query, shows: bool) -> Result<Response, Failure> {
    let count = query.count.unwrap_or(PAGE).min(LONGEST_PAGE);
    let before = query.start_index.saturating_sub(1);
    let (groups, total) = match &query.filter {
        None => {
            let page = Page { after: None, skip: before as u64, limit: count as u64 };
            let groups = cx.ask(cx.store()?.groups(&cx.rows(), GroupName::Any, page)).await?;
            let total = cx.ask(cx.store()?.count_groups(&cx.rows(), GroupName::Any)).await?;
            (groups, usize::try_from(total).unwrap_or(usize::MAX))
        }
        Some(filter) => {
            let found = matching(cx, filter).await?;
            let total = found.len();
            (found.into_iter().skip(before).take(count).collect(), total)
        }
    };
    let mut resources: Vec<Resource> = Vec::with_capacity(groups.len());
    for group in &groups {
        resources.push(if shows { read::whole(cx, group).await? } else { read::alone(group) });
    }
    Ok(Response::List { resources, total, start_index: query.start_index })
}

/// Every Group that matches, in the order of the ids.
async fn matching(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Group>, Failure> {
    let matcher = Matcher::of_resources(filter, &cx.plan.kind)?;
    let parts: Vec<&Filter> = match filter {
        Filter::Or(parts) => parts.iter().collect(),
        other => vec![other],
    };
    let mut groups = BTreeMap::new();
    for part in parts {
        let found = candidates(cx, part).await?;
        groups.extend(found.into_iter().map(|group| (group.id.clone(), group)));
    }
    let mut about = About::default();
    about.read(filter, false);
    let mut found = Vec::new();
    for group in groups.into_values() {
        let resource = match (about.members, about.others) {
            (false, _) => read::alone(&group),
            // The members that the filter names are all that it can tell apart.
            (true, false) => {
                let ids: Vec<String> = about.ids.iter().cloned().collect();
                read::with(&group, read::members_among(cx, &group.id, &ids).await?)
            }
            (true, true) => read::whole(cx, &group).await?,
        };
        if matcher.matches(&resource) {
            found.push(group);
        }
    }
    Ok(found)
}

/// The Groups among which those are that one part matches: by the first comparison that the store
/// can search by, else all, within `limits.scan`.
async fn candidates(cx: &Context<'_>, part: &Filter) -> Result<Vec<Group>, Failure> {
    let (store, rows) = (cx.store()?, cx.rows());
    let most = cx.live.plan.upstream.scan;
    let page = Page::first((most as u64).saturating_add(1));
    let mut name = GroupName::Any;
    for conjunct in part.conjuncts() {
        let Some((path, value)) = equality(conjunct) else { continue };
        match path.name.to_ascii_lowercase().as_str() {
            "id" => return Ok(cx.ask(store.group(&rows, value)).await?.into_iter().collect()),
            "members" => {
                let member = [read::user(value)];
                let mut of = cx.ask(store.groups_of(&rows, &member)).await?;
                return Ok(member.iter().find_map(|one| of.remove(one)).unwrap_or_default());
            }
            "externalid" => name = GroupName::External(value.to_owned()),
            "displayname" if name == GroupName::Any => name = GroupName::Display(value.to_owned()),
            _ => {}
        }
    }
    let found = cx.ask(store.groups(&rows, name, page)).await?;
    if found.len() > most {
        let detail = format!("more than {most} groups would be matched: narrow the filter");
        return Err(Error::bad(ScimType::TooMany, detail).into());
    }
    Ok(found)
}

/// `PATH eq "text"`, also of one value of a list: `members.value`, `members[value eq "text"]`.
fn equality(filter: &Filter) -> Option<(&AttributePath, &str)> {
    let of_value = |name: &str| name.eq_ignore_ascii_case("value");
    match filter {
        Filter::Compare { path, operator: Operator::Equal, value: Value::String(text) }
            if path.sub.as_deref().is_none_or(of_value) =>
        {
            Some((path, text))
        }
        Filter::Element { path, filter } => match &**filter {
            Filter::Compare {
                path: sub,
                operator: Operator::Equal,
                value: Value::String(text),
            } if of_value(&sub.name) => Some((path, text)),
            _ => None,
        },
        _ => None,
    }
}

/// What a filter asks of members.
#[derive(Default)]
struct About {
    /// Anything.
    members: bool,
    /// Who is in it, by id.
    ids: BTreeSet<String>,
    /// Something else, which only the whole list can tell.
    others: bool,
}

impl About {
    /// `inside`: the filter is over elements of `members`.
    fn read(&mut self, filter: &Filter, inside: bool) {
        let is_members = |path: &AttributePath| inside || path.name.eq_ignore_ascii_case(MEMBERS);
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().for_each(|part| self.read(part, inside));
            }
            Filter::Not(part) => self.read(part, inside),
            Filter::Element { path, filter } => self.read(filter, is_members(path)),
            Filter::Present(path) => {
                self.members |= is_members(path);
                self.others |= is_members(path);
            }
            Filter::Compare { path, operator, value } => {
                if !is_members(path) {
                    return;
                }
                self.members = true;
                let sub = if inside { Some(path.name.as_str()) } else { path.sub.as_deref() };
                let by_id = sub.is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
                match (operator, value) {
                    (Operator::Equal, Value::String(id)) if by_id => {
                        self.ids.insert(id.clone());
                    }
                    _ => self.others = true,
                }
            }
        }
    }
}
