//! Creates that have begun and not ended: ours, so that their repeat is finished and not refused.
//! In the store where the kind keeps something there anyway, else in memory: what keeps nothing goes on
//! while the store is down, and pays for no write to the disk.

use super::{
    Context,
    error::Failure,
    identity::{self, Identity},
    kept,
    memory::Memory,
};
use crate::{
    mapping::translate::place,
    scim::{intent::Intent, message::Action, resource::Resource},
    store::{Change, Mark, State, Store},
    upstream::record::text_of,
};
use aws_lc_rs::digest::{SHA256, digest};
use jiff::SignedDuration;
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// What a create is known by: one `match` attribute and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The kind of resource.
    pub kind: String,
    /// The attribute's canonical path, with its selector.
    pub attribute: String,
    /// Its value in normal form.
    pub value: String,
}

impl Name {
    /// The id under which the journal has a create of it, before there is another one: `~` and a hash, for ids stand
    /// in the log and names do not. An id of a client's begins otherwise, or is nobody's.
    pub fn provisional(&self) -> String {
        let text = format!("{} {}", self.attribute, self.value);
        let hash = digest(&SHA256, text.as_bytes());
        // Half of it: as many as no two people of a tenant share by chance.
        let digits = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}"));
        format!("~{}", digits.collect::<String>())
    }
}

/// As its turn is called: that of the id under which the journal has it.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.provisional())
    }
}

/// The names of a resource: its assigned `match` attributes, in the mapping's order.
pub fn names(cx: &Context<'_>, resource: &Resource) -> Vec<Name> {
    let name = |by: &crate::mapping::plan::MatchBy| {
        let value = normal(place::take(resource, &by.target)?);
        Some(Name { kind: cx.plan.kind.name.clone(), attribute: by.target.to_string(), value })
    };
    cx.plan.matches.iter().filter_map(name).collect()
}

/// How a create came to its end.
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// Nothing was made.
    Nothing,
    /// This is a resource now.
    Done {
        /// Which.
        who: &'a Identity,
        /// Whether it was there before.
        how: State,
        /// It was deleted, and is there again.
        revived: bool,
        /// So long a repeat of it is told who was made, and not that his name is taken: where its client hears of it
        /// elsewhere than in its answer, if at all. What wants something else is no repeat.
        repeats: Option<(SignedDuration, &'a Resource)>,
    },
}

/// Remembers that a create has begun, before anything is sent.
pub async fn begin(cx: &Context<'_>, names: &[Name]) -> Result<(), Failure> {
    let Some(first) = names.first() else { return Ok(()) };
    if store(cx).is_none() {
        cx.memory.unfinished.begin(&texts(names));
        return Ok(());
    }
    let mark = Mark {
        name: unfinished(&first.attribute, &first.value),
        state: State::Unfinished,
        vendor_key: None,
        values: values(names),
        since: cx.now,
    };
    kept::write(cx, vec![Change::Mark(mark)]).await.map(drop)
}

/// Forgets it: it has ended. What it made is ours from now on, and no longer gone. `with` is written in the same
/// breath, where there is a store.
pub async fn end(
    cx: &Context<'_>,
    names: &[Name],
    end: End<'_>,
    with: Vec<Change>,
) -> Result<(), Failure> {
    let changes = ending(cx, names, end).into_iter().chain(with).collect();
    kept::write(cx, changes).await.map(drop)
}

/// What has to be written for that, where there is a store.
pub fn ending(cx: &Context<'_>, names: &[Name], end: End<'_>) -> Vec<Change> {
    if store(cx).is_none() {
        cx.memory.unfinished.end(&texts(names));
        return Vec::new();
    }
    let name = |first: &Name| unfinished(&first.attribute, &first.value);
    let first = names.first().map(|first| Change::Unmark { name: name(first) });
    let mut changes: Vec<Change> = first.into_iter().collect();
    if let End::Done { who: Identity { id, key }, how, revived, repeats } = end {
        if revived {
            changes.push(Change::Lift { id: id.clone() });
        }
        // The list is of whom a Link tells.
        if cx.plan.operations.linked.is_some() {
            changes.push(Change::Link { id: id.clone(), vendor_key: key.clone() });
        }
        let mark = Mark {
            name: ours(key),
            state: how,
            vendor_key: Some(key.clone()),
            values: Default::default(),
            since: cx.now,
        };
        changes.extend(match repeats {
            None => known(cx, mark),
            Some((repeats, wanted)) => Some(Change::Mark(Mark {
                state: State::Unfinished,
                values: said(cx, names, wanted),
                since: cx.at().checked_add(repeats).unwrap_or(cx.at()),
                ..mark
            })),
        });
    }
    changes
}

/// A client knows of who has this mark: what it says from now on is that he is ours, where anybody asks for that.
fn known(cx: &Context<'_>, mark: Mark) -> Option<Change> {
    match (cx.plan.marks_ours(), promises(cx)) {
        (true, _) => Some(Change::Mark(mark)),
        (false, true) => Some(Change::Unmark { name: mark.name }),
        (false, false) => None,
    }
}

/// A client writes to who has this id. Where he was made without his client, a repeat of the create that comes after that is
/// too late: it would be written over what this one says.
pub async fn is_written_to(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    if !promises(cx) || !cx.journals() {
        return Ok(());
    }
    let Some(Identity { key, .. }) = identity::of(cx, id).await? else { return Ok(()) };
    let mut marks = cx.ask(cx.store()?.marks(&cx.rows(), std::slice::from_ref(&key))).await?;
    let unheard = marks.remove(&key).filter(|mark| mark.state == State::Unfinished);
    let heard = |mark| known(cx, Mark { state: State::Made, values: Default::default(), ..mark });
    kept::write(cx, unheard.and_then(heard).into_iter().collect()).await.map(drop)
}

/// Whether a create under this name has begun, of which its client does not know that it has ended.
pub async fn has(cx: &Context<'_>, name: &Name) -> Result<bool, Failure> {
    let Some(store) = store(cx) else {
        return Ok(cx.memory.unfinished.has(&name.to_string()));
    };
    let marks = cx.ask(store.marks_with(&cx.rows(), &name.attribute, &name.value)).await?;
    Ok(marks.iter().any(|mark| is_under_way(mark) || is_unheard(cx, mark)))
}

/// The same where a search by this one of the names has found somebody: who was made under them already is nobody else.
pub async fn has_of(
    cx: &Context<'_>,
    names: &[Name],
    name: &Name,
    found: &Identity,
    wanted: &Resource,
) -> Result<bool, Failure> {
    let Some(store) = store(cx) else {
        return Ok(cx.memory.unfinished.has(&name.to_string()));
    };
    let is_his = |mark: &Mark| {
        mark.vendor_key.as_ref() == Some(&found.key) && mark.values == said(cx, names, wanted)
    };
    let marks = cx.ask(store.marks_with(&cx.rows(), &name.attribute, &name.value)).await?;
    Ok(marks.iter().any(|mark| is_under_way(mark) || is_unheard(cx, mark) && is_his(mark)))
}

fn is_under_way(mark: &Mark) -> bool {
    mark.state == State::Unfinished && mark.vendor_key.is_none()
}

/// Whether it is of somebody whose client does not know that he was made, and may come back for him yet.
fn is_unheard(cx: &Context<'_>, mark: &Mark) -> bool {
    let unheard = mark.state == State::Unfinished && mark.vendor_key.is_some();
    unheard && promises(cx) && mark.since > cx.at()
}

/// So long the client of who was made without it may come back: a task that failed is tried again by a person the next day.
pub const UNHEARD: SignedDuration = SignedDuration::from_hours(48);

/// The same where it was answered, and may not have heard that: it comes back at once.
pub const ANSWERED: SignedDuration = SignedDuration::from_mins(10);

/// The mark that says that the record of this key is ours.
pub async fn mark(cx: &Context<'_>, key: &str) -> Result<Option<Mark>, Failure> {
    if !cx.plan.marks_ours() {
        return Ok(None);
    }
    let mut marks = cx.ask(cx.store()?.marks(&cx.rows(), &[key.to_owned()])).await?;
    Ok(marks.remove(key))
}

/// The store, where creates of this kind are remembered in it. A Group that is a value is written to by way of the journal,
/// and so by way of the store, as a rule; so is what is durable.
fn store<'c>(cx: &Context<'c>) -> Option<&'c dyn Store> {
    let memory: &'c Memory = cx.memory;
    // What is made without its client may be asked for at another replica.
    let journalled = || cx.journals() && (cx.plan.values_of().is_some() || promises(cx));
    let holds = || cx.plan.holds() || journalled();
    memory.store.as_deref().filter(|_| holds())
}

/// A `match` value in normal form: what differs in case is one name.
pub fn normal(value: &Value) -> String {
    text_of(value).unwrap_or_else(|| value.to_string()).to_lowercase()
}

/// The name of the mark of what is ours.
pub fn ours(key: &str) -> String {
    format!("ours {key}")
}

/// The same for a create under way, by the first of its names: creates of one name take turns, so it
/// has one mark.
pub fn unfinished(attribute: &str, value: &str) -> String {
    format!("create {attribute} {value}")
}

/// Whether some are made without their clients.
pub fn promises(cx: &Context<'_>) -> bool {
    cx.plan.operations.create.as_ref().is_some_and(|create| create.durable == Some(true))
}

fn values(names: &[Name]) -> BTreeMap<String, String> {
    names.iter().map(|name| (name.attribute.clone(), name.value.clone())).collect()
}

/// The same with a hash of all that a create wants: what of it nobody may read is in no store.
fn said(cx: &Context<'_>, names: &[Name], wanted: &Resource) -> BTreeMap<String, String> {
    let intent = Intent::of(&Action::Create(wanted.clone()), &cx.plan.kind);
    let text = intent.map_or(Value::Null, |intent| intent.value).to_string();
    let hash = digest(&SHA256, text.as_bytes());
    let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut said = values(names);
    said.insert(INTENT.to_owned(), digits);
    said
}

/// No attribute is called so.
const INTENT: &str = "(create)";

fn texts(names: &[Name]) -> Vec<String> {
    names.iter().map(Name::to_string).collect()
}
