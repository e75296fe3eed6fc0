//! What a client sent, made canonical: names in the schema's spelling, values of the schema's types,
//! unassigned members dropped. A leniency toward real clients is asked for where it would be used.

use super::{
    compare::{instant, is_assigned, same_text},
    error::{Error, ScimType},
    leniency::Leniency,
    reading::Reading,
    resource_type::ResourceType,
    schema::{Attribute, Mutability, Returned, Schema, Type},
    shown::found,
};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Where a value stands, for messages. Lives on the stack; printed only when something is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    above: Option<&'a Trail<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Urn(&'a str),
    Name(&'a str),
    Element(usize),
}

impl<'a> Trail<'a> {
    /// An attribute of a schema; `None` for the core schema.
    pub fn top(extension: Option<&'a Schema>) -> Option<Self> {
        extension.map(|schema| Self { above: None, step: Step::Urn(&schema.id) })
    }

    /// One step further down.
    pub fn name(above: Option<&'a Trail<'a>>, name: &'a str) -> Self {
        Self { above, step: Step::Name(name) }
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        match (self.step, self.above.map(|above| above.step)) {
            (Step::Urn(urn), _) => write!(f, "{urn}:"),
            (Step::Name(name), None | Some(Step::Urn(_))) => f.write_str(name),
            (Step::Name(name), Some(_)) => write!(f, ".{name}"),
            // `{:#}` leaves the positions out.
            (Step::Element(_), _) if f.alternate() => Ok(()),
            (Step::Element(at), _) => write!(f, "[{at}]"),
        }
    }
}

/// A whole resource. `id`, `meta`, `groups` and everything else that is readOnly is dropped (R12, R26, R59;
/// RFC 7643 §3.1, §7, RFC 7644 §3.3, §3.5.1); what the schemas do not have goes to the reading's `unmapped`, as
/// `name` or `URN:name`.
pub fn resource(
    members: Map<String, Value>,
    kind: &ResourceType,
    reading: &mut Reading,
) -> Result<Map<String, Value>, Error> {
    let mut made = Map::with_capacity(members.len());
    for (key, sent) in members {
        if !key.contains(':') {
            member(key, sent, None, kind, &mut made, reading)?;
        } else if kind.is_core(&key) {
            // RFC 7644 §3.10: the core URN before a name changes nothing, so nor does a wrapper of it.
            for (key, sent) in object(sent, &key)? {
                member(key, sent, None, kind, &mut made, reading)?;
            }
        } else if let Some(schema) = kind.extension(&key) {
            // R25.
            let mut extension = Map::new();
            for (key, sent) in object(sent, &key)? {
                member(key, sent, Some(schema), kind, &mut extension, reading)?;
            }
            if !extension.is_empty() {
                made.insert(respelled(key, &schema.id), Value::Object(extension));
            }
        } else {
            unknown(&key, &sent, reading);
        }
    }
    Ok(made)
}

/// One attribute into `made`.
fn member(
    key: String,
    sent: Value,
    extension: Option<&Schema>,
    kind: &ResourceType,
    made: &mut Map<String, Value>,
    reading: &mut Reading,
) -> Result<(), Error> {
    let top = Trail::top(extension);
    let Some(attribute) = kind.attribute(extension, &key) else {
        note(&Trail::name(top.as_ref(), &key), &sent, reading);
        return Ok(());
    };
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    if let Some(value) =
        value(sent, attribute, Trail::name(top.as_ref(), &attribute.name), reading)?
    {
        made.insert(respelled(key, &attribute.name), value);
    }
    Ok(())
}

/// The object under a schema's URN; nothing when unassigned.
fn object(sent: Value, urn: &str) -> Result<Map<String, Value>, Error> {
    match sent {
        Value::Object(members) => Ok(members),
        other if !is_assigned(&other) => Ok(Map::new()),
        other => Err(Error::bad(
            ScimType::InvalidValue,
            format!("`{urn}`: found {}, expected an object of attributes", found(&other)),
        )),
    }
}

/// A URN that no served schema has: every assigned member of it is unmapped.
pub fn unknown(urn: &str, sent: &Value, reading: &mut Reading) {
    match sent {
        Value::Object(members) => {
            for (name, _) in members.iter().filter(|(_, sent)| is_assigned(sent)) {
                reading.unmapped.push(|| format!("{urn}:{name}"));
            }
        }
        other => note(&Trail::name(None, urn), other, reading),
    }
}

/// Notes a member that no schema has. An unassigned one says nothing, so nothing is lost with it.
pub fn note(at: &Trail<'_>, sent: &Value, reading: &mut Reading) {
    if is_assigned(sent) {
        reading.unmapped.push(|| format!("{at:#}"));
    }
}

/// The schema's spelling; most clients use it, and then nothing is copied.
fn respelled(key: String, name: &str) -> String {
    if key == name { key } else { name.to_owned() }
}

/// Elements of one list in one request. The largest groups that are pushed as a whole have tens of thousands
/// of members; what a list costs grows with it, however long a body the configuration allows.
const MAX_ELEMENTS: usize = 100_000;

/// The value of an attribute; `None` when it is unassigned (RFC 7643 §2.5).
pub fn value(
    sent: Value,
    attribute: &Attribute,
    at: Trail<'_>,
    reading: &mut Reading,
) -> Result<Option<Value>, Error> {
    if !attribute.multi_valued {
        return single(sent, attribute, at, reading);
    }
    let elements = match sent {
        Value::Array(elements) => elements,
        other if !is_assigned(&other) => return Ok(None),
        other if reading.allows(Leniency::SingleForList) => vec![other],
        other => {
            return Err(wrong(at, format!("found {}, expected a list", shown(&other, attribute))));
        }
    };
    if elements.len() > MAX_ELEMENTS {
        let found = elements.len();
        return Err(wrong(at, format!("found {found} elements, expected at most {MAX_ELEMENTS}")));
    }
    let refers = is_list_of_references(attribute);
    let mut made = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let at = Trail { above: Some(&at), step: Step::Element(index) };
        let element = single(element, attribute, at, reading)?;
        // A member that is dropped in silence is one that stays, or never comes (RFC 7643 §2.4).
        if refers && element.as_ref().and_then(|element| element.get("value")).is_none() {
            return Err(wrong(at, "found no `value`, expected the id of what is referred to"));
        }
        made.extend(element);
    }
    if made.iter().filter(|element| is_primary(element)).nth(1).is_some() {
        // R23: RFC 7643 §2.4, `primary` is true at most once.
        return Err(wrong(at, "found several elements that are `primary`, expected one at most"));
    }
    Ok((!made.is_empty()).then_some(Value::Array(made)))
}

/// Whether the elements of a list point to other resources (RFC 7643 §2.4: `value` and `$ref`).
fn is_list_of_references(attribute: &Attribute) -> bool {
    let value = attribute.sub("value").filter(|sub| sub.mutability != Mutability::ReadOnly);
    value.is_some() && attribute.sub("$ref").is_some()
}

/// Whether an element of a list is the preferred one (RFC 7643 §2.4).
pub fn is_primary(element: &Value) -> bool {
    element.get("primary").and_then(Value::as_bool) == Some(true)
}

/// One value, or one element of a list.
pub fn single(
    sent: Value,
    attribute: &Attribute,
    at: Trail<'_>,
    reading: &mut Reading,
) -> Result<Option<Value>, Error> {
    if !is_assigned(&sent) {
        return Ok(None);
    }
    match attribute.kind {
        Type::Complex => complex(sent, attribute, at, reading),
        _ => simple(sent, attribute, at, reading).map(Some),
    }
}

fn complex(
    sent: Value,
    attribute: &Attribute,
    at: Trail<'_>,
    reading: &mut Reading,
) -> Result<Option<Value>, Error> {
    let members = object_of(sent, attribute, at, reading)?;
    let mut made = Map::with_capacity(members.len());
    for (key, sent) in members {
        let Some(sub) = attribute.sub(&key) else {
            note(&Trail::name(Some(&at), &key), &sent, reading);
            continue;
        };
        if sub.mutability == Mutability::ReadOnly {
            continue;
        }
        if let Some(value) = value(sent, sub, Trail::name(Some(&at), &sub.name), reading)? {
            made.insert(respelled(key, &sub.name), value);
        }
    }
    Ok((!made.is_empty()).then_some(Value::Object(made)))
}

/// The members of what was sent for a complex attribute.
pub fn object_of(
    sent: Value,
    attribute: &Attribute,
    at: Trail<'_>,
    reading: &mut Reading,
) -> Result<Map<String, Value>, Error> {
    let value = attribute.sub("value");
    match (sent, value) {
        (Value::Object(members), _) => Ok(members),
        (Value::Array(mut list), _)
            if list.len() == 1
                && !attribute.multi_valued
                && reading.allows(Leniency::ListForSingle) =>
        {
            object_of(list.pop().unwrap_or_default(), attribute, at, reading)
        }
        (sent @ (Value::String(_) | Value::Number(_)), Some(value))
            if reading.allows(Leniency::BareValue) =>
        {
            Ok(Map::from_iter([(value.name.clone(), sent)]))
        }
        (other, _) => {
            Err(wrong(at, format!("found {}, expected an object", shown(&other, attribute))))
        }
    }
}

/// A value of a simple type (R24; RFC 7643 §2.3.2). A text stays as it was written, whether it compares with case or
/// without (X8; RFC 7643 §2.3.1).
fn simple(
    sent: Value,
    attribute: &Attribute,
    at: Trail<'_>,
    reading: &mut Reading,
) -> Result<Value, Error> {
    let sent = match sent {
        Value::Object(mut members)
            if attribute.multi_valued
                && members.contains_key("value")
                && reading.allows(Leniency::WrappedValue) =>
        {
            members.remove("value").unwrap_or_default()
        }
        other => other,
    };
    let sent = meant(sent, attribute, reading);
    let expected = match (attribute.kind, &sent) {
        (Type::String | Type::Reference, Value::String(_)) => return checked(sent, attribute, at),
        (Type::String, _) => "text",
        (Type::Reference, _) => "text that is a URI",
        (Type::Boolean, Value::Bool(_)) => return Ok(sent),
        (Type::Boolean, _) => "true or false",
        (Type::Integer, Value::Number(number)) if is_whole(number.as_str()) => return Ok(sent),
        (Type::Integer, _) => "a whole number",
        (Type::Decimal, Value::Number(_)) => return Ok(sent),
        (Type::Decimal, _) => "a number",
        (Type::DateTime, Value::String(text)) if instant(text).is_some() => return Ok(sent),
        (Type::DateTime, _) => "a dateTime with a zone such as `2026-01-31T12:00:00Z`",
        (Type::Binary, Value::String(text)) if is_base64(text) => return Ok(sent),
        (Type::Binary, _) => "base64",
        (Type::Complex, _) => "an object",
    };
    Err(wrong(at, format!("found {}, expected {expected}", shown(&sent, attribute))))
}

/// A scalar that JSON gives another type than its attribute has, as the one that was meant; as it is where it
/// may not be taken so. Values and the literals of filters are read alike.
pub fn meant(sent: Value, attribute: &Attribute, reading: &mut Reading) -> Value {
    match (attribute.kind, &sent) {
        (Type::String, Value::Number(number))
            if is_identifier(attribute) && reading.allows(Leniency::NumericId) =>
        {
            Value::String(number.to_string())
        }
        (Type::Boolean, Value::String(text))
            if let Some(value) = boolean(text)
                && reading.allows(Leniency::BooleanText) =>
        {
            Value::Bool(value)
        }
        (Type::Integer, Value::String(text))
            if is_whole(text)
                && let Some(number) = number(text)
                && reading.allows(Leniency::NumberText) =>
        {
            number
        }
        (Type::Decimal, Value::String(text))
            if let Some(number) = number(text)
                && reading.allows(Leniency::NumberText) =>
        {
            number
        }
        _ => sent,
    }
}

/// Text that its attribute's `pattern` and enforced values allow.
fn checked(sent: Value, attribute: &Attribute, at: Trail<'_>) -> Result<Value, Error> {
    let text = sent.as_str().unwrap_or_default();
    if let Some(pattern) = &attribute.pattern
        && !pattern.is_match(text)
    {
        let shown = shown(&sent, attribute);
        return Err(wrong(at, format!("found {shown}, expected text that matches `{pattern}`")));
    }
    if !attribute.enforced {
        return Ok(sent);
    }
    let mut allowed = attribute.canonical_values.iter();
    match allowed.find(|value| same_text(value, text, attribute.case_exact)) {
        Some(value) if value == text => Ok(sent),
        Some(value) => Ok(Value::String(value.clone())),
        None => {
            let (shown, allowed) =
                (shown(&sent, attribute), attribute.canonical_values.join("`, `"));
            Err(wrong(at, format!("found {shown}, expected one of `{allowed}`")))
        }
    }
}

fn is_identifier(attribute: &Attribute) -> bool {
    matches!(attribute.name.as_str(), "id" | "externalId" | "value")
}

/// RFC 7643 §2.3.4: no fraction, no exponent.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A boolean that was sent as text, in any case.
fn boolean(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|value| text.eq_ignore_ascii_case(&value.to_string()))
}

/// A number that was sent as text.
fn number(text: &str) -> Option<Value> {
    serde_json::from_str::<Number>(text.trim()).ok().map(Value::Number)
}

/// RFC 7643 §2.3.6: base64 or base64url; line breaks, which certificates come with, do no harm.
fn is_base64(text: &str) -> bool {
    let of_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte);
    text.bytes().all(of_alphabet)
}

fn wrong(at: Trail<'_>, what: impl fmt::Display) -> Error {
    Error::bad(ScimType::InvalidValue, format!("`{at}`: {what}"))
}

/// What was sent, unless nobody may read it.
fn shown(sent: &Value, attribute: &Attribute) -> String {
    match (attribute.returned, sent) {
        (Returned::Never, Value::String(_)) => "a text".to_owned(),
        (Returned::Never, Value::Number(_)) => "a number".to_owned(),
        _ => found(sent),
    }
}
