//! `generate`: how a value is made up.

use super::texts::Texts;
use crate::{
    diagnostic::{did_you_mean, nearest},
    mapping::{
        generate::{Class, LENGTHS, Recipe},
        keys,
    },
    yaml::{Fields, Node, Spanned},
};
use std::borrow::Cow;

/// The recipe at the key `generate`, where it can be read.
pub fn recipe(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<Spanned<Recipe>> {
    let node = fields.node("generate")?;
    let mut fields = Fields::open(texts.reader, node, &keys::GENERATE)?;
    let length = fields.integer("length").filter(|length| {
        let fits = LENGTHS.contains(&length.value);
        if !fits {
            let lengths = format!("a length from {} to {}", LENGTHS.start(), LENGTHS.end());
            texts.expected(length.span, &lengths, &length.value.to_string(), "e.g. `length: 16`");
        }
        fits
    });
    let needs = fields.node("needs").map(|node| needs(texts, node)).unwrap_or_default();
    let avoid = fields.text("avoid");
    fields.finish();
    let avoided = avoid.as_ref().map_or(node.span, |avoid| avoid.span);
    let avoid = avoid.map(|avoid| avoid.value).unwrap_or_default();
    match Recipe::new(usize::try_from(length?.value).ok()?, needs, avoid) {
        Ok(recipe) => Some(Spanned { value: recipe, span: node.span }),
        Err(why) => {
            texts.error("M104", avoided, why, Some("avoid fewer characters".to_owned()));
            None
        }
    }
}

fn needs(texts: &Texts<'_>, node: &Node) -> Vec<Class> {
    let mut needs = Vec::new();
    for item in texts.items(node, "kinds of characters") {
        let Some(word) = texts.text(item, "a kind of character") else { continue };
        match Class::NAMED.into_iter().find(|(name, _)| *name == word.value) {
            Some((_, class)) if needs.contains(&class) => {
                let message = format!("`{}` stands twice in `needs`", word.value);
                texts.error("M102", word.span, message, Some("name it once".to_owned()));
            }
            Some((_, class)) => needs.push(class),
            None => unknown(texts, &word),
        }
    }
    needs
}

/// A word of other languages, or a typo.
fn unknown(texts: &Texts<'_>, word: &Spanned<Cow<'_, str>>) {
    let habits = [
        ("number", "digit"),
        ("special", "symbol"),
        ("uppercase", "upper"),
        ("lowercase", "lower"),
    ];
    let habit = habits.iter().find(|(habit, _)| *habit == word.value).map(|(_, meant)| *meant);
    let meant = habit.or_else(|| nearest(&word.value, Class::NAMED.map(|(name, _)| name)));
    let message = format!("expected upper, lower, digit or symbol, found `{}`", word.value);
    let help = meant.map(did_you_mean);
    texts.error("M104", word.span, message, help);
}
