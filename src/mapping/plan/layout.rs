//! Layout: where the rules stand in a Resource, the elements that several of them share included.

use super::{Outline, Rule, Target};
use crate::scim::attribute::AttributePath;

/// The targets of a resource's rules, as places in a JSON object.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The lists whose elements rules share.
    pub lists: Vec<SharedList>,
    /// Of the rules, and behind them of the lists: a rule of an element has no place but in its list.
    pub outline: Outline,
}

/// A list with elements that rules mean by selector or index: it is one place, and theirs lie in it.
#[derive(Debug, Clone)]
pub struct SharedList {
    /// The list.
    pub path: AttributePath,
    /// Its rules, in file order.
    pub rules: Vec<usize>,
}

impl Layout {
    /// Of all rules.
    pub fn new(rules: &[Rule]) -> Self {
        let mut lists: Vec<SharedList> = Vec::new();
        for (rule, target) in rules.iter().map(|rule| &rule.target).enumerate() {
            let Target::Element { list: path, .. } = target else { continue };
            match lists.iter_mut().find(|list| list.path == *path) {
                Some(list) => list.rules.push(rule),
                None => lists.push(SharedList { path: path.clone(), rules: vec![rule] }),
            }
        }
        let alone = rules.iter().map(|rule| match &rule.target {
            Target::Attribute(path) => Some(path.into()),
            Target::Element { .. } => None,
        });
        let outline = Outline::new(alone.chain(lists.iter().map(|list| Some((&list.path).into()))));
        Self { lists, outline }
    }
}
