//! Coverage: what of a mapping the tests beside it exercise, as the engine noted it, and what they do not.

use crate::{
    diagnostic::Place,
    gateway::exercised::{How, Use},
    mapping::plan::{
        Direction, Elements, ErrorRow, Find, Operation, Plan, ResourcePlan, Rule, RuleKind,
        SubKind, SubRule,
    },
    scim::filter::Operator,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fmt};

/// Lines that are shown of what is never exercised; `--format json` has all.
const LINES: usize = 20;

/// How much of each kind there is in a mapping, and what of it no test uses.
#[derive(Debug)]
pub struct Coverage {
    figures: Vec<Figure>,
    never: Vec<Never>,
}

/// `n of m`
#[derive(Debug)]
struct Figure {
    what: &'static str,
    used: usize,
    of: usize,
}

/// One line of the mapping that no test uses, or not in every way.
#[derive(Debug)]
struct Never {
    place: Place,
    what: String,
    how: &'static str,
}

impl Coverage {
    /// Of these uses.
    pub fn of(plan: &Plan, uses: &BTreeSet<Use>) -> Self {
        let mut count = Count { uses, coverage: Self { figures: Vec::new(), never: Vec::new() } };
        count.rules(plan);
        count.operations(plan);
        count.finds(plan);
        count.calls(plan);
        count.rows(plan);
        count.outside(plan);
        let mut coverage = count.coverage;
        coverage.never.sort_by_key(|never| never.place.span.start);
        coverage
    }

    /// How many lines no test uses.
    pub fn missing(&self) -> usize {
        self.never.len()
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let figure = |one: &Figure| (one.what.to_owned(), json!({ "n": one.used, "of": one.of }));
        let figures: Map<String, Value> = self.figures.iter().map(figure).collect();
        let never = |one: &Never| json!({ "place": one.place.to_string(), "what": one.what, "never": one.how });
        json!({
            "exercised": figures,
            "never": self.never.iter().map(never).collect::<Vec<_>>(),
        })
    }
}

/// Figures on one line, then what is never exercised, with its place.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = self.figures.iter().filter(|figure| figure.of > 0);
        let figures = figures.map(|one| format!("{} of {} {}", one.used, one.of, one.what));
        write!(f, "exercised: {}", figures.collect::<Vec<_>>().join(", "))?;
        let shown = || self.never.iter().take(LINES);
        let places = shown().map(|one| one.place.to_string().chars().count()).max().unwrap_or(0);
        let ways = shown().map(|one| one.how.len()).max().unwrap_or(0);
        for Never { place, what, how } in shown() {
            let place = place.to_string();
            write!(f, "\n  {place:places$}  never {how:ways$}  {what}")?;
        }
        match self.never.len().saturating_sub(LINES) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more: `--format json` has all"),
        }
    }
}

/// Counting at work.
struct Count<'a> {
    uses: &'a BTreeSet<Use>,
    coverage: Coverage,
}

impl Count<'_> {
    fn rules(&mut self, plan: &Plan) {
        let (mut used, mut of) = (0, 0);
        for resource in &plan.resources {
            // Those that `unmapped: kept` stands for have no line of their own.
            let written = resource.rules.iter().filter(|rule| rule.place != resource.place);
            for rule in written {
                for (sub, ways) in ways(resource, rule) {
                    of += 1;
                    used += usize::from(self.rule(resource, rule, sub, &ways));
                }
            }
            for extra in &resource.fields {
                of += 1;
                let what = format!("field {} of {}", extra.field, resource.kind.name);
                used += usize::from(self.one(How::Written, &extra.place, what, "written"));
            }
        }
        self.figure("rules", used, of);
    }

    /// One rule, or one of its elements'.
    fn rule(
        &mut self,
        resource: &ResourcePlan,
        rule: &Rule,
        sub: Option<&SubRule>,
        ways: &[How],
    ) -> bool {
        let name = sub.map(|sub| sub.name.clone());
        let used = |how: How| self.used(how, &rule.place, name.clone());
        let missing: Vec<How> = ways.iter().copied().filter(|how| !used(*how)).collect();
        let how = match missing.as_slice() {
            [] => return true,
            [How::Read] => "read",
            [_] => "written",
            _ => "read or written",
        };
        let sub = sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
        let what = format!("rule {}{sub} of {}", rule.target, resource.kind.name);
        self.coverage.never.push(Never { place: rule.place.clone(), what, how });
        false
    }

    fn operations(&mut self, plan: &Plan) {
        let (mut used, mut of) = (0, 0);
        for resource in &plan.resources {
            for operation in alone(resource) {
                of += 1;
                let runs = operation.steps.iter().any(|step| self.called(&step.place));
                if !runs {
                    self.never(&operation.place, format!("operation {}", operation.name), "run");
                }
                used += usize::from(runs);
            }
            if let Some(linked) = &resource.operations.linked {
                of += 1;
                let what = format!("operation {}.list", resource.kind.name);
                used += usize::from(self.one(How::Ran, &linked.place, what, "run"));
            }
            if let Some(delete) = &resource.operations.delete {
                of += 1;
                let what = format!("operation {}.delete", resource.kind.name);
                used += usize::from(self.one(How::Ran, &delete.place, what, "run"));
            }
        }
        self.figure("operations", used, of);
    }

    fn finds(&mut self, plan: &Plan) {
        let (mut used, mut of) = (0, 0);
        for resource in &plan.resources {
            for find in &resource.operations.find {
                of += 1;
                let what = format!("find `{}` of {}", filter(find), resource.kind.name);
                used += usize::from(self.one(How::Ran, &find.place, what, "asked"));
            }
        }
        self.figure("finds", used, of);
    }

    fn calls(&mut self, plan: &Plan) {
        let (mut used, mut of) = (0, 0);
        for operation in plan.resources.iter().flat_map(|resource| resource.operations.all()) {
            let called = operation.calls().filter(|step| self.called(&step.place)).count();
            of += operation.calls().count();
            used += called;
            // Of an operation that never runs that is said once.
            if called == 0 {
                continue;
            }
            for step in operation.calls() {
                if !self.called(&step.place) {
                    self.never(&step.place, format!("call {}", step.label), "made");
                }
            }
        }
        for step in plan.lookups.iter().flat_map(|lookup| lookup.steps()) {
            of += 1;
            used += usize::from(self.one(
                How::Called,
                &step.place,
                format!("call {}", step.label),
                "made",
            ));
        }
        self.figure("calls", used, of);
    }

    fn rows(&mut self, plan: &Plan) {
        let operations = plan.resources.iter().flat_map(|resource| resource.operations.all());
        let steps = operations.flat_map(Operation::calls);
        let lookups = plan.lookups.iter().flat_map(|lookup| lookup.steps());
        let own = steps.chain(lookups).flat_map(|step| &step.errors);
        let (mut used, mut of) = (0, 0);
        // A row of an operation is one of each of its steps.
        let mut seen = BTreeSet::new();
        for ErrorRow { when, place, .. } in plan.upstream.errors.iter().chain(own) {
            if seen.insert(place.span.start) {
                of += 1;
                let what = format!("error row `{}`", when.text());
                used += usize::from(self.one(How::Judged, place, what, "met"));
            }
        }
        self.figure("error rows", used, of);
    }

    fn outside(&mut self, plan: &Plan) {
        let rows: Vec<_> = plan.resources.iter().flat_map(|resource| &resource.outside).collect();
        let met = rows.iter().filter(|row| {
            let what = format!("outside row `{}`", row.when.text());
            self.one(How::Judged, &row.place, what, "met")
        });
        let used = met.count();
        self.figure("outside rows", used, rows.len());
    }

    /// Notes a line that is used one way only, unless it is.
    fn one(&mut self, how: How, place: &Place, what: String, word: &'static str) -> bool {
        let used = self.used(how, place, None);
        if !used {
            self.never(place, what, word);
        }
        used
    }

    fn never(&mut self, place: &Place, what: String, how: &'static str) {
        self.coverage.never.push(Never { place: place.clone(), what, how });
    }

    fn figure(&mut self, what: &'static str, used: usize, of: usize) {
        self.coverage.figures.push(Figure { what, used, of });
    }

    fn called(&self, place: &Place) -> bool {
        self.used(How::Called, place, None)
    }

    fn used(&self, how: How, place: &Place, sub: Option<String>) -> bool {
        self.uses.contains(&Use { how, at: place.span.start, sub })
    }
}

/// The ways in which a rule must be used, and each rule of its elements. What is ignored or refused has none.
fn ways<'r>(resource: &ResourcePlan, rule: &'r Rule) -> Vec<(Option<&'r SubRule>, Vec<How>)> {
    let field = match &rule.kind {
        RuleKind::Ignore | RuleKind::Reject => return Vec::new(),
        RuleKind::List { elements: Elements { subs, .. }, .. } => {
            let subs = subs.iter().map(|sub| {
                let field = matches!(sub.kind, SubKind::Field(_));
                let direction = match rule.direction {
                    Direction::Both => sub.direction,
                    one => one,
                };
                (Some(sub), both(direction, field && resource.operations.write()))
            });
            return subs.collect();
        }
        RuleKind::Constant(_) => false,
        RuleKind::Computed { .. } => claimed(resource, rule),
        RuleKind::Field { .. } | RuleKind::Kept | RuleKind::Groups => true,
    };
    vec![(None, both(rule.direction, field && resource.operations.write()))]
}

fn both(direction: Direction, can_be_written: bool) -> Vec<How> {
    let read = (direction != Direction::Write).then_some(How::Read);
    let written = (direction != Direction::Read && can_be_written).then_some(How::Written);
    read.into_iter().chain(written).collect()
}

/// Whether an update writes what is only computed.
fn claimed(resource: &ResourcePlan, rule: &Rule) -> bool {
    let index = resource.rules.iter().position(|one| one.place == rule.place);
    let updates = resource.operations.update.iter();
    let mut claims = updates.flat_map(|update| update.operation.claims.iter().flatten());
    index.is_some_and(|index| claims.any(|claim| claim.rules.contains(&index)))
}

/// The operations of a resource but its finds and its `delete`.
fn alone(resource: &ResourcePlan) -> impl Iterator<Item = &Operation> {
    let operations = &resource.operations;
    let list = operations.list.iter().map(|list| &list.operation);
    let updates = operations.update.iter().map(|update| &update.operation);
    let many = operations.get_many.iter().map(|many| &many.operation);
    operations.get.iter().chain(many).chain(list).chain(&operations.create).chain(updates)
}

/// As the file says it.
fn filter(find: &Find) -> String {
    let terms = find.filter.iter().map(|term| {
        let operator = match term.operator {
            Operator::Contains => "co",
            Operator::StartsWith => "sw",
            // A find has no other (M607).
            _ => "eq",
        };
        format!("{} {operator} {{{}}}", term.target, term.hole)
    });
    terms.collect::<Vec<_>>().join(" and ")
}
