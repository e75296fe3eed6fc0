//! What is meant by a value of the wrong kind, where that can be told.

use super::{
    Kind, Node,
    shape::{Shape, Takes},
};

/// A longer text is not repeated in a remedy.
const LINE: usize = 80;

/// What is most often meant by a text where a map is expected: the variant of that name, or the only key that must
/// be there, with the text as its value.
pub fn around(shape: &Shape, node: &Node) -> Option<String> {
    let Kind::Text(text) = &node.kind else { return None };
    if let Some(known) = shape.keys().find(|known| known.name == text && !known.example.is_empty())
    {
        return Some(format!("say `{{ {text}: {} }}`", known.example));
    }
    let mut must = shape.keys().filter(|known| known.must);
    let known = match (must.next(), must.next(), &shape.choice) {
        (Some(only), None, _) => only,
        (None, _, Some(choice)) => shape.find(choice.of.first()?)?,
        _ => return None,
    };
    if !matches!(known.takes, Takes::Text | Takes::Words(_) | Takes::Notation(_) | Takes::Like(..))
        || text.len() > LINE
    {
        return Some(format!("e.g. `{{ {}: {} }}`", known.name, known.example));
    }
    let plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    match text.starts_with(char::is_alphanumeric) && text.chars().all(plain) {
        true => Some(format!("say `{{ {}: {text} }}`", known.name)),
        false => Some(format!("say `{{ {}: {text:?} }}`", known.name)),
    }
}

/// The whole number that is meant: `"1"`, `1.0`.
pub fn whole(kind: &Kind) -> Option<f64> {
    let meant = match kind {
        Kind::Number(number) => number.as_f64()?,
        Kind::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // Beyond this a person did not mean to count.
    (meant.fract() == 0.0 && (0.0..1e9).contains(&meant)).then_some(meant)
}
