//! What every operation of one request is given.

use super::{Live, Trace, cursors::Cursors, turns::Turns};
use crate::{
    mapping::{
        expr::Scope,
        plan::ResourcePlan,
        translate::{read, write::Writer},
    },
    metrics::Metrics,
    scim::resource::Resource,
};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// One request at work on one kind of resource.
pub struct Context<'a> {
    /// Whose request it is.
    pub tenant: &'a str,
    /// What it runs on, to its end.
    pub live: &'a Live,
    /// The kind of resource it is about.
    pub plan: &'a ResourcePlan,
    /// Where things are counted.
    pub metrics: &'a Metrics,
    /// The request's one instant.
    pub now: jiff::Timestamp,
    /// The same as text, for expressions.
    pub now_text: Value,
    /// No call begins later.
    pub deadline: Instant,
    /// Writes to one resource wait for each other here.
    pub turns: &'a Turns,
    /// Where earlier walks of a list stopped.
    pub cursors: &'a Cursors,
    // A std mutex: nothing awaits while it is held. Read-again steps run side by side.
    trace: Mutex<Trace>,
}

impl<'a> Context<'a> {
    /// A context with an empty trace.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing, named at the call")]
    pub fn new(
        tenant: &'a str,
        live: &'a Live,
        plan: &'a ResourcePlan,
        metrics: &'a Metrics,
        now: jiff::Timestamp,
        deadline: Instant,
        turns: &'a Turns,
        cursors: &'a Cursors,
    ) -> Self {
        Self {
            tenant,
            live,
            plan,
            metrics,
            now,
            now_text: Value::String(now.to_string()),
            deadline,
            turns,
            cursors,
            trace: Mutex::default(),
        }
    }

    /// The names that every expression has: `tenant` and `now`.
    pub fn scope(&self) -> Scope<'_> {
        Scope::new().with("tenant", &self.live.variables).with("now", &self.now_text)
    }

    /// Writes for this tenant at this instant.
    pub fn writer(&self) -> Writer<'_> {
        Writer { plan: self.plan, tenant: &self.live.variables, now: &self.now_text }
    }

    /// Reads a Record and counts what of it could not be read.
    pub fn read(&self, record: &Value) -> Result<Resource, super::error::Failure> {
        let reading = read::resource(self.plan, record, &self.live.variables)?;
        for rule in reading.unreadable {
            self.metrics.unreadable(self.tenant, &rule.target.to_string());
        }
        Ok(reading.resource)
    }

    /// The trace, for a moment.
    pub fn trace(&self) -> MutexGuard<'_, Trace> {
        // A panic while a line is added leaves a trace that is short of that line, no worse.
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an operator should know of this request.
    pub fn remark(&self, words: String) {
        self.trace().remarks.push(words);
    }

    /// The trace, at the end.
    pub fn into_trace(self) -> Trace {
        self.trace.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
