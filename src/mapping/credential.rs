//! What `auth:` is for a tenant.

use super::{
    expr::Template,
    login,
    plan::{AuthPlan, GrantPlan, OAuthPlan},
};
use crate::{
    secret::Secret,
    upstream::settings::{Auth, Grant, GrantKind},
};
use serde_json::Value;
use std::sync::Arc;

/// Made once for each tenant. `text` is a template's text, or why there is none; its first word is for people.
pub fn auth(
    plan: &AuthPlan,
    variables: &Value,
    text: &impl Fn(&str, &Template) -> Result<String, String>,
) -> Result<Auth, String> {
    let secret = |template: &Template| text("the credential", template).map(Secret::new);
    Ok(match plan {
        AuthPlan::None => Auth::None,
        AuthPlan::Bearer(token) => Auth::Bearer(secret(token)?),
        AuthPlan::Basic { user, password } => {
            Auth::Basic { user: text("the user", user)?, password: secret(password)? }
        }
        AuthPlan::Header { name, value } => {
            Auth::Header { name: name.clone(), value: secret(value)? }
        }
        AuthPlan::Query { name, value } => {
            Auth::Query { name: name.clone(), value: secret(value)? }
        }
        AuthPlan::OAuth(plan) => Auth::OAuth(Arc::new(grant(plan, text)?)),
        AuthPlan::Login(plan) => Auth::Login(Arc::new(login::login(plan, variables)?)),
        AuthPlan::Client(scheme) => Auth::Client(*scheme),
    })
}

fn grant(
    plan: &OAuthPlan,
    text: &impl Fn(&str, &Template) -> Result<String, String>,
) -> Result<Grant, String> {
    let secret = |what: &str, template: &Template| text(what, template).map(Secret::new);
    let kind = match &plan.grant {
        GrantPlan::ClientCredentials => GrantKind::ClientCredentials,
        GrantPlan::Password { user, password } => GrantKind::Password {
            user: text("`user`", user)?,
            password: secret("`password`", password)?,
        },
        GrantPlan::RefreshToken(token) => {
            GrantKind::RefreshToken(secret("`refresh_token`", token)?)
        }
    };
    let client_secret = plan.client_secret.as_ref();
    let scopes = plan.scopes.iter().map(|scope| text("a scope", scope));
    let extra = plan.extra.iter().map(|(name, value)| Ok((name.clone(), text("`extra`", value)?)));
    Ok(Grant {
        kind,
        token_url: text("`token_url`", &plan.token_url)?,
        client_id: text("`client_id`", &plan.client_id)?,
        client_secret: client_secret.map(|it| secret("`client_secret`", it)).transpose()?,
        in_body: plan.in_body,
        scopes: scopes.collect::<Result<_, String>>()?,
        extra: extra.collect::<Result<_, String>>()?,
    })
}
