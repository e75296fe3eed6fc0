//! Does this Resource match this Filter? Typed by the schema (RFC 7644 §3.4.2.2).

use super::{Filter, Operator};
use crate::diagnostic::nearest;
use crate::scim::{
    attribute::AttributePath,
    compare::{elements, instant, is_assigned, numbers, same_text, texts},
    error::{Error, ScimType},
    resource::Resource,
    resource_type::{Resolved, ResourceType},
    schema::{Attribute, Type},
    shown::found,
};
use jiff::Timestamp;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// Whether the resource matches. An attribute that is not served, or a comparison its type has not, is
/// 400 invalidFilter; a filter over what is never returned is 400 sensitive.
pub fn matches(filter: &Filter, resource: &Resource, kind: &ResourceType) -> Result<bool, Error> {
    Ok(Matcher::of_resources(filter, kind)?.matches(resource))
}

/// Refuses what [`matches()`] would refuse, wherever in the filter it stands and whatever is searched, so that
/// an empty list is no answer to a bad filter.
pub fn check(filter: &Filter, kind: &ResourceType) -> Result<(), Error> {
    Condition::new(filter, &Scope::Resource(kind)).map(drop)
}

/// A filter whose paths are resolved and whose values are typed, once for all resources.
pub struct Matcher<'a> {
    condition: Condition<'a>,
    kind: &'a ResourceType,
}

impl<'a> Matcher<'a> {
    /// Refuses what [`check`] refuses.
    pub fn of_resources(filter: &'a Filter, kind: &'a ResourceType) -> Result<Self, Error> {
        Ok(Self { condition: Condition::new(filter, &Scope::Resource(kind))?, kind })
    }

    /// Whether the resource matches.
    pub fn matches(&self, resource: &Resource) -> bool {
        self.condition.holds(&Subject::Resource(resource, self.kind))
    }
}

/// The same for the filter in brackets behind an attribute: of one element (R48).
pub struct Selector<'a> {
    condition: Condition<'a>,
    attribute: &'a Attribute,
}

impl<'a> Selector<'a> {
    /// Refuses what [`check`] refuses.
    pub fn of_elements(filter: &'a Filter, attribute: &'a Attribute) -> Result<Self, Error> {
        Ok(Self { condition: Condition::new(filter, &Scope::Element(attribute))?, attribute })
    }

    /// Whether an element of the list (or the single complex value) matches.
    pub fn selects(&self, element: &Value) -> bool {
        self.condition.holds(&Subject::Element(element, self.attribute))
    }
}

/// What the names in a filter are names of.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    Element(&'a Attribute),
}

/// What a filter is asked about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Resource(&'a Resource, &'a ResourceType),
    Element(&'a Value, &'a Attribute),
}

/// A filter that nothing can be wrong with any more.
enum Condition<'a> {
    All(Vec<Condition<'a>>),
    Any(Vec<Condition<'a>>),
    Not(Box<Condition<'a>>),
    Compare(Resolved<'a>, Test<'a>),
    Present(Resolved<'a>),
    Element(Resolved<'a>, Box<Selector<'a>>),
}

impl<'a> Condition<'a> {
    fn new(filter: &'a Filter, scope: &Scope<'a>) -> Result<Self, Error> {
        let all = |parts: &'a [Filter]| -> Result<Vec<Self>, Error> {
            parts.iter().map(|part| Self::new(part, scope)).collect()
        };
        Ok(match filter {
            Filter::And(parts) => Self::All(all(parts)?),
            Filter::Or(parts) => Self::Any(all(parts)?),
            Filter::Not(inner) => Self::Not(Box::new(Self::new(inner, scope)?)),
            Filter::Compare { path, operator, value } => {
                let (leaf, found) = scope.comparable(path)?;
                Self::Compare(found, Test::new(path, leaf, *operator, value)?)
            }
            Filter::Present(path) => Self::Present(scope.readable(path)?),
            Filter::Element { path, filter } => {
                let (attribute, found) = scope.list(path)?;
                Self::Element(found, Box::new(Selector::of_elements(filter, attribute)?))
            }
        })
    }

    fn holds(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(subject)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(subject)),
            // R47. What is unassigned matches no comparison, and so does match its negation.
            Self::Not(inner) => !inner.holds(subject),
            Self::Compare(found, test) => {
                let assigned = || subject.any(found, &mut is_assigned);
                match (test.operator, &test.literal) {
                    (Operator::Equal, Literal::Unassigned) => !assigned(),
                    (_, Literal::Unassigned) => assigned(),
                    // No value is another value too; of several, one that differs is enough, as for all
                    // operators.
                    (Operator::NotEqual, _) if !assigned() => true,
                    _ => subject.any(found, &mut |value| test.holds(value)),
                }
            }
            Self::Present(found) => subject.any(found, &mut is_assigned),
            Self::Element(found, selector) => {
                subject.any(found, &mut |value| selector.selects(value))
            }
        }
    }
}

impl<'a> Scope<'a> {
    /// A path that may be looked at.
    fn readable(&self, path: &AttributePath) -> Result<Resolved<'a>, Error> {
        let found = match self {
            Self::Resource(kind) => kind.resolve(path),
            Self::Element(attribute) => inside(attribute, path),
        };
        let found = found.ok_or_else(|| self.unknown(path))?;
        visible(path, &found)
    }

    /// A path that may be compared (R49), and the simple attribute at its end: `emails eq "x"` means
    /// `emails.value eq "x"`.
    fn comparable(&self, path: &AttributePath) -> Result<(&'a Attribute, Resolved<'a>), Error> {
        let found = self.readable(path)?;
        let leaf = found.leaf();
        if let Some(leaf) = leaf.filter(|leaf| leaf.kind != Type::Complex) {
            return Ok((leaf, found));
        }
        match leaf.and_then(|leaf| leaf.sub("value")) {
            Some(value) if found.sub.is_none() => {
                Ok((value, visible(path, &Resolved { sub: Some(value), ..found })?))
            }
            _ => Err(invalid(format!("`{path}` has no value, expected one of its sub-attributes"))),
        }
    }

    /// A path that brackets may follow.
    fn list(&self, path: &AttributePath) -> Result<(&'a Attribute, Resolved<'a>), Error> {
        let found = self.readable(path)?;
        match found.leaf() {
            Some(leaf) if leaf.multi_valued || leaf.kind == Type::Complex => Ok((leaf, found)),
            _ => Err(invalid(format!("`{path}` is a single value, expected no `[`"))),
        }
    }

    fn unknown(&self, path: &AttributePath) -> Error {
        invalid(match self {
            Self::Resource(kind) => kind.unknown(path),
            Self::Element(attribute) => {
                let known = attribute.attributes.iter().map(|each| each.name.as_str());
                let hint =
                    nearest(&path.name, known).map(|name| format!("; did you mean `{name}`?"));
                let owner = &attribute.name;
                format!("`{path}` is no sub-attribute of `{owner}`{}", hint.unwrap_or_default())
            }
        })
    }
}

/// X5, RFC 7644 §7.5.2: what nobody may read, nobody may guess at by filters either.
fn visible<'a>(path: &AttributePath, found: &Resolved<'a>) -> Result<Resolved<'a>, Error> {
    if found.is_hidden() {
        let detail = format!("`{path}` is never returned, so no filter may use it");
        return Err(Error::bad(ScimType::Sensitive, detail));
    }
    Ok(*found)
}

/// A name inside brackets. The elements of a simple list have one sub-attribute, `value`.
pub(super) fn inside<'a>(attribute: &'a Attribute, path: &AttributePath) -> Option<Resolved<'a>> {
    let AttributePath { urn: None, name, sub } = path else { return None };
    let attribute = match attribute.kind {
        Type::Complex => attribute.sub(name)?,
        _ if name.eq_ignore_ascii_case("value") => attribute,
        _ => return None,
    };
    let sub = match sub {
        Some(sub) => Some(attribute.sub(sub)?),
        None => None,
    };
    Some(Resolved { extension: None, attribute: Some(attribute), sub })
}

impl Subject<'_> {
    /// Whether `test` holds for a value at the path, of a list for any element.
    fn any(&self, found: &Resolved<'_>, test: &mut dyn FnMut(&Value) -> bool) -> bool {
        let attribute = match self {
            Self::Resource(resource, kind) => {
                if let Some(made) = made(resource, kind, found) {
                    return elements(&made).iter().any(test);
                }
                match (found.attribute, found.extension) {
                    (Some(attribute), extension) => resource.attribute(extension, &attribute.name),
                    (None, Some(schema)) => resource.as_map().get(&schema.id),
                    (None, None) => Some(resource.as_value()),
                }
            }
            Self::Element(element, of) => match found.attribute {
                Some(attribute) if of.kind == Type::Complex => element.get(&attribute.name),
                _ => Some(*element),
            },
        };
        attribute.map(elements).unwrap_or_default().iter().any(|value| {
            let value = match found.sub {
                Some(sub) => value.get(&sub.name),
                None => Some(value),
            };
            value.is_some_and(|value| elements(value).iter().any(&mut *test))
        })
    }
}

/// What a resource does not hold because it is made when it is encoded.
fn made(resource: &Resource, kind: &ResourceType, found: &Resolved<'_>) -> Option<Value> {
    if found.extension.is_some() {
        return None;
    }
    match (found.attribute?.name.as_str(), found.sub.map(|sub| sub.name.as_str())) {
        ("schemas", None) => Some(resource.schemas(kind).collect()),
        ("meta", Some("resourceType")) => Some(Value::from(kind.name.as_str())),
        _ => None,
    }
}

/// A comparison whose value is of the attribute's type.
struct Test<'a> {
    operator: Operator,
    literal: Literal<'a>,
    case_exact: bool,
}

enum Literal<'a> {
    Unassigned,
    Text(&'a str),
    Truth(bool),
    Number(&'a Number),
    Instant(Timestamp),
}

impl<'a> Test<'a> {
    fn new(
        path: &AttributePath,
        leaf: &Attribute,
        operator: Operator,
        value: &'a Value,
    ) -> Result<Self, Error> {
        use Operator::{Contains, EndsWith, Equal, NotEqual, StartsWith};
        let ill_typed = || {
            let expected = expected(leaf.kind);
            invalid(format!("`{path}` compares with {expected}, found {}", found(value)))
        };
        let literal = Literal::of(leaf.kind, value).ok_or_else(ill_typed)?;
        let fits = match (&literal, leaf.kind, operator) {
            (_, _, Equal | NotEqual) => true,
            (Literal::Unassigned, ..) => false,
            (_, _, Contains | StartsWith | EndsWith) => matches!(literal, Literal::Text(_)),
            // R53: RFC 7644 §3.4.2.2, booleans and binaries have no order.
            (_, kind, _) => !matches!(kind, Type::Boolean | Type::Binary),
        };
        if !fits {
            let operator = operator.as_str();
            return Err(invalid(match literal {
                Literal::Unassigned => format!("`{operator}` compares with a value, found null"),
                _ => format!("`{path}` cannot be compared by `{operator}`"),
            }));
        }
        Ok(Self { operator, literal, case_exact: leaf.case_exact })
    }

    fn holds(&self, value: &Value) -> bool {
        let Some(order) = self.order(value) else {
            return match (&self.literal, value) {
                (Literal::Text(literal), Value::String(text)) => self.holds_in(text, literal),
                // Values of another type than the schema's are equal to nothing.
                _ => self.operator == Operator::NotEqual,
            };
        };
        match self.operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
        }
    }

    /// How the value stands to the literal, where both are of one type that is not text.
    fn order(&self, value: &Value) -> Option<Ordering> {
        match (&self.literal, value) {
            (Literal::Truth(literal), Value::Bool(truth)) => Some(truth.cmp(literal)),
            (Literal::Number(literal), Value::Number(number)) => Some(numbers(number, literal)),
            (Literal::Instant(literal), Value::String(text)) => {
                instant(text).map(|instant| instant.cmp(literal))
            }
            _ => None,
        }
    }

    /// Text: with case or without (R42, R44, R45; RFC 7643 §2.2 caseExact).
    fn holds_in(&self, text: &str, literal: &str) -> bool {
        let within = |holds: fn(&str, &str) -> bool| match self.case_exact {
            true => holds(text, literal),
            false => holds(&text.to_lowercase(), &literal.to_lowercase()),
        };
        match self.operator {
            Operator::Equal => same_text(text, literal, self.case_exact),
            Operator::NotEqual => !same_text(text, literal, self.case_exact),
            Operator::Contains => within(|text, part| text.contains(part)),
            Operator::StartsWith => within(|text, part| text.starts_with(part)),
            Operator::EndsWith => within(|text, part| text.ends_with(part)),
            Operator::Greater => texts(text, literal, self.case_exact).is_gt(),
            Operator::GreaterOrEqual => texts(text, literal, self.case_exact).is_ge(),
            Operator::Less => texts(text, literal, self.case_exact).is_lt(),
            Operator::LessOrEqual => texts(text, literal, self.case_exact).is_le(),
        }
    }
}

impl<'a> Literal<'a> {
    /// The value of a filter, if it is of the attribute's type. What clients may write otherwise was put
    /// right when the filter was made canonical.
    fn of(kind: Type, value: &'a Value) -> Option<Self> {
        match (kind, value) {
            (_, Value::Null) => Some(Self::Unassigned),
            (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
                Some(Self::Text(text))
            }
            // R51.
            (Type::Boolean, Value::Bool(truth)) => Some(Self::Truth(*truth)),
            (Type::Integer | Type::Decimal, Value::Number(number)) => Some(Self::Number(number)),
            (Type::DateTime, Value::String(text)) => instant(text).map(Self::Instant),
            _ => None,
        }
    }
}

fn expected(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference | Type::Binary | Type::Complex => "text in double quotes",
        Type::Boolean => "true or false without quotes",
        Type::Decimal | Type::Integer => "a number without quotes",
        Type::DateTime => "a dateTime with a zone such as \"2026-01-31T12:00:00Z\"",
    }
}

fn invalid(detail: String) -> Error {
    Error::bad(ScimType::InvalidFilter, detail)
}
