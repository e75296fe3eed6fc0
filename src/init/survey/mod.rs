//! What a document says of an API's people: where they are, what they are made of, how they are
//! written. By fixed rules, each with the reason that stands as a comment in the draft.

mod attribute;
mod auth;
mod base;
mod calls;
mod envelope;
mod fill;
mod find;
mod group;
mod identity;
mod paging;
mod person;
mod place;
mod rule;
mod sent;
mod shapes;
mod state;
mod vocabulary;

pub use auth::{Auth, Scheme};
pub use base::{Base, Variable, variable};
pub use calls::Calls;
pub use fill::Fill;
pub use group::{Group, Sent};
pub use paging::Paging;
pub use person::{Person, Write};
pub use place::Place;
pub use rule::{Rule, Way};
pub use state::{Action, State};

use super::openapi::{Document, Part, operations};

/// All that a draft is written from.
#[derive(Debug)]
pub struct Survey<'a> {
    /// The document's name for the API.
    pub title: String,
    /// Where calls go.
    pub base: Base,
    /// The credential.
    pub auth: Auth,
    /// The user.
    pub person: Person<'a>,
    /// A collection of groups, where one is clear.
    pub group: Option<Group<'a>>,
}

/// Looks through a document. Without a user in it there is nothing to draft, and the error says what
/// came nearest.
pub fn of<'a>(document: &'a Document, name: &str) -> Result<Survey<'a>, String> {
    let operations = operations(document);
    let calls = calls::of(&operations)?;
    let base = base::of(document, name, &calls);
    let title = Part::whole(document).get("info").and_then(|info| info.text("title"));
    let auth = auth::of(document, &calls.get);
    let person = person::of(calls);
    let group = group::of(&operations, &person);
    Ok(Survey { title: title.unwrap_or(name).to_owned(), auth, person, group, base })
}

impl Survey<'_> {
    /// What a tenant supplies beside the credential, each once.
    pub fn variables(&self) -> Vec<&Variable> {
        let person = &self.person;
        let of_group = self.group.iter().flat_map(|group| &group.fills);
        let fills = person.fills.iter().chain(of_group).filter_map(|fill| fill.variable.as_ref());
        let lists = person.always.variables.iter().chain(&person.find_always.variables);
        let mut all: Vec<&Variable> = Vec::new();
        for variable in self.base.variables.iter().chain(lists).chain(fills) {
            if all.iter().all(|one| one.name != variable.name) {
                all.push(variable);
            }
        }
        all
    }
}
