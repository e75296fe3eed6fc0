//! `kept:` on a resource: Groups of our own, for a vendor that has none.

use super::{fixed, texts::Texts};
use crate::{
    mapping::document::{FormSection, ResourceSection},
    yaml::{Fields, Spanned},
};

/// A resource with `kept: true`.
pub fn resource(
    texts: &Texts<'_>,
    name: Spanned<String>,
    mut fields: Fields<'_>,
) -> Option<ResourceSection> {
    fixed::no_records(texts, &mut fields, "kept", "stands in the store");
    fields.text("about");
    let kept = fields.boolean("kept");
    fields.finish();
    let kept = kept?;
    if !kept.value {
        let help = "leave it out, or say how the vendor's groups are read".to_owned();
        texts.error("M106", kept.span, "`kept` is only written as `true`", Some(help));
        return None;
    }
    if name.value != "Group" {
        let message = format!("`{}` cannot be kept as a whole", name.value);
        let help = "only `Group` can; single attributes are kept by `kept: true` in their rule";
        texts.error("M513", name.span, message, Some(help.to_owned()));
        return None;
    }
    Some(ResourceSection { form: FormSection::Kept, ..fixed::bare(name)? })
}
