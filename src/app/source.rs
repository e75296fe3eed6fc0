//! Where each key of the configuration stands: figment knows what is wrong, and the file where.

use crate::{
    diagnostic::{Diagnostic, Place, Severity, Span},
    yaml::{self, Kind, Node},
};
use figment::{
    Metadata, Profile, Provider,
    error::{Actual, Kind as Wrong},
    providers::Env,
    value::{Dict, Map},
};
use std::sync::Arc;

/// The configuration file as text: figment takes its values, findings their places.
#[derive(Debug, Clone)]
pub struct Source {
    name: Arc<str>,
    tree: Option<Node>,
    values: Dict,
}

/// What environment variables begin with; below it `__` stands between a key and the next.
pub const PREFIX: &str = "SCIMSHIM_";

impl Source {
    /// Reads the file's text; a finding says where it is not YAML.
    pub fn read(name: &str, text: &str) -> Result<Self, Diagnostic> {
        let name: Arc<str> = name.into();
        let tree = yaml::parse(&name, text).map_err(|mut findings| {
            let first = findings.swap_remove(0);
            Diagnostic { code: "C002", ..first }
        })?;
        if tree.kind == Kind::Null {
            return Ok(Self { name, tree: None, values: Dict::new() });
        }
        // Not figment's own YAML providers: they read `no` as false, and the file a second time.
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        let values = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let place = Place { file: name.clone(), span: tree.span };
            finding("C002", place, format!("cannot be read: {error}"), None)
        })?;
        Ok(Self { name, tree: Some(tree), values })
    }

    /// Where the key at `path` stands, or else the last one on the way to it that is in the file.
    pub fn place(&self, path: &[&str]) -> Place {
        let span = self.walk(path).map_or(Span::default(), |(span, _)| span);
        Place { file: self.name.clone(), span }
    }

    /// The deepest key on `path` that is in the file, and whether it is the last one.
    fn walk(&self, path: &[&str]) -> Option<(Span, bool)> {
        let mut node = self.tree.as_ref()?;
        let mut span = node.span;
        for step in path {
            let next = match &node.kind {
                Kind::Map(entries) => {
                    let entry = entries.iter().find(|(key, _)| key.text == *step);
                    entry.map(|(key, value)| (key.span, value))
                }
                Kind::List(items) => {
                    let item = step.parse().ok().and_then(|index: usize| items.get(index));
                    item.map(|item| (item.span, item))
                }
                _ => None,
            };
            let Some((at, below)) = next else { return Some((span, false)) };
            (span, node) = (at, below);
        }
        Some((span, true))
    }

    /// A finding that says where figment's error is, in the file or in the environment.
    pub fn explain(&self, error: figment::Error) -> Diagnostic {
        let mut path: Vec<&str> = error.path.iter().map(String::as_str).collect();
        let mut in_file = error.metadata.as_ref().is_none_or(|from| from.source.is_some());
        let mut help = None;
        let message = match &error.kind {
            Wrong::UnknownField(key, known) => {
                // figment adds the key to the path of an error that a map raises itself.
                if path.last() != Some(&key.as_str()) {
                    path.push(key);
                }
                in_file = self.walk(&path).is_some_and(|(_, whole)| whole);
                help = Some(format!("known here: {}", known.join(", ")));
                format!("unknown key `{}`", path.join("."))
            }
            Wrong::UnknownVariant(found, known) => {
                format!(
                    "`{}`: expected one of {}, found `{found}`",
                    path.join("."),
                    known.join(", ")
                )
            }
            Wrong::MissingField(key) => {
                path.push(key);
                format!("key `{}` is missing", path.join("."))
            }
            Wrong::InvalidType(found, expected) | Wrong::InvalidValue(found, expected) => {
                format!(
                    "`{}`: expected {}, found {}",
                    path.join("."),
                    plain(expected),
                    shown(found)
                )
            }
            other => format!("`{}`: {other}", path.join(".")),
        };
        if !in_file {
            let name = format!("{PREFIX}{}", path.join("__").to_uppercase());
            let from = format!("it comes from the environment variable `{name}`");
            help = Some(help.map_or_else(|| from.clone(), |help| format!("{from}; {help}")));
        }
        finding("C002", self.place(&path), message, help)
    }
}

impl Provider for Source {
    fn metadata(&self) -> Metadata {
        Metadata::from("configuration", figment::Source::File((&*self.name).into()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// The environment above the file. Kubernetes gives every pod near a service named `scimshim` the
/// variables `SCIMSHIM_SERVICE_HOST`, `SCIMSHIM_PORT` and their kin: those are not ours.
pub fn environment() -> Env {
    let kubernetes = |key: &figment::value::UncasedStr| {
        ["service_", "port"].iter().any(|word| key.as_str().to_lowercase().starts_with(word))
    };
    Env::prefixed(PREFIX).filter(move |key| !kubernetes(key)).split("__")
}

/// Text is not repeated: it may be a secret in the wrong place.
fn shown(found: &Actual) -> String {
    match found {
        Actual::Str(_) | Actual::Char(_) | Actual::Bytes(_) => "text".to_owned(),
        Actual::Unit | Actual::Option => "nothing".to_owned(),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a map".to_owned(),
        other => other.to_string(),
    }
}

/// What serde expects, without the words of Rust.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "a string" | "path string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        other => other,
    }
}

/// A finding of severity error.
pub fn finding(
    code: &'static str,
    place: Place,
    message: String,
    help: Option<String>,
) -> Diagnostic {
    Diagnostic { code, severity: Severity::Error, place, message, help }
}
