//! `generate`: what may be made up, and what must not stand beside it.

use super::Compiler;
use crate::{
    mapping::{
        document::{KindSection, RuleSection},
        plan::{Direction, Passage},
        translate::passage,
    },
    scim::schema::{Attribute, Type},
};
use serde_json::Value;

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
    // What it is made of matters to a converter, and what exactly does not.
    let some = generate.value.make(|bytes| {
        bytes.fill(7);
        true
    });
    let some = some.map(|some| Value::from(some.expose()));
    if some.is_some_and(|some| passage::write(passage, &some).is_err()) {
        let message = format!("`convert` of `{path}` does not take what is generated");
        let help = "leave the converter out: a generated value is letters, digits and symbols";
        cx.error("M216", generate.span, message, Some(help.to_owned()));
    }
}
