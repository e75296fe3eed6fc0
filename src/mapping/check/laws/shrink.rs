//! Shrink: the smallest value that still breaks a law is the one that a person understands.

use crate::scim::compare::instant;
use serde_json::{Number, Value};

/// Values tried at most for one finding: enough for the longest text of the generator, and little
/// enough for a mapping whose every rule is broken.
const STEPS: usize = 150;

/// The smallest value that `breaks` still, reached by steps that each break.
pub fn smallest(value: Value, mut breaks: impl FnMut(&Value) -> bool) -> Value {
    let mut left = STEPS;
    let mut small = value;
    loop {
        let next = smaller(&small).into_iter().find(|one| {
            left = left.saturating_sub(1);
            left > 0 && breaks(one)
        });
        match next {
            Some(next) => small = next,
            None => return small,
        }
    }
}

/// The smallest part of `all` that `breaks` still: halves first, then one by one.
pub fn fewest(all: &[usize], mut breaks: impl FnMut(&[usize]) -> bool) -> Vec<usize> {
    let mut few = all.to_vec();
    let mut size = few.len();
    while size > 0 {
        let mut at = 0;
        while at < few.len() {
            let without: Vec<usize> = few
                .iter()
                .enumerate()
                .filter(|(position, _)| *position < at || *position >= at + size)
                .map(|(_, one)| *one)
                .collect();
            if breaks(&without) {
                few = without;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    few
}

/// Simpler values, the simplest first. None is unassigned: that is another case, not a smaller one.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => texts(text),
        Value::Number(number) => numbers(number),
        Value::Array(items) => {
            let fewer = (0..items.len()).filter(|_| items.len() > 1).map(|gone| {
                let mut items = items.clone();
                items.remove(gone);
                Value::Array(items)
            });
            fewer.chain(replaced(items)).collect()
        }
        Value::Object(members) => {
            let names = members.keys().filter(|_| members.len() > 1);
            let fewer = names.map(|name| {
                let mut members = members.clone();
                members.remove(name);
                Value::Object(members)
            });
            let simpler = members.iter().flat_map(|(name, value)| {
                smaller(value).into_iter().map(move |value| {
                    let mut members = members.clone();
                    members.insert(name.clone(), value);
                    Value::Object(members)
                })
            });
            fewer.chain(simpler).collect()
        }
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// One item simpler.
fn replaced(items: &[Value]) -> Vec<Value> {
    let simpler = items.iter().enumerate().flat_map(|(at, item)| {
        smaller(item).into_iter().map(move |item| {
            let before = items.iter().take(at).cloned();
            before.chain([item]).chain(items.iter().skip(at + 1).cloned()).collect()
        })
    });
    simpler.collect()
}

/// A half, one character less, one character plainer. Blanks around are only kept, never made: a
/// value of nothing but blanks says little.
fn texts(text: &str) -> Vec<Value> {
    // Half a date is none.
    if instant(text).is_some() {
        return Vec::new();
    }
    let characters: Vec<char> = text.chars().collect();
    let half = characters.len() / 2;
    let bare = text.trim() == text;
    let halves = [characters.iter().take(half).collect(), characters.iter().skip(half).collect()];
    let without = (0..characters.len()).map(|gone| {
        let left = characters.iter().enumerate().filter(|(at, _)| *at != gone);
        left.map(|(_, c)| *c).collect()
    });
    let plainer = (0..characters.len()).filter_map(|changed| {
        let c = characters.get(changed).filter(|c| !matches!(c, 'a' | '0' | 'A'))?;
        let plain = match c {
            c if c.is_ascii_digit() => '0',
            c if c.is_uppercase() => 'A',
            _ => 'a',
        };
        let all = characters.iter().enumerate();
        Some(all.map(|(at, c)| if at == changed { plain } else { *c }).collect())
    });
    let shorter = halves.into_iter().filter(|_| half > 0).chain(without);
    let all =
        shorter.chain(plainer).filter(|made: &String| !made.trim().is_empty() && made != text);
    all.filter(|made| !bare || made.trim() == made).map(Value::from).collect()
}

/// Nought, seven, or a digit less.
fn numbers(number: &Number) -> Vec<Value> {
    let text = number.as_str();
    let shorter = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    let simpler = ["0", "7", shorter].into_iter().take_while(|simple| *simple != text);
    simpler
        .filter_map(|simple| serde_json::from_str::<Number>(simple).ok())
        .map(Value::Number)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_still_breaks_is_smallest() {
        let blank = |value: &Value| value.as_str().is_some_and(|text| text.contains(' '));
        assert_eq!(smallest(json!("Zo\u{eb} van Dam"), blank), json!("a a"));
        let upper = |value: &Value| value.as_str().is_some_and(|text| text.to_lowercase() != text);
        assert_eq!(smallest(json!("Abc-DEF_1.2"), upper), json!("A"));
        let big = |value: &Value| value.as_i64().is_some_and(|number| number > 1 << 53);
        assert_eq!(
            smallest(json!(9_007_199_254_740_993_i64), big),
            json!(9_007_199_254_740_993_i64)
        );
        let two = |value: &Value| value.as_array().is_some_and(|items| items.len() > 1);
        let list = json!([{"value": "mia", "type": "work"}, {"value": "bo"}, {"value": "x"}]);
        assert_eq!(smallest(list, two), json!([{"value": "a"}, {"value": "a"}]));
    }

    #[test]
    fn what_never_breaks_otherwise_stays() {
        assert_eq!(smallest(json!("abc"), |_| false), json!("abc"));
        assert_eq!(smallest(json!(true), |_| true), json!(true));
    }

    #[test]
    fn the_fewest_are_found() {
        let both = |some: &[usize]| some.contains(&3) && some.contains(&70);
        assert_eq!(fewest(&(0..100).collect::<Vec<_>>(), both), [3, 70]);
        assert_eq!(fewest(&[1, 2, 3], |_| true), [0; 0]);
        assert_eq!(fewest(&[], |_| true), [0; 0]);
    }
}
