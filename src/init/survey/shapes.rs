//! The attributes of a user, found in what is read and followed to where it is written.

use super::{
    attribute::{MANAGER, NUMBERS, Named, PASSWORD, STAMPS, TEXTS},
    identity,
    place::Place,
    rule::{Rule, Way},
    vocabulary::called,
};
use crate::init::openapi::{Field, Kind};
use serde_json::Value;

/// The fields of a user in the three forms that it has.
pub struct Shapes<'a> {
    /// What is read.
    pub read: Vec<Field<'a>>,
    /// What a create is sent.
    pub create: Vec<Field<'a>>,
    /// What an update is sent.
    pub update: Vec<Field<'a>>,
    /// An example of what is read.
    pub example: Option<&'a Value>,
    /// The key, which is the id and nothing else.
    pub key: Place,
}

impl<'a> Shapes<'a> {
    /// What the example has there.
    pub fn example_of(&self, place: &Place) -> Option<&'a Value> {
        self.example.and_then(|example| place.get(example)).filter(|value| !value.is_null())
    }

    /// `userName` and the addresses, and whether the address is the login.
    pub fn identity(&self) -> (Vec<Rule<'a>>, bool) {
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
                    // A field that is the login is written once, whatever else it is called.
                    let written = by_mail || rules.iter().any(|one| one.place == rule.place);
                    rules.push(if written { rule } else { writable(rule) });
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
    pub fn texts(&self) -> Vec<Rule<'a>> {
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
    pub fn numbers(&self) -> Option<Rule<'a>> {
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
    pub fn stamps(&self) -> Vec<Rule<'a>> {
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
    pub fn password(&self) -> Option<Rule<'a>> {
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
