//! One comparison: a value of a filter, and whether a value of a resource stands to it as the operator says
//! (RFC 7644 §3.4.2.2).

use super::Operator;
use crate::scim::{
    attribute::AttributePath,
    compare::{instant, numbers, same_text, texts},
    error::{Error, ScimType},
    schema::{Attribute, Type},
    shown::found,
};
use jiff::Timestamp;
use serde_json::{Number, Value};
use std::{borrow::Cow, cmp::Ordering};

/// A comparison, its value of the attribute's type.
pub struct Comparison<'a> {
    operator: Operator,
    literal: Literal<'a>,
    case_exact: bool,
}

enum Literal<'a> {
    Text(Cow<'a, str>),
    Truth(bool),
    Number(&'a Number),
    Instant(Timestamp),
}

impl<'a> Comparison<'a> {
    /// Refuses a value that the attribute's values cannot be compared with, or not so.
    pub fn new(
        path: &AttributePath,
        leaf: &Attribute,
        operator: Operator,
        value: &'a Value,
    ) -> Result<Self, Error> {
        use Operator::{Contains, EndsWith, Equal, NotEqual, StartsWith};
        if value.is_null() {
            let operator = operator.as_str();
            return Err(invalid(format!("`{operator}` compares with a value, found null")));
        }
        let ill_typed = || {
            let expected = expected(leaf.kind);
            invalid(format!("`{path}` compares with {expected}, found {}", found(value)))
        };
        let literal = Literal::of(leaf.kind, value).ok_or_else(ill_typed)?;
        let fits = match (&literal, leaf.kind, operator) {
            (_, _, Equal | NotEqual) => true,
            (_, _, Contains | StartsWith | EndsWith) => matches!(literal, Literal::Text(_)),
            // R53: RFC 7644 §3.4.2.2, booleans and binaries have no order.
            (_, kind, _) => !matches!(kind, Type::Boolean | Type::Binary),
        };
        if !fits {
            let operator = operator.as_str();
            return Err(invalid(format!("`{path}` cannot be compared by `{operator}`")));
        }
        // What is looked for in many texts is folded once.
        let literal = match literal {
            Literal::Text(text)
                if !leaf.case_exact && matches!(operator, Contains | StartsWith | EndsWith) =>
            {
                Literal::Text(Cow::Owned(text.to_lowercase()))
            }
            other => other,
        };
        Ok(Self { operator, literal, case_exact: leaf.case_exact })
    }

    /// Whether it asks for another value.
    pub fn differs(&self) -> bool {
        self.operator == Operator::NotEqual
    }

    /// Whether it holds for a value.
    pub fn holds(&self, value: &Value) -> bool {
        let Some(order) = self.order(value) else {
            return match (&self.literal, value) {
                (Literal::Text(literal), Value::String(text)) => self.holds_in(text, literal),
                // Values of another type than the schema's are equal to nothing.
                _ => self.operator == Operator::NotEqual,
            };
        };
        match self.operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
        }
    }

    /// How the value stands to the literal, where both are of one type that is not text.
    fn order(&self, value: &Value) -> Option<Ordering> {
        match (&self.literal, value) {
            (Literal::Truth(literal), Value::Bool(truth)) => Some(truth.cmp(literal)),
            (Literal::Number(literal), Value::Number(number)) => Some(numbers(number, literal)),
            (Literal::Instant(literal), Value::String(text)) => {
                instant(text).map(|instant| instant.cmp(literal))
            }
            _ => None,
        }
    }

    /// Text: with case or without (R42, R44, R45; RFC 7644 §3.4.2.2, caseExact of RFC 7643 §2.2).
    fn holds_in(&self, text: &str, literal: &str) -> bool {
        let within = |holds: fn(&str, &str) -> bool| match self.case_exact {
            true => holds(text, literal),
            false => holds(&text.to_lowercase(), literal),
        };
        match self.operator {
            Operator::Equal => same_text(text, literal, self.case_exact),
            Operator::NotEqual => !same_text(text, literal, self.case_exact),
            Operator::Contains => within(|text, part| text.contains(part)),
            Operator::StartsWith => within(|text, part| text.starts_with(part)),
            Operator::EndsWith => within(|text, part| text.ends_with(part)),
            Operator::Greater => texts(text, literal, self.case_exact).is_gt(),
            Operator::GreaterOrEqual => texts(text, literal, self.case_exact).is_ge(),
            Operator::Less => texts(text, literal, self.case_exact).is_lt(),
            Operator::LessOrEqual => texts(text, literal, self.case_exact).is_le(),
        }
    }
}

impl<'a> Literal<'a> {
    /// The value of a filter, if it is of the attribute's type. What clients may write otherwise was put
    /// right when the filter was made canonical.
    fn of(kind: Type, value: &'a Value) -> Option<Self> {
        match (kind, value) {
            (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
                Some(Self::Text(Cow::Borrowed(text)))
            }
            // R51, RFC 7644 §3.4.2.2.
            (Type::Boolean, Value::Bool(truth)) => Some(Self::Truth(*truth)),
            (Type::Integer | Type::Decimal, Value::Number(number)) => Some(Self::Number(number)),
            (Type::DateTime, Value::String(text)) => instant(text).map(Self::Instant),
            _ => None,
        }
    }
}

fn expected(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference | Type::Binary | Type::Complex => "text in double quotes",
        Type::Boolean => "true or false without quotes",
        Type::Decimal | Type::Integer => "a number without quotes",
        Type::DateTime => "a dateTime with a zone such as \"2026-01-31T12:00:00Z\"",
    }
}

/// 400 invalidFilter.
pub fn invalid(detail: String) -> Error {
    Error::bad(ScimType::InvalidFilter, detail)
}
