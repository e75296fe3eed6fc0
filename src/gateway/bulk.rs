//! Bulk (RFC 7644 §3.7): one operation after the other, each as a request of its own.
//!
//! It is not atomic: what was done stays done, and each operation says what came of it.

use super::{Arrival, Gateway, Live, Trace};
use crate::scim::{
    bulk::{
        Bulk, BulkAsked,
        order::{Turn, turns},
        reference,
    },
    conditions::Preconditions,
    encode::{self, Wire},
    error::{Error, ScimType},
    outcome::{Outcome, response},
    patch::PATCH_OP,
    shown::cut,
};
use http::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Failed operations that a line of the log tells of.
const TOLD: usize = 20;
/// Of a request's time, what is kept back: one part in ten. What is begun later could not end.
const KEPT_BACK: u32 = 10;

impl Gateway {
    /// Does all operations that there is time for; 413 when they are more than is allowed.
    pub(super) async fn bulk(
        &self,
        live: &Live,
        bulk: Bulk,
        arrival: Arrival<'_>,
    ) -> (Wire, Trace) {
        let (found, most) = (bulk.operations.len(), arrival.bulk.max_operations);
        // R103, RFC 7644 §3.7.4.
        if found > most {
            let detail =
                format!("`Operations`: found {found}, expected at most {most} (maxOperations)");
            return (encode::error(&Error::new(413, detail)), Trace::default());
        }
        let left = arrival.deadline.saturating_duration_since(Instant::now());
        let begin_until = arrival.deadline - left / KEPT_BACK;
        let outcomes = bulk.operations.iter().map(|_| None).collect();
        let mut work = Work {
            gateway: self,
            live,
            arrival,
            bulk: &bulk,
            outcomes,
            made: BTreeMap::new(),
            apart: BTreeMap::new(),
            trace: Trace::default(),
        };
        for turn in turns(&bulk) {
            if work.is_over() {
                break;
            }
            match turn {
                _ if live.upstream.now() >= begin_until => work.too_late(&turn),
                Turn::Do { operation, without } => work.perform(operation, &without).await,
                Turn::Mend { operation } => work.mend(operation).await,
            }
        }
        work.unmended();
        work.remark();
        let wire = response(bulk.operations.iter().zip(work.outcomes));
        (wire, work.trace)
    }
}

/// A Bulk under way.
struct Work<'a> {
    gateway: &'a Gateway,
    live: &'a Live,
    arrival: Arrival<'a>,
    bulk: &'a Bulk,
    /// What came of each operation so far.
    outcomes: Vec<Option<Outcome>>,
    /// The ids of what was made, by `bulkId`.
    made: BTreeMap<String, String>,
    /// What was made without references that make a circle, and those, by operation.
    apart: BTreeMap<usize, Apart>,
    trace: Trace,
}

struct Apart {
    /// Of the resource, below the base.
    path: String,
    attributes: Vec<(String, Value)>,
}

impl Work<'_> {
    /// RFC 7644 §3.7, R104: after so many errors nothing more is done.
    fn is_over(&self) -> bool {
        let errors = self.outcomes.iter().flatten().filter(|outcome| outcome.is_error()).count();
        self.bulk.fail_on_errors.is_some_and(|most| errors >= most)
    }

    async fn perform(&mut self, operation: usize, without: &BTreeSet<String>) {
        let Some(sent) = self.bulk.operations.get(operation) else { return };
        let resolved = sent.asked.clone().and_then(|asked| self.resolved(asked, without));
        let outcome = match resolved {
            Err(error) => Outcome::refused(&error),
            Ok((asked, attributes)) => {
                let wire = self.ask(&asked).await;
                let id = wire.body.as_ref().and_then(|body| body.get("id")).and_then(Value::as_str);
                let made = id.filter(|_| wire.status == 201).map(str::to_owned);
                if let (Some(id), Some(name)) = (made, &sent.bulk_id) {
                    if !attributes.is_empty() {
                        let path = format!("{}/{}", asked.path, encode::segment(&id));
                        self.apart.insert(operation, Apart { path, attributes });
                    }
                    self.made.insert(name.clone(), id);
                }
                let place = format!("{}{}", self.arrival.base, asked.path);
                let outcome = Outcome::of(wire);
                // RFC 7644 §3.7: a location stands in all but a POST that failed.
                let known = (asked.method != Method::POST).then_some(place);
                Outcome { location: outcome.location.clone().or(known), ..outcome }
            }
        };
        self.conclude(operation, outcome);
    }

    /// What is asked, with the ids of what was made, and apart from it what refers to what is not made yet.
    fn resolved(
        &self,
        mut asked: BulkAsked,
        without: &BTreeSet<String>,
    ) -> Result<(BulkAsked, Vec<(String, Value)>), Error> {
        for name in reference::names(&asked) {
            if !self.made.contains_key(&name) && !without.contains(&name) {
                return Err(self.missing(&name));
            }
        }
        let apart = reference::set_apart(&mut asked.data, without);
        let id = |name: &str| self.made.get(name).cloned();
        Ok((reference::put_in(asked, &id, encode::segment), apart))
    }

    /// Nothing has that name: nobody was to make it, or it was not made.
    fn missing(&self, name: &str) -> Error {
        let bulk_id = |name: &str| format!("`bulkId:{}`", cut(name));
        let named = self.bulk.operations.iter().any(|each| each.bulk_id.as_deref() == Some(name));
        let name = bulk_id(name);
        match named {
            true => Error::new(409, format!("{name} was not made, so nothing can refer to it")),
            false => {
                let detail = format!("{name} is the name of no POST of this request");
                Error::bad(ScimType::InvalidValue, detail)
            }
        }
    }

    /// Puts in the references that an operation was done without (RFC 7644 §3.7.1). When that fails, so has the
    /// operation: the resource is there, and not as the client wants it.
    async fn mend(&mut self, operation: usize) {
        let Some(Apart { path, attributes }) = self.apart.remove(&operation) else { return };
        let Some(Some(made)) = self.outcomes.get(operation) else { return };
        let Outcome { status, location, .. } = made.clone();
        let outcome = match self.adds(attributes) {
            Err(error) => Outcome::refused(&error),
            Ok(data) => {
                let method = Method::PATCH;
                let wire = self.ask(&BulkAsked { method, path, version: None, data }).await;
                match Outcome::of(wire) {
                    failed if failed.is_error() => failed,
                    mended => Outcome { status, ..mended },
                }
            }
        };
        self.conclude(operation, Outcome { location, ..outcome });
    }

    /// A PATCH that adds attributes, with the ids of what was made meanwhile.
    fn adds(&self, attributes: Vec<(String, Value)>) -> Result<Value, Error> {
        let id = |name: &str| self.made.get(name).cloned();
        let adds = attributes.into_iter().map(|(path, value)| {
            let names = reference::names_in(&value);
            if let Some(lost) = names.iter().find(|name| !self.made.contains_key(*name)) {
                return Err(self.missing(lost));
            }
            let value = reference::resolved(&value, &id);
            Ok(json!({ "op": "add", "path": path, "value": value }))
        });
        let adds = adds.collect::<Result<Value, Error>>()?;
        Ok(json!({ "schemas": [PATCH_OP], "Operations": adds }))
    }

    /// A request of its own.
    async fn ask(&mut self, asked: &BulkAsked) -> Wire {
        let body = match &asked.data {
            Value::Null => Vec::new(),
            data => data.to_string().into_bytes(),
        };
        let if_match = asked.version.as_deref();
        let preconditions = Preconditions { if_match, if_none_match: None };
        let (method, path) = (&asked.method, asked.path.as_str());
        let (wire, trace) =
            self.gateway.single(self.live, method, path, &body, preconditions, self.arrival).await;
        self.trace.absorb(trace);
        wire
    }

    /// The time has run out: told for each operation, and never taken for done.
    fn too_late(&mut self, turn: &Turn) {
        if let Turn::Do { operation, .. } = turn {
            let error = Error::new(
                503,
                "not done: the time of the whole request ran out before it; send it again with fewer beside it",
            );
            self.conclude(*operation, Outcome::refused(&error));
        }
    }

    /// What is still without its references is not as the client wants it.
    fn unmended(&mut self) {
        for operation in std::mem::take(&mut self.apart).into_keys() {
            let Some(Some(outcome)) = self.outcomes.get(operation) else { continue };
            let location = outcome.location.clone();
            let error = Error::new(
                409,
                "the resource was made, and its references by `bulkId:` were not put in before the request ended",
            );
            self.conclude(operation, Outcome { location, ..Outcome::refused(&error) });
        }
    }

    /// What an operator should know: the client's answer is a 200 all the same.
    fn remark(&mut self) {
        let failed = self.outcomes.iter().flatten().filter(|outcome| outcome.is_error()).count();
        let done = self.outcomes.iter().flatten().count() - failed;
        if failed == 0 {
            return;
        }
        let each = self.bulk.operations.iter().zip(&self.outcomes).zip(1..);
        let told = each.filter_map(|((operation, outcome), position)| {
            let outcome = outcome.as_ref().filter(|outcome| outcome.is_error())?;
            let method = operation.asked.as_ref().map_or("-", |asked| asked.method.as_str());
            Some(format!("{position} {method} {}", outcome.status))
        });
        let told = told.take(TOLD).collect::<Vec<_>>().join(", ");
        let of = self.outcomes.len();
        let words = format!("bulk of {of}: {done} done, {failed} failed: {told}");
        self.trace.remarks.push(words);
    }

    fn conclude(&mut self, operation: usize, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(operation) {
            *place = Some(outcome);
        }
    }
}
