//! Undo: what the steps of an operation did is taken back when a later one fails for good, the last first.

use super::{Context, error::Failure, exchange, trace::in_brief};
use crate::{
    mapping::{expr::Scope, plan::Step, translate::render},
    upstream::Call,
};
use http::Method;
use std::sync::Arc;

/// An operation that did not come to its end.
#[derive(Debug)]
pub struct Halted<'p> {
    /// Why.
    pub failure: Failure,
    /// What it had done by then.
    pub made: Deeds<'p>,
}

impl From<Failure> for Halted<'_> {
    fn from(failure: Failure) -> Self {
        Self { failure, made: Deeds::default() }
    }
}

/// What an operation has done so far.
#[derive(Debug, Default)]
pub struct Deeds<'p> {
    /// In the order in which it was done.
    back: Vec<Back<'p>>,
    /// What was done that nothing takes back.
    stays: Vec<&'p Step>,
    /// The vendor's record does not tell whether the call that stopped was carried out: it may show what an earlier step
    /// did, or later ones are missing.
    pub blind: bool,
}

/// The call that takes back what one call did. Deeds while its names are at hand; one that cannot be made is told
/// when it is wanted.
#[derive(Debug)]
struct Back<'p> {
    undo: &'p Step,
    call: Result<Arc<Call>, Failure>,
}

/// What was done and stays.
#[derive(Debug, Default)]
pub struct Left {
    /// The calls that were to take it back.
    failed: Vec<String>,
    /// The steps that have none.
    stays: Vec<String>,
}

impl<'p> Deeds<'p> {
    /// Whether something of it can be taken back.
    pub fn can_be_taken_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// A call of a step was carried out; `scope` has what was captured of it.
    pub fn note(&mut self, step: &'p Step, scope: &Scope<'_>) {
        match step.undo.as_deref() {
            Some(undo) => {
                let call = render::call(undo, scope).map(Arc::new).map_err(Failure::from);
                self.back.push(Back { undo, call });
            }
            None if step.method == Method::GET => {}
            // Of each of its items it is one step.
            None if self.stays.iter().any(|known| known.place == step.place) => {}
            None => self.stays.push(step),
        }
    }
}

impl Left {
    /// Whether all was taken back.
    pub fn is_nothing(&self) -> bool {
        self.failed.is_empty() && self.stays.is_empty()
    }

    /// The failure as the client is told of it: what is left behind stands in it.
    pub fn told(self, failure: Failure) -> Failure {
        let left = [
            ("what was made before it could not be taken back", self.failed),
            ("carried out, with no `undo`", self.stays),
        ];
        let left = left.into_iter().filter(|(_, what)| !what.is_empty());
        left.fold(failure, |failure, (lead, what)| {
            failure.and(&format!("{lead}: {}", what.join(", ")))
        })
    }
}

/// Takes back what was made, the last first, in the time that no other write may use. One that fails does not keep
/// the others.
pub async fn back(cx: &Context<'_>, made: Deeds<'_>) -> Left {
    let cx = cx.until(cx.deadline);
    let _writing = cx.memory.scans.writing(&cx.plan.kind.name);
    let mut left = Left::default();
    for Step { label, place, .. } in made.stays {
        cx.remark(format!("a request failed halfway: `{label}` ({place}) has no `undo`"));
        left.stays.push(format!("`{label}` ({place})"));
    }
    if made.back.is_empty() {
        return left;
    }
    // Half of it taken back and nothing of that written down, nobody could go on with it.
    if let Some(underway) = &cx.underway
        && let Err(failure) = underway.undoes(&cx).await
    {
        cx.remark(format!("nothing was taken back: {}", in_brief(&failure)));
        left.failed.extend(made.back.iter().map(|back| format!("`{}`", back.undo.label)));
        return left;
    }
    for Back { undo, call } in made.back.into_iter().rev() {
        let failure = match &call {
            Ok(call) => match exchange::perform(&cx, undo, call, None).await {
                Ok(_) => continue,
                // What is not there any more needs no taking back.
                Err(failure) if failure.not_found() => continue,
                Err(failure) => failure,
            },
            Err(failure) => failure.clone(),
        };
        let Step { label, place, .. } = undo;
        cx.metrics.leftover(cx.tenant, label);
        cx.remark(format!(
            "a leftover: `{label}` ({place}) took nothing back: {}",
            in_brief(&failure)
        ));
        left.failed.push(match call {
            Ok(call) => format!("`{} {}` ({place})", call.method, call.path),
            Err(_) => format!("`{label}` ({place})"),
        });
    }
    if let Some(underway) = cx.underway.as_ref().filter(|_| left.failed.is_empty()) {
        underway.undone();
    }
    left
}
