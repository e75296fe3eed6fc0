//! The steps of a mapping, each known by its place in the file: two that look the same are two.

use crate::{
    fakes::{call::Call, trouble::Fault},
    mapping::MARK,
};
use scimshim::{
    mapping::{
        self,
        plan::{Meaning, Operation, Plan, Step},
        translate::failure,
    },
    upstream::Answer,
    yaml::{self, Kind, Node},
};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// One call that a mapping can make.
pub struct Known {
    /// Its label, and its place in the mapping as it is shipped: `User.find (141:11)`.
    pub name: String,
    pub step: Step,
    /// What its calls look like: `GET /api/users/*`.
    pub line: String,
    /// It asks for the resource itself: a 404 of it is a resource that is not there.
    pub itself: bool,
    /// It is a lookup's.
    pub looks_up: bool,
    /// It is of an update whose failure costs the client nothing, and is told to the operator.
    pub may_fail: bool,
    /// It takes back what another step did, when one behind that fails.
    pub undoes: bool,
    /// Which operation or lookup it is of.
    of: usize,
}

impl Known {
    /// It changes something, and may say that it did when it did not.
    pub fn changes(&self) -> bool {
        self.step.writes && self.step.method != http::Method::GET
    }

    /// Whether a call of it that has gone wrong so differs from one that has not: what overlooks filters needs one.
    pub fn may_suffer(&self, fault: &Fault) -> bool {
        let filters = self.step.query.iter().any(|(_, value)| !value.is_literal());
        filters || !matches!(fault, Fault::Unfiltered)
    }

    /// Whether this call is one of it, or looks the same.
    pub fn is_like(&self, call: &Call) -> bool {
        let (method, path) = self.line.split_once(' ').unwrap();
        let (known, given) = (path.split('/').collect::<Vec<_>>(), call.segments());
        let alike = |(known, given): (&&str, &String)| *known == "*" || *known == given;
        method == call.method && known.len() == given.len() && known.iter().zip(&given).all(alike)
    }
}

/// All steps of a mapping, by their marks.
pub struct Steps {
    plan: Plan,
    known: BTreeMap<String, Known>,
}

/// Every call of a plan's operations and lookups, those that take back too.
pub fn calls(plan: &Plan) -> impl Iterator<Item = &Step> {
    owners(plan).into_iter().flatten()
}

/// The same, by the operation or lookup that they are of.
fn owners(plan: &Plan) -> Vec<Vec<&Step>> {
    let operations = plan.resources.iter().flat_map(|kind| kind.operations.all());
    let lookups = plan.lookups.iter();
    let lookups = lookups.map(|lookup| lookup.steps().flat_map(Step::calls).collect());
    operations.map(|operation| operation.calls().collect()).chain(lookups).collect()
}

/// The mark of a call, if it has one: a login or a look whether the vendor is there is no step.
pub fn mark_of(call: &Call) -> Option<String> {
    call.header(MARK).map(str::to_owned)
}

fn mark(step: &Step) -> String {
    let header = step.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(MARK));
    header.unwrap_or_else(|| panic!("{} has no mark", step.label)).1.as_written().to_owned()
}

impl Steps {
    /// Of a mapping with marks, whose API is at `url`.
    pub fn of(file: &Path, url: &str) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let name = file.display().to_string();
        let plan = mapping::load(&name, &text).plan.unwrap();
        let root = yaml::parse(&name.as_str().into(), &text).unwrap();
        let base = base(&root, url);
        let marks = |steps: Vec<&Step>| steps.into_iter().map(mark).collect::<Vec<_>>();
        let of = |operation: &Operation| marks(operation.steps.iter().collect());
        let kinds = || plan.resources.iter();
        let mains = kinds().filter_map(|kind| kind.operations.get.as_ref()).filter_map(|get| {
            get.steps.iter().find(|step| step.record.is_some() && step.into.is_none())
        });
        let mains = marks(mains.collect());
        let updates = kinds().flat_map(|kind| &kind.operations.update);
        let may_fail: Vec<String> =
            updates.filter(|update| update.may_fail).flat_map(|one| of(&one.operation)).collect();
        let undos = marks(calls(&plan).filter_map(|step| step.undo.as_deref()).collect());
        let looks_up = marks(plan.lookups.iter().flat_map(|lookup| lookup.steps()).collect());
        let known = owners(&plan)
            .into_iter()
            .enumerate()
            .flat_map(|(of, steps)| steps.into_iter().map(move |step| (of, step)));
        let known = known.map(|(of, step)| {
            let mark = mark(step);
            let path = step.path.as_written().split('/');
            let path = path.map(|part| if part.contains('{') { "*" } else { part });
            let line = format!("{} {base}{}", step.method, path.collect::<Vec<_>>().join("/"));
            let known = Known {
                name: format!("{} ({mark})", step.label),
                step: step.clone(),
                line,
                itself: mains.contains(&mark),
                looks_up: looks_up.contains(&mark),
                may_fail: may_fail.contains(&mark),
                undoes: undos.contains(&mark),
                of,
            };
            (mark, known)
        });
        let known = known.collect();
        Self { plan, known }
    }

    /// Every step with its mark.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Known)> {
        self.known.iter()
    }

    pub fn get(&self, mark: &str) -> &Known {
        self.known.get(mark).unwrap_or_else(|| panic!("no step at {mark}"))
    }

    /// The step that takes back what this one did.
    pub fn undo(&self, mark: &str) -> Option<String> {
        self.get(mark).step.undo.as_deref().map(self::mark)
    }

    /// Whether both are of one operation.
    pub fn are_together(&self, one: &str, other: &str) -> bool {
        self.get(one).of == self.get(other).of
    }

    /// The vendor is shown the client's own credential.
    pub fn passes_on(&self) -> bool {
        self.plan.upstream.passes_on().is_some()
    }

    /// What a row of the mapping's `errors` says of this answer to a step, where one does.
    pub fn row(&self, step: &Step, status: u16, body: Value) -> Option<Meaning> {
        let mut answer = Answer { status, body, ..Answer::default() };
        let verdict = failure::judge(step, &self.plan.upstream, &mut answer, &Value::Null);
        verdict.by_row.then_some(verdict.means)
    }
}

/// What stands before each path: that of `base_url`.
fn base(root: &Node, url: &str) -> String {
    let base_url = root.get("upstream").and_then(|upstream| upstream.get("base_url"));
    let Some(Node { kind: Kind::Text(base_url), .. }) = base_url else { panic!("no base_url") };
    let at_url = url::Url::parse(url).unwrap().path().trim_end_matches('/').to_owned();
    let behind = base_url.split_once('}').map(|(_, path)| path).unwrap_or_default();
    format!("{at_url}{behind}")
}
