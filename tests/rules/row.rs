//! A row of the table: a rule, and the exchanges that show that it is kept.

use crate::{
    demo::{Demo, Reply, TOKEN},
    exchange::{Exchange, Sent},
    predicate::common,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What earlier exchanges of a row left behind, by name. `me` is a text that no other row has.
pub type Kept = BTreeMap<&'static str, Value>;

pub struct Row {
    pub rule: &'static str,
    /// The rule in a few words.
    about: &'static str,
    exchanges: Vec<Exchange>,
}

/// A rule, and what is sent one after another. What only prepares comes first, and expects no more than a 2xx.
pub fn row(
    rule: &'static str,
    about: &'static str,
    exchanges: impl IntoIterator<Item = Exchange>,
) -> Row {
    Row { rule, about, exchanges: exchanges.into_iter().collect() }
}

impl Row {
    /// The first thing that is not as the rule has it.
    pub fn try_on(&self, demo: &Demo, number: usize) -> Result<(), String> {
        let mut kept = Kept::from([("me", json!(format!("row{number}")))]);
        for exchange in &self.exchanges {
            let reply = send(exchange, demo, &kept);
            let wrong = common(&reply)
                .or_else(|| exchange.wrong(&reply, &kept))
                .map(|wrong| (wrong, &reply));
            if let Some((wrong, reply)) = wrong {
                let (rule, about) = (self.rule, self.about);
                let asked = filled(&exchange.to_string(), &kept);
                return Err(format!(
                    "{rule} {about}\n    {asked}\n    {} {}\n    {wrong}",
                    reply.status, reply.text
                ));
            }
            for (name, place) in &exchange.keeps {
                kept.insert(name, reply.body.pointer(place).cloned().unwrap_or_default());
            }
        }
        Ok(())
    }
}

fn send(exchange: &Exchange, demo: &Demo, kept: &Kept) -> Reply {
    let mut headers: Vec<_> = exchange
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), filled(value, kept)))
        .collect();
    let says = |name: &str| exchange.headers.iter().any(|(known, _)| *known == name);
    if !says("authorization") {
        headers.push(("authorization".to_owned(), format!("Bearer {TOKEN}")));
    }
    // An empty value is a header that is not sent.
    headers.retain(|(_, value)| !value.is_empty());
    match &exchange.sent {
        Sent::Once { method, path, body } => {
            if !body.is_empty() && !says("content-type") {
                headers.push(("content-type".to_owned(), "application/scim+json".to_owned()));
            }
            demo.send(method, &filled(path, kept), &headers, &filled(body, kept))
        }
        Sent::Pages { path, count } => pages(demo, path, *count, &headers),
        Sent::Cursors { path, count } => cursors(demo, path, *count, &headers),
    }
}

/// Walks a list by its index. The answer tells how many ids there were, how many of them were different, and
/// the total of the last page.
fn pages(demo: &Demo, path: &str, count: usize, headers: &[(String, String)]) -> Reply {
    let (mut start, mut ids) = (1, Vec::new());
    loop {
        let page = format!("{path}?startIndex={start}&count={count}");
        let reply = demo.send("GET", &page, headers, "");
        let found = ids_of(&reply);
        let total = reply.body["totalResults"].as_u64().unwrap_or_default();
        start += count;
        if found.is_empty() || start as u64 > total {
            ids.extend(found);
            return walked(reply, ids, total);
        }
        ids.extend(found);
    }
}

/// The same by RFC 9865's cursors.
fn cursors(demo: &Demo, path: &str, count: usize, headers: &[(String, String)]) -> Reply {
    let (mut cursor, mut ids) = (String::new(), Vec::new());
    loop {
        let page = format!("{path}?cursor={cursor}&count={count}");
        let reply = demo.send("GET", &page, headers, "");
        ids.extend(ids_of(&reply));
        match reply.body["nextCursor"].as_str() {
            Some(next) if ids.len() < 10_000 => cursor = next.to_owned(),
            _ => {
                let total = reply.body["totalResults"].as_u64().unwrap_or(ids.len() as u64);
                return walked(reply, ids, total);
            }
        }
    }
}

fn ids_of(reply: &Reply) -> Vec<String> {
    let resources = reply.body["Resources"].as_array().cloned().unwrap_or_default();
    resources.iter().filter_map(|each| Some(each["id"].as_str()?.to_owned())).collect()
}

fn walked(last: Reply, ids: Vec<String>, total: u64) -> Reply {
    let different = ids.iter().collect::<BTreeSet<_>>().len();
    let body = json!({ "ids": ids.len(), "different": different, "total": total });
    Reply { text: body.to_string(), body, ..last }
}

/// The text with `{name}` replaced by what is kept under the name.
pub fn filled(text: &str, kept: &Kept) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("{{{name}}}"), &value)
    })
}
