//! Who has a value: found by the vendor's own search where the mapping has one, else among all Users. Never a
//! shorter list: beyond `limits.scan` it is 400 tooMany.

use super::{
    super::{
        error::Failure,
        everybody::{Everybody, Having},
        find,
        found::Found,
        group::USER,
    },
    Values,
};
use crate::{
    mapping::translate::{
        pushdown::{self, Served},
        value::Belonging,
    },
    scim::{attribute::AttributePath, resource::Resource},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// One more who has it so.
fn add(having: &mut Having, spelled: &str, user: &Resource) {
    having.spelled.insert(spelled.to_owned());
    let id = user.id().unwrap_or_default();
    having.members.insert(id.to_owned(), member(user));
}

/// A User as an element of `members`.
pub fn member(user: &Resource) -> Value {
    let text = |name: &str| user.get(&AttributePath::core(name)).filter(|value| value.is_string());
    let mut member = json!({ "value": user.id(), "type": USER });
    let display = text("displayName").or_else(|| text("userName"));
    if let (Some(display), Value::Object(members)) = (display, &mut member) {
        members.insert("display".to_owned(), display.clone());
    }
    member
}

impl Values<'_, '_> {
    /// Those who have the value.
    pub async fn having(&self, value: &str) -> Result<Having, Failure> {
        let filter = self.belonging.filter(value);
        let mut having = Having::default();
        for Found { resource, .. } in find::matching(&self.users, &filter).await? {
            let mut own = self.belonging.values(&resource);
            if let Some(spelled) = own.find(|own| self.belonging.same(own, value)) {
                add(&mut having, spelled, &resource);
            }
        }
        Ok(having)
    }

    /// Whether the vendor can be asked for them: else all Users are read for each.
    pub fn searchable(&self, value: &str) -> bool {
        let filter = self.belonging.filter(value);
        let parts = pushdown::serve(self.users.plan, &filter, &self.users.names());
        let asked =
            |part: &Served<'_>| matches!(part, Served::Find(find, _) if find.call().is_some());
        parts.is_some_and(|parts| parts.iter().all(asked))
    }

    /// Those who have any; `behind` an earlier page those whom that one has read, where that still holds.
    pub async fn seen(&self, behind: bool) -> Result<Arc<Everybody>, Failure> {
        let recall = &self.cx.recall.having;
        if behind && let Some(everybody) = recall.read(self.cx) {
            return Ok(everybody);
        }
        let of = self.cx.era();
        let everybody = Arc::new(self.everybody().await?);
        recall.note(of, &everybody);
        Ok(everybody)
    }

    async fn everybody(&self) -> Result<Everybody, Failure> {
        let mut all = Everybody::new();
        for Found { resource, .. } in find::all(&self.users).await? {
            for (key, spelled) in named(&self.belonging, &resource) {
                add(all.entry(key).or_default(), spelled, &resource);
            }
        }
        Ok(all)
    }
}

/// The values of one that are Groups.
fn named<'r>(belonging: &Belonging<'_>, user: &'r Resource) -> Vec<(String, &'r str)> {
    let values = belonging.values(user).filter(|value| belonging.name(value).is_some());
    values.map(|value| (belonging.key(value), value)).collect()
}
