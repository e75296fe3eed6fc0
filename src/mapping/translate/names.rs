//! Names: what lookups know, as far as one request needs it: keys and names one by one, and whole lists for
//! expressions that ask for `lookups.NAME`.
//!
//! Translating is pure: what it does not find in the table it notes as asked, and goes on with the name in
//! place of the key. The gateway answers what was asked and translates again. What nobody answers (the
//! laws, the checks) is a relabelling: each name is its own key.

use super::passage::{self, Found, unassigned};
use crate::{
    mapping::{
        expr::Name,
        plan::{Lookup, Passage, ResourcePlan, Unknown},
    },
    upstream::record::text_of,
};
use serde_json::{Map, Value, json};
use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Which way something is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// The key of a name.
    Key,
    /// The name of a key.
    Name,
}

/// One thing to be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// By which lookup.
    pub lookup: Arc<str>,
    /// Which way.
    pub way: Way,
    /// The name or key.
    pub text: String,
}

/// What a lookup says.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The key or name.
    One(Value),
    /// There is none.
    Nobody,
    /// Several items have this name, or key.
    Several,
}

/// What one request has learned. Shared: parts of a request are read side by side.
#[derive(Debug, Default)]
pub struct Table {
    // A std mutex: held for a look-up only. The same of the lists.
    known: Mutex<HashMap<Question, Reply>>,
    lists: Mutex<Arc<Value>>,
}

impl Table {
    /// Learns one answer. What is known stays: one request has one truth.
    pub fn learn(&self, question: Question, reply: Reply) {
        self.known().entry(question).or_insert(reply);
    }

    /// Learns a whole list, `{ name, key }` each. What is known stays.
    pub fn learn_list(&self, lookup: &str, items: Vec<Value>) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = lists.as_object().cloned().unwrap_or_default();
        all.entry(lookup).or_insert(Value::Array(items));
        *lists = Arc::new(Value::Object(all));
    }

    fn lists(&self) -> Arc<Value> {
        Arc::clone(&self.lists.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, question: &Question) -> Option<Reply> {
        self.known().get(question).cloned()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Question, Reply>> {
        // A panic in between leaves a table that is short of an answer, no worse.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A table at one translation, and what it was asked in vain.
#[derive(Debug, Default)]
pub struct Names<'t> {
    table: Option<&'t Table>,
    lists: Arc<Value>,
    asked: RefCell<Asked>,
}

/// What has to be answered before a translation holds, each once.
#[derive(Debug, Default)]
pub struct Asked {
    /// Names and keys.
    pub questions: Vec<Question>,
    /// Lookups whose whole list is asked for.
    pub lists: Vec<Arc<str>>,
}

impl Asked {
    /// Whether the translation holds.
    pub fn is_nothing(&self) -> bool {
        self.questions.is_empty() && self.lists.is_empty()
    }
}

impl<'t> Names<'t> {
    /// Over a table.
    pub fn of(table: &'t Table) -> Self {
        Self { table: Some(table), lists: table.lists(), asked: RefCell::default() }
    }

    /// Without one: each name is its own key, and each list that is asked for has two.
    pub fn sample(plan: &ResourcePlan) -> Self {
        let list = json!([{ "name": "one", "key": "1" }, { "name": "two", "key": "2" }]);
        let lists: Map<String, Value> =
            plan.lists().map(|name| (name.to_owned(), list.clone())).collect();
        Self { lists: Arc::new(Value::Object(lists)), ..Self::default() }
    }

    /// `lookups` in expressions.
    pub fn lists(&self) -> &Value {
        &self.lists
    }

    /// Notes the lists that an expression names and nobody knows yet.
    pub fn need<'n>(&self, names: impl IntoIterator<Item = &'n Name>) {
        let lists = names.into_iter().filter(|name| name.root == "lookups");
        for list in lists.filter_map(|name| name.path.first()) {
            if self.table.is_some() && self.lists.get(list).is_none() {
                self.asked.borrow_mut().lists.push(list.as_str().into());
            }
        }
    }

    /// What has to be answered before the translation holds.
    pub fn into_asked(self) -> Asked {
        let mut asked = self.asked.into_inner();
        let mut seen = std::collections::HashSet::new();
        asked.questions.retain(|question| seen.insert(question.clone()));
        asked.lists.sort_unstable();
        asked.lists.dedup();
        asked
    }

    /// The key of a name, or of each in a list; nothing when it is dropped. The error says why there
    /// is none.
    pub fn key(&self, lookup: &Lookup, name: &Value) -> Result<Option<Value>, String> {
        if let Value::Array(names) = name {
            let keys: Result<Vec<_>, _> = names.iter().map(|name| self.key(lookup, name)).collect();
            let keys: Vec<Value> = keys?.into_iter().flatten().collect();
            return Ok(Some(Value::Array(keys)).filter(|keys| !unassigned(keys)));
        }
        let why = match self.ask(lookup, Way::Key, name) {
            Reply::One(key) => return Ok(Some(key)),
            Reply::Nobody => "is not known",
            Reply::Several => "is ambiguous: several have this name",
        };
        if lookup.unknown == Unknown::Drop {
            return Ok(None);
        }
        let name = text_of(name).unwrap_or_else(|| name.to_string());
        Err(format!("`{name}` {why} to the vendor (lookup `{}`)", lookup.name))
    }

    /// Reads a vendor value whose key, where there is a lookup, is first its name.
    pub fn read(&self, lookup: Option<&Lookup>, passage: &Passage, vendor: &Value) -> Found {
        match lookup.filter(|_| !unassigned(vendor)) {
            None => passage::read(passage, vendor),
            Some(lookup) => match self.name(lookup, vendor) {
                Some(name) => passage::read(passage, &name),
                None if lookup.unknown == Unknown::Drop => Found::Nothing,
                None => Found::Unreadable,
            },
        }
    }

    /// The name of a key, or of each in a list, where those that are dropped are left out.
    fn name<'v>(&self, lookup: &Lookup, key: &'v Value) -> Option<Cow<'v, Value>> {
        if self.table.is_none() {
            return Some(Cow::Borrowed(key));
        }
        if let Value::Array(keys) = key {
            let drops = lookup.unknown == Unknown::Drop;
            let names = keys.iter().map(|key| self.name(lookup, key).map(Cow::into_owned));
            let names: Option<Vec<Value>> =
                if drops { Some(names.flatten().collect()) } else { names.collect() };
            return names.map(Value::Array).map(Cow::Owned);
        }
        match self.ask(lookup, Way::Name, key) {
            Reply::One(name) => Some(Cow::Owned(name)),
            Reply::Nobody | Reply::Several => None,
        }
    }

    fn ask(&self, lookup: &Lookup, way: Way, value: &Value) -> Reply {
        let Some(table) = self.table else { return Reply::One(value.clone()) };
        // A map or a list is nobody's name.
        let Some(text) = text_of(value) else { return Reply::Nobody };
        let question = Question { lookup: Arc::clone(&lookup.name), way, text };
        table.get(&question).unwrap_or_else(|| {
            self.asked.borrow_mut().questions.push(question);
            Reply::One(value.clone())
        })
    }
}
