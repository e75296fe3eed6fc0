//! An OpenAPI 3 document, read for what stands in it: paths, parameters, bodies and fields.

mod document;
mod operation;
mod part;
mod shape;

pub use document::{Document, LARGEST, read};
pub use operation::{Operation, Parameter, operations};
pub use part::Part;
pub use shape::{Field, Kind, element, kind, shape};
