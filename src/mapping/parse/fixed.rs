//! `fixed:`: the resources of a kind that the vendor has no call for, listed in the mapping.

use super::texts::Texts;
use crate::{
    mapping::{
        document::{FixedSection, FormSection, OperationsSection, ResourceSection},
        keys,
        plan::{IdBy, OnMatch, Owns, Unmapped},
    },
    upstream::record::FieldPath,
    yaml::{Fields, Kind, Node, Spanned},
};

/// A resource with `fixed`.
pub fn resource(
    texts: &Texts<'_>,
    name: Spanned<String>,
    mut fields: Fields<'_>,
) -> Option<ResourceSection> {
    no_records(texts, &mut fields, "fixed", "is the same everywhere");
    fields.text("about");
    let endpoint = fields.text("endpoint");
    let schema = fields.text("schema");
    let node = fields.node("fixed");
    fields.finish();
    let node = node?;
    // Licences may be many; they are looked at one by one.
    let entries = match &node.kind {
        Kind::List(items) if !items.is_empty() => items,
        _ => texts.items(node, "resources, e.g. `{ id: full, displayName: Full seat }`"),
    };
    let all = entries.iter().filter_map(|node| entry(texts, node)).collect();
    Some(ResourceSection { endpoint, schema, form: FormSection::Fixed(all), ..bare(name)? })
}

/// Refuses what says how a vendor's records are read: `form` has none.
pub fn no_records(texts: &Texts<'_>, fields: &mut Fields<'_>, form: &str, why: &str) {
    let help = format!("keep one: what is {form} {why}, and no vendor is asked");
    texts.apart(fields, form, &keys::RESOURCE, &help);
}

/// A resource of which no vendor has a record.
pub fn bare(name: Spanned<String>) -> Option<ResourceSection> {
    Some(ResourceSection {
        endpoint: None,
        schema: None,
        key: FieldPath::parse("id").ok()?,
        id: IdBy::Key,
        exists: None,
        matches: Vec::new(),
        on_match: Spanned { value: OnMatch::Conflict, span: name.span },
        managed: None,
        outside: Vec::new(),
        owns: Spanned { value: Owns::All, span: name.span },
        unmapped: Unmapped::Ignore,
        rules: Vec::new(),
        failed: Vec::new(),
        compared: Vec::new(),
        fields: Vec::new(),
        operations: OperationsSection::default(),
        form: FormSection::Records,
        name,
    })
}

fn entry(texts: &Texts<'_>, node: &Node) -> Option<FixedSection> {
    let mut fields = Fields::open(texts.reader, node, &keys::FIXED_ENTRY)?;
    let id = fields.text("id")?;
    // A path cannot name them: RFC 3986 §5.2.4 takes both for steps.
    if matches!(id.value.as_str(), "" | "." | "..") {
        let help = "paths cannot name it: e.g. `id: admin`";
        texts.expected(id.span, "an id that a path can hold", &id.value, help);
        return None;
    }
    let attributes = fields.rest().into_iter();
    let attributes = attributes.map(|(key, node)| (key.text.clone(), node.to_json())).collect();
    Some(FixedSection { id, attributes, span: node.span })
}
