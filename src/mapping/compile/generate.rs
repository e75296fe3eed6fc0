//! `generate`: what may be made up, and what must not stand beside it.

use super::Compiler;
use crate::{
    mapping::{
        document::{KindSection, RuleSection},
        generate::Recipe,
        plan::{Direction, Passage},
        translate::passage,
    },
    scim::schema::{Attribute, Type},
};
use serde_json::Value;

/// Values that are held against a pattern: what one in ten would break is found.
const SAMPLES: usize = 64;

/// The `generate` of one rule, where it has one.
pub fn check(
    cx: &mut Compiler<'_>,
    section: &RuleSection,
    passage: &Passage,
    attribute: &Attribute,
) {
    let Some(generate) = &section.generate else { return };
    let path = &section.path.value;
    let excluded = [
        ("values", !section.values.is_empty()),
        ("default", section.default.is_some()),
        ("write", matches!(section.kind, KindSection::Field { write: Some(_), .. })),
    ];
    for (key, _) in excluded.iter().filter(|(_, said)| *said) {
        let message = format!("`generate` and `{key}` exclude each other");
        let help = "keep one: each says what is written where the client sends nothing".to_owned();
        cx.error("M106", generate.span, message, Some(help));
    }
    // Of what never writes it is told already that `generate` does nothing there.
    if !matches!(section.kind, KindSection::Field { .. } | KindSection::List { .. }) {
        return;
    }
    if attribute.multi_valued || attribute.kind != Type::String {
        let message = format!("`generate` makes a text, and `{path}` is none");
        cx.error("M210", generate.span, message, Some("leave `generate` out".to_owned()));
        return;
    }
    if !matches!(section.direction, Some(Direction::Write | Direction::Read)) {
        let message = format!("`{path}` is generated and would be read, and so returned");
        let help = "say `direction: write`: what is made up is nobody's to see".to_owned();
        cx.error("M220", generate.span, message, Some(help));
    }
    let some = samples(&generate.value);
    if let Some(pattern) = &attribute.pattern
        && some.iter().any(|some| !pattern.is_match(some))
    {
        let message = format!("what is generated for `{path}` does not match its `pattern`");
        let help = "say in `length`, `needs` and `avoid` what the pattern asks for".to_owned();
        cx.error("M221", generate.span, message, Some(help));
    }
    // What it is made of matters to a converter, and what exactly does not.
    let some = some.into_iter().next().map(Value::from);
    if some.is_some_and(|some| passage::write(passage, &some).is_err()) {
        let message = format!("`convert` of `{path}` does not take what is generated");
        let help = "leave the converter out: a generated value is letters, digits and symbols";
        cx.error("M216", generate.span, message, Some(help.to_owned()));
    }
}

/// Some values of a recipe, the same each time.
fn samples(recipe: &Recipe) -> Vec<String> {
    // Numerical Recipes' generator: what is thrown here is nobody's password.
    let mut state: u32 = 7;
    let mut throw = |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [*byte, ..] = state.to_be_bytes();
        }
        true
    };
    (0..SAMPLES).filter_map(|_| Some(recipe.make(&mut throw)?.expose().to_owned())).collect()
}
