//! The rows against the mapping: what its store would never hold.

use super::{GROUPS, Name, Rows};
use crate::{
    diagnostic::{Diagnostic, did_you_mean, nearest},
    mapping::plan::{Direction, Plan, ResourcePlan},
};

impl Rows {
    /// What the store of this mapping would never hold: a test that begins with it shows nothing.
    pub fn findings(&self, plan: &Plan) -> Vec<Diagnostic> {
        self.names.iter().filter_map(|name| name.finding(plan)).collect()
    }
}

impl Name {
    fn finding(&self, plan: &Plan) -> Option<Diagnostic> {
        let error = |message: String, help: String| {
            Some(Diagnostic::error("T108", self.place.clone(), message).help(help))
        };
        if self.part == GROUPS {
            let held = |resource: &ResourcePlan| resource.kept() || holds_values(resource);
            return match plan.resources.iter().any(held) {
                true => None,
                false => error(
                    "the mapping keeps no groups of its own".to_owned(),
                    "`Group: { kept: true }` does, and `empty: keep` those of `values_of`"
                        .to_owned(),
                ),
            };
        }
        let kind = &self.kind;
        let Some(resource) = plan.resource(kind) else {
            // Told once, where the kind is named.
            if self.attribute.is_some() {
                return None;
            }
            let known = || plan.resources.iter().map(|resource| resource.kind.name.as_str());
            return error(format!("`{kind}` is not served by the mapping"), meant(kind, known));
        };
        let Some(attribute) = &self.attribute else {
            let (holds, message, help) = match self.part {
                "kept" => (
                    !kept(resource).is_empty(),
                    format!("nothing is kept of a {kind}"),
                    "an attribute with `kept: true` is",
                ),
                "gone" => (
                    resource.buries() || holds_values(resource),
                    format!("no tombstone is left of a {kind}"),
                    "`delete` with `run` and `afterwards: gone` leaves one",
                ),
                "outside" => (
                    resource.skips(),
                    format!("no {kind} is held for being outside"),
                    "a row of `outside` with `then: skip` does",
                ),
                "links" => (
                    resource.links(),
                    format!("no {kind} has a Link"),
                    "with `id: link`, or `list: { links: true }`, they have",
                ),
                "ours" => (
                    resource.marks_ours(),
                    format!("the mapping marks no {kind} as ours"),
                    "`on_match: adopt` or `owns: linked`, without `managed`, does",
                ),
                _ => (
                    resource.holds(),
                    format!(
                        "creates of a {kind} are not remembered in the store: nothing of it is kept there"
                    ),
                    "they are remembered in memory",
                ),
            };
            return if holds { None } else { error(message, help.to_owned()) };
        };
        let known = match self.part {
            "kept" => kept(resource),
            _ => resource.matches.iter().map(|by| by.target.to_string()).collect(),
        };
        let name = attribute;
        if known.is_empty() || known.contains(name) {
            return None;
        }
        let message = match self.part {
            "kept" => format!("`{name}` is not kept of a {kind}"),
            _ => format!("`{name}` is no `match` attribute of {kind}: nobody is known by it"),
        };
        error(message, meant(name, || known.iter().map(String::as_str)))
    }
}

/// Groups that are values, of which the store holds some.
fn holds_values(resource: &ResourcePlan) -> bool {
    resource.values_of().is_some_and(|of| of.keeps_empty)
}

/// The paths of what is kept and written by clients.
fn kept(resource: &ResourcePlan) -> Vec<String> {
    let rules = resource.kept_rules().map(|(_, rule)| rule);
    let written = rules.filter(|rule| rule.direction != Direction::Read);
    written.map(|rule| rule.target.to_string()).collect()
}

fn meant<'a, I: Iterator<Item = &'a str>>(name: &str, known: impl Fn() -> I) -> String {
    match nearest(name, known()) {
        Some(near) => did_you_mean(near),
        None => format!("there is {}", known().collect::<Vec<_>>().join(", ")),
    }
}
