//! What `login:` is for a tenant: the call, made once, and what its answers are read by.

use super::{
    expr::{EvalError, Expression, Scope, Template},
    plan::LoginPlan,
    translate::{self, failure::shown, render},
};
use crate::{
    secret::Secret,
    upstream::{
        Answer,
        record::text_of,
        settings::{Found, Login, Reader},
    },
};
use serde_json::Value;
use std::sync::Arc;

/// The error names what cannot be made, never a value.
pub fn login(plan: &LoginPlan, tenant: &Value) -> Result<Login, String> {
    let call = render::call(&plan.step, &Scope::new().with("tenant", tenant));
    let call = call.map_err(|error| match error {
        translate::Error::Expression { place, message } => {
            format!("the login call at {place} cannot be made: {message}")
        }
        _ => format!("the login call at {} cannot be made", plan.step.place),
    })?;
    let LoginPlan { token, expires, value, .. } = plan.clone();
    let reader = AsWritten { token, expires, value, tenant: tenant.clone() };
    let (found, send) = (found(&plan.token), plan.send.clone());
    Ok(Login { call, reader: Arc::new(reader), found, send })
}

/// A place that a reader of JSON, or of headers, finds by itself.
fn found(token: &Expression) -> Found {
    let text = token.text().trim();
    let plain = |path: &[String]| {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        path.iter().all(|name| !name.is_empty() && name.chars().all(legal))
    };
    if let [only] = token.names() {
        match only.path.as_slice() {
            [part, path @ ..] if part == "body" && plain(path) => {
                let path: String = path.iter().map(|name| format!(".{name}")).collect();
                if text == format!("answer.body{path}") {
                    return Found::Body(path);
                }
            }
            [part, name] if part == "headers" => {
                let written =
                    [format!("answer.headers['{name}']"), format!("answer.headers.{name}")];
                if written.iter().any(|written| written == text) {
                    return Found::Header(name.clone());
                }
            }
            _ => {}
        }
    }
    Found::Elsewhere(text.to_owned())
}

/// Reads by the mapping's own expressions.
struct AsWritten {
    token: Expression,
    expires: Option<Expression>,
    value: Template,
    /// Holds secrets: never logged.
    tenant: Value,
}

impl AsWritten {
    fn read(&self, expression: &Expression, answer: &Answer) -> Result<Value, EvalError> {
        let answer = shown(answer);
        expression.evaluate(&Scope::new().with("answer", &answer).with("tenant", &self.tenant))
    }
}

impl Reader for AsWritten {
    fn token(&self, answer: &Answer) -> Result<Secret, String> {
        let place = self.token.text();
        let found = self.read(&self.token, answer);
        let found = found.map_err(|error| {
            format!("the token of the login call cannot be read by `{place}`: {}", error.message)
        })?;
        text_of(&found)
            .filter(|token| !token.is_empty())
            .map(Secret::new)
            .ok_or_else(|| format!("the login call was answered without a token at `{place}`"))
    }

    fn end(&self, answer: &Answer) -> Result<Value, String> {
        let Some(expires) = &self.expires else { return Ok(Value::Null) };
        self.read(expires, answer).map_err(|error| error.message)
    }

    fn sent(&self, token: &str) -> Result<Secret, String> {
        let token = Value::from(token);
        let sent =
            self.value.text(&Scope::new().with("token", &token).with("tenant", &self.tenant));
        let why = |why: &str| format!("`value` of `send` cannot be made: {why}");
        let sent = sent.map_err(|error| why(&error.message))?;
        sent.map(Secret::new).ok_or_else(|| why("it is empty"))
    }
}
