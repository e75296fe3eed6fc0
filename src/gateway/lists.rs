//! A list that the vendor gives in several: those who are switched off apart from the others, each site for itself.
//! `for_each` of a list says which, and they are walked one after the other, as one.

use super::{Context, each::groups, error::Failure, fingerprint::Fingerprint};
use crate::{
    mapping::{expr::Scope, plan::Step, translate::render},
    upstream::Call,
};
use std::sync::Arc;

/// Where a walk is among the lists of one step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lists {
    /// The first call of each, in order: shared, because every remembered place of a walk holds them.
    calls: Arc<[Call]>,
    /// How many of them have begun.
    begun: usize,
    /// Records in those that have ended.
    pub read: usize,
    /// Of the first page of the one that began last.
    first: Option<Fingerprint>,
}

impl Lists {
    /// Those of a step; one, where it has no `for_each`.
    pub fn of(cx: &Context<'_>, step: &Step) -> Result<Self, Failure> {
        let scope = cx.scope();
        let call = |scope: &Scope<'_>| {
            let call = render::call(step, scope)?;
            Ok::<_, Failure>(match &step.paging {
                Some(paging) => paging.first(call),
                None => call,
            })
        };
        let calls = match &step.for_each {
            None => vec![call(&scope)?],
            Some(each) => {
                let groups = groups(each, &scope, &step.place)?;
                let calls =
                    groups.iter().map(|group| call(&scope.clone().with(each.name(), group)));
                calls.collect::<Result<_, _>>()?
            }
        };
        Ok(Self { calls: calls.into(), ..Self::default() })
    }

    /// The first call of the next one; nothing when there is none.
    pub fn turn(&mut self) -> Option<Call> {
        let call = self.calls.get(self.begun).cloned()?;
        self.begun += 1;
        Some(call)
    }

    /// Records of all of them, where the vendor says how many are in this one: known in the last.
    pub fn total(&self, own: Option<u64>) -> Option<u64> {
        let last = self.begun >= self.calls.len();
        own.filter(|_| last).map(|own| own.saturating_add(self.read as u64))
    }

    /// One of them begins with this page; true when the one before it began so, too: a vendor that does not know
    /// the parameter gives everybody each time, and everybody would be there twice.
    pub fn begins(&mut self, page: Fingerprint) -> bool {
        self.first.replace(page).is_some_and(|before| page.repeats(&before))
    }
}
