//! Where an expression passes a whole map on: all its members go with it, those that nobody meant too.

use super::term::Term;
use serde_json::Value;

/// For each place where the map of this name goes on as a whole: the members that `without` takes out of it there.
pub fn passed<'t>(term: &'t Term, name: &str) -> Vec<Vec<&'t str>> {
    let mut found = Vec::new();
    walk(term, name, &[], &mut found);
    found
}

fn walk<'t>(term: &'t Term, name: &str, out: &[&'t str], found: &mut Vec<Vec<&'t str>>) {
    let mut each = |terms: &mut dyn Iterator<Item = &'t Term>| {
        terms.for_each(|term| walk(term, name, &[], found));
    };
    match term {
        Term::Name(own) if own == name => found.push(out.to_vec()),
        Term::Name(_) | Term::Literal(_) => {}
        // One member of it is no whole.
        Term::Select(operand, _) | Term::Has(operand, _) => {
            if !is(operand, name) {
                walk(operand, name, &[], found);
            }
        }
        Term::Index(operand, index) => {
            let operand = Some(&**operand).filter(|operand| !is(operand, name));
            each(&mut operand.into_iter().chain([&**index]));
        }
        Term::Call(function, arguments) => match (function.name, arguments.as_slice()) {
            ("without", [map, members]) => {
                let out: Vec<&str> = out.iter().copied().chain(texts(members)).collect();
                walk(map, name, &out, found);
            }
            ("merge", [one, other]) => {
                walk(one, name, out, found);
                walk(other, name, out, found);
            }
            _ => each(&mut arguments.iter()),
        },
        Term::Conditional(parts) => {
            let [condition, yes, no] = &**parts;
            walk(condition, name, &[], found);
            walk(yes, name, out, found);
            walk(no, name, out, found);
        }
        Term::And(sides) | Term::Or(sides) | Term::Binary(_, sides) => each(&mut sides.iter()),
        Term::Not(operand) | Term::Matches(operand, _) => walk(operand, name, &[], found),
        Term::List(items) => each(&mut items.iter()),
        Term::Map(entries) => each(&mut entries.iter().flat_map(|(key, value)| [key, value])),
        Term::Loop(inner) => {
            let parts = [&inner.range, &inner.begin, &inner.condition, &inner.step, &inner.result];
            each(&mut parts.into_iter());
        }
    }
}

fn is(term: &Term, name: &str) -> bool {
    matches!(term, Term::Name(own) if own == name)
}

/// The texts of a list that is written out.
fn texts(list: &Term) -> Vec<&str> {
    let Term::List(items) = list else { return Vec::new() };
    let text = items.iter().map(|item| match item {
        Term::Literal(Value::String(text)) => Some(text.as_str()),
        _ => None,
    });
    text.flatten().collect()
}
