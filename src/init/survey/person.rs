//! The user of a document: its key, its attributes, and how it is read and written.

use super::{
    calls::Calls,
    envelope::{self, Envelope},
    fill::{self, Fill},
    find::{self, Always, Find},
    paging::{self, Paging},
    place::Place,
    rule::Rule,
    shapes::Shapes,
    state::{self, State},
    vocabulary::folded,
};
use crate::init::openapi::{Field, Kind, Operation, shape};

/// All that is written of a user.
#[derive(Debug)]
pub struct Person<'a> {
    /// The calls.
    pub calls: Calls<'a>,
    /// Where the key stands, and why.
    pub key: (Place, String),
    /// What tells that a record is no more, and why.
    pub exists: Option<(String, String)>,
    /// The attributes, in the order in which they are written.
    pub rules: Vec<Rule<'a>>,
    /// How `active` is changed.
    pub state: State,
    /// What a create must be sent beside them.
    pub fills: Vec<Fill>,
    /// Where the list stands, and how it goes on.
    pub list: Option<(Place, Paging)>,
    /// What every call of the list is sent, and why.
    pub always: Always,
    /// How one is looked for.
    pub find: Find,
    /// What every call of a search on a path of its own is sent.
    pub find_always: Always,
    /// How one is made.
    pub create: Option<Write<'a>>,
    /// How one is changed.
    pub update: Option<Write<'a>>,
    /// What must be written by hand.
    pub missing: Vec<String>,
}

/// A call that writes.
#[derive(Debug)]
pub struct Write<'a> {
    /// The call.
    pub operation: Operation<'a>,
    /// Where in the body the fields go.
    pub around: Place,
    /// The fields that it takes.
    pub fields: Vec<Field<'a>>,
    /// The document does not say which.
    pub assumed: bool,
    /// It is a form.
    pub form: bool,
    /// Where the answer has the record.
    pub record: Option<Place>,
    /// Where it has the key.
    pub key: Place,
}

/// Reads the user out of its calls.
pub fn of<'a>(calls: Calls<'a>) -> Person<'a> {
    let read: Vec<Field<'a>> =
        calls.record.fields.iter().filter(|field| !field.write_only).cloned().collect();
    let key = key(&read, &calls);
    let create = calls.create.as_ref().map(|call| write(call, &read, &key.0, true));
    let mut update = calls.update.as_ref().map(|call| write(call, &read, &key.0, false));
    if let (Some(create), Some(update)) = (&create, &mut update)
        && update.assumed
    {
        // What goes around a create goes around an update that nothing is said of.
        update.around = create.around.clone();
    }
    let fields_of = |write: &Option<Write<'a>>| {
        write.as_ref().map(|write| write.fields.clone()).unwrap_or_default()
    };
    let example = calls.get.response().and_then(|content| content.example);
    let example = example.and_then(|example| calls.record.place.get(example));
    let shapes = Shapes {
        read,
        create: fields_of(&create),
        update: fields_of(&update),
        example,
        key: key.0.clone(),
    };
    let (mut rules, by_mail) = shapes.identity();
    let found = state::of(&shapes.read, &shapes.create, &shapes.update, &calls.below);
    rules.extend(found.rule);
    rules.extend(shapes.texts());
    rules.extend(shapes.numbers());
    rules.extend(shapes.stamps());
    rules.extend(shapes.password());
    rules
        .iter_mut()
        .for_each(|rule| rule.example = shapes.example_of(&rule.place).or(rule.example));
    let (fills, left) = fill::of(&shapes.create, &rules);
    let mut missing = left;
    missing.extend(gaps(&calls, &rules, &found.state));
    missing.extend(demands(&calls));
    let list = calls
        .list
        .as_ref()
        .map(|(list, people)| (people.place.clone(), paging::of(list, &people.place)));
    let (find, find_always) = find::of(&calls, by_mail);
    let own = list.as_ref().map(|(_, paging)| paging.own.clone()).unwrap_or_default();
    let own = [own, find.query.iter().map(|(name, _)| name.clone()).collect()].concat();
    let always = calls.list.as_ref().map(|(list, _)| find::always(list, &own)).unwrap_or_default();
    Person {
        key,
        exists: found.exists,
        rules,
        state: found.state,
        fills,
        list,
        always,
        find,
        find_always,
        create,
        update,
        missing,
        calls,
    }
}

/// The field that the path's last parameter names.
fn key(read: &[Field<'_>], calls: &Calls<'_>) -> (Place, String) {
    let outer = |name: &str| {
        read.iter().find(|field| {
            let fits = matches!(field.kind, Kind::Text | Kind::Number | Kind::Other);
            field.path.len() == 1 && fits && field.path.iter().all(|last| folded(last) == name)
        })
    };
    let named = folded(&calls.key);
    let named = [named.as_str(), "id", "userid", "uuid", "guid", "uid", "key"];
    let field = named.iter().find_map(|name| outer(name));
    match field {
        Some(field) => {
            let why = format!("guess: `{}` in the path is it ({})", calls.key, field.place);
            (Place::of(&field.path), why)
        }
        None => {
            let why = format!(
                "guess: no field is called as `{}` of {} is ({})",
                calls.key, calls.path, calls.record.said
            );
            (Place::of(&["id"]), why)
        }
    }
}

/// A call that writes. Where the document says nothing of its body, all that is read is taken to be
/// written, but for the key and what the vendor makes.
fn write<'a>(
    operation: &Operation<'a>,
    read: &[Field<'a>],
    key: &Place,
    creates: bool,
) -> Write<'a> {
    let content = operation.request();
    let form = content.as_ref().is_some_and(|content| content.form);
    let schema = content.and_then(|content| content.schema);
    let whole = schema.as_ref().map(shape).unwrap_or_default();
    let inner = schema.as_ref().and_then(envelope::record);
    // Nobody is made without a login.
    let assumed = whole.is_empty() || (creates && inner.is_none());
    let (around, fields) = match inner {
        Some(Envelope { place, fields, .. }) => (place, fields),
        None if assumed => (Place::default(), read.to_vec()),
        None => (Place::default(), whole),
    };
    let fields = fields.into_iter().filter(|field| !field.read_only);
    let fields = fields.filter(|field| Place::of(&field.path) != *key);
    // What stands in every answer is not therefore demanded of a body.
    let fields = fields.map(|field| Field { required: field.required && !assumed, ..field });
    let answer = operation.response().and_then(|content| content.schema);
    let record = answer.as_ref().and_then(envelope::record).map(|envelope| envelope.place);
    let answered = answer.as_ref().map(shape).unwrap_or_default();
    let known = answered.iter().find(|field| {
        field.path.last().is_some_and(|name| *name == key.top()) && field.kind != Kind::Object
    });
    let key = known.map_or_else(|| key.clone(), |field| Place::of(&field.path));
    let fields = fields.collect();
    Write { operation: operation.clone(), around, fields, assumed, form, record, key }
}

/// What the vendor demands of a call beside its body, and the draft does not send: of a list, headers
/// alone, for what it demands of a query a tenant supplies.
fn demands(calls: &Calls<'_>) -> Vec<String> {
    let list = calls.list.as_ref().map(|(list, _)| list);
    let others = [Some(&calls.get), calls.create.as_ref(), calls.update.as_ref()];
    let others = others.into_iter().chain([calls.delete.as_ref()]).flatten();
    let queries =
        others.clone().flat_map(|call| call.query().into_iter().map(move |one| (call, one)));
    let headers =
        others.chain(list).flat_map(|call| call.headers().into_iter().map(move |one| (call, one)));
    let queries = queries.map(|found| ("query", found));
    let all = queries.chain(headers.map(|found| ("headers", found)));
    let demanded = all.filter(|(_, (_, one))| {
        let default = one.schema.as_ref().and_then(|schema| schema.get("default"));
        one.required && default.is_none()
    });
    demanded
        .map(|(key, (call, one))| {
            format!(
                "`{key}: {{ {}: ... }}` of {}, which is refused without it ({})",
                one.name,
                call.call(),
                one.place
            )
        })
        .collect()
}

/// What was looked for and not found.
fn gaps(calls: &Calls<'_>, rules: &[Rule<'_>], state: &State) -> Vec<String> {
    let active = rules.iter().any(|rule| rule.attribute == "active");
    let state = match state {
        State::Unwritten if active => Some("what deactivates a user and brings it back"),
        State::Unwritten => Some("`active`: whether a user may log in"),
        _ => None,
    };
    let there = |is: bool, what: &'static str| (!is).then_some(what);
    [
        there(calls.list.is_some(), "`list`: the call that reads all users"),
        there(calls.create.is_some(), "`create`: the call that makes a user"),
        there(calls.update.is_some(), "`update`: the call that changes a user"),
        there(calls.delete.is_some(), "`delete`: the call that takes a user away"),
        state,
    ]
    .into_iter()
    .flatten()
    .map(str::to_owned)
    .collect()
}
