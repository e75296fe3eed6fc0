//! How the vendor is asked for one login, and what keeps its lists from leaving somebody out.

use super::{
    base::{Variable, variable},
    calls::Calls,
    envelope,
    paging::{self, Paging},
    place::Place,
    vocabulary::folded,
};
use crate::init::openapi::{Operation, Parameter};
use serde_json::Value;

const LOGINS: [&str; 3] = ["username", "login", "loginname"];
const MAILS: [&str; 8] = [
    "email",
    "emailaddress",
    "useremail",
    "workemail",
    "primaryemail",
    "mail",
    "filteremail",
    "emails",
];
const WORDS: [&str; 8] =
    ["q", "query", "search", "searchterm", "searchtext", "keyword", "term", "searchquery"];
/// Parameters that say which states are listed, and the words of theirs that mean all.
const STATES: [&str; 5] = ["state", "status", "userstatus", "userstate", "accountstatus"];
const ALL: [&str; 3] = ["all", "any", "everyone"];
/// Parameters that let in who is left out otherwise.
const INCLUDE: [&str; 10] = [
    "includeinactive",
    "includesuspended",
    "includedisabled",
    "includedeactivated",
    "includearchived",
    "showinactive",
    "showdisabled",
    "withinactive",
    "showall",
    "includeall",
];

/// A search by the login.
#[derive(Debug, Clone)]
pub struct Find {
    /// The call's path; nothing where the vendor cannot search.
    pub path: Option<String>,
    /// Its parameters, as templates.
    pub query: Vec<(String, String)>,
    /// Where the answer has the list, or else the record.
    pub items: Option<Place>,
    /// Where the answer has the one record.
    pub record: Option<Place>,
    /// How the list goes on, where it is not the one of `list`.
    pub paging: Option<Paging>,
    /// Why.
    pub why: String,
}

/// Parameters that every call of a list is sent, and what of them a tenant supplies.
#[derive(Debug, Clone, Default)]
pub struct Always {
    /// Templates.
    pub query: Vec<(String, String)>,
    /// What they need.
    pub variables: Vec<Variable>,
    /// Why.
    pub why: Vec<String>,
}

/// How one login is looked for.
pub fn of(calls: &Calls<'_>, by_mail: bool) -> (Find, Always) {
    if let Some(search) = &calls.search
        && let Some(found) = searched(search, by_mail)
    {
        let always = always(search, &found.own);
        return (Find { path: Some(search.path.clone()), ..found.find }, always);
    }
    if let Some((list, people)) = &calls.list
        && let Some((parameter, template)) = parameter(list, by_mail)
    {
        let find = Find {
            path: Some(list.path.clone()),
            query: vec![(parameter.name.to_owned(), template)],
            items: Some(people.place.clone()),
            record: None,
            paging: None,
            why: format!("guess: `{}` searches ({})", parameter.name, parameter.place),
        };
        return (find, Always::default());
    }
    let why = "not in the document: no parameter that searches is known by its name; all are read"
        .to_owned();
    let find = Find { path: None, query: Vec::new(), items: None, record: None, paging: None, why };
    (find, Always::default())
}

struct Searched {
    find: Find,
    own: Vec<String>,
}

/// A search on a path of its own, which answers one or several.
fn searched(search: &Operation<'_>, by_mail: bool) -> Option<Searched> {
    let (parameter, template) = parameter(search, by_mail)?;
    let schema = search.response()?.schema?;
    let why = format!("guess: `{}` searches ({})", parameter.name, parameter.place);
    let mut own = vec![parameter.name.to_owned()];
    let mut find = Find {
        path: None,
        query: vec![(parameter.name.to_owned(), template)],
        items: None,
        record: None,
        paging: None,
        why,
    };
    match (envelope::list(&schema), envelope::record(&schema)) {
        (Some(people), _) => {
            let paging = paging::of(search, &people.place);
            own.extend(paging.own.iter().cloned());
            find.items = Some(people.place);
            find.paging = Some(paging);
        }
        (None, Some(person)) => find.record = Some(person.place),
        (None, None) => return None,
    }
    Some(Searched { find, own })
}

/// The parameter that takes a login, and what it is sent. A search by words finds too much, which is
/// matched again by the gateway.
fn parameter<'a>(operation: &Operation<'a>, by_mail: bool) -> Option<(Parameter<'a>, String)> {
    let query = operation.query();
    let names: &[&str] = if by_mail { &MAILS } else { &LOGINS };
    let exact = names
        .iter()
        .chain(&WORDS)
        .find_map(|name| query.iter().find(|one| folded(one.name) == *name));
    if let Some(found) = exact {
        return Some((found.clone(), "{login}".to_owned()));
    }
    // SCIM's own way to ask, which some vendors took over: `email eq "x"`.
    let filter = query.iter().find(|one| folded(one.name) == "filter")?;
    let example = filter.schema.as_ref().and_then(|schema| schema.text("example"));
    let says = format!("{} {}", filter.about, example.unwrap_or_default());
    let field = names.iter().find(|name| says.to_lowercase().contains(&format!("{name} eq ")))?;
    let at = says.to_lowercase().find(&format!("{field} eq "))?;
    let spelled = says.get(at..at + field.len()).unwrap_or(field);
    Some((filter.clone(), format!("{spelled} eq \"{{login}}\"")))
}

/// What a list is sent beside its pages: who would be left out is asked for, and what the vendor
/// demands is the tenant's.
pub fn always(operation: &Operation<'_>, own: &[String]) -> Always {
    let mut always = Always::default();
    for parameter in operation.query() {
        let name = parameter.name;
        let called = folded(name);
        let options = parameter.schema.as_ref().and_then(|schema| schema.get("enum"));
        let options = options.map(|all| all.elements()).unwrap_or_default();
        let mut options = options.iter().filter_map(|one| one.value.as_str());
        let value = match called.as_str() {
            _ if own.iter().any(|own| own == name) => continue,
            state if STATES.contains(&state) => {
                options.find(|option| ALL.contains(&folded(option).as_str())).map(str::to_owned)
            }
            include if INCLUDE.contains(&include) => Some("true".to_owned()),
            _ => None,
        };
        if let Some(value) = value {
            always.query.push((name.to_owned(), value));
            let why = format!("guess: who is suspended must be found too ({})", parameter.place);
            always.why.push(why);
        } else if parameter.required && default(&parameter).is_none() {
            let own = variable(name);
            always.query.push((name.to_owned(), format!("{{tenant.{own}}}")));
            always.why.push(format!("the vendor demands `{name}` ({})", parameter.place));
            always.variables.push(Variable {
                name: own,
                kind: "text",
                options: Vec::new(),
                default: None,
                about: format!("parameter `{name}` of {} ({})", operation.path, parameter.place),
            });
        }
    }
    always
}

fn default<'a>(parameter: &Parameter<'a>) -> Option<&'a Value> {
    parameter.schema.as_ref()?.value.get("default")
}
