//! Term + Scope -> value. Nothing is copied until a result is made.
//!
//! Selecting what is absent, from null or from what is no map gives null; null counts as false
//! where a truth is wanted and as an empty list where a list is walked. Other type errors fail.

use super::{
    EvalError, Scope,
    functions::{Run, assigned},
    term::{Loop, Operator, Term},
    value::{compare, equal, is_whole, type_name},
};
use crate::upstream::record::text_of;
use serde_json::{Map, Number, Value};
use std::{borrow::Cow, cmp::Ordering, sync::atomic::AtomicUsize};

type Result<'a> = std::result::Result<Cow<'a, Value>, EvalError>;

const NULL: &Value = &Value::Null;

/// The value of a term.
pub fn term<'a>(term: &'a Term, scope: &Scope<'a>) -> Result<'a> {
    match term {
        Term::Literal(value) => Ok(Cow::Borrowed(value)),
        Term::Name(name) => Ok(Cow::Borrowed(scope.get(name).unwrap_or(NULL))),
        Term::Select(operand, member) => Ok(select(self::term(operand, scope)?, member)),
        Term::Has(operand, member) => {
            let found = select(self::term(operand, scope)?, member);
            Ok(owned(!found.is_null()))
        }
        Term::Index(operand, index) => {
            let index = self::term(index, scope)?;
            let operand = self::term(operand, scope)?;
            self::index(operand, &index)
        }
        Term::Conditional(parts) => {
            let [condition, yes, no] = &**parts;
            let chosen = if truth(condition, scope)? { yes } else { no };
            self::term(chosen, scope)
        }
        Term::And(sides) => both(sides, scope, false),
        Term::Or(sides) => both(sides, scope, true),
        Term::Not(operand) => Ok(owned(!truth(operand, scope)?)),
        Term::Binary(operator, sides) => {
            let [left, right] = &**sides;
            let (left, right) = (self::term(left, scope)?, self::term(right, scope)?);
            binary(*operator, left, &right)
        }
        Term::Matches(text, pattern) => match &*self::term(text, scope)? {
            Value::String(text) => Ok(owned(pattern.is_match(text))),
            other => Err(wrong("matches", "a text", other)),
        },
        Term::Call(function, arguments) => match function.run {
            Run::Values(run) => {
                let values = arguments.iter().map(|argument| self::term(argument, scope));
                let values = values.collect::<std::result::Result<Vec<_>, _>>()?;
                run(&values).map(Cow::Owned)
            }
            Run::FirstAssigned => first_assigned(arguments, scope),
        },
        Term::List(items) => {
            let items = items.iter().map(|item| copied(self::term(item, scope)?, scope));
            Ok(Cow::Owned(Value::Array(items.collect::<std::result::Result<_, _>>()?)))
        }
        Term::Map(entries) => map(entries, scope),
        Term::Loop(inner) => walk(inner, scope),
    }
}

fn first_assigned<'a>(arguments: &'a [Term], scope: &Scope<'a>) -> Result<'a> {
    for argument in arguments {
        let value = term(argument, scope)?;
        if assigned(&value) {
            return Ok(value);
        }
    }
    Ok(Cow::Borrowed(NULL))
}

fn owned<'a>(value: impl Into<Value>) -> Cow<'a, Value> {
    Cow::Owned(value.into())
}

fn select<'a>(operand: Cow<'a, Value>, member: &str) -> Cow<'a, Value> {
    match operand {
        Cow::Borrowed(value) => Cow::Borrowed(value.get(member).unwrap_or(NULL)),
        Cow::Owned(mut value) => {
            Cow::Owned(value.get_mut(member).map(Value::take).unwrap_or_default())
        }
    }
}

fn index<'a>(operand: Cow<'a, Value>, index: &Value) -> Result<'a> {
    match index {
        Value::String(member) => Ok(select(operand, member)),
        Value::Number(number) => {
            // Beyond the end, or negative: absent.
            let position = number.as_u64().and_then(|position| usize::try_from(position).ok());
            Ok(match (operand, position) {
                (Cow::Borrowed(value), Some(at)) => Cow::Borrowed(value.get(at).unwrap_or(NULL)),
                (Cow::Owned(mut value), Some(at)) => {
                    Cow::Owned(value.get_mut(at).map(Value::take).unwrap_or_default())
                }
                (_, None) => Cow::Borrowed(NULL),
            })
        }
        Value::Null => Ok(Cow::Borrowed(NULL)),
        other => Err(wrong("an index", "a number or a text", other)),
    }
}

/// A truth; null counts as false.
fn truth<'a>(condition: &'a Term, scope: &Scope<'a>) -> std::result::Result<bool, EvalError> {
    match &*term(condition, scope)? {
        Value::Bool(value) => Ok(*value),
        Value::Null => Ok(false),
        other => Err(wrong("a condition", "true or false", other)),
    }
}

/// `&&` and `||`: as CEL has it, an error on one side does not matter when the other decides.
fn both<'a>(sides: &'a [Term; 2], scope: &Scope<'a>, decides: bool) -> Result<'a> {
    let [left, right] = sides;
    match truth(left, scope) {
        Ok(value) if value == decides => Ok(owned(decides)),
        Ok(_) => truth(right, scope).map(owned),
        Err(error) => match truth(right, scope) {
            Ok(value) if value == decides => Ok(owned(decides)),
            _ => Err(error),
        },
    }
}

fn binary<'a>(operator: Operator, left: Cow<'a, Value>, right: &Value) -> Result<'a> {
    let ordered = |wanted: &[Ordering]| {
        let order = order(&left, right)?;
        Ok(owned(wanted.contains(&order)))
    };
    match operator {
        Operator::Equal => Ok(owned(equal(&left, right))),
        Operator::NotEqual => Ok(owned(!equal(&left, right))),
        Operator::Less => ordered(&[Ordering::Less]),
        Operator::LessOrEqual => ordered(&[Ordering::Less, Ordering::Equal]),
        Operator::Greater => ordered(&[Ordering::Greater]),
        Operator::GreaterOrEqual => ordered(&[Ordering::Greater, Ordering::Equal]),
        Operator::In => match right {
            Value::Array(items) => Ok(owned(items.iter().any(|item| equal(item, &left)))),
            Value::Object(members) => {
                Ok(owned(left.as_str().is_some_and(|name| members.contains_key(name))))
            }
            Value::Null => Ok(owned(false)),
            other => Err(wrong("in", "a list or a map on its right", other)),
        },
        Operator::Add => add(left, right),
        _ => arithmetic(operator, &left, right).map(Cow::Owned),
    }
}

fn order(left: &Value, right: &Value) -> std::result::Result<Ordering, EvalError> {
    let order = match (left, right) {
        (Value::Number(one), Value::Number(other)) => compare(one, other),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        _ => None,
    };
    order.ok_or_else(|| {
        EvalError::new(format!("{} and {} have no order", type_name(left), type_name(right)))
    })
}

fn add<'a>(left: Cow<'a, Value>, right: &Value) -> Result<'a> {
    match (left, right) {
        (Cow::Owned(Value::Array(mut items)), Value::Array(more)) => {
            items.extend(more.iter().cloned());
            Ok(Cow::Owned(Value::Array(items)))
        }
        (left, right) => match (&*left, right) {
            (Value::Array(items), Value::Array(more)) => {
                Ok(Cow::Owned(items.iter().chain(more).cloned().collect()))
            }
            (Value::String(one), Value::String(other)) => Ok(owned([one.as_str(), other].concat())),
            (one, other) => arithmetic(Operator::Add, one, other).map(Cow::Owned),
        },
    }
}

fn arithmetic(
    operator: Operator,
    left: &Value,
    right: &Value,
) -> std::result::Result<Value, EvalError> {
    let (Value::Number(one), Value::Number(other)) = (left, right) else {
        let message = format!("cannot calculate with {} and {}", type_name(left), type_name(right));
        return Err(EvalError::new(message));
    };
    // Nothing is rounded in silence: ids beyond 64 bits are compared, joined and passed on by their digits.
    if [one, other].into_iter().any(|number| is_whole(number) && number.as_i64().is_none()) {
        let message = "cannot calculate with a whole number of more than 64 bits";
        return Err(EvalError::new(message));
    }
    if let (Some(one), Some(other)) = (one.as_i64(), other.as_i64()) {
        let result = match operator {
            Operator::Add => one.checked_add(other),
            Operator::Subtract => one.checked_sub(other),
            Operator::Multiply => one.checked_mul(other),
            Operator::Divide => one.checked_div(other),
            _ => one.checked_rem(other),
        };
        return result
            .map(Value::from)
            .ok_or_else(|| EvalError::new("the result of a calculation is no number"));
    }
    let (one, other) = (one.as_f64().unwrap_or(f64::NAN), other.as_f64().unwrap_or(f64::NAN));
    let result = match operator {
        Operator::Add => one + other,
        Operator::Subtract => one - other,
        Operator::Multiply => one * other,
        Operator::Divide => one / other,
        _ => one % other,
    };
    Number::from_f64(result)
        .map(Value::Number)
        .ok_or_else(|| EvalError::new("the result of a calculation is no number"))
}

fn map<'a>(entries: &'a [(Term, Term)], scope: &Scope<'a>) -> Result<'a> {
    let mut members = Map::new();
    for (key, value) in entries {
        let key = term(key, scope)?;
        let name = text_of(&key).ok_or_else(|| wrong("a map's key", "a text", &key))?;
        members.insert(name, copied(term(value, scope)?, scope)?);
    }
    Ok(Cow::Owned(Value::Object(members)))
}

/// Turns of a macro, and of all that stand in it, at most: two nested ones over a group of a thousand
/// members. More would keep a request's thread for seconds.
const TURNS: usize = 1_000_000;

/// A macro: the accumulator goes round once for each element.
fn walk<'a>(inner: &'a Loop, scope: &Scope<'a>) -> Result<'a> {
    let range = term(&inner.range, scope)?;
    let keys: Vec<Value>;
    let items: &[Value] = match &*range {
        Value::Array(items) => items,
        Value::Null => &[],
        Value::Object(members) => {
            keys = members.keys().map(|name| Value::String(name.clone())).collect();
            &keys
        }
        other => return Err(wrong("a macro", "a list or a map", other)),
    };
    let own = AtomicUsize::new(0);
    let scope = scope.clone().counting(&own);
    let turn = || match scope.turns(|| 1) {
        turns if turns > TURNS => {
            Err(EvalError::new(format!("a macro goes round more than {TURNS} times")))
        }
        _ => Ok(()),
    };
    if let Some((condition, gathered)) = gathers(inner) {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            turn()?;
            let inside = scope.clone().with(&inner.element, item);
            if condition.map_or(Ok(true), |condition| truth(condition, &inside))? {
                list.push(copied(term(gathered, &inside)?, &inside)?);
            }
        }
        return Ok(Cow::Owned(Value::Array(list)));
    }
    let mut accumulated = term(&inner.begin, &scope)?.into_owned();
    for item in items {
        turn()?;
        let inside =
            scope.clone().with(&inner.element, item).with(&inner.accumulator, &accumulated);
        if !truth(&inner.condition, &inside)? {
            break;
        }
        let next = term(&inner.step, &inside)?.into_owned();
        drop(inside);
        accumulated = next;
    }
    let inside = scope.with(&inner.accumulator, &accumulated);
    Ok(Cow::Owned(term(&inner.result, &inside)?.into_owned()))
}

/// A value of its own. Lists and maps that are copied in a macro count with its turns, or each turn could copy the
/// whole record.
fn copied<'a>(value: Cow<'a, Value>, scope: &Scope<'a>) -> std::result::Result<Value, EvalError> {
    if let Cow::Borrowed(list @ (Value::Array(_) | Value::Object(_))) = &value
        && scope.turns(|| parts(list)) > TURNS
    {
        return Err(EvalError::new(format!("a macro copies more than {TURNS} values")));
    }
    Ok(value.into_owned())
}

/// The values within a value, itself included.
fn parts(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(parts).sum::<usize>(),
        _ => 1,
    }
}

/// What `map` and `filter` add to their list in each turn, and when: in place, for a list that is copied
/// for each of its elements takes the square of its length.
pub(super) fn gathers<'l>(inner: &'l Loop) -> Option<(Option<&'l Term>, &'l Term)> {
    let is_list = |term: &Term| matches!(term, Term::Name(name) if *name == inner.accumulator);
    let added = |term: &'l Term| {
        let Term::Binary(Operator::Add, sides) = term else { return None };
        let [list, Term::List(items)] = &**sides else { return None };
        let [item] = items.as_slice() else { return None };
        is_list(list).then_some(item)
    };
    let (condition, step) = match &inner.step {
        Term::Conditional(parts) => {
            let [condition, yes, no] = &**parts;
            if !is_list(no) {
                return None;
            }
            (Some(condition), yes)
        }
        step => (None, step),
    };
    is_list(&inner.result).then_some((condition, added(step)?))
}

fn wrong(what: &str, expected: &str, found: &Value) -> EvalError {
    EvalError::new(format!("{what} wants {expected}, found {}", type_name(found)))
}
