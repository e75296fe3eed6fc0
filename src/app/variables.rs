//! A tenant's `vars:` against what its mapping declares: checked without their values, then read.

use crate::{
    diagnostic::{Diagnostic, Place, Severity},
    mapping::plan::{Plan, Variable, VariableKind},
    secret::Reference,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Number, Value};
use std::{collections::BTreeMap, path::Path};

/// What the configuration gives for one variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// `{ env: NAME }` or `{ file: PATH }`.
    Reference(Reference),
    /// A value in the open, for what is no secret.
    Plain(Value),
}

/// A tenant's variables by name.
pub type Variables = BTreeMap<String, Given>;

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => {
                Err(D::Error::custom("expected a value, `{ env: NAME }` or `{ file: PATH }`"))
            }
            value @ Value::Object(_) => {
                Reference::deserialize(value).map(Self::Reference).map_err(D::Error::custom)
            }
            value => Ok(Self::Plain(value)),
        }
    }
}

impl Given {
    /// Why it would give nothing here, without reading it.
    pub fn unset(&self) -> Option<String> {
        match self {
            Self::Reference(reference) => reference.unset(),
            Self::Plain(_) => None,
        }
    }

    /// The same with a relative file taken from `folder`.
    pub fn within(self, folder: &Path) -> Self {
        match self {
            Self::Reference(reference) => Self::Reference(reference.within(folder)),
            plain => plain,
        }
    }
}

/// What is wrong with `given` for `plan`, without reading any secret. `place` finds a variable below
/// `vars`, or `vars` itself.
pub fn check(
    plan: &Plan,
    given: &Variables,
    place: impl Fn(Option<&str>) -> Place,
) -> Vec<Diagnostic> {
    let undeclared = given
        .keys()
        .filter(|name| !plan.variables.iter().any(|variable| variable.name == **name))
        .map(|name| undeclared(plan, name, place(Some(name))));
    let wrong = plan.variables.iter().filter_map(|variable| {
        let name = variable.name.as_str();
        match given.get(name) {
            None if variable.default.is_none() => Some(missing(variable, place(None))),
            Some(Given::Plain(_)) if variable.secret => Some(open(name, place(Some(name)))),
            Some(Given::Plain(value)) => {
                let message = fits(variable, value).err()?;
                let help = "the mapping's `tenant:` says what it takes".to_owned();
                Some(finding("C023", place(Some(name)), message, help))
            }
            None | Some(Given::Reference(_)) => None,
        }
    });
    undeclared.chain(wrong).collect()
}

fn undeclared(plan: &Plan, name: &str, place: Place) -> Diagnostic {
    let names: Vec<&str> = plan.variables.iter().map(|variable| &*variable.name).collect();
    let help = match names.as_slice() {
        [] => "the mapping declares none: take it out, or declare it under `tenant:`".to_owned(),
        _ => format!("the mapping declares {}", names.join(", ")),
    };
    finding("C020", place, format!("variable `{name}` is not declared by the mapping"), help)
}

fn missing(variable: &Variable, place: Place) -> Diagnostic {
    let name = &variable.name;
    let value = if variable.secret { "{ env: NAME }" } else { "VALUE" };
    let message = format!("variable `{name}` is missing: the mapping needs it");
    finding("C021", place, message, format!("add `{name}: {value}` to the tenant's `vars:`"))
}

fn open(name: &str, place: Place) -> Diagnostic {
    let message = format!("variable `{name}` is a secret and stands in the open");
    let help = format!("write `{name}: {{ env: NAME }}` or `{name}: {{ file: PATH }}`");
    finding("C022", place, message, help)
}

fn finding(code: &'static str, place: Place, message: String, help: String) -> Diagnostic {
    Diagnostic { code, severity: Severity::Error, place, message, help: Some(help) }
}

/// A variable that has no value.
#[derive(Debug)]
pub struct Wrong {
    /// Its name.
    pub variable: String,
    /// With its name and the remedy, never the value of a secret.
    pub message: String,
}

/// The values: what `tenant.NAME` is in expressions.
pub fn values(plan: &Plan, given: &Variables) -> Result<Value, Wrong> {
    let mut values = Map::new();
    for variable in &plan.variables {
        let value = value(variable, given.get(&variable.name))
            .map_err(|message| Wrong { variable: variable.name.clone(), message })?;
        values.insert(variable.name.clone(), value);
    }
    Ok(Value::Object(values))
}

fn value(variable: &Variable, given: Option<&Given>) -> Result<Value, String> {
    let name = &variable.name;
    let value = match given {
        Some(Given::Plain(value)) => Some(value.clone()),
        Some(Given::Reference(reference)) => {
            let text = reference.resolve().map_err(|why| format!("variable `{name}`: {why}"))?;
            Some(typed(variable, text.expose())?)
        }
        None => variable.default.clone(),
    };
    let value = value.ok_or_else(|| format!("variable `{name}` is missing"))?;
    fits(variable, &value)?;
    Ok(value)
}

/// The environment and files hold text only; the mapping says what it stands for.
fn typed(variable: &Variable, text: &str) -> Result<Value, String> {
    let wrong = |expected| Err(format!("variable `{}`: expected {expected}", variable.name));
    match variable.kind {
        VariableKind::Text => Ok(Value::from(text)),
        VariableKind::Number => text.parse::<Number>().map(Value::from).or(wrong("a number")),
        VariableKind::Boolean => text.parse::<bool>().map(Value::from).or(wrong("true or false")),
        VariableKind::List => Ok(text.split(',').map(str::trim).collect()),
    }
}

fn fits(variable: &Variable, value: &Value) -> Result<(), String> {
    let Variable { name, kind, secret, one_of, .. } = variable;
    let (fits, expected) = match kind {
        VariableKind::Text => (value.is_string(), "text: put it in quotes"),
        VariableKind::Number => (value.is_number(), "a number"),
        VariableKind::Boolean => (value.is_boolean(), "true or false"),
        VariableKind::List => (value.is_array(), "a list"),
    };
    if !fits {
        return Err(format!("variable `{name}`: expected {expected}"));
    }
    if one_of.is_empty() || one_of.contains(value) {
        return Ok(());
    }
    let allowed: Vec<String> = one_of.iter().map(|value| format!("`{value}`")).collect();
    let found = if *secret { String::new() } else { format!(", found `{value}`") };
    Err(format!("variable `{name}`: expected one of {}{found}", allowed.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> Plan {
        let text = r#"
mapping: 1
name: test
evidence: assumed
tenant:
  token: { type: text, secret: true }
  domain: { type: text }
upstream:
  base_url: https://vendor.example
  auth: { bearer: { token: "{tenant.token}" } }
  headers: { X-Domain: "{tenant.domain}" }
resources:
  User:
    key: id
    attributes:
      userName: { field: email, only: create }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users }
"#;
        crate::mapping::load("test.yaml", text).plan.unwrap()
    }

    fn given(text: &str) -> Variables {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_given_must_be_what_is_declared() {
        let table = [
            (r#"{ "token": { "env": "T" }, "domain": "a" }"#, vec![]),
            (r#"{ "token": "open", "domain": "a" }"#, vec!["C022"]),
            (r#"{ "token": { "env": "T" } }"#, vec!["C021"]),
            (r#"{ "token": { "env": "T" }, "domain": 7 }"#, vec!["C023"]),
            (r#"{ "tokn": { "env": "T" }, "domain": "a" }"#, vec!["C020", "C021"]),
        ];
        for (text, codes) in table {
            let found = check(&plan(), &given(text), |_| Place::default());
            let found: Vec<&str> = found.iter().map(|finding| finding.code).collect();
            assert_eq!(found, codes, "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_in_a_finding() {
        let text = r#"{ "token": "hunter2", "domain": "a" }"#;
        let found = check(&plan(), &given(text), |_| Place::default());
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn text_becomes_what_the_mapping_says() {
        let variable = |kind| Variable { kind, ..plan().variables.remove(0) };
        let table = [
            (VariableKind::Text, "042", Ok(json!("042"))),
            (VariableKind::Number, "12345678901234567890123", Ok(json!("12345678901234567890123"))),
            (VariableKind::Number, "x", Err("a number")),
            (VariableKind::Boolean, "true", Ok(json!(true))),
            (VariableKind::Boolean, "yes", Err("true or false")),
            (VariableKind::List, "a, b", Ok(json!(["a", "b"]))),
        ];
        for (kind, text, expected) in table {
            match (typed(&variable(kind), text), expected) {
                (Ok(Value::Number(number)), Ok(digits)) => assert_eq!(digits, number.to_string()),
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(message), Err(expected)) => assert!(message.contains(expected), "{message}"),
                (found, expected) => panic!("{text}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn values_come_from_files_too_and_a_missing_one_is_named() {
        let file = std::env::temp_dir().join(format!("scimshim-vars-{}", std::process::id()));
        std::fs::write(&file, "t0ken\n").unwrap();
        let text = json!({ "token": { "file": file }, "domain": "a" }).to_string();
        let values = values(&plan(), &given(&text)).unwrap();
        assert_eq!(values, json!({ "token": "t0ken", "domain": "a" }));
        std::fs::remove_file(&file).unwrap();
        let wrong = super::values(&plan(), &given(&text)).unwrap_err();
        assert!(wrong.message.starts_with("variable `token`: secret file"), "{wrong:?}");
        assert_eq!(wrong.variable, "token");
    }
}
