//! The one table of a mapping's keys: what each container may hold, what each value is, and what it
//! says. Parser, findings, JSON Schema and reference are made of it; the checks judge what it cannot.

mod call;
mod converter;
mod document;
mod errors;
mod login;
mod lookup;
mod operation;
mod outside;
mod paging;
mod passed;
mod resource;
mod rule;
mod schemas;
mod upstream;

pub use call::{CALL, OPERATION, SEVERAL, STEP, UNDO};
pub use converter::{CONVERTER, DATE, SAMPLES, Sample};
pub use document::{MAPPING, VARIABLE};
pub use errors::ERROR_ROW;
pub use login::{LOGIN, SEND};
pub use lookup::{BY_KEY, LOOKUP};
pub use operation::{
    CREATE, CREATE_FORMS, CREATING, DELETE_FORMS, FIND_FORMS, FINDING, GET_FORMS, LINKED, LIST,
    LIST_FORMS, LISTING, MANY_FORMS, MANY_STEP, OPERATIONS, RUN, SCAN, SCANNED, UPDATE_FORMS,
    UPDATING,
};
pub use outside::OUTSIDE;
pub use paging::{CURSOR, LINK, NEXT_URL, OFFSET, PAGE, PAGING};
pub use passed::PASSED;
pub use resource::{FIXED, FIXED_ENTRY, KEPT, RESOURCE, RESOURCE_FORMS, VALUES, VALUES_OF};
pub use rule::{FIELD, GENERATE, RULE};
pub use schemas::{ATTRIBUTE, SCHEMA};
pub use upstream::{API_KEY, AUTH, BASIC, BEARER, LIMITS, OAUTH2, RETRIES, TLS, UPSTREAM};

use crate::yaml::shape::{Known, Notation, Takes, may};

const TEMPLATE: Takes = Takes::Notation(Notation::Template);
const EXPRESSION: Takes = Takes::Notation(Notation::Expression);
const FIELD_PATH: Takes = Takes::Notation(Notation::FieldPath);
const ATTRIBUTE_PATH: Takes = Takes::Notation(Notation::AttributePath);
const PLACE: Takes = Takes::Notation(Notation::Place);

/// How bodies are written.
const ENCODING: Takes = Takes::Words(&["json", "form"]);

/// How sure the author is.
const EVIDENCE: [&str; 3] = ["documented", "seen", "assumed"];

/// Prose stands on most containers.
const ABOUT: Known = may("about", Takes::Text, "prose for who reads the file", "ask Ann for a key");
