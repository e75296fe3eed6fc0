//! What the store has of those whom the vendor has: read in one go, while the vendor is asked or behind it, and
//! laid over what their Records read as.

use super::{Context, error::Failure, joined, kept};
use crate::{
    mapping::{
        plan::{Direction, Rule},
        translate::place,
    },
    scim::resource::Resource,
    store::{Group, Held, Member, Scope},
};
use futures_util::future::{OptionFuture, join};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The kind whose members a User's `groups` are told by.
const GROUP: &str = "Group";

/// What is kept of some, by id.
#[derive(Debug, Default)]
pub struct Beside<'c> {
    /// The rules of what is kept, in force for this tenant.
    rules: Vec<&'c Rule>,
    held: HashMap<String, Held>,
    /// The kept Groups that they are in, where the mapping tells them.
    groups: HashMap<Member, Vec<Group>>,
}

impl<'c> Beside<'c> {
    /// That of these ids; nothing is asked where the mapping keeps nothing.
    pub async fn of(cx: &Context<'c>, ids: &[String]) -> Result<Self, Failure> {
        let rules = kept::in_force(cx)?;
        let hides = cx.plan.buries() || cx.plan.skips();
        if ids.is_empty() || rules.is_empty() && !hides {
            return Ok(Self::default());
        }
        let store = cx.store()?;
        let tells_groups = rules.iter().any(|rule| rule.direction == Direction::Read);
        let groups: OptionFuture<_> = tells_groups
            .then(|| {
                let members: Vec<Member> = ids.iter().map(|id| cx.member(id)).collect();
                cx.ask(store.groups_of(&Scope::new(cx.tenant, GROUP), &members))
            })
            .into();
        let (held, groups) = join(cx.ask(store.held(&cx.rows(), ids)), groups).await;
        Ok(Self { rules, held: held?, groups: groups.transpose()?.unwrap_or_default() })
    }

    /// Whether one of them is gone, and whether he is outside.
    pub fn hides(&self, id: &str) -> (bool, bool) {
        self.held.get(id).map_or((false, false), |held| (held.gone.is_some(), held.outside))
    }

    /// Lays it over what one of them reads as.
    pub fn lay(&self, cx: &Context<'_>, id: &str, resource: &mut Resource) {
        joined::lay(cx, resource);
        let held = self.held.get(id);
        for rule in &self.rules {
            let value = match rule.direction {
                Direction::Read => self.groups_of(cx, id),
                _ => held.and_then(|held| held.kept.get(&rule.target.to_string())).cloned(),
            };
            if let Some(value) = value {
                if let Some(exercised) = cx.exercised() {
                    exercised.kept(rule);
                }
                place::put(resource, &rule.target, value);
            }
        }
    }

    /// `groups` of a User.
    fn groups_of(&self, cx: &Context<'_>, id: &str) -> Option<Value> {
        let groups = self.groups.get(&cx.member(id))?;
        let shown = groups.iter().map(
            |group| json!({ "value": group.id, "display": group.display_name, "type": "direct" }),
        );
        let shown: Vec<Value> = shown.collect();
        (!shown.is_empty()).then_some(Value::Array(shown))
    }
}
