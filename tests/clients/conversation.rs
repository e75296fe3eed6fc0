//! What one client says, one thing after another, and what it remembers of the answers.

use crate::{exchange::Exchange, service::Service};
use serde_json::Value;
use std::collections::BTreeMap;

/// What earlier answers left behind, by name: `{name}` stands for it.
pub type Kept = BTreeMap<&'static str, Value>;

pub struct Conversation {
    /// Who talks, and about what.
    about: &'static str,
    profile: &'static str,
    /// The path of its base URL.
    base: &'static str,
    /// What it says in every request.
    headers: &'static [(&'static str, &'static str)],
    exchanges: Vec<Exchange>,
}

/// A client of the profile's tenant, at `base`.
pub fn conversation(
    about: &'static str,
    profile: &'static str,
    base: &'static str,
    headers: &'static [(&'static str, &'static str)],
    exchanges: impl IntoIterator<Item = Exchange>,
) -> Conversation {
    let exchanges = exchanges.into_iter().collect();
    Conversation { about, profile, base, headers, exchanges }
}

impl Conversation {
    /// The first thing that is not as the client needs it.
    pub fn hold_with(&self, service: &Service) -> Result<(), String> {
        let mut kept = Kept::new();
        for exchange in &self.exchanges {
            let path = filled(&exchange.path, &kept);
            let reply = if exchange.of_vendor {
                service.ask_vendor(self.profile, &path)
            } else {
                let mut headers: Vec<_> =
                    self.headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
                headers.retain(|(name, _)| exchange.headers.iter().all(|(own, _)| own != name));
                headers.extend(exchange.headers.iter().cloned());
                let path = format!("{}{path}", self.base);
                let body = filled(&exchange.body, &kept);
                service.send(self.profile, exchange.method, &path, &headers, &body)
            };
            if let Some(wrong) = exchange.wrong(&reply, &kept) {
                let (about, profile, method) = (self.about, self.profile, exchange.method);
                let (status, text) = (reply.status, &reply.text);
                let body = filled(&exchange.body, &kept);
                return Err(format!(
                    "{about} ({profile})\n    {method} {path} {body}\n    {status} {text}\n    {wrong}"
                ));
            }
            for (name, place) in &exchange.keeps {
                kept.insert(name, reply.body.pointer(place).cloned().unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// The text with what is kept in its places.
pub fn filled(text: &str, kept: &Kept) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("{{{name}}}"), &value)
    })
}
