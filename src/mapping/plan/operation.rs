//! What a Plan says of calls: operations, their steps, and what they claim.

use super::{Encoding, ErrorRow, Lookup, ManyOperation, Part, Passage, Target};
use crate::{
    diagnostic::Place,
    mapping::expr::{Expression, Name, Template, Tree},
    scim::filter::Operator,
    upstream::{
        paging::Paging,
        record::{FieldPath, Locator},
    },
};
use http::{HeaderName, Method};
use serde_json::Value;
use std::time::Duration;

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

/// What the vendor can do with one kind of resource.
#[derive(Debug, Default, Clone)]
pub struct Operations {
    /// Reads one Record; the step with `record` and no `into` first.
    pub get: Option<Operation>,
    /// Reads several as `get` does.
    pub get_many: Option<ManyOperation>,
    /// Reads all.
    pub list: Option<ListOperation>,
    /// In its place, where the vendor cannot list.
    pub linked: Option<LinkedList>,
    /// Reads some.
    pub find: Vec<Find>,
    /// Makes one.
    pub create: Option<Operation>,
    /// At most 16, in file order.
    pub update: Vec<Update>,
    /// Ends one.
    pub delete: Option<Delete>,
}

impl Operations {
    /// Something is made, changed or deleted.
    pub fn write(&self) -> bool {
        self.create.is_some() || !self.update.is_empty() || self.delete.is_some()
    }

    /// All there are can be read.
    pub fn lists(&self) -> bool {
        self.list.is_some() || self.linked.is_some()
    }

    /// Where the mapping says that success is told before the vendor has it.
    pub fn early(&self) -> impl Iterator<Item = &Place> {
        self.all().filter_map(|operation| operation.early.as_ref())
    }

    /// All that call the vendor.
    pub fn all(&self) -> impl Iterator<Item = &Operation> {
        let finds = self.find.iter().filter_map(Find::call);
        let delete = self.delete.iter().filter_map(|delete| match &delete.how {
            DeleteBy::Call(operation) => Some(&**operation),
            DeleteBy::Update(_) => None,
        });
        self.get
            .iter()
            .chain(self.get_many.iter().map(|many| &many.operation))
            .chain(self.list.iter().chain(finds).map(|list| &list.operation))
            .chain(&self.create)
            .chain(self.update.iter().map(|update| &update.operation))
            .chain(delete)
    }
}

/// One or more calls.
#[derive(Debug, Clone)]
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
    /// Whether it is carried out later when it cannot be now, where the mapping says it.
    pub durable: Option<bool>,
    /// Where the mapping says that its client is told of success before the vendor has it.
    pub early: Option<Place>,
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

    /// Whether it makes several calls that write.
    pub fn writes_several(&self) -> bool {
        let writes = || self.steps.iter().filter(|step| step.method != Method::GET);
        writes().count() > 1 || writes().any(|step| step.for_each.is_some())
    }

    /// Whether the vendor knows a call of it again by its key.
    pub fn is_known_again(&self) -> bool {
        self.steps.iter().any(|step| step.idempotency_key.is_some())
    }

    /// Its calls: those of its steps, each with the one that takes it back.
    pub fn calls(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().flat_map(Step::calls)
    }

    /// Whether an answer of it holds a list of Records.
    pub fn lists(&self) -> bool {
        self.steps.iter().any(Step::lists)
    }

    /// Whether an answer of it carries the Record.
    pub fn carries_record(&self) -> bool {
        self.steps.iter().any(|step| step.record.is_some() && step.into.is_none())
    }
}

/// `list`, and `find` by call.
#[derive(Debug, Clone)]
pub struct ListOperation {
    /// One step that yields items (or a record, or a key).
    pub operation: Operation,
    /// Names of get steps to run for each item.
    pub read_again: Vec<String>,
    /// How many of those at a time.
    pub concurrent: usize,
}

impl ListOperation {
    /// Whether each item is read again as a whole, and not only parts of it.
    pub fn reads_all_again(&self) -> bool {
        self.read_again.iter().any(|name| name == "get")
    }
}

/// The list of a vendor that has none: what the store has Links for, each read by `get`.
#[derive(Debug, Clone)]
pub struct LinkedList {
    /// How many are read at once.
    pub concurrent: usize,
    /// Where it stands.
    pub place: Place,
}

/// One `find` entry.
#[derive(Debug, Clone)]
pub struct Find {
    /// `PATH (eq|sw|co) {hole}` joined by `and`.
    pub filter: Vec<FindTerm>,
    /// What serves it.
    pub how: FindBy,
    /// Where it stands.
    pub place: Place,
}

/// The two ways to find.
#[derive(Debug, Clone)]
pub enum FindBy {
    /// The vendor searches.
    Call(Box<ListOperation>),
    /// The list is read, and matched here.
    Scan(Scan),
}

/// How the list is read to be matched here.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Records at most.
    pub at_most: Option<usize>,
    /// So long what was read is used.
    pub cache: Option<Duration>,
}

impl Find {
    /// The vendor's search.
    pub fn call(&self) -> Option<&ListOperation> {
        match &self.how {
            FindBy::Call(list) => Some(list),
            FindBy::Scan(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn call_mut(&mut self) -> Option<&mut ListOperation> {
        match &mut self.how {
            FindBy::Call(list) => Some(list),
            FindBy::Scan(_) => None,
        }
    }
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
    /// What it comes to is a name, and its key is searched.
    pub lookup: Option<Lookup>,
}

/// One `update` entry.
#[derive(Debug, Clone)]
pub struct Update {
    /// In messages and metrics.
    pub name: String,
    /// What runs.
    pub operation: Operation,
    /// A candidate only when it holds.
    pub when: Option<Expression>,
    /// Beside others in one request its failure is reported, not fatal.
    pub may_fail: bool,
    /// The operation runs once for each item of a list.
    pub for_each: Option<Each>,
}

/// A list, and how its items are taken.
#[derive(Debug, Clone)]
pub struct Each {
    /// The list.
    pub list: Expression,
    /// So many at once, as `batch`; else one by one, as `item`.
    pub batch: Option<usize>,
}

impl Each {
    /// What the items are called in expressions.
    pub fn name(&self) -> &'static str {
        if self.batch.is_some() { "batch" } else { "item" }
    }

    /// What one call is made for: an item, or a list of them.
    pub fn groups(&self, items: Vec<Value>) -> Vec<Value> {
        match self.batch {
            None => items,
            Some(most) => {
                items.chunks(most.max(1)).map(|group| Value::Array(group.to_vec())).collect()
            }
        }
    }

    /// How many items such a group has.
    pub fn count(&self, group: &Value) -> usize {
        match (self.batch, group) {
            (Some(_), Value::Array(items)) => items.len(),
            _ => 1,
        }
    }
}

/// How a resource ends.
#[derive(Debug, Clone)]
pub struct Delete {
    /// What runs.
    pub how: DeleteBy,
    /// What a client sees from then on.
    pub afterwards: Afterwards,
    /// Where it stands.
    pub place: Place,
}

/// What a client sees of a resource that it has deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// 404, because the vendor's Record has gone.
    Removed,
    /// 404, because a tombstone hides the Record that the vendor still has.
    Gone,
    /// The Record, which stays readable.
    Inactive,
}

/// The two ways to end a resource.
#[derive(Debug, Clone)]
pub enum DeleteBy {
    /// A call of its own.
    Call(Box<Operation>),
    /// The update of this index instead; the vendor's Record stays.
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
    /// Indexes into the resource's rules.
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
#[derive(Debug, Clone)]
pub struct Step {
    /// `steps.NAME` in later steps.
    pub name: String,
    /// Label in metrics and traces: `User.update.retire`.
    pub label: String,
    /// HTTP method.
    pub method: Method,
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
    /// The header in which the vendor takes a key by which it knows the call again.
    pub idempotency_key: Option<HeaderName>,
    /// Its operation changes something.
    pub writes: bool,
    /// How sure we are of the call.
    pub evidence: Evidence,
    /// Run it?
    pub when: Option<Expression>,
    /// The call runs for each item of a list, in order.
    pub for_each: Option<Each>,
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
    /// Of a step of `get_many`: whose part each item is.
    pub part: Option<Part>,
    /// How more items are read.
    pub paging: Option<Paging>,
    /// Judged before the operation's and the upstream's.
    pub errors: Vec<ErrorRow>,
    /// Takes back what it did, when a later one fails for good.
    pub undo: Option<Box<Step>>,
    /// Where `call` stands.
    pub place: Place,
}

impl Step {
    /// Its call, and the one that takes it back.
    pub fn calls(&self) -> impl Iterator<Item = &Step> {
        std::iter::once(self).chain(self.undo.as_deref())
    }

    /// The free names of its texts, but for those of its `capture` and of its undo.
    pub fn names(&self) -> Vec<Name> {
        let texts = self.query.iter().chain(&self.headers).map(|(_, text)| text);
        let texts = std::iter::once(&self.path).chain(texts);
        let body = self.body.iter().flat_map(Tree::templates);
        let when = self.when.iter().flat_map(|when| when.names().to_vec());
        let each = self.for_each.iter().flat_map(|each| each.list.names().to_vec());
        texts.chain(body).flat_map(Template::names).chain(when).chain(each).collect()
    }

    /// Whether it yields a list of Records.
    pub fn lists(&self) -> bool {
        self.items.is_some() && self.into.is_none()
    }
}
