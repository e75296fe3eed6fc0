//! Query parameters, of a URL or of a SearchRequest body -> Query and Projection (RFC 7644 §3.4.2, §3.9).

use crate::scim::{
    attribute::AttributePath,
    error::{Error, ScimType},
    filter::{Filter, parse::parse},
    leniency::Leniency,
    message::{Projection, Query, Start},
    reading::Reading,
    resource_type::ResourceType,
    shown::{cut, found},
    sort::{Sort, Sorter},
};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// What a client may say about a search or about the answer, as text, whichever way it came.
#[derive(Debug, Default, PartialEq)]
pub struct Parameters {
    pub(super) filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    /// The first that SCIM does not define.
    unknown: Option<String>,
}

impl Parameters {
    /// Reads a query string: `+` and `%20` are spaces, `%2B` is a plus. Which of two filters or positions is
    /// meant nobody can say; names in two lists are one list (RFC 7644 §3.9).
    pub fn of_query(query: &str) -> Result<Self, Error> {
        let mut parameters = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some((name, slot)) = parameters.slot(name) else {
                parameters.unknown.get_or_insert_with(|| name.to_owned());
                continue;
            };
            let value = value.replace('+', " ");
            let decoded = percent_decode_str(&value).decode_utf8().map_err(|_| {
                invalid(format!("`{name}` is not UTF-8 once its percent-encoding is undone"))
            })?;
            match slot {
                None => *slot = Some(decoded.into_owned()),
                Some(names) if is_list(name) => {
                    names.push(',');
                    names.push_str(&decoded);
                }
                Some(_) => return Err(repeated(name)),
            }
        }
        Ok(parameters)
    }

    /// Reads a SearchRequest (R56; RFC 7644 §3.4.3).
    pub fn of_body(body: Map<String, Value>, reading: &mut Reading) -> Result<Self, Error> {
        let mut parameters = Self::default();
        for (name, value) in body {
            if name.eq_ignore_ascii_case("schemas") {
                continue;
            }
            let Some((name, slot)) = parameters.slot(&name) else {
                parameters.unknown.get_or_insert(name);
                continue;
            };
            *slot = match value {
                Value::Null => None,
                value if is_list(name) => Some(names(name, value, reading)?),
                Value::Number(number) if is_number(name) => Some(number.to_string()),
                Value::String(text) if !is_number(name) || reading.allows(Leniency::NumberText) => {
                    Some(text)
                }
                other => {
                    let found = found(&other);
                    let expected = if is_number(name) { "a whole number" } else { "text" };
                    return Err(invalid(format!("`{name}`: found {found}, expected {expected}")));
                }
            };
        }
        parameters.known(reading)
    }

    /// Those that SCIM does not define are ignored where that may be (Entra keeps its own in every URL), also
    /// when they are not UTF-8.
    pub fn known(self, reading: &mut Reading) -> Result<Self, Error> {
        match &self.unknown {
            Some(name) if !reading.allows(Leniency::UnknownParameter) => {
                let name = cut(name);
                Err(invalid(format!(
                    "`{name}` is no parameter of SCIM, expected it to be left out"
                )))
            }
            _ => Ok(self),
        }
    }

    fn slot(&mut self, name: &str) -> Option<(&'static str, &mut Option<String>)> {
        let slots = [
            ("filter", &mut self.filter),
            ("startIndex", &mut self.start_index),
            ("count", &mut self.count),
            ("cursor", &mut self.cursor),
            ("sortBy", &mut self.sort_by),
            ("sortOrder", &mut self.sort_order),
            ("attributes", &mut self.attributes),
            ("excludedAttributes", &mut self.excluded_attributes),
        ];
        slots.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The search. Over a type that is not served (`None`) the filter is only parsed.
    pub fn query(
        &self,
        kind: Option<&ResourceType>,
        reading: &mut Reading,
    ) -> Result<Query, Error> {
        let filter = match (self.filter(reading)?, kind) {
            (Some(filter), Some(kind)) => Some(filter.canonical(kind, reading)?),
            (filter, _) => filter,
        };
        Ok(Query {
            filter,
            start: self.start()?,
            count: self.count()?,
            sort: match (self.sort()?, kind) {
                (Some(Sort { by, descending }), Some(kind)) => {
                    let sort = Sort { by: kind.canonical(&by).unwrap_or(by), descending };
                    Sorter::new(&sort, kind)?;
                    Some(sort)
                }
                _ => None,
            },
        })
    }

    /// The filter, parsed and not yet checked.
    pub fn filter(&self, reading: &mut Reading) -> Result<Option<Filter>, Error> {
        self.filter.as_deref().map(|text| parse(text, reading)).transpose()
    }

    /// RFC 7644 §3.4.2.4, R38: below 0 is 0.
    pub fn count(&self) -> Result<Option<usize>, Error> {
        number("count", self.count.as_deref())
    }

    /// RFC 7644 §3.4.2.4, RFC 9865 §2 and §3 (R107): one way of paging or the other. What both together would mean is not
    /// defined (X10). A search that names neither is paged by index, as it was before there were cursors
    /// (RFC 9865 §2.4).
    pub fn start(&self) -> Result<Start, Error> {
        let index = number("startIndex", self.start_index.as_deref())?;
        match (index, &self.cursor) {
            (Some(_), Some(_)) => {
                Err(invalid("expected `cursor` or `startIndex`, found both".to_owned()))
            }
            (None, Some(cursor)) => Ok(Start::Cursor(cursor.trim().to_owned())),
            // Below 1 is 1.
            (index, None) => Ok(Start::Index(index.unwrap_or(1).max(1))),
        }
    }

    /// RFC 7644 §3.4.2.3, R57; not yet checked. Without `sortBy` a `sortOrder` orders nothing.
    pub fn sort(&self) -> Result<Option<Sort>, Error> {
        let given = |text: &&str| !text.is_empty();
        let by = self.sort_by.as_deref().map(str::trim).filter(given);
        let Some(by) = by else { return Ok(None) };
        let by =
            AttributePath::parse(by).map_err(|problem| invalid(format!("`sortBy`: {problem}")))?;
        let order = self.sort_order.as_deref().map(str::trim).filter(given).unwrap_or("ascending");
        let descending = order.eq_ignore_ascii_case("descending");
        if !descending && !order.eq_ignore_ascii_case("ascending") {
            let found = cut(order);
            let detail = format!("`sortOrder`: found `{found}`, expected ascending or descending");
            return Err(invalid(detail));
        }
        Ok(Some(Sort { by, descending }))
    }

    /// What the client wants to see. With both parameters, which exclude each other (X4; RFC 7644 §3.9), `attributes` is
    /// heeded. Names that are not served select nothing.
    pub fn projection(&self, kind: &ResourceType) -> Result<Projection, Error> {
        let given = |text: &&str| !text.trim().is_empty();
        let only = self.attributes.as_deref().filter(given);
        let except = self.excluded_attributes.as_deref().filter(given);
        match (only, except) {
            (Some(text), _) => paths("attributes", text, kind).map(Projection::Only),
            (None, Some(text)) => paths("excludedAttributes", text, kind).map(Projection::Except),
            (None, None) => Ok(Projection::Default),
        }
    }
}

/// Whether it holds names.
fn is_list(name: &str) -> bool {
    matches!(name, "attributes" | "excludedAttributes")
}

fn is_number(name: &str) -> bool {
    matches!(name, "startIndex" | "count")
}

/// The names in a SearchRequest, which is a list of text there (§3.4.3), as a query has them. One that is dropped
/// in silence would be shown, or hidden, against the client's word.
fn names(name: &str, sent: Value, reading: &mut Reading) -> Result<String, Error> {
    let wrong = |sent: &Value| {
        invalid(format!("`{name}`: found {}, expected a list of attribute names", found(sent)))
    };
    match sent {
        Value::Array(names) => {
            let texts = names.iter().map(|each| each.as_str().ok_or_else(|| wrong(each)));
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join(","))
        }
        Value::String(text) if reading.allows(Leniency::SingleForList) => Ok(text),
        other => Err(wrong(&other)),
    }
}

fn repeated(name: &str) -> Error {
    let (kind, remedy) = match name {
        "filter" => (ScimType::InvalidFilter, "expected one; `and` and `or` join them"),
        _ => (ScimType::InvalidValue, "expected it once"),
    };
    Error::bad(kind, format!("`{name}`: found twice, {remedy}"))
}

/// Each is looked for at each attribute of each resource of a page; a user with all the RFC's attributes and
/// their parts has fewer than a hundred.
const MAX_NAMES: usize = 200;

fn paths(name: &str, text: &str, kind: &ResourceType) -> Result<Vec<AttributePath>, Error> {
    let mut paths = Vec::new();
    let parts = || text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let count = parts().count();
    if count > MAX_NAMES {
        let detail = format!("`{name}`: found {count} names, expected at most {MAX_NAMES}");
        return Err(invalid(detail));
    }
    for part in parts() {
        let path = AttributePath::parse(part)
            .map_err(|problem| invalid(format!("`{name}`: {problem}")))?;
        paths.extend(kind.canonical(&path));
    }
    Ok(paths)
}

/// Larger numbers are read as this one: no list is so long, clients keep positions in 32 bits, and
/// what is added to a position later cannot overflow.
const LARGEST: usize = i32::MAX as usize;

/// A whole number; negative ones are 0 (R38), which as a position means the first (R36; RFC 7644 §3.4.2.4).
fn number(name: &str, text: Option<&str>) -> Result<Option<usize>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let found = cut(text);
        return Err(invalid(format!("`{name}`: found `{found}`, expected a whole number")));
    }
    Ok(Some(if negative { 0 } else { digits.parse().unwrap_or(LARGEST).min(LARGEST) }))
}

fn invalid(detail: String) -> Error {
    Error::bad(ScimType::InvalidValue, detail)
}
