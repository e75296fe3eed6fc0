//! What a Plan says of attributes: one rule each, both ways.

use super::{Evidence, Lookup};
use crate::{
    diagnostic::Place,
    mapping::{
        convert::Converter,
        expr::{Expression, Template, Tree},
        generate::Recipe,
        path::Select,
    },
    scim::{attribute::AttributePath, schema::Type},
    upstream::record::FieldPath,
};
use serde_json::Value;

/// Where in a Resource a rule reads and writes; canonical spelling.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// An attribute or sub-attribute; a whole list when the rule has an element.
    Attribute(AttributePath),
    /// A sub-attribute of one element of a list.
    Element {
        /// The list.
        list: AttributePath,
        /// Which element.
        select: Select,
        /// Its sub-attribute.
        sub: String,
    },
}

impl Target {
    /// The attribute at the top: `emails` of `emails.^[primary==true].value`.
    pub fn attribute(&self) -> AttributePath {
        match self {
            Target::Attribute(path) => AttributePath { sub: None, ..path.clone() },
            Target::Element { list, .. } => list.clone(),
        }
    }

    /// The path that it names, or that of the list in which its element stands.
    pub fn path(&self) -> &AttributePath {
        match self {
            Target::Attribute(path) | Target::Element { list: path, .. } => path,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Attribute(path) => write!(f, "{path}"),
            Target::Element { list, select, sub } => write!(f, "{list}{select}.{sub}"),
        }
    }
}

/// Which way a rule works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Record to Resource.
    Read,
    /// Resource to Record; never returned.
    Write,
    /// Both.
    Both,
}

/// What a rule does with its attribute.
#[derive(Debug, Clone)]
pub enum RuleKind {
    /// A field of the Record, possibly with an expression for one of the ways.
    Field {
        /// The field.
        field: FieldPath,
        /// Instead of the field's value when reading.
        read: Option<Expression>,
        /// Instead of the attribute's value when writing.
        write: Option<Expression>,
    },
    /// Read by an expression; written by no field (an operation may claim it).
    Computed {
        /// Over `record`.
        read: Expression,
    },
    /// A list, one rule per sub-attribute of its elements.
    List {
        /// The vendor's list.
        field: FieldPath,
        /// What stands in it.
        elements: Elements,
    },
    /// Always this.
    Constant(Value),
    /// In the store: the vendor has no place for it and never hears of it.
    Kept,
    /// The Groups that the values of another attribute are; nobody writes it.
    Groups,
    /// Unassigned, silently.
    Ignore,
    /// 400 when the client sends it.
    Reject,
}

/// The elements of a list rule.
#[derive(Debug, Clone)]
pub struct Elements {
    /// Fields that they have (`where`); set on write.
    pub owned: Vec<(String, Value)>,
    /// In file order.
    pub subs: Vec<SubRule>,
    /// Compared as a set.
    pub unordered: bool,
    /// The attribute is a list of plain values; elements are seen through `value`.
    pub plain: bool,
}

impl Elements {
    /// Whether a field says which element it is.
    pub fn write_values(&self) -> bool {
        let value = self.subs.iter().find(|sub| sub.name == "value");
        value.is_none_or(|sub| sub.direction != Direction::Read && sub.read.is_none())
    }
}

/// One sub-attribute of the elements of a list.
#[derive(Debug, Clone)]
pub struct SubRule {
    /// The sub-attribute, canonical.
    pub name: String,
    /// What it does.
    pub kind: SubKind,
    /// How its values travel.
    pub passage: Passage,
    /// Which way it works.
    pub direction: Direction,
    /// The resource type whose id this is.
    pub refers: Option<String>,
    /// The client says a name, the vendor has its key.
    pub lookup: Option<Lookup>,
    /// Over `element`, `record`, `tenant`: what is read, and nothing is written.
    pub read: Option<Expression>,
    /// Written in an element that has no such value of the client's; over `tenant`.
    pub default: Option<Template>,
    /// Read in an element that has no such value of the vendor's; over `element`, `record`, `tenant`.
    pub missing: Option<Template>,
    /// Each element must have it.
    pub required: bool,
    /// Where it stands.
    pub place: Place,
}

/// What a sub-rule does.
#[derive(Debug, Clone)]
pub enum SubKind {
    /// A field of the vendor's element; `.` is the element itself.
    Field(FieldPath),
    /// Always this, beside another value.
    Constant(Value),
    /// True on the first element; the primary element is written first.
    First,
}

/// How values travel between the banks: table, converters, type.
#[derive(Debug, Clone)]
pub struct Passage {
    /// SCIM value and vendor value, one to one.
    pub table: Option<ValueTable>,
    /// In writing order.
    pub converters: Vec<Converter>,
    /// The schema's type.
    pub kind: Type,
    /// Values compare with case.
    pub case_exact: bool,
    /// The attribute is a list of plain values.
    pub list: bool,
    /// Such a list is compared as a set.
    pub unordered: bool,
}

impl Passage {
    /// Whether a text is the same on both banks.
    pub fn keeps_text(&self) -> bool {
        let another =
            matches!(self.kind, Type::Boolean | Type::Integer | Type::Decimal | Type::Complex);
        self.table.is_none() && self.converters.is_empty() && !self.list && !another
    }
}

/// A value table.
#[derive(Debug, Clone)]
pub struct ValueTable {
    /// In file order.
    pub rows: Vec<TableRow>,
}

/// One SCIM value and the vendor values that mean it.
#[derive(Debug, Clone)]
pub struct TableRow {
    /// Typed by the schema.
    pub scim: Value,
    /// The first is written, all are read.
    pub vendor: Vec<Value>,
    /// `"*"`: reads all others.
    pub rest: bool,
}

/// How a cleared attribute is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// `null`
    Null,
    /// `""` or `[]`
    Empty,
    /// Left out; the value stays.
    Omit,
    /// 400 mutability.
    Reject,
}

/// What a client's different value does to an attribute that cannot change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfChanged {
    /// Nothing.
    Ignore,
    /// 400 mutability.
    Reject,
}

/// One attribute, both ways.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where in the Resource.
    pub target: Target,
    /// What it does.
    pub kind: RuleKind,
    /// How its values travel.
    pub passage: Passage,
    /// Which way it works.
    pub direction: Direction,
    /// Sent when created, not after.
    pub only_create: bool,
    /// For what cannot change.
    pub if_changed: IfChanged,
    /// Must be assigned after every request.
    pub required: bool,
    /// The resource type whose id this is.
    pub refers: Option<String>,
    /// The client says a name, the vendor has its key.
    pub lookup: Option<Lookup>,
    /// SCIM value written when unassigned on create, or when the client clears it.
    pub default: Option<Template>,
    /// SCIM value read when the Record has none.
    pub missing: Option<Template>,
    /// Made up when unassigned on create; never read, kept or shown.
    pub generate: Option<Recipe>,
    /// How clearing is sent.
    pub clear: Clear,
    /// Over `tenant`: the rule is in force.
    pub when: Option<Expression>,
    /// Why it does not give back what it was given.
    pub lossy: Option<String>,
    /// How sure we are that the vendor has it so, where the mapping says it of this rule.
    pub evidence: Option<Evidence>,
    /// Where it stands.
    pub place: Place,
}

impl Rule {
    /// Whether a client's value can reach the vendor: through a field, or because an operation
    /// may claim what is only computed.
    pub fn writable(&self) -> bool {
        self.direction != Direction::Read
            && matches!(
                self.kind,
                RuleKind::Field { .. } | RuleKind::List { .. } | RuleKind::Computed { .. }
            )
    }

    /// Whether the vendor's Record is asked for it.
    pub fn reads(&self) -> bool {
        self.direction != Direction::Write
            && matches!(
                self.kind,
                RuleKind::Field { .. } | RuleKind::List { .. } | RuleKind::Computed { .. }
            )
    }

    /// Whether its list of elements is something else at the vendor, a text such as `a,b`.
    pub fn converts_list(&self) -> bool {
        matches!(self.kind, RuleKind::List { .. }) && !self.passage.converters.is_empty()
    }

    /// Whether an expression stands between the attribute and its field.
    pub fn is_computed(&self) -> bool {
        match &self.kind {
            RuleKind::Field { read, write, .. } => read.is_some() || write.is_some(),
            RuleKind::Computed { .. } => true,
            _ => false,
        }
    }

    /// Those by which it reads and writes, its elements' too.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let (own, subs): ([Option<&Expression>; 2], &[SubRule]) = match &self.kind {
            RuleKind::Field { read, write, .. } => ([read.as_ref(), write.as_ref()], &[]),
            RuleKind::Computed { read } => ([Some(read), None], &[]),
            RuleKind::List { elements, .. } => ([None, None], &elements.subs),
            _ => ([None, None], &[]),
        };
        let missing = self.missing.iter().chain(subs.iter().filter_map(|sub| sub.missing.as_ref()));
        let subs = subs.iter().filter_map(|sub| sub.read.as_ref());
        own.into_iter().flatten().chain(subs).chain(missing.flat_map(Template::holes))
    }

    /// The field that this rule writes.
    pub fn field(&self) -> Option<&FieldPath> {
        match &self.kind {
            RuleKind::Field { field, .. } | RuleKind::List { field, .. } => Some(field),
            _ => None,
        }
    }
}

/// A vendor field that no attribute stands for.
#[derive(Debug, Clone)]
pub struct ExtraField {
    /// The field.
    pub field: FieldPath,
    /// What it holds.
    pub value: ExtraValue,
    /// What it comes to is a name, and its key is sent.
    pub lookup: Option<Lookup>,
    /// In writing order.
    pub converters: Vec<Converter>,
    /// Sent when created, not after.
    pub only_create: bool,
    /// Over `tenant`.
    pub when: Option<Expression>,
    /// Where it stands.
    pub place: Place,
}

/// What an extra field holds.
#[derive(Debug, Clone)]
pub enum ExtraValue {
    /// Texts of it are templates over `tenant`; anything else is as it stands.
    Constant(Tree),
    /// An expression over `resource`, `tenant`, `now`.
    Write(Expression),
    /// Made up, on create alone.
    Generate(Recipe),
}
