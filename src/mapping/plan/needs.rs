//! What a mapping needs a store for.

use super::{IdBy, OnMatch, Owns, Plan, ResourcePlan, Rule, Then, Unmapped};
use crate::diagnostic::Place;

/// One kind of resource that cannot be served without a store, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    /// Its name.
    pub kind: String,
    /// What is kept, in words: `externalId`, `tombstones`.
    pub why: Vec<String>,
    /// Where the first of it stands.
    pub place: Place,
}

impl Plan {
    /// Every kind that needs a store, in file order; none: nothing is remembered but in memory.
    pub fn needs(&self) -> Vec<Need> {
        self.resources.iter().filter_map(ResourcePlan::need).collect()
    }
}

impl ResourcePlan {
    /// Whether anything of it is in the store. Then its creates under way are marked there too; what
    /// needs no store waits for none.
    pub fn holds(&self) -> bool {
        self.need().is_some()
    }

    /// Who is ours is known by a mark: nothing in the Record says so.
    pub fn marks_ours(&self) -> bool {
        let asked = self.on_match == OnMatch::Adopt || self.owns == Owns::Linked;
        asked && self.managed.is_none() && self.operations.create.is_some()
    }

    fn need(&self) -> Option<Need> {
        // Those of `unmapped: kept` stand where the resource does, and are too many to name.
        let rules = self.kept_rules().map(|(_, rule)| rule);
        let kept: Vec<&Rule> = rules.filter(|rule| rule.place != self.place).collect();
        let mut why: Vec<String> = kept.iter().map(|rule| format!("`{}`", rule.target)).collect();
        let mut place = kept.first().map(|rule| rule.place.clone());
        if self.unmapped == Unmapped::Keep {
            why.push("all that has no rule (`unmapped: kept`)".to_owned());
        }
        if self.kept() {
            why.push("their names and members".to_owned());
        }
        if self.values_of().is_some_and(|of| of.keeps_empty) {
            why.push("those without members (`empty: keep`)".to_owned());
        }
        if self.id == IdBy::Link {
            why.push("its ids (`id: link`)".to_owned());
        }
        if let Some(linked) = &self.operations.linked {
            why.push("its list (`links: true`)".to_owned());
            place = place.or_else(|| Some(linked.place.clone()));
        }
        if self.buries() {
            why.push("the tombstones of `afterwards: gone`".to_owned());
            let delete = self.operations.delete.as_ref();
            place = place.or_else(|| delete.map(|delete| delete.place.clone()));
        }
        if let Some(early) = self.operations.early().next() {
            why.push("what is acknowledged before the vendor has it".to_owned());
            place = place.or_else(|| Some(early.clone()));
        }
        if self.marks_ours() {
            let asks = match self.owns {
                Owns::All => "on_match: adopt",
                Owns::Linked => "owns: linked",
            };
            why.push(format!("who is ours already (`{asks}` without `managed`)"));
        }
        if let Some(row) = self.outside.iter().find(|row| matches!(row.then, Then::Skip(_))) {
            why.push("who is outside (`then: skip`)".to_owned());
            place = place.or_else(|| Some(row.place.clone()));
        }
        let place = place.unwrap_or_else(|| self.place.clone());
        (!why.is_empty()).then(|| Need { kind: self.kind.name.clone(), why, place })
    }
}
