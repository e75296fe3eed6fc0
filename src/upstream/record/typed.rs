//! Whether a JSONPath query is well typed (RFC 9535 §2.4.3). The parser takes what is not; it would find nothing,
//! or everything.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, Test,
    TestFunction,
};

/// What is ill-typed, if anything.
pub fn fault(query: &JpQuery) -> Option<String> {
    segments(&query.segments)
}

fn segments(all: &[Segment]) -> Option<String> {
    all.iter().find_map(|segment| match segment {
        Segment::Descendant(inner) => segments(std::slice::from_ref(inner)),
        Segment::Selector(selector) => self::selector(selector),
        Segment::Selectors(selectors) => selectors.iter().find_map(selector),
    })
}

fn selector(selector: &Selector) -> Option<String> {
    match selector {
        Selector::Filter(filter) => self::filter(filter),
        _ => None,
    }
}

fn filter(filter: &Filter) -> Option<String> {
    match filter {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().find_map(self::filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => self::filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => test(expr),
        Filter::Atom(FilterAtom::Comparison(comparison)) => compared(comparison),
    }
}

/// A test is a query or a function that says yes or no.
fn test(test: &Test) -> Option<String> {
    match test {
        Test::RelQuery(inner) => segments(inner),
        Test::AbsQuery(query) => fault(query),
        Test::Function(function) => match value_of(function) {
            Some(name) => {
                Some(format!("`{name}(...)` is a value: compare it, as `{name}(...) == 1`"))
            }
            None => arguments(function),
        },
    }
}

/// What is compared is a value.
fn compared(comparison: &Comparison) -> Option<String> {
    let (left, right) = comparison.vals();
    [left, right].into_iter().find_map(|side| match side {
        Comparable::Literal(_) | Comparable::SingularQuery(_) => None,
        Comparable::Function(function) => match value_of(function) {
            Some(_) => arguments(function),
            None => {
                Some(format!("`{function}` says yes or no: it stands alone, without a comparison"))
            }
        },
    })
}

/// The name of a function that gives a value.
fn value_of(function: &TestFunction) -> Option<&'static str> {
    match function {
        TestFunction::Length(_) => Some("length"),
        TestFunction::Count(_) => Some("count"),
        TestFunction::Value(_) => Some("value"),
        TestFunction::Custom(..) | TestFunction::Search(..) | TestFunction::Match(..) => None,
    }
}

fn arguments(function: &TestFunction) -> Option<String> {
    match function {
        TestFunction::Length(argument) => value("length", argument),
        TestFunction::Count(argument) => nodes("count", argument),
        TestFunction::Value(argument) => nodes("value", argument),
        TestFunction::Search(text, pattern) => {
            value("search", text).or_else(|| value("search", pattern))
        }
        TestFunction::Match(text, pattern) => {
            value("match", text).or_else(|| value("match", pattern))
        }
        TestFunction::Custom(name, _) => Some(format!("`{name}` is no function of RFC 9535")),
    }
}

/// ValueType: a literal, a query that finds at most one, or a function that gives a value.
fn value(name: &str, argument: &FnArg) -> Option<String> {
    let many = |found: &[Segment]| {
        let wrong = (!found.iter().all(singular)).then(|| {
            format!("`{name}` takes one value, and its query may find many: `value(...)` makes one")
        });
        segments(found).or(wrong)
    };
    match argument {
        FnArg::Literal(_) => None,
        FnArg::Filter(_) => Some(format!("`{name}` takes a value, not a condition")),
        FnArg::Test(test) => match &**test {
            Test::RelQuery(found) => many(found),
            Test::AbsQuery(query) => many(&query.segments),
            Test::Function(function) => match value_of(function) {
                Some(_) => arguments(function),
                None => Some(format!("`{name}` takes a value, not a condition")),
            },
        },
    }
}

/// NodesType: a query.
fn nodes(name: &str, argument: &FnArg) -> Option<String> {
    match argument {
        FnArg::Test(test) if !matches!(**test, Test::Function(_)) => self::test(test),
        _ => Some(format!("`{name}` takes a query, such as `@.members[*]`")),
    }
}

fn singular(segment: &Segment) -> bool {
    matches!(segment, Segment::Selector(Selector::Name(_) | Selector::Index(_)))
}

#[cfg(test)]
mod tests {
    use crate::upstream::record::Locator;

    #[test]
    fn what_is_ill_typed_is_told() {
        // Those of RFC 9535 §2.4.3's table, and their kin.
        for text in [
            "$[?length(@) < 3]",
            "$[?count(@.*) == 1]",
            "$[?match(@.timezone, 'Europe/.*')]",
            "$[?value(@..color) == 'red']",
            "$[?length(value(@..color)) == 3]",
            "$.d[?@.t == 'b' && !search(@.i, '[0-9]')].i",
            "$[?count(@[?length(@.a) > 1]) > 1]",
        ] {
            assert!(Locator::parse(text).is_ok(), "{text}: {:?}", Locator::parse(text));
        }
        for (text, says) in [
            ("$[?length(@.*) < 3]", "may find many"),
            ("$[?length(@.a)]", "compare it"),
            ("$[?count(@.*)]", "compare it"),
            ("$[?value(@..color)]", "compare it"),
            ("$[?match(@.timezone, 'Europe/.*') == true]", "no JSONPath"),
            ("$[?match(@.*, 'x')]", "may find many"),
            ("$[?count('x') == 1]", "JSONPath"),
            ("$.a[?@.b && count(@[?length(@.*) > 1]) > 1]", "may find many"),
            ("$..[?length(@..a) > 1]", "may find many"),
        ] {
            let fault = Locator::parse(text).unwrap_err();
            assert!(fault.message.contains(says), "{text}: {}", fault.message);
        }
    }
}
