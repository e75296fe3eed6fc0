//! A SCIM filter becomes the vendor's own search, where a `find` serves it.
//!
//! What a search returns is always matched again with the whole filter, so an entry only has to
//! find no fewer than the client asked for.

use super::{names::Names, passage};
use crate::{
    mapping::{
        path::Select,
        plan::{Direction, Find, FindTerm, ResourcePlan, Rule, Target},
    },
    scim::{
        attribute::AttributePath,
        filter::{Filter, Operator},
    },
};
use serde_json::Value;

/// A top-level `or` has at most so many parts: each is a search of its own at the vendor.
const PARTS: usize = 10;

/// Comparisons in brackets that are looked at: each may select what each other one compares.
const SELECTING: usize = 8;

/// What serves a filter, or one part of a top-level `or`.
#[derive(Debug)]
pub enum Served<'a> {
    /// `id eq`: the resource itself.
    Key(String),
    /// What is kept is searched in the store.
    Kept(Kept<'a>),
    /// A search; each hole with its value in the vendor's terms.
    Find(&'a Find, Holes),
    /// The search of what is kept, and one of the vendor's for those of whom nothing is kept.
    Both(Kept<'a>, &'a Find, Holes),
}

/// What stands for the holes of a search.
pub type Holes = Vec<(String, Value)>;

/// The filter that finds who has a value at a place; nothing for a place that is counted, which no filter names.
pub fn equality(target: &Target, value: &Value) -> Option<Filter> {
    let operator = Operator::Equal;
    let equal = |path, value: &Value| Filter::Compare { path, operator, value: value.clone() };
    match target {
        Target::Attribute(path) => Some(equal(path.clone(), value)),
        Target::Element { list, select: Select::Where { name, value: selected }, sub } => {
            let selector = equal(AttributePath::core(name), selected);
            let own = equal(AttributePath::core(sub), value);
            let filter = Box::new(Filter::and(vec![selector, own]));
            Some(Filter::Element { path: list.clone(), filter })
        }
        Target::Element { select: Select::Index(_), .. } => None,
    }
}

/// A search of what is kept.
#[derive(Debug)]
pub struct Kept<'a> {
    /// The attribute's canonical path.
    pub path: String,
    /// The text or boolean that it has.
    pub value: &'a Value,
    /// Text compares with case.
    pub case_exact: bool,
}

/// The searches that together find all that the filter matches; nothing when the list has to be
/// read and matched here.
pub fn serve<'a>(
    plan: &'a ResourcePlan,
    filter: &'a Filter,
    names: &Names<'_>,
) -> Option<Vec<Served<'a>>> {
    match filter {
        Filter::Or(parts) if parts.len() <= PARTS => {
            parts.iter().map(|part| serve_part(plan, part, names)).collect()
        }
        other => Some(vec![serve_part(plan, other, names)?]),
    }
}

fn serve_part<'a>(
    plan: &'a ResourcePlan,
    filter: &'a Filter,
    names: &Names<'_>,
) -> Option<Served<'a>> {
    let terms: Vec<Term<'_>> =
        filter.conjuncts().into_iter().flat_map(|part| terms(plan, part)).collect();
    if let Some(id) = terms.iter().find_map(is_id) {
        return Some(Served::Key(id.to_owned()));
    }
    let whole = |rule: &Rule| rule.missing.is_none();
    if let Some(kept) = terms.iter().find_map(|term| kept(plan, term, whole)) {
        return Some(Served::Kept(kept));
    }
    // Most comparisons first, then file order: the narrowest search.
    let mut best: Option<Served<'a>> = None;
    let mut most = 0;
    for find in &plan.operations.find {
        if find.filter.len() > most
            && let Some(served) = by_find(plan, find, &terms, names)
        {
            most = find.filter.len();
            best = Some(served);
        }
    }
    best
}

/// What serves by an entry of `find`. Of what is kept the vendor knows those alone who read as their `missing`.
fn by_find<'a>(
    plan: &'a ResourcePlan,
    find: &'a Find,
    terms: &[Term<'a>],
    names: &Names<'_>,
) -> Option<Served<'a>> {
    let holes = holes(find, terms, names)?;
    let keeps =
        |wanted: &&FindTerm| plan.kept_rules().any(|(_, rule)| rule.target == wanted.target);
    let Some(wanted) = find.filter.iter().find(keeps) else {
        return Some(Served::Find(find, holes));
    };
    let mut own = terms.iter().filter(|term| fits(wanted, term));
    Some(Served::Both(own.find_map(|term| kept(plan, term, |_| true))?, find, holes))
}

/// The search of the store that serves a comparison, where it is by such a rule.
fn kept<'a>(
    plan: &ResourcePlan,
    term: &Term<'a>,
    such: impl Fn(&Rule) -> bool,
) -> Option<Kept<'a>> {
    let (_, rule) = plan.kept_rules().find(|(_, rule)| rule.target == term.target)?;
    // A number is kept as it was spelled.
    let searched = matches!(term.value, Value::String(_) | Value::Bool(_));
    let stored = such(rule) && rule.when.is_none() && rule.direction == Direction::Both;
    (term.operator == Operator::Equal && searched && stored).then(|| Kept {
        path: rule.target.to_string(),
        value: term.value,
        case_exact: rule.passage.case_exact,
    })
}

/// One comparison of the client's, with its place in canonical form.
struct Term<'a> {
    target: Target,
    operator: Operator,
    value: &'a Value,
}

fn is_id<'a>(term: &Term<'a>) -> Option<&'a str> {
    match (&term.target, term.operator, term.value) {
        (Target::Attribute(path), Operator::Equal, Value::String(id))
            if path.urn.is_none() && path.name == "id" =>
        {
            Some(id)
        }
        _ => None,
    }
}

/// What a part of an `and` says, one by one.
fn terms<'a>(plan: &ResourcePlan, filter: &'a Filter) -> Vec<Term<'a>> {
    match filter {
        Filter::Compare { path, operator, value } => {
            let target = with_value(plan, path).map(Target::Attribute);
            let term = target.map(|target| Term { target, operator: *operator, value });
            term.into_iter().collect()
        }
        Filter::Element { path, filter } => of_element(plan, path, filter).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// `emails[type eq "work" and value eq "x"]`: each comparison at the element that another one selects, and at any
/// element, where a search finds no fewer.
fn of_element<'a>(
    plan: &ResourcePlan,
    path: &AttributePath,
    filter: &'a Filter,
) -> Option<Vec<Term<'a>>> {
    let list = plan.kind.canonical(path)?;
    let comparisons = filter.conjuncts().into_iter().filter_map(|part| match part {
        Filter::Compare { path, operator, value } => {
            let sub = plan.kind.canonical(&list.clone().dot(&path.name))?.sub?;
            Some((sub, *operator, value))
        }
        _ => None,
    });
    let comparisons: Vec<(String, Operator, &Value)> = comparisons.take(SELECTING).collect();
    let mut terms = Vec::new();
    for (sub, operator, value) in &comparisons {
        let mut say = |target| terms.push(Term { target, operator: *operator, value });
        say(Target::Attribute(list.clone().dot(sub)));
        let selectors = comparisons
            .iter()
            .filter(|(name, operator, _)| name != sub && *operator == Operator::Equal);
        for (name, _, selected) in selectors {
            let select = Select::Where { name: name.clone(), value: (*selected).clone() };
            say(Target::Element { list: list.clone(), select, sub: sub.clone() });
        }
    }
    Some(terms)
}

/// The canonical path; a list of complex values is compared by `value`.
pub fn with_value(plan: &ResourcePlan, path: &AttributePath) -> Option<AttributePath> {
    let canonical = plan.kind.canonical(path)?;
    let resolved = plan.kind.resolve(&canonical)?;
    let complex_list = resolved.sub.is_none()
        && resolved
            .attribute
            .is_some_and(|attribute| attribute.multi_valued && attribute.sub("value").is_some());
    Some(if complex_list {
        AttributePath { sub: Some("value".into()), ..canonical }
    } else {
        canonical
    })
}

/// The holes of an entry, when each of its comparisons is among the client's.
fn holes(find: &Find, terms: &[Term<'_>], names: &Names<'_>) -> Option<Holes> {
    find.filter
        .iter()
        .map(|wanted| {
            let term = terms.iter().find(|term| fits(wanted, term))?;
            let mut value = passage::write(&wanted.passage, term.value).ok()?;
            if let Some(lookup) = &wanted.lookup {
                // A name of nobody, or of several, is no one value that the vendor could search.
                value = names.key(lookup, &value).ok()??;
            }
            Some((wanted.hole.clone(), value))
        })
        .collect()
}

/// An entry with `co` or `sw` also serves the client's `eq`: it finds no fewer.
fn fits(wanted: &FindTerm, term: &Term<'_>) -> bool {
    let operator = match (wanted.operator, term.operator) {
        (one, other) if one == other => true,
        (Operator::Contains, Operator::Equal | Operator::StartsWith | Operator::EndsWith) => true,
        (Operator::StartsWith, Operator::Equal) => true,
        _ => false,
    };
    operator && same_place(&wanted.target, &term.target)
}

fn same_place(one: &Target, other: &Target) -> bool {
    match (one, other) {
        (
            Target::Element { list, select: Select::Where { name, value }, sub },
            Target::Element {
                list: other_list,
                select: Select::Where { name: other_name, value: other_value },
                sub: other_sub,
            },
        ) => {
            list == other_list
                && sub == other_sub
                && name.eq_ignore_ascii_case(other_name)
                && match (value, other_value) {
                    (Value::String(one), Value::String(other)) => one.eq_ignore_ascii_case(other),
                    (one, other) => one == other,
                }
        }
        (one, other) => one == other,
    }
}
