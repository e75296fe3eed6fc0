//! Plan: what runs. Every name is resolved; every text is parsed; every value knows its place.

use crate::{
    diagnostic::Place,
    mapping::{
        convert::Converter,
        expr::{Expression, Template, Tree},
        path::Select,
    },
    scim::{
        attribute::AttributePath,
        filter::Operator,
        resource_type::{ResourceType, ResourceTypes},
        schema::Type,
    },
    upstream::{
        paging::Paging,
        record::{FieldPath, Locator},
        settings::{Limits, Retries},
    },
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// A checked mapping, ready to run.
#[derive(Debug)]
pub struct Plan {
    /// `[a-z0-9-]+`; label in metrics.
    pub name: String,
    /// What people call the vendor.
    pub title: String,
    /// What each tenant's configuration must supply.
    pub variables: Vec<Variable>,
    /// How the vendor is reached.
    pub upstream: UpstreamPlan,
    /// What is served: discovery and decoding know nothing else.
    pub types: ResourceTypes,
    /// In file order.
    pub resources: Vec<ResourcePlan>,
}

impl Plan {
    /// The plan of one resource type, by its name.
    pub fn resource(&self, name: &str) -> Option<&ResourcePlan> {
        self.resources.iter().find(|resource| resource.kind.name == name)
    }
}

/// How sure we are that the vendor's API is as the mapping says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The vendor documents it.
    Documented,
    /// It was seen to work.
    Seen,
    /// Nobody knows yet.
    Assumed,
}

/// What a tenant variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of texts.
    List,
}

/// One `tenant:` variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// `tenant.NAME` in expressions.
    pub name: String,
    /// What it holds.
    pub kind: VariableKind,
    /// Comes from the environment or a file; redacted everywhere.
    pub secret: bool,
    /// Without one it must be supplied.
    pub default: Option<Value>,
    /// The only values allowed; empty: any.
    pub one_of: Vec<Value>,
    /// Shown where the value is missing.
    pub example: Option<String>,
    /// For people.
    pub about: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// How calls are signed; templates over `tenant`.
#[derive(Debug, Clone)]
pub enum AuthPlan {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`
    Bearer(Template),
    /// `Authorization: Basic …`
    Basic {
        /// User name.
        user: Template,
        /// Password.
        password: Template,
    },
    /// A header of the vendor's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: Template,
    },
    /// A query parameter.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: Template,
    },
}

/// How bodies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`: `a[b]=1`, lists repeat the name, null is empty.
    Form,
}

/// The `upstream:` section.
#[derive(Debug)]
pub struct UpstreamPlan {
    /// Calls never leave it.
    pub base_url: Template,
    /// How calls are signed.
    pub auth: AuthPlan,
    /// On every call.
    pub headers: Vec<(String, Template)>,
    /// How bodies are written unless a step says otherwise.
    pub encoding: Encoding,
    /// For one call.
    pub timeout: Duration,
    /// How fast and how many at once.
    pub limits: Limits,
    /// Records read at most to match a filter here.
    pub scan: usize,
    /// When to try again.
    pub retries: Retries,
    /// What the vendor's failures mean, for all calls.
    pub errors: Vec<ErrorRow>,
    /// Where `base_url` stands.
    pub place: Place,
}

/// What an answer means: the eight words of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It worked.
    Done,
    /// What the call named does not exist.
    NotFound,
    /// Taken by somebody else.
    Conflict,
    /// The vendor refuses the values.
    Invalid,
    /// Not allowed by plan or policy.
    Forbidden,
    /// Too many calls; come back.
    Busy,
    /// Not there right now; come back.
    Down,
    /// Everything that should not happen.
    Broken,
}

/// One row of an `errors:` list.
#[derive(Debug, Clone)]
pub struct ErrorRow {
    /// Over `answer` and `tenant`; a failure counts as false.
    pub when: Expression,
    /// What it means.
    pub means: Meaning,
    /// What the client is told.
    pub detail: Option<Template>,
    /// The attribute at fault, for the detail.
    pub attribute: Option<String>,
    /// Seconds, for busy and down.
    pub retry_after: Option<Expression>,
    /// Where it stands.
    pub place: Place,
}

/// What happens to attributes that no rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmapped {
    /// Dropped and counted.
    Ignore,
    /// 400.
    Reject,
}

/// What happens when a create finds somebody who is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMatch {
    /// The create becomes an update of that Record.
    Adopt,
    /// 409.
    Conflict,
}

/// One kind of resource.
#[derive(Debug)]
pub struct ResourcePlan {
    /// What is served.
    pub kind: Arc<ResourceType>,
    /// Where the vendor's key stands in a Record; the SCIM id is its text.
    pub key: FieldPath,
    /// Over `record`; false reads as not found.
    pub exists: Option<Expression>,
    /// Who counts as the same person, tried in order on create.
    pub matches: Vec<AttributePath>,
    /// What happens to who is found.
    pub on_match: OnMatch,
    /// Over `record`: it is already ours.
    pub managed: Option<Expression>,
    /// Attributes without a rule.
    pub unmapped: Unmapped,
    /// In file order.
    pub rules: Vec<Rule>,
    /// Vendor fields that no attribute stands for.
    pub fields: Vec<ExtraField>,
    /// What the vendor can do.
    pub operations: Operations,
    /// Where the resource begins in the mapping.
    pub place: Place,
}

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
        /// Fields that the elements of this rule have; set on write.
        owned: Vec<(String, Value)>,
        /// In file order.
        element: Vec<SubRule>,
        /// Compared as a set.
        unordered: bool,
        /// The attribute is a list of plain values; elements are seen through `value`.
        plain: bool,
    },
    /// Always this.
    Constant(Value),
    /// Unassigned, silently.
    Ignore,
    /// 400 when the client sends it.
    Reject,
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
    /// SCIM value written when unassigned on create, or when the client clears it.
    pub default: Option<Template>,
    /// SCIM value read when the Record has none.
    pub missing: Option<Template>,
    /// How clearing is sent.
    pub clear: Clear,
    /// Over `tenant`: the rule is in force.
    pub when: Option<Expression>,
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
    /// A template over `tenant`.
    Constant(Template),
    /// An expression over `resource`, `tenant`, `now`.
    Write(Expression),
}

/// What the vendor can do with one kind of resource.
#[derive(Debug, Default)]
pub struct Operations {
    /// Reads one Record; the step with `record` and no `into` first.
    pub get: Option<Operation>,
    /// Reads all.
    pub list: Option<ListOperation>,
    /// Reads some.
    pub find: Vec<Find>,
    /// Makes one.
    pub create: Option<Operation>,
    /// At most 16, in file order.
    pub update: Vec<Update>,
    /// Ends one.
    pub delete: Option<Delete>,
}

/// One or more calls.
#[derive(Debug)]
pub struct Operation {
    /// `User.get`: label in metrics and traces.
    pub name: String,
    /// In order.
    pub steps: Vec<Step>,
    /// The key of what was made, when no record says it.
    pub key: Option<Template>,
    /// What it writes; for create and update.
    pub claims: Option<Vec<Claim>>,
    /// Names that its templates and expressions use: `whole`, `changed`, `before`.
    pub mentions: Vec<String>,
    /// How sure we are.
    pub evidence: Evidence,
    /// Where it stands.
    pub place: Place,
}

impl Operation {
    /// Whether any of its texts uses `name`.
    pub fn mentions(&self, name: &str) -> bool {
        self.mentions.iter().any(|mention| mention == name)
    }

    /// Whether an answer of it carries the Record.
    pub fn carries_record(&self) -> bool {
        self.steps.iter().any(|step| step.record.is_some() && step.into.is_none())
    }
}

/// `list`, and `find` by call.
#[derive(Debug)]
pub struct ListOperation {
    /// One step that yields items (or a record, or a key).
    pub operation: Operation,
    /// Names of get steps to run for each item.
    pub read_again: Vec<String>,
    /// How many of those at a time.
    pub concurrent: usize,
}

/// One `find` entry.
#[derive(Debug)]
pub struct Find {
    /// `PATH (eq|sw|co) {hole}` joined by `and`.
    pub filter: Vec<FindTerm>,
    /// What serves it; absent: `scan`, the list matched here.
    pub list: Option<ListOperation>,
    /// For `scan`: records read at most.
    pub at_most: Option<usize>,
    /// Where it stands.
    pub place: Place,
}

/// One comparison of a `find` filter.
#[derive(Debug, Clone)]
pub struct FindTerm {
    /// The attribute.
    pub target: Target,
    /// `eq`, `sw` or `co`.
    pub operator: Operator,
    /// The name that the value is bound to, in the vendor's terms.
    pub hole: String,
    /// How a value becomes the vendor's.
    pub passage: Passage,
}

/// One `update` entry.
#[derive(Debug)]
pub struct Update {
    /// In messages and metrics.
    pub name: String,
    /// What runs.
    pub operation: Operation,
    /// A candidate only when it holds.
    pub when: Option<Expression>,
    /// Beside others in one request its failure is reported, not fatal.
    pub may_fail: bool,
    /// The operation runs once for each `item` of this list.
    pub for_each: Option<Expression>,
}

/// How a resource ends.
#[derive(Debug)]
pub struct Delete {
    /// What runs.
    pub how: DeleteBy,
    /// Where it stands.
    pub place: Place,
}

/// The two ways to end a resource.
#[derive(Debug)]
pub enum DeleteBy {
    /// A call of its own.
    Call(Operation),
    /// The update of this index instead; the Record stays readable.
    Update(usize),
}

/// What part of a change a claim covers.
#[derive(Debug, Clone, PartialEq)]
pub enum Claimed {
    /// Every change of it.
    Whole,
    /// The change to this value.
    Becomes(Value),
    /// New elements.
    Adds,
    /// Lost elements.
    Removes,
    /// Changed elements.
    Alters,
}

/// One claim of an operation.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Indexes into [`ResourcePlan::rules`].
    pub rules: Vec<usize>,
    /// What part.
    pub what: Claimed,
    /// As the file says it.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A status that counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// `2xx`: the class by its first digit.
    Class(u16),
    /// `404`
    Status(u16),
}

impl Accept {
    /// Whether `status` is meant.
    pub fn holds(&self, status: u16) -> bool {
        match self {
            Accept::Class(class) => status / 100 == *class,
            Accept::Status(exact) => status == *exact,
        }
    }
}

/// A value taken from an answer for later steps.
#[derive(Debug, Clone)]
pub enum Capture {
    /// A place in the body.
    Place(Locator),
    /// A template over `answer`.
    Template(Template),
}

/// One call, and what becomes of its answer.
#[derive(Debug)]
pub struct Step {
    /// `steps.NAME` in later steps.
    pub name: String,
    /// Label in metrics and traces: `User.update.retire`.
    pub label: String,
    /// HTTP method.
    pub method: http::Method,
    /// Below the base URL.
    pub path: Template,
    /// In order.
    pub query: Vec<(String, Template)>,
    /// Beside the upstream's.
    pub headers: Vec<(String, Template)>,
    /// What is sent.
    pub body: Option<Tree>,
    /// How it is written.
    pub encoding: Encoding,
    /// Statuses that count as done.
    pub accept: Vec<Accept>,
    /// May be sent twice.
    pub safe: bool,
    /// Run it?
    pub when: Option<Expression>,
    /// The call runs for each `item`, in order.
    pub for_each: Option<Expression>,
    /// Into `steps.NAME`.
    pub capture: Vec<(String, Capture)>,
    /// Where the answer holds the Record.
    pub record: Option<Locator>,
    /// Where the answer holds the list of Records.
    pub items: Option<Locator>,
    /// Absent items are an empty list.
    pub may_lack_items: bool,
    /// Where in the Record this step's part belongs.
    pub into: Option<FieldPath>,
    /// How more items are read.
    pub paging: Option<Paging>,
    /// Judged before the operation's and the upstream's.
    pub errors: Vec<ErrorRow>,
    /// Its path or body names the resource's key.
    pub names_key: bool,
    /// Its path, query or body names something of the request beside the key.
    pub names_value: bool,
    /// Where `call` stands.
    pub place: Place,
}
