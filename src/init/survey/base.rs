//! Where calls go: the document's server, made whole, and the version that paths begin with.

use super::calls::Calls;
use crate::init::openapi::{Document, Part};
use url::{Host, Url};

/// The address, and what the draft says of it.
#[derive(Debug, Clone)]
pub struct Base {
    /// A template.
    pub url: String,
    /// The beginning of paths that stands in the address.
    pub prefix: String,
    /// Variables of the server and keys of paths, which a tenant supplies.
    pub variables: Vec<Variable>,
    /// What is to be said of it; empty where it is the document's word.
    pub why: String,
    /// Whether somebody must write it before anything can run.
    pub missing: bool,
}

/// What a tenant supplies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name in expressions.
    pub name: String,
    /// `text`, `number`, `boolean` or `list`.
    pub kind: &'static str,
    /// The values that it can have, where they are listed.
    pub options: Vec<String>,
    /// What is taken when nobody says it.
    pub default: Option<String>,
    /// What it is, and where the document says so.
    pub about: String,
}

/// The address of a document's calls.
pub fn of(document: &Document, name: &str, calls: &Calls<'_>) -> Base {
    let prefix = shared(calls);
    let mut variables = keys(calls);
    let servers =
        Part::whole(document).get("servers").map(|all| all.elements()).unwrap_or_default();
    let server = servers.first();
    let written = server.and_then(|server| server.text("url")).unwrap_or_default();
    let (written, of_server) = filled(written.trim(), server);
    let placeholder = |rest: &str| format!("https://{name}.example{}", rest.trim_end_matches('/'));
    let holes = written.contains('{');
    let (url, why, missing) = match Url::parse(&written.replace(['{', '}'], "")) {
        Ok(url)
            if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() =>
        {
            (
                placeholder(url.path()),
                "not in the document: its server is no plain address".to_owned(),
                true,
            )
        }
        Ok(url) if is_here(&url) => {
            let why = "not in the document: its server is the machine of who wrote it (servers.0)";
            (placeholder(url.path()), why.to_owned(), true)
        }
        Ok(url) if url.scheme() == "http" && url.host().is_some() => {
            let secure = written.replacen("http://", "https://", 1);
            (secure, "guess: https in place of http (servers.0)".to_owned(), false)
        }
        Ok(url) if url.scheme() == "https" && url.host().is_some() => {
            let why = match servers.len() {
                1 if !holes => String::new(),
                1 => "guess: the server and its variables (servers.0)".to_owned(),
                more => format!("guess: the first of {more} servers (servers.0)"),
            };
            (written.clone(), why, false)
        }
        _ => {
            let rest = if written.starts_with('/') && !holes { written.as_str() } else { "" };
            (
                placeholder(rest),
                "not in the document: it names no server (servers)".to_owned(),
                true,
            )
        }
    };
    if !missing {
        variables.splice(0..0, of_server);
    }
    Base { url: format!("{}{prefix}", url.trim_end_matches('/')), prefix, variables, why, missing }
}

/// What the paths begin with and the address may as well hold: the segments that only say which API
/// it is.
fn shared(calls: &Calls<'_>) -> String {
    let segments = calls.path.trim_start_matches('/').split('/');
    let which = segments.take_while(|segment| is_version(segment));
    which.fold(String::new(), |prefix, segment| format!("{prefix}/{segment}"))
}

/// `api`, `rest`, `v2`, `2.1`
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or(segment);
    let numbered = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    numbered || segment == "api" || segment == "rest"
}

/// Keys of the path above the last one.
fn keys(calls: &Calls<'_>) -> Vec<Variable> {
    let mut names: Vec<&str> =
        calls.path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    names.pop();
    let variable = |name: &&str| Variable {
        name: variable(name),
        kind: "text",
        options: Vec::new(),
        default: None,
        about: format!("`{name}` of {}: the one that this tenant provisions", calls.path),
    };
    names.iter().map(variable).collect()
}

/// The address with its variables as a tenant's.
fn filled(url: &str, server: Option<&Part<'_>>) -> (String, Vec<Variable>) {
    let declared = server.and_then(|server| server.get("variables"));
    let mut filled = url.to_owned();
    let mut variables: Vec<Variable> = Vec::new();
    for name in url.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
    {
        let own = variable(name);
        filled = filled.replace(&format!("{{{name}}}"), &format!("{{tenant.{own}}}"));
        let part = declared.as_ref().and_then(|declared| declared.get(name));
        let options = part.as_ref().and_then(|part| part.get("enum"));
        let options = options.map(|all| all.elements()).unwrap_or_default();
        let options: Vec<String> =
            options.iter().filter_map(|one| one.value.as_str()).map(str::to_owned).collect();
        let default = part.as_ref().and_then(|part| part.text("default")).filter(|default| {
            !default.is_empty() && (options.is_empty() || options.iter().any(|one| one == default))
        });
        if variables.iter().all(|one| one.name != own) {
            variables.push(Variable {
                name: own,
                kind: "text",
                options,
                default: default.map(str::to_owned),
                about: format!("`{name}` of the server's address (servers.0.variables.{name})"),
            });
        }
    }
    (filled, variables)
}

/// A document's name as one in expressions: letters, digits and `_`.
pub fn variable(name: &str) -> String {
    let mut own = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_uppercase()
                && own.ends_with(|last: char| last.is_ascii_lowercase()) =>
            {
                own.push('_');
                own.push(c.to_ascii_lowercase());
            }
            c if c.is_ascii_alphanumeric() => own.push(c.to_ascii_lowercase()),
            _ if !own.ends_with('_') => own.push('_'),
            _ => {}
        }
    }
    let own = own.trim_matches('_');
    match own.starts_with(|c: char| c.is_ascii_alphabetic()) {
        // The credential's names are taken, and so is a word of the expression language.
        true if !["token", "account", "in", "true", "false", "null"].contains(&own) => {
            own.to_owned()
        }
        _ => format!("the_{own}"),
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}
