//! Groups, where the document has them clearly: read one, read all, read, add and remove members.

use super::{
    calls,
    envelope::{self, Envelope},
    fill::{self, Fill},
    find,
    identity::is_person,
    paging::{self, Paging},
    person::Person,
    place::Place,
    rule::Rule,
    vocabulary::{called, folded},
};
use crate::init::openapi::{Field, Kind, Operation, shape};

/// What collections of groups are called, the surest first.
const NOUNS: [&str; 5] = ["groups", "usergroups", "teams", "departments", "squads"];
const NAMES: [&str; 4] = ["displayname", "name", "groupname", "title"];
const MEMBERS: [&str; 5] = ["members", "users", "people", "operators", "memberships"];
/// Parameters and fields that are the key of a user.
const KEYS: [&str; 7] =
    ["userid", "memberid", "operatorid", "personid", "employeeid", "user", "id"];
/// Of what kind a member is, where the vendor asks.
const KINDS: [&str; 4] = ["user", "member", "person", "agent"];
const SEARCHES: [&str; 6] = ["name", "displayname", "namesearch", "q", "query", "search"];

/// A collection of groups.
#[derive(Debug)]
pub struct Group<'a> {
    /// Reads one.
    pub get: Operation<'a>,
    /// The record in its answer.
    pub record: Envelope<'a>,
    /// Where the key stands.
    pub key: Place,
    /// The name, and where a create and an update are sent it.
    pub name: Rule<'a>,
    /// Reads all.
    pub list: (Operation<'a>, Place, Paging),
    /// The parameter that searches by name, and why.
    pub find: Option<(String, String)>,
    /// Makes one, and where its answer has the record.
    pub create: Option<(Operation<'a>, Place)>,
    /// Changes the name.
    pub update: Option<Operation<'a>>,
    /// Takes one away.
    pub delete: Option<Operation<'a>>,
    /// What a create must be sent beside the name.
    pub fills: Vec<Fill>,
    /// The members.
    pub members: Member<'a>,
}

/// How members are read, added and removed.
#[derive(Debug)]
pub struct Member<'a> {
    /// Reads them; where the answer has the list, and how it goes on.
    pub read: (Operation<'a>, Place, Paging),
    /// Where an element has the key of the user.
    pub value: Place,
    /// A name in the record that is free for the list.
    pub into: &'static str,
    /// Adds one, and what it is sent.
    pub add: (Operation<'a>, Vec<Sent>),
    /// Removes one; its path ends in the user's key, or it is sent one.
    pub remove: (Operation<'a>, Vec<Sent>),
}

/// A field of a body about one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// The word that it is; the user's key where there is none.
    pub word: Option<String>,
    /// The key is a number.
    pub number: bool,
}

/// The groups of a document, if all that a client does with them is there.
pub fn of<'a>(operations: &[Operation<'a>], person: &Person<'_>) -> Option<Group<'a>> {
    NOUNS.iter().find_map(|noun| {
        let is = |one: &&Operation<'a>| {
            let collection = calls::key(&one.path).map(|(collection, _)| collection);
            // Keys above the group's own would have to be a tenant's.
            let plain = collection.filter(|collection| !collection.contains('{'));
            let last = plain.and_then(|collection| collection.rsplit('/').next());
            one.method == "get" && last.is_some_and(|last| folded(last) == *noun)
        };
        operations.iter().filter(is).find_map(|get| gathered(get, operations, person))
    })
}

fn gathered<'a>(
    get: &Operation<'a>,
    operations: &[Operation<'a>],
    person: &Person<'_>,
) -> Option<Group<'a>> {
    let (collection, key) = calls::key(&get.path)?;
    let named = |fields: &[Field<'a>]| name(fields).is_some() && !is_person(fields);
    let record = envelope::record_of(&get.response()?.schema?, &named)?;
    let on = |path: &str, method: &str| {
        let same =
            |one: &&Operation<'a>| one.path.trim_end_matches('/') == path && one.method == method;
        operations.iter().find(same).cloned()
    };
    let list = on(collection, "get")?;
    let groups = envelope::list_of(&list.response()?.schema?, &named)?;
    let pages = paging::of(&list, &groups.place);
    let body = |operation: &Operation<'a>| {
        operation.request().and_then(|content| Some(shape(&content.schema?))).unwrap_or_default()
    };
    let field = name(&record.fields)?;
    let takes = |operation: Option<Operation<'a>>| {
        let operation = operation?;
        let fields = body(&operation);
        let taken = name(&fields).filter(|one| one.path == field.path)?.clone();
        Some((operation, fields, taken))
    };
    // A create is taken where all that it must be sent is known, and its answer says the key.
    let create = takes(on(collection, "post")).and_then(|(operation, fields, taken)| {
        let answer = envelope::record_of(&operation.response()?.schema?, &named)?;
        let named = Rule::read("displayName", field, "its name");
        let named = named.created(Some((&taken, Place::of(&taken.path))));
        let (fills, left) = fill::of(&fields, std::slice::from_ref(&named));
        left.is_empty().then_some((operation, answer.place, named, fills))
    });
    let update = takes(on(&get.path, "patch"));
    let updated = update.as_ref().map(|(_, _, field)| Place::of(&field.path));
    let (create, rule, fills) = match create {
        Some((operation, place, rule, fills)) => (Some((operation, place)), rule, fills),
        None => (None, Rule::read("displayName", field, "its name"), Vec::new()),
    };
    let rule = rule.updated(updated);
    let own = [folded(key), "id".to_owned(), "uuid".to_owned()];
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let outer: Vec<Field<'a>> =
        record.fields.iter().filter(|field| field.path.len() == 1).cloned().collect();
    let key = Place::of(&called(&outer, &own, &[Kind::Text, Kind::Number])?.path);
    let query = list.query();
    let find = SEARCHES.iter().find_map(|word| query.iter().find(|one| folded(one.name) == *word));
    let find = find.map(|one| {
        (one.name.to_owned(), format!("guess: `{}` searches ({})", one.name, one.place))
    });
    // What a list demands beside its pages is for a person to say.
    let demanded = find::always(&list, &pages.own);
    if !demanded.variables.is_empty() {
        return None;
    }
    let members = members(get, operations, person, &record)?;
    Some(Group {
        get: get.clone(),
        key,
        name: rule,
        list: (list, groups.place, pages),
        find,
        create,
        update: update.map(|(operation, ..)| operation),
        delete: on(&get.path, "delete"),
        fills,
        members,
        record,
    })
}

fn members<'a>(
    get: &Operation<'a>,
    operations: &[Operation<'a>],
    person: &Person<'_>,
    record: &Envelope<'a>,
) -> Option<Member<'a>> {
    let below =
        |path: &str| path.strip_prefix(get.path.as_str())?.strip_prefix('/').map(str::to_owned);
    MEMBERS.iter().find_map(|word| {
        let on = |method: &str| {
            operations.iter().find(|one| {
                one.method == method && below(&one.path).is_some_and(|end| folded(&end) == *word)
            })
        };
        let read = on("get")?;
        let value = |fields: &[Field<'a>]| {
            let outer: Vec<Field<'a>> =
                fields.iter().filter(|field| field.path.len() == 1).cloned().collect();
            let key = folded(person.key.0.top());
            let keys: Vec<&str> = KEYS.iter().copied().take(6).chain([key.as_str()]).collect();
            called(&outer, &keys, &[Kind::Text, Kind::Number]).map(|field| Place::of(&field.path))
        };
        let people = envelope::list(&read.response()?.schema?).or_else(|| {
            envelope::list_of(&read.response()?.schema?, &|fields| value(fields).is_some())
        })?;
        let place = value(&people.fields)?;
        let add = on("post")?;
        let added = sent(add).filter(|sent| sent.iter().any(|one| one.word.is_none()))?;
        let by_path = operations.iter().find(|one| {
            let end = below(&one.path);
            let end = end.as_deref().and_then(|end| end.split_once('/'));
            one.method == "delete"
                && end.is_some_and(|(first, key)| {
                    folded(first) == *word && key.starts_with('{') && !key.contains('/')
                })
        });
        let by_body = || {
            let remove = on("delete")?;
            Some((
                remove.clone(),
                sent(remove).filter(|sent| sent.iter().any(|one| one.word.is_none()))?,
            ))
        };
        let remove = by_path.map(|one| (one.clone(), Vec::new())).or_else(by_body)?;
        let taken = |name: &&'static str| record.fields.iter().all(|field| field.path != [*name]);
        let into = ["members", "member_list", "our_members"].into_iter().find(taken)?;
        let pages = paging::of(read, &people.place);
        Some(Member {
            read: (read.clone(), people.place, pages),
            value: place,
            into,
            add: (add.clone(), added),
            remove,
        })
    })
}

/// The body about one member: the key, and of what else is demanded the one word that fits.
fn sent(operation: &Operation<'_>) -> Option<Vec<Sent>> {
    let fields = shape(&operation.request()?.schema?);
    let key = called(&fields, &KEYS, &[Kind::Text, Kind::Number])?;
    let mut sent = vec![Sent {
        name: (*key.path.first()?).to_owned(),
        word: None,
        number: key.kind == Kind::Number,
    }];
    for field in fields.iter().filter(|field| field.required && field.path != key.path) {
        let fits =
            |option: &&&str| field.options.len() == 1 || KINDS.contains(&folded(option).as_str());
        let word = field.options.iter().find(fits)?;
        let name = (*field.path.first()?).to_owned();
        sent.push(Sent { name, word: Some((*word).to_owned()), number: false });
    }
    (key.path.len() == 1).then_some(sent)
}

fn name<'f, 'a>(fields: &'f [Field<'a>]) -> Option<&'f Field<'a>> {
    called(fields, &NAMES, &[Kind::Text]).filter(|field| field.path.len() == 1)
}
