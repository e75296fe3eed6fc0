//! What lookups gave, remembered for a while: lists whole, single names one by one. It is that of one
//! credential towards the vendor; a reload, which may bring another, forgets all of it.

use crate::{
    mapping::{
        plan::LookupPlan,
        translate::names::{Question, Reply, Way},
    },
    upstream::record::text_of,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// So long a name that nobody has is not asked for again: it may be made at any moment.
const NOBODY: Duration = Duration::from_secs(10);
/// A list is not read again for names that it lacks before this has passed.
const AGAIN: Duration = Duration::from_secs(1);
/// Single answers at most, some 2 MiB of them. When it is full all are forgotten: each costs one call.
const SINGLES: usize = 10_000;

/// What one tenant's lookups gave.
#[derive(Debug, Default)]
pub struct Remembered {
    // A std mutex: held for a look-up only, never across an await.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Of the plan and the credential that it was read with.
    generation: u64,
    lists: HashMap<Arc<str>, Arc<Listed>>,
    singles: HashMap<Question, (Reply, Instant)>,
}

/// One item.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What the client says.
    pub name: Value,
    /// What the vendor wants.
    pub key: Value,
}

impl Pair {
    /// The key as it compares.
    pub fn key_text(&self) -> String {
        text_of(&self.key).unwrap_or_default()
    }
}

/// Items, found by name and by key.
#[derive(Debug)]
pub struct Listed {
    /// In the vendor's order.
    pub pairs: Vec<Pair>,
    /// When.
    pub read: Instant,
    /// Indexes by name as it compares; of several one and another.
    names: HashMap<String, (usize, bool)>,
    keys: HashMap<String, (usize, bool)>,
}

impl Listed {
    /// Of what was read at `read`.
    pub fn new(lookup: &LookupPlan, pairs: Vec<Pair>, read: Instant) -> Self {
        let mut listed = Self { pairs, read, names: HashMap::new(), keys: HashMap::new() };
        for (index, pair) in listed.pairs.iter().enumerate() {
            // The same item twice, on two pages of a list that moved, is one.
            let twice = |known: &mut (usize, bool), same: bool| known.1 |= !same;
            let other = |known: usize| listed.pairs.get(known);
            let name = lookup.fold(&text_of(&pair.name).unwrap_or_default());
            let known = listed.names.entry(name).or_insert((index, false));
            let same = other(known.0).is_some_and(|other| other.key_text() == pair.key_text());
            twice(known, same);
            let known = listed.keys.entry(pair.key_text()).or_insert((index, false));
            let same = other(known.0).is_some_and(|other| other.name == pair.name);
            twice(known, same);
        }
        listed
    }

    /// As expressions see it.
    pub fn shown(&self) -> Vec<Value> {
        let pairs = self.pairs.iter();
        pairs.map(|Pair { name, key }| json!({ "name": name, "key": key })).collect()
    }

    /// What it says.
    pub fn reply(&self, lookup: &LookupPlan, question: &Question) -> Reply {
        let found = match question.way {
            Way::Key => self.names.get(&lookup.fold(&question.text)),
            Way::Name => self.keys.get(&question.text),
        };
        match found {
            None => Reply::Nobody,
            Some((_, true)) => Reply::Several,
            Some((index, false)) => match (self.pairs.get(*index), question.way) {
                (Some(pair), Way::Key) => Reply::One(pair.key.clone()),
                (Some(pair), Way::Name) => Reply::One(pair.name.clone()),
                (None, _) => Reply::Nobody,
            },
        }
    }
}

impl Remembered {
    /// The list, while it is fresh.
    pub fn list(&self, lookup: &LookupPlan, generation: u64, now: Instant) -> Option<Arc<Listed>> {
        let known = self.of(generation)?;
        let list = known.lists.get(&lookup.name)?;
        (now.saturating_duration_since(list.read) < lookup.cache).then(|| Arc::clone(list))
    }

    /// Whether the list was read so short a while ago that it is not read again for a name.
    pub fn just_read(&self, lookup: &LookupPlan, generation: u64, now: Instant) -> bool {
        let list = self.list(lookup, generation, now);
        list.is_some_and(|list| now.saturating_duration_since(list.read) < AGAIN)
    }

    /// Keeps a list.
    pub fn keep(&self, lookup: &LookupPlan, generation: u64, list: &Arc<Listed>) {
        if let Some(mut known) = self.of(generation) {
            known.lists.insert(Arc::clone(&lookup.name), Arc::clone(list));
        }
    }

    /// What was said of one name or key, while it is fresh.
    pub fn reply(
        &self,
        lookup: &LookupPlan,
        generation: u64,
        question: &Question,
        now: Instant,
    ) -> Option<Reply> {
        let known = self.of(generation)?;
        let (reply, at) = known.singles.get(&folded(lookup, question))?;
        let fresh = if *reply == Reply::Nobody { NOBODY } else { lookup.cache };
        (now.saturating_duration_since(*at) < fresh).then(|| reply.clone())
    }

    /// Remembers what was said of one name or key.
    pub fn note(
        &self,
        lookup: &LookupPlan,
        generation: u64,
        question: &Question,
        reply: &Reply,
        now: Instant,
    ) {
        let Some(mut known) = self.of(generation) else { return };
        if known.singles.len() >= SINGLES {
            known.singles.clear();
        }
        known.singles.insert(folded(lookup, question), (reply.clone(), now));
    }

    /// What is known with this plan; nothing for a request of an older one.
    fn of(&self, generation: u64) -> Option<MutexGuard<'_, Known>> {
        // A panic in between leaves an answer out, no worse.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if generation > known.generation {
            *known = Known { generation, ..Known::default() };
        }
        (generation == known.generation).then_some(known)
    }
}

/// A question as it compares.
fn folded(lookup: &LookupPlan, question: &Question) -> Question {
    match question.way {
        Way::Key => Question { text: lookup.fold(&question.text), ..question.clone() },
        Way::Name => question.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping;
    use serde_json::json;

    const MAPPING: &str = r#"
mapping: 1
name: acme
evidence: seen
tenant: { token: { type: text, secret: true } }
upstream: { base_url: "https://v.example", auth: { bearer: { token: "{tenant.token}" } } }
lookups:
  office: { call: GET /offices, items: offices, paging: none, name: name, key: id }
  exact: { call: "GET /offices/{value}", record: ., name: name, key: id, case: exact }
resources:
  Role:
    endpoint: /Roles
    schema: urn:okta:scim:schemas:core:1.0:Role
    key: id
    attributes: { displayName: { field: name, lookup: office } }
    operations: { list: { call: GET /roles, items: roles, paging: none } }
"#;

    fn lookup(name: &str) -> LookupPlan {
        let plan = mapping::look("m.yaml", MAPPING).plan.unwrap();
        plan.lookup(name).unwrap().clone()
    }

    fn question(way: Way, text: &str) -> Question {
        Question { lookup: "office".into(), way, text: text.to_owned() }
    }

    fn pair((name, key): (&str, Value)) -> Pair {
        Pair { name: json!(name), key }
    }

    #[test]
    fn an_item_is_found_by_name_and_by_key() {
        let pairs = [
            ("Oslo", json!(1)),
            ("oslo", json!("1")),
            ("Bergen", json!(2)),
            ("BERGEN", json!(3)),
            ("Bodø", json!(4)),
            ("Bodo", json!(4)),
        ];
        let pairs: Vec<Pair> = pairs.into_iter().map(pair).collect();
        let [office, exact] = ["office", "exact"].map(lookup);
        let table = [
            // The same key in another spelling of the name is the same item.
            (Way::Key, "OSLO", Reply::One(json!(1)), Reply::Nobody),
            (Way::Key, "Bergen", Reply::Several, Reply::One(json!(2))),
            (Way::Key, "Bodo", Reply::One(json!(4)), Reply::One(json!(4))),
            (Way::Key, "Paris", Reply::Nobody, Reply::Nobody),
            (Way::Name, "2", Reply::One(json!("Bergen")), Reply::One(json!("Bergen"))),
            // Nobody knows which of its names a key is.
            (Way::Name, "4", Reply::Several, Reply::Several),
            (Way::Name, "9", Reply::Nobody, Reply::Nobody),
        ];
        let lists = [&office, &exact].map(|one| Listed::new(one, pairs.clone(), Instant::now()));
        for (way, text, ignoring, exactly) in table {
            let question = question(way, text);
            let replies = [lists[0].reply(&office, &question), lists[1].reply(&exact, &question)];
            assert_eq!(replies, [ignoring, exactly], "{question:?}");
        }
    }

    #[test]
    fn a_reload_forgets_all_and_an_older_request_neither_reads_nor_writes() {
        let (office, memory, now) = (lookup("office"), Remembered::default(), Instant::now());
        let list = Arc::new(Listed::new(&office, vec![pair(("Oslo", json!(1)))], now));
        let asked = question(Way::Key, "Oslo");
        let known = |generation: u64| {
            let reply = memory.reply(&office, generation, &asked, now);
            (memory.list(&office, generation, now).is_some(), reply.is_some())
        };
        memory.keep(&office, 1, &list);
        memory.note(&office, 1, &asked, &Reply::One(json!(1)), now);
        assert_eq!(known(1), (true, true));
        assert_eq!(known(2), (false, false));
        memory.keep(&office, 1, &list);
        memory.note(&office, 1, &asked, &Reply::One(json!(1)), now);
        assert_eq!((known(1), known(2)), ((false, false), (false, false)));
    }

    #[test]
    fn single_answers_have_a_bound() {
        let (office, memory, now) = (lookup("office"), Remembered::default(), Instant::now());
        for n in 0..=SINGLES {
            let asked = question(Way::Key, &n.to_string());
            memory.note(&office, 1, &asked, &Reply::Nobody, now);
        }
        assert_eq!(memory.of(1).unwrap().singles.len(), 1);
    }
}
