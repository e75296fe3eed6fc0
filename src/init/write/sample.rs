//! One user as the vendor has it and as SCIM has it: the document's example where it has one.

use crate::init::survey::{Fill, Person, Place, Rule, Way};
use serde_json::{Map, Value, json};

/// What a client says and what the vendor holds for it.
#[derive(Debug)]
pub struct Sample {
    /// The vendor's record.
    pub record: Value,
    /// SCIM's id.
    pub id: String,
    values: Vec<(String, String, Value)>,
}

impl Sample {
    /// The user of a survey.
    pub fn of(person: &Person<'_>) -> Self {
        let key = key(person);
        let id = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        let mut record = Value::Object(Map::new());
        person.key.0.put(&mut record, key);
        let mut values = Vec::new();
        for rule in &person.rules {
            let (scim, vendor) = value(rule);
            if rule.way != Way::Write && rule.element.is_none() {
                rule.place.put(&mut record, vendor.clone());
            }
            values.push((rule.attribute.clone(), scim, vendor));
        }
        // The lists that rules read whole hold what is in their first element already, or one sample.
        for rule in person.rules.iter().filter(|rule| rule.element.is_some()) {
            if rule.place.get(&record).is_none() {
                let text = value(rule).1;
                let element = rule.element.as_ref().map(|(place, _)| place.holding(text));
                rule.place.put(&mut record, Value::Array(element.into_iter().collect()));
            }
        }
        Self { record, id, values }
    }

    /// What a client says for an attribute.
    pub fn scim(&self, attribute: &str) -> &str {
        self.values.iter().find(|(name, ..)| name == attribute).map_or("", |(_, scim, _)| scim)
    }

    /// What the vendor holds for it.
    pub fn vendor(&self, attribute: &str) -> Value {
        let found = self.values.iter().find(|(name, ..)| name == attribute);
        found.map_or(Value::Null, |(.., vendor)| vendor.clone())
    }
}

/// The vendor's word for a value of SCIM's.
pub fn vendor(rule: &Rule<'_>, scim: &str) -> Value {
    let row = rule.values.iter().find(|(one, _)| one == scim);
    match row.and_then(|(_, vendor)| vendor.first()) {
        Some(value) => value.clone(),
        None if rule.attribute == "active" => Value::Bool(scim == "true"),
        None => Value::from(scim),
    }
}

/// What is sent of a field that no attribute writes.
pub fn filled(fill: &Fill) -> Value {
    match (&fill.constant, &fill.variable) {
        (Some(constant), _) => Value::from(constant.as_str()),
        (None, Some(variable)) => supplied(variable.kind, &variable.options),
        (None, None) => Value::Null,
    }
}

/// What a tenant supplies in the tests.
pub fn supplied(kind: &str, options: &[String]) -> Value {
    match (kind, options.first()) {
        ("text", Some(first)) => first.as_str().into(),
        ("number", _) => 11.into(),
        ("boolean", _) => true.into(),
        ("list", _) => json!(["a"]),
        _ => "x1".into(),
    }
}

/// The example's key, if it stands in a path as it is.
fn key(person: &Person<'_>) -> Value {
    let content = person.calls.get.response();
    let example = content.as_ref().and_then(|content| content.example);
    let record = example.and_then(|example| person.calls.record.place.get(example));
    let plain = |text: &str| {
        (1..=40).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    match record.and_then(|record| person.key.0.get(record)) {
        Some(Value::String(text)) if plain(text) => text.as_str().into(),
        Some(Value::Number(number)) if plain(&number.to_string()) => number.clone().into(),
        _ => "7".into(),
    }
}

/// SCIM's text and the vendor's value of a rule.
fn value(rule: &Rule<'_>) -> (String, Value) {
    if rule.attribute == "active" {
        return ("true".to_owned(), vendor(rule, "true"));
    }
    if let Some((scim, _)) = rule.values.first() {
        return (scim.clone(), vendor(rule, scim));
    }
    let example = rule.example.and_then(Value::as_str).filter(|text| is_usable(rule, text));
    let convert = rule.convert.as_deref().unwrap_or_default();
    if convert.contains("epoch") {
        let seconds: i64 = 1_763_719_200;
        let number = if convert.contains("ms") { seconds * 1_000 } else { seconds };
        return (String::new(), number.into());
    }
    if convert.contains("number") {
        return ("1001".to_owned(), 1_001.into());
    }
    let text = example.unwrap_or_else(|| usual(&rule.attribute)).to_owned();
    let stamp =
        if convert.contains("date") { "2026-11-21T10:00:00" } else { "2026-11-21T10:00:00Z" };
    match rule.attribute.starts_with("meta.") {
        true => (String::new(), example.unwrap_or(stamp).into()),
        false => (text.clone(), text.into()),
    }
}

/// An example that a test can say back.
fn is_usable(rule: &Rule<'_>, text: &str) -> bool {
    let plain = text.trim() == text
        && (1..=80).contains(&text.chars().count())
        && !text.contains(char::is_control);
    let login = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    plain && (rule.attribute != "userName" || text.chars().all(login))
}

/// Where the document has no example.
fn usual(attribute: &str) -> &'static str {
    const USUAL: [(&str, &str); 17] = [
        ("userName", "mia@acme.example"),
        ("emails", "mia@acme.example"),
        ("name.givenName", "Mia"),
        ("name.middleName", "Eva"),
        ("name.familyName", "Berg"),
        ("displayName", "Mia Berg"),
        ("nickName", "Mi"),
        ("title", "Pilot"),
        ("preferredLanguage", "sv"),
        ("locale", "sv-SE"),
        ("timezone", "Europe/Stockholm"),
        ("phoneNumbers", "+46850000001"),
        ("photos", "https://acme.example/mia.png"),
        ("addresses", "SE"),
        ("password", "q8Zt1-random"),
        ("externalId", "00u1"),
        ("urn:", "Sales"),
    ];
    USUAL.iter().find(|(start, _)| attribute.starts_with(start)).map_or("a", |(_, text)| text)
}

/// A SCIM path set in a resource.
pub fn said(resource: &mut Value, attribute: &str, value: Value) {
    if let Some((urn, inner)) =
        attribute.strip_prefix("urn:").and_then(|rest| rest.rsplit_once(':'))
    {
        let names: Vec<&str> = inner.split('.').collect();
        let urn = format!("urn:{urn}");
        let names: Vec<&str> = std::iter::once(urn.as_str()).chain(names).collect();
        return Place::of(&names).put(resource, value);
    }
    if let Some((list, rest)) = attribute.split_once(".^[") {
        let (selector, inner) = rest.split_once("].").unwrap_or((rest, "value"));
        let mut element = json!({});
        match selector.split_once("==") {
            Some(("primary", _)) => said(&mut element, "primary", true.into()),
            Some((name, wanted)) => said(&mut element, name, wanted.trim_matches('\'').into()),
            None => {}
        }
        said(&mut element, inner, value);
        let elements = resource.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        let all: Vec<Value> = elements.into_iter().chain([element]).collect();
        return Place::of(&[list]).put(resource, all.into());
    }
    Place::of(&attribute.split('.').collect::<Vec<_>>()).put(resource, value);
}
