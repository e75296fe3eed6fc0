//! A mapping's users as Okta's profile editor wants them: one attribute for each value that Okta can send.

mod known;
mod names;
mod schema;
mod table;

pub use schema::schema;
pub use table::table;

use super::{
    path::Select,
    plan::{Direction, Elements, Passage, Plan, ResourcePlan, Rule, RuleKind, SubKind, Target},
};
use crate::{
    scim::{
        attribute::AttributePath,
        schema::{Attribute, Mutability, Type},
    },
    upstream::record::text_of,
};
use serde_json::Value;

/// What Okta sends without an attribute in the app's profile, or never.
const BY_ITSELF: [&str; 3] = ["active", "externalId", "password"];

/// The users' profile of an app in Okta.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What people call the vendor.
    pub title: String,
    /// In the mapping's order.
    pub entries: Vec<Entry>,
    /// Attributes that Okta sends by itself.
    pub by_itself: Vec<String>,
    /// What no profile has, and why.
    pub left_out: Vec<(String, &'static str)>,
}

/// One attribute of the profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Display name.
    pub title: String,
    /// Variable name.
    pub variable: String,
    /// External name, in Okta's notation.
    pub external_name: String,
    /// External namespace: without one Okta never sends the attribute.
    pub namespace: String,
    /// Data type.
    pub kind: Kind,
    /// The only values, where the mapping names them.
    pub values: Vec<String>,
    /// For people.
    pub about: String,
    /// Attribute required.
    pub required: bool,
    /// Who may write.
    pub mutability: Mutability,
    /// The app has it from the start.
    pub known: bool,
}

/// Data types of the profile editor that SCIM has values for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A list of texts.
    Texts,
}

impl Entry {
    /// Whether a group may give the value to its members: one of a list of rights is given, what a person is called
    /// is not.
    pub fn by_group(&self) -> bool {
        !self.values.is_empty() || self.kind == Kind::Texts
    }
}

/// Who may write it: Okta has attributes for parts and elements, so the rule says it, and not the schema.
fn mutability(direction: Direction, rule: &Rule) -> Mutability {
    match direction {
        Direction::Read => Mutability::ReadOnly,
        Direction::Write => Mutability::WriteOnly,
        Direction::Both if rule.only_create => Mutability::Immutable,
        Direction::Both => Mutability::ReadWrite,
    }
}

/// The same as Okta's API writes it.
fn word(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::ReadOnly => "READ_ONLY",
        Mutability::ReadWrite => "READ_WRITE",
        Mutability::Immutable => "IMMUTABLE",
        Mutability::WriteOnly => "WRITE_ONLY",
    }
}

/// The profile; nothing when the mapping serves no users.
pub fn profile(plan: &Plan) -> Option<Profile> {
    let users = plan.resource("User")?;
    let mut profile = Profile {
        title: plan.title.clone(),
        entries: Vec::new(),
        by_itself: Vec::new(),
        left_out: Vec::new(),
    };
    for rule in &users.rules {
        let name = rule.target.to_string();
        match left_out(rule) {
            _ if BY_ITSELF.contains(&name.as_str()) => profile.by_itself.push(name),
            Some(why) => profile.left_out.push((name, why)),
            None => profile.entries.extend(entries(users, rule)),
        }
    }
    names::distinct(&mut profile.entries);
    Some(profile)
}

/// Why a rule is no attribute of the profile.
fn left_out(rule: &Rule) -> Option<&'static str> {
    match (&rule.target, &rule.kind) {
        (_, RuleKind::Ignore) => Some("ignored"),
        (_, RuleKind::Reject) => Some("refused"),
        (_, RuleKind::Constant(_)) => Some("always the same"),
        (Target::Attribute(path), _) if path.name == "groups" && path.urn.is_none() => {
            Some("Okta pushes groups by themselves")
        }
        (Target::Attribute(path), _) if path.name == "meta" && path.urn.is_none() => {
            Some("the server's own")
        }
        _ => None,
    }
}

/// The attributes of one rule: of a list, those of its primary element.
fn entries(users: &ResourcePlan, rule: &Rule) -> Vec<Entry> {
    let make = |target: &Target, passage: &Passage, direction, whole: bool| {
        entry(users, rule, target, passage, mutability(direction, rule), whole)
    };
    let (RuleKind::List { elements, .. }, Target::Attribute(list)) = (&rule.kind, &rule.target)
    else {
        return vec![make(&rule.target, &rule.passage, rule.direction, rule.passage.list)];
    };
    if elements.plain || !marks_primary(elements) {
        let value = elements.subs.iter().find(|sub| sub.name == "value");
        let passage = value.map_or(&rule.passage, |value| &value.passage);
        return vec![make(&rule.target, passage, rule.direction, true)];
    }
    let written = |kind: &SubKind| matches!(kind, SubKind::Field(_));
    let subs = elements.subs.iter().filter(|sub| sub.name != "primary" && written(&sub.kind));
    let direction =
        |own: Direction| if rule.direction == Direction::Both { own } else { rule.direction };
    subs.map(|sub| {
        let select = Select::Where { name: "primary".to_owned(), value: Value::Bool(true) };
        let target = Target::Element { list: list.clone(), select, sub: sub.name.clone() };
        make(&target, &sub.passage, direction(sub.direction), false)
    })
    .collect()
}

/// Without `primary` no element of the list is the one that is meant.
fn marks_primary(elements: &Elements) -> bool {
    elements.subs.iter().any(|sub| sub.name == "primary")
}

fn entry(
    users: &ResourcePlan,
    rule: &Rule,
    target: &Target,
    passage: &Passage,
    mutability: Mutability,
    whole: bool,
) -> Entry {
    let (namespace, external_name) = external(users, target);
    let attribute = leaf(users, target);
    let known = known::named(&external_name, &namespace);
    let (title, variable) = match known {
        Some(known) => (known.title.to_owned(), known.variable.to_owned()),
        None => names::of(target),
    };
    Entry {
        title,
        variable,
        external_name,
        namespace,
        kind: if whole { Kind::Texts } else { kind(passage.kind) },
        values: values(passage, attribute),
        about: attribute.map(|attribute| attribute.description.clone()).unwrap_or_default(),
        required: rule.required,
        mutability,
        known: known.is_some(),
    }
}

/// External namespace and name. The core schema has a namespace as well, and the name no URN.
fn external(users: &ResourcePlan, target: &Target) -> (String, String) {
    let core = || users.kind.schema.id.clone();
    let bare = |path: &AttributePath| AttributePath { urn: None, ..path.clone() };
    match target {
        Target::Attribute(path) => (path.urn.clone().unwrap_or_else(core), bare(path).to_string()),
        Target::Element { list, select, sub } => {
            let name =
                Target::Element { list: bare(list), select: select.clone(), sub: sub.clone() };
            (list.urn.clone().unwrap_or_else(core), name.to_string())
        }
    }
}

/// What the schema says of it.
fn leaf<'p>(users: &'p ResourcePlan, target: &Target) -> Option<&'p Attribute> {
    let path = match target {
        Target::Attribute(path) => path.clone(),
        Target::Element { list, sub, .. } => list.clone().dot(sub),
    };
    users.kind.resolve(&path)?.leaf()
}

fn kind(kind: Type) -> Kind {
    match kind {
        Type::Boolean => Kind::Boolean,
        Type::Integer => Kind::Integer,
        Type::Decimal => Kind::Number,
        _ => Kind::String,
    }
}

/// The values that can be written: those of the table, else those that the schema enforces.
fn values(passage: &Passage, attribute: Option<&Attribute>) -> Vec<String> {
    // A list of two for what is true or false says nothing.
    if passage.kind == Type::Boolean {
        return Vec::new();
    }
    let enforced = || attribute.filter(|attribute| attribute.enforced);
    match &passage.table {
        Some(table) => table.rows.iter().filter_map(|row| text_of(&row.scim)).collect(),
        None => enforced().map(|attribute| attribute.canonical_values.clone()).unwrap_or_default(),
    }
}
