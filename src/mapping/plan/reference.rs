//! Where the ids of other resources stand that are not the vendor's keys of them.

use super::{ResourcePlan, RuleKind, Target};

/// A place in a Resource that holds the id of one of a kind that uses Links: at the vendor stands its key.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The rule's place.
    pub target: Target,
    /// Of a list of objects, the sub-attribute of each element.
    pub sub: Option<String>,
    /// The kind that is referred to.
    pub kind: String,
}

impl ResourcePlan {
    /// The references to kinds of which `linked` holds.
    pub fn references_to(&self, linked: impl Fn(&str) -> bool) -> Vec<Reference> {
        let mut found = Vec::new();
        for rule in &self.rules {
            let mut note = |kind: Option<&String>, sub: Option<&String>| {
                if let Some(kind) = kind.filter(|kind| linked(kind)).cloned() {
                    let (target, sub) = (rule.target.clone(), sub.cloned());
                    found.push(Reference { target, sub, kind });
                }
            };
            match &rule.kind {
                RuleKind::List { elements, .. } => {
                    for sub in &elements.subs {
                        note(sub.refers.as_ref(), Some(&sub.name).filter(|_| !elements.plain));
                    }
                }
                _ => note(rule.refers.as_ref(), None),
            }
        }
        found
    }
}
