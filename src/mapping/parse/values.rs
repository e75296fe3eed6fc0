//! `values_of:`: Groups that are the values of one of a User's attributes.

use super::{fixed, texts::Texts};
use crate::{
    mapping::{
        document::{FormSection, ResourceSection, ValuesSection},
        keys,
    },
    yaml::{Fields, Node, Spanned},
};

/// A resource with `values_of`.
pub fn resource(
    texts: &Texts<'_>,
    name: Spanned<String>,
    mut fields: Fields<'_>,
) -> Option<ResourceSection> {
    let help = "keep one: the Groups are values of the users' own records";
    texts.apart(&mut fields, "values_of", &keys::RESOURCE, help);
    fields.text("about");
    let values = fields.node("values_of").and_then(|node| section(texts, node));
    fields.finish();
    let values = values?;
    if name.value != "Group" {
        let message = format!("`{}` cannot be the values of an attribute", name.value);
        let help = "only `Group` can: who has the value is its member";
        texts.error("M519", name.span, message, Some(help.to_owned()));
        return None;
    }
    Some(ResourceSection { form: FormSection::Values(Box::new(values)), ..fixed::bare(name)? })
}

fn section(texts: &Texts<'_>, node: &Node) -> Option<ValuesSection> {
    let mut fields = Fields::open(texts.reader, node, &keys::VALUES_OF)?;
    let resource = fields.text("resource");
    let attribute = fields.text("attribute").and_then(|text| {
        Some(Spanned { value: texts.rule_path(&text.value, text.span)?, span: text.span })
    });
    let names = fields.node("names").map(|node| names(texts, node));
    let says = |word: Option<Spanned<&str>>, what: &str| word.is_some_and(|it| it.value == what);
    let keeps_empty = says(fields.word("empty"), "keep");
    let moves = says(fields.word("rename"), "move");
    fields.finish();
    Some(ValuesSection { resource: resource?, attribute: attribute?, names, keeps_empty, moves })
}

fn names(texts: &Texts<'_>, node: &Node) -> Vec<Spanned<String>> {
    let names = texts.items(node, "names of Groups").iter();
    let name = |node| {
        let text = texts.text(node, "the name of a Group")?;
        Some(Spanned { value: text.value.into_owned(), span: text.span })
    };
    names.filter_map(name).collect()
}
