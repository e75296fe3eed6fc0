//! By what a user is known: the login, else the e-mail address.

use super::{place::Place, vocabulary::called};
use crate::init::openapi::{Field, Kind};

const LOGINS: [&str; 5] = ["username", "login", "loginname", "loginid", "useridentifier"];
const MAILS: [&str; 10] = [
    "email",
    "emailaddress",
    "workemail",
    "workemailaddress",
    "primaryemail",
    "primaryemailaddress",
    "businessemail",
    "companyemail",
    "mail",
    "emailid",
];
const LISTS: [&str; 4] = ["emails", "emailaddresses", "workemails", "mails"];
const INNER: [&str; 4] = ["email", "address", "emailaddress", "value"];

/// An address, or the first of a list of them.
#[derive(Debug, Clone)]
pub struct Mail<'f, 'a> {
    /// The field.
    pub field: &'f Field<'a>,
    /// The one address in it.
    pub place: Place,
    /// Of a list: where an element has the address.
    pub element: Option<Place>,
    /// Why it is taken for one.
    pub why: &'static str,
}

/// A text to log in with.
pub fn login<'f, 'a>(fields: &'f [Field<'a>]) -> Option<&'f Field<'a>> {
    called(fields, &LOGINS, &[Kind::Text])
}

/// The e-mail address of a record.
pub fn mail<'f, 'a>(fields: &'f [Field<'a>]) -> Option<Mail<'f, 'a>> {
    let one = |field: &'f Field<'a>, why| {
        let place = Place::of(&field.path);
        Mail { field, place, element: None, why }
    };
    let named = called(fields, &MAILS, &[Kind::Text]).map(|field| one(field, "its name"));
    named.or_else(|| list(fields)).or_else(|| {
        let mut formed =
            fields.iter().filter(|field| field.kind == Kind::Text && field.format == "email");
        let first = formed.next()?;
        let why = match formed.next() {
            None => "the only e-mail of the schema",
            Some(_) => "the first e-mail of the schema",
        };
        Some(one(first, why))
    })
}

fn list<'f, 'a>(fields: &'f [Field<'a>]) -> Option<Mail<'f, 'a>> {
    let field = called(fields, &LISTS, &[Kind::Texts, Kind::Objects])?;
    let inner = match field.kind {
        Kind::Texts => Place::default(),
        _ => Place::of(&called(&field.within, &INNER, &[Kind::Text])?.path),
    };
    let first = Place::of(&field.path).first();
    let place = match field.kind {
        Kind::Texts => first,
        _ => first.then(&called(&field.within, &INNER, &[Kind::Text])?.path),
    };
    Some(Mail { field, place, element: Some(inner), why: "the first address of the list" })
}

/// Whether a record with these fields can be a user.
pub fn is_person(fields: &[Field<'_>]) -> bool {
    mail(fields).is_some() || login(fields).is_some()
}
