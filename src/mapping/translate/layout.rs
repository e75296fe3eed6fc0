//! A Resource taken apart into the values of its rules, and put together from them.

use super::place;
use crate::{
    mapping::plan::{Layout, Rule, RuleKind, SharedList, Target},
    scim::resource::Resource,
};
use serde_json::Value;

impl Layout {
    /// What the resource has at the rules' targets, by rule.
    pub fn apart<'r>(&self, rules: &[Rule], resource: &'r Resource) -> Vec<Option<&'r Value>> {
        let overlapping = |at: usize| match rules.get(at).map(|rule| &rule.target) {
            Some(Target::Attribute(path)) => resource.get(path),
            Some(Target::Element { .. }) => None,
            None => resource.get(&self.lists.get(at - rules.len())?.path),
        };
        let mut values = self.outline.apart(resource.as_value(), overlapping);
        let lists = values.split_off(rules.len());
        for (list, value) in self.lists.iter().zip(lists) {
            let Some(elements) = value.and_then(Value::as_array) else { continue };
            for rule in &list.rules {
                if let (Some(Target::Element { select, sub, .. }), Some(value)) =
                    (rules.get(*rule).map(|rule| &rule.target), values.get_mut(*rule))
                {
                    *value = place::pick(elements, select).and_then(|element| element.get(sub));
                }
            }
        }
        values
    }

    /// The Resource that has the values at the rules' targets.
    pub fn together(&self, rules: &[Rule], mut values: Vec<Option<Value>>, id: String) -> Resource {
        for list in &self.lists {
            let elements = list.elements(rules, &mut values);
            values.push((!elements.is_empty()).then_some(Value::Array(elements)));
        }
        let members = self.outline.together(&mut values, Some(("id", id)));
        let mut resource = Resource::from_map(members);
        self.put_overlapping(rules, &mut values, &mut resource);
        resource
    }

    /// Rules that overlap take their turns, in the order of the file.
    fn put_overlapping(
        &self,
        rules: &[Rule],
        values: &mut [Option<Value>],
        resource: &mut Resource,
    ) {
        let alone = rules.iter().map(|rule| match &rule.target {
            Target::Attribute(path) => path,
            Target::Element { list, .. } => list,
        });
        for (path, value) in alone.chain(self.lists.iter().map(|list| &list.path)).zip(values) {
            if let Some(value) = value.take() {
                resource.set(path, value);
            }
        }
    }
}

impl SharedList {
    /// Its elements, of what is taken out of the rules' values. A constant only stands beside another value.
    fn elements(&self, rules: &[Rule], values: &mut [Option<Value>]) -> Vec<Value> {
        let mut elements = Vec::with_capacity(self.rules.len());
        for constant in [false, true] {
            for rule in &self.rules {
                let (Some(rule), Some(slot)) = (rules.get(*rule), values.get_mut(*rule)) else {
                    continue;
                };
                let Target::Element { select, sub, .. } = &rule.target else { continue };
                if matches!(rule.kind, RuleKind::Constant(_)) != constant {
                    continue;
                }
                if let Some(value) = slot.take()
                    && (!constant || place::pick(&elements, select).is_some())
                {
                    place::put_element(&mut elements, select, sub, value);
                }
            }
        }
        elements
    }
}
