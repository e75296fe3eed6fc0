//! The user of a document: its key, its attributes, and how it is read and written.

use super::{
    attribute::{MANAGER, NUMBERS, Named, PASSWORD, STAMPS, TEXTS},
    calls::Calls,
    envelope::{self, Envelope},
    fill::{self, Fill},
    find::{self, Always, Find},
    identity,
    paging::{self, Paging},
    place::Place,
    rule::{Rule, Way},
    state::{self, State},
    vocabulary::{called, folded},
};
use crate::init::openapi::{Field, Kind, Operation, shape};
use serde_json::Value;

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

/// The fields of a user in the three forms that it has.
struct Shapes<'a> {
    read: Vec<Field<'a>>,
    create: Vec<Field<'a>>,
    update: Vec<Field<'a>>,
    /// An example of what is read.
    example: Option<&'a Value>,
    /// The key, which is the id and nothing else.
    key: Place,
}

impl<'a> Shapes<'a> {
    fn example_of(&self, place: &Place) -> Option<&'a Value> {
        self.example.and_then(|example| place.get(example)).filter(|value| !value.is_null())
    }

    /// `userName` and the addresses, and whether the address is the login.
    fn identity(&self) -> (Vec<Rule<'a>>, bool) {
        let mut rules = Vec::new();
        let mail = identity::mail(&self.read);
        let login = identity::login(&self.read).filter(|_| {
            mail.is_none()
                || identity::login(&self.create).is_some()
                || identity::login(&self.update).is_some()
        });
        let by_mail = login.is_none();
        if let Some(field) = login {
            let of = |fields| identity::login(fields).map(|field| (field, Place::of(&field.path)));
            let rule = Rule::read("userName", field, "its name").created(of(&self.create));
            rules.push(rule.updated(of(&self.update).map(|(_, place)| place)));
        }
        if let Some(mail) = &mail {
            let of = |fields| identity::mail(fields).map(|mail| (mail.field, mail.place));
            let writable = |rule: Rule<'a>| {
                rule.created(of(&self.create)).updated(of(&self.update).map(|(_, place)| place))
            };
            if by_mail {
                let rule = Rule::read("userName", mail.field, mail.why);
                rules.push(writable(Rule { place: mail.place.clone(), ..rule }));
            }
            match &mail.element {
                Some(element) => {
                    let rule = Rule::read("emails", mail.field, "its name and that it is a list");
                    rules.push(Rule { element: Some((element.clone(), Some("work"))), ..rule });
                }
                None => {
                    let rule = Rule::read("emails.^[type=='work'].value", mail.field, mail.why);
                    rules.push(if by_mail { rule } else { writable(rule) });
                }
            }
        }
        if let Some(first) = rules.first_mut() {
            // RFC 7643 §4.1.1: userName is required, whatever the vendor demands.
            first.required = true;
            first.default = None;
        }
        (rules, by_mail)
    }

    /// The attributes that hold one text.
    fn texts(&self) -> Vec<Rule<'a>> {
        let mut rules: Vec<Rule<'a>> = Vec::new();
        let named = TEXTS.iter().filter_map(|named| self.text(named, "its name"));
        let manager = self.text(&MANAGER, "its name; it is taken for the key of another user");
        let manager = manager.map(|rule| Rule { refers: true, ..rule });
        for rule in named.chain(manager) {
            // The first who asks has the field.
            if rule.place != self.key && rules.iter().all(|one| one.place != rule.place) {
                rules.push(rule);
            }
        }
        rules
    }

    fn text(&self, named: &Named, why: &str) -> Option<Rule<'a>> {
        let find = |fields: &[Field<'a>], kinds: &[Kind]| {
            let found = called(fields, named.names, kinds)?.clone();
            let place = Place::of(&found.path);
            Some((found, place))
        };
        let numbers = named.enterprise
            && (named.attribute.starts_with("employeeN") || named.attribute.starts_with("manager"));
        let kinds: &[Kind] = if numbers { &[Kind::Text, Kind::Number] } else { &[Kind::Text] };
        let read = find(&self.read, kinds);
        let create = find(&self.create, kinds);
        let update = find(&self.update, kinds).map(|(_, place)| place);
        let (field, way) = match (&read, &create) {
            (Some((field, _)), _) => (field.clone(), Way::Both),
            // What is sent and never seen again is not read.
            (None, Some((field, _))) => (field.clone(), Way::Write),
            (None, None) => return None,
        };
        let created = create.as_ref().map(|(field, place)| (field, place.clone()));
        let rule = Rule::read(named.path(), &field, why).created(created).updated(update);
        let number = field.kind == Kind::Number;
        let mut rule = Rule { convert: number.then(|| "[number]".to_owned()), ..rule };
        if way == Way::Write {
            rule.way = Way::Write;
        }
        // Roles and licences are chosen from a list; of a language or a country the list is the world's.
        let chosen = named.attribute.starts_with("roles") || named.attribute.starts_with("entitle");
        match chosen && (1..=MOST_CHOICES).contains(&field.options.len()) {
            true => {
                let same = |option: &&str| ((*option).to_owned(), vec![(*option).into()]);
                rule.values = field.options.iter().map(same).collect();
                let known = |text: &String| field.options.contains(&text.as_str());
                rule.default = rule.default.filter(known);
            }
            false if !chosen => rule.default = None,
            false => {}
        }
        Some(rule)
    }

    /// A list of numbers, where no field has one number.
    fn numbers(&self) -> Option<Rule<'a>> {
        let single = |rule: &Rule<'_>| rule.attribute.starts_with("phoneNumbers");
        if self.texts().iter().any(single) {
            return None;
        }
        let field = called(&self.read, &NUMBERS, &[Kind::Texts])?;
        let why = "its name; whether the list can be written is not for a name to say";
        let rule = Rule::read("phoneNumbers", field, why);
        Some(Rule { element: Some((Place::default(), None)), ..rule })
    }

    /// When it was made and changed.
    fn stamps(&self) -> Vec<Rule<'a>> {
        let stamp = |(attribute, names): &(&'static str, &[&str])| {
            let field = called(&self.read, names, &[Kind::Text, Kind::Number])?;
            let rule = Rule::read(*attribute, field, "its name");
            match field.kind {
                Kind::Number => {
                    let example = self.example_of(&rule.place).or(field.example);
                    let whole = example.and_then(Value::as_i64);
                    let (unit, how) = match whole {
                        Some(number) if number >= MILLIS => ("ms", "its example"),
                        Some(_) => ("s", "its example"),
                        None => ("s", "seconds are usual"),
                    };
                    let convert = Some(format!("[{{ epoch: {unit} }}]"));
                    let why = format!("guess: its name; {unit}: {how} ({})", field.place);
                    Some(Rule { convert, why, ..rule })
                }
                _ => (field.format == "date-time").then(|| {
                    let example = self.example_of(&rule.place).or(field.example);
                    let zoneless = example.and_then(Value::as_str).is_some_and(|text| {
                        text.len() == "2026-11-21T10:00:00".len() && text.contains('T')
                    });
                    if !zoneless {
                        return rule;
                    }
                    let convert = "[{ date: { format: \"%Y-%m-%dT%H:%M:%S\", zone: UTC } }]";
                    let why = format!("guess: its name; its example has no zone ({})", field.place);
                    Rule { convert: Some(convert.to_owned()), why, ..rule }
                }),
            }
        };
        STAMPS.iter().filter_map(stamp).collect()
    }

    /// The first password.
    fn password(&self) -> Option<Rule<'a>> {
        let find = |fields| called(fields, &PASSWORD, &[Kind::Text]);
        let field = find(&self.create).or_else(|| find(&self.update))?;
        let of = |fields| find(fields).map(|field| (field, Place::of(&field.path)));
        let rule = Rule::read("password", field, "its name").created(of(&self.create));
        let rule = rule.updated(of(&self.update).map(|(_, place)| place));
        Some(Rule { way: Way::Write, default: None, ..rule })
    }
}

/// A longer table than this is for a person to shorten.
const MOST_CHOICES: usize = 20;
/// Seconds do not reach this before the year 5138; milliseconds have been beyond it since 1973.
const MILLIS: i64 = 100_000_000_000;

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
