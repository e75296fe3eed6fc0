//! A place in a vendor's record, as a mapping writes it and as an expression reads it.

use serde_json::{Map, Value};

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member.
    Name(String),
    /// The first element of a list.
    First,
}

/// The way from a record to one of its values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place(Vec<Step>);

impl Place {
    /// Members in members.
    pub fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Step::Name((*name).to_owned())).collect())
    }

    /// The first element of the list there.
    pub fn first(mut self) -> Self {
        self.0.push(Step::First);
        self
    }

    /// What lies further on.
    pub fn then(mut self, names: &[&str]) -> Self {
        self.0.extend(Self::of(names).0);
        self
    }

    /// The outermost member.
    pub fn top(&self) -> &str {
        match self.0.first() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }

    /// Whether it is the value itself.
    pub fn is_here(&self) -> bool {
        self.0.is_empty()
    }

    /// As a field path: `emails.0.address`, `"a.b".c`, and `.` for the value itself.
    pub fn path(&self) -> String {
        if self.is_here() {
            return ".".to_owned();
        }
        let steps = self.0.iter().map(|step| match step {
            Step::First => "0".to_owned(),
            Step::Name(name) if is_bare(name) => name.clone(),
            Step::Name(name) => format!("\"{name}\""),
        });
        steps.collect::<Vec<_>>().join(".")
    }

    /// As an expression, from a name in scope: `fields.emails[0]`.
    pub fn expression(&self, from: &str) -> String {
        self.0.iter().fold(from.to_owned(), |told, step| match step {
            Step::First => format!("{told}[0]"),
            Step::Name(name) if is_member(name) => format!("{told}.{name}"),
            Step::Name(name) => {
                format!("{told}['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
            }
        })
    }

    /// What stands there.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::First => value.get(0),
        })
    }

    /// A value with nothing but this in it.
    pub fn holding(&self, value: Value) -> Value {
        self.0.iter().rev().fold(value, |inner, step| match step {
            Step::First => Value::Array(vec![inner]),
            Step::Name(name) => Value::Object(Map::from_iter([(name.clone(), inner)])),
        })
    }

    /// Puts a value there, beside what is there already.
    pub fn put(&self, into: &mut Value, value: Value) {
        laid_over(into, self.holding(value));
    }
}

/// Objects are joined member by member, lists element by element; the rest is replaced.
fn laid_over(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                laid_over(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(under), Value::Array(over)) => {
            for (at, value) in over.into_iter().enumerate() {
                match under.get_mut(at) {
                    Some(element) => laid_over(element, value),
                    None => under.push(value),
                }
            }
        }
        (under, over) => *under = over,
    }
}

/// A name that stands in a field path as it is. One of digits alone would be a position in a list.
fn is_bare(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(fits)
}

/// A name that stands behind a dot in an expression.
fn is_member(name: &str) -> bool {
    /// Words of the expression language itself.
    const TAKEN: [&str; 4] = ["in", "true", "false", "null"];
    is_bare(name) && !name.contains('-') && !TAKEN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_is_a_path_an_expression_and_a_value() {
        let table = [
            (Place::of(&["email"]), "email", "fields.email", json!({"email": 1})),
            (
                Place::of(&["emails"]).first(),
                "emails.0",
                "fields.emails[0]",
                json!({"emails": [1]}),
            ),
            (
                Place::of(&["e"]).first().then(&["a-b"]),
                "e.0.a-b",
                "fields.e[0]['a-b']",
                json!({"e": [{"a-b": 1}]}),
            ),
            (
                Place::of(&["a.b", "7"]),
                "\"a.b\".\"7\"",
                "fields['a.b']['7']",
                json!({"a.b": {"7": 1}}),
            ),
            (Place::of(&["in"]), "in", "fields['in']", json!({"in": 1})),
            (Place::default(), ".", "fields", json!(1)),
        ];
        for (place, path, expression, value) in table {
            assert_eq!(place.path(), path);
            assert_eq!(place.expression("fields"), expression);
            assert_eq!(place.holding(json!(1)), value);
            assert_eq!(place.get(&value), Some(&json!(1)));
        }
    }

    #[test]
    fn what_is_put_joins_what_is_there() {
        let mut value = json!({"a": {"b": 1}, "l": [{"x": 1}]});
        Place::of(&["a", "c"]).put(&mut value, json!(2));
        Place::of(&["l"]).first().then(&["y"]).put(&mut value, json!(3));
        assert_eq!(value, json!({"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 3}]}));
    }
}
