//! Makes, replaces, renames and ends Groups that are values.

use super::{
    super::{
        Context,
        begun::{self, End, Name},
        error::Failure,
        group::{MEMBERS, users},
        guard,
        identity::Identity,
        journal::part,
        turns::Held as Turn,
    },
    Values,
    group::{Group, text},
    moves::{Done, Moves},
};
use crate::{
    mapping::translate::{passage::Found, place, read, unit::ListChange},
    scim::{
        compare::elements,
        conditions::Conditions,
        error::{Error, ScimType},
        message::{Action, Response},
        profile::Profile,
        reading::Reading,
        resource::Resource,
        validate,
    },
    store::State,
};
use futures_util::FutureExt;
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

/// Makes one. One of ours that stopped half-way is finished by its repeat.
pub async fn create(cx: &Context<'_>, wanted: Resource) -> Result<Response, Failure> {
    validate::create(&wanted, &cx.plan.kind)?;
    let name = Values::new(cx)?.name_of(&wanted).await?;
    let turn = cx.turn_of(&name).await?;
    let said = Action::Create(wanted.clone());
    let (cx, is_begun) = part::resume(&cx.within(&turn), &name, &said).await?;
    let work = async { Values::new(&cx)?.make(&name, &wanted, is_begun).await };
    part::carry_out(&cx, work.boxed()).await
}

impl<'c> Values<'_, 'c> {
    /// Goes on with what nobody lived to end.
    pub async fn finish(&self, wanted: &Resource) -> Result<Response, Failure> {
        let name = self.name_of(wanted).await?;
        self.make(&name, wanted, true).await
    }

    /// Makes one, whose turn is held. Whoever is in one that was begun before is no other's.
    async fn make(
        &self,
        name: &str,
        wanted: &Resource,
        is_begun: bool,
    ) -> Result<Response, Failure> {
        let _locks = self.locks(&[name]).await?;
        let begun = self.name(name);
        let group = match self.by_name(name).await? {
            Some(_) if !is_begun && !begun::has(self.cx, &begun).await? => {
                return Err(Error::uniqueness("`displayName` is taken by another group").into());
            }
            there => there.unwrap_or_else(|| Group::bare(name, None)),
        };
        let Wanted { external_id, joins, asked, .. } = self.wanted(&group, wanted)?;
        let nobody = joins.is_empty() && group.having.members.is_empty();
        if nobody && !self.of().keeps_empty {
            let detail = "a group is there while somebody is in it: found no `members`";
            return Err(Error::bad(ScimType::InvalidValue, detail).into());
        }
        self.free(external_id.as_deref(), name).await?;
        let changed = match joins.is_empty() {
            true => Vec::new(),
            false => self.joined(name, joins, begun).await?,
        };
        self.settled(&asked).await?;
        self.hold(name, external_id.clone()).await?;
        self.told(Done { name: name.to_owned(), external_id, changed, created: true }).await
    }

    /// The name that a new one comes to have.
    async fn name_of(&self, wanted: &Resource) -> Result<String, Failure> {
        self.fitting(&text(wanted, "displayName").unwrap_or_default()).await
    }

    /// The members of a new one. What stops in between is remembered.
    async fn joined(
        &self,
        name: &str,
        joins: Vec<String>,
        begun: Name,
    ) -> Result<Vec<Resource>, Failure> {
        let begun = [begun];
        begun::begin(self.cx, &begun).await?;
        let moves = Moves { join: Some((name, joins)), ..Moves::default() };
        let outcome = self.carry_out(moves).await;
        let who = Identity::of_key(name);
        let end = match &outcome {
            Ok(_) => End::Done { who: &who, how: State::Made, revived: false },
            Err(stopped) if stopped.between => return outcome.map_err(Failure::from),
            Err(_) => End::Nothing,
        };
        begun::end(self.cx, &begun, end, Vec::new()).await?;
        Ok(outcome?)
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
        let group = self.current(id).await?;
        let before = group.resource();
        conditions.hold(&before, &self.cx.plan.kind)?;
        validate::update(&before, &after, &self.cx.plan.kind)?;
        let wanted = self.wanted(&group, &after)?;
        self.change(&group, wanted).await
    }

    /// Ends one: everybody leaves it.
    pub async fn delete(&self, id: &str, conditions: &Conditions) -> Result<Response, Failure> {
        let _locks = self.locks(&[id]).await?;
        let group = self.current(id).await?;
        conditions.hold(&group.resource(), &self.cx.plan.kind)?;
        let members: Vec<String> = group.ids().cloned().collect();
        if !members.is_empty() {
            guard::pass(self.cx, id).await?;
        }
        let leave = Some((id, members));
        self.carry_out(Moves { leave, ..Moves::default() }).await?;
        self.let_go(id).await?;
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

    fn name(&self, name: &str) -> Name {
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
        let asked = ids(elements(&list(after)))?.into_iter();
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
        self.free(external_id.as_deref(), old).await?;
        let stays = |id: &&String| renamed && !leaves.contains(id);
        let stays: Vec<String> = group.ids().filter(stays).cloned().collect();
        let moves = Moves {
            leave: Some((old, leaves)),
            change: Some((old, &name, stays)),
            join: Some((&name, joins)),
        };
        let changed = self.carry_out(moves).await?;
        self.settled(&asked).await?;
        if renamed {
            self.let_go(old).await?;
        }
        // One that a client looks after is there until a client ends it, whoever leaves it.
        let named = self.of().names.is_some();
        let told = group.external_id != external_id;
        if renamed || told || !(group.is_held || named) {
            self.hold(&name, external_id.clone()).await?;
        }
        Ok(Done { name, external_id, changed, created: false })
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
        match self.by_name(&name).await? {
            Some(_) => Err(Error::uniqueness("`displayName` is taken by another group").into()),
            None => Ok(name),
        }
    }

    /// The name as members would have it. 400 invalidValue for what none of them could have, or would have as
    /// another: nobody shall get a second right by the name of a first.
    async fn fitting(&self, name: &str) -> Result<String, Failure> {
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
