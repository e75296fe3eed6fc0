//! What the calls behind a call need of its answer.

use super::step::{Found, Owner};
use crate::{
    mapping::{
        plan::{Capture, LookupPlan, Plan, ResourcePlan, Rule},
        translate::units,
    },
    upstream::{Call, record::Locator},
};
use http::Method;

/// Fields that are named; of more it is said how many there are.
const NAMED: usize = 8;

/// What is needed.
#[derive(Debug)]
pub enum Needs<'p> {
    /// That it worked, and no more. Where the step wants a record, one stands there.
    Nothing(Option<&'p Locator>),
    /// This, in words.
    This(String),
}

/// What is needed of the answer to `call`.
pub fn needs<'p>(plan: &'p Plan, call: &Call) -> Needs<'p> {
    let Some(found) = Found::of(plan, call) else {
        return Needs::This("all of it".to_owned());
    };
    let step = found.step;
    let captured = step.capture.iter().map(|(name, capture)| match capture {
        Capture::Place(place) => format!("`{place}`, captured as `{name}`"),
        Capture::Template(template) => {
            format!("`{}`, captured as `{name}`", template.as_written())
        }
    });
    let mut words: Vec<String> = captured.collect();
    if let Owner::Operation(_, operation) = found.owner
        && let Some(key) = &operation.key
    {
        words.push(format!("`{}`, the key", key.as_written()));
    }
    if let Some(items) = &step.items {
        let into = step.into.iter().map(|into| format!(", which becomes `{into}`"));
        let searched = searched(&found);
        words.push(format!("the list at `{items}`{}{searched}", into.collect::<String>()));
    }
    let created = found.is_create();
    if let Some(record) = &step.record {
        match found.owner {
            Owner::Operation(resource, _) if call.method == Method::GET => {
                words.push(format!("the record at `{record}`, of which {}", read(resource)));
            }
            Owner::Operation(resource, _) if created => {
                words.push(format!("the record at `{record}`, of which {}", made(resource)));
            }
            Owner::Operation(..) => {}
            Owner::Lookup(lookup) => words.push(format!("the record at `{record}`{}", of(lookup))),
        }
    }
    match words.is_empty() {
        true if call.method == Method::GET => Needs::This("its status".to_owned()),
        true => Needs::Nothing(step.record.as_ref()),
        false => Needs::This(words.join("; ")),
    }
}

/// What of each record is held against the filter.
fn searched(found: &Found<'_>) -> String {
    if let Owner::Lookup(lookup) = found.owner {
        return of(lookup);
    }
    let (Some(find), Some(resource)) = (found.find(), found.resource()) else {
        return String::new();
    };
    let rules = &resource.rules;
    let fields = find.filter.iter().filter_map(|term| {
        let rule = rules.iter().find(|rule| {
            rule.target == term.target || rule.target.attribute() == term.target.attribute()
        });
        rule?.field().map(|field| format!("`{field}`"))
    });
    let fields: Vec<String> = fields.collect();
    match fields.is_empty() {
        true => String::new(),
        false => format!(", matched here by {}", fields.join(" and ")),
    }
}

/// What of each item is a name, and what its key.
fn of(lookup: &LookupPlan) -> String {
    format!(", of which `{}` is the name and `{}` the key", lookup.name_at, lookup.key_at)
}

/// What is read of a record.
fn read(resource: &ResourcePlan) -> String {
    let rules = resource.rules.iter().filter(|rule| rule.reads());
    format!("{} are read", fields(resource, rules))
}

/// What decides on the calls behind a create.
fn made(resource: &ResourcePlan) -> String {
    let claims = resource.operations.create.as_ref().and_then(|create| create.claims.as_deref());
    let unsent = resource
        .rules
        .iter()
        .enumerate()
        .filter(|(index, rule)| rule.writable() && !units::created(resource, claims, *index));
    let unsent: Vec<&Rule> = unsent.map(|(_, rule)| rule).collect();
    match unsent.is_empty() {
        true => format!("`{}` is the key of who was made", resource.key),
        false => format!(
            "{} say who was made, and what is still to be sent",
            fields(resource, unsent.into_iter())
        ),
    }
}

fn fields<'r>(resource: &ResourcePlan, rules: impl Iterator<Item = &'r Rule>) -> String {
    let mut names = vec![format!("`{}`", resource.key)];
    for field in rules.filter_map(Rule::field) {
        let name = format!("`{field}`");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}
