//! Does this Resource match this Filter? Typed by the schema (RFC 7644 §3.4.2.2).

use super::{
    Filter, Operator,
    comparison::{Comparison, invalid},
};
use crate::diagnostic::nearest;
use crate::scim::{
    attribute::AttributePath,
    budget::{Budget, weight},
    compare::{elements, is_assigned},
    derived::derived,
    error::{Error, ScimType},
    resource::Resource,
    resource_type::{Resolved, ResourceType},
    schema::{Attribute, Type},
};
use serde_json::Value;

/// Whether the resource matches. An attribute that is not served, or a comparison its type has not, is
/// 400 invalidFilter; a filter over what is never returned is 400 sensitive.
pub fn matches(filter: &Filter, resource: &Resource, kind: &ResourceType) -> Result<bool, Error> {
    Matcher::of_resources(filter, kind)?.matches(resource)
}

/// Refuses what [`matches()`] would refuse, wherever in the filter it stands and whatever is searched, so that
/// an empty list is no answer to a bad filter.
pub fn check(filter: &Filter, kind: &ResourceType) -> Result<(), Error> {
    Condition::new(filter, &Scope::Resource(kind)).map(drop)
}

/// A filter whose paths are resolved and whose values are typed, once for all resources of one search.
pub struct Matcher<'a> {
    condition: Condition<'a>,
    kind: &'a ResourceType,
    budget: Budget,
}

impl<'a> Matcher<'a> {
    /// Refuses what [`check`] refuses.
    pub fn of_resources(filter: &'a Filter, kind: &'a ResourceType) -> Result<Self, Error> {
        let condition = Condition::new(filter, &Scope::Resource(kind))?;
        Ok(Self { condition, kind, budget: Budget::of_search() })
    }

    /// Whether the resource matches. 400 tooMany when all resources together are more work than one search
    /// may be.
    pub fn matches(&mut self, resource: &Resource) -> Result<bool, Error> {
        self.condition.judge(&Subject::Resource(resource, self.kind), &mut self.budget)
    }
}

/// The same for the filter in brackets behind an attribute: of one element (R48; RFC 7644 §3.4.2.2).
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
    pub fn selects(&self, element: &Value, budget: &mut Budget) -> Result<bool, Error> {
        self.condition.judge(&Subject::Element(element, self.attribute), budget)
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
    Compare(Resolved<'a>, Comparison<'a>),
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
                match (operator, value) {
                    // Null is no value (RFC 7643 §2.5).
                    (Operator::NotEqual, Value::Null) => Self::Present(found),
                    (Operator::Equal, Value::Null) => Self::Not(Box::new(Self::Present(found))),
                    _ => Self::Compare(found, Comparison::new(path, leaf, *operator, value)?),
                }
            }
            Filter::Present(path) => Self::Present(scope.readable(path)?),
            Filter::Element { path, filter } => {
                let (attribute, found) = scope.list(path)?;
                Self::Element(found, Box::new(Selector::of_elements(filter, attribute)?))
            }
        })
    }

    /// Whether it holds, for the looks that it took.
    fn judge(&self, subject: &Subject<'_>, budget: &mut Budget) -> Result<bool, Error> {
        let mut looks = 0;
        let holds = self.holds(subject, &mut looks);
        budget.looks(looks)?;
        Ok(holds)
    }

    fn holds(&self, subject: &Subject<'_>, looks: &mut usize) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(subject, looks)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(subject, looks)),
            // R47, RFC 7644 §3.4.2.2. What is unassigned matches no comparison, and so does match its negation.
            Self::Not(inner) => !inner.holds(subject, looks),
            Self::Compare(found, comparison) => {
                // No value is another value too; of several, one that differs is enough, as for all
                // operators.
                if comparison.differs()
                    && !subject.any(found, looks, &mut |value, _| is_assigned(value))
                {
                    return true;
                }
                subject.any(found, looks, &mut |value, looks| {
                    *looks += weight(value.as_str().map_or(0, str::len));
                    comparison.holds(value)
                })
            }
            Self::Present(found) => subject.any(found, looks, &mut |value, _| is_assigned(value)),
            Self::Element(found, selector) => subject.any(found, looks, &mut |value, looks| {
                let element = Subject::Element(value, selector.attribute);
                selector.condition.holds(&element, looks)
            }),
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

    /// A path that may be compared (R49; RFC 7644 §3.4.2.2), and the simple attribute at its end: `emails eq "x"` means
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
    // RFC 7644 §3.12: a comparison that is not supported is refused; nobody would match it, and all its negation.
    if found.is_told() {
        return Err(invalid(format!(
            "`{path}` is made when a resource is told, so no filter can search for it"
        )));
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
    /// Whether `test` holds for a value at the path, of a list for any element. Each element is a look, and
    /// finding none is one too.
    fn any(
        &self,
        found: &Resolved<'_>,
        looks: &mut usize,
        test: &mut dyn FnMut(&Value, &mut usize) -> bool,
    ) -> bool {
        let implied = match self {
            Self::Resource(..) => found.attribute.zip(found.sub),
            Self::Element(_, of) => found.attribute.map(|sub| (*of, sub)),
        };
        let implied = implied.and_then(|(of, sub)| of.implied(sub)).map(Value::from);
        let attribute = match self {
            Self::Resource(resource, kind) => {
                if let Some(derived) = derived(resource, kind, found) {
                    *looks += 1;
                    return elements(&derived).iter().any(|value| test(value, looks));
                }
                match (found.attribute, found.extension) {
                    (Some(attribute), extension) => resource.attribute(extension, &attribute.name),
                    (None, Some(schema)) => resource.as_map().get(&schema.id),
                    (None, None) => Some(resource.as_value()),
                }
            }
            Self::Element(element, of) => match found.attribute {
                Some(attribute) if of.kind == Type::Complex => {
                    element.get(&attribute.name).or(implied.as_ref())
                }
                _ => Some(*element),
            },
        };
        let list = attribute.map(elements).unwrap_or_default();
        *looks += usize::from(list.is_empty());
        list.iter().any(|value| {
            *looks += 1;
            let value = match found.sub {
                Some(sub) => value.get(&sub.name).or(implied.as_ref()),
                None => Some(value),
            };
            value.is_some_and(|value| elements(value).iter().any(|value| test(value, looks)))
        })
    }
}
