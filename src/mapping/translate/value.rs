//! A Group as a value of an attribute: who has it, and how it comes and goes.

use super::{passage, place};
use crate::{
    mapping::{
        path::Select,
        plan::{Passage, ResourcePlan, Rule, RuleKind, Target, ValuesOf},
    },
    scim::{
        attribute::AttributePath,
        compare::{elements, folded, same_text},
        filter::{Filter, Operator},
        patch::{PatchKind, PatchOp, path::PatchPath},
        resource::Resource,
    },
};
use serde_json::{Value, json};

/// The attribute whose values are Groups, in one of those who have it.
#[derive(Debug, Clone, Copy)]
pub struct Belonging<'p> {
    /// Which values are Groups.
    pub of: &'p ValuesOf,
    /// The attribute's rule.
    pub rule: &'p Rule,
    /// How the values travel.
    pub passage: &'p Passage,
    /// One has several, and joining adds one: how an element holds it.
    many: Option<Element>,
}

/// How an element of a list holds a value.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    /// It is the value.
    Text,
    /// It has it as its `value`.
    Value,
}

/// What a list of objects calls the value of an element (RFC 7643 §2.4).
const VALUE: &str = "value";

impl<'p> Belonging<'p> {
    /// That of a kind whose `users` are the members; nothing where no rule is there.
    pub fn new(of: &'p ValuesOf, users: &'p ResourcePlan) -> Option<Self> {
        Self::of(of, users.rules.get(of.rule)?)
    }

    /// The same by the rule; nothing where its elements have no value.
    pub fn of(of: &'p ValuesOf, rule: &'p Rule) -> Option<Self> {
        let RuleKind::List { elements, .. } = &rule.kind else {
            let many = rule.passage.list.then_some(Element::Text);
            return Some(Self { of, rule, passage: &rule.passage, many });
        };
        let sub = elements.subs.iter().find(|sub| sub.name == VALUE)?;
        let many = Some(if elements.plain { Element::Text } else { Element::Value });
        Some(Self { of, rule, passage: &sub.passage, many })
    }

    /// Whether one has several of them.
    pub fn is_list(&self) -> bool {
        self.many.is_some()
    }

    /// What is the same for all spellings of one value.
    pub fn key(&self, value: &str) -> String {
        if self.passage.case_exact { value.to_owned() } else { folded(value) }
    }

    /// Whether two texts are one value.
    pub fn same(&self, one: &str, other: &str) -> bool {
        same_text(one, other, self.passage.case_exact)
    }

    /// The name of the Group that a value is; nothing when it is none. What the rule cannot write nobody could
    /// join, and a path must be able to lead there.
    pub fn name<'v>(&self, value: &'v str) -> Option<&'v str>
    where
        'p: 'v,
    {
        if matches!(value, "" | "." | ".." | ".search") || value.len() > LONGEST {
            return None;
        }
        let written = json!(value);
        let element = if self.passage.list { json!([value]) } else { written };
        let written = passage::write(self.passage, &element).ok()?;
        if self.rule.converts_list() {
            passage::together(&self.rule.passage, vec![written]).ok()?;
        }
        match &self.of.names {
            None => Some(value),
            Some(names) => names.iter().find(|name| self.same(name, value)).map(String::as_str),
        }
    }

    /// The values that one has.
    pub fn values<'r>(&self, resource: &'r Resource) -> impl Iterator<Item = &'r str> {
        let value = place::take(resource, &self.rule.target);
        value.into_iter().flat_map(elements).filter_map(text)
    }

    /// Whether one has the value.
    pub fn has(&self, resource: &Resource, value: &str) -> bool {
        self.values(resource).any(|own| self.same(own, value))
    }

    /// Gives the value to one; false when he has it.
    pub fn join(&self, resource: &mut Resource, value: &str) -> bool {
        if self.has(resource, value) {
            return false;
        }
        let added = match self.many {
            None => json!(value),
            Some(held) => {
                let list = place::take(resource, &self.rule.target).map(elements);
                let mut list = list.unwrap_or_default().to_vec();
                list.push(if held == Element::Value {
                    json!({ VALUE: value })
                } else {
                    json!(value)
                });
                Value::Array(list)
            }
        };
        place::put(resource, &self.rule.target, added);
        true
    }

    /// Takes the value from one; false when he does not have it.
    pub fn leave(&self, resource: &mut Resource, value: &str) -> bool {
        if !self.has(resource, value) {
            return false;
        }
        if self.many.is_none() {
            place::clear(resource, &self.rule.target);
            return true;
        }
        let list = place::take(resource, &self.rule.target).map(elements).unwrap_or_default();
        let stays = |element: &&Value| !text(element).is_some_and(|own| self.same(own, value));
        let list: Vec<Value> = list.iter().filter(stays).cloned().collect();
        place::put(resource, &self.rule.target, Value::Array(list));
        true
    }

    /// What a PATCH says by which one comes to have the values that he has: all of the attribute that they stand in.
    pub fn said(&self, resource: &Resource) -> PatchOp {
        let attribute = self.rule.target.attribute();
        let value = resource.get(&attribute).cloned();
        let kind = if value.is_some() { PatchKind::Replace } else { PatchKind::Remove };
        PatchOp { kind, path: Some(PatchPath { attribute, filter: None, sub: None }), value }
    }

    /// What finds those who have the value, in as many words as a mapping may search by.
    pub fn filter(&self, value: &str) -> Filter {
        let equal = |path: AttributePath, value: Value| Filter::Compare {
            path,
            operator: Operator::Equal,
            value,
        };
        let within = |name: &str| AttributePath { urn: None, name: name.to_owned(), sub: None };
        let value = json!(value);
        match &self.rule.target {
            Target::Attribute(path) if self.many == Some(Element::Value) => {
                equal(AttributePath { sub: Some(VALUE.to_owned()), ..path.clone() }, value)
            }
            Target::Attribute(path) => equal(path.clone(), value),
            Target::Element { list, select, sub } => {
                let any = AttributePath { sub: Some(sub.clone()), ..list.clone() };
                let any = equal(any, value.clone());
                let Select::Where { name, value: chosen } = select else { return any };
                let own = Filter::And(vec![
                    equal(within(name), chosen.clone()),
                    equal(within(sub), value),
                ]);
                Filter::and(vec![
                    Filter::Element { path: list.clone(), filter: Box::new(own) },
                    any,
                ])
            }
        }
    }
}

/// The value of an element, or of an attribute that is one.
fn text(element: &Value) -> Option<&str> {
    element.get(VALUE).unwrap_or(element).as_str()
}

/// Longer ids are not read from a path.
const LONGEST: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping;

    fn plan(rule: &str, field: &str) -> crate::mapping::plan::Plan {
        let text = format!(
            r#"
mapping: 1
name: acme
evidence: seen
tenant: {{ token: {{ type: text, secret: true }} }}
upstream:
  base_url: https://api.acme.example
  auth: {{ bearer: {{ token: "{{tenant.token}}" }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login, required: true }}
      {rule}: {{ {field} }}
    operations:
      get: {{ call: "GET /users/{{key}}", record: . }}
      list: {{ call: GET /users, items: ., paging: none }}
      create: {{ call: POST /users, record: . }}
      update:
        - {{ name: change, call: "PATCH /users/{{key}}", record: . }}
  Group:
    values_of: {{ resource: User, attribute: "{rule}", rename: move }}
"#
        );
        let loaded = mapping::load("acme.yaml", &text);
        assert!(loaded.plan.is_some(), "{:?}", loaded.findings);
        loaded.plan.unwrap()
    }

    #[test]
    fn a_value_comes_and_goes() {
        let one = json!({ "id": "1", "title": "Ops" });
        let element = json!({ "id": "1", "roles": [{ "primary": true, "value": "Ops" }] });
        let list = json!({ "id": "1", "roles": [{ "value": "Ops" }] });
        let text = "title eq \"Sales\"";
        let part = "roles[primary eq true and value eq \"Sales\"] and roles.value eq \"Sales\"";
        let any = "roles.value eq \"Sales\"";
        let joined = json!({ "id": "1", "roles": [{ "value": "Ops" }, { "value": "Sales" }] });
        let table = [
            ("title", "field: job", one, json!({ "id": "1", "title": "Sales" }), text),
            (
                "roles.^[primary==true].value",
                "field: role",
                element,
                json!({ "id": "1", "roles": [{ "primary": true, "value": "Sales" }] }),
                part,
            ),
            ("roles", "field: roles, element: { value: { field: . } }", list, joined, any),
        ];
        for (rule, field, before, joined, filter) in table {
            let plan = plan(rule, field);
            let of = plan.resource("Group").and_then(ResourcePlan::values_of).unwrap();
            let belonging = Belonging::new(of, plan.resource("User").unwrap()).unwrap();
            let resource = |value: &Value| Resource::from_map(value.as_object().unwrap().clone());
            let mut now = resource(&before);
            assert!(belonging.has(&now, "ops") && !belonging.has(&now, "Sales"), "{rule}");
            assert!(!belonging.join(&mut now, "OPS"), "{rule}");
            assert!(belonging.join(&mut now, "Sales"), "{rule}");
            assert_eq!(*now.as_value(), joined, "{rule}");
            for value in ["ops", "sales"] {
                belonging.leave(&mut now, value);
            }
            assert!(!belonging.leave(&mut now, "Sales"), "{rule}");
            assert_eq!(*now.as_value(), json!({ "id": "1" }), "{rule}");
            assert_eq!(belonging.filter("Sales").to_string(), filter, "{rule}");
        }
    }

    #[test]
    fn what_a_vendors_text_is_cut_at_is_in_no_name() {
        let list = "field: words, convert: [{ split: \",\" }], element: { value: { field: . } }";
        let plan = plan("roles", list);
        let of = plan.resource("Group").and_then(ResourcePlan::values_of).unwrap();
        let belonging = Belonging::new(of, plan.resource("User").unwrap()).unwrap();
        assert_eq!(belonging.name("Sales"), Some("Sales"));
        assert_eq!(belonging.name("Sales, EMEA"), None);
    }
}
