//! Sample values: for each rule two that a client could send and that the vendor would tell apart.
//! With them the checks run the engine itself instead of guessing what it would do.

use crate::{
    mapping::{
        path::Select,
        plan::{
            Direction, Elements, Passage, ResourcePlan, Rule, RuleKind, SubKind, SubRule, Target,
            Variable, VariableKind,
        },
        translate::{passage, place},
    },
    scim::{
        attribute::AttributePath,
        resource::Resource,
        schema::{Attribute, Type},
    },
};
use serde_json::{Map, Value, json};

/// Texts that some pattern, table or converter takes: addresses, numbers, phones, dates.
const TEXTS: [&str; 20] = [
    "mia@acme.example",
    "bo@acme.example",
    "11",
    "12",
    "+46850000001",
    "+46850000002",
    "2026-01-02T03:04:05Z",
    "2027-02-03T04:05:06Z",
    "https://acme.example/11",
    "https://acme.example/12",
    "A",
    "b",
    "cy@acme.example",
    "di@acme.example",
    "ed@acme.example",
    "fay@acme.example",
    "+46850000003",
    "+46850000004",
    "+46850000005",
    "+46850000006",
];

/// Elements of a sample's list at most: a type each.
const ELEMENTS: usize = 6;

/// Two values for each rule, where any are known.
#[derive(Debug)]
pub struct Samples {
    pairs: Vec<Option<[Value; 2]>>,
    /// Whether both are found again where they were put.
    found: Vec<bool>,
}

impl Samples {
    /// For the rules of a resource, by their index.
    pub fn of(plan: &ResourcePlan) -> Self {
        let pairs = plan.rules.iter().map(|rule| of_rule(plan, rule)).collect();
        let mut samples = Self { pairs, found: Vec::new() };
        let both = [0, 1].map(|which| samples.resource(plan, |_| which));
        let found = |(rule, pair): (&Rule, &Option<[Value; 2]>)| {
            let values = pair.iter().flatten();
            let mut made = both.iter().zip(values).peekable();
            // Rules that share an element, or a place beyond a list's end, may hide each other.
            made.peek().is_some()
                && made.all(|(made, value)| place::take(made, &rule.target) == Some(value))
        };
        samples.found = plan.rules.iter().zip(&samples.pairs).map(found).collect();
        samples
    }

    /// Whether the rule of this index can be tried.
    pub fn has(&self, rule: usize) -> bool {
        self.found.get(rule) == Some(&true)
    }

    /// The two values of a rule.
    pub fn pair(&self, rule: usize) -> Option<&[Value; 2]> {
        self.pairs.get(rule).and_then(Option::as_ref)
    }

    /// A Resource that has, for each rule, the value that `which` says.
    pub fn resource(&self, plan: &ResourcePlan, which: impl Fn(usize) -> usize) -> Resource {
        let mut made = Resource::new();
        made.set_id("7");
        for (index, rule) in plan.rules.iter().enumerate() {
            if let Some(value) = self.pair(index).and_then(|pair| pair.get(which(index))) {
                put(&mut made, &rule.target, value.clone());
            }
        }
        made
    }
}

/// A tenant as its variables are declared.
pub fn tenant(variables: &[Variable]) -> Value {
    let value = |variable: &Variable| {
        let said = variable.default.clone().or_else(|| variable.one_of.first().cloned());
        said.unwrap_or_else(|| match variable.kind {
            VariableKind::Text => variable.example.clone().unwrap_or_else(|| "t".to_owned()).into(),
            VariableKind::Number => json!(1),
            VariableKind::Boolean => json!(true),
            VariableKind::List => json!(["t"]),
        })
    };
    let named = variables.iter().map(|variable| (variable.name.clone(), value(variable)));
    Value::Object(named.collect())
}

/// Puts a value, with as many elements before it as an index wants.
pub fn put(resource: &mut Resource, target: &Target, value: Value) {
    if let Target::Element { list, select: Select::Index(index), .. } = target {
        let mut elements =
            resource.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        while elements.len() <= *index {
            elements.push(json!({ "display": format!("{}", elements.len()) }));
        }
        resource.set(list, Value::Array(elements));
    }
    place::put(resource, target, value);
}

fn of_rule(plan: &ResourcePlan, rule: &Rule) -> Option<[Value; 2]> {
    let attribute = attribute(plan, &rule.target);
    match &rule.kind {
        RuleKind::List { elements, .. } => of_list(elements, attribute, &plan.compared),
        RuleKind::Field { write: Some(_), .. } | RuleKind::Computed { .. } => {
            // The vendor's value is an expression's business: any two values are tried.
            two(values(&rule.passage, attribute), |value| Some(value.clone()))
        }
        RuleKind::Field { .. } => {
            two(values(&rule.passage, attribute), |value| passage::write(&rule.passage, value).ok())
        }
        _ => None,
    }
}

/// One element of each type that the list has, and of each the first and the second value.
fn of_list(
    elements: &Elements,
    attribute: Option<&Attribute>,
    compared: &[String],
) -> Option<[Value; 2]> {
    let known = |sub: &SubRule| attribute.and_then(|attribute| attribute.sub(&sub.name));
    let writes =
        |sub: &&SubRule| sub.direction != Direction::Read && matches!(sub.kind, SubKind::Field(_));
    let (types, others): (Vec<&SubRule>, Vec<&SubRule>) =
        elements.subs.iter().filter(writes).partition(|sub| sub.name == "type");
    let types = types.first().map(|sub| (*sub, self::types(sub, known(sub), compared)));
    let count = types.as_ref().map_or(1, |(_, types)| types.len().clamp(1, ELEMENTS));
    let mut made = [(); 2].map(|()| vec![Map::new(); count]);
    for sub in others {
        let values = distinct(values(&sub.passage, known(sub)), |value| {
            passage::write(&sub.passage, value).ok()
        });
        if values.len() < 2 {
            continue;
        }
        for (which, list) in made.iter_mut().enumerate() {
            // Where there are fewer values than elements some have the same.
            let own = values.iter().cycle().skip(which).step_by(2);
            for (element, value) in list.iter_mut().zip(own) {
                element.insert(sub.name.clone(), value.clone());
            }
        }
    }
    if let Some((sub, types)) = &types {
        for (which, list) in made.iter_mut().enumerate() {
            for (element, value) in
                list.iter_mut().zip(types.iter().take(count).cycle().skip(which))
            {
                element.insert(sub.name.clone(), value.clone());
            }
        }
    }
    let [one, other] = &made;
    if one.iter().chain(other).any(Map::is_empty) || one == other {
        return None;
    }
    Some(made.map(|list| {
        let mut list = list.into_iter();
        match elements.plain {
            true => list.find_map(|mut element| element.remove("value")).into_iter().collect(),
            false => list.map(Value::Object).collect(),
        }
    }))
}

/// What tells the elements of a list apart: the types that some expression looks for come first.
fn types(sub: &SubRule, known: Option<&Attribute>, compared: &[String]) -> Vec<Value> {
    let canonical = known.map(|known| known.canonical_values.as_slice()).unwrap_or_default();
    let open = sub.passage.table.is_none() && !known.is_some_and(|known| known.enforced);
    let all = match open {
        false => values(&sub.passage, known),
        true => {
            let (usual, own): (Vec<_>, Vec<_>) =
                compared.iter().partition(|text| canonical.contains(text));
            let own = own.into_iter().filter(|text| !text.is_empty());
            usual.into_iter().chain(own).chain(canonical).map(|text| json!(text)).collect()
        }
    };
    let all = if all.is_empty() { values(&sub.passage, known) } else { all };
    distinct(all, |value| passage::write(&sub.passage, value).ok())
}

/// The first two values that become different things at the vendor.
fn two(values: Vec<Value>, written: impl Fn(&Value) -> Option<Value>) -> Option<[Value; 2]> {
    let mut values = distinct(values, written).into_iter();
    Some([values.next()?, values.next()?])
}

/// The values that become different things at the vendor.
fn distinct(values: Vec<Value>, written: impl Fn(&Value) -> Option<Value>) -> Vec<Value> {
    let mut seen = Vec::new();
    let new = |value: &Value| {
        let written = written(value).filter(|written| !seen.contains(written));
        let new = written.is_some();
        seen.extend(written);
        new
    };
    values.into_iter().filter(new).collect()
}

/// The attribute that a rule's values belong to.
pub fn attribute<'p>(plan: &'p ResourcePlan, target: &Target) -> Option<&'p Attribute> {
    let path: AttributePath = match target {
        Target::Attribute(path) => path.clone(),
        Target::Element { list, sub, .. } => {
            AttributePath { sub: Some(sub.clone()), ..list.clone() }
        }
    };
    plan.kind.resolve(&path)?.leaf()
}

/// Values of a type that a client could send: those of the table or schema, else typical ones.
pub fn values(passage: &Passage, attribute: Option<&Attribute>) -> Vec<Value> {
    if let Some(table) = &passage.table {
        let rows = table.rows.iter().filter(|row| !row.vendor.is_empty());
        return rows.map(|row| row.scim.clone()).collect();
    }
    let single: Vec<Value> = match passage.kind {
        Type::Boolean => vec![json!(true), json!(false)],
        Type::Integer => vec![json!(7), json!(8)],
        Type::Decimal => vec![json!(7.5), json!(8.25)],
        Type::DateTime => vec![json!("2026-01-02T03:04:05Z"), json!("2027-02-03T04:05:06Z")],
        Type::Binary => vec![json!("aGVq"), json!("aGVqIGhlag==")],
        Type::Complex => {
            let subs = attribute.into_iter().flat_map(|attribute| &attribute.attributes);
            let mut texts = subs.filter(|sub| sub.kind == Type::String).map(|sub| &sub.name);
            let Some(name) = texts.next() else { return Vec::new() };
            vec![json!({ name: "a" }), json!({ name: "b" })]
        }
        Type::String | Type::Reference => match attribute {
            Some(known) if known.enforced => {
                known.canonical_values.iter().map(|value| json!(value)).collect()
            }
            _ => TEXTS
                .iter()
                .filter(|text| {
                    let pattern = attribute.and_then(|attribute| attribute.pattern.as_ref());
                    pattern.is_none_or(|pattern| pattern.is_match(text))
                })
                .map(|text| json!(text))
                .collect(),
        },
    };
    match passage.list {
        true => single.into_iter().map(|value| json!([value])).collect(),
        false => single,
    }
}
