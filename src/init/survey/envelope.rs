//! What stands around a record or a list in an answer and in a body.

use super::{identity::is_person, place::Place};
use crate::init::openapi::{Field, Kind, Part, element, kind, shape};

/// Members that are looked into: `data.user` is as deep as envelopes are.
const DEEPEST: usize = 2;
/// Members of one object that are looked into; a record with more is no envelope.
const WIDEST: usize = 40;

/// A record or a list, and where it stands.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// The way to it; nothing where it is the whole.
    pub place: Place,
    /// The fields of the record, or of an element of the list.
    pub fields: Vec<Field<'a>>,
    /// The document says that it may be null.
    pub nullable: bool,
    /// Where the document says so.
    pub said: String,
}

/// The person in an answer or a body.
pub fn record<'a>(schema: &Part<'a>) -> Option<Envelope<'a>> {
    // What has people in it is around them, and no person.
    record_of(schema, &|fields| {
        let here = fields.iter().any(|field| field.path.len() == 1 && field.kind != Kind::Object);
        is_person(fields) && (here || attributes(fields))
    })
}

/// A record that is one by its fields.
pub fn record_of<'a>(
    schema: &Part<'a>,
    is_one: &dyn Fn(&[Field<'a>]) -> bool,
) -> Option<Envelope<'a>> {
    within(schema, &[], &|part| {
        let fields = (kind(part) == Kind::Object).then(|| shape(part))?;
        is_one(&fields).then_some(fields)
    })
}

/// JSON:API keeps all but the id one object further in.
fn attributes(fields: &[Field<'_>]) -> bool {
    fields.iter().any(|field| field.path == ["attributes"])
}

/// The list of people in an answer.
pub fn list<'a>(schema: &Part<'a>) -> Option<Envelope<'a>> {
    list_of(schema, &|fields| is_person(fields))
}

/// A list of records that are so by their fields.
pub fn list_of<'a>(
    schema: &Part<'a>,
    is_one: &dyn Fn(&[Field<'a>]) -> bool,
) -> Option<Envelope<'a>> {
    within(schema, &[], &|part| {
        let element = (kind(part) == Kind::Objects).then(|| element(part)).flatten()?;
        let fields = shape(&element);
        is_one(&fields).then_some(fields)
    })
}

fn within<'a>(
    part: &Part<'a>,
    above: &[&'a str],
    wanted: &dyn Fn(&Part<'a>) -> Option<Vec<Field<'a>>>,
) -> Option<Envelope<'a>> {
    if let Some(fields) = wanted(part) {
        let nullable = part.says("nullable")
            || part.value.get("type").is_some_and(|kinds| {
                kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
            });
        let said = part.place.clone();
        return Some(Envelope { place: Place::of(above), fields, nullable, said });
    }
    if above.len() >= DEEPEST {
        return None;
    }
    let members = part.get("properties").map(|all| all.members()).unwrap_or_default();
    members
        .iter()
        .take(WIDEST)
        .find_map(|(name, inner)| within(inner, &[above, &[*name]].concat(), wanted))
}
