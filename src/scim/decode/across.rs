//! A search of all kinds at once -> Across (RFC 7644 §3.4.2.1).

use super::query::Parameters;
use crate::scim::{
    error::{Error, ScimType},
    filter::narrow::{Narrowed, known, narrowed},
    message::{Across, Part, Query},
    reading::Reading,
    resource_type::ResourceTypes,
    sort::{Sort, Sorter},
};
use std::sync::Arc;

/// Reads it. Errors: 400 for a filter or an order that no kind has.
pub fn read(
    parameters: &Parameters,
    types: &ResourceTypes,
    reading: &mut Reading,
) -> Result<Across, Error> {
    let filter = parameters.filter(reading)?;
    if let Some(filter) = &filter {
        known(filter, types)?;
    }
    let sort = parameters.sort()?;
    if let Some(sort) = &sort {
        sortable(sort, types)?;
    }
    let mut parts = Vec::new();
    for kind in types.iter() {
        let filter = match &filter {
            None => None,
            Some(filter) => match narrowed(filter, kind, reading)? {
                Narrowed::Nothing => continue,
                Narrowed::Everything => None,
                Narrowed::Filter(filter) => Some(filter),
            },
        };
        let projection = Arc::new(parameters.projection(kind)?);
        parts.push(Part { kind: kind.name.clone(), filter, projection });
    }
    let query = Query { filter, start: parameters.start()?, count: parameters.count()?, sort };
    Ok(Across { query, parts })
}

/// One kind that can be sorted is enough, and none may tell what is never returned (X5).
fn sortable(sort: &Sort, types: &ResourceTypes) -> Result<(), Error> {
    let tried: Vec<_> = types.iter().map(|kind| Sorter::new(sort, kind).map(drop)).collect();
    let sensitive = |error: &&Error| error.scim_type == Some(ScimType::Sensitive);
    let errors = || tried.iter().filter_map(|tried| tried.as_ref().err());
    match errors().find(sensitive).or_else(|| errors().next()) {
        Some(error) if sensitive(&error) || tried.iter().all(Result::is_err) => Err(error.clone()),
        _ => Ok(()),
    }
}
