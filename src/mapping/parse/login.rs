//! `login:`: a call of the vendor's own that gives a token, and how the token is sent.

use super::{address, secrets, sent::Sent, texts::Texts};
use crate::{
    mapping::{
        expr::Template,
        keys,
        plan::{LoginPlan, Step},
    },
    upstream::settings::Carrier,
    yaml::{Fields, Node},
};

/// Names in scope where the call is made: a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];
/// Where its answer is read.
const ANSWER: [&str; 2] = ["answer", "tenant"];
/// Where the token is sent.
const TOKEN: [&str; 2] = ["token", "tenant"];

/// The section.
pub fn login(texts: &Texts<'_>, node: &Node) -> Option<LoginPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::LOGIN)?;
    let step = call(texts, &mut fields, node);
    let token = fields.node("token").and_then(|node| {
        let token = texts.expression(node, &ANSWER)?;
        // A name that is not in scope is told of already.
        if token.names().iter().all(|name| name.root == "tenant") {
            let message = "`token` is the same whatever the login call answers";
            let help = "say where the answer has it, e.g. `token: answer.body.token`".to_owned();
            texts.error("M217", node.span, message, Some(help));
        }
        Some(token)
    });
    let expires = texts.expression_at(&mut fields, "expires", &ANSWER);
    let send = fields.node("send").and_then(|node| send(texts, node));
    fields.finish();
    let (send, value) = send?;
    Some(LoginPlan { step: step?, token: token?, expires, send, value })
}

/// The call is made again where a token is wanted and never else, so it has no more keys than these.
fn call(texts: &Texts<'_>, fields: &mut Fields<'_>, node: &Node) -> Option<Step> {
    if let Some(body) = node.get("body") {
        secrets::within(texts, body);
    }
    let sent = Sent::read(texts, fields, node.span, &TENANT);
    let step = sent.step("login".to_owned(), "upstream.login".to_owned())?;
    Some(Step { safe: true, ..step })
}

/// `send:`
fn send(texts: &Texts<'_>, node: &Node) -> Option<(Carrier, Template)> {
    let mut fields = Fields::open(texts.reader, node, &keys::SEND)?;
    let place = fields.one_of(&["header", "query", "cookie"]);
    let value = fields.node("value").and_then(|node| value(texts, node));
    fields.finish();
    let (key, node) = place?;
    let name = texts.text(node, "a name")?.value.into_owned();
    let carrier = match key {
        "header" => {
            address::header_name(texts, &name, node.span);
            Carrier::Header(name)
        }
        "query" => {
            address::in_query(texts, node, "the token", &name);
            Carrier::Query(name)
        }
        _ => {
            address::cookie_name(texts, &name, node.span);
            Carrier::Cookie(name)
        }
    };
    Some((carrier, value?))
}

fn value(texts: &Texts<'_>, node: &Node) -> Option<Template> {
    let value = texts.template(node, &TOKEN)?;
    if !value.names().iter().any(|name| name.root == "token") {
        let message = "the token is not sent: there is no `{token}` in `value`";
        texts.error("M217", node.span, message, Some("e.g. `value: \"{token}\"`".to_owned()));
    }
    Some(value)
}
