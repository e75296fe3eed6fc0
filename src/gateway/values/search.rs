//! Lists and filters of Groups that are values.

use super::{
    super::{
        Context, error::Failure, everybody::Everybody, group::search::equality, lookup, search,
    },
    Values,
    group::Group,
};
use crate::{
    scim::{
        filter::{Filter, matches::Matcher},
        message::{Query, Response},
        resource::Resource,
        sort::Sorter,
    },
    store::GroupName,
};
use futures_util::{FutureExt, future::BoxFuture};
use std::collections::BTreeMap;

/// Serves a query.
pub async fn search(cx: &Context<'_>, query: &Query) -> Result<Response, Failure> {
    let place = search::place(cx, query)?;
    let found = chosen(cx, query, place.before > 0).await?;
    let total = found.len();
    let resources: Vec<_> = found.into_iter().skip(place.before).take(place.count).collect();
    let page = place.page(resources.len(), total, true);
    Ok(Response::List { resources, page })
}

/// Every Group of a query, in its order (RFC 7644 §3.4.2.3). `behind`: for a page behind the first, which reads what
/// there is; those behind it are cut from the same.
pub async fn chosen(
    cx: &Context<'_>,
    query: &Query,
    behind: bool,
) -> Result<Vec<Resource>, Failure> {
    let found = found(cx, query.filter.as_ref(), behind).boxed().await?;
    Ok(match &query.sort {
        Some(sort) => Sorter::new(sort, &cx.plan.kind)?.sorted(found, |found| found),
        None => found,
    })
}

/// Every Group that matches, or all there are. Boxed, as all that asks for Users behind the Groups.
pub fn all<'f>(
    cx: &'f Context<'_>,
    filter: Option<&'f Filter>,
) -> BoxFuture<'f, Result<Vec<Resource>, Failure>> {
    found(cx, filter, false).boxed()
}

async fn found(
    cx: &Context<'_>,
    filter: Option<&Filter>,
    behind: bool,
) -> Result<Vec<Resource>, Failure> {
    let values = Values::new(cx)?;
    let Some(filter) = filter else {
        return Ok(values.all(behind).await?.iter().map(Group::resource).collect());
    };
    let mut matcher = Matcher::of_resources(filter, &cx.plan.kind)?;
    let parts: Vec<&Filter> = match filter {
        Filter::Or(parts) => parts.iter().collect(),
        other => vec![other],
    };
    let mut groups = BTreeMap::new();
    for part in parts {
        let found = values.candidates(part, behind).await?;
        groups.extend(found.into_iter().map(|group| (group.name.clone(), group)));
    }
    let mut matching = Vec::new();
    for group in groups.values().map(Group::resource) {
        if matcher.matches(&group)? {
            matching.push(group);
        }
    }
    Ok(matching)
}

impl Values<'_, '_> {
    /// All there are: those that the mapping names, else every value that somebody has, and what is held. `behind`
    /// an earlier page they are those of that one.
    async fn all(&self, behind: bool) -> Result<Vec<Group>, Failure> {
        let mut seen = None;
        let names = match &self.of().names {
            Some(names) if names.iter().all(|name| self.searchable(name)) => names.clone(),
            Some(names) => {
                seen = Some(self.seen(behind).await?);
                names.clone()
            }
            None => {
                let everybody = self.seen(behind).await?;
                let names = self.names(&everybody).await?;
                seen = Some(everybody);
                names
            }
        };
        let mut all = Vec::new();
        for name in names {
            let having = match &seen {
                Some(seen) => seen.get(&self.belonging.key(&name)).cloned().unwrap_or_default(),
                None => self.having(&name).await?,
            };
            all.extend(self.there(&name, having, self.held(&name).await?));
        }
        Ok(all)
    }

    /// A name for each value that somebody has, and for each that is held; in order.
    async fn names(&self, everybody: &Everybody) -> Result<Vec<String>, Failure> {
        let first = everybody.iter().map(|(key, having)| (key.clone(), having.spelled.first()));
        let mut names: BTreeMap<String, String> =
            first.filter_map(|(key, name)| Some((key, name?.clone()))).collect();
        for group in self.groups(GroupName::Any).await? {
            names.insert(self.belonging.key(&group.id), group.id);
        }
        Ok(names.into_values().collect())
    }

    /// The Groups among which those are that one part of a filter matches: by the first comparison that says
    /// which, else all.
    async fn candidates(&self, part: &Filter, behind: bool) -> Result<Vec<Group>, Failure> {
        for (path, value) in part.conjuncts().into_iter().filter_map(equality) {
            match path.name.to_ascii_lowercase().as_str() {
                "id" => return Ok(self.by_id(value).await?.into_iter().collect()),
                "displayname" => return Ok(self.by_name(value).await?.into_iter().collect()),
                "members" => return self.of_member(value).await,
                "externalid" => {
                    let mut found = Vec::new();
                    for group in self.groups(GroupName::External(value.to_owned())).await? {
                        found.extend(self.by_name(&group.id).await?);
                    }
                    return Ok(found);
                }
                _ => {}
            }
        }
        self.all(behind).await
    }

    /// Those that one is in.
    async fn of_member(&self, id: &str) -> Result<Vec<Group>, Failure> {
        let Some(user) = lookup::named(&self.users, id).await? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for value in self.belonging.values(&user.resource) {
            found.extend(self.by_name(value).await?);
        }
        Ok(found)
    }
}
