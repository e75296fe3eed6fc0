//! The table of functions: a closed list, each with its usage and an example that is a test.
//! Nothing random, no clock, no I/O.

use super::{
    EvalError,
    value::{equal, is_whole, type_name},
};
use crate::upstream::record::text_of;
use serde_json::{Number, Value};
use std::{borrow::Cow, ops::RangeInclusive};

/// One function of the language. A receiver (`x.f(y)`) is the first argument.
#[derive(Debug)]
pub struct Function {
    /// How it is called.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What comes of it, in words.
    pub about: &'static str,
    /// An expression and what comes of it.
    pub example: (&'static str, &'static str),
    /// How many arguments it takes.
    pub takes: RangeInclusive<usize>,
    /// What it does.
    pub run: Run,
}

/// How a function comes to its value.
#[derive(Debug)]
pub enum Run {
    /// Over the values of all its arguments.
    Values(fn(&[Cow<'_, Value>]) -> Result<Value, EvalError>),
    /// The first argument that is assigned; those behind it are not evaluated.
    FirstAssigned,
}

/// Arguments of `coalesce` at most: a choice, not a table.
const MANY: usize = 16;

/// All of them.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "size",
        usage: "size(list or text or map)",
        about: "how many; of a text its characters",
        example: ("size([1, 2])", "2"),
        takes: 1..=1,
        run: Run::Values(size),
    },
    Function {
        name: "contains",
        usage: "text.contains(part)",
        about: "whether the part is in it; of a list, whether it has the item",
        example: ("'abc'.contains('b')", "true"),
        takes: 2..=2,
        run: Run::Values(|a| part(a, |text, part| text.contains(part))),
    },
    Function {
        name: "startsWith",
        usage: "text.startsWith(part)",
        about: "whether it begins so",
        example: ("'abc'.startsWith('a')", "true"),
        takes: 2..=2,
        run: Run::Values(|a| part(a, |text, part| text.starts_with(part))),
    },
    Function {
        name: "endsWith",
        usage: "text.endsWith(part)",
        about: "whether it ends so",
        example: ("'abc'.endsWith('c')", "true"),
        takes: 2..=2,
        run: Run::Values(|a| part(a, |text, part| text.ends_with(part))),
    },
    Function {
        name: "int",
        usage: "int(x)",
        about: "a whole number of a text, a number (cut) or a boolean",
        example: ("int('7')", "7"),
        takes: 1..=1,
        run: Run::Values(int),
    },
    Function {
        name: "double",
        usage: "double(x)",
        about: "the same as `number`",
        example: ("double('1.5')", "1.5"),
        takes: 1..=1,
        run: Run::Values(number),
    },
    Function {
        name: "string",
        usage: "string(x)",
        about: "the same as `text`",
        example: ("string(7)", "\"7\""),
        takes: 1..=1,
        run: Run::Values(text),
    },
    Function {
        name: "bool",
        usage: "bool(x)",
        about: "`true` of `true` and `1`, `false` of `false` and `0`",
        example: ("bool('true')", "true"),
        takes: 1..=1,
        run: Run::Values(boolean),
    },
    Function {
        name: "coalesce",
        usage: "coalesce(a, b, ..)",
        about: "the first that is assigned",
        example: ("coalesce(null, '', 'x')", "\"x\""),
        takes: 1..=MANY,
        run: Run::FirstAssigned,
    },
    Function {
        name: "join",
        usage: "join(list, separator)",
        about: "one text of those that are assigned",
        example: ("join(['a', null, 'b'], ' ')", "\"a b\""),
        takes: 2..=2,
        run: Run::Values(join),
    },
    Function {
        name: "split",
        usage: "split(text, separator)",
        about: "the parts of a text; none of null",
        example: ("split('a,b', ',')", "[\"a\",\"b\"]"),
        takes: 2..=2,
        run: Run::Values(split),
    },
    Function {
        name: "first",
        usage: "first(list)",
        about: "the first item; null of none",
        example: ("first([1, 2])", "1"),
        takes: 1..=1,
        run: Run::Values(|a| Ok(list(a, 0)?.first().cloned().unwrap_or_default())),
    },
    Function {
        name: "last",
        usage: "last(list)",
        about: "the last item; null of none",
        example: ("last([1, 2])", "2"),
        takes: 1..=1,
        run: Run::Values(|a| Ok(list(a, 0)?.last().cloned().unwrap_or_default())),
    },
    Function {
        name: "primary",
        usage: "primary(list)",
        about: "the element marked primary, else the first",
        example: ("primary([{'v': 1}, {'v': 2, 'primary': true}]).v", "2"),
        takes: 1..=1,
        run: Run::Values(primary),
    },
    Function {
        name: "of_type",
        usage: "of_type(list, 'work')",
        about: "the first element of that `type`, in any case",
        example: ("of_type([{'type': 'home', 'v': 1}, {'type': 'work', 'v': 2}], 'work').v", "2"),
        takes: 2..=2,
        run: Run::Values(of_type),
    },
    Function {
        name: "number",
        usage: "number(text)",
        about: "the number of a text, digits exact",
        example: ("number('9007199254740993')", "9007199254740993"),
        takes: 1..=1,
        run: Run::Values(number),
    },
    Function {
        name: "text",
        usage: "text(x)",
        about: "the text of a number or boolean, digits exact",
        example: ("text(9007199254740993)", "\"9007199254740993\""),
        takes: 1..=1,
        run: Run::Values(text),
    },
    Function {
        name: "lower",
        usage: "lower(text)",
        about: "in lower case",
        example: ("lower('ÅB')", "\"åb\""),
        takes: 1..=1,
        run: Run::Values(|a| cased(a, |text| text.to_lowercase())),
    },
    Function {
        name: "upper",
        usage: "upper(text)",
        about: "in upper case",
        example: ("upper('åb')", "\"ÅB\""),
        takes: 1..=1,
        run: Run::Values(|a| cased(a, |text| text.to_uppercase())),
    },
    Function {
        name: "trim",
        usage: "trim(text)",
        about: "without blanks around",
        example: ("trim(' a ')", "\"a\""),
        takes: 1..=1,
        run: Run::Values(|a| cased(a, |text| text.trim().to_owned())),
    },
    Function {
        name: "json",
        usage: "json(x)",
        about: "any value as JSON in a text",
        example: ("json({'a': 1})", "\"{\\\"a\\\":1}\""),
        takes: 1..=1,
        run: Run::Values(|a| Ok(Value::String(at(a, 0).to_string()))),
    },
    Function {
        name: "merge",
        usage: "merge(a, b)",
        about: "both, deep; the second wins, and lists are replaced whole",
        example: ("merge({'a': {'b': 1}}, {'a': {'c': 2}}).a.b", "1"),
        takes: 2..=2,
        run: Run::Values(merge),
    },
    Function {
        name: "without",
        usage: "without(map, ['name'])",
        about: "the map without these members",
        example: ("has(without({'a': 1}, ['a']).a)", "false"),
        takes: 2..=2,
        run: Run::Values(without),
    },
];

/// What the grammar has beside them: each with its usage, what comes of it, and an example.
pub static MACROS: &[Macro] = &[
    Macro {
        usage: "has(x.name)",
        about: "whether it is there, and not null",
        example: ("has({'a': null}.a)", "false"),
    },
    Macro {
        usage: "list.exists(x, condition)",
        about: "whether it holds for one",
        example: ("[1, 2].exists(x, x > 1)", "true"),
    },
    Macro {
        usage: "list.exists_one(x, condition)",
        about: "whether it holds for exactly one",
        example: ("[1, 2].exists_one(x, x > 0)", "false"),
    },
    Macro {
        usage: "list.all(x, condition)",
        about: "whether it holds for all",
        example: ("[1, 2].all(x, x > 0)", "true"),
    },
    Macro {
        usage: "list.filter(x, condition)",
        about: "those for which it holds",
        example: ("[1, 2].filter(x, x > 1)", "[2]"),
    },
    Macro {
        usage: "list.map(x, expression)",
        about: "what comes of each",
        example: ("[1, 2].map(x, x * 2)", "[2,4]"),
    },
    Macro {
        usage: "text.matches('pattern')",
        about: "whether the regular expression, a constant, is found in it",
        example: ("'a7'.matches('[0-9]$')", "true"),
    },
];

/// What is written like a function, and is none: its arguments are not values.
#[derive(Debug)]
pub struct Macro {
    /// How it is written.
    pub usage: &'static str,
    /// What comes of it, in words.
    pub about: &'static str,
    /// An expression and what comes of it.
    pub example: (&'static str, &'static str),
}

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// All names, for "did you mean".
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

fn at<'a>(arguments: &'a [Cow<'_, Value>], position: usize) -> &'a Value {
    arguments.get(position).map_or(&Value::Null, |value| value)
}

fn wrong(expected: &str, found: &Value) -> EvalError {
    EvalError::new(format!("expected {expected}, found {}", type_name(found)))
}

/// Whether a value is there: null, `""` and `[]` are not.
pub fn assigned(value: &Value) -> bool {
    !matches!(value, Value::Null)
        && value.as_str() != Some("")
        && value != &Value::Array(Vec::new())
}

fn list<'a>(arguments: &'a [Cow<'_, Value>], position: usize) -> Result<&'a [Value], EvalError> {
    match at(arguments, position) {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(&[]),
        other => Err(wrong("a list", other)),
    }
}

fn str_at<'a>(arguments: &'a [Cow<'_, Value>], position: usize) -> Result<&'a str, EvalError> {
    let value = at(arguments, position);
    value.as_str().ok_or_else(|| wrong("a text", value))
}

fn size(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    match at(arguments, 0) {
        Value::Array(items) => Ok(Value::from(items.len())),
        Value::Object(members) => Ok(Value::from(members.len())),
        Value::String(text) => Ok(Value::from(text.chars().count())),
        Value::Null => Ok(Value::from(0)),
        other => Err(wrong("a list, a text or a map", other)),
    }
}

fn part(
    arguments: &[Cow<'_, Value>],
    holds: impl Fn(&str, &str) -> bool,
) -> Result<Value, EvalError> {
    // `list.contains(x)` is what people write for `x in list`.
    if let (Value::Array(items), wanted) = (at(arguments, 0), at(arguments, 1)) {
        return Ok(Value::Bool(items.iter().any(|item| equal(item, wanted))));
    }
    Ok(Value::Bool(holds(str_at(arguments, 0)?, str_at(arguments, 1)?)))
}

fn int(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    let value = at(arguments, 0);
    let whole = match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            // Whole doubles below 2^63 are exact, and what is beyond is no int.
            let whole = number.as_f64()?.trunc();
            let fits = !is_whole(number) && whole.abs() < 9_223_372_036_854_775_808.0;
            fits.then_some(whole as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(value) => Some(i64::from(*value)),
        _ => None,
    };
    whole.map(Value::from).ok_or_else(|| wrong("a whole number", value))
}

fn number(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    match at(arguments, 0) {
        Value::Number(number) => Ok(Value::Number(number.clone())),
        Value::Null => Ok(Value::Null),
        Value::String(text) => serde_json::from_str::<Number>(text.trim())
            .map(Value::Number)
            .map_err(|_| EvalError::new("expected the text of a number")),
        other => Err(wrong("the text of a number", other)),
    }
}

fn text(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    match at(arguments, 0) {
        Value::Null => Ok(Value::Null),
        value => text_of(value).map(Value::String).ok_or_else(|| wrong("a single value", value)),
    }
}

fn boolean(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    let value = at(arguments, 0);
    match text_of(value).map(|text| text.to_lowercase()).as_deref() {
        Some("true" | "1") => Ok(Value::Bool(true)),
        Some("false" | "0") => Ok(Value::Bool(false)),
        _ => Err(wrong("true or false", value)),
    }
}

fn join(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    let separator = str_at(arguments, 1)?;
    let parts = list(arguments, 0)?.iter().filter(|item| assigned(item));
    let parts = parts.map(|item| text_of(item).ok_or_else(|| wrong("a list of texts", item)));
    Ok(Value::String(parts.collect::<Result<Vec<_>, _>>()?.join(separator)))
}

fn split(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    if at(arguments, 0).is_null() {
        return Ok(Value::Array(Vec::new()));
    }
    let (text, separator) = (str_at(arguments, 0)?, str_at(arguments, 1)?);
    if separator.is_empty() {
        return Err(EvalError::new("the separator is empty"));
    }
    Ok(text.split(separator).map(Value::from).collect())
}

fn primary(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    let items = list(arguments, 0)?;
    let marked = items.iter().find(|item| item.get("primary") == Some(&Value::Bool(true)));
    Ok(marked.or(items.first()).cloned().unwrap_or_default())
}

fn of_type(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    let wanted = str_at(arguments, 1)?;
    let is_it = |item: &&Value| {
        item.get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
    };
    Ok(list(arguments, 0)?.iter().find(is_it).cloned().unwrap_or_default())
}

fn cased(
    arguments: &[Cow<'_, Value>],
    change: impl Fn(&str) -> String,
) -> Result<Value, EvalError> {
    match at(arguments, 0) {
        Value::Null => Ok(Value::Null),
        _ => str_at(arguments, 0).map(|text| Value::String(change(text))),
    }
}

/// Deep; the second wins; lists are replaced whole.
fn merge(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    fn over(one: &Value, other: &Value) -> Value {
        match (one, other) {
            (Value::Object(one), Value::Object(other)) => {
                let mut all = one.clone();
                for (name, value) in other {
                    let merged =
                        one.get(name).map_or_else(|| value.clone(), |old| over(old, value));
                    all.insert(name.clone(), merged);
                }
                Value::Object(all)
            }
            (_, other) => other.clone(),
        }
    }
    match (at(arguments, 0), at(arguments, 1)) {
        (Value::Null, other) => Ok(other.clone()),
        (one, Value::Null) => Ok(one.clone()),
        (one @ Value::Object(_), other @ Value::Object(_)) => Ok(over(one, other)),
        (one, _) => Err(wrong("two maps", one)),
    }
}

fn without(arguments: &[Cow<'_, Value>]) -> Result<Value, EvalError> {
    let Value::Object(members) = at(arguments, 0) else {
        return Err(wrong("a map", at(arguments, 0)));
    };
    let names = list(arguments, 1)?;
    let kept =
        members.iter().filter(|(name, _)| !names.iter().any(|gone| gone.as_str() == Some(name)));
    Ok(Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
}
