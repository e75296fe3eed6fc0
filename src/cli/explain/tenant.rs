//! Who we are: the tenant's variables, and what is written instead of its secrets.

use crate::{
    diagnostic::{did_you_mean, nearest},
    gateway::withheld::texts,
    mapping::plan::{Plan, Variable, VariableKind},
    secret::Reference,
    upstream::{
        curl::{Curl, FETCHED, Hidden},
        settings::Settings,
    },
    yaml,
};
use serde_json::{Map, Value};

/// A tenant as `explain` knows it.
pub struct Tenant {
    /// Its variables.
    pub variables: Value,
    /// How the vendor is reached.
    pub settings: Settings,
    /// The same for people: no secret stands in it.
    pub curl: Curl,
    /// What must not be shown.
    pub hidden: Vec<Hidden>,
    /// Which shell variable holds which secret, a line each.
    pub legend: Vec<String>,
    /// The command that fetches a token, where calls are signed by one.
    pub fetch: Option<String>,
}

/// Why nothing is asked live.
const NOT_OURS: &str = "the mapping passes the client's own credential on (`auth: { client: ... }`), and there is no \
                        client here: leave `--live-reads` out, and run the commands with its credential";

/// The tenant of these values. Without live reads a secret's value is never asked for.
pub fn of(plan: &Plan, given: &Map<String, Value>, live: bool) -> Result<Tenant, String> {
    let (mut values, mut shown) = (Map::new(), Map::new());
    let (mut hidden, mut legend) = (Vec::new(), Vec::new());
    for (position, variable) in plan.variables.iter().enumerate() {
        let given = given.get(&variable.name);
        let value = value(variable, given, live)?;
        if !variable.secret {
            let value = value.unwrap_or_else(|| placeholder(variable).into());
            shown.insert(variable.name.clone(), value.clone());
            values.insert(variable.name.clone(), value);
            continue;
        }
        let name = shell_variable(plan, variable, given);
        // Unreserved characters alone: it is the same in an address, a header and a body.
        let mark = format!("~secret~{position}~");
        // A shorter one stands in ordinary words too, and hiding those hides more than it saves.
        let known = value.as_ref().map(texts).unwrap_or_default();
        for text in known.into_iter().chain([mark.clone()]) {
            hidden.push(Hidden { text, variable: name.clone() });
        }
        let about = variable.about.iter().map(|about| format!(": {about}")).collect::<String>();
        legend.push(format!("${{{name}}} is the secret `tenant.{}`{about}", variable.name));
        shown.insert(variable.name.clone(), mark.as_str().into());
        values.insert(variable.name.clone(), value.unwrap_or_else(|| mark.into()));
    }
    let (variables, shown) = (Value::Object(values), Value::Object(shown));
    let settings = plan.settings(&variables)?;
    let curl = Curl::new(&plan.settings(&shown)?).map_err(|error| error.message)?;
    let name = shell_name(plan, "access_token");
    let fetch = curl.fetched(&name, &hidden);
    if fetch.is_some() {
        hidden.push(Hidden { text: FETCHED.to_owned(), variable: name });
    }
    if plan.upstream.passes_on().is_some() {
        if live {
            return Err(NOT_OURS.to_owned());
        }
        let name = shell_name(plan, "credential");
        legend
            .push(format!("${{{name}}} is <the client's credential>: what the SCIM client sends"));
        hidden.push(Hidden { text: FETCHED.to_owned(), variable: name });
    }
    Ok(Tenant { variables, settings, curl, hidden, legend, fetch })
}

/// The value of a variable, as far as it is given and needed.
fn value(variable: &Variable, given: Option<&Value>, live: bool) -> Result<Option<Value>, String> {
    match given {
        Some(reference @ Value::Object(_)) if live => {
            let reference = serde_json::from_value::<Reference>(reference.clone());
            let reference =
                reference.map_err(|error| format!("tenant `{}`: {error}", variable.name))?;
            Ok(Some(reference.resolve()?.expose().to_owned().into()))
        }
        Some(Value::Object(_)) | None => match &variable.default {
            None if live => Err(missing(variable)),
            default => Ok(default.clone()),
        },
        Some(value) => Ok(Some(value.clone())),
    }
}

fn placeholder(variable: &Variable) -> String {
    variable.example.clone().unwrap_or_else(|| format!("<{}>", variable.name))
}

/// The shell variable that holds a secret: the one that is said, else one after mapping and variable.
fn shell_variable(plan: &Plan, variable: &Variable, given: Option<&Value>) -> String {
    let said = given.and_then(|given| given.get("env")).and_then(Value::as_str);
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(said) = said.filter(|said| said.chars().all(legal)) {
        return said.to_owned();
    }
    shell_name(plan, &variable.name)
}

/// A shell variable after mapping and what it holds.
fn shell_name(plan: &Plan, what: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // `PATH` or `USER` alone would be somebody else's; and none begins with a digit.
    let begin = if plan.name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    let name = format!("{begin}{}_{what}", plan.name);
    name.chars().map(|c| if legal(c) { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// The passwords of a request: a person's secret, though no tenant's.
pub fn passwords(body: &Value) -> Vec<Hidden> {
    let named = |name: &str| name.eq_ignore_ascii_case("password");
    let hide = |text: &Value| {
        let texts = texts(text).into_iter();
        texts.map(|text| Hidden { text, variable: "PASSWORD".to_owned() }).collect::<Vec<_>>()
    };
    match body {
        Value::Object(members) => {
            let path = members.get("path").and_then(Value::as_str);
            let of_path = members.get("value").filter(|_| path.is_some_and(named)).map(hide);
            let inner = members.iter().flat_map(|(name, value)| match named(name) {
                true => hide(value),
                false => passwords(value),
            });
            of_path.into_iter().flatten().chain(inner).collect()
        }
        Value::Array(items) => items.iter().flat_map(passwords).collect(),
        _ => Vec::new(),
    }
}

fn missing(variable: &Variable) -> String {
    let name = &variable.name;
    let value = if variable.secret { "{ env: NAME }" } else { "VALUE" };
    format!(
        "tenant variable `{name}` is missing: say `--var '{name}={value}'`, or `tenant:` in the file"
    )
}

/// What `--var` gives, of the kind that the mapping declares.
pub fn said(plan: &Plan, variables: &[String]) -> Result<Map<String, Value>, String> {
    let mut said = Map::new();
    for variable in variables {
        let Some((name, text)) = variable.split_once('=') else {
            return Err(format!("`--var {variable}`: expected NAME=VALUE"));
        };
        let known = || plan.variables.iter().map(|variable| variable.name.as_str());
        let Some(declared) = plan.variables.iter().find(|variable| variable.name == name) else {
            let help = match nearest(name, known()) {
                Some(near) => did_you_mean(near),
                None => format!("it has {}", known().collect::<Vec<_>>().join(", ")),
            };
            return Err(format!("`--var {name}`: the mapping declares no such variable; {help}"));
        };
        let value = match (text.starts_with('{'), declared.kind) {
            (false, VariableKind::Text) => text.into(),
            // Its text is not repeated: it may be a secret.
            _ => yaml::parse(&"--var".into(), text)
                .map_err(|_| format!("`--var {name}`: the value cannot be read"))?
                .to_json(),
        };
        said.insert(name.to_owned(), value);
    }
    Ok(said)
}
