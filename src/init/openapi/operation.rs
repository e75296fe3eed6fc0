//! One call of a document: its parameters, what it is sent and what it answers.

use super::{document::Document, part::Part};
use serde_json::Value;

/// The methods that can read or write somebody.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every call of a document, by path and then by method.
pub fn operations(document: &Document) -> Vec<Operation<'_>> {
    let paths = Part::whole(document).get("paths");
    let paths = paths.map(|paths| paths.members()).unwrap_or_default();
    let mut found = Vec::new();
    for (path, item) in paths {
        let with = |method: &&'static str| {
            let (path, part) = (path.to_owned(), item.get(method)?);
            Some(Operation { method, path, item: item.clone(), part })
        };
        found.extend(METHODS.iter().filter_map(with));
    }
    found
}

/// A method on a path.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// `get`, in the document's lower case.
    pub method: &'static str,
    /// `/users/{id}`
    pub path: String,
    item: Part<'a>,
    /// The operation itself.
    pub part: Part<'a>,
}

/// A parameter in the query or a header.
#[derive(Debug, Clone)]
pub struct Parameter<'a> {
    /// As it is sent.
    pub name: &'a str,
    /// What it can hold, where the document says so.
    pub schema: Option<Part<'a>>,
    /// The document's words on it.
    pub about: &'a str,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Where it stands.
    pub place: String,
}

/// What is sent or answered.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// Its schema.
    pub schema: Option<Part<'a>>,
    /// An example of it.
    pub example: Option<&'a Value>,
    /// Whether it is a form and not JSON.
    pub form: bool,
}

impl<'a> Operation<'a> {
    /// `GET /users/{id}`
    pub fn call(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Its query parameters.
    pub fn query(&self) -> Vec<Parameter<'a>> {
        self.parameters("query")
    }

    /// The headers that it is sent. Those that every call has are not the operation's (OpenAPI 3.0,
    /// Parameter Object).
    pub fn headers(&self) -> Vec<Parameter<'a>> {
        let general = ["accept", "content-type", "authorization"];
        let mut headers = self.parameters("header");
        headers.retain(|one| !general.iter().any(|name| one.name.eq_ignore_ascii_case(name)));
        headers
    }

    /// Its parameters of one kind. One of the operation stands before its namesake of the path.
    fn parameters(&self, kind: &str) -> Vec<Parameter<'a>> {
        let mut found: Vec<Parameter<'a>> = Vec::new();
        let lists = [self.part.get("parameters"), self.item.get("parameters")];
        for part in lists.iter().flatten().flat_map(Part::elements) {
            let Some(name) = part.text("name").filter(|name| sendable(name)) else { continue };
            if part.text("in") == Some(kind) && found.iter().all(|one| one.name != name) {
                found.push(Parameter {
                    name,
                    schema: part.get("schema"),
                    about: part.text("description").unwrap_or_default(),
                    required: part.says("required"),
                    place: part.place.clone(),
                });
            }
        }
        found
    }

    /// What it is sent.
    pub fn request(&self) -> Option<Content<'a>> {
        content(&self.part.get("requestBody")?)
    }

    /// What it answers when all went well.
    pub fn response(&self) -> Option<Content<'a>> {
        content(&self.done()?)
    }

    /// Whether an answer has a header of that name.
    pub fn answers_header(&self, name: &str) -> bool {
        let headers = self.done().and_then(|done| done.get("headers"));
        let names = headers.map(|headers| headers.members()).unwrap_or_default();
        names.iter().any(|(found, _)| found.eq_ignore_ascii_case(name))
    }

    fn done(&self) -> Option<Part<'a>> {
        let responses = self.part.get("responses")?;
        let listed = ["200", "201", "202", "2XX", "2xx", "default"];
        listed.iter().find_map(|status| responses.get(status))
    }
}

/// What can travel as a parameter's name; more than a vendor would ever use.
fn sendable(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_graphic())
}

/// JSON before forms, forms before what nobody can map.
fn content<'a>(part: &Part<'a>) -> Option<Content<'a>> {
    let kinds = part.get("content")?.members();
    let json = kinds.iter().find(|(kind, _)| kind.contains("json"));
    let form = kinds.iter().find(|(kind, _)| kind.contains("form-urlencoded"));
    let any = kinds.iter().find(|(kind, _)| *kind == "*/*");
    let (kind, media) = json.or(form).or(any)?;
    let schema = media.get("schema");
    let named = media.get("examples").and_then(|all| all.members().into_iter().next());
    let named = named.and_then(|(_, example)| example.value.get("value"));
    let own = media.value.get("example");
    let of_schema = schema.as_ref().and_then(|schema| schema.value.get("example"));
    let example = own.or(named).or(of_schema);
    Some(Content { schema, example, form: kind.contains("form") })
}
