//! The step of a mapping that a Call was made by.

use super::calls::evidence;
use crate::{
    mapping::plan::{Find, LookupPlan, Operation, Plan, ResourcePlan, Step},
    upstream::Call,
};

/// Where a Call comes from.
#[derive(Debug, Clone, Copy)]
pub struct Found<'p> {
    /// Whose step it is.
    pub owner: Owner<'p>,
    /// The step itself.
    pub step: &'p Step,
}

/// Whose a step is.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'p> {
    /// An operation's of a resource.
    Operation(&'p ResourcePlan, &'p Operation),
    /// A lookup's.
    Lookup(&'p LookupPlan),
}

impl<'p> Found<'p> {
    /// A Call carries the name and the place of its step.
    pub fn of(plan: &'p Plan, call: &Call) -> Option<Self> {
        let same = |step: &&Step| step.place == call.place && step.label == call.name;
        let of_lookup = || {
            plan.lookups.iter().find_map(|lookup| {
                let step = lookup.steps().find(same)?;
                Some(Self { owner: Owner::Lookup(lookup), step })
            })
        };
        let of_operation = plan.resources.iter().find_map(|resource| {
            resource.operations.all().find_map(|operation| {
                let step = operation.calls().find(same)?;
                Some(Self { owner: Owner::Operation(resource, operation), step })
            })
        });
        of_operation.or_else(of_lookup)
    }

    /// Whose attributes it is about.
    pub fn resource(&self) -> Option<&'p ResourcePlan> {
        match self.owner {
            Owner::Operation(resource, _) => Some(resource),
            Owner::Lookup(_) => None,
        }
    }

    /// Whether it makes something.
    pub fn is_create(&self) -> bool {
        let Owner::Operation(resource, operation) = self.owner else { return false };
        resource.operations.create.as_ref().is_some_and(|one| std::ptr::eq(one, operation))
    }

    /// The search that it serves.
    pub fn find(&self) -> Option<&'p Find> {
        let Owner::Operation(resource, operation) = self.owner else { return None };
        resource
            .operations
            .find
            .iter()
            .find(|find| find.call().is_some_and(|list| std::ptr::eq(&list.operation, operation)))
    }
}

/// What a Call is called, where it stands, and how sure the mapping is of it.
pub fn heading(plan: &Plan, call: &Call) -> String {
    let found = Found::of(plan, call);
    let sure = found.iter().map(|found| format!(" ({})", evidence(found.step.evidence)));
    format!("{} at {}{}", call.name, call.place, sure.collect::<String>())
}
