//! `auth:`: the credential that the vendor is shown.

use super::{address, login, oauth, secrets::Secrets, texts::Texts};
use crate::{
    mapping::{keys, plan::AuthPlan},
    upstream::settings::Scheme,
    yaml::{Fields, Node},
};

/// Names in scope where a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];

/// `auth:`: exactly one kind.
pub fn auth(texts: &Texts<'_>, node: &Node, secrets: &Secrets<'_>) -> Option<AuthPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::AUTH)?;
    if texts.unsupported(&mut fields) {
        return None;
    }
    let found = fields.variant();
    fields.finish();
    let (key, node) = found?;
    let shape = match key {
        "bearer" => &keys::BEARER,
        "basic" => &keys::BASIC,
        "oauth2" => return oauth::oauth(texts, node, secrets),
        "login" => return login::login(texts, node).map(Box::new).map(AuthPlan::Login),
        "client" => return passed(texts, node),
        _ => &keys::API_KEY,
    };
    let mut fields = Fields::open(texts.reader, node, shape)?;
    let template = |fields: &mut Fields<'_>, key: &'static str| {
        let node = fields.node(key)?;
        let template = texts.template(node, &TENANT)?;
        if key != "user" {
            secrets.credential(texts, node, &template);
        }
        Some(template)
    };
    let plan = match key {
        "bearer" => template(&mut fields, "token").map(AuthPlan::Bearer),
        "basic" => {
            let user = template(&mut fields, "user");
            let password = template(&mut fields, "password");
            user.zip(password).map(|(user, password)| AuthPlan::Basic { user, password })
        }
        _ => {
            let place = fields.one_of(&["header", "query"]);
            let value = template(&mut fields, "value");
            place.zip(value).and_then(|((key, node), value)| {
                let name = texts.text(node, "a name")?.value.into_owned();
                if key == "header" {
                    address::header_name(texts, &name, node.span);
                    return Some(AuthPlan::Header { name, value });
                }
                address::in_query(texts, node, "the API key", &name);
                Some(AuthPlan::Query { name, value })
            })
        }
    };
    fields.finish();
    plan
}

/// `client:`: the SCIM client's own credential goes on.
fn passed(texts: &Texts<'_>, node: &Node) -> Option<AuthPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::PASSED)?;
    let word = fields.word("scheme");
    fields.finish();
    Some(AuthPlan::Client(match word?.value {
        "bearer" => Scheme::Bearer,
        "basic" => Scheme::Basic,
        _ => Scheme::AsSent,
    }))
}
