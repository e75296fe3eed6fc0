//! Does this Resource match this Filter? Typed by the schema (RFC 7644 §3.4.2.2).

use super::{Filter, Operator};
use crate::diagnostic::nearest;
use crate::scim::{
    attribute::AttributePath,
    canonical::found,
    compare::{instant, is_assigned, numbers, same_text, texts},
    error::{Error, ScimType},
    resource::Resource,
    resource_type::{Resolved, ResourceType},
    schema::{Attribute, Returned, Type},
};
use jiff::Timestamp;
use serde_json::{Number, Value};
use std::{borrow::Cow, cmp::Ordering};

/// Whether the resource matches. An attribute that is not served, or a comparison its type has not, is
/// 400 invalidFilter; a filter over what is never returned is 400 sensitive.
pub fn matches(filter: &Filter, resource: &Resource, kind: &ResourceType) -> Result<bool, Error> {
    evaluate(filter, &Subject::Resource(resource, kind))
}

/// Refuses what [`matches()`] would refuse, wherever in the filter it stands and whatever is searched, so that
/// an empty list is no answer to a bad filter.
pub fn check(filter: &Filter, kind: &ResourceType) -> Result<(), Error> {
    verify(filter, &Scope::Resource(kind))
}

/// Whether an element of a list (or a single complex value) matches the filter in brackets behind it.
pub fn element(filter: &Filter, value: &Value, attribute: &Attribute) -> Result<bool, Error> {
    evaluate(filter, &Subject::Element(value, attribute))
}

/// [`check`] for a filter in brackets behind `attribute`.
pub fn check_element(filter: &Filter, attribute: &Attribute) -> Result<(), Error> {
    verify(filter, &Scope::Element(attribute))
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

fn verify(filter: &Filter, scope: &Scope<'_>) -> Result<(), Error> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().try_for_each(|part| verify(part, scope))
        }
        Filter::Not(inner) => verify(inner, scope),
        Filter::Compare { path, operator, value } => {
            let (leaf, _) = scope.comparable(path)?;
            Test::new(path, leaf, *operator, value).map(drop)
        }
        Filter::Present(path) => scope.readable(path).map(drop),
        Filter::Element { path, filter } => check_element(filter, scope.list(path)?.0),
    }
}

fn evaluate(filter: &Filter, subject: &Subject<'_>) -> Result<bool, Error> {
    match filter {
        Filter::And(parts) => {
            for part in parts {
                if !evaluate(part, subject)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Filter::Or(parts) => {
            for part in parts {
                if evaluate(part, subject)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        // What is unassigned matches no comparison, and so does match its negation.
        Filter::Not(inner) => Ok(!evaluate(inner, subject)?),
        Filter::Compare { path, operator, value } => {
            let (leaf, found) = subject.scope().comparable(path)?;
            let test = Test::new(path, leaf, *operator, value)?;
            let assigned = || subject.any(&found, &mut |value| Ok(is_assigned(value)));
            match (operator, &test.literal) {
                (Operator::Equal, Literal::Unassigned) => Ok(!assigned()?),
                (_, Literal::Unassigned) => assigned(),
                // No value is another value too; of several, one that differs is enough, as for all operators.
                (Operator::NotEqual, _) if !assigned()? => Ok(true),
                _ => subject.any(&found, &mut |value| Ok(test.holds(value))),
            }
        }
        Filter::Present(path) => {
            let found = subject.scope().readable(path)?;
            subject.any(&found, &mut |value| Ok(is_assigned(value)))
        }
        Filter::Element { path, filter } => {
            let (attribute, found) = subject.scope().list(path)?;
            subject.any(&found, &mut |value| element(filter, value, attribute))
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

    /// A path that may be compared, and the simple attribute at its end: `emails eq "x"` means
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

/// RFC 7644 §7.5.2: what nobody may read, nobody may guess at by filters either.
fn visible<'a>(path: &AttributePath, found: &Resolved<'a>) -> Result<Resolved<'a>, Error> {
    let mut steps = found.attribute.into_iter().chain(found.sub);
    if steps.any(|step| step.returned == Returned::Never) {
        let detail = format!("`{path}` is never returned, so no filter may use it");
        return Err(Error::bad(ScimType::Sensitive, detail));
    }
    Ok(*found)
}

/// A name inside brackets. The elements of a simple list have one sub-attribute, `value`.
fn inside<'a>(attribute: &'a Attribute, path: &AttributePath) -> Option<Resolved<'a>> {
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

impl<'a> Subject<'a> {
    fn scope(&self) -> Scope<'a> {
        match self {
            Self::Resource(_, kind) => Scope::Resource(kind),
            Self::Element(_, attribute) => Scope::Element(attribute),
        }
    }

    /// Whether `test` holds for a value at the path, of a list for any element.
    fn any(
        &self,
        found: &Resolved<'_>,
        test: &mut dyn FnMut(&Value) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let mut any_of = |value: &Value| {
            for element in elements(value) {
                if test(element)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let attribute = match self {
            Self::Resource(resource, kind) => {
                if let Some(made) = made(resource, kind, found) {
                    return any_of(&made);
                }
                attribute_of(resource, found)
            }
            Self::Element(element, of) => match found.attribute {
                Some(attribute) if of.kind == Type::Complex => element.get(&attribute.name),
                _ => Some(*element),
            },
        };
        for value in attribute.map(elements).unwrap_or_default() {
            let value = match found.sub {
                Some(sub) => value.get(&sub.name),
                None => Some(value),
            };
            if let Some(value) = value
                && any_of(value)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn attribute_of<'a>(resource: &'a Resource, found: &Resolved<'_>) -> Option<&'a Value> {
    let members = match found.extension {
        Some(schema) => resource.as_map().get(&schema.id)?,
        None => resource.as_value(),
    };
    match found.attribute {
        Some(attribute) => members.get(&attribute.name),
        None => Some(members),
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

/// The elements of a list; a single value is its own element.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
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
    Text(Cow<'a, str>),
    Truth(bool),
    Number(Cow<'a, Number>),
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
        let literal = Literal::of(leaf.kind, value).ok_or_else(|| {
            let expected = expected(leaf.kind);
            invalid(format!("`{path}` compares with {expected}, found {}", found(value)))
        })?;
        let fits = match (&literal, leaf.kind, operator) {
            (_, _, Equal | NotEqual) => true,
            (Literal::Unassigned, ..) => false,
            (_, _, Contains | StartsWith | EndsWith) => matches!(literal, Literal::Text(_)),
            // RFC 7644 §3.4.2.2: booleans and binaries have no order.
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

    /// Text: with case or without (RFC 7643 §2.2 caseExact).
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
    /// The value of a filter as a value of the attribute's type. Leniencies: numbers for text that looks
    /// like one, text for numbers and booleans (`primary eq "True"`, Entra).
    fn of(kind: Type, value: &'a Value) -> Option<Self> {
        match (kind, value) {
            (_, Value::Null) => Some(Self::Unassigned),
            (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
                Some(Self::Text(Cow::Borrowed(text)))
            }
            (Type::String | Type::Reference, Value::Number(number)) => {
                Some(Self::Text(Cow::Borrowed(number.as_str())))
            }
            (Type::Boolean, Value::Bool(truth)) => Some(Self::Truth(*truth)),
            (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
                Some(Self::Truth(true))
            }
            (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
                Some(Self::Truth(false))
            }
            (Type::Integer | Type::Decimal, Value::Number(number)) => {
                Some(Self::Number(Cow::Borrowed(number)))
            }
            (Type::Integer | Type::Decimal, Value::String(text)) => {
                serde_json::from_str(text).ok().map(|number| Self::Number(Cow::Owned(number)))
            }
            (Type::DateTime, Value::String(text)) => instant(text).map(Self::Instant),
            _ => None,
        }
    }
}

fn expected(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference | Type::Binary | Type::Complex => "text",
        Type::Boolean => "true or false",
        Type::Decimal | Type::Integer => "a number",
        Type::DateTime => "a dateTime with a zone such as \"2026-01-31T12:00:00Z\"",
    }
}

fn invalid(detail: String) -> Error {
    Error::bad(ScimType::InvalidFilter, detail)
}
