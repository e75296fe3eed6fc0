//! Whether somebody may log in: a boolean, a word of a list, or calls that suspend and bring back.

use super::{
    place::Place,
    rule::{Rule, Way},
    vocabulary::{called, folded},
};
use crate::init::openapi::{Field, Kind, Operation};
use serde_json::Value;

const ON: [&str; 8] = [
    "active",
    "isactive",
    "enabled",
    "isenabled",
    "accountenabled",
    "activated",
    "isactivated",
    "loginenabled",
];
const OFF: [&str; 10] = [
    "disabled",
    "isdisabled",
    "suspended",
    "issuspended",
    "deactivated",
    "isdeactivated",
    "blocked",
    "isblocked",
    "inactive",
    "archived",
];
const WORDED: [&str; 9] = [
    "status",
    "state",
    "accountstatus",
    "userstatus",
    "accountstate",
    "userstate",
    "activationstatus",
    "lifecyclestatus",
    "membershipstatus",
];

/// Words that mean somebody can log in; the first that the vendor knows is written.
const CAN: [&str; 6] = ["active", "enabled", "activated", "confirmed", "ok", "live"];
/// Words of people who were asked in and did not come yet: read as active, never written.
const WILL: [&str; 8] = [
    "pending",
    "invited",
    "provisioned",
    "staged",
    "unconfirmed",
    "new",
    "notinvited",
    "onboarding",
];
/// Words that mean somebody cannot; in the order in which one is chosen to be written.
const CANNOT: [&str; 11] = [
    "suspended",
    "deactivated",
    "inactive",
    "disabled",
    "blocked",
    "archived",
    "locked",
    "cancelled",
    "canceled",
    "closed",
    "terminated",
];
/// Words of those who are no more.
const GONE: [&str; 4] = ["deleted", "removed", "purged", "erased"];

const SUSPENDS: [&str; 5] = ["suspend", "deactivate", "disable", "block", "archive"];
const RETURNS: [&str; 9] = [
    "unsuspend",
    "reactivate",
    "activate",
    "enable",
    "unblock",
    "unarchive",
    "restore",
    "resume",
    "reinstate",
];

/// How the state of a user is changed.
#[derive(Debug, Clone)]
pub enum State {
    /// With the other fields, by the rest of the update.
    Written,
    /// By calls of its own: suspends, brings back.
    Calls(Action, Action),
    /// By nothing that was found.
    Unwritten,
}

/// A call of its own.
#[derive(Debug, Clone)]
pub struct Action {
    /// The last word of its path.
    pub word: String,
    /// `POST /users/{id}/suspend`
    pub method: &'static str,
    /// Its path.
    pub path: String,
    /// Where the document has it.
    pub place: String,
}

/// The rule, how it is changed, and what tells that a record is no more.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// `active`
    pub rule: Option<Rule<'a>>,
    /// How it is changed.
    pub state: State,
    /// An expression that is false of a record that is no more, and the reason.
    pub exists: Option<(String, String)>,
}

/// The state in what is read, as far as creates and updates take it.
pub fn of<'a>(
    read: &[Field<'a>],
    create: &[Field<'a>],
    update: &[Field<'a>],
    below: &[Operation<'_>],
) -> Found<'a> {
    let (mut rule, exists) = match switch(read, update).or_else(|| switch(read, read)) {
        Some((field, on)) => (Some(switched(field, on)), None),
        None => worded(read, update),
    };
    let mut state = State::Unwritten;
    if let Some(active) = rule.take() {
        let writable = active.way == Way::Both;
        let place = |fields: &[Field<'a>]| {
            let found = fields.iter().find(|field| Place::of(&field.path) == active.place)?;
            Some(Place::of(&found.path))
        };
        let (in_create, in_update) = (place(create), place(update));
        let mut active = Rule { way: Way::Read, ..active };
        if writable && in_update.is_some() {
            state = State::Written;
            (active.create, active.update, active.way) = (in_create, in_update, Way::Both);
        } else if let (true, Some((off, on))) = (writable, actions(below)) {
            state = State::Calls(off, on);
            active.way = Way::Both;
        }
        rule = Some(active);
    }
    Found { rule, state, exists }
}

/// A boolean, and whether its `true` means that somebody can.
fn switch<'f, 'a>(read: &'f [Field<'a>], within: &[Field<'a>]) -> Option<(&'f Field<'a>, bool)> {
    let found = [(&ON[..], true), (&OFF[..], false)]
        .into_iter()
        .find_map(|(names, on)| Some((called(within, names, &[Kind::Boolean])?.path.clone(), on)));
    let (path, on) = found?;
    read.iter().find(|field| field.path == path).map(|field| (field, on))
}

fn switched<'a>(field: &Field<'a>, on: bool) -> Rule<'a> {
    let mut rule = Rule::read("active", field, "its name and that it is a boolean");
    if !on {
        rule.values = vec![
            ("true".to_owned(), vec![Value::Bool(false)]),
            ("false".to_owned(), vec![Value::Bool(true)]),
        ];
    }
    Rule { way: Way::Both, ..rule }
}

type Worded<'a> = (Option<Rule<'a>>, Option<(String, String)>);

fn worded<'a>(read: &[Field<'a>], update: &[Field<'a>]) -> Worded<'a> {
    let apart = |field: &&Field<'a>| !field.path.iter().any(|name| folded(name) == "address");
    let fields: Vec<Field<'a>> = read.iter().filter(apart).cloned().collect();
    let Some(field) = called(&fields, &WORDED, &[Kind::Text]) else { return (None, None) };
    let written = update.iter().find(|one| one.path == field.path);
    let written = written.map(|one| one.options.as_slice()).filter(|all| !all.is_empty());
    let mut options: Vec<&str> = field.options.clone();
    let further = written.unwrap_or_default().iter().filter(|one| !field.options.contains(one));
    options.extend(further);
    let writable = |word: &&str| written.is_none_or(|all| all.contains(word));
    let of = |words: &[&str]| {
        let known = words
            .iter()
            .flat_map(|word| options.iter().copied().filter(move |option| folded(option) == *word));
        // What can be written stands first: it is what is written.
        let (mut first, rest): (Vec<&str>, Vec<&str>) = known.partition(writable);
        first.extend(rest);
        first
    };
    let (can, will, gone) = (of(&CAN), of(&WILL), of(&GONE));
    let mut cannot = of(&CANNOT);
    let lasting = !cannot.is_empty();
    if !lasting {
        cannot = gone.clone();
    }
    let rule = Rule::read("active", field, "its name, and the words that it can be");
    if can.is_empty() || cannot.is_empty() {
        return (unlisted(rule, field), None);
    }
    let owned = |words: &[&str]| words.iter().map(|word| Value::from(*word)).collect::<Vec<_>>();
    let on = owned(&[can, will].concat());
    let off = [owned(&cannot), vec![Value::from("*")]].concat();
    let exists = gone.first().filter(|word| lasting && is_plain(word)).map(|word| {
        let place = Place::of(&field.path).expression("record");
        (format!("{place} != '{word}'"), format!("guess: one of its words ({})", field.place))
    });
    let values = vec![("true".to_owned(), on), ("false".to_owned(), off)];
    (Some(Rule { values, way: Way::Both, ..rule }), exists)
}

/// A word that is listed nowhere can be read by its example; what deactivates nobody can know.
fn unlisted<'a>(rule: Rule<'a>, field: &Field<'a>) -> Option<Rule<'a>> {
    let example = field.example.and_then(|example| example.as_str())?;
    let known = CAN.contains(&folded(example).as_str()) && is_plain(example);
    let values = vec![
        ("true".to_owned(), vec![Value::from(example)]),
        ("false".to_owned(), vec![Value::from("*")]),
    ];
    let why = format!("guess: its example; its words are listed nowhere ({})", field.place);
    known.then_some(Rule { values, why, way: Way::Read, ..rule })
}

fn actions(below: &[Operation<'_>]) -> Option<(Action, Action)> {
    let found = |words: &[&str]| {
        let named = |word: &&str| {
            below.iter().find(|one| {
                let last = one.path.rsplit('/').next().unwrap_or_default();
                matches!(one.method, "post" | "put" | "patch") && folded(last) == *word
            })
        };
        let one = words.iter().find_map(named)?;
        let word = folded(one.path.rsplit('/').next().unwrap_or_default());
        let place = one.part.place.clone();
        Some(Action { word, method: one.method, path: one.path.clone(), place })
    };
    found(&SUSPENDS).zip(found(&RETURNS))
}

/// A word that stands in an expression as it is.
fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c))
}
