//! Document: what the YAML says, parsed text by text, with places; nothing is resolved yet.
//!
//! Only `mapping` sees it: `check` judges it, `compile` makes the Plan of it.

use super::{
    convert::Converter,
    expr::{Expression, Template},
    generate::Recipe,
    path::RulePath,
    plan::{
        Afterwards, Clear, Direction, Each, Evidence, ExtraField, IdBy, IfChanged, Lookup,
        LookupPlan, OnMatch, Owns, Scan, Step, Unmapped, UpstreamPlan, Variable,
    },
};
use crate::{
    diagnostic::Span,
    scim::{
        filter::Operator,
        schema::{Returned, Type},
    },
    upstream::record::FieldPath,
    yaml::Spanned,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A mapping file.
#[derive(Debug)]
pub struct Document {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// `name`
    pub name: String,
    /// `title`
    pub title: String,
    /// `tenant`
    pub variables: Vec<Variable>,
    /// `upstream`
    pub upstream: UpstreamPlan,
    /// `lookups`
    pub lookups: Vec<LookupPlan>,
    /// `schemas`
    pub schemas: Vec<SchemaSection>,
    /// `resources`
    pub resources: Vec<ResourceSection>,
    /// Every name that an expression or template uses, for the checks.
    pub uses: Vec<Use>,
}

/// An attribute whose rule stands there and could not be read or resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum Failed {
    /// This one, as far as one can tell.
    Attribute(String),
    /// One cannot tell which.
    Any,
}

impl Failed {
    /// Whether something that is missing at `attribute` is the doing of one of these.
    pub fn excuses(failed: &[Failed], attribute: &str) -> bool {
        failed.iter().any(|failed| match failed {
            Failed::Any => true,
            Failed::Attribute(name) => name.eq_ignore_ascii_case(attribute),
        })
    }
}

/// A name in an expression: `resource.name.givenName`.
#[derive(Debug, Clone)]
pub struct Use {
    /// Index of the resource it stands in; `None` in `upstream`.
    pub resource: Option<usize>,
    /// `resource`, `tenant`, `steps`, ...
    pub root: String,
    /// The members selected from it.
    pub path: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// One entry of `schemas`.
#[derive(Debug)]
pub struct SchemaSection {
    /// The URN.
    pub id: Spanned<String>,
    /// `name`
    pub name: Option<String>,
    /// `about`
    pub about: Option<String>,
    /// `attributes`
    pub attributes: Vec<AttributeSection>,
}

/// One attribute of a schema section.
#[derive(Debug)]
pub struct AttributeSection {
    /// Its name.
    pub name: Spanned<String>,
    /// `type`
    pub kind: Option<Type>,
    /// `list`
    pub list: Option<bool>,
    /// `case: exact`
    pub case_exact: Option<bool>,
    /// `returned`
    pub returned: Option<Returned>,
    /// `pattern`
    pub pattern: Option<regex::Regex>,
    /// `one_of`
    pub one_of: Vec<String>,
    /// `about`
    pub about: Option<String>,
    /// `attributes`
    pub attributes: Vec<AttributeSection>,
}

/// One entry of `resources`.
#[derive(Debug)]
pub struct ResourceSection {
    /// `User`
    pub name: Spanned<String>,
    /// `endpoint`
    pub endpoint: Option<Spanned<String>>,
    /// `schema`
    pub schema: Option<Spanned<String>>,
    /// `key`
    pub key: FieldPath,
    /// `id`
    pub id: IdBy,
    /// `exists`
    pub exists: Option<Expression>,
    /// `match`
    pub matches: Vec<Spanned<RulePath>>,
    /// `on_match`
    pub on_match: Spanned<OnMatch>,
    /// `managed`
    pub managed: Option<Expression>,
    /// `outside`
    pub outside: Vec<OutsideSection>,
    /// `owns`
    pub owns: Spanned<Owns>,
    /// `unmapped`
    pub unmapped: Unmapped,
    /// `attributes`
    pub rules: Vec<RuleSection>,
    /// Those of them that could not be read.
    pub failed: Vec<Failed>,
    /// `fields`
    pub fields: Vec<ExtraField>,
    /// `operations`
    pub operations: OperationsSection,
    /// Texts that its expressions compare with.
    pub compared: Vec<String>,
    /// Where the resources come from.
    pub form: FormSection,
}

/// The form of a resource.
#[derive(Debug)]
pub enum FormSection {
    /// `attributes` and `operations`
    Records,
    /// `fixed`
    Fixed(Vec<FixedSection>),
    /// `kept`
    Kept,
    /// `values_of`
    Values(Box<ValuesSection>),
}

/// `values_of`
#[derive(Debug)]
pub struct ValuesSection {
    /// `resource`
    pub resource: Spanned<String>,
    /// `attribute`
    pub attribute: Spanned<RulePath>,
    /// `names`
    pub names: Option<Vec<Spanned<String>>>,
    /// `empty: keep`
    pub keeps_empty: bool,
    /// `rename: move`
    pub moves: bool,
}

/// One row of `outside`.
#[derive(Debug)]
pub struct OutsideSection {
    /// `when`
    pub when: Expression,
    /// `then`
    pub then: ThenSection,
    /// Where it stands.
    pub span: Span,
}

/// `then`, with what stands beside it.
#[derive(Debug)]
pub enum ThenSection {
    /// `reject`, with `detail`
    Reject(Option<Template>),
    /// `skip`, with `leaving`
    Skip(Option<Spanned<String>>),
}

/// One entry of `fixed`.
#[derive(Debug)]
pub struct FixedSection {
    /// `id`
    pub id: Spanned<String>,
    /// All others, by name or under the URN of an extension.
    pub attributes: Map<String, Value>,
    /// Where it stands.
    pub span: Span,
}

/// One entry of `attributes`, or of an `element`.
#[derive(Debug)]
pub struct RuleSection {
    /// The path, parsed.
    pub path: Spanned<RulePath>,
    /// What it does.
    pub kind: KindSection,
    /// `direction`
    pub direction: Option<Direction>,
    /// `only: create`
    pub only_create: bool,
    /// `if_changed`
    pub if_changed: Option<IfChanged>,
    /// `required`
    pub required: bool,
    /// `values`, in file order.
    pub values: Vec<(Spanned<String>, Vec<Spanned<Value>>)>,
    /// `convert`
    pub convert: Vec<Spanned<Converter>>,
    /// `refers`
    pub refers: Option<Spanned<String>>,
    /// `lookup`, with `unknown`
    pub lookup: Option<Spanned<Lookup>>,
    /// `unknown` stands there.
    pub unknown: bool,
    /// `default`
    pub default: Option<Spanned<Template>>,
    /// `missing`
    pub missing: Option<Spanned<Template>>,
    /// `generate`
    pub generate: Option<Spanned<Recipe>>,
    /// `clear`
    pub clear: Option<Clear>,
    /// `unordered`
    pub unordered: bool,
    /// `when`
    pub when: Option<Expression>,
    /// `lossy`: why the rule does not give back what it was given.
    pub lossy: Option<Spanned<String>>,
    /// `evidence` of this rule alone.
    pub evidence: Option<Evidence>,
}

/// The kind of a rule: exactly one.
#[derive(Debug)]
pub enum KindSection {
    /// `field`, with `read` and `write` where they stand.
    Field {
        /// The field.
        field: Spanned<FieldPath>,
        /// `read`
        read: Option<Expression>,
        /// `write`
        write: Option<Expression>,
    },
    /// `field` with `element`.
    List {
        /// The vendor's list.
        field: Spanned<FieldPath>,
        /// `where`
        owned: Vec<(String, Value)>,
        /// `element`
        element: Vec<RuleSection>,
    },
    /// `read` alone.
    Computed(Expression),
    /// `constant`
    Constant(Value),
    /// `kept: true`
    Kept,
    /// `first: true`
    First,
    /// `ignore: true`
    Ignore,
    /// `reject: true`
    Reject,
}

/// `operations`
#[derive(Debug, Default)]
pub struct OperationsSection {
    /// `get`
    pub get: Option<OperationSection>,
    /// `get_many`
    pub get_many: Option<ManySection>,
    /// `list`
    pub list: Option<OperationSection>,
    /// `list` with `links`
    pub linked: Option<LinkedSection>,
    /// `find`
    pub find: Vec<FindSection>,
    /// `create`
    pub create: Option<OperationSection>,
    /// `update`
    pub update: Vec<OperationSection>,
    /// `delete`
    pub delete: Option<DeleteSection>,
}

/// What reads several by their keys.
#[derive(Debug)]
pub struct ManySection {
    /// Its calls.
    pub operation: OperationSection,
    /// `at_most`
    pub at_most: usize,
}

/// The list of a vendor that has none.
#[derive(Debug)]
pub struct LinkedSection {
    /// `concurrent`
    pub concurrent: usize,
    /// Where it stands.
    pub span: Span,
}

/// One operation.
#[derive(Debug)]
pub struct OperationSection {
    /// `name` of an update, else the kind of operation.
    pub name: Spanned<String>,
    /// Its calls.
    pub steps: Vec<Step>,
    /// `key`
    pub key: Option<Template>,
    /// `claims`
    pub claims: Option<Vec<ClaimSection>>,
    /// `when` of an update.
    pub when: Option<Expression>,
    /// `for_each` over several steps.
    pub for_each: Option<Each>,
    /// `may_fail`
    pub may_fail: bool,
    /// `durable`
    pub durable: Option<bool>,
    /// `acknowledge: early`, and where that stands.
    pub early: Option<Span>,
    /// `read_again`
    pub read_again: Vec<Spanned<String>>,
    /// `concurrent`
    pub concurrent: usize,
    /// `evidence`, its own or inherited.
    pub evidence: Evidence,
    /// Roots of all names that it uses.
    pub mentions: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// One claim.
#[derive(Debug)]
pub struct ClaimSection {
    /// The attribute.
    pub path: RulePath,
    /// What part.
    pub what: ClaimedSection,
    /// As it is written.
    pub text: Spanned<String>,
}

/// What part of a change a claim covers, before types are known.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimedSection {
    /// All of it.
    Whole,
    /// `becomes VALUE`
    Becomes(String),
    /// `adds`
    Adds,
    /// `removes`
    Removes,
    /// `alters`
    Alters,
}

/// One entry of `find`.
#[derive(Debug)]
pub struct FindSection {
    /// `PATH op {hole}` joined by `and`.
    pub terms: Vec<(RulePath, Operator, String)>,
    /// As it is written.
    pub text: Spanned<String>,
    /// The call that serves it.
    pub operation: Option<OperationSection>,
    /// `scan`
    pub scan: Option<Scan>,
    /// `case`: whether the vendor compares with case, as far as it is known.
    pub exact: Option<bool>,
}

/// `delete`
#[derive(Debug)]
pub struct DeleteSection {
    /// A call of its own.
    pub operation: Option<OperationSection>,
    /// `run`: the update to run instead.
    pub run: Option<Spanned<String>>,
    /// `afterwards`
    pub afterwards: Afterwards,
    /// Where it stands.
    pub span: Span,
}
