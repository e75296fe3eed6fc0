//! The credential: the first of the document's schemes that this version can show.

use crate::init::openapi::{Document, Operation, Part};

/// How calls are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// The kind.
    pub kind: Scheme,
    /// What the draft says of it.
    pub why: String,
}

/// The kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer`
    Bearer,
    /// `Authorization: Basic`
    Basic,
    /// A header.
    Header(String),
    /// A query parameter.
    Query(String),
}

/// What calls like this one are signed with.
pub fn of(document: &Document, operation: &Operation<'_>) -> Auth {
    let root = Part::whole(document);
    let declared = root.get("components").and_then(|part| part.get("securitySchemes"));
    let declared = declared.map(|part| part.members()).unwrap_or_default();
    let asked = operation.part.get("security").or_else(|| root.get("security"));
    let asked: Vec<&str> = asked
        .map(|part| part.elements())
        .unwrap_or_default()
        .iter()
        .flat_map(|one| one.members().into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        .collect();
    let wanted = |name: &str| asked.is_empty() || asked.contains(&name);
    let usable =
        declared.iter().filter(|(name, _)| wanted(name)).filter_map(|(_, part)| usable(part));
    let best = usable.min_by_key(|(rank, _)| *rank);
    best.map(|(_, auth)| auth).unwrap_or_else(|| Auth {
        kind: Scheme::Bearer,
        why: "guess: the document has no scheme that fits (components.securitySchemes)".to_owned(),
    })
}

/// A scheme and how gladly it is taken: what stays out of logs and lasts comes first.
fn usable(part: &Part<'_>) -> Option<(u8, Auth)> {
    let place = &part.place;
    let name = part.text("name").filter(|name| is_plain(name));
    let scheme = part.text("scheme").unwrap_or_default();
    let said = |kind, why: String| Auth { kind, why };
    Some(match (part.text("type")?, part.text("in"), name) {
        ("http", ..) if scheme.eq_ignore_ascii_case("bearer") => {
            (0, said(Scheme::Bearer, place.to_string()))
        }
        ("apiKey", Some("header"), Some(name)) if name.eq_ignore_ascii_case("authorization") => {
            let why =
                format!("guess: a bearer token; the document says only which header ({place})");
            (1, said(Scheme::Bearer, why))
        }
        ("apiKey", Some("header"), Some(name)) => {
            (1, said(Scheme::Header(name.to_owned()), place.to_string()))
        }
        ("http", ..) if scheme.eq_ignore_ascii_case("basic") => {
            (2, said(Scheme::Basic, place.to_string()))
        }
        ("oauth2" | "openIdConnect", ..) => {
            let why = format!(
                "guess: a token that lasts, shown as bearer; an `oauth2` is not drafted ({place})"
            );
            (3, said(Scheme::Bearer, why))
        }
        ("apiKey", Some("query"), Some(name)) => {
            (4, said(Scheme::Query(name.to_owned()), format!("{place}; it will be in logs")))
        }
        _ => return None,
    })
}

/// A name that can travel as a header's or a parameter's.
fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
