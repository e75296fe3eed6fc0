//! The texts that an expression compares with: what tells one case from another in it.

use super::term::{Operator, Term};
use serde_json::Value;

/// Those of `==`, `!=` and `in`, in the order of the text.
pub fn texts(term: &Term, found: &mut Vec<String>) {
    match term {
        Term::Binary(operator, sides) => {
            for side in sides.iter() {
                if matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In) {
                    literals(side, found);
                }
                texts(side, found);
            }
        }
        Term::Select(inner, _) | Term::Has(inner, _) | Term::Not(inner) => texts(inner, found),
        Term::Matches(inner, _) => texts(inner, found),
        Term::Index(inner, at) => [inner, at].into_iter().for_each(|inner| texts(inner, found)),
        Term::And(sides) | Term::Or(sides) => sides.iter().for_each(|side| texts(side, found)),
        Term::Conditional(parts) => parts.iter().for_each(|part| texts(part, found)),
        Term::Call(_, items) | Term::List(items) => {
            items.iter().for_each(|item| texts(item, found));
        }
        Term::Map(entries) => entries.iter().for_each(|(key, value)| {
            texts(key, found);
            texts(value, found);
        }),
        Term::Loop(inner) => {
            let parts = [&inner.range, &inner.begin, &inner.condition, &inner.step, &inner.result];
            parts.into_iter().for_each(|part| texts(part, found));
        }
        Term::Literal(_) | Term::Name(_) => {}
    }
}

/// A text, or those of a list.
fn literals(term: &Term, found: &mut Vec<String>) {
    match term {
        Term::Literal(Value::String(text)) => found.push(text.clone()),
        Term::List(items) => items.iter().for_each(|item| literals(item, found)),
        _ => {}
    }
}
