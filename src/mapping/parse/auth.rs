//! `auth:`: the credential that the vendor is shown.

use super::{address, oauth, secrets::Secrets, texts::Texts};
use crate::{
    diagnostic::Diagnostic,
    mapping::{keys, plan::AuthPlan},
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
                let message = format!("the API key travels in the query, as `{name}`");
                let finding = Diagnostic::warning("M404", texts.place(node.span), message);
                texts
                    .reader
                    .push(finding.help("it will be in logs; use a header if the vendor has one"));
                Some(AuthPlan::Query { name, value })
            })
        }
    };
    fields.finish();
    plan
}
