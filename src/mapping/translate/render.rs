//! One step and its scope become a Call.

use super::Error;
use crate::{
    mapping::{
        expr::{EvalError, Scope, Template},
        plan::{Encoding, Step},
    },
    scim::{self, error::ScimType},
    upstream::{
        call::{Body, Call},
        encode::{climbs, controls},
        record::text_of,
    },
};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Makes the Call of a step.
pub fn call(step: &Step, scope: &Scope<'_>) -> Result<Call, Error> {
    let fault = |error: EvalError| Error::expression(&step.place, &error);
    let body = match &step.body {
        None => Body::Empty,
        Some(tree) => {
            let value = tree.render(scope).map_err(fault)?;
            match step.encoding {
                Encoding::Json => Body::Json(value),
                Encoding::Form => Body::Form(form(&value)),
            }
        }
    };
    Ok(Call {
        name: step.label.clone(),
        method: step.method.clone(),
        path: path(step, scope)?,
        query: query(step, scope)?,
        headers: headers(step, scope)?,
        body,
        safe: step.safe,
        packs: None,
        place: step.place.clone(),
    })
}

/// Values are encoded for their place. What would lead elsewhere all the same is sent nowhere: vendors decode an
/// address before they look at it.
fn path(step: &Step, scope: &Scope<'_>) -> Result<String, Error> {
    let path = step.path.path(scope).map_err(|error| Error::expression(&step.place, &error))?;
    let decoded = percent_decode_str(&path).decode_utf8_lossy();
    if climbs(&path) || controls(&decoded) {
        return Err(unfit(step, "the path"));
    }
    Ok(path)
}

fn unfit(step: &Step, what: &str) -> Error {
    let detail = format!(
        "a value cannot stand in {what} of the vendor's call: `..` and control characters lead elsewhere ({})",
        step.place
    );
    scim::error::Error::bad(ScimType::InvalidValue, detail).into()
}

/// A list value repeats the name, a null one is left out.
fn query(step: &Step, scope: &Scope<'_>) -> Result<Vec<(String, String)>, Error> {
    let mut query = Vec::with_capacity(step.query.len());
    for (name, template) in &step.query {
        let values =
            texts(template, scope).map_err(|error| Error::expression(&step.place, &error))?;
        for value in values {
            if controls(&value) {
                return Err(unfit(step, "the query"));
            }
            query.push((name.clone(), value));
        }
    }
    Ok(query)
}

fn headers(step: &Step, scope: &Scope<'_>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, template) in &step.headers {
        let values =
            texts(template, scope).map_err(|error| Error::expression(&step.place, &error))?;
        for value in values {
            // A header value with CR or LF would be a second header of the client's making.
            if controls(&value) {
                return Err(unfit(step, &format!("header `{name}`")));
            }
            let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            else {
                return Err(Error::Expression {
                    place: step.place.clone(),
                    message: format!("the value of header `{name}` cannot stand in a header"),
                });
            };
            headers.append(name, value);
        }
    }
    Ok(headers)
}

fn texts(template: &Template, scope: &Scope<'_>) -> Result<Vec<String>, EvalError> {
    match template.value(scope)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(single).collect(),
        value => single(&value).map(|text| vec![text]),
    }
}

fn single(value: &Value) -> Result<String, EvalError> {
    text_of(value).ok_or_else(|| EvalError {
        message: "a map, or a list in a list, cannot stand in a query or a header".to_owned(),
    })
}

/// `a[b]=1`; lists repeat the name; null is empty, and so is a list without items: left out it would stay as it was.
fn form(value: &Value) -> Vec<(String, String)> {
    fn lay(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    let name =
                        if name.is_empty() { member.clone() } else { format!("{name}[{member}]") };
                    lay(&name, value, pairs);
                }
            }
            Value::Array(items) if items.is_empty() => pairs.push((name.to_owned(), String::new())),
            Value::Array(items) => items.iter().for_each(|item| lay(name, item, pairs)),
            scalar => pairs.push((name.to_owned(), text_of(scalar).unwrap_or_default())),
        }
    }
    let mut pairs = Vec::new();
    lay("", value, &mut pairs);
    pairs
}
