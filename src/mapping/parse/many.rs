//! `get_many:`: the calls that read several by their keys.

use super::{
    body::{body, read_again},
    positive,
    step::{Frame, MANY},
    texts::Texts,
};
use crate::{
    mapping::{
        document::{ManySection, OperationSection},
        keys,
        plan::Evidence,
    },
    yaml::{Fields, Node},
};

/// The section.
pub fn many(
    texts: &Texts<'_>,
    node: &Node,
    resource: &str,
    evidence: Evidence,
) -> Option<ManySection> {
    let mut fields = Fields::open_form(texts.reader, node, &keys::MANY_FORMS)?;
    let names = vec!["keys", "tenant", "now"];
    let frame = Frame { resource, kind: MANY, names, evidence, each: None, earlier: false };
    let at_most = positive(&mut fields, "at_most");
    let read_again = read_again(texts, &mut fields);
    let operation = body(texts, &mut fields, node.head, &frame);
    fields.finish();
    let operation = OperationSection { read_again, ..operation? };
    Some(ManySection { operation, at_most: at_most? })
}
