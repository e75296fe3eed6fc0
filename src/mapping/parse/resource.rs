//! One entry of `resources:`.

use super::{fixed, kept, operation, outside, rule, texts::Texts, values};
use crate::{
    diagnostic::Span,
    mapping::{
        document::{Failed, FormSection, OperationsSection, ResourceSection},
        keys,
        path::RulePath,
        plan::{Evidence, IdBy, OnMatch, Owns, Unmapped},
    },
    upstream::record::FieldPath,
    yaml::{Fields, Node, Spanned},
};

/// Names in scope where a Record is judged.
const RECORD: [&str; 2] = ["record", "tenant"];

/// All of them, in file order.
pub fn resources(texts: &Texts<'_>, node: &Node, evidence: Evidence) -> Vec<ResourceSection> {
    let mut sections = Vec::new();
    for (key, node) in texts.entries(node, "resources by name") {
        texts.enter(sections.len());
        let name = Spanned { value: key.text.clone(), span: key.span };
        sections.extend(resource(texts, name, node, evidence));
    }
    sections
}

fn resource(
    texts: &Texts<'_>,
    name: Spanned<String>,
    node: &Node,
    evidence: Evidence,
) -> Option<ResourceSection> {
    let mut fields = Fields::open_form(texts.reader, node, &keys::RESOURCE_FORMS)?;
    if fields.has("fixed") {
        return fixed::resource(texts, name, fields);
    }
    if fields.has("kept") {
        return kept::resource(texts, name, fields);
    }
    if fields.has("values_of") {
        return values::resource(texts, name, fields);
    }
    texts.unsupported(&mut fields);
    fields.text("about");
    let key = fields.node("key").and_then(|node| texts.key_path(node));
    let attributes = fields.node("attributes");
    // Operations among the rules are told there: that they are missing here is no further mistake.
    let sunk = attributes.is_some_and(|node| node.get("operations").is_some());
    let rules = attributes.map(|node| rule::attributes(texts, node));
    let operations = match sunk && !fields.has("operations") {
        true => None,
        false => fields.node("operations"),
    };
    let section = ResourceSection {
        endpoint: fields.text("endpoint"),
        schema: fields.text("schema"),
        id: id(&mut fields),
        exists: texts.expression_at(&mut fields, "exists", &RECORD),
        matches: fields.node("match").map(|node| matches(texts, node)).unwrap_or_default(),
        on_match: on_match(&mut fields, name.span),
        managed: texts.expression_at(&mut fields, "managed", &RECORD),
        outside: fields
            .node("outside")
            .map(|node| outside::outside(texts, node))
            .unwrap_or_default(),
        owns: owns(&mut fields, name.span),
        unmapped: unmapped(&mut fields),
        failed: if rules.is_some() { texts.take_failed() } else { vec![Failed::Any] },
        rules: rules.unwrap_or_default(),
        fields: fields.node("fields").map(|node| rule::fields(texts, node)).unwrap_or_default(),
        operations: match operations {
            Some(node) => operation::operations(texts, node, &name.value, evidence),
            None => OperationsSection::default(),
        },
        compared: texts.take_compared(),
        form: FormSection::Records,
        // A key that is wrong was told; what refers to this resource is no further mistake.
        key: key.map(|key| key.value).or_else(|| FieldPath::parse("id").ok())?,
        name,
    };
    fields.finish();
    Some(section)
}

fn id(fields: &mut Fields<'_>) -> IdBy {
    match fields.word("id").map(|word| word.value) {
        Some("link") => IdBy::Link,
        _ => IdBy::Key,
    }
}

fn matches(texts: &Texts<'_>, node: &Node) -> Vec<Spanned<RulePath>> {
    texts
        .items(node, "attribute paths")
        .iter()
        .filter_map(|node| {
            let text = texts.text(node, "an attribute path")?;
            Some(Spanned { value: texts.rule_path(&text.value, node.span)?, span: node.span })
        })
        .collect()
}

fn on_match(fields: &mut Fields<'_>, otherwise: Span) -> Spanned<OnMatch> {
    match fields.word("on_match") {
        Some(word) if word.value == "adopt" => Spanned { value: OnMatch::Adopt, span: word.span },
        word => {
            let span = word.map_or(otherwise, |word| word.span);
            Spanned { value: OnMatch::Conflict, span }
        }
    }
}

fn owns(fields: &mut Fields<'_>, otherwise: Span) -> Spanned<Owns> {
    match fields.word("owns") {
        Some(word) if word.value == "linked" => Spanned { value: Owns::Linked, span: word.span },
        word => Spanned { value: Owns::All, span: word.map_or(otherwise, |word| word.span) },
    }
}

fn unmapped(fields: &mut Fields<'_>) -> Unmapped {
    match fields.word("unmapped").map(|word| word.value) {
        Some("kept") => Unmapped::Keep,
        Some("reject") => Unmapped::Reject,
        _ => Unmapped::Ignore,
    }
}
