//! What the store has of Groups that are values, where the mapping says `empty: keep`: those that a client made
//! or changed, with their `externalId`, and which of the mapping's `names` it deleted.

use super::{
    super::{error::Failure, kept},
    Values,
};
use crate::{
    scim::error::{Error, ScimType},
    store::{Change, Group, GroupName, Page},
};
use std::collections::BTreeMap;

/// What is held of one of them.
#[derive(Debug, Default)]
pub struct Held {
    /// A client made or changed it.
    pub group: Option<Group>,
    /// A client deleted it, and nobody has made it since.
    pub gone: bool,
}

impl Values<'_, '_> {
    /// That of one name; nothing is asked where nothing is held.
    pub async fn held(&self, name: &str) -> Result<Held, Failure> {
        if !self.of().keeps_empty {
            return Ok(Held::default());
        }
        let named = self.groups(GroupName::Display(name.to_owned())).await?;
        let group = named.into_iter().find(|group| self.belonging.same(&group.id, name));
        if group.is_some() || self.of().names.is_none() {
            return Ok(Held { group, gone: false });
        }
        let held = self.cx.store()?.held(&self.cx.rows(), &[name.to_owned()]);
        let held = self.cx.ask(held).await?;
        let gone = held.get(name).is_some_and(|held| held.gone.is_some());
        Ok(Held { group: None, gone })
    }

    /// Those that are held, of such a name.
    pub async fn groups(&self, name: GroupName) -> Result<Vec<Group>, Failure> {
        if !self.of().keeps_empty {
            return Ok(Vec::new());
        }
        let most = self.cx.live.plan.upstream.scan;
        let page = Page::first((most as u64).saturating_add(1));
        let asked = self.cx.store()?.groups(&self.cx.rows(), name, page);
        let found = self.cx.ask(asked).await?;
        if found.len() > most {
            let detail = format!("more than {most} groups would be looked through");
            return Err(Error::bad(ScimType::TooMany, detail).into());
        }
        Ok(found)
    }

    /// Holds it from now on.
    pub async fn hold(&self, name: &str, external_id: Option<String>) -> Result<(), Failure> {
        self.keep(self.holding(name, external_id)).await
    }

    /// Holds it no longer. One of `names` is remembered as gone, or the mapping would name it again.
    pub async fn let_go(&self, name: &str) -> Result<(), Failure> {
        self.keep(self.letting_go(name)).await
    }

    /// Holds one for another, in one commit: what is held of it is not lost in between.
    pub async fn hold_for(
        &self,
        old: &str,
        new: &str,
        external_id: Option<String>,
    ) -> Result<(), Failure> {
        let mut changes = self.letting_go(old);
        changes.extend(self.holding(new, external_id));
        self.keep(changes).await
    }

    fn holding(&self, name: &str, external_id: Option<String>) -> Vec<Change> {
        let (id, display_name) = (name.to_owned(), name.to_owned());
        let put = Change::PutGroup { id, display_name, external_id, at: self.cx.now };
        vec![Change::Lift { id: name.to_owned() }, put]
    }

    fn letting_go(&self, name: &str) -> Vec<Change> {
        let id = name.to_owned();
        let bury = Change::Bury { id: id.clone(), values: BTreeMap::new(), at: self.cx.now };
        let bury = self.of().names.is_some().then_some(bury);
        [Change::RemoveGroup { id }].into_iter().chain(bury).collect()
    }

    async fn keep(&self, changes: Vec<Change>) -> Result<(), Failure> {
        match self.of().keeps_empty {
            true => kept::write(self.cx, changes).await.map(drop),
            false => Ok(()),
        }
    }

    /// 409 when another Group has the `externalId` than the one that has one of these names.
    pub async fn free(&self, external_id: Option<&str>, names: &[&str]) -> Result<(), Failure> {
        let Some(external) = external_id else { return Ok(()) };
        let found = self.groups(GroupName::External(external.to_owned())).await?;
        let is_own = |id: &str| names.iter().any(|name| self.belonging.same(id, name));
        match found.iter().any(|group| !is_own(&group.id)) {
            true => Err(Error::uniqueness("`externalId` is taken by another group").into()),
            false => Ok(()),
        }
    }
}
