//! Lists and filters of kept Groups.

use super::{
    super::{Context, error::Failure, place::AT_A_TIME, search},
    read,
};
use crate::{
    scim::{
        attribute::AttributePath,
        error::{Error, ScimType},
        filter::{Filter, Operator, matches::Matcher},
        message::{Projection, Query, Response},
        resource::Resource,
        schema::MEMBERS,
        sort::{Sort, Sorter},
    },
    store::{Group, GroupName, Page},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    vec,
};

/// Serves a query.
pub async fn search(cx: &Context<'_>, query: &Query, shows: bool) -> Result<Response, Failure> {
    let place = search::place(cx, query)?;
    let mut listed = Listed::new(cx, query, place.range(), shows).await?;
    let mut resources = Vec::new();
    while let Some(few) = listed.next(cx).await? {
        resources.extend(few);
    }
    let page = place.page(resources.len(), listed.total(), true);
    Ok(Response::List { resources, page })
}

/// Groups read from the store at a time.
const PAGE: u64 = 100;

/// The Groups at some places of a list, and how many there are of all.
pub struct Listed {
    /// Those that are read.
    groups: vec::IntoIter<Group>,
    /// The piece of the store's list that is read next; nothing when what was looked for is all read.
    next: Option<Page>,
    /// Of the range, what is not read.
    left: u64,
    total: usize,
    members: bool,
}

impl Listed {
    /// `members`: the client sees them.
    pub async fn new(
        cx: &Context<'_>,
        query: &Query,
        range: Range<usize>,
        members: bool,
    ) -> Result<Self, Failure> {
        if let (None, None) = (&query.filter, &query.sort) {
            let total = cx.ask(cx.store()?.count_groups(&cx.rows(), GroupName::Any)).await?;
            let total = usize::try_from(total).unwrap_or(usize::MAX);
            // In the order of the ids.
            let next = Some(Page { after: None, skip: range.start as u64, limit: 0 });
            let groups = Vec::new().into_iter();
            return Ok(Self { groups, next, left: range.len() as u64, total, members });
        }
        let mut found = chosen(cx, query.filter.as_ref()).await?;
        if let Some(sort) = &query.sort {
            found = sorted(cx, found, sort).await?;
        }
        let total = found.len();
        found.truncate(range.end);
        let groups = found.split_off(range.start.min(found.len())).into_iter();
        Ok(Self { groups, next: None, left: 0, total, members })
    }

    /// The next few; nothing when there are no more. With members it is one: it may have a hundred thousand.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        if self.groups.as_slice().is_empty()
            && let Some(page) = self.next.take_if(|_| self.left > 0)
        {
            let page = Page { limit: PAGE.min(self.left), ..page };
            let groups =
                cx.ask(cx.store()?.groups(&cx.rows(), GroupName::Any, page.clone())).await?;
            self.left = self.left.saturating_sub(groups.len() as u64);
            let after = groups.last().map(|group| group.id.clone());
            self.next = after.map(|id| Page { after: Some(id), skip: 0, ..page });
            self.groups = groups.into_iter();
        }
        let few = if self.members { 1 } else { AT_A_TIME };
        let few: Vec<Group> = self.groups.by_ref().take(few).collect();
        if few.is_empty() {
            return Ok(None);
        }
        shown(cx, &few, self.members).await.map(Some)
    }

    /// How many match.
    pub fn total(&self) -> usize {
        self.total
    }
}

/// Every Group that matches, as a part of a search of all kinds.
pub async fn all(
    cx: &Context<'_>,
    filter: Option<&Filter>,
    projection: &Projection,
) -> Result<Vec<Resource>, Failure> {
    let found = chosen(cx, filter).await?;
    shown(cx, &found, read::shows_members(projection)).await
}

async fn chosen(cx: &Context<'_>, filter: Option<&Filter>) -> Result<Vec<Group>, Failure> {
    match filter {
        Some(filter) => matching(cx, filter).await,
        None => bounded(cx, GroupName::Any).await,
    }
}

/// In order (RFC 7644 §3.4.2.3). Members are read for it only where they are the order.
async fn sorted(cx: &Context<'_>, groups: Vec<Group>, sort: &Sort) -> Result<Vec<Group>, Failure> {
    let sorter = Sorter::new(sort, &cx.plan.kind)?;
    let by_members = sort.by.name.eq_ignore_ascii_case(MEMBERS);
    let resources = shown(cx, &groups, by_members).await?;
    let pairs = groups.into_iter().zip(resources).collect();
    let sorted = sorter.sorted(pairs, |(_, resource): &(Group, Resource)| resource);
    Ok(sorted.into_iter().map(|(group, _)| group).collect())
}

async fn shown(
    cx: &Context<'_>,
    groups: &[Group],
    members: bool,
) -> Result<Vec<Resource>, Failure> {
    let mut resources = Vec::with_capacity(groups.len());
    for group in groups {
        resources.push(if members { read::whole(cx, group).await? } else { read::alone(group) });
    }
    Ok(resources)
}

/// Every Group that matches, in the order of the ids.
async fn matching(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Group>, Failure> {
    let mut matcher = Matcher::of_resources(filter, &cx.plan.kind)?;
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
        if matcher.matches(&resource)? {
            found.push(group);
        }
    }
    Ok(found)
}

/// The Groups among which those are that one part matches: by the first comparison that the store
/// can search by, else all, within `limits.scan`.
async fn candidates(cx: &Context<'_>, part: &Filter) -> Result<Vec<Group>, Failure> {
    let (store, rows) = (cx.store()?, cx.rows());
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
    bounded(cx, name).await
}

/// All of that name, within `limits.scan`.
async fn bounded(cx: &Context<'_>, name: GroupName) -> Result<Vec<Group>, Failure> {
    let most = cx.live.plan.upstream.scan;
    let page = Page::first((most as u64).saturating_add(1));
    let found = cx.ask(cx.store()?.groups(&cx.rows(), name, page)).await?;
    if found.len() > most {
        let detail = format!("more than {most} groups would be looked through: narrow the filter");
        return Err(Error::bad(ScimType::TooMany, detail).into());
    }
    Ok(found)
}

/// `PATH eq "text"`, also of one value of a list: `members.value`, `members[value eq "text"]`.
pub fn equality(filter: &Filter) -> Option<(&AttributePath, &str)> {
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
