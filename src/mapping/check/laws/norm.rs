//! Norm: when two SCIM values are one to a rule. Converters call the same what they make the same
//! (case, blanks, the form of a phone number, a date's precision), a schema without case ignores it,
//! and a list that is `unordered` is a set.

use crate::{
    mapping::{
        convert::Converter,
        plan::{Direction, Elements, Passage, Rule, RuleKind, SubKind, SubRule},
        translate::passage::unassigned,
    },
    scim::{
        compare::{self, instant, same_text},
        schema::Type,
    },
    upstream::record::{FieldPath, text_of},
};
use serde_json::{Map, Number, Value};

/// Whether a rule that was given `sent` may give back `back`.
pub fn same(rule: &Rule, sent: &Value, back: &Value) -> bool {
    match &rule.kind {
        RuleKind::List { elements, .. } => lists(elements, &forgiven(rule, elements, sent), back),
        _ => values(&rule.passage, sent, back),
    }
}

/// Whether `sent` comes to nothing: blanks that are trimmed, an element without any part that is written.
pub fn nothing(rule: &Rule, sent: &Value) -> bool {
    match &rule.kind {
        RuleKind::List { elements, .. } => {
            expected(elements, &forgiven(rule, elements, sent)).is_empty()
        }
        _ => value_of_nothing(&rule.passage, sent),
    }
}

/// The same of a value that is no list of elements.
pub fn value_of_nothing(passage: &Passage, sent: &Value) -> bool {
    unassigned(&canonical(passage, sent))
}

/// Whether two values that are no lists of elements are one.
pub fn values(passage: &Passage, sent: &Value, back: &Value) -> bool {
    if sent == back {
        return true;
    }
    let (sent, back) = (canonical(passage, sent), canonical(passage, back));
    match (&sent, &back) {
        (Value::Array(sent), Value::Array(back)) => {
            paired(passage.unordered, sent, back, |sent, back| single(passage, sent, back))
        }
        (sent, back) => single(passage, sent, back),
    }
}

/// What the converters make of it, in SCIM's words: each that changes what is the same to it.
fn canonical(passage: &Passage, value: &Value) -> Value {
    let forgive = |value: Value, converter: &Converter| match (converter, value) {
        (Converter::Split(_), Value::Array(items)) => {
            items.into_iter().map(|item| trimmed(&item)).filter(|item| !unassigned(item)).collect()
        }
        (Converter::Join(separator), value @ Value::String(_)) => {
            let parts = Converter::Join(separator.clone()).write(&value);
            parts.ok().and_then(|parts| converter.read(&parts)).unwrap_or(value)
        }
        (
            Converter::Lower
            | Converter::Upper
            | Converter::Trim
            | Converter::PhoneE164
            | Converter::PhoneDigits,
            Value::Array(items),
        ) => items.into_iter().map(|item| converter.write(&item).unwrap_or(item)).collect(),
        (Converter::PhoneE164 | Converter::PhoneDigits, value) => {
            Converter::PhoneDigits.write(&value).unwrap_or(value)
        }
        (Converter::Lower | Converter::Upper | Converter::Trim, value) => {
            converter.write(&value).unwrap_or(value)
        }
        (Converter::Number, value @ Value::String(_)) => trimmed(&value),
        (_, value) => value,
    };
    passage.converters.iter().fold(value.clone(), forgive)
}

/// What the converters beside `element` make of each part of an element that is all of it.
fn forgiven(rule: &Rule, elements: &Elements, sent: &Value) -> Value {
    let mut sent = sent.clone();
    if !rule.converts_list() {
        return sent;
    }
    if elements.plain {
        return canonical(&rule.passage, &sent);
    }
    let whole = |sub: &&SubRule| matches!(&sub.kind, SubKind::Field(field) if *field == FieldPath::itself());
    for sub in elements.subs.iter().filter(whole) {
        for part in
            sent.as_array_mut().into_iter().flatten().filter_map(|item| item.get_mut(&sub.name))
        {
            let alone = canonical(&rule.passage, &Value::Array(vec![part.take()]));
            *part = alone.get(0).cloned().unwrap_or_default();
        }
    }
    sent
}

fn trimmed(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| text.trim().into())
}

fn single(passage: &Passage, sent: &Value, back: &Value) -> bool {
    if let Some(precision) = passage.converters.iter().find_map(precision) {
        return at_most_apart(sent, back, precision);
    }
    match (passage.kind, sent, back) {
        (Type::DateTime, Value::String(_), Value::String(_)) => at_most_apart(sent, back, 0),
        (_, Value::String(sent), Value::String(back)) => same_text(sent, back, passage.case_exact),
        (_, Value::Number(sent), Value::Number(back)) => digits(sent) == digits(back),
        _ => sent == back,
    }
}

/// A number by its digits, for a double would call two of them one: `7.50` is `7.5`, and `7.0` is `7`.
fn digits(number: &Number) -> &str {
    let text = number.as_str();
    match text.contains('.') && !text.contains(['e', 'E']) {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// Nanoseconds that a converter of dates forgets.
fn precision(converter: &Converter) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    match converter {
        Converter::EpochSeconds => Some(SECOND),
        Converter::EpochMillis => Some(SECOND / 1_000),
        Converter::Date { format, .. } => {
            let says = |signs: &str| {
                let specified = format.split('%').skip(1);
                let mut letters = specified.filter_map(|part| {
                    part.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).chars().next()
                });
                letters.any(|letter| signs.contains(letter))
            };
            Some(match () {
                () if says("fN") => 1,
                () if says("STsXcr") => SECOND,
                () if says("MR") => 60 * SECOND,
                () if says("HIkl") => 3_600 * SECOND,
                () => 86_400 * SECOND,
            })
        }
        _ => None,
    }
}

fn at_most_apart(sent: &Value, back: &Value, precision: i128) -> bool {
    let at = |value: &Value| value.as_str().and_then(instant).map(|at| at.as_nanosecond());
    match (at(sent), at(back)) {
        (Some(sent), Some(back)) => sent == back || (sent - back).abs() < precision,
        _ => false,
    }
}

fn lists(elements: &Elements, sent: &Value, back: &Value) -> bool {
    let wanted = expected(elements, sent);
    let Some(found) = back.as_array() else { return wanted.is_empty() };
    paired(elements.unordered, &wanted, found, |wanted, found| element(elements, wanted, found))
}

/// Whether each of one list is one of the other, in order unless it is a set.
fn paired(
    unordered: bool,
    wanted: &[Value],
    found: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
) -> bool {
    if unordered {
        // What is in a set twice is in it once.
        let comes = |wanted| found.iter().any(|found| same(wanted, found));
        let was_sent = |found| wanted.iter().any(|wanted| same(wanted, found));
        return wanted.iter().all(comes) && found.iter().all(was_sent);
    }
    let pairs = wanted.iter().zip(found);
    wanted.len() == found.len() && pairs.into_iter().all(|(wanted, found)| same(wanted, found))
}

/// The elements that should come back: with what is written of each, the primary one first.
fn expected(elements: &Elements, sent: &Value) -> Vec<Value> {
    let Some(items) = sent.as_array() else { return Vec::new() };
    let mut items: Vec<&Value> = items.iter().collect();
    let first = elements.subs.iter().any(|sub| matches!(sub.kind, SubKind::First));
    if first {
        items.sort_by_key(|item| item.get("primary") != Some(&Value::Bool(true)));
    }
    if elements.plain {
        let left =
            |item: &&Value| !elements.subs.iter().any(|sub| value_of_nothing(&sub.passage, item));
        return items.into_iter().filter(left).cloned().collect();
    }
    let kept = |item: &&Value| -> Option<Value> {
        let part = |sub: &SubRule| {
            let value = item.get(&sub.name)?;
            let left = !value_of_nothing(&sub.passage, value);
            left.then(|| (sub.name.clone(), value.clone()))
        };
        let parts: Map<String, Value> =
            elements.subs.iter().filter(|sub| travels(sub)).filter_map(part).collect();
        (!parts.is_empty()).then_some(Value::Object(parts))
    };
    let mut made: Vec<Value> = items.iter().filter_map(kept).collect();
    if let Some(Value::Object(members)) = made.first_mut().filter(|_| first) {
        members.insert("primary".to_owned(), Value::Bool(true));
    }
    made
}

/// Whether a part of an element goes both ways.
fn travels(sub: &SubRule) -> bool {
    sub.direction == Direction::Both && matches!(sub.kind, SubKind::Field(_))
}

fn element(elements: &Elements, wanted: &Value, found: &Value) -> bool {
    if elements.plain {
        return elements.subs.iter().all(|sub| values(&sub.passage, wanted, found));
    }
    elements.subs.iter().all(|sub| {
        let pair = (wanted.get(&sub.name), found.get(&sub.name));
        match (&sub.kind, pair) {
            (SubKind::Field(_), (Some(wanted), Some(found))) if travels(sub) => {
                values(&sub.passage, wanted, found)
            }
            (SubKind::Field(_), (wanted, found)) if travels(sub) => match wanted {
                Some(wanted) => value_of_nothing(&sub.passage, wanted),
                None => found.is_none() || sub.default.is_some() || sub.missing.is_some(),
            },
            (SubKind::First, (wanted, found)) => {
                (wanted == Some(&Value::Bool(true))) == (found == Some(&Value::Bool(true)))
            }
            // A constant is filled in, and what goes one way is not asked for.
            _ => true,
        }
    })
}

/// Whether two vendor values are one: by their text, or because the converters call them so.
pub fn vendors(passage: &Passage, one: &Value, other: &Value) -> bool {
    let alike = |one: &Value, other: &Value| {
        one == other || text_of(one).is_some() && text_of(one) == text_of(other)
    };
    let (ones, others) = (compare::elements(one), compare::elements(other));
    ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| alike(one, other))
        || passage.converters.iter().any(forgives)
}

/// Whether a converter calls the same what differs.
fn forgives(converter: &Converter) -> bool {
    !matches!(
        converter,
        Converter::Text | Converter::Prefix(_) | Converter::Suffix(_) | Converter::Base64
    )
}
