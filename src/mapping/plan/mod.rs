//! Plan: what runs. Every name is resolved; every text is parsed; every value knows its place.

mod evidence;
mod form;
mod layout;
mod lookup;
mod many;
mod needs;
mod operation;
mod outline;
mod outside;
mod reference;
mod rule;
mod upstream;

pub use evidence::Known;
pub use form::*;
pub use layout::*;
pub use lookup::*;
pub use many::*;
pub use needs::*;
pub use operation::*;
pub use outline::*;
pub use outside::*;
pub use reference::*;
pub use rule::*;
pub use upstream::*;

use super::expr::Expression;
use crate::{
    diagnostic::Place,
    scim::resource_type::{ResourceType, ResourceTypes},
    upstream::record::FieldPath,
};
use std::sync::Arc;

/// A checked mapping, ready to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `[a-z0-9-]+`; label in metrics.
    pub name: String,
    /// What people call the vendor.
    pub title: String,
    /// What each tenant's configuration must supply.
    pub variables: Vec<Variable>,
    /// How the vendor is reached.
    pub upstream: UpstreamPlan,
    /// In file order.
    pub lookups: Vec<LookupPlan>,
    /// What is served: discovery and decoding know nothing else.
    pub types: ResourceTypes,
    /// In file order.
    pub resources: Vec<ResourcePlan>,
}

impl Plan {
    /// The Groups that are kept, where the vendor has none.
    pub fn kept_groups(&self) -> Option<&ResourcePlan> {
        self.resources.iter().find(|resource| resource.kept())
    }

    /// A lookup, by its name.
    pub fn lookup(&self, name: &str) -> Option<&LookupPlan> {
        self.lookups.iter().find(|lookup| *lookup.name == *name)
    }

    /// The plan of one resource type, by its name.
    pub fn resource(&self, name: &str) -> Option<&ResourcePlan> {
        self.resources.iter().find(|resource| resource.kind.name == name)
    }
}

/// What happens to attributes that no rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmapped {
    /// Dropped and counted.
    Ignore,
    /// Those that the schemas define are kept, each by a rule of its own; the others are dropped and
    /// counted.
    Keep,
    /// 400.
    Reject,
}

/// What the SCIM id of a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdBy {
    /// The vendor's key.
    Key,
    /// One of ours, which a Link ties to the key.
    Link,
}

/// What happens when a create finds somebody who is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMatch {
    /// The create becomes an update of that Record.
    Adopt,
    /// 409.
    Conflict,
}

/// Whom clients may change or delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owns {
    /// Everybody whom the vendor has.
    All,
    /// Whom we made or adopted; the others are read, and left as they are.
    Linked,
}

impl ResourcePlan {
    /// A Record is more than one answer: `get` composes it of several.
    pub fn composes(&self) -> bool {
        self.operations.get.as_ref().is_some_and(|get| get.steps.len() > 1)
    }

    /// What has a Link goes by its Link's id, everything else by its key. Without Links nobody looks.
    pub fn links(&self) -> bool {
        // Who was held here before he came to the vendor keeps the id that he has.
        self.id == IdBy::Link || self.operations.linked.is_some() || self.skips()
    }

    /// A deleted one leaves a tombstone: the vendor goes on showing what no client may see.
    pub fn buries(&self) -> bool {
        let delete = self.operations.delete.as_ref();
        delete.is_some_and(|delete| delete.afterwards == Afterwards::Gone)
    }

    /// The rules of what is kept, with their index.
    pub fn kept_rules(&self) -> impl Iterator<Item = (usize, &Rule)> {
        let rules = self.rules.iter().enumerate();
        rules.filter(|(_, rule)| matches!(rule.kind, RuleKind::Kept))
    }
}

/// An entry of `match`.
#[derive(Debug, Clone)]
pub struct MatchBy {
    /// The attribute, or that of one element of a list: never an index.
    pub target: Target,
    /// Where it stands.
    pub place: Place,
}

/// One kind of resource.
#[derive(Debug, Clone)]
pub struct ResourcePlan {
    /// What is served.
    pub kind: Arc<ResourceType>,
    /// Where the vendor's key stands in a Record.
    pub key: FieldPath,
    /// What the SCIM id is.
    pub id: IdBy,
    /// Over `record`; false reads as not found.
    pub exists: Option<Expression>,
    /// Who counts as the same person, tried in order on create.
    pub matches: Vec<MatchBy>,
    /// What happens to who is found.
    pub on_match: OnMatch,
    /// Over `record`: it is already ours.
    pub managed: Option<Expression>,
    /// Who is none of the vendor's business; the first row that holds counts.
    pub outside: Vec<Outside>,
    /// Whom clients may change.
    pub owns: Owns,
    /// Where that stands.
    pub owns_at: Place,
    /// Attributes without a rule.
    pub unmapped: Unmapped,
    /// In file order.
    pub rules: Vec<Rule>,
    /// Ids of kinds that use Links, which stand in a Resource.
    pub references: Vec<Reference>,
    /// Where they stand in a Resource.
    pub in_resource: Layout,
    /// Where their fields stand in a Record.
    pub in_record: Outline,
    /// Vendor fields that no attribute stands for.
    pub fields: Vec<ExtraField>,
    /// What the vendor can do.
    pub operations: Operations,
    /// Texts that its expressions compare with: what a check must try.
    pub compared: Vec<String>,
    /// Where the resources come from.
    pub form: Form,
    /// One of it can join a group: one of ours, or one whose members refer to this kind.
    pub joins: bool,
    /// Where the resource begins in the mapping.
    pub place: Place,
}
