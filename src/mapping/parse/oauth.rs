//! `oauth2:`: where a token is fetched, and what is shown for it.

use super::{address, secrets, secrets::Secrets, texts::Texts};
use crate::{
    diagnostic::Span,
    mapping::{
        expr::Template,
        keys,
        plan::{AuthPlan, GrantPlan, OAuthPlan},
    },
    yaml::{Fields, Node},
};

/// Names in scope: a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];
/// Keys that only some grants have.
const OF_GRANTS: [&str; 3] = ["user", "password", "refresh_token"];

/// The section.
pub fn oauth(texts: &Texts<'_>, node: &Node, secrets: &Secrets<'_>) -> Option<AuthPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::OAUTH2)?;
    let word = fields.word("grant");
    let token_url = fields.node("token_url").and_then(|node| {
        let template = texts.template(node, &TENANT)?;
        address::host("token_url", texts, node, &template);
        Some(template)
    });
    let client_id = texts.template_at(&mut fields, "client_id", &TENANT);
    let client_secret = fields.node("client_secret");
    let in_body = fields.word("send").is_some_and(|send| send.value == "body");
    let scopes = fields.node("scopes").map(|node| texts.items(node, "scopes")).unwrap_or_default();
    let scopes = scopes.iter().filter_map(|scope| texts.template(scope, &TENANT)).collect();
    let extra = fields.node("extra").map(|node| extra(texts, node)).unwrap_or_default();
    let shown = OF_GRANTS.map(|key| (key, fields.node(key)));
    let span = fields.span();
    fields.finish();

    let secret = |node: &Node| {
        let template = texts.template(node, &TENANT)?;
        secrets.credential(texts, node, &template);
        Some(template)
    };
    let client = client_secret.and_then(secret);
    let word = word?;
    let mut grant = Shown { texts, grant: word.value, span, shown };
    let grant = match word.value {
        "password" => {
            let user = grant.take("user").and_then(|node| texts.template(node, &TENANT));
            let password = grant.take("password").and_then(secret);
            grant.finish();
            let (user, password) = user.zip(password)?;
            GrantPlan::Password { user, password }
        }
        "refresh_token" => {
            let token = grant.take("refresh_token").and_then(secret);
            grant.finish();
            GrantPlan::RefreshToken(token?)
        }
        _ => {
            if client_secret.is_none() {
                grant.missing("client_secret");
            }
            grant.finish();
            GrantPlan::ClientCredentials
        }
    };
    Some(AuthPlan::OAuth(Box::new(OAuthPlan {
        grant,
        token_url: token_url?,
        client_id: client_id?,
        client_secret: client,
        in_body,
        scopes,
        extra,
    })))
}

/// The keys that only some grants have, under one of them.
struct Shown<'a> {
    texts: &'a Texts<'a>,
    grant: &'static str,
    span: Span,
    shown: [(&'static str, Option<&'a Node>); 3],
}

impl<'a> Shown<'a> {
    /// One that this grant needs.
    fn take(&mut self, key: &str) -> Option<&'a Node> {
        let taken = self.shown.iter_mut().find(|(name, _)| *name == key);
        let node = taken.and_then(|(_, node)| node.take());
        if node.is_none() {
            self.missing(key);
        }
        node
    }

    fn missing(&self, key: &str) {
        let message = format!("`{key}` is missing: grant `{}` needs it", self.grant);
        let help = format!("e.g. `{key}: \"{{tenant.NAME}}\"`");
        self.texts.error("M103", self.span, message, Some(help));
    }

    /// Those of another grant do nothing.
    fn finish(self) {
        for (key, node) in self.shown {
            let Some(node) = node else { continue };
            let message = format!("`{key}` does nothing under grant `{}`", self.grant);
            let help = "leave it out, or choose the grant that it belongs to".to_owned();
            self.texts.error("M217", node.span, message, Some(help));
        }
    }
}

/// Further members of the form, and no secret among them.
fn extra(texts: &Texts<'_>, node: &Node) -> Vec<(String, Template)> {
    let entries = texts.entries(node, "parameters").iter();
    let read = entries.filter_map(|(key, node)| {
        let template = texts.template(node, &TENANT)?;
        secrets::named(texts, &key.text, node, &template, false);
        Some((key.text.clone(), template))
    });
    read.collect()
}
