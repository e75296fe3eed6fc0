//! Where each key of the configuration stands: figment knows what is wrong, file and environment
//! know where.

use super::{
    environment::{Environment, Values},
    keys,
};
use crate::{
    diagnostic::{Diagnostic, Place, Severity, Span, did_you_mean, nearest},
    yaml::{self, Kind, Node},
};
use figment::{
    Figment,
    error::{Actual, Kind as Wrong},
    value::Dict,
};
use std::{collections::BTreeSet, ffi::OsString, sync::Arc};

/// Readings of one file: no person makes as many mistakes that hide each other.
const ROUNDS: usize = 24;
/// Bytes that are read again and again at most.
const READ: usize = 2 * 1024 * 1024;

/// File and environment: figment takes their values, findings their places.
#[derive(Debug, Clone)]
pub struct Source {
    name: Arc<str>,
    length: usize,
    tree: Option<Node>,
    values: Dict,
    environment: Environment,
}

impl Source {
    /// Reads the file's text and takes what of `variables` is configuration; findings say where it
    /// is not YAML.
    pub fn read(
        name: &str,
        text: &str,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let name: Arc<str> = name.into();
        let tree = yaml::parse(&name, text).map_err(|findings| {
            let renamed = |finding| Diagnostic { code: "C002", ..finding };
            findings.into_iter().map(renamed).collect::<Vec<_>>()
        })?;
        if tree.get("mapping").is_some() && tree.get("resources").is_some() {
            let place = Place { file: name, span: tree.span };
            let help = "name it in a configuration: `tenants: { NAME: { mapping: FILE } }`";
            let message = "this is a mapping, and a configuration is wanted".to_owned();
            return Err(vec![finding("C002", place, message, Some(help.to_owned()))]);
        }
        let mut named = BTreeSet::new();
        variables_named(&tree, &mut named);
        let environment = Environment::of(variables, &named);
        if tree.kind == Kind::Null {
            return Ok(Self { name, length: 0, tree: None, values: Dict::new(), environment });
        }
        // Not figment's own YAML providers: they read `no` as false, and the file a second time.
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        let values = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let place = Place { file: name.clone(), span: tree.span };
            let help = "quotes around a text settle most doubts".to_owned();
            vec![finding("C002", place, format!("cannot be read: {error}"), Some(help))]
        })?;
        Ok(Self { name, length: text.len(), tree: Some(tree), values, environment })
    }

    /// How often the file is read for its mistakes, one of which hides others. Of a file that is no configuration
    /// every key would be one, and a long one would be read for seconds.
    pub fn rounds(&self) -> usize {
        (READ / self.length.max(1)).clamp(2, ROUNDS)
    }

    /// The values of the file, with those of the environment above them.
    pub fn figment(&self) -> Figment {
        self.environment.over(Figment::from(Values(self.values.clone())))
    }

    /// Where the key at `path` stands: the variable that sets it, or else in the file the last key on
    /// the way to it. What the file does not have at all stands where something below it is set.
    pub fn place(&self, path: &[&str]) -> Place {
        let (span, whole) = self.walk(path).unwrap_or_default();
        let below = || if whole { None } else { self.environment.below(path) };
        match self.environment.variable(path).or_else(below) {
            Some(variable) => Place { file: variable.into(), span: Span::default() },
            None => Place { file: self.name.clone(), span },
        }
    }

    /// The deepest key on `path` that is in the file, and whether it is the last.
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

    /// The path of the key that figment's error is about, and a finding that says where it stands.
    pub fn explain(&self, error: &figment::Error) -> (Vec<String>, Diagnostic) {
        let mut path: Vec<&str> = error.path.iter().map(String::as_str).collect();
        let mut help = None;
        let message = match &error.kind {
            Wrong::UnknownField(key, known) => {
                // figment adds the key to the path of an error that a map raises itself.
                if path.last() != Some(&key.as_str()) {
                    path.push(key);
                }
                help = Some(match nearest(key, known.iter().copied()) {
                    Some(meant) => did_you_mean(meant),
                    None => format!("known here: {}", known.join(", ")),
                });
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
                if let Actual::Unsigned(number) = found
                    && expected.starts_with("a time")
                {
                    help = Some(format!("such as `{number}s`"));
                }
                format!(
                    "`{}`: expected {}, found {}",
                    path.join("."),
                    plain(expected),
                    shown(found)
                )
            }
            // What the standard library says of a text that is no address.
            Wrong::Message(why) if why.contains("socket address") => {
                format!("`{}`: expected {}, found text", path.join("."), plain("socket address"))
            }
            other => format!("`{}`: {other}", path.join(".")),
        };
        let such = || match keys::at(&path) {
            Some(known) => known.such(),
            None => "`scimshim schema config` says what stands where".to_owned(),
        };
        let finding = finding("C002", self.place(&path), message, Some(help.unwrap_or_else(such)));
        (path.into_iter().map(str::to_owned).collect(), finding)
    }
}

/// The names in `{ env: NAME }`, wherever they stand.
fn variables_named<'a>(node: &'a Node, named: &mut BTreeSet<&'a str>) {
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                match &value.kind {
                    Kind::Text(name) if key.text == "env" => {
                        named.insert(name);
                    }
                    _ => variables_named(value, named),
                }
            }
        }
        Kind::List(items) => items.iter().for_each(|item| variables_named(item, named)),
        _ => {}
    }
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
        "socket address" => "ADDRESS:PORT such as 127.0.0.1:8080",
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
