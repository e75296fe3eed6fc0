//! How one value travels between the banks: table, converters, the schema's type.

use crate::{
    mapping::plan::{Passage, TableRow},
    scim::{compare::is_assigned, schema::Type},
    upstream::record::{text, text_of},
};
use serde_json::Value;
use std::borrow::Cow;

/// One SCIM value in the vendor's terms: table, then converters in writing order. The error says
/// what was found and what is allowed.
pub fn write(passage: &Passage, value: &Value) -> Result<Value, String> {
    let mut value = match &passage.table {
        None => value.clone(),
        Some(table) => {
            let row = table.rows.iter().find(|row| alike(passage, &row.scim, value));
            match row.and_then(|row| row.vendor.first()) {
                Some(vendor) => vendor.clone(),
                None => {
                    let allowed: Vec<String> = table
                        .rows
                        .iter()
                        .filter(|row| !row.vendor.is_empty())
                        .filter_map(|row| text_of(&row.scim))
                        .collect();
                    let found = text_of(value).unwrap_or_else(|| value.to_string());
                    return Err(format!("`{found}` is none of: {}", allowed.join(", ")));
                }
            }
        }
    };
    for converter in &passage.converters {
        value = converter.write(&value)?;
    }
    Ok(value)
}

/// Whether two SCIM values of this attribute are one.
fn alike(passage: &Passage, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) if !passage.case_exact => {
            let small = char::to_lowercase;
            one == other || one.chars().flat_map(small).eq(other.chars().flat_map(small))
        }
        _ => one == other,
    }
}

/// What a vendor value comes to in SCIM's words.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// This.
    Value(Value),
    /// The vendor has none.
    Nothing,
    /// It has one that fits neither table nor type.
    Unreadable,
}

/// One vendor value in SCIM's words: converters backwards, then the table, then the schema's type.
pub fn read(passage: &Passage, vendor: &Value) -> Found {
    if unassigned(vendor) {
        return Found::Nothing;
    }
    // Most values are texts that stay as they are.
    if let Value::String(text) = vendor
        && passage.keeps_text()
    {
        return Found::Value(Value::String(text.clone()));
    }
    match unconverted(passage, vendor) {
        Some(value) if unassigned(&value) => Found::Nothing,
        Some(value) => Found::Value(value),
        None => Found::Unreadable,
    }
}

fn unconverted(passage: &Passage, vendor: &Value) -> Option<Value> {
    let mut value = Cow::Borrowed(vendor);
    for converter in passage.converters.iter().rev() {
        value = Cow::Owned(converter.read(&value)?);
    }
    if let Some(table) = &passage.table {
        return row_of(&table.rows, &value).map(|row| row.scim.clone());
    }
    match (passage.list, value.into_owned()) {
        (true, Value::Array(items)) => {
            items.into_iter().map(|item| coerce(item, passage.kind)).collect()
        }
        (true, single) => Some(Value::Array(vec![coerce(single, passage.kind)?])),
        (false, value) => coerce(value, passage.kind),
    }
}

/// A vendor's list element by element: what the converters beside `element` read. Nothing where they cannot.
pub fn apart<'v>(passage: &Passage, vendor: &'v Value) -> Option<Cow<'v, Value>> {
    if unassigned(vendor) {
        return Some(Cow::Borrowed(vendor));
    }
    passage.converters.iter().rev().try_fold(Cow::Borrowed(vendor), |value, converter| {
        Some(Cow::Owned(converter.read(&value)?))
    })
}

/// The elements of a list as one vendor value, which is a list where there are no converters beside `element`.
pub fn together(passage: &Passage, items: Vec<Value>) -> Result<Value, String> {
    passage
        .converters
        .iter()
        .try_fold(Value::Array(items), |value, converter| converter.write(&value))
}

/// The elements that are left of these once they were one vendor value: the converters beside `element` may call the
/// same what differs, and refuse what would come back as two.
pub fn left_of(passage: &Passage, items: Vec<Value>) -> Result<Vec<Value>, String> {
    if passage.converters.is_empty() {
        return Ok(items);
    }
    let vendor = together(passage, items)?;
    match apart(passage, &vendor).map(Cow::into_owned) {
        Some(Value::Array(items)) => Ok(items),
        _ => Ok(Vec::new()),
    }
}

/// Vendor values compare by text: `1` is `"1"`.
fn row_of<'a>(rows: &'a [TableRow], vendor: &Value) -> Option<&'a TableRow> {
    let wanted = text(vendor)?;
    rows.iter()
        .find(|row| row.vendor.iter().any(|value| text(value) == Some(wanted)))
        .or_else(|| rows.iter().find(|row| row.rest))
}

/// Fits a value to the schema's type, tolerating what vendors confuse: `"true"`, `30`, `"30"`.
pub fn coerce(value: Value, kind: Type) -> Option<Value> {
    match (kind, value) {
        (Type::Boolean, Value::Bool(value)) => Some(Value::Bool(value)),
        (Type::Boolean, other) => match text_of(&other)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        (Type::Integer | Type::Decimal, Value::Number(number)) => Some(Value::Number(number)),
        (Type::Integer | Type::Decimal, Value::String(text)) => {
            serde_json::from_str::<serde_json::Number>(text.trim()).ok().map(Value::Number)
        }
        (Type::Complex, value @ (Value::Object(_) | Value::Array(_))) => Some(value),
        (Type::Complex | Type::Integer | Type::Decimal, _) => None,
        (_, value @ Value::String(_)) => Some(value),
        (_, value) => text_of(&value).map(Value::String),
    }
}

/// absent, null, `""` and `[]` are one thing (RFC 7643 §2.5).
pub fn unassigned(value: &Value) -> bool {
    !is_assigned(value)
}
