//! What a create and an update are sent, out of the rules.

use super::{
    person::{Person, Write},
    place::Place,
    rule::{Rule, Way},
    state::State,
};
use serde_json::Value;

impl<'a> Person<'a> {
    /// The rules whose fields the create is sent.
    pub fn sent_first(&self) -> impl Iterator<Item = &Rule<'a>> {
        self.rules
            .iter()
            .filter(|rule| rule.way != Way::Read && rule.create.is_some() && !self.by_calls(rule))
    }

    /// `active` that calls of its own change.
    fn by_calls(&self, rule: &Rule<'_>) -> bool {
        rule.attribute == "active" && matches!(self.state, State::Calls(..))
    }

    /// The attributes of the create, where others can only follow.
    pub fn create_claims(&self) -> Option<Vec<&str>> {
        let follows = |rule: &Rule<'_>| {
            rule.way != Way::Read
                && rule.create.is_none()
                && rule.update.is_some()
                && !self.by_calls(rule)
        };
        let some = self.rules.iter().any(follows);
        some.then(|| self.sent_first().map(|rule| rule.attribute.as_str()).collect())
    }

    /// Whether a create names some field otherwise than the record does.
    pub fn created_elsewhere(&self) -> bool {
        self.sent_first().any(|rule| rule.create.as_ref() != Some(&rule.place))
    }

    /// Where a create is sent what of the fields.
    pub fn created(&self) -> Vec<(&Place, &Place)> {
        let rules = self.sent_first().filter_map(|rule| Some((rule.create.as_ref()?, &rule.place)));
        rules.chain(self.fills.iter().map(|fill| (&fill.place, &fill.place))).collect()
    }

    /// The rules whose fields an update names otherwise than the record does.
    pub fn moved(&self) -> Vec<&Rule<'a>> {
        let elsewhere = |rule: &&Rule<'_>| {
            rule.way != Way::Read && rule.update.as_ref().is_some_and(|place| *place != rule.place)
        };
        self.rules.iter().filter(elsewhere).collect()
    }

    /// Whether an update is sent anything in the record's own places.
    pub fn has_rest(&self) -> bool {
        self.rules.iter().any(|rule| {
            rule.way != Way::Read
                && rule.update.as_ref() == Some(&rule.place)
                && !self.by_calls(rule)
        })
    }

    /// Members of the record that a whole update is not sent.
    pub fn unsent(&self, update: &Write<'_>) -> Vec<&str> {
        let tops: Vec<&str> =
            update.fields.iter().filter_map(|field| field.path.first().copied()).collect();
        let read = self.calls.record.fields.iter().filter(|field| field.path.len() == 1);
        let names = read.filter_map(|field| field.path.first().copied());
        names.filter(|name| !tops.contains(name)).collect()
    }

    /// The expression of a whole record as an update takes it.
    pub fn whole(&self, update: &Write<'_>) -> String {
        let unsent = self.unsent(update);
        let names = unsent.iter().map(|name| format!("'{}'", escaped(name)));
        let names = names.collect::<Vec<_>>().join(", ");
        let whole = if unsent.is_empty() {
            "whole".to_owned()
        } else {
            format!("without(whole, [{names}])")
        };
        let moved = self.moved();
        moved.iter().fold(whole, |whole, rule| match &rule.update {
            Some(place) => {
                let from = Value::from(rule.place.expression("whole"));
                format!("merge({whole}, {})", literal(&place.holding(from)))
            }
            None => whole,
        })
    }
}

fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('\'', "\\'")
}

/// A tree whose texts are expressions, as one expression.
fn literal(tree: &Value) -> String {
    match tree {
        Value::String(expression) => expression.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("'{}': {}", escaped(name), literal(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
