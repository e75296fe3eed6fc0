//! `outside`: what runs when one leaves.

use super::{Compiler, operations};
use crate::mapping::{
    document::{OutsideSection, ThenSection},
    plan::{Leaving, Operations, Outside, Then},
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
        ThenSection::Skip(Some(run)) if run.value == "delete" => {
            if operations.delete.is_none() {
                let message = "`leaving` runs `delete`, and there is none";
                let help = "name one of `update`, or add `delete` to `operations`".to_owned();
                cx.error("M409", run.span, message, Some(help));
                return None;
            }
            Then::Skip(Leaving::Delete)
        }
        ThenSection::Skip(Some(run)) => {
            let index = operations::named(cx, "leaving", &run, &operations.update)?;
            Then::Skip(Leaving::Update(index))
        }
    };
    Some(Outside { when: section.when, then, place })
}
