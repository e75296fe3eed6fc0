//! Makes, replaces, renames and ends Groups that are values.

use super::{
    super::{
        begun::{self, End, Name},
        error::Failure,
        group::users,
        guard,
        journal::queue,
        turns::Held as Turn,
    },
    Values,
    group::{Group, text},
    moves::{Done, Moves},
};
use crate::{
    mapping::translate::{passage::Found, place, read, unit::ListChange},
    scim::{
        conditions::Conditions,
        error::{Error, ScimType},
        message::Response,
        profile::Profile,
        reading::Reading,
        resource::Resource,
        schema::MEMBERS,
        validate,
    },
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a Group shall become.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// Who is new in it.
    pub joins: Vec<String>,
    /// Who is not in it any more.
    pub leaves: Vec<String>,
    /// All whom the request is about, also those who are as it wants them.
    pub asked: BTreeSet<String>,
}

impl<'c> Values<'_, 'c> {
    /// The one of this id that is changed. By an earlier try, which nobody lived to end, all may have left it.
    pub async fn standing(&self, id: &str) -> Result<Group, Failure> {
        let group = match self.by_id(id).await? {
            Some(group) => group,
            None if self.is_left() => Group::bare(id, None),
            None => return Err(Error::not_found(id).into()),
        };
        // What waits of the same by another spelling was received before.
        for other in group.having.spelled.iter().filter(|other| *other != id) {
            queue::clear_before(self.cx, other).await?;
        }
        Ok(group)
    }

    /// Whether an earlier try was about to change several members, and nobody lived to tell of how many it has.
    pub fn is_left(&self) -> bool {
        self.cx.underway.as_ref().is_some_and(|underway| underway.is_left())
    }

    /// Replaces one.
    pub async fn replace(
        &self,
        id: &str,
        after: Resource,
        conditions: &Conditions,
    ) -> Result<Done, Failure> {
        let name = text(&after, "displayName").unwrap_or_default();
        let _locks = self.locks(&[id, &name]).await?;
        let group = self.standing(id).await?;
        let before = group.resource();
        conditions.hold(&before, &self.cx.plan.kind)?;
        validate::update(&before, &after, &self.cx.plan.kind)?;
        let wanted = self.wanted(&group, &after)?;
        self.change(&group, wanted).await
    }

    /// Ends one: everybody leaves it.
    pub async fn delete(&self, id: &str, conditions: &Conditions) -> Result<Response, Failure> {
        let _locks = self.locks(&[id]).await?;
        let group = self.standing(id).await?;
        conditions.hold(&group.resource(), &self.cx.plan.kind)?;
        let members: Vec<String> = group.ids().cloned().collect();
        if !members.is_empty() {
            guard::pass(self.cx, id).await?;
        }
        let leave = Some((id, members));
        self.carry_out(Moves { leave, ..Moves::default() }).await?;
        self.let_go(id).await?;
        // Whoever makes it anew begins afresh.
        if begun::has(self.cx, &self.name(id)).await? {
            begun::end(self.cx, &[self.name(id)], End::Nothing, Vec::new()).await?;
        }
        Ok(Response::NoContent)
    }

    /// Keeps names, however they are spelled, from others: a turn is on an id, and a Group that is renamed comes to another
    /// name. Always in one order and behind the one turn: two renames could wait for each other for ever.
    pub async fn locks(&self, names: &[&str]) -> Result<Vec<Turn<'c>>, Failure> {
        let mut keys: Vec<String> = names.iter().map(|name| self.name(name).to_string()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut held = Vec::with_capacity(keys.len());
        for key in keys {
            held.push(self.cx.lease_on(key).await?);
        }
        Ok(held)
    }

    /// What a Group that is being made, or comes to be called so, is remembered by.
    pub fn name(&self, name: &str) -> Name {
        let (kind, value) = (self.cx.plan.kind.name.clone(), self.belonging.key(name));
        Name { kind, attribute: "displayName".to_owned(), value }
    }

    /// What a Group shall become, compared with what is known of it.
    pub fn wanted(&self, group: &Group, after: &Resource) -> Result<Wanted, Failure> {
        let list = |group: &Resource| group.as_map().get(MEMBERS).cloned().unwrap_or_default();
        let change = ListChange::between(&list(&group.resource()), &list(after));
        let ids = |elements: &[Value]| -> Result<Vec<String>, Failure> {
            Ok(users(elements)?.into_iter().map(|member| member.id).collect())
        };
        let asked = ids(list(after).as_array().map_or(&[], Vec::as_slice))?.into_iter();
        Ok(Wanted {
            name: text(after, "displayName").unwrap_or_default(),
            external_id: text(after, "externalId"),
            joins: ids(&change.added)?,
            leaves: ids(&change.removed)?,
            asked: asked.collect(),
        })
    }

    /// Changes one: its members first, then what is held of it.
    pub async fn change(&self, group: &Group, wanted: Wanted) -> Result<Done, Failure> {
        let Wanted { name, external_id, joins, leaves, asked } = wanted;
        let old = group.name.as_str();
        // Another spelling of the same value is no other name.
        let renamed = !self.belonging.same(old, &name);
        let name = if renamed { self.renamable(&name).await? } else { old.to_owned() };
        let external_id = match external_id {
            // What was held of the old name may be held of the new one by now.
            None if renamed && self.is_left() => {
                self.held(&name).await?.group.and_then(|group| group.external_id)
            }
            said => said,
        };
        // What was cut off behind it holds the new one already.
        let own = if self.is_left() { vec![old, name.as_str()] } else { vec![old] };
        self.free(external_id.as_deref(), &own).await?;
        let stays = |id: &&String| renamed && !leaves.contains(id);
        let stays: Vec<String> = group.ids().filter(stays).cloned().collect();
        let moves = Moves {
            leave: Some((old, leaves)),
            change: Some((old, &name, stays)),
            join: Some((&name, joins)),
        };
        let changed = match renamed {
            true => self.named(&self.name(&name), moves).await?,
            false => self.carry_out(moves).await?,
        };
        // One that a client looks after is there until a client ends it, whoever leaves it.
        let named = self.of().names.is_some();
        let told = group.external_id != external_id;
        if renamed {
            self.hold_for(old, &name, external_id.clone()).await?;
            begun::end(self.cx, &[self.name(&name)], End::Nothing, Vec::new()).await?;
        } else if told || !(group.is_held || named) {
            self.hold(&name, external_id.clone()).await?;
        }
        self.settled(&asked).await?;
        Ok(Done { name, external_id, changed, created: false })
    }

    /// Carries out the moves by which a Group comes to a name. What stops in between is remembered, for some have it then.
    pub async fn named(&self, name: &Name, moves: Moves<'_>) -> Result<Vec<Resource>, Failure> {
        let earlier = begun::has(self.cx, name).await?;
        let name = std::slice::from_ref(name);
        begun::begin(self.cx, name).await?;
        match self.carry_out(moves).await {
            Ok(changed) => Ok(changed),
            // What an earlier one has done is still there.
            Err(stopped) if stopped.between || earlier => Err(stopped.into()),
            Err(stopped) => {
                begun::end(self.cx, name, End::Nothing, Vec::new()).await?;
                Err(stopped.into())
            }
        }
    }

    /// A new name, where the mapping lets Groups have one.
    async fn renamable(&self, name: &str) -> Result<String, Failure> {
        if !self.of().moves {
            let detail = format!(
                "`displayName` is the value that members have, and cannot become `{name}`: the mapping says \
                 `rename: reject`"
            );
            return Err(Error::bad(ScimType::Mutability, detail).into());
        }
        let name = self.fitting(name).await?;
        queue::clear_before(self.cx, &name).await?;
        // Some have the new name already where an earlier try has not renamed the rest.
        match self.by_name(&name).await? {
            Some(_) if !self.is_left() && !begun::has(self.cx, &self.name(&name)).await? => {
                Err(Error::uniqueness("`displayName` is taken by another group").into())
            }
            _ => Ok(name),
        }
    }

    /// The name as members would have it. 400 invalidValue for what none of them could have, or would have as
    /// another: nobody shall get a second right by the name of a first.
    pub async fn fitting(&self, name: &str) -> Result<String, Failure> {
        let target = &self.belonging.rule.target;
        let refused = |detail: String| Failure::from(Error::bad(ScimType::InvalidValue, detail));
        let Some(name) = self.belonging.name(name) else {
            let known = match &self.of().names {
                Some(names) => format!("; it is one of `{}`", names.join("`, `")),
                None => String::new(),
            };
            return Err(refused(format!(
                "`{name}` is no value of `{target}`, and no group{known}"
            )));
        };
        let mut user = Resource::new();
        self.belonging.join(&mut user, name);
        let mut reading = Reading::new(Profile::Strict);
        Resource::canonical(user.as_value().clone(), &self.users.plan.kind, &mut reading)?;
        match self.read_back(&user).await?.as_slice() {
            [own] if self.belonging.same(own, name) => Ok(own.clone()),
            _ => {
                let detail = format!("`{name}` would come back from `{target}` as something else");
                Err(refused(detail))
            }
        }
    }

    /// The values that a User reads with once they are written. What expressions make of them only a whole User
    /// can show.
    async fn read_back(&self, user: &Resource) -> Result<Vec<String>, Failure> {
        let (of, rule, users) = (self.of(), self.belonging.rule, &self.users);
        let values = |user: &Resource| self.belonging.values(user).map(str::to_owned).collect();
        if rule.is_computed() {
            return Ok(values(user));
        }
        let read = users.resolved(|names| {
            let record = users.writer(names).fields(user, |index, _| index == of.rule, false)?;
            Ok(read::value(rule, &record, &users.live.variables, names)?)
        });
        let mut again = Resource::new();
        if let Found::Value(value) = read.await? {
            place::put(&mut again, &rule.target, value);
        }
        Ok(values(&again))
    }
}
