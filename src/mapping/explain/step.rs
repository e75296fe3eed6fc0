//! The step of a mapping that a Call was made by.

use super::calls::evidence;
use crate::{
    mapping::plan::{Find, Operation, Plan, ResourcePlan, Step},
    upstream::Call,
};

/// Where a Call comes from.
#[derive(Debug, Clone, Copy)]
pub struct Found<'p> {
    /// Whose.
    pub resource: &'p ResourcePlan,
    /// Its operation.
    pub operation: &'p Operation,
    /// The step itself.
    pub step: &'p Step,
}

impl<'p> Found<'p> {
    /// A Call carries the name and the place of its step.
    pub fn of(plan: &'p Plan, call: &Call) -> Option<Self> {
        plan.resources.iter().find_map(|resource| {
            resource.operations.all().find_map(|operation| {
                let same = |step: &&Step| step.place == call.place && step.label == call.name;
                let step = operation.steps.iter().find(same)?;
                Some(Self { resource, operation, step })
            })
        })
    }

    /// Whether it makes something.
    pub fn is_create(&self) -> bool {
        self.resource
            .operations
            .create
            .as_ref()
            .is_some_and(|one| std::ptr::eq(one, self.operation))
    }

    /// The search that it serves.
    pub fn find(&self) -> Option<&'p Find> {
        self.resource.operations.find.iter().find(|find| {
            find.list.as_ref().is_some_and(|list| std::ptr::eq(&list.operation, self.operation))
        })
    }
}

/// What a Call is called, where it stands, and how sure the mapping is of it.
pub fn heading(plan: &Plan, call: &Call) -> String {
    let found = Found::of(plan, call);
    let sure = found.iter().map(|found| format!(" ({})", evidence(found.operation.evidence)));
    format!("{} at {}{}", call.name, call.place, sure.collect::<String>())
}
