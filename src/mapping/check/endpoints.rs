//! Can a client reach every kind of resource, and each at one place only?

use crate::{
    diagnostic::{Diagnostic, Place},
    mapping::document::{Document, ResourceSection},
};

/// Endpoints that RFC 7644 §3.2 and §4 keep for themselves; the plural is erratum 4978's.
const RESERVED: [&str; 7] = [
    "/ServiceProviderConfig",
    "/ServiceProviderConfigs",
    "/ResourceTypes",
    "/Schemas",
    "/Me",
    "/Bulk",
    "/.search",
];

/// The endpoints and names of all resources.
pub fn check(document: &Document, findings: &mut Vec<Diagnostic>) {
    let mut taken: Vec<(&str, &str)> = Vec::new();
    for section in &document.resources {
        let name = section.name.value.as_str();
        let place = |span| Place { file: document.file.clone(), span };
        if let Some((other, _)) = taken.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
            let message = format!("`{name}` and `{other}` are one name: case does not count");
            let finding = Diagnostic::error("M102", place(section.name.span), message);
            findings.push(finding.help("give one of them another name"));
        }
        let endpoint = endpoint(section).unwrap_or_default();
        let span = section.endpoint.as_ref().map_or(section.name.span, |found| found.span);
        if let Some((message, help)) = fault(endpoint, &taken).filter(|_| !endpoint.is_empty()) {
            findings.push(Diagnostic::error("M219", place(span), message).help(help));
        }
        taken.push((name, endpoint));
    }
}

/// Where it is served; nothing when it does not say and its name does not tell.
fn endpoint(section: &ResourceSection) -> Option<&str> {
    match (&section.endpoint, section.name.value.as_str()) {
        (Some(endpoint), _) => Some(&endpoint.value),
        (None, "User") => Some("/Users"),
        (None, "Group") => Some("/Groups"),
        _ => None,
    }
}

/// What is wrong with an endpoint, and the remedy.
fn fault(endpoint: &str, taken: &[(&str, &str)]) -> Option<(String, String)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let segment = endpoint.strip_prefix('/');
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(endpoint)) {
        let message = format!("endpoint `{endpoint}` is the protocol's own (RFC 7644 §3.2, §4)");
        return Some((message, "choose another, e.g. `endpoint: /Roles`".to_owned()));
    }
    if segment.is_none_or(|segment| segment.is_empty() || !segment.chars().all(plain)) {
        let message = format!("endpoint `{endpoint}` is no `/` and one segment");
        let help = "letters, digits, `-` and `_`, e.g. `endpoint: /Roles`".to_owned();
        return Some((message, help));
    }
    let (owner, _) = taken.iter().find(|(_, other)| other.eq_ignore_ascii_case(endpoint))?;
    let message = format!("endpoint `{endpoint}` is taken by {owner}");
    Some((message, "each resource has its own; case does not count".to_owned()))
}
