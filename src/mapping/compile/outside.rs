//! `outside`: what runs when one leaves.

use super::{Compiler, operations};
use crate::{
    mapping::{
        document::{OutsideSection, ThenSection},
        plan::{Claimed, Leaving, Operations, Outside, Then},
    },
    yaml::Spanned,
};

/// The rows of one kind of resource.
pub fn rows(
    cx: &mut Compiler<'_>,
    sections: Vec<OutsideSection>,
    operations: &Operations,
) -> Vec<Outside> {
    sections.into_iter().filter_map(|section| row(cx, section, operations)).collect()
}

fn row(cx: &mut Compiler<'_>, section: OutsideSection, operations: &Operations) -> Option<Outside> {
    let place = cx.place(section.span);
    if !operations.write() {
        let message = "`outside` judges what is written, and nothing of its kind is";
        let help = "leave it out, or add `create` or an `update`".to_owned();
        cx.error("M217", section.span, message, Some(help));
        return None;
    }
    let then = match section.then {
        ThenSection::Reject(detail) => Then::Reject(detail),
        ThenSection::Skip(None) => Then::Skip(Leaving::AsItIs),
        ThenSection::Skip(Some(run)) => Then::Skip(leaving(cx, &run, operations)?),
    };
    Some(Outside { when: section.when, then, place })
}

fn leaving(
    cx: &mut Compiler<'_>,
    run: &Spanned<String>,
    operations: &Operations,
) -> Option<Leaving> {
    if run.value == "delete" {
        if operations.delete.is_none() {
            let message = "`leaving` runs `delete`, and there is none";
            let help = "name one of `update`, or add `delete` to `operations`".to_owned();
            cx.error("M409", run.span, message, Some(help));
            return None;
        }
        return Some(Leaving::Delete);
    }
    let index = operations::named(cx, "leaving", run, &operations.update)?;
    let claims = operations.update.get(index).and_then(|update| update.operation.claims.as_ref());
    let mut claims = claims.into_iter().flatten();
    // It runs for what it makes of the record, and everything else about him is no longer the vendor's.
    if !cx.gaps.claims && !claims.any(|claim| matches!(claim.what, Claimed::Becomes(_))) {
        let message = format!("`leaving: {0}` does nothing: `{0}` claims no transition", run.value);
        let help = "name one that does, e.g. with `claims: [active becomes false]`".to_owned();
        cx.error("M217", run.span, message, Some(help));
        return None;
    }
    Some(Leaving::Update(index))
}
