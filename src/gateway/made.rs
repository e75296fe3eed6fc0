//! Values that are made up for the vendor, and kept from everybody else.

use crate::{mapping::generate::Recipe, secret::Secret};

/// At random, as production does: nobody can foretell it.
pub fn at_random(recipe: &Recipe) -> Option<Secret> {
    recipe.make(|bytes| aws_lc_rs::rand::fill(bytes).is_ok())
}

/// The word that stands for it in a rehearsal: what `test` compares must be the same every time, and
/// `explain` says that a value is made up, never which.
pub fn by_name(_: &Recipe) -> Option<Secret> {
    Some(Secret::new("<generated>"))
}
