//! Writing what was found: the mapping, its tests, and what is told of both.

mod account;
mod call;
mod exchange;
mod fills;
mod group;
mod lists;
mod mapping;
mod page;
mod roster;
mod sample;
mod scalar;
mod told;

use super::{Draft, openapi::Document, survey::Survey};

/// The two files and the report.
pub fn draft(name: &str, survey: &Survey<'_>, document: &Document) -> Draft {
    Draft {
        mapping: mapping::text(name, survey),
        tests: exchange::text(name, survey),
        told: told::lines(survey, document),
    }
}
